"""Columns that are left out of a fit or that it can't tell apart, in words."""

from __future__ import annotations

from collections.abc import Callable

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


# Dependent columns that a message names at most.
_NAMED = 10

# Names columns by their indices.
Namer = Callable[[NDArray], str]


def faint_columns(objective: Objective, named: Namer) -> str:
    """Name the columns that are left out because they vary by the spacing of their values; empty if there are none."""
    columns = objective.rows.columns
    faint = np.flatnonzero(columns.faint)
    if not faint.size:
        return ""
    varies, is_ = ("varies", "is") if faint.size == 1 else ("vary", "are")
    return (
        f"the {named(faint)} {varies} by no more than a few spacings of 64-bit numbers about "
        f"{columns.mean[faint[0]]:.3g}, and {is_} left out: subtract a constant, where X is made"
    )


def dependent_columns(objective: Objective, hessian: NDArray, named: Namer) -> str:
    """Say which columns are combinations of which; empty if there are none.

    Parameters
    ----------
    objective : Objective
        Over all rows.
    hessian : ndarray of shape (size, size)
        Its second derivatives, in which dependent columns show.
    named : callable
        Names columns.
    """
    width = objective.shape[1]
    if not _may_depend(hessian[:width, :width]):
        return ""
    faint = objective.rows.columns.faint
    found = [(j, others) for j, others in _combinations(objective) if not faint[j]]
    if not found:
        return ""
    parts = [f"{named(np.array([j]))} {_in_words(others, named)}" for j, others in found[:_NAMED]]
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return (
        "the rows do not determine the coefficients of columns that depend on each other, whose standard errors are "
        f"nan: {'; '.join(parts)}{more}. Drop {'it' if len(found) == 1 else 'them'}, or use a finite C"
    )


def _in_words(others: NDArray, named: Namer) -> str:
    """Say what a column is that is a combination of others, the intercept among them as -1."""
    names = named(others[others >= 0])
    if not names:
        return "is constant" if others.size else "is zero"
    return f"is a linear combination of the {names}{' and the intercept' if others[0] < 0 else ''}"


def _may_depend(hessian: NDArray) -> bool:
    """Whether columns of this weighted outer product may be dependent, at the price of a Cholesky factor."""
    diagonal = np.diagonal(hessian)
    if not np.all(diagonal > 0):
        return True
    scale = 1.0 / np.sqrt(diagonal)
    try:
        lower = linalg.cholesky(hessian * scale[:, None] * scale, lower=True, check_finite=False)
    except linalg.LinAlgError:
        return True
    return bool(np.diagonal(lower).min(initial=1.0) ** 2 < _PIVOT)


def _combinations(objective: Objective) -> list[tuple[int, NDArray]]:
    """Return columns that are combinations of others, the last that can be left out, and those; -1 is the intercept."""
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
