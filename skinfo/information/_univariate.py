"""Entropy, cross entropy and divergences of laws of one variable, in nats."""

from __future__ import annotations

import math
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from skinfo.information import _closed_forms as closed
from skinfo.information._expectations import expect
from skinfo.information._laws import Function, Univariate
from skinfo.measures import ONE, Values
from skinfo.measures._statistics import combine

# A divergence below this share of what its closed form adds up has lost digits.
_CANCELLATION = 5e-4
# A sum of terms no larger than this in all has its digits to an absolute 1e-14.
_FEW = 10.0
# A divergence below this, by quadrature, is worth a second one of terms that do not cancel.
_SMALL = 1e-3
# Above this the second one could overflow.
_LARGE = 100.0
# How far apart the two may be, absolutely, by rounding.
_AGREEMENT = 1e-12
_CLOSED_ROUNDING = 1e-13  # of a closed form, relative to what is added up in it

_SERIES = np.array([1 / math.factorial(k) for k in range(2, 17)])


def check_pair(p: Univariate, q: Univariate, names: tuple[str, str]) -> None:
    """Refuse a pair of a continuous and a discrete law.

    Parameters
    ----------
    p, q : Univariate
        The laws.
    names : tuple of str
        What the message calls them.

    Raises
    ------
    ValueError
        If one has a density and the other a mass function.
    """
    if p.discrete != q.discrete:
        kinds = ["discrete" if law.discrete else "continuous" for law in (p, q)]
        raise ValueError(
            f"{names[0]} is {kinds[0]} and {names[1]} is {kinds[1]}: a density and a mass function have "
            "no cross entropy or divergence; use two laws of one kind"
        )


def entropy(p: Univariate) -> float:
    """H(p)."""
    known = p.known.get("entropy")
    if known is None:
        known = closed.entropy(p)
        if known is None:  # not remembered: it may warn
            return math.log(p.scale) - expect(p, p.log_density, np.empty(0))
        p.known["entropy"] = known
    return known + math.log(p.scale)


def cross_entropy(p: Univariate, q: Univariate) -> float:
    """H(p, q); infinite where the support of q does not hold that of p.

    It is H(p) + D(p||q) within an exponential family. Where that cancels, and elsewhere, it is minus the mean of the
    terms of log q. Where these cancel too, D(p||q) comes without its closed form.
    """
    if not q.covers(p):
        return math.inf
    if _same(p, q):
        return entropy(p)
    unit = math.log(p.scale)
    sums: list[tuple[float, float]] = []
    if (within := closed.divergence(p, q)) is not None:
        own = entropy(p)
        sums.append((own + within, abs(own) + within))
    if not sums or not _has_digits(sums[0]):
        known = closed.mean(p, (-1.0, closed.log_density_terms(q, p)))
        sums += [] if known is None else [(known[0] + unit, known[1] + abs(unit))]
    if not sums:
        return unit - expect(p, q.seen_from(p), q.outline(p))
    value, size = min(sums, key=lambda pair: pair[1])
    if within is not None or size < _FEW or _has_digits((value, size)):
        return value
    return entropy(p) + kl_divergence(p, q)


def kl_divergence(p: Univariate, q: Univariate) -> float:
    """D(p||q); infinite where the support of q does not hold that of p.

    Within one exponential family it is put together without cancellation. Elsewhere the closed form is a sum of
    coefficients' differences times expectations; where that cancels, the normaliser of q over that of p is taken
    from the fact that both laws have mass one, see `_small_divergence`.
    """
    if not q.covers(p):
        return math.inf
    if _same(p, q):
        return 0.0
    if (within := closed.divergence(p, q)) is not None:
        return within
    terms_p, terms_q = closed.log_density_terms(p, p), closed.log_density_terms(q, p)
    known = closed.mean(p, (1.0, terms_p), (-1.0, terms_q))
    if _has_digits(known):
        return known[0]
    own, cross = closed.entropy(p), closed.mean(p, (1.0, terms_q))
    apart = None if own is None or cross is None else (-cross[0] - own, abs(own) + cross[1])
    known = min(filter(None, (known, apart)), key=lambda k: k[1], default=None)
    if known is not None and (_has_digits(known) or known[0] > _LARGE):
        return known[0]
    terms = combine((1.0, terms_p), (-1.0, terms_q))
    if known is None or terms is None or p.loc != p.theta["loc"]:
        return _kl_by_integration(p, _log_ratio(p, q), q)
    slopes = {t: -c for t, c in terms.items() if t is not ONE}

    def linear(y: NDArray) -> NDArray:
        v = Values(y)
        with np.errstate(all="ignore"):
            return sum((c * t(v) for t, c in slopes.items()), np.zeros_like(y))

    value = _small_divergence(p, linear, expect(p, linear, q.outline(p)), q, q.mass_outside(p))
    # beyond rounding, they differ only by mass of q where p is too small to integrate over
    return value if abs(value - known[0]) <= _CLOSED_ROUNDING * (1 + known[1]) else known[0]


def _has_digits(known: tuple[float, float] | None) -> TypeGuard[tuple[float, float]]:
    """Whether a value is not much smaller than what was added up for it."""
    return known is not None and (math.isinf(known[0]) or abs(known[0]) > _CANCELLATION * known[1])


def js_divergence(p: Univariate, q: Univariate) -> float:
    """Jensen-Shannon divergence; log 2 for supports that have nothing in common."""
    if p.misses(q):
        return math.log(2)
    if _same(p, q):
        return 0.0
    return sum(_kl_by_integration(a, _log_ratio_to_middle(a, b), b, weight=0.5) for a, b in ((p, q), (q, p))) / 2


def _same(p: Univariate, q: Univariate) -> bool:
    """Whether two laws of the catalogue are equal, parameter by parameter."""
    known = p.family is not None and p.family is q.family
    return known and p.theta == q.theta


def _log_ratio(p: Univariate, q: Univariate) -> Function:
    """Compute log(q / p) at standardised values of p."""
    log_q = q.seen_from(p)

    def log_ratio(y: NDArray) -> NDArray:
        with np.errstate(invalid="ignore"):
            return log_q(y) - p.log_density(y)

    return log_ratio


def _log_ratio_to_middle(p: Univariate, q: Univariate) -> Function:
    """Compute log(m / p), m = (p + q) / 2, at standardised values of p."""
    log_ratio = _log_ratio(p, q)
    low, high = ((end - p.loc) / p.scale for end in q.ends)

    def log_ratio_to_middle(y: NDArray) -> NDArray:
        with np.errstate(over="ignore", invalid="ignore"):
            d = np.where((y >= low) & (y <= high), log_ratio(y), -np.inf)
            return np.where(d < 1, np.log1p(np.expm1(d) / 2), np.logaddexp(0, d) - math.log(2))

    return log_ratio_to_middle


def _kl_by_integration(p: Univariate, log_ratio: Function, q: Univariate, weight: float = 1.0) -> float:
    """Minus the mean of log(q / p); a small one without cancellation.

    ``weight`` is the share of the second law's mass that is outside the support of p, of that of ``q``.
    """
    points = q.outline(p)
    mean = expect(p, log_ratio, points)
    if not -mean < _SMALL:
        return -mean
    value = _small_divergence(p, log_ratio, mean, q, weight * q.mass_outside(p))
    # they differ by more where q has mass in a gap of p, or in tails where p underflows
    return value if abs(value + mean) < _AGREEMENT or mean > 0 else -mean


def _small_divergence(p: Univariate, log_ratio: Function, mean: float, q: Univariate, outside: float) -> float:
    """D(p||q) from log(q / p) up to any constant, which drops out, and its mean.

    With v = log(q / p) - E log(q / p), and q having mass one, D = log E exp(v) - log(1 - outside), and
    E exp(v) - 1 = E[exp(v) - 1 - v] has no negative terms. The rounding of the first mean is in E v.
    """
    points = q.outline(p)
    rest = expect(p, lambda y: log_ratio(y) - mean, points)
    excess = expect(p, lambda y: _expm1_excess(log_ratio(y) - mean), points)
    return math.log1p(excess + rest) - rest - math.log1p(-outside)


def _expm1_excess(v: NDArray) -> NDArray:
    """Compute exp(v) - 1 - v."""
    with np.errstate(over="ignore", invalid="ignore"):
        far = np.expm1(v) - v
        near = v * v * np.polynomial.polynomial.polyval(np.clip(v, -1, 1), _SERIES)
    return np.where(np.abs(v) < 0.5, near, far)
