"""Differences of log gamma and digamma functions that keep their digits at large arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln

_LARGE = 16.0  # from here on the asymptotic series are good to rounding
# B_2k / (2k (2k - 1)) and B_2k / (2k): DLMF 5.11.1 and 5.11.2.
_LOG_GAMMA = np.array([1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156])
_DIGAMMA = np.array([1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12])


def log_rising(a: Any, x: Any) -> NDArray:
    """Logarithm of the rising factorial, log Gamma(a + x) - log Gamma(a).

    Parameters
    ----------
    a : float or ndarray
        Positive.
    x : float or ndarray
        Not negative.

    Returns
    -------
    ndarray
        The logarithms, without the cancellation of two log gamma functions of large arguments.
    """
    large = np.maximum(a, _LARGE)
    ratio = np.log1p(x / large)
    tails = _series(_LOG_GAMMA, large + x) - _series(_LOG_GAMMA, large)
    far = (large + x - 0.5) * ratio + x * (np.log(large) - 1) + tails
    return np.where(np.asarray(a) < _LARGE, gammaln(a + x) - gammaln(a), far)


def digamma_gap(a: Any, x: Any) -> NDArray:
    """Difference of digamma functions, psi(a + x) - psi(a): the derivative of `log_rising` in a.

    Parameters
    ----------
    a : float or ndarray
        Positive.
    x : float or ndarray
        Not negative.

    Returns
    -------
    ndarray
        The differences.
    """
    large = np.maximum(a, _LARGE)
    high = large + x
    tails = _series(_DIGAMMA, large) / large - _series(_DIGAMMA, high) / high
    far = np.log1p(x / large) + x / (2 * large * high) + tails
    return np.where(np.asarray(a) < _LARGE, digamma(a + x) - digamma(a), far)


def log_binomial(n: float, x: Any) -> NDArray:
    """Logarithm of the binomial coefficient; minus infinity outside 0, ..., n.

    Parameters
    ----------
    n : float
        Trials.
    x : float or ndarray
        Successes.

    Returns
    -------
    ndarray
        The logarithms.
    """
    few = np.minimum(x, n - np.asarray(x))
    few = np.where(few >= 0, few, -1.0)
    return np.where(few >= 0, log_rising(n - few + 1, few) - gammaln(few + 1), -np.inf)


def stirling_remainder(a: Any) -> NDArray:
    """What Stirling's formula leaves: log Gamma(a) - (a - 1/2) log a + a - log(2 pi) / 2 (DLMF 5.11.1).

    Parameters
    ----------
    a : float or ndarray
        Positive.

    Returns
    -------
    ndarray
        About 1 / (12 a) where a is large.
    """
    few = np.minimum(a, _LARGE)
    near = gammaln(few) - (few - 0.5) * np.log(few) + few - 0.5 * np.log(2 * np.pi)
    return np.where(np.asarray(a) < _LARGE, near, _series(_LOG_GAMMA, np.maximum(a, _LARGE)))


def deviance(gap: Any, mean: Any) -> NDArray:
    """Compute a log(a / mean) - a + mean at a = mean + gap, half of Poisson's deviance, to rounding where gap is small.

    Parameters
    ----------
    gap : float or ndarray
        At least -mean.
    mean : float or ndarray
        Positive.

    Returns
    -------
    ndarray
        Zero at a gap of zero, else positive.
    """
    t = np.maximum(gap / mean, -1.0)
    small = np.abs(t) < 0.1
    s = np.where(small, t, 0.0)
    # (1 + t) log(1 + t) - t = sum of (-t)^j / (j (j - 1)), j from 2 on
    series = np.zeros_like(s)
    for j in range(17, 1, -1):
        series = series * -s + 1 / (j * (j - 1))
    large = np.where(small, 1.0, t)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.where(large > -1, (1 + large) * np.log1p(large), 0.0) - large
    return mean * np.where(small, s * s * series, whole)


def _series(coefficients: NDArray, y: Any) -> Any:
    """Sum of c_k y^(1 - 2k)."""
    square = 1 / (y * y)
    total = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * square + c
    return total / y
