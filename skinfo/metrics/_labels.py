"""Labels: what is distinct among them, and where each is among the classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skinfo.utils import refuse_lone_probabilities

# Integers in a range no wider than this are counted and looked up, not sorted and searched for.
_COUNTABLE = 1 << 16


def as_labels(labels: Any) -> NDArray:
    """Labels as an array, of Python objects unless they are numbers."""
    array = np.asarray(labels)
    if array.dtype.kind in "biuf":
        return array
    return np.asarray(labels, dtype=object)


def distinct_labels(y: ArrayLike) -> list:
    """Sorted distinct labels, none of which is missing."""
    array = as_labels(y)
    refuse_lone_probabilities(array, name="y_true")
    low = _lowest(array)
    if low is not None:
        return (np.flatnonzero(np.bincount(_above(array.ravel(), low) if low else array.ravel())) + low).tolist()
    try:
        names = sorted(set(array.tolist())) if array.dtype == object else np.unique(array).tolist()
        missing = any(name != name for name in names)
    except TypeError as error:
        raise ValueError("y_true has missing labels, or labels of types that do not sort; pass labels=") from error
    if missing:
        raise ValueError("y_true contains NaN; drop the rows without a label")
    return names


def label_codes(y: NDArray, classes: NDArray, *, what: str = "labels") -> NDArray:
    """Where each label is among the classes, both from `as_labels`."""
    low = _lowest(y, classes)
    if low is not None:
        if low == 0 and np.array_equal(classes, np.arange(int(y.max()) + 1)):
            return y.astype(np.intp, copy=False)  # labels that are their own codes
        places = np.full(int(max(y.max(), classes.max())) - low + 1, -1)
        places[_above(classes, low)] = np.arange(len(classes))
        codes = places[_above(y, low)]
        unknown = y[codes < 0]
    elif y.dtype.kind in "biuf" and classes.dtype.kind in "biuf":
        order = np.argsort(classes)
        codes = order[np.minimum(np.searchsorted(classes, y, sorter=order), len(classes) - 1)]
        unknown = y[classes[codes] != y]
    else:
        table = {label: code for code, label in enumerate(classes.tolist())}
        codes = np.array([table.get(label, -1) for label in y.tolist()], dtype=np.intp)
        unknown = y[codes < 0]
    if unknown.size:
        refuse_lone_probabilities(unknown, name="y_true")
        names = list(dict.fromkeys(unknown.tolist()))
        shown = ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")
        raise ValueError(
            f"y_true has {what} that are not among the labels {classes.tolist()}: {shown}. Pass labels= with "
            "every class, in the order of the columns of y_proba"
        )
    return codes


def _lowest(*arrays: NDArray) -> int | None:
    """Find the least of arrays of integers; None where they have other numbers, or few in a wide range."""
    if any(array.dtype.kind not in "iu" or not array.size or not np.can_cast(array.dtype, np.intp) for array in arrays):
        return None
    low, high = min(int(array.min()) for array in arrays), max(int(array.max()) for array in arrays)
    return low if high - low < min(_COUNTABLE, max(array.size for array in arrays)) else None


def _above(array: NDArray, low: int) -> NDArray:
    return np.subtract(array, low, dtype=np.intp)
