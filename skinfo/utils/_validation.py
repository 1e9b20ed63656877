"""Checks of weights and probabilities, with messages that name the argument and the mend."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skinfo.utils._blocks import row_blocks

# How far a probability vector's sum may be from one: rounding of float32 entries, no more.
_SUM_TOLERANCE = 1e-6


def check_weights(sample_weight: ArrayLike | None, n_rows: int, *, name: str = "sample_weight") -> NDArray | None:
    """Return weights as a float64 array of shape (n_rows,), or None where there are none.

    Parameters
    ----------
    sample_weight : array-like of shape (n_rows,), number or None
        Non-negative, finite, not all zero. A number stands for that weight in every row.
    n_rows : int
        The length asked for.
    name : str, default="sample_weight"
        What messages call it.

    Returns
    -------
    ndarray of shape (n_rows,) or None
        The weights.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, all are zero, or their number is wrong.
    """
    if sample_weight is None:
        return None
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers, one for each row; got {sample_weight!r}") from error
    if weights.ndim == 0:
        weights = np.full(n_rows, float(weights))
    if weights.ndim != 1:
        raise ValueError(
            f"Sample weights must be 1D array or scalar: {name} has shape {weights.shape}; pass one per row"
        )
    if weights.shape[0] != n_rows:
        raise ValueError(f"{name}.shape == {weights.shape}, expected {(n_rows,)}: pass one weight for each row of X")
    if not np.isfinite(weights).all():
        raise ValueError(f"{name} contains NaN or infinity; replace those weights by finite numbers")
    if weights.min(initial=0.0) < 0:
        at = int(np.argmin(weights))
        raise ValueError(f"{name} must not be negative; {name}[{at}] is {weights[at]:g}")
    if not weights.any():
        raise ValueError(f"{name} is zero in every row; at least one weight must be positive")
    return weights


def check_probabilities(p: ArrayLike, *, name: str, axis: int = -1) -> NDArray:
    """Return an array whose entries along an axis are probabilities: not negative, summing to one.

    Parameters
    ----------
    p : array-like
        Probabilities; float32 and float64 are kept as they are, other types become float64.
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
    # Reductions first: the place of a bad entry is looked for only where there is one.
    sums = _sums(np.moveaxis(array, axis, -1))
    lowest = array.min(initial=0.0)
    if not lowest >= 0:
        value = "NaN" if np.isnan(lowest) else f"{lowest:g}"
        raise ValueError(f"{name} must be probabilities: it contains {value}, which is not in [0, 1]")
    gap = np.abs(sums - 1.0)
    if not gap.max(initial=0.0) <= _SUM_TOLERANCE:
        worst = sums.flat[int(np.argmax(np.where(np.isnan(gap), math.inf, gap)))]
        raise ValueError(
            f"{name} must sum to one along axis {axis}: one sum is {worst:.9g}. Divide by the sums if these "
            "are unnormalised masses"
        )
    return array


def _sums(array: NDArray) -> NDArray:
    """Sum over the last axis in float64; for a tall array, in blocks and by matrix product."""
    if array.ndim != 2:
        return array.sum(axis=-1, dtype=np.float64)
    sums = np.empty(array.shape[0])
    ones = np.ones(array.shape[1])
    for rows in row_blocks(array.shape[0], array.shape[1]):
        np.matmul(array[rows], ones, out=sums[rows])
    return sums
