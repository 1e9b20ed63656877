"""Classifiers fitted by maximum likelihood: estimators of q(y | x) for classes."""

from skinfo.classification._log_loss_classifier import LogLossClassifier
from skinfo.classification._log_loss_classifier_cv import LogLossClassifierCV

__all__ = ["LogLossClassifier", "LogLossClassifierCV"]
