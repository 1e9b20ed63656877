"""An objective of more columns than rows, in the space that the rows span."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.linalg.blas import dsyrk
from scipy.linalg.lapack import dpstrf

from skinfo.classification._objective import Objective
from skinfo.classification._rows import Columns, DenseRows


class RowSpaceObjective(Objective):
    """The same objective, whose coefficients are combinations of the centred rows.

    Others only add to the penalty [1]_. With the rows' inner products K = L L', coefficients W = V inv(L) X have
    the logits L V' and the length of V, so that there are no more parameters than rows, and the penalty is the same.

    Parameters
    ----------
    objective : Objective
        With a penalty; its rows are copied, centred.

    References
    ----------
    .. [1] Hastie, T. and Tibshirani, R. (2004). Efficient quadratic regularization for expression arrays.
       Biostatistics 5, 329-340.
    """

    def __init__(self, objective: Objective):
        columns = objective.rows.columns
        with np.errstate(divide="ignore"):
            self._scale = np.where(columns.inverse_scale > 0, 1.0 / columns.inverse_scale, 0.0)
        blocks = [objective.rows.block(rows) for rows in objective.slices()]
        X = np.concatenate([objective.design(block)[:, objective.n_intercepts :] for block in blocks])
        X *= self._scale
        factor, order, rank, _ = dpstrf(dsyrk(1.0, X.T, trans=1, lower=1), lower=1)
        order = order[:] - 1
        factor = np.tril(factor)[:, :rank]
        design = np.empty((X.shape[0], rank))
        design[order] = factor
        mass = objective.loss.mass / objective.total
        squares = design**2
        variance = mass @ squares
        with np.errstate(invalid="ignore", divide="ignore"):
            kurtosis = mass @ squares**2 / variance**2
        spread = Columns(np.zeros(rank), np.sqrt(variance), kurtosis, centred=False)
        rows = DenseRows(design, spread, ready=True)
        loss, counter = objective.loss, objective.counter
        fit_intercept, basis, offset = objective.fit_intercept, objective.basis, objective.offset
        super().__init__(rows, loss, objective.ridge, fit_intercept, counter, basis, offset)
        self._kept, self._corner = X[order[:rank]], factor[:rank]

    def enter(self, theta: NDArray) -> NDArray:
        """Return the parameters of the same logits as another objective's, where it has them from the rows."""
        k = self.n_intercepts
        with np.errstate(divide="ignore", invalid="ignore"):
            coef = np.where(self._scale > 0, theta[:, k:] / self._scale, 0.0)
        inner = solve_triangular(self._corner, self._kept @ coef.T, lower=True, check_finite=False).T
        return np.hstack([theta[:, :k], inner / self.rows.columns.inverse_scale])

    def leave(self, theta: NDArray) -> NDArray:
        """Return the other objective's parameters."""
        k = self.n_intercepts
        inner = (theta[:, k:] * self.rows.columns.inverse_scale).T
        weights = solve_triangular(self._corner, inner, lower=True, trans="T", check_finite=False)
        return np.hstack([theta[:, :k], weights.T @ self._kept * self._scale])
