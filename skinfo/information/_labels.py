"""Labels of frames and series: what says which outcome is which, and which column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_NAMED = 5  # labels that a message lists


def aligned(p: Any, q: Any, axis: Any = -1) -> tuple[Any, Any]:
    """Bring the second of two arrays of probabilities into the order of the first one's labels.

    Parameters
    ----------
    p, q : array-like
        Series and frames have labels, by duck type: pandas on both axes, polars of the columns. Others have none.
    axis : int or tuple of int
        The axis of outcomes.

    Returns
    -------
    tuple of array-like
        The two, as they were where both have the labels in one order or only one has any.

    Raises
    ------
    ValueError
        If both have labels and these are not the same ones.
    """
    own, others = _labels(p), _labels(q)
    if not (own and others):
        return p, q
    if axis == 0:  # outcomes last, as the axes are counted from there
        own, others = own[::-1], others[::-1]
    for place in range(1, min(len(own), len(others)) + 1):
        left, right = own[-place], others[-place]
        if left is None or right is None:
            continue
        order = _order(left, right)
        if order is not None:
            q = np.take(np.asarray(q), order, axis=place - 1 if axis == 0 else -place)
    return p, q


def order_of_columns(p: Any, q: Any) -> NDArray | None:
    """Where the columns of one estimator are among those of another, by the names that they were fitted with.

    Parameters
    ----------
    p, q : object
        Estimators, or anything else, whose columns have no names.

    Returns
    -------
    ndarray of int or None
        None where one has no names, or they are in one order.

    Raises
    ------
    ValueError
        If both have names and these are not the same ones.
    """
    own, others = getattr(p, "feature_names_in_", None), getattr(q, "feature_names_in_", None)
    return None if own is None or others is None else _order(list(own), list(others), "columns")


def _labels(p: Any) -> list[Any]:
    """Labels along each axis, None for one that has none; of an array no axes at all."""
    if not hasattr(p, "__array__"):
        return []
    index = getattr(p, "index", None)
    index = None if callable(index) else index
    if hasattr(p, "columns"):
        return [index, p.columns]
    return [] if index is None else [index]


def _order(own: Any, others: Any, kind: str = "labels") -> NDArray | None:
    """Where one's labels are among another's, None where they are in one order."""
    if own.equals(others) if hasattr(own, "equals") else list(own) == list(others):
        return None
    where = {_key(label): i for i, label in enumerate(others)}
    order = [where.get(_key(label), -1) for label in own]
    if -1 in order or len(own) != len(others):
        present = {_key(label) for label in own}
        only = [[label for label, at in zip(own, order) if at < 0], [x for x in others if _key(x) not in present]]
        lacks = [f"{name} alone has {_listed(some)}" for name, some in zip("pq", only) if some]
        raise ValueError(
            f"the {kind} of p and q differ: {' and '.join(lacks) or 'some repeat'}. "
            + ("Compare the same columns" if kind == "columns" else _MEND)
        )
    if len(set(order)) < len(order) or len(where) < len(others):
        raise ValueError(f"the {kind} of p and q repeat, and are not in one order: {_listed(list(own))}. {_MEND}")
    return np.array(order)


_MEND = "Reindex both to all labels, with 0 for those that one lacks, or pass arrays, which are compared by position"


def _key(label: Any) -> Any:
    """Label that equals itself: a missing one is written nan, NA or NaT."""
    return label if _equal(label, label) else str(label)


def _equal(a: Any, b: Any) -> bool:
    """Whether two labels are one; False for those of which nothing is known, as pandas' NA."""
    try:
        return bool(a == b)
    except TypeError:
        return False


def _listed(labels: list[Any]) -> str:
    more = len(labels) - _NAMED
    return ", ".join(map(repr, labels[:_NAMED])) + (f" and {more} more" if more > 0 else "")
