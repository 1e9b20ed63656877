"""Classifiers fitted by maximum likelihood: estimators of q(y | x) for classes."""

from skinfo.classification._log_loss_classifier import LogLossClassifier

__all__ = ["LogLossClassifier"]
