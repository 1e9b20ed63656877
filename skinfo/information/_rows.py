"""Walking vectors of probabilities in blocks that fit in cache: checked, summed and done with in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skinfo.utils import are_probabilities, as_probabilities, index_blocks, outcome_sums, refuse_probabilities

_OUTCOMES = 1 << 15  # of a vector, that are taken at a time


class Masses(NamedTuple):
    """Some outcomes of some vectors, as float64, and the sums over them."""

    p: NDArray
    sums: NDArray


Formula = Callable[..., NDArray]


def reduce_rows(formula: Formula, *arrays: ArrayLike, names: str = "pq", axis: int = -1) -> NDArray:
    """Add up a formula over the outcomes of checked probability vectors.

    Parameters
    ----------
    formula : callable
        Takes one `Masses` for each array, and returns a number for each of their vectors, which add up over
        disjoint sets of outcomes.
    *arrays : array-like of shape (..., K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    names : sequence of str
        What messages call them.
    axis : int, default=-1
        The axis of outcomes in each.

    Returns
    -------
    ndarray of shape (...)
        The sums.

    Raises
    ------
    ValueError
        If an array does not hold probabilities, or shapes do not match.
    """
    given = [_outcomes_last(p, name, axis) for p, name in zip(arrays, names)]
    last = _broadcast(given, names, axis)
    out = np.empty(last[0].shape[:-1])
    for at in index_blocks(last[0].shape):
        total, sums = _reduced(formula, [p[at] for p in last])
        for name, p, block, mass in zip(names, given, last, sums):
            if not are_probabilities(block[at], mass):
                refuse_probabilities(np.moveaxis(p, -1, axis), name=name, axis=axis)
        out[at] = total
    return out


def checked_rows(formula: Formula, *arrays: NDArray) -> NDArray:
    """Add up a formula over the last axis of arrays of one shape that have been checked.

    Parameters
    ----------
    formula : callable
        As in `reduce_rows`.
    *arrays : ndarray of shape (..., K)
        Probabilities.

    Returns
    -------
    ndarray of shape (...)
        The sums.
    """
    out = np.empty(arrays[0].shape[:-1])
    for at in index_blocks(arrays[0].shape):
        out[at] = _reduced(formula, [p[at] for p in arrays])[0]
    return out


def _reduced(formula: Formula, blocks: list[NDArray]) -> tuple[Any, list[Any]]:
    """Add up a formula, and the entries, over the last axis of blocks."""
    total: Any = 0.0
    sums: list[Any] = [0.0] * len(blocks)
    with np.errstate(all="ignore"):
        for start in range(0, blocks[0].shape[-1], _OUTCOMES):
            parts = [p[..., start : start + _OUTCOMES].astype(np.float64, copy=False) for p in blocks]
            masses = [Masses(p, outcome_sums(p)) for p in parts]
            total = total + formula(*masses)
            sums = [so_far + mass.sums for so_far, mass in zip(sums, masses)]
    return total, sums


def _outcomes_last(p: ArrayLike, name: str, axis: int) -> NDArray:
    """Read an array and move an axis to the end."""
    try:
        return np.moveaxis(as_probabilities(p, name=name, axis=axis), axis, -1)
    except IndexError:
        raise np.exceptions.AxisError(axis, np.ndim(p), name) from None


def _broadcast(arrays: list[NDArray], names: str, axis: int) -> list[NDArray]:
    """Broadcast arrays with outcomes last, of which there must be as many."""
    shapes = " and ".join(f"{name} has shape {np.moveaxis(p, -1, axis).shape}" for name, p in zip(names, arrays))
    if len({p.shape[-1] for p in arrays}) > 1:
        raise ValueError(f"{' and '.join(names)} must have as many outcomes along axis {axis}: {shapes}")
    try:
        return list(np.broadcast_arrays(*arrays))
    except ValueError:
        raise ValueError(f"{' and '.join(names)} must broadcast over the axes other than {axis}: {shapes}") from None
