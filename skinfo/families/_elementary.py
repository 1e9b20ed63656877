"""Elementary functions of many values, to rounding, fast and without overflow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from skinfo.measures import Exp

_UNIT = 2.0**-500
_NEAR_ONE = 0.3
_ODD = 1 / np.arange(3.0, 27.0, 2.0)  # of the series of arctanh(s) after its first term


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


def log1p_rest(t: NDArray) -> NDArray:
    """Compute (t - log(1 + t)) / t^2, which is 1/2 at 0, without cancellation.

    Parameters
    ----------
    t : ndarray
        From -1 on.

    Returns
    -------
    ndarray
        To rounding.
    """
    near, s, far = _parted(t)
    rest = s * np.polynomial.polynomial.polyval(s * s, _ODD)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(near, (1 - s) / 2 * (1 - (1 - s) * rest), (far - np.log1p(far)) / far**2)


def log1p_rest_slope(t: NDArray) -> NDArray:
    """Derivative of `log1p_rest`, -1/3 at 0.

    Parameters
    ----------
    t : ndarray
        From -1 on.

    Returns
    -------
    ndarray
        To rounding.
    """
    near, s, far = _parted(t)
    square = s * s
    rest = s * np.polynomial.polynomial.polyval(square, _ODD)
    slope = np.polynomial.polynomial.polyval(square, _ODD * np.arange(1.0, 2 * len(_ODD), 2.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        direct = (1 / (1 + far) - 2 * log1p_rest(far)) / far
    return np.where(near, (1 - s) ** 2 / 2 * (-0.5 + (1 - s) * rest - (1 - s) ** 2 / 2 * slope), direct)


def _parted(t: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Where t is near 0, there s = t / (2 + t), with log(1 + t) = 2 arctanh(s), and elsewhere t."""
    near = np.abs(t) < _NEAR_ONE
    s = np.where(near, t, 0.0)
    return near, s / (2 + s), np.where(near, 1.0, t)


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
