"""Divergence of two samples whose values are labels, numbers, or numbers some of which have a mass of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from skinfo.information import _label_counts as labels
from skinfo.information import _neighbours as neighbours
from skinfo.information._columns import Values, are_labels, code, in_order, labelled, spread
from skinfo.information._subsamples import ROWS_PER_NEIGHBOUR, of_parts, variance_of

_CHANCE = 1e-3  # below which what was not seen is taken for impossible


class Rows(NamedTuple):
    """Rows of both samples, the first one's first: which cell a row is in, and its place there.

    A cell is a combination of labels and of atoms, numbers with a mass of their own. ``free[cell]`` are the columns in
    which its rows have other numbers.
    """

    cell: NDArray
    numbers: NDArray
    free: NDArray
    values: list[Values]

    @property
    def cells(self) -> int:
        return len(self.free)


def decompose(columns: Sequence[NDArray], k: int) -> Rows:
    """Cut rows into cells.

    Numbers of which there are few, for the rows, are labels. Where as many are repeated as are not, but not few, they
    are taken for recorded to a unit, and spread over the intervals about them. Elsewhere one that more than k rows have
    is an atom.
    """
    n = len(columns[0])
    values = [Values.of(column) for column in columns]
    few = [not found.are_of_a_scale for found in values]
    as_labels = labelled([values], [are_labels(column) for column in columns], few, ROWS_PER_NEIGHBOUR * (k + 1))
    order = in_order(values)
    random = np.random.default_rng(0)
    codes, numbers, free = [], np.zeros((n, len(columns))), np.zeros((n, len(columns)), dtype=bool)
    for j, (column, found) in enumerate(zip(columns, values)):
        if as_labels[j]:
            codes.append(found.place)
            continue
        free[:, j] = True
        if found.are_recorded:
            column = spread(column, found, order, random)
        else:
            atom = found.often[found.place] > k
            free[:, j] = ~atom
            codes.append(np.where(atom, found.place + 1, 0))
        numbers[:, j] = column
    codes.append(np.zeros(n, dtype=np.intp))
    first, cell = np.unique(code(*codes), return_index=True, return_inverse=True)[1:]
    return Rows(cell, in_standard_units(numbers), free[first], values)


def divergence(rows: Rows, x: NDArray, y: NDArray, k: int) -> float:
    """Divergence of the cells, and within them by nearest neighbours; finite where y lacks a cell that x has."""
    within = sum(neighbours.kl_divergence(a, b, k).value * len(a) for _, a, b in _pairs(rows, x, y, k))
    return labels.divergence(rows.cell[x], rows.cell[y], rows.cells) + within / len(x)


def estimated(
    rows: Rows, x: NDArray, y: NDArray, k: int, n_subsamples: int, random: np.random.RandomState
) -> tuple[float, float, float]:
    """Divergence, its variance and degrees of freedom: the delta method's of cells, within them by subsamples.

    A cell without rows for two subsamples has the mean of the others' variance times their rows.
    """
    dof, within, sizes, variances = math.inf, np.zeros(rows.cells), [], []
    for cell, a, b in _pairs(rows, x, y, k):
        within[cell], concentration = neighbours.kl_divergence(a, b, k)
        parts = of_parts(
            lambda i, j, a=a, b=b: neighbours.kl_divergence(a[i], b[j], k),
            [len(a), len(b)],
            ROWS_PER_NEIGHBOUR * (k + 1),
            n_subsamples,
            random,
        )
        expected = sum(part.concentration for part in parts) / max(1, len(parts)) ** 2
        sizes.append(len(a))
        variances.append(variance_of([part.value for part in parts]) + max(0.0, concentration - expected))
        dof = min(dof, len(parts) - 1.0) if parts else dof
    at_x, at_y = rows.cell[x], rows.cell[y]
    value = labels.divergence(at_x, at_y, rows.cells) + float(within @ np.bincount(at_x, minlength=rows.cells)) / len(x)
    variance = labels.divergence_variance(at_x, at_y, within)
    if sizes:
        size = np.array(sizes)
        by_rows = size * variances
        known = np.isfinite(by_rows)
        if not known.any():
            return value, math.nan, 0.0
        variance += float(size @ np.where(known, by_rows, by_rows[known].mean())) / len(x) ** 2
    return value, variance, dof


def _pairs(rows: Rows, x: NDArray, y: NDArray, k: int) -> Iterator[tuple[int, NDArray, NDArray]]:
    """Cells with numbers of which both samples have enough rows, and these numbers."""
    n, m = labels.cross_counts(rows.cell[x], rows.cell[y], rows.cells)
    at_x, at_y = (sample[np.argsort(rows.cell[sample], kind="stable")] for sample in (x, y))
    end_x, end_y = n.cumsum(), m.cumsum()
    for cell in np.flatnonzero((n > k) & (m >= k) & rows.free.any(axis=1)):
        chosen = at_x[end_x[cell] - n[cell] : end_x[cell]], at_y[end_y[cell] - m[cell] : end_y[cell]]
        yield (cell, *(rows.numbers[c][:, rows.free[cell]] for c in chosen))


def is_infinite(columns: Sequence[NDArray], rows: Rows, n: int, k: int) -> bool:
    """Tell whether the first n rows show mass where the others can hardly have any.

    That is so of a cell, or of the numbers in a column that many rows have, if samples of one distribution would hardly
    leave all those rows to the first; and of numbers that were seen once, if the others are of a discrete distribution
    that hardly has so many unseen ones (by Good and Turing its mass of these is about the share of those seen once).
    """
    m = len(rows.cell) - n
    in_x, in_y = labels.cross_counts(rows.cell[:n], rows.cell[n:], rows.cells)
    if rows.cells * (n / (n + m)) ** int(in_x[in_y == 0].max(initial=0)) < _CHANCE:
        return True
    for column, found in zip(columns, rows.values):
        if are_labels(column) or len(found.often) == n + m:
            continue
        in_x, in_y = labels.cross_counts(found.place[:n], found.place[n:], len(found.often))
        often = in_x > k
        if not in_y[often].any() and (n / (n + m)) ** int(in_x[often].sum()) < _CHANCE:
            return True
        once, new = int((in_y == 1).sum()), int(((in_x == 1) & (in_y == 0)).sum())
        discrete = 2 * once <= np.count_nonzero(in_y)
        if discrete and new and stats.binom.sf(new - 1, n, min(1.0, 2 * (once + 1) / m)) < _CHANCE:
            return True
    return False


def in_standard_units(x: NDArray) -> NDArray:
    """Columns from zero, divided by their standard deviation; constant ones are left."""
    columns = np.ascontiguousarray(x.T)
    columns = np.ldexp(columns, -np.frexp(np.abs(columns).max(axis=1, keepdims=True))[1])  # so that no square overflows
    columns -= columns[:, :1].copy()
    unit = columns.std(axis=1, keepdims=True)
    return np.ascontiguousarray((columns / np.where(unit > 0, unit, 1.0)).T)
