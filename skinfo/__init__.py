"""Maximum likelihood and information theory for scikit-learn."""

from skinfo.classification import LogLossClassifier
from skinfo.density import ParametricDensity

__version__ = "0.1.0.dev0"

__all__ = ["LogLossClassifier", "ParametricDensity"]
