"""Checks of probabilities, with messages that name the argument and the mend."""

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skinfo.utils._blocks import index_blocks

SUM_TOLERANCE = 1e-6  # of a sum: rounding of float32 entries, no more
_HALF = {"float16": 2.0**-10, "bfloat16": 2.0**-7}  # spacings at one of types with fewer digits
_ORDINARY = (np.dtype(np.float64), np.dtype(np.float32))
_ROUNDINGS = 8.0  # such spacings that a sum of their entries may be off, as those of float32 may
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
        If an entry is negative or not finite, or a sum differs from one by more than 1e-6 (entries of half precision:
        eight of their spacings at one).
    """
    array = as_probabilities(p, name=name)
    tolerance = half_tolerance(p) or SUM_TOLERANCE
    last = outcomes_last(array, name=name, axis=axis)
    for at in index_blocks(last.shape):
        block = last[at]
        if not are_probabilities(block.min(initial=0.0), outcome_sums(block), tolerance):
            refuse_probabilities(last, name=name, axis=axis, tolerance=tolerance)
    return array


def as_probabilities(p: ArrayLike, *, name: str, kind: str = "probabilities") -> NDArray:
    """Return an array of float32 or float64, whatever its values.

    Parameters
    ----------
    p : array-like
        Probabilities.
    name : str
        What messages call it.
    kind : str
        What they should be.

    Returns
    -------
    ndarray
        The same numbers.

    Raises
    ------
    ValueError
        If they are no numbers, or beyond the range of floats, or there is none.
    """
    try:
        array = np.asarray(_of_tensor(p))
        if array.dtype.kind in "cmM" or array.dtype.names:  # which NumPy would turn into numbers
            raise TypeError("no real numbers")
        if array.dtype not in _ORDINARY:
            array = array.astype(np.float64)
    except OverflowError as error:
        raise ValueError(f"{name} must be {kind}: it contains a number beyond the range of floats") from error
    except (TypeError, ValueError) as error:
        of = f" of {p.dtype}" if hasattr(p, "dtype") else ""
        raise ValueError(f"{name} must be an array of {kind}; got {type(p).__name__}{of}") from error
    if array.ndim == 0:
        raise ValueError(f"{name} must be an array of {kind}; its shape is ()")
    return array


def outcomes_last(array: NDArray, *, name: str, axis: Any) -> NDArray:
    """Move the axis of outcomes to the end, or several as one.

    Parameters
    ----------
    array : ndarray
        From `as_probabilities`.
    name : str
        What messages call it.
    axis : int or tuple of int
        The axes of outcomes.

    Returns
    -------
    ndarray of shape (..., K)
        A view where one axis is moved.

    Raises
    ------
    ValueError
        If there are no outcomes.
    TypeError
        If ``axis`` is something else.
    numpy.exceptions.AxisError
        If ``axis`` is none of the array's.
    """
    if type(axis) is int and axis in (-1, array.ndim - 1) and array.shape[-1]:
        return array
    several = isinstance(axis, tuple)
    axes = axis if several else (axis,)
    try:
        axes = tuple(map(operator.index, axes))
    except TypeError:
        raise TypeError(
            f"axis must be an integer or a tuple of integers, where the outcomes of {name} are; got {axis!r}. For all "
            f"entries as one vector pass axis={tuple(range(array.ndim))}"
        ) from None
    for number in axes:
        if not -array.ndim <= number < array.ndim:
            raise np.exceptions.AxisError(number, array.ndim, name)
    if len({number % array.ndim for number in axes}) < len(axes) or not axes:
        raise ValueError(f"axis must name axes once each, one at least; got {axis!r}")
    last = np.moveaxis(array, axes, range(-len(axes), 0))
    if several:
        last = last.reshape(*last.shape[: -len(axes)], math.prod(last.shape[-len(axes) :]))
    if last.shape[-1] == 0:
        raise ValueError(f"{name} must hold at least one probability; its shape is {array.shape}")
    return last


def _of_tensor(p: Any) -> Any:
    """Read a tensor of torch, whose gradients, devices and bfloat16 numpy knows nothing of."""
    if not (hasattr(p, "detach") and hasattr(p, "cpu")):
        return p
    p = p.detach().cpu()
    return p.float() if _type_name(p) == "bfloat16" else p


def _type_name(p: Any) -> str:
    dtype = getattr(p, "dtype", None)
    if dtype is None and hasattr(p, "__array__"):  # a frame
        dtype = np.asarray(p).dtype
    return str(dtype).rpartition(".")[2]


def half_tolerance(p: Any) -> float:
    """How far the sums of entries of half precision may be from one; 0 for any other type.

    Parameters
    ----------
    p : array-like
        As it was given, before any conversion.

    Returns
    -------
    float
        Positive for float16 and bfloat16 of numpy, a frame or torch.
    """
    ordinary = isinstance(p, list | tuple) or getattr(p, "dtype", None) in _ORDINARY
    return 0.0 if ordinary else _ROUNDINGS * _HALF.get(_type_name(p), 0.0)


def are_probabilities(lowest: float, sums: NDArray, tolerance: float = SUM_TOLERANCE) -> bool:
    """Whether entries are not negative and the sums over outcomes one.

    Parameters
    ----------
    lowest : float
        The least entry.
    sums : ndarray of shape (...)
        Their `outcome_sums`.
    tolerance : float
        Of the sums, as `half_tolerance` says.

    Returns
    -------
    bool
        False for NaN too.
    """
    return bool(lowest >= 0 and np.abs(sums - 1.0).max(initial=0.0) <= tolerance)


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


def refuse_probabilities(
    array: NDArray,
    *,
    name: str,
    axis: Any = -1,
    tolerance: float = SUM_TOLERANCE,
    mend: str = "Divide by the sums if these are unnormalised masses",
) -> None:
    """Raise the error of an array that does not hold probabilities; do nothing if it does.

    Parameters
    ----------
    array : ndarray of shape (..., K)
        From `as_probabilities`, with outcomes last.
    name : str
        What messages call it.
    axis : int or tuple of int
        What messages call the axis of outcomes.
    tolerance : float
        Of the sums, as `half_tolerance` says.
    mend : str
        What to do about sums that are not one.

    Raises
    ------
    ValueError
        With the lowest entry, or the sum that is farthest from one.
    """
    refuse_negative(array, name=name)
    with np.errstate(over="ignore"):
        sums = array.sum(axis=-1, dtype=np.float64)
    gap = np.abs(sums - 1.0)
    if not gap.max(initial=0.0) <= tolerance:
        raise ValueError(
            f"{name} must sum to one along axis {axis}: one sum is {sums.flat[int(np.argmax(gap))]:.9g}. {mend}"
        )


def refuse_negative(array: NDArray, *, name: str, kind: str = "probabilities") -> None:
    """Raise the error of an array with entries that are negative or NaN.

    Parameters
    ----------
    array : ndarray
        Entries.
    name : str
        What messages call it.
    kind : str
        What they should be.

    Raises
    ------
    ValueError
        With the lowest entry.
    """
    lowest = array.min(initial=0.0)
    if not lowest >= 0:
        value = "NaN" if np.isnan(lowest) else f"{lowest:g}"
        where = "in [0, 1]" if kind == "probabilities" else "0 or more"
        raise ValueError(f"{name} must be {kind}: it contains {value}, which is not {where}")
