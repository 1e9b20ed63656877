"""Functions of the gamma function that cancel at large arguments if put together from SciPy's."""

from __future__ import annotations

import math

from scipy.special import betaln, digamma, poch

from skinfo.utils._gamma import digamma_gap, log_rising

_LARGE = 15.0  # from here on the asymptotic series below have all digits


def stirling_remainder(a: float) -> float:
    """What Stirling's formula leaves: log Gamma(a) - (a - 1/2) log a + a - log(2 pi)/2, of a large a (DLMF 5.11.1).

    Parameters
    ----------
    a : float
        15 or more.

    Returns
    -------
    float
        About 1 / (12 a).
    """
    t = 1 / a**2
    return (1 / 12 - t * (1 / 360 - t * (1 / 1260 - t * (1 / 1680 - t * (1 / 1188 - t * 691 / 360360))))) / a


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
    return a + 0.5 * math.log(a / (2 * math.pi)) - stirling_remainder(a)


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
    t = 1 / a**2
    return 0.5 / a + t * (1 / 12 - t * (1 / 120 - t * (1 / 252 - t * (1 / 240 - t * (1 / 132 - t * 691 / 32760)))))


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
    while a < _LARGE + 1:  # the recurrence adds up positive terms, where digamma functions cancel
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
