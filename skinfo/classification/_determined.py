"""Minus the log-likelihood, and Firth's penalised one, as functions of what the rows determine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from skinfo.classification._objective import Objective

# Numbers computed at once from a block of rows, beside the rows.
_AT_ONCE = 1 << 17


class Likelihood:
    """Minus the log-likelihood of all rows, in nats, in coordinates that the rows determine.

    Parameters
    ----------
    objective : Objective
        Of a fit without penalty.
    origin : ndarray of shape (n_free, n_columns + 1)
        The objective's parameters where every coordinate is zero.
    frame : ndarray of shape (size, n_coordinates)
        Takes coordinates to parameters; no direction in it leaves the likelihood as it is.
    """

    # Whether the information is the second derivatives.
    is_curvature = True

    def __init__(self, objective: Objective, origin: NDArray, frame: NDArray):
        self.objective, self.origin, self.frame = objective, origin, frame

    def parameters(self, at: NDArray) -> NDArray:
        """Return the objective's parameters."""
        return self.origin + (self.frame @ at).reshape(self.origin.shape)

    def __call__(self, at: NDArray) -> tuple[float, NDArray]:
        """Return the value and the gradient."""
        value, gradient = self.objective(self.parameters(at))
        total = self.objective.total
        return total * value, total * (gradient.ravel() @ self.frame)

    def information(self, at: NDArray) -> NDArray:
        """Return the log-likelihood's second derivatives but for the sign, observed and expected."""
        hessian = self.objective.hessian(self.parameters(at))
        return self.objective.total * (self.frame.T @ hessian @ self.frame)

    def reach(self, step: NDArray) -> float:
        """Return by how much a step changes the log odds of two classes in any row at most."""
        changes = self.objective.changes((self.frame @ step).reshape(self.origin.shape))
        spread = np.abs(changes) if changes.shape[0] == 1 else np.ptp(changes, axis=0)
        return float(spread.max())


class FirthLikelihood(Likelihood):
    """Minus the log-likelihood and half the log determinant of the information [1]_; see `Likelihood`.

    Its derivatives are not those of the information's: that is the metric only.

    References
    ----------
    .. [1] Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38, section 3.1.
    """

    is_curvature = False

    def __call__(self, at: NDArray) -> tuple[float, NDArray]:
        """Return the value and the gradient, infinite where the information is singular to rounding."""
        value, gradient = super().__call__(at)
        try:
            lower = linalg.cholesky(self.information(at), lower=True)
        except (linalg.LinAlgError, ValueError):
            return np.inf, gradient
        # The inverse information in the objective's parameters is half times its transpose.
        half = linalg.solve_triangular(lower, self.frame.T, lower=True).T
        slopes = self._log_determinant_slopes(self.parameters(at), half)
        return value - float(np.log(np.diagonal(lower)).sum()), gradient - slopes.ravel() @ self.frame

    def _log_determinant_slopes(self, theta: NDArray, half: NDArray) -> NDArray:
        """Return the gradient of half the log determinant in the objective's parameters, in one walk."""
        objective = self.objective
        shape = (*objective.shape, half.shape[1])
        halves = np.tensordot(objective.basis, half.reshape(shape), axes=1)
        slopes = np.zeros(halves.shape[:2])
        derivatives = _binary_slopes if halves.shape[0] == 1 else _softmax_slopes
        for rows, block, logits in objective.blocks(theta, max(16, _AT_ONCE // (halves.shape[0] * halves.shape[2]))):
            design = objective.design(block)
            slopes += derivatives(objective, rows, logits, np.matmul(design, halves)) @ design
        return objective.basis.T @ slopes


def _binary_slopes(objective: Objective, rows: slice, logits: NDArray, spread: NDArray) -> NDArray:
    """Derivatives in the logit: half the leverage times 1 - 2 q (Heinze and Schemper, 2002, section 2).

    ``spread``, of shape (n_logits, n_block, n), holds for each row what squares to its logits' covariance.
    """
    skewness = -0.5 * np.tanh(0.5 * logits)
    objective.loss.curvature(logits, rows)
    skewness *= np.einsum("knr,knr->kn", spread, spread)
    skewness *= logits
    skewness *= logits
    return skewness


def _softmax_slopes(objective: Objective, rows: slice, logits: NDArray, spread: NDArray) -> NDArray:
    """Derivatives in the logits, see `_binary_slopes`.

    With M the logits' covariance in a row and V = diag(q) - q q', d tr(M V) / d logits is V w, where
    w = diag(M) - 2 M q: no row's M is formed.
    """
    mass = objective.loss.mass[rows]
    objective.loss.curvature(logits, rows)
    logits /= np.sqrt(mass)
    mean = np.einsum("kn,knr->nr", logits, spread)
    slopes = np.einsum("knr,knr->kn", spread, spread - 2.0 * mean)
    slopes -= np.einsum("kn,kn->n", logits, slopes)
    slopes *= logits
    slopes *= 0.5 * mass
    return slopes
