"""Elementary functions of many values, to rounding, fast and without overflow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from skinfo.measures import Exp

_UNIT = 2.0**-500


def length(z: NDArray) -> NDArray:
    """Compute sqrt(1 + z^2), several times as fast as ``np.hypot``: in units whose squares do not overflow.

    Parameters
    ----------
    z : ndarray
        Values.

    Returns
    -------
    ndarray
        To rounding.
    """
    found = z * _UNIT
    found *= found
    found += _UNIT**2
    np.sqrt(found, out=found)
    found /= _UNIT
    return found


def softplus(u: NDArray) -> NDArray:
    """Logarithm of 1 + exp(u).

    Parameters
    ----------
    u : ndarray
        Any values.

    Returns
    -------
    ndarray
        To rounding.
    """
    out = -np.abs(u)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    out += np.maximum(u, 0.0)
    return out


def exponential(u: float) -> float:
    """Exponential, infinite where it overflows.

    Parameters
    ----------
    u : float
        Any.

    Returns
    -------
    float
        To rounding.
    """
    return math.exp(u) if u < 709 else math.inf


def exponential_of_heavy_tail(statistic: Exp) -> float | None:
    """Mean of exp(rate z) under a law whose upper tail falls more slowly than any exponential.

    Parameters
    ----------
    statistic : Exp
        The exponential.

    Returns
    -------
    float or None
        Infinite for a positive rate, otherwise not known in closed form.
    """
    return math.inf if statistic.rate > 0 else None
