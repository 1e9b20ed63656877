"""Sparse rows of probabilities in dense blocks of what they store."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse

from skinfo.utils import as_probabilities, outcomes_last

_ENTRIES = 1 << 15  # of a block


def sparse_blocks(
    arrays: Sequence[Any], names: str, axis: Any
) -> tuple[tuple[int, ...], Iterator[tuple[NDArray, list[NDArray]]]]:
    """Cut rows, some of them sparse, into dense blocks of the outcomes that have mass in one of the arrays.

    Parameters
    ----------
    arrays : sequence of arrays of shape (n, K), sparse or dense
        Or of shape (1, K), or (K,) where dense: the same for all rows.
    names : str
        What messages call them, a letter each.
    axis : int
        The axis of outcomes, which must be the last.

    Returns
    -------
    shape : tuple of int
        (n,)
    blocks : iterator of (rows, masses)
        Row numbers, and arrays of shape (n_rows, n_outcomes) with zeros at the ends of shorter rows.

    Raises
    ------
    ValueError
        If shapes do not match, or the axis is not the last.
    """
    if not (isinstance(axis, numbers.Integral) and axis in (-1, 1)):
        raise ValueError(
            f"sparse rows have their outcomes along axis -1; got axis={axis!r}. Pass the transpose, or for one vector "
            "p.reshape(1, -1)"
        )
    rows = [_as_rows(p, name) for p, name in zip(arrays, names)]
    shapes = " and ".join(f"{name} has shape {np.shape(p)}" for name, p in zip(names, arrays))
    if len({p.shape[1] for p in rows}) > 1:
        raise ValueError(f"{' and '.join(names)} must have as many outcomes along axis {axis}: {shapes}")
    n = max((p.shape[0] for p in rows), default=0)
    if any(p.shape[0] not in (1, n) for p in rows):
        raise ValueError(f"{' and '.join(names)} must have as many rows, or one: {shapes}")
    return (n,), packed_blocks(rows, n)


def _as_rows(p: Any, name: str) -> csr_array | NDArray:
    if not issparse(p):
        dense = outcomes_last(as_probabilities(p, name=name), name=name, axis=-1)
        if dense.ndim > 2:
            raise ValueError(f"{name} must have shape (n, K) beside sparse rows; its shape is {dense.shape}")
        return np.atleast_2d(dense)
    return read_sparse(p, name)


def read_sparse(p: Any, name: str) -> csr_array:
    """Read sparse rows in compressed form, each entry once.

    Parameters
    ----------
    p : sparse array or matrix
        Any of SciPy's.
    name : str
        What messages call it.

    Returns
    -------
    csr_array of shape (n, K)
        The same numbers.

    Raises
    ------
    ValueError
        If it has not two axes, no outcomes, or no numbers.
    """
    if p.ndim != 2 or p.shape[1] == 0:
        raise ValueError(f"{name} must have shape (n, K) and at least one outcome; its shape is {p.shape}")
    if p.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array of probabilities; got a sparse array of {p.dtype}")
    rows = csr_array(p)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows


def packed_blocks(rows: list[csr_array | NDArray], n: int) -> Iterator[tuple[NDArray, list[NDArray]]]:
    """Cut n rows into dense blocks of what any of some arrays stores.

    Parameters
    ----------
    rows : list of csr_array or ndarray of shape (n, K) or (1, K)
        The arrays.
    n : int
        How many rows there are.

    Yields
    ------
    rows : ndarray of intp
        In the order of how much they store, so that those of a block are about as long.
    masses : list of ndarray
        A dense block of each array.
    """
    stored = sum(map(_stored, rows)) + np.zeros(n, dtype=np.intp)
    order = np.argsort(-stored)
    start = 0
    while start < n:
        chosen = order[start : start + max(1, _ENTRIES // max(1, int(stored[order[start]])))]
        yield chosen, _packed([csr_array(p[chosen if p.shape[0] == n else np.zeros_like(chosen)]) for p in rows])
        start += len(chosen)


def _stored(rows: Any) -> Any:
    return np.diff(rows.indptr) if issparse(rows) else rows.shape[1]


def _packed(rows: list[csr_array]) -> list[NDArray]:
    """Dense arrays of the outcomes that any of these rows store, from the left."""
    n, k = rows[0].shape
    keys = [np.repeat(np.arange(n), np.diff(p.indptr)) * k + p.indices for p in rows]
    union = np.unique(np.concatenate(keys))
    row = union // k
    place = np.arange(len(union)) - np.searchsorted(row, np.arange(n))[row]
    width = int(place.max(initial=0)) + 1
    at = row * width + place
    packed = [np.zeros(n * width) for _ in rows]
    for p, key, dense in zip(rows, keys, packed):
        dense[at[np.searchsorted(union, key)]] = p.data
    return [dense.reshape(n, width) for dense in packed]
