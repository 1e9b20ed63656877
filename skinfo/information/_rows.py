"""Walking vectors of probabilities in blocks that fit in cache: checked, summed and done with in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skinfo.information._labels import aligned
from skinfo.information._sparse import sparse_blocks
from skinfo.utils import (
    are_probabilities,
    as_probabilities,
    check_switch,
    half_tolerance,
    index_blocks,
    outcome_sums,
    outcomes_last,
    refuse_negative,
    refuse_probabilities,
)

_OUTCOMES = 1 << 15  # of a vector, that are taken at a time
MEND = (
    "Pass normalize=True if these are counts or other masses; entropy_from_counts estimates the entropy behind counts "
    "with less bias"
)


class Masses(NamedTuple):
    """Some outcomes of some vectors, as float64, and the sums over them."""

    p: NDArray
    sums: NDArray


Formula = Callable[..., NDArray]
Block = tuple[Any, list[NDArray]]  # where, and what


def reduce_rows(
    formula: Formula,
    *arrays: Any,
    names: str = "pq",
    axis: Any = -1,
    normalize: bool = False,
    at_once: int = _OUTCOMES,
) -> NDArray:
    """Add up a formula over the outcomes of checked probability vectors.

    Parameters
    ----------
    formula : callable
        Takes one `Masses` for each array, and returns a number for each of their vectors, which add up over
        disjoint sets of outcomes. Outcomes that have no mass in any array add nothing.
    *arrays : array-like of shape (..., K), or sparse of shape (n, K)
        Probabilities, summing to one along ``axis``; the other axes broadcast. Two labelled ones are aligned.
    names : str
        What messages call them, a letter each.
    axis : int or tuple of int, default=-1
        The axis of outcomes in each; several are as one.
    normalize : bool, default=False
        Whether to divide by the sums. Entries of half precision are in any case, once checked.
    at_once : int
        How many outcomes of a vector the formula takes at a time; all of them if its values do not add up.

    Returns
    -------
    ndarray of shape (...)
        The sums.

    Raises
    ------
    ValueError
        If an array does not hold probabilities, shapes do not match, or labels differ.
    """
    check_switch("normalize", normalize)
    tolerances = [np.inf if normalize else half_tolerance(p) for p in arrays]
    if len(arrays) == 2:
        arrays = aligned(*arrays, axis)
    shape, blocks = (sparse_blocks if any(map(issparse, arrays)) else _dense_blocks)(arrays, names, axis)
    out = np.empty(shape)
    for at, masses in blocks:
        for i, tolerance in enumerate(tolerances):
            if tolerance:
                masses[i] = normalized(masses[i], name=names[i], axis=axis, tolerance=tolerance)
        total, lowest, sums = _reduced(formula, masses, at_once)
        for i, mass in enumerate(masses):
            if not are_probabilities(lowest[i], sums[i]):
                refuse_probabilities(mass, name=names[i], axis=axis, mend=MEND)
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


def normalized(masses: NDArray, *, name: str, axis: Any = -1, tolerance: float = np.inf) -> NDArray:
    """Divide masses by their sums over the last axis.

    Parameters
    ----------
    masses : ndarray of shape (..., K)
        Counts, say.
    name : str
        What messages call them.
    axis : int or tuple of int
        What messages call their axis.
    tolerance : float
        How far the sums may be from one.

    Returns
    -------
    ndarray of shape (..., K)
        Probabilities, as float64.

    Raises
    ------
    ValueError
        If an entry is negative or not finite, or a sum is zero or too far from one.
    """
    if tolerance < np.inf:
        refuse_probabilities(masses, name=name, axis=axis, tolerance=tolerance, mend=MEND)
    refuse_negative(masses, name=name, kind="counts or other masses")
    with np.errstate(over="ignore"):
        sums = masses.sum(axis=-1, keepdims=True, dtype=np.float64)
    bad = sums[~((sums > 0) & (sums < np.inf))]
    if bad.size:
        raise ValueError(f"{name} must have positive and finite sums along axis {axis}; one is {bad[0]:g}")
    return masses / sums


def _reduced(formula: Formula, blocks: list[NDArray], at_once: int) -> tuple[Any, list[float], list[Any]]:
    """Add up a formula over the last axis of blocks; their lowest entries and sums."""
    total: Any = 0.0
    lowest: list[Any] = [np.inf] * len(blocks)
    sums: list[Any] = [0.0] * len(blocks)
    with np.errstate(all="ignore"):
        for start in range(0, blocks[0].shape[-1], at_once):
            masses = []
            for i, p in enumerate(blocks):
                part = p[..., start : start + at_once].astype(np.float64, copy=False)
                low = part.min() if part.size else 0.0
                if low == 0:  # which may be -0.0, whose reciprocal is negative
                    part = np.abs(part)
                masses.append(Masses(part, outcome_sums(part)))
                lowest[i], sums[i] = np.minimum(lowest[i], low), sums[i] + masses[-1].sums
            total = total + formula(*masses)
    return total, lowest, sums


def _dense_blocks(arrays: Sequence[Any], names: str, axis: Any) -> tuple[tuple[int, ...], Iterator[Block]]:
    """Read arrays, and cut them into blocks with outcomes last."""
    given = [as_probabilities(p, name=name) for p, name in zip(arrays, names)]
    last = _broadcast([outcomes_last(p, name=name, axis=axis) for p, name in zip(given, names)], given, names, axis)
    shape = last[0].shape
    return shape[:-1], ((at, [p[at] for p in last]) for at in index_blocks(shape))


def _broadcast(last: list[NDArray], given: list[NDArray], names: str, axis: Any) -> list[NDArray]:
    """Broadcast arrays with outcomes last, of which there must be as many."""
    if len({p.shape for p in last}) == 1:
        return last
    shapes = " and ".join(f"{name} has shape {p.shape}" for name, p in zip(names, given))
    if len({p.shape[-1] for p in last}) > 1:
        raise ValueError(f"{' and '.join(names)} must have as many outcomes along axis {axis}: {shapes}")
    try:
        return list(np.broadcast_arrays(*last))
    except ValueError:
        raise ValueError(f"{' and '.join(names)} must broadcast over the axes other than {axis}: {shapes}") from None
