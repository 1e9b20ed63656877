"""Entropy and divergences of vectors, distributions, fitted densities, rows and samples."""

from skinfo.information._counts import entropy_from_counts
from skinfo.information._divergences import (
    alpha_divergence,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    renyi_divergence,
    total_variation,
)
from skinfo.information._drift import drift
from skinfo.information._estimate import Estimate
from skinfo.information._functions import cross_entropy, entropy, js_divergence, kl_divergence
from skinfo.information._projection import project
from skinfo.information._samples import entropy_from_samples, kl_divergence_from_samples
from skinfo.information._shared_information import (
    conditional_mutual_information_from_samples,
    mutual_information_from_samples,
)
from skinfo.information._tables import conditional_entropy, mutual_information

__all__ = [
    "Estimate",
    "alpha_divergence",
    "conditional_entropy",
    "conditional_mutual_information_from_samples",
    "cross_entropy",
    "drift",
    "entropy",
    "entropy_from_counts",
    "entropy_from_samples",
    "hellinger_distance",
    "jeffreys_divergence",
    "js_distance",
    "js_divergence",
    "kl_divergence",
    "kl_divergence_from_samples",
    "mutual_information",
    "mutual_information_from_samples",
    "project",
    "renyi_divergence",
    "total_variation",
]
