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

    # Whether `curvature` has all there is to the second derivatives.
    is_exact = True

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

    def curvature(self, at: NDArray) -> NDArray:
        """Return the second derivatives."""
        return self._reduced(self.objective, at)

    def _reduced(self, objective: Objective, at: NDArray) -> NDArray:
        """Return the second derivatives of an objective's sum over rows."""
        return objective.total * (self.frame.T @ objective.hessian(self.parameters(at)) @ self.frame)

    def reach(self, step: NDArray) -> float:
        """Return by how much a step changes the log odds of two classes in any row at most."""
        changes = self.objective.changes((self.frame @ step).reshape(self.origin.shape))
        spread = np.abs(changes) if changes.shape[0] == 1 else np.ptp(changes, axis=0)
        return float(spread.max())


class FirthLikelihood(Likelihood):
    """Minus the log-likelihood and half the log determinant of the information [1]_; see `Likelihood`.

    References
    ----------
    .. [1] Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38, section 3.1.
    """

    is_exact = False

    def __call__(self, at: NDArray) -> tuple[float, NDArray]:
        """Return the value and the gradient, infinite where the information is singular to rounding."""
        value, gradient = super().__call__(at)
        try:
            lower = linalg.cholesky(self._reduced(self.objective, at), lower=True)
        except (linalg.LinAlgError, ValueError):
            return np.inf, gradient
        slopes, _ = self._log_determinant(at, lower)
        return value - float(np.log(np.diagonal(lower)).sum()), gradient - slopes.ravel() @ self.frame

    def curvature(self, at: NDArray) -> NDArray:
        """Return the information of the rows after leverages are added to their masses.

        The penalised score of two classes is that of rows with half a leverage more of either label [1]_; of a
        table, that of half a count more in each of its K cells, whose leverages sum to K - 1. These stand for the
        penalty: where labels separate, they are most of the curvature there is.

        References
        ----------
        .. [1] Heinze, G. and Schemper, M. (2002). A solution to the problem of separation in logistic regression.
           Statistics in Medicine 21, 2409-2419, section 2.
        """
        objective = self.objective
        _, leverages = self._log_determinant(at, linalg.cholesky(self._reduced(objective, at), lower=True))
        n_classes = objective.loss.n_classes
        loss = objective.loss.take(np.arange(objective.n_rows), 1.0 + 0.5 * n_classes / (n_classes - 1) * leverages)
        return self._reduced(objective.over(objective.rows, loss, objective.offset), at)

    def _log_determinant(self, at: NDArray, lower: NDArray) -> tuple[NDArray, NDArray]:
        """Walk the rows for what follows from the information's Cholesky factor.

        Returns the gradient of half the log determinant in the objective's parameters, and the rows' leverages,
        each over the row's mass.
        """
        objective = self.objective
        # The inverse information in the objective's parameters is half times its transpose.
        half = linalg.solve_triangular(lower, self.frame.T, lower=True).T
        halves = np.tensordot(objective.basis, half.reshape(*objective.shape, -1), axes=1)
        slopes, leverages = np.zeros(halves.shape[:2]), np.empty(objective.n_rows)
        derive = _derive_binary if halves.shape[0] == 1 else _derive_softmax
        rows_at_once = max(16, _AT_ONCE // max(1, halves.shape[0] * halves.shape[2]))
        for rows, block, logits in objective.blocks(self.parameters(at), rows_at_once):
            design = objective.design(block)
            leverages[rows] = derive(objective, rows, logits, np.matmul(design, halves))
            slopes += logits @ design
        return objective.basis.T @ slopes, leverages


def _derive_binary(objective: Objective, rows: slice, logits: NDArray, spread: NDArray) -> NDArray:
    """Overwrite the logit by the derivative of half the log determinant; return leverages over masses.

    ``spread``, of shape (n_logits, n_block, n), squares to the logits' covariance in each row. The derivative is
    half the leverage times 1 - 2 q (Heinze and Schemper, 2002, section 2).
    """
    mass, skewness = objective.loss.mass[rows], np.tanh(0.5 * logits[0])
    objective.loss.curvature(logits, rows)
    leverages = logits[0] ** 2 / mass * np.einsum("knr,knr->n", spread, spread)
    logits[0] = -0.5 * mass * leverages * skewness
    return leverages


def _derive_softmax(objective: Objective, rows: slice, logits: NDArray, spread: NDArray) -> NDArray:
    """See `_derive_binary`.

    With M the logits' covariance in a row and V = diag(q) - q q', the leverage is tr(M V), and its derivatives in
    the logits are V w, where w = diag(M) - 2 M q: no row's M is formed.
    """
    mass = objective.loss.mass[rows]
    objective.loss.curvature(logits, rows)
    logits /= np.sqrt(mass)
    mean = np.einsum("kn,knr->nr", logits, spread)
    variance, covariance = np.einsum("knr,knr->kn", spread, spread), np.einsum("knr,nr->kn", spread, mean)
    leverages = np.einsum("kn,kn->n", logits, variance - covariance)
    slopes = variance - 2.0 * covariance
    slopes -= np.einsum("kn,kn->n", logits, slopes)
    logits *= slopes
    logits *= 0.5 * mass
    return leverages
