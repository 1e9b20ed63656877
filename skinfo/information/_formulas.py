"""Entropies and divergences over the last axis of blocks of masses, in nats, for `reduce_rows`.

Each has no cancellation between terms: none of a divergence's is negative. Within a term, what cancels where p is close
to q comes from a series in x = (p - q) / (p + q).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from skinfo.information._rows import Masses
from skinfo.utils import outcome_sums

_TINY = 5e-324  # the least positive number: in its place 0 and NaN have a logarithm, and 0 log 0 is 0
_CERTAIN = 2.0**-7  # of the masses: a divergence from there on is good to 1e-13 without the care of small ones
_NEAR = 2.0**-6  # of x: up to there by series
_MODERATE = 8.0  # power of a ratio, of which rounding has little effect
_LEAST, _MOST = 1e-290, 1e290  # of a ratio, outside which it has not all its digits
# Of (1 + x) log(1 + x) + (1 - x) log(1 - x), over x^2.
_JS_SERIES = 1.0 / (np.arange(2.0, 10.0, 2.0) * np.arange(1.0, 9.0, 2.0)) * 2


def entropy(p: Masses) -> NDArray:
    """H(p)."""
    terms = np.fmax(p.p, _TINY)
    np.log(terms, out=terms)
    terms *= p.p
    return 0.0 - outcome_sums(terms)


def cross_entropy(p: Masses, q: Masses) -> NDArray:
    """H(p, q)."""
    terms = np.log(q.p)
    terms *= p.p
    sums = np.asarray(0.0 - outcome_sums(terms))
    # where q is 0
    return _improved(sums, ~np.isfinite(sums), lambda a, b: 0.0 - xlogy(a, b), p, q)


def kl_divergence(p: Masses, q: Masses) -> NDArray:
    """Sum of p log(p / q) - p + q."""
    terms = _plain_log_ratio(p.p, q.p)
    terms *= p.p
    sums = np.asarray(outcome_sums(terms) - (p.sums - q.sums))
    return _improved(sums, _uncertain(sums, p, q), lambda a, b: power_terms(a, b, 1.0, 0.0), p, q)


def js_divergence(p: Masses, q: Masses) -> NDArray:
    """Sum of (p log(2 p / (p + q)) + q log(2 q / (p + q))) / 2."""
    both = p.p + q.p
    terms = _plain_log_ratio(p.p, both)
    terms *= p.p
    more = _plain_log_ratio(q.p, both)
    more *= q.p
    terms += more
    sums = np.asarray((outcome_sums(terms) + math.log(2) * (p.sums + q.sums)) / 2)
    return _improved(sums, _uncertain(sums, p, q), _js_terms, p, q)


def jeffreys_divergence(p: Masses, q: Masses) -> NDArray:
    """Sum of (p - q) log(p / q)."""
    difference = p.p - q.p
    return outcome_sums(np.where(difference == 0, 0.0, difference * log_ratio(p.p, q.p)))


def alpha_divergence(alpha: float) -> Callable[[Masses, Masses], NDArray]:
    """Formula of the alpha divergence, of the same terms as the KL divergence: that of alpha = 1."""
    if alpha == 1:
        return kl_divergence
    if alpha < 0.5:
        return lambda p, q: _alpha_divergence(q, p, 1 - alpha, -alpha)
    return lambda p, q: _alpha_divergence(p, q, alpha, alpha - 1)


def _alpha_divergence(p: Masses, q: Masses, alpha: float, c: float) -> NDArray:
    """Sum of `power_terms`."""
    if not _NEAR <= abs(c) <= _MODERATE:
        return outcome_sums(power_terms(p.p, q.p, alpha, c))
    terms = _plain_log_ratio(p.p, q.p)
    terms *= c
    np.exp(terms, out=terms)
    terms *= p.p
    excess = np.asarray(outcome_sums(terms) - p.sums - c * (p.sums - q.sums))
    sums = np.asarray(excess / (alpha * c))
    uncertain = ~((np.abs(excess) >= _NEAR * (p.sums + q.sums)) & (np.abs(excess) < math.inf))
    return _improved(sums, uncertain, lambda a, b: power_terms(a, b, alpha, c), p, q)


def total_variation(p: Masses, q: Masses) -> NDArray:
    """Half the sum of |p - q|."""
    return outcome_sums(np.abs(p.p - q.p)) / 2


def squared_hellinger(p: Masses, q: Masses) -> NDArray:
    """Half the sum of (sqrt p - sqrt q)^2."""
    roots = np.sqrt(p.p) + np.sqrt(q.p)
    gaps = np.divide(p.p - q.p, roots, out=np.zeros_like(roots), where=roots > 0)
    return outcome_sums(gaps * gaps) / 2


def log_ratio(p: NDArray, q: NDArray) -> NDArray:
    """Log(p / q) to rounding; NaN where both are 0."""
    difference, ratio = p - q, p / q
    logs = np.log(ratio)
    extreme = (ratio < _LEAST) & (p > 0) | (ratio > _MOST) & (q > 0)
    if extreme.any():
        logs[extreme] = np.log(p[extreme]) - np.log(q[extreme])
    near = np.abs(difference) <= 0.5 * q  # the difference is exact there
    return np.where(near & (q > 0), np.log1p(difference / q), logs)


def power_terms(p: NDArray, q: NDArray, alpha: float, c: float) -> NDArray:
    """Terms (p^alpha q^(1 - alpha) - alpha p - (1 - alpha) q) / (alpha (alpha - 1)) of an alpha divergence.

    Parameters
    ----------
    p, q : ndarray
        Masses.
    alpha : float
        At least 1/2; the others have the terms of q and p with 1 - alpha.
    c : float
        alpha - 1, which may be known to more digits than alpha has.

    Returns
    -------
    ndarray
        Not negative, to rounding: (p (e^(c log(p / q)) - 1) / c - p + q) / alpha, whose limit at c = 0 is the term
        p log(p / q) - p + q of the KL divergence.
    """
    slope = alpha + c
    scale = max(1.0, abs(slope))
    x, both = _relative_difference(p, q)
    x *= scale
    near = np.abs(x) <= min(0.125, _NEAR * scale)
    alone = bool(near.all())
    if not alone:
        x = np.where(near, x, 0.0)
    series = _series(slope, scale)
    terms = np.full_like(x, series[-1])
    for coefficient in series[-2::-1]:
        terms *= x
        terms += coefficient
    x /= scale
    x *= x
    terms *= x
    terms *= both
    terms *= 0.5
    return terms if alone else np.where(near, terms, _far_power_terms(p, q, alpha, c))


def _far_power_terms(p: NDArray, q: NDArray, alpha: float, c: float) -> NDArray:
    logs = log_ratio(p, q)
    growth = logs if c == 0 else np.expm1(c * logs) / c
    if 0 < abs(c) < _LEAST:  # of which denormal products lose the digits
        growth = np.where(np.isfinite(logs), logs, growth)
    terms = np.where(p > 0, (p * growth - (p - q)) / alpha, q / alpha)
    overflow = np.isinf(terms) & (q > 0)
    if overflow.any():
        terms[overflow] = np.exp(np.log(p[overflow]) + c * logs[overflow] - math.log(alpha)) / c
    return terms


def _series(slope: float, scale: float) -> list[float]:
    """Coefficients e_n of ((1 + x)^a (1 - x)^(1 - a) - 1 - slope x) / (a (a - 1) x^2), slope = 2 a - 1, by scale x.

    The function g before that has (1 - x^2) g' = (slope - x) g, so n e_n = slope e_(n-1) + (n - 3) e_(n-2).
    """
    e = [2.0, 2 * (slope / scale) / 3]
    for n in range(4, 11):
        e.append((slope / scale * e[-1] + (n - 3) / scale / scale * e[-2]) / n)
    return e


def _js_terms(p: NDArray, q: NDArray) -> NDArray:
    x, both = _relative_difference(p, q)
    near = np.abs(x) <= _NEAR
    y = x * x
    series = 0.25 * both * y * np.polynomial.polynomial.polyval(y, _JS_SERIES)
    if near.all():
        return series
    return np.where(near, series, 0.5 * (_twice_share(p, both, x) + _twice_share(q, both, -x)))


def _twice_share(p: NDArray, both: NDArray, x: NDArray) -> NDArray:
    """Compute p log(2 p / both), where 2 p / both = 1 + x."""
    logs = np.where(np.abs(x) < 0.5, np.log1p(x), np.log(2 * (p / both)))
    return np.where(p > 0, p * logs, 0.0)


def _plain_log_ratio(p: NDArray, q: NDArray) -> NDArray:
    """Compute log(p / q) with an error of rounding the ratio; a finite number where p is 0."""
    logs = np.divide(p, q)
    np.fmax(logs, _TINY, out=logs)
    np.log(logs, out=logs)
    return logs


def _relative_difference(p: NDArray, q: NDArray) -> tuple[NDArray, NDArray]:
    """Return (p - q) / (p + q), 0 where both are 0, and p + q."""
    both = p + q
    x = p - q
    x /= np.maximum(both, _TINY)
    return x, both


def _uncertain(sums: NDArray, p: Masses, q: Masses) -> NDArray:
    """Tell which divergences are too small for p log p - p + q to have kept its digits, or may have overflowed."""
    infinite = np.isinf(sums)
    uncertain = ~(sums >= _CERTAIN * (p.sums + q.sums)) | infinite
    if infinite.any():
        uncertain &= ~((p.p > 0) & (q.p == 0)).any(axis=-1)
    return uncertain


def _improved(
    sums: NDArray, doubtful: NDArray, terms: Callable[[NDArray, NDArray], NDArray], p: Masses, q: Masses
) -> NDArray:
    """Take some of the sums anew, from terms that hold everywhere."""
    if doubtful.all():
        return outcome_sums(terms(p.p, q.p))
    if doubtful.any():
        sums[doubtful] = outcome_sums(terms(p.p[doubtful], q.p[doubtful]))
    return sums
