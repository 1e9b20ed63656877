"""Maximum likelihood and information theory for scikit-learn."""

from skinfo.classification import LogLossClassifier
from skinfo.density import FamilySearch, ParametricDensity
from skinfo.information import cross_entropy, entropy, js_divergence, kl_divergence

__version__ = "0.1.0.dev0"

__all__ = [
    "FamilySearch",
    "LogLossClassifier",
    "ParametricDensity",
    "cross_entropy",
    "entropy",
    "js_divergence",
    "kl_divergence",
]
