"""Entropy and divergences of vectors, distributions, fitted densities and rows."""

from skinfo.information._functions import cross_entropy, entropy, js_divergence, kl_divergence

__all__ = ["cross_entropy", "entropy", "js_divergence", "kl_divergence"]
