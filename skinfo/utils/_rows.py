"""Checks of rows, with messages that name the column, count what is wrong there, and say what to do."""

from __future__ import annotations

import datetime
import numbers
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import validate_data

from skinfo.utils._blocks import row_blocks

# Columns that a message names at most.
_NAMED = 5
_NAN, _INFINITY, _STRINGS, _DATES = "NaN", "infinity", "strings", "dates or times"
_MENDS = {
    _STRINGS: "encode them as numbers, as sklearn.preprocessing.OneHotEncoder does",
    _DATES: "turn them into numbers, such as days since a date",
    _NAN: "impute them or leave those rows out, as sklearn.impute.SimpleImputer or DataFrame.dropna do",
    _INFINITY: "replace them by finite numbers or leave those rows out",
}


def validate_rows(estimator: Any, X: Any, *args: Any, **options: Any) -> Any:
    """Validate as scikit-learn's ``validate_data``; say which columns of X are not finite numbers.

    Parameters
    ----------
    estimator : estimator
        Whose data they are.
    X : {array-like, sparse matrix} of shape (n, p)
        Rows.
    *args, **options
        As for ``validate_data``.

    Returns
    -------
    ndarray, sparse matrix or tuple
        As from ``validate_data``.

    Raises
    ------
    ValueError
        If X has something else than finite numbers: the columns, and how many in each. Else as ``validate_data``.
    TypeError
        If X has objects that are no numbers.
    """
    _refuse_dates(X)
    if hasattr(X, "columns") and not len(X.columns):
        X = np.empty((len(X), 0))
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # of the sum that is to show what is not finite
            return validate_data(estimator, X, *args, **options)
    except (OverflowError, TypeError, ValueError):
        for kind, columns in _found(X).items():
            if columns:
                _refuse(X, kind, columns)
        _refuse_no_numbers(X)
        raise


def _refuse_no_numbers(X: Any) -> None:
    """Raise where rows are something that does not turn into numbers, in NumPy's words of what it is."""
    try:
        array = np.asarray(X)
        if array.dtype.kind in "OUSV" and not sparse.issparse(X):
            array.astype(np.float64)
    except TypeError as error:
        raise TypeError(f"X must be rows of numbers; {error}") from None
    except (OverflowError, ValueError) as error:
        raise ValueError(f"X must be rows of numbers; {error}") from None


def _refuse_dates(X: Any) -> None:
    """Raise where NumPy would take dates for numbers."""
    if hasattr(X, "columns"):
        dtypes = list(getattr(X, "dtypes", ()))
        dates = {dtype for dtype in set(dtypes) if str(dtype).lower().startswith(("date", "time", "duration"))}
        dated = [j for j, dtype in enumerate(dtypes) if dtype in dates] if dates else []
    else:
        is_dated = isinstance(X, np.ndarray) and X.dtype.kind in "mM" and X.ndim == 2
        dated = list(range(X.shape[1])) if is_dated else []
    if dated:
        _refuse(X, _DATES, Counter(dict.fromkeys(dated, len(X))))


def _refuse(X: Any, kind: str, columns: Counter) -> None:
    """Raise for something in some columns."""
    names = dict(enumerate(getattr(X, "columns", ())))
    named = {j: names[j] if isinstance(names.get(j), str) else j for j in columns}
    places = [f"{columns[j]} in column {named[j]!r}" for j in sorted(columns)[:_NAMED]]
    more = f" and more in {len(columns) - _NAMED} other columns" if len(columns) > _NAMED else ""
    raise ValueError(f"Input X contains {kind}: {', '.join(places)}{more}; {_MENDS[kind]}") from None


def _found(X: Any) -> dict[str, Counter]:
    """Count what is not a finite number, by kind and column."""
    found: dict[str, Counter] = {kind: Counter() for kind in _MENDS}
    if sparse.issparse(X):
        entries = X.tocoo()
        _count_numbers(found, entries.data, entries.col)
        return found
    try:
        array = X if isinstance(X, np.ndarray) else np.asarray(X)
    except (TypeError, ValueError):
        return found
    if array.ndim != 2:
        return found
    if array.dtype.kind in "fc":
        for rows in row_blocks(*array.shape):
            block = array[rows]
            _count_numbers(found, block, np.broadcast_to(np.arange(block.shape[1]), block.shape))
    elif array.dtype.kind in "OUS":
        for j in range(array.shape[1]):
            for kind, count in Counter(map(_kind, array[:, j].tolist())).items():
                if kind:
                    found[kind][j] = count
    return found


def _count_numbers(found: dict[str, Counter], values: NDArray, columns: NDArray) -> None:
    """Add what is wrong with numbers that are in these columns."""
    for kind, is_wrong in ((_NAN, np.isnan), (_INFINITY, np.isinf)):
        places, counts = np.unique(columns[is_wrong(values)], return_counts=True)
        found[kind].update(dict(zip(places.tolist(), counts.tolist())))


def _kind(value: Any) -> str | None:
    """Return what an entry is that is no finite number; None of those that it can't tell."""
    if isinstance(value, str | bytes):
        try:
            value = float(value)
        except ValueError:
            return _STRINGS
    if isinstance(value, numbers.Real):
        return _NAN if value != value else _INFINITY if value in (np.inf, -np.inf) else None
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return _NAN
    is_time = isinstance(value, datetime.date | datetime.time | datetime.timedelta | np.datetime64 | np.timedelta64)
    return _DATES if is_time else None
