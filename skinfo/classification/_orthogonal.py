"""An objective in columns that are orthogonal, for few rows whose columns may be all but dependent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

from skinfo.classification._objective import Objective
from skinfo.classification._rows import Columns, DenseRows


class OrthogonalObjective(Objective):
    """The same objective over orthonormal combinations of its design's columns.

    A product of columns squares their condition number; their QR factors do not, so that the Hessian of this
    objective resolves what rounding hides in that of the other. Columns that depend on others to rounding are
    left out: their parameters are zero.

    Parameters
    ----------
    objective : Objective
        Whose design to take, in memory.
    """

    def __init__(self, objective: Objective):
        design = np.concatenate([objective.design(objective.rows.block(rows)) for rows in objective.slices()])
        # The penalty is as rows of data are, where logits have the curvature of the classes' shares.
        curvature = np.trace(objective.loss.null_curvature()) / objective.basis.shape[1]
        weighted = design * np.sqrt(curvature * objective.loss.mass / objective.total)[:, None]
        weighted = np.concatenate([weighted, np.diag(np.sqrt(objective.penalty))])
        scale = np.linalg.norm(weighted, axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        factor, order = qr(weighted / scale, mode="r", pivoting=True, check_finite=False)
        diagonal = np.abs(np.diagonal(factor))
        rank = int(np.sum(diagonal > max(design.shape) * np.finfo(np.float64).eps * diagonal.max(initial=0.0)))
        kept = order[:rank]
        self._enter = factor[:rank] * scale[order]
        self._order = order
        self._leave = np.zeros((design.shape[1], rank))
        self._leave[kept] = solve_triangular(factor[:rank, :rank], np.eye(rank), check_finite=False)
        self._leave /= scale[:, None]
        rows = DenseRows(design @ self._leave, Columns.unit(rank), ready=True)
        super().__init__(rows, objective.loss, 0.0, False, objective.counter, objective.basis, objective.offset)
        half = np.sqrt(objective.penalty)[:, None] * self._leave
        self._matrix = half.T @ half
        self.penalty = np.diagonal(self._matrix).copy()

    def penalise(self, theta: NDArray) -> NDArray:
        """Return the gradient of the penalty."""
        return theta @ self._matrix

    def add_penalty(self, hessian: NDArray) -> None:
        """Add the penalty's second derivatives."""
        n_free, width = self.shape
        blocks = hessian.reshape(n_free, width, n_free, width)
        each = np.arange(n_free)
        blocks[each, :, each, :] += self._matrix

    def enter(self, theta: NDArray) -> NDArray:
        """Return the parameters of the same logits as another objective's."""
        return theta[:, self._order] @ self._enter.T

    def leave(self, theta: NDArray) -> NDArray:
        """Return the other objective's parameters."""
        return theta @ self._leave.T
