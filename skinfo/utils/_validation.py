"""Checks of numbers and weights, with messages that name the argument and the mend."""

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def as_numbers(values: Any, *, name: str) -> NDArray:
    """Return an array of float64, whatever its shape; nothing is dropped on the way.

    Parameters
    ----------
    values : array-like
        Real numbers.
    name : str
        What messages call them.

    Returns
    -------
    ndarray
        The same numbers, NaN and infinities included.

    Raises
    ------
    ValueError
        If they are something else, such as complex numbers or dates, or integers beyond what a float holds.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind in "cmM":
            raise TypeError(f"an array of {array.dtype}")
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be numbers; got {type(values).__name__}: {error}") from error


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
        If a weight is negative or not finite, all are zero, their sum overflows, or their number is wrong.
    """
    if sample_weight is None:
        return None
    weights = as_numbers(sample_weight, name=name)
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
    if weights.max(initial=0.0) > sys.float_info.max / max(1, n_rows):
        raise ValueError(f"{name} is up to {weights.max():g}, too large to be summed; divide it by a constant")
    if not weights.any():
        raise ValueError(f"{name} is zero in every row; at least one weight must be positive")
    return weights
