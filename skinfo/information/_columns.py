"""Columns of samples, of numbers or of labels, and how their values repeat."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from sklearn.utils import check_array

ROWS_PER_LABEL = 2  # of a table of labels, on average: their entropy has next to no bias then


def read_columns(X: Any, name: str) -> list[NDArray]:
    """Columns of an array or a frame: float64 of numbers; anything else is of labels.

    Parameters
    ----------
    X : array-like of shape (n, p) or (n,), or DataFrame
        Numbers, strings, booleans, categories.
    name : str
        What messages call it.

    Returns
    -------
    list of ndarray of shape (n,)
        The columns.

    Raises
    ------
    ValueError
        If it has another shape, no rows, or values that are missing or not finite.
    TypeError
        If a column has values of another kind, such as dates.
    """
    if hasattr(type(X), "columns"):
        columns = [read_column(X[c], f"column {c!r} of {name}") for c in X.columns]
        if not columns or not len(columns[0]):
            raise ValueError(f"{name} must have rows and columns; its shape is {X.shape}")
        return columns
    if _is_category(X):
        return [read_column(X, name)]
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise ValueError(f"{name} must be rows of shape (n, p), or (n,), of one length each; {error}") from error
    if array.ndim not in (1, 2):
        raise ValueError(f"{name} must be rows of shape (n, p), or (n,); got {_shortly(X)}")
    if array.dtype.kind in "iuf" or not array.size:
        with np.errstate(over="ignore", invalid="ignore"):  # scikit-learn adds them up
            x = check_array(array, ensure_2d=False, dtype=np.float64, input_name=name)
        return list(np.ascontiguousarray(x[:, None] if x.ndim == 1 else x).T)
    if array.ndim == 1:
        return [read_column(array, name)]
    return [read_column(column, f"column {j} of {name}") for j, column in enumerate(array.T)]


def read_column(values: Any, name: str) -> NDArray:
    """One column: float64, or an array of labels."""
    array: NDArray = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    if array.dtype.kind in "iuf" and not _is_category(values):
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has missing or infinite values (NaN, infinity); drop or impute those rows")
        return array
    if array.dtype.kind not in "biufUSOT":
        raise TypeError(f"{name} has values of type {array.dtype}; pass numbers, or labels as strings or categories")
    if array.dtype.kind == "b":
        return array
    listed = array.tolist()
    if any(map(_is_missing, listed)):
        raise ValueError(f"{name} has missing values; drop or impute those rows")
    if array.dtype.kind == "O" and not _is_category(values):
        if all(isinstance(v, (bool, np.bool_)) for v in listed):
            return array.astype(bool)
        if all(isinstance(v, Real) for v in listed):
            return read_column(array.astype(np.float64), name)
    return np.array([str(v) for v in listed])


def are_labels(column: NDArray) -> bool:
    """Tell whether a column is of labels."""
    return column.dtype.kind != "f"


def _is_category(values: Any) -> bool:
    return str(getattr(values, "dtype", "")).startswith(("category", "Categorical", "Enum"))


def _is_missing(value: Any) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas.NA
        return True


def _shortly(X: Any) -> str:
    return repr(X) if np.ndim(X) == 0 else f"shape {np.shape(X)}"


class Values(NamedTuple):
    """A column's distinct values, in order: which one each row has, and how many rows have it."""

    distinct: NDArray
    place: NDArray
    often: NDArray

    @classmethod
    def of(cls, column: NDArray) -> Values:
        return cls(*np.unique(column, return_inverse=True, return_counts=True))

    @property
    def are_recorded(self) -> bool:
        """As many values are repeated as are seen once: the numbers are discrete or rounded, not from a density."""
        return 2 * int((self.often == 1).sum()) <= len(self.often)

    @property
    def are_of_a_scale(self) -> bool:
        """No value has a tenth of the rows: numbers recorded to a unit of a fifth of their deviation, say."""
        return 10 * int(self.often.max()) < len(self.place)


def code(*columns: NDArray) -> NDArray:
    """Number the distinct combinations of whole numbers in some columns, by row."""
    found = columns[0]
    for column in columns[1:]:
        found = np.unique(found * (int(column.max(initial=0)) + 1) + column, return_inverse=True)[1]
    return found


def number_of(codes: Sequence[NDArray]) -> int:
    """Count the distinct combinations."""
    return len(np.unique(code(*codes))) if codes else 1


def labelled(
    groups: Sequence[Sequence[Values]], given: Sequence[bool], may_be: Sequence[bool], rows_each: int
) -> list[bool]:
    """Tell which columns are of labels: those given, and numbers that may be, if there are few of them for the rows.

    What is few depends on whether there are numbers to be found beside them in rows with the same labels, those of
    each group of columns being combined with those of the others.
    """
    values = [found for group in groups for found in group]
    ends, n = np.cumsum([len(group) for group in groups]), len(values[0].place)
    kinds = [len(found.often) for found in values]
    chosen = [label or (may and n >= rows_each * size) for label, may, size in zip(given, may_be, kinds)]
    while True:
        most = max((size for size, of, label in zip(kinds, chosen, given) if of and not label), default=0)
        codes = [[values[j].place for j in range(e - len(g), e) if chosen[j]] for g, e in zip(groups, ends)]
        cells = math.prod(map(number_of, codes))
        if not most or n >= cells * (ROWS_PER_LABEL if all(chosen) else rows_each):
            return chosen
        chosen = [label or (of and size < most) for label, of, size in zip(given, chosen, kinds)]


def in_order(values: Sequence[Values]) -> NDArray:
    """Rows in the order of their values; as they are where a column has no value twice, as draws are of no use then."""
    n = len(values[0].place)
    if all(len(found.often) == n for found in values):
        return np.arange(n)
    return np.lexsort([found.place for found in values][::-1])


def spread(column: NDArray, values: Values, order: NDArray, random: np.random.Generator) -> NDArray:
    """Draw repeated numbers evenly from the interval that reaches halfway to the next ones on both sides.

    The intervals are disjoint, so no information is lost or gained, nor is divergence from what is spread likewise. The
    draws are dealt out in the given order of rows.
    """
    if values.often.max() == 1 or len(values.distinct) == 1:
        return column
    draws = np.empty(len(column))
    draws[order] = random.random(len(column))
    middle = values.distinct[:-1] / 2 + values.distinct[1:] / 2
    with np.errstate(over="ignore", invalid="ignore"):  # numbers at the end of the floating-point ones stay
        low = np.concatenate([[2 * values.distinct[0] - middle[0]], middle])[values.place]
        high = np.concatenate([middle, [2 * values.distinct[-1] - middle[-1]]])[values.place]
        found = low * (1 - draws) + high * draws
    return np.where((values.often[values.place] > 1) & np.isfinite(found), found, column)


def ranks(column: NDArray, order: NDArray, random: np.random.Generator) -> NDArray:
    """Ranks from 0, of ties by draws that are dealt out in the given order of rows."""
    draws = np.empty(len(column))
    draws[order] = random.random(len(column))
    return _inverse(np.lexsort((draws, column)))


def ranks_of_ranks(ranks: NDArray) -> NDArray:
    """Ranks from 0 of numbers that all differ, by column."""
    return np.stack([_inverse(np.argsort(column)) for column in ranks.T], axis=1) if ranks.size else ranks


def _inverse(order: NDArray) -> NDArray:
    found = np.empty(len(order), dtype=np.intp)
    found[order] = np.arange(len(order))
    return found


def normal_scores(n: int) -> NDArray:
    """Quantiles of the normal distribution for n ranks, symmetric to the last digit."""
    half = ndtri((np.arange(n // 2) + 0.5) / n)
    return np.concatenate([half, np.zeros(n % 2), -half[::-1]])
