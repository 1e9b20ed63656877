"""Losses of probabilistic predictions, and scorers for model selection."""

from skinfo.metrics._decomposition import LogLossDecomposition, log_loss_decomposition
from skinfo.metrics._losses import cross_entropy_loss, kl_divergence_loss
from skinfo.metrics._scorers import (
    log_likelihood_scorer,
    neg_aic_scorer,
    neg_bic_scorer,
    neg_cross_entropy_scorer,
    neg_kl_divergence_scorer,
)

__all__ = [
    "LogLossDecomposition",
    "cross_entropy_loss",
    "kl_divergence_loss",
    "log_likelihood_scorer",
    "log_loss_decomposition",
    "neg_aic_scorer",
    "neg_bic_scorer",
    "neg_cross_entropy_scorer",
    "neg_kl_divergence_scorer",
]
