"""How far apart two covariances are: what the divergences of normal, Wishart and Student laws have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, eigvalsh, solve_triangular, svdvals

_NEAR = 0.5  # relative difference from which the ratio itself has the more digits


def log_ratios(cov: NDArray, other: NDArray) -> NDArray:
    """Logarithms of the eigenvalues of other^-1 cov, to rounding however close the two are.

    Parameters
    ----------
    cov, other : ndarray of shape (p, p)
        Positive definite.

    Returns
    -------
    ndarray of shape (p,)
        All zero where the two are equal.
    """
    factor = cholesky(other, lower=True)
    half = solve_triangular(factor, cov - other, lower=True)
    change = eigvalsh(solve_triangular(factor, half.T, lower=True))
    if np.abs(change).max() < _NEAR:
        return np.log1p(change)
    return 2 * np.log(svdvals(solve_triangular(factor, cholesky(cov, lower=True), lower=True)))


def log_determinant(cov: NDArray) -> float:
    """Logarithm of the determinant.

    Parameters
    ----------
    cov : ndarray of shape (p, p)
        Positive definite.

    Returns
    -------
    float
        By its Cholesky factor.
    """
    return 2 * float(np.log(np.diag(cholesky(cov, lower=True))).sum())
