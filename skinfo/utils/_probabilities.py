"""Checks of probabilities, with messages that name the argument and the mend."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skinfo.utils._blocks import index_blocks

# How far a probability vector's sum may be from one: rounding of float32 entries, no more.
_SUM_TOLERANCE = 1e-6
_SHORT = 256  # outcomes up to which a matrix product adds rows faster than numpy's reduction does


def check_probabilities(p: ArrayLike, *, name: str, axis: int = -1) -> NDArray:
    """Return an array whose entries along an axis are probabilities: not negative, summing to one.

    Parameters
    ----------
    p : array-like
        Probabilities; numbers are kept as they are, other types become float64.
    name : str
        What messages call it.
    axis : int, default=-1
        The axis along which the entries sum to one.

    Returns
    -------
    ndarray
        The same numbers, not renormalised.

    Raises
    ------
    ValueError
        If an entry is negative or not finite, or a sum differs from one by more than 1e-6.
    """
    array = as_probabilities(p, name=name, axis=axis)
    last = np.moveaxis(array, axis, -1)
    for at in index_blocks(last.shape):
        block = last[at]
        if not are_probabilities(block, outcome_sums(block)):
            refuse_probabilities(array, name=name, axis=axis)
    return array


def as_probabilities(p: ArrayLike, *, name: str, axis: int = -1) -> NDArray:
    """Return an array of float32 or float64 with outcomes along an axis, whatever its values.

    Parameters
    ----------
    p : array-like
        Probabilities.
    name : str
        What messages call it.
    axis : int, default=-1
        The axis of outcomes.

    Returns
    -------
    ndarray
        The same numbers.

    Raises
    ------
    ValueError
        If they are no numbers, or there are no outcomes.
    """
    try:
        array = np.asarray(p)
        if array.dtype.kind == "c":
            raise TypeError("complex numbers")
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of probabilities; got {type(p).__name__}") from error
    if array.ndim == 0 or array.shape[axis] == 0:
        raise ValueError(f"{name} must hold at least one probability; its shape is {array.shape}")
    return array


def are_probabilities(block: NDArray, sums: NDArray) -> bool:
    """Whether entries are not negative and the sums over outcomes one.

    Parameters
    ----------
    block : ndarray of shape (..., K)
        Entries.
    sums : ndarray of shape (...)
        Their `outcome_sums`.

    Returns
    -------
    bool
        False for NaN too.
    """
    return bool(block.min(initial=0.0) >= 0 and np.abs(sums - 1.0).max(initial=0.0) <= _SUM_TOLERANCE)


def outcome_sums(block: NDArray) -> NDArray:
    """Sum over the last axis in float64.

    Parameters
    ----------
    block : ndarray of shape (..., K)
        What fits in cache.

    Returns
    -------
    ndarray of shape (...)
        The sums; NaN, silently, where infinities cancel.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        if block.shape[-1] <= _SHORT:
            return np.matmul(block, np.ones(block.shape[-1]))
        return block.sum(axis=-1, dtype=np.float64)


def refuse_probabilities(array: NDArray, *, name: str, axis: int = -1) -> None:
    """Raise the error of an array that does not hold probabilities; do nothing if it does.

    Parameters
    ----------
    array : ndarray
        From `as_probabilities`.
    name : str
        What messages call it.
    axis : int, default=-1
        The axis of outcomes.

    Raises
    ------
    ValueError
        With the lowest entry, or the sum that is farthest from one.
    """
    lowest = array.min(initial=0.0)
    if not lowest >= 0:
        value = "NaN" if np.isnan(lowest) else f"{lowest:g}"
        raise ValueError(f"{name} must be probabilities: it contains {value}, which is not in [0, 1]")
    with np.errstate(over="ignore"):
        sums = array.sum(axis=axis, dtype=np.float64)
    gap = np.abs(sums - 1.0)
    if not gap.max(initial=0.0) <= _SUM_TOLERANCE:
        raise ValueError(
            f"{name} must sum to one along axis {axis}: one sum is {sums.flat[int(np.argmax(gap))]:.9g}. Divide by the "
            "sums if these are unnormalised masses"
        )
