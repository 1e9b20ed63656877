"""Maximum likelihood and information theory for scikit-learn."""

from skinfo.classification import LogLossClassifier, LogLossClassifierCV
from skinfo.density import FamilySearch, ParametricDensity
from skinfo.information import (
    alpha_divergence,
    conditional_entropy,
    conditional_mutual_information_from_samples,
    cross_entropy,
    drift,
    entropy,
    entropy_from_counts,
    entropy_from_samples,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    kl_divergence_from_samples,
    mutual_information,
    mutual_information_from_samples,
    project,
    renyi_divergence,
    total_variation,
)
from skinfo.likelihood import likelihood_ratio_test

__version__ = "0.1.0.dev0"

__all__ = [
    "FamilySearch",
    "LogLossClassifier",
    "LogLossClassifierCV",
    "ParametricDensity",
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
    "likelihood_ratio_test",
    "mutual_information",
    "mutual_information_from_samples",
    "project",
    "renyi_divergence",
    "total_variation",
]
