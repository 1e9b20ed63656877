"""Approximations to the Hessian that are cheap to solve with, all made the same way."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from skinfo.classification._objective import Objective


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
        # A direction the rows don't show gets the bound's curvature instead of none.
        bound = np.tile(_bound_factor(objective) * objective.second_moment + objective.penalty, theta.shape[0])
        self._factor = Cholesky(objective.hessian(theta), bound)

    def solve(self, gradient: NDArray) -> NDArray:
        """Return the inverse Hessian times an array of the parameters' shape."""
        return self._factor.solve(gradient.ravel()).reshape(gradient.shape)


class BoundPreconditioner:
    """Boehning's bound on the Hessian, the same everywhere and for every contrast of classes [1]_.

    Parameters
    ----------
    objective : Objective
        Whose rows to use.
    theta : ndarray
        Not used: the bound holds everywhere.

    References
    ----------
    .. [1] Boehning, D. (1992). Multinomial logistic regression algorithm. Annals of the Institute of
       Statistical Mathematics 44, 197-200.
    """

    def __init__(self, objective: Objective, theta: NDArray):  # noqa: ARG002
        bound = _bound_factor(objective) * objective.gram()
        bound.flat[:: bound.shape[0] + 1] += objective.penalty
        self._factor = Cholesky(bound, _bound_factor(objective) * objective.second_moment + objective.penalty)

    def solve(self, gradient: NDArray) -> NDArray:
        """Return the inverse bound times an array of the parameters' shape."""
        return self._factor.solve(gradient.T).T


class DiagonalPreconditioner:
    """The diagonal of Boehning's bound.

    Parameters
    ----------
    objective : Objective
        Whose columns to use.
    theta : ndarray
        Not used.
    """

    def __init__(self, objective: Objective, theta: NDArray):  # noqa: ARG002
        diagonal = _bound_diagonal(objective)
        self._diagonal = np.where(diagonal > 0, diagonal, 1.0)

    def solve(self, gradient: NDArray) -> NDArray:
        """Return the gradient divided by the diagonal."""
        return gradient / self._diagonal


def _bound_factor(objective: Objective) -> float:
    """Largest eigenvalue of the softmax's second derivative: 1/4 for one logit, else 1/2."""
    return 0.25 if objective.loss.n_logits == 1 else 0.5


def _bound_diagonal(objective: Objective) -> NDArray:
    return _bound_factor(objective) * objective.second_moment + objective.penalty


class Cholesky:
    """Cholesky factor of a matrix scaled to unit diagonal, with the least jitter that lets it exist.

    Parameters
    ----------
    matrix : ndarray of shape (n, n)
        Positive semidefinite but for rounding.
    fallback : ndarray of shape (n,)
        What a diagonal entry is where the matrix has none.
    """

    def __init__(self, matrix: NDArray, fallback: NDArray):
        size = matrix.shape[0]
        diagonal = np.diagonal(matrix).copy()
        unseen = ~(diagonal > 1e-14 * fallback)
        diagonal[unseen] = np.where(fallback[unseen] > 0, fallback[unseen], 1.0)
        self._scale = 1.0 / np.sqrt(diagonal)
        unit = matrix * self._scale[:, None] * self._scale
        jitter = 4 * size * np.finfo(np.float64).eps
        while True:
            unit.flat[:: size + 1] = 1.0 + jitter
            try:
                self._lower = linalg.cholesky(unit, lower=True, check_finite=False)
                return
            except linalg.LinAlgError:
                jitter *= 100.0
                if jitter > 1.0:
                    # Not finite: the steps will fail their checks, and say so.
                    self._lower = np.eye(size)
                    return

    def solve(self, right: NDArray) -> NDArray:
        """Return the inverse times a vector or the columns of a matrix."""
        scale = self._scale if right.ndim == 1 else self._scale[:, None]
        return scale * linalg.cho_solve((self._lower, True), scale * right, check_finite=False)
