"""Cross entropies and divergences as sums of coefficients times the first law's table of expectations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from skinfo.families import UnknownExpectationError
from skinfo.information._laws import Univariate
from skinfo.measures import ONE, Statistic, Terms
from skinfo.measures._statistics import combine

_REMEMBERED = 64  # means of a law, at most
_TOO_LARGE = 1e3  # of what is added up, next to its sum or 1: three digits are lost there
_BEYOND = (ArithmeticError, ValueError)  # what functions of math raise where parameters are beyond their range


def log_density_terms(q: Univariate, p: Univariate) -> Terms | None:
    """Terms in y = (x - p.loc) / p.scale of the log density of y under q, or None without words for them.

    Parameters
    ----------
    q : Univariate
        The law whose density it is.
    p : Univariate
        The law whose standard form sets the coordinate.

    Returns
    -------
    dict or None
        Statistics of y and their coefficients.
    """
    terms = _standard_terms(q)
    factor, shift = p.scale / q.scale, (p.theta["loc"] - q.theta["loc"]) / p.scale
    if not 0 < factor < math.inf:
        return None
    if factor != 1 and terms is not None:
        terms = combine((math.log(factor), {ONE: 1.0}), *((c, t.scaled(1 / factor)) for t, c in terms.items()))
    if shift != 0 and terms is not None:
        terms = combine(*((c, t.shifted(shift)) for t, c in terms.items()))
    return None if terms is None else {t: float(c) for t, c in terms.items()}


def _standard_terms(q: Univariate) -> Terms | None:
    """Terms of a law's standard log density, worked out once; None where they are beyond the range of floats."""
    of_shapes = getattr(q.family, "terms", None)
    if of_shapes is None:
        return None
    if "terms" not in q.known:
        try:
            terms = {t: float(c) for t, c in of_shapes(**q.family.shape_values(q.theta)).items() if c != 0}
        except _BEYOND:
            terms = None
        q.known["terms"] = terms if terms is None or all(map(math.isfinite, terms.values())) else None
    return q.known["terms"]


def mean(p: Univariate, *combination: tuple[float, Terms | None]) -> tuple[float, float] | None:
    """Mean of a combination of terms under the standard form of a law, and the size of what is added up.

    Parameters
    ----------
    p : Univariate
        The law.
    *combination : tuple of (float, dict or None)
        Factor, and statistics of y with their coefficients.

    Returns
    -------
    value, size : float or None
        The sum of the products, and that of the absolute values; None where a mean is not in the law's table,
        or where infinite ones cancel.
    """
    coefficients: dict[Statistic, tuple[float, float]] = {}
    for factor, terms in combination:
        if terms is None or p.family is None:
            return None
        for statistic, c in terms.items():
            own, size = coefficients.get(statistic, (0.0, 0.0))
            coefficients[statistic] = own + factor * c, size + abs(c)
    parts, total, sizes = [], 0.0, 0.0
    try:
        for statistic, (c, size) in coefficients.items():
            if c != 0:
                value = _expectation(statistic, p)
                parts.append(c * value)
                total += c * value
                sizes += size * abs(value)
    except (UnknownExpectationError, *_BEYOND):
        return None
    if math.isfinite(total):
        return math.fsum(parts), sizes
    return None if math.isnan(total) else (total, math.inf)


def _expectation(statistic: Statistic, p: Univariate) -> float:
    """Mean of a statistic, from the law's table once."""
    value = p.known.get(statistic)
    if value is None:
        family: Any = p.family
        with np.errstate(all="ignore"):
            value = family.expectation(statistic, family.shape_values(p.theta))
        if value is None:
            raise UnknownExpectationError(statistic)
        if len(p.known) > _REMEMBERED:
            p.known.clear()
        p.known[statistic] = value
    return value


def entropy(p: Univariate) -> float | None:
    """Entropy of the standard form of a law, or None where the catalogue does not know it to rounding.

    Parameters
    ----------
    p : Univariate
        The law.

    Returns
    -------
    float or None
        In nats.
    """
    known = getattr(p.family, "entropy", None)
    if known is not None:
        try:
            value = known(**p.family.shape_values(p.theta))
        except _BEYOND:
            value = None
        if value is not None and not math.isnan(value):
            return float(value)
    result = mean(p, (-1.0, _standard_terms(p)))
    return None if result is None or result[1] > _TOO_LARGE * max(1.0, abs(result[0])) else result[0]


def divergence(p: Univariate, q: Univariate) -> float | None:
    """Divergence between two laws of one exponential family, or None where they are not.

    Parameters
    ----------
    p, q : Univariate
        The laws; the support of ``q`` holds that of ``p``.

    Returns
    -------
    float or None
        In nats.
    """
    known = getattr(p.family, "divergence", None)
    if known is None or p.family is not q.family:
        return None
    try:
        value = known(p.theta, q.theta)
    except OverflowError:
        return math.inf
    except _BEYOND:
        return None
    return None if value is None or math.isnan(value) else value
