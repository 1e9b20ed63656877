"""Walking vectors of probabilities in blocks that fit in cache: checked, summed and done with in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from skinfo.information._sparse import sparse_blocks
from skinfo.utils import are_probabilities, as_probabilities, index_blocks, outcome_sums, refuse_probabilities

_OUTCOMES = 1 << 15  # of a vector, that are taken at a time


class Masses(NamedTuple):
    """Some outcomes of some vectors, as float64, and the sums over them."""

    p: NDArray
    sums: NDArray


Formula = Callable[..., NDArray]
Block = tuple[Any, list[NDArray], Callable[[int], None]]  # where, what, and what refuses one of its arrays


def reduce_rows(formula: Formula, *arrays: Any, names: str = "pq", axis: int = -1, at_once: int = _OUTCOMES) -> NDArray:
    """Add up a formula over the outcomes of checked probability vectors.

    Parameters
    ----------
    formula : callable
        Takes one `Masses` for each array, and returns a number for each of their vectors, which add up over
        disjoint sets of outcomes. Outcomes that have no mass in any array add nothing.
    *arrays : array-like of shape (..., K), or sparse of shape (n, K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    names : str
        What messages call them, a letter each.
    axis : int, default=-1
        The axis of outcomes in each.
    at_once : int
        How many outcomes of a vector the formula takes at a time; all of them if its values do not add up.

    Returns
    -------
    ndarray of shape (...)
        The sums.

    Raises
    ------
    ValueError
        If an array does not hold probabilities, or shapes do not match.
    """
    cut = sparse_blocks if any(map(issparse, arrays)) else _dense_blocks
    shape, blocks = cut(arrays, names, axis)
    out = np.empty(shape)
    for at, masses, refuse in blocks:
        total, sums = _reduced(formula, masses, at_once)
        for i, (mass, mass_sums) in enumerate(zip(masses, sums)):
            if not are_probabilities(mass, mass_sums):
                refuse(i)
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
        out[at] = _reduced(formula, [p[at] for p in arrays], _OUTCOMES)[0]
    return out


def _reduced(formula: Formula, blocks: list[NDArray], at_once: int) -> tuple[Any, list[Any]]:
    """Add up a formula, and the entries, over the last axis of blocks."""
    total: Any = 0.0
    sums: list[Any] = [0.0] * len(blocks)
    with np.errstate(all="ignore"):
        for start in range(0, blocks[0].shape[-1], at_once):
            parts = [p[..., start : start + at_once].astype(np.float64, copy=False) for p in blocks]
            masses = [Masses(p, outcome_sums(p)) for p in parts]
            total = total + formula(*masses)
            sums = [so_far + mass.sums for so_far, mass in zip(sums, masses)]
    return total, sums


def _dense_blocks(arrays: Sequence[Any], names: str, axis: int) -> tuple[tuple[int, ...], Iterator[Block]]:
    """Read arrays, and cut them into blocks with outcomes last."""
    given = [_outcomes_last(p, name, axis) for p, name in zip(arrays, names)]
    last = _broadcast(given, names, axis)

    def refuse(i: int) -> None:
        refuse_probabilities(np.moveaxis(given[i], -1, axis), name=names[i], axis=axis)

    shape = last[0].shape
    return shape[:-1], ((at, [p[at] for p in last], refuse) for at in index_blocks(shape))


def _outcomes_last(p: ArrayLike, name: str, axis: int) -> NDArray:
    """Read an array and move an axis to the end."""
    try:
        return np.moveaxis(as_probabilities(p, name=name, axis=axis), axis, -1)
    except IndexError:
        raise np.exceptions.AxisError(axis, np.ndim(p), name) from None


def _broadcast(arrays: list[NDArray], names: str, axis: int) -> list[NDArray]:
    """Broadcast arrays with outcomes last, of which there must be as many."""
    if len({p.shape for p in arrays}) == 1:
        return arrays
    shapes = " and ".join(f"{name} has shape {np.moveaxis(p, -1, axis).shape}" for name, p in zip(names, arrays))
    if len({p.shape[-1] for p in arrays}) > 1:
        raise ValueError(f"{' and '.join(names)} must have as many outcomes along axis {axis}: {shapes}")
    try:
        return list(np.broadcast_arrays(*arrays))
    except ValueError:
        raise ValueError(f"{' and '.join(names)} must broadcast over the axes other than {axis}: {shapes}") from None
