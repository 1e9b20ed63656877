"""Functions of the gamma function that cancel at large arguments if put together from SciPy's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaln, poch, zeta

LARGE = 1e3  # from here on sums of log gamma functions and logarithms have lost three digits and more
_LARGE = 15.0  # from here on the asymptotic series are good to rounding
# B_2k / (2k (2k - 1)) and B_2k / (2k): DLMF 5.11.1 and 5.11.2.
_LOG_GAMMA = np.array([1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156])
_DIGAMMA = np.array([1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12])
_TRIGAMMA = np.array([1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6])  # B_2k: DLMF 5.15.8


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


def stirling_slope(a: Any) -> NDArray:
    """Derivative of `stirling_remainder`: psi(a) - log a + 1 / (2 a).

    Parameters
    ----------
    a : float or ndarray
        Positive.

    Returns
    -------
    ndarray
        About -1 / (12 a^2) where a is large.
    """
    few, many = np.minimum(a, _LARGE), np.maximum(a, _LARGE)
    near = digamma(few) - np.log(few) + 0.5 / few
    return np.where(np.asarray(a) < _LARGE, near, -_series(_DIGAMMA, many) / many)


def log_power_over_gamma(a: float) -> float:
    """Compute log(a^a / Gamma(a)), about a: ten or twenty times smaller than the two terms where those are large.

    Parameters
    ----------
    a : float
        Positive.

    Returns
    -------
    float
        To rounding.
    """
    if a < _LARGE:
        return a * math.log(a) - math.lgamma(a)
    return a + 0.5 * math.log(a / (2 * math.pi)) - float(stirling_remainder(a))


def log_minus_digamma(a: float) -> float:
    """Compute log(a) - psi(a), about 1 / (2 a) (DLMF 5.11.2).

    Parameters
    ----------
    a : float
        Positive.

    Returns
    -------
    float
        To rounding, however large a is.
    """
    if a < _LARGE:
        return math.log(a) - float(digamma(a))
    return 0.5 / a + float(_series(_DIGAMMA, a)) / a


def trigamma_excess(a: Any) -> NDArray:
    """Compute psi'(a) - 1 / a, about 1 / (2 a^2) where a is large.

    Parameters
    ----------
    a : float or ndarray
        Positive.

    Returns
    -------
    ndarray
        To 1e-14 or better, and positive.
    """
    a = np.asarray(a, dtype=np.float64)
    if (low := a < _LARGE).all():
        return zeta(2.0, a) - 1 / a
    large = np.maximum(a, _LARGE)
    inverse = 1 / large
    far = (0.5 + _series(_TRIGAMMA, large)) * inverse * inverse
    return np.where(low, zeta(2.0, a) - 1 / a, far) if low.any() else far


def digamma_rise(a: float, x: float) -> float:
    """Compute psi(a + x) - psi(a), of any size.

    Parameters
    ----------
    a, x : float
        Positive.

    Returns
    -------
    float
        To 1e-12 or better where x is 1e-3 or more.
    """
    total = 0.0
    while a < _LARGE:  # the recurrence adds up positive terms, where digamma functions cancel
        total += x / (a * (a + x))
        a += 1
    return total + float(digamma_gap(a, x))


def log_beta(a: float, b: float) -> float:
    """Logarithm of the beta function; SciPy's loses digits where the larger argument is 1e6 or more.

    Parameters
    ----------
    a, b : float
        Positive.

    Returns
    -------
    float
        To rounding.
    """
    a, b = min(a, b), max(a, b)
    if b < _LARGE:
        return float(betaln(a, b))
    if a < _LARGE:
        return math.lgamma(a) - float(log_rising(b, a))
    remainder = stirling_remainder(a) + stirling_remainder(b) - stirling_remainder(a + b)
    return 0.5 * math.log(2 * math.pi / b) - (a - 0.5) * math.log1p(b / a) - b * math.log1p(a / b) + remainder


def gamma_entropy(a: float) -> float:
    """Entropy of the gamma law of shape a, a + log Gamma(a) + (1 - a) psi(a), by Stirling's formula.

    Parameters
    ----------
    a : float
        Positive.

    Returns
    -------
    float
        In nats, to rounding.
    """
    return 0.5 * math.log(2 * math.pi * a) + float(stirling_remainder(a)) + (a - 1) * log_minus_digamma(a)


def dirichlet_entropy(alpha: Any) -> float:
    """Entropy of the Dirichlet law, by Stirling's formula; that of a beta law, for two shapes.

    Parameters
    ----------
    alpha : array-like of shape (p,)
        Positive.

    Returns
    -------
    float
        In nats, to rounding.
    """
    alpha = np.asarray(alpha, dtype=np.float64)
    total, p = math.fsum(alpha), len(alpha)
    parts = stirling_remainder(alpha) + 0.5 * np.log(2 * math.pi * alpha)
    rest = float(stirling_remainder(total)) + 0.5 * math.log(2 * math.pi * total) + (p - 1) * math.log(total)
    pulls = [(a - 1) * log_minus_digamma(a) for a in alpha.tolist()] + [(p - total) * log_minus_digamma(total)]
    return math.fsum([*parts, -rest, *pulls])


def log_gamma_density(w: NDArray, a: float) -> NDArray:
    """Log density of the gamma law of a large shape, as its deviance from the mode.

    Parameters
    ----------
    w : ndarray
        Not negative.
    a : float
        Shape.

    Returns
    -------
    ndarray
        Minus infinity at 0 and infinity.
    """
    height = 0.5 * math.log(a / (2 * math.pi)) - float(stirling_remainder(a))
    with np.errstate(divide="ignore", invalid="ignore"):
        values = height - deviance(a - w, w) - np.log(w)
    return np.where((w > 0) & (w < np.inf), values, -np.inf)


def gamma_ratio(a: float, k: float) -> float:
    """Compute Gamma(a + k) / Gamma(a), the moment of order k of the gamma law.

    Parameters
    ----------
    a : float
        Positive.
    k : float
        Order; the moment is infinite where a + k is not positive.

    Returns
    -------
    float
        To rounding, where SciPy's ``poch`` holds 11 digits for a about 1e4.
    """
    if a + k <= 0:
        return math.inf
    if min(a, a + k) < _LARGE or k == round(k):
        return float(poch(a, k))
    change = (a + k - 0.5) * math.log1p(k / a) - k
    return a**k * math.exp(change + stirling_remainder(a + k) - stirling_remainder(a))


def gamma_ratios(*factors: tuple[float, float, int]) -> float:
    """Product of powers 1 or -1 of `gamma_ratio`, also where one of them is beyond the range of floats.

    Parameters
    ----------
    *factors : tuple of (float, float, int)
        The argument, the order, larger than minus the argument, and the power.

    Returns
    -------
    float
        Infinite where it overflows.
    """
    ratios = [gamma_ratio(a, k) for a, k, _ in factors]
    if all(1e-300 < ratio < 1e300 for ratio in ratios):
        return math.prod(ratio**power for ratio, (_, _, power) in zip(ratios, factors))
    log = math.fsum(power * _log_gamma_ratio(a, k) for a, k, power in factors)
    return math.exp(log) if log < 709 else math.inf


def _log_gamma_ratio(a: float, k: float) -> float:
    if min(a, a + k) < _LARGE:
        return math.lgamma(a + k) - math.lgamma(a)
    change = (a + k - 0.5) * math.log1p(k / a) - k
    return k * math.log(a) + change + float(stirling_remainder(a + k) - stirling_remainder(a))


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
    # log(1 + t) = 2 (y + y^3 / 3 + ...), y = t / (2 + t)
    y = np.where(small, t, 0.0)
    y = y / (2 + y)
    square = y * y
    series = np.zeros_like(y)
    for j in range(15, 1, -2):
        series = series * square + 1 / j
    near = 2 * square * (1 + (1 + y) * y * series) / (1 - y)
    large = np.where(small, 1.0, t)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(large > -1, (1 + large) * np.log1p(large), 0.0) - large
    return mean * np.where(small, near, far)


def factorial_rest(k: Any) -> NDArray:
    """What Stirling's formula k log(k) - k leaves of log k!.

    Parameters
    ----------
    k : float or ndarray
        Not negative.

    Returns
    -------
    ndarray
        About log(2 pi k) / 2 where k is large, and 0 at 0.
    """
    some = np.maximum(k, 0.5)
    return np.where(np.asarray(k) > 0, 0.5 * np.log(2 * np.pi * some) + stirling_remainder(some), 0.0)


def _series(coefficients: NDArray, y: Any) -> Any:
    """Sum of c_k y^(1 - 2k)."""
    inverse = 1 / y
    square = inverse * inverse
    total = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * square + c
    return total * inverse
