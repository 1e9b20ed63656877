"""Approximations to the Hessian that are cheap to solve with, all made the same way."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from skinfo.classification._objective import Objective

# A diagonal entry that is a smaller share of what there may be is none.
_UNSEEN = 1e-28


class Preconditioner(Protocol):
    """A symmetric positive definite matrix that stands for the Hessian."""

    def solve(self, gradient: NDArray) -> NDArray:
        """Return the matrix's inverse times an array of the parameters' shape."""


class HessianPreconditioner:
    """The exact Hessian of an objective, usually of a subsample, at a point.

    Parameters
    ----------
    objective : Objective
        Whose second derivatives to take.
    theta : ndarray
        Where.
    """

    def __init__(self, objective: Objective, theta: NDArray):
        # A direction the rows don't show gets the largest curvature there can be instead of none.
        bound = 0.25 if objective.loss.n_logits == 1 else 0.5
        fallback = np.tile(bound * objective.second_moment + objective.penalty, theta.shape[0])
        self._factor = Cholesky(objective.hessian(theta), fallback)

    def solve(self, gradient: NDArray) -> NDArray:
        """Return the inverse Hessian times an array of the parameters' shape."""
        return self._factor.solve(gradient.ravel()).reshape(gradient.shape)


class KroneckerPreconditioner:
    """Mean second derivatives in the logits, times the mean outer product of the columns.

    What the Hessian would be if curvature and columns were independent; Boehning's bound [1]_ has the same
    form, with the largest curvature that there can be in place of the mean.

    Parameters
    ----------
    objective : Objective
        Whose rows to use.
    curvature : ndarray of shape (n_free, n_free)
        Mean second derivatives in the logits, in the basis of the parameters.
    gram : ndarray, optional
        The mean outer product of the columns, where it is known.

    References
    ----------
    .. [1] Boehning, D. (1992). Multinomial logistic regression algorithm. Annals of the Institute of
       Statistical Mathematics 44, 197-200.
    """

    def __init__(self, objective: Objective, curvature: NDArray, gram: NDArray | None = None):
        ridge = objective.penalty / (np.trace(curvature) / curvature.shape[0] or 1.0)
        columns = objective.gram() if gram is None else gram.copy()
        columns.flat[:: columns.shape[0] + 1] += ridge
        self._columns = Cholesky(columns, objective.second_moment + ridge)
        self._classes = Cholesky(curvature, np.ones(curvature.shape[0]))

    def solve(self, gradient: NDArray) -> NDArray:
        """Return the inverse times an array of the parameters' shape."""
        return self._classes.solve(self._columns.solve(gradient.T).T)


class DiagonalPreconditioner:
    """Mean second derivatives in the logits, times the columns' second moments.

    Parameters
    ----------
    objective : Objective
        Whose columns to use.
    curvature : ndarray of shape (n_free, n_free)
        Mean second derivatives in the logits, in the basis of the parameters.
    """

    def __init__(self, objective: Objective, curvature: NDArray):
        values, self._vectors = linalg.eigh(curvature)
        diagonal = np.maximum(values, 0.0)[:, None] * objective.second_moment + objective.penalty
        self._diagonal = np.where(diagonal > 0, diagonal, 1.0)

    def solve(self, gradient: NDArray) -> NDArray:
        """Return the inverse times an array of the parameters' shape."""
        return self._vectors @ (self._vectors.T @ gradient / self._diagonal)


class Cholesky:
    """Cholesky factor of a matrix scaled to unit diagonal, with the least jitter that lets it exist.

    Parameters
    ----------
    matrix : ndarray of shape (n, n)
        Positive semidefinite but for rounding.
    fallback : ndarray of shape (n,)
        What a diagonal entry is where the matrix has none.
    jitter : float, optional
        The least to begin with; by default what rounding leaves of so many products.

    Attributes
    ----------
    lower : ndarray of shape (n, n)
        The factor of the scaled matrix.
    scale : ndarray of shape (n,)
        What scales its rows and columns.
    jitter : float
        What was added to its diagonal.
    """

    def __init__(self, matrix: NDArray, fallback: NDArray, jitter: float | None = None):
        size = matrix.shape[0]
        diagonal = np.diagonal(matrix).copy()
        unseen = ~(diagonal > _UNSEEN * fallback)
        diagonal[unseen] = np.where(fallback[unseen] > 0, fallback[unseen], 1.0)
        self.scale = 1.0 / np.sqrt(diagonal)
        unit = matrix * self.scale[:, None] * self.scale
        self.jitter = 4 * size * np.finfo(np.float64).eps if jitter is None else jitter
        while True:
            unit.flat[:: size + 1] = 1.0 + self.jitter
            try:
                self.lower = linalg.cholesky(unit, lower=True, check_finite=False)
                return
            except linalg.LinAlgError:
                self.jitter *= 100.0
                if self.jitter > 1.0:
                    # Not finite: the steps will fail their checks, and say so.
                    self.lower = np.eye(size)
                    return

    def solve(self, right: NDArray) -> NDArray:
        """Return the inverse times a vector or the columns of a matrix."""
        scale = self.scale if right.ndim == 1 else self.scale[:, None]
        return scale * linalg.cho_solve((self.lower, True), scale * right, check_finite=False)
