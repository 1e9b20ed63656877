"""Classifiers fitted by maximum likelihood: estimators of q(y | x) for classes."""

from skinfo.classification._log_loss_classifier import LogLossClassifier
from skinfo.classification._log_loss_classifier_cv import LogLossClassifierCV
from skinfo.classification._nested import likelihood_ratio_test

__all__ = ["LogLossClassifier", "LogLossClassifierCV", "likelihood_ratio_test"]
