"""Rows to fit on and rows to hold out."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import check_cv


def read_splits(
    cv: Any, X: Any, y: NDArray, groups: Any = None, *, classifier: bool = False
) -> list[tuple[NDArray, NDArray]]:
    """Split rows as scikit-learn does, and check what comes of it.

    Parameters
    ----------
    cv : int, splitter, iterable or None
        As scikit-learn's ``cv``.
    X : {array-like, sparse matrix} of shape (n, p)
        Rows.
    y : ndarray of shape (n,)
        What they are stratified by.
    groups : array-like of shape (n,) or None
        What the splitter keeps together.
    classifier : bool, default=False
        Whether a number means folds stratified by y.

    Returns
    -------
    list of pairs of ndarray of intp
        Rows to fit on and rows to hold out; some of both.

    Raises
    ------
    ValueError
        If ``cv`` is none of these, or its splits are no indices of rows.
    """
    n_rows = len(y)
    if isinstance(cv, bool | np.bool_):
        raise ValueError(f"cv must be a number of folds, a splitter or an iterable of splits; got {cv!r}")
    try:
        if isinstance(cv, Iterable) and not hasattr(cv, "split"):
            pairs = cv
        else:
            pairs = check_cv(cv, y, classifier=classifier).split(X, y, groups)
        splits = [tuple(pair) for pair in pairs]
    except TypeError as error:
        raise ValueError(f"cv must give pairs of arrays of rows: {error}; got {cv!r}") from error
    if not splits:
        raise ValueError(f"cv must give at least one split of the rows; got {cv!r}")
    return [_read_split(split, n_rows, i) for i, split in enumerate(splits)]


def _read_split(split: tuple, n_rows: int, i: int) -> tuple[NDArray, NDArray]:
    if len(split) != 2:
        raise ValueError(f"cv must give pairs of arrays of rows, to fit on and to hold out; split {i} has {len(split)}")
    train, test = (_read_rows(part, n_rows, i) for part in split)
    return train, test


def _read_rows(part: Any, n_rows: int, i: int) -> NDArray:
    """Indices of rows, or a mask of them, as indices that count from the first row."""
    try:
        rows = np.asarray(part)
    except ValueError:  # lists that differ in length
        rows = np.empty(0)
    if rows.dtype == bool and rows.shape == (n_rows,):
        rows = np.flatnonzero(rows)
    if rows.dtype.kind not in "iu" or rows.ndim != 1 or not rows.size:
        raise ValueError(f"cv must give pairs of arrays of rows, as integers or masks; in split {i} one is {part!r}")
    if not (rows.min() >= -n_rows and rows.max() < n_rows):
        raise ValueError(f"cv must give rows from 0 to {n_rows - 1}; split {i} has {rows.min()} to {rows.max()}")
    return rows.astype(np.intp, copy=False) % n_rows
