"""Columns that are linear combinations of others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from skinfo.classification._objective import Objective

# Of a mean outer product with a unit diagonal: an eigenvalue below this is a combination of columns that is zero, and
# a column's share of one below that is rounding.
_RANK = 1e-12
_SHARE = 1e-6
# A pivot above this rules one out.
_PIVOT = 1e-10


def may_depend(hessian: NDArray) -> bool:
    """Say whether rows may be few or columns dependent, at the price of a Cholesky factor.

    Parameters
    ----------
    hessian : ndarray of shape (n, n)
        A mean outer product of the columns, weighted.
    """
    diagonal = np.diagonal(hessian)
    if not np.all(diagonal > 0):
        return True
    scale = 1.0 / np.sqrt(diagonal)
    try:
        lower = linalg.cholesky(hessian * scale[:, None] * scale, lower=True, check_finite=False)
    except linalg.LinAlgError:
        return True
    return bool(np.diagonal(lower).min(initial=1.0) ** 2 < _PIVOT)


def dependent_columns(objective: Objective) -> list[tuple[int, NDArray]]:
    """Return columns that are combinations of others, and those; -1 is the intercept.

    Parameters
    ----------
    objective : Objective
        Over all rows.

    Returns
    -------
    list of (int, ndarray of intp)
        The last columns that can be left out, with those they are combinations of: none for a column of zeros.
    """
    first, columns = objective.n_intercepts, objective.rows.columns
    gram = objective.gram()
    diagonal = np.diagonal(gram)
    scale = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = linalg.eigh(gram * scale[:, None] * scale, check_finite=False)
    zero, pivots = _echelon(vectors[:, values <= _RANK].T)
    found = []
    for combination, pivot in zip(zero, pivots):
        others = np.abs(combination) > _SHARE
        others[pivot] = False
        if first:
            # Columns are centred: their means are what the intercept takes up.
            means = combination[1:] * scale[1:] * columns.inverse_scale * columns.mean
            others[0] = columns.inverse_scale[pivot - 1] == 0 or abs(means.sum()) > _SHARE * np.abs(means).sum()
        found.append((pivot - first, np.flatnonzero(others) - first))
    return sorted(found, key=lambda each: each[0])


def _echelon(rows: NDArray) -> tuple[NDArray, list[int]]:
    """Return combinations of independent rows, each of which has one of the last columns to itself, and that column."""
    rows, pivots = rows.copy(), list[int]()
    for j in range(rows.shape[1] - 1, -1, -1):
        done = len(pivots)
        if done == rows.shape[0]:
            break
        pivot = done + int(np.abs(rows[done:, j]).argmax())
        if abs(rows[pivot, j]) > _SHARE:
            rows[[done, pivot]] = rows[[pivot, done]]
            rows[done] /= rows[done, j]
            others = np.arange(rows.shape[0]) != done
            rows[others] -= rows[others, j][:, None] * rows[done]
            pivots.append(j)
    return rows, pivots
