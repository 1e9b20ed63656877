"""Checks of labels, with messages that name the argument and the mend."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.utils._probabilities import check_probabilities


def check_soft_labels(y: Any, *, name: str) -> NDArray:
    """Return soft labels as an array; counts of the classes are refused with what to do about them.

    Parameters
    ----------
    y : array-like of shape (n, K)
        Each row a distribution over the classes.
    name : str
        What messages call it.

    Returns
    -------
    ndarray of shape (n, K)
        The same numbers.

    Raises
    ------
    ValueError
        If a row does not hold probabilities.
    """
    try:
        return check_probabilities(y, name=name)
    except ValueError:
        masses = np.asarray(y)
        if masses.dtype.kind not in "biuf" or not masses.size:
            raise
        with np.errstate(over="ignore", invalid="ignore"):
            sums = masses.sum(axis=1, dtype=np.float64)
        if not (masses.min() >= 0 and np.isfinite(sums).all()):
            raise
        at = int(np.argmax(np.abs(sums - 1.0)))
        raise ValueError(
            f"{name} must sum to one in each row, which is a distribution over the classes; row {at} sums to "
            f"{sums[at]:.9g}. Divide counts by their rows' sums, and pass the sums as sample_weight"
        ) from None


def refuse_lone_probabilities(y: NDArray, *, name: str) -> None:
    """Raise where labels are one probability a row, as a network with one output has them.

    Parameters
    ----------
    y : ndarray
        Labels.
    name : str
        What messages call it.

    Raises
    ------
    ValueError
        If they are numbers from 0 to 1 and some are neither.
    """
    if y.dtype.kind != "f" or not y.size or not (y.min() >= 0 and y.max() <= 1):
        return
    between = y[(y > 0) & (y < 1)]
    if between.size:
        raise ValueError(
            f"Unknown label type: {name} has probabilities, such as {between.flat[0]:g}, in one column. Soft labels "
            "have one for each class: where p is the second class's, pass np.column_stack([1 - p, p])"
        )
