"""Cross entropies and divergences as sums of coefficients times the first law's table of expectations."""

from __future__ import annotations

import math
from typing import Any

from skinfo.families import ExponentialFamily, UnknownExpectationError
from skinfo.information._laws import Univariate
from skinfo.measures import ONE, Statistic, Terms
from skinfo.measures._statistics import combine


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
    if not isinstance(q.family, ExponentialFamily):
        return None
    factor, shift = p.scale / q.scale, (p.theta["loc"] - q.theta["loc"]) / p.scale
    if not 0 < factor < math.inf:
        return None
    terms = combine((math.log(factor), {ONE: 1.0}), (1.0, dict(q.family.terms(**q.family.shape_values(q.theta)))))
    scaled = combine(*((c, t.scaled(1 / factor)) for t, c in (terms or {}).items()))
    return None if scaled is None else combine(*((c, t.shifted(shift)) for t, c in scaled.items()))


def mean(terms: Terms | None, p: Univariate, *summands: Terms | None) -> tuple[float, float] | None:
    """Mean of a linear combination under the standard form of a law, and the size of what is added up.

    Parameters
    ----------
    terms : dict or None
        Statistics of y and their coefficients.
    p : Univariate
        The law.
    *summands : dict
        What the combination is the sum of, up to signs; itself by default.

    Returns
    -------
    value, size : float or None
        The sum of the products, and that of the absolute values of the summands'; None where a mean is not in
        the law's table, or where infinite ones cancel.
    """
    if terms is None or p.family is None:
        return None
    try:
        means = {t: _expectation(t, p) for t, c in terms.items() if c != 0}
    except (UnknownExpectationError, OverflowError):
        return None
    parts = [terms[t] * m for t, m in means.items()]
    if all(map(math.isfinite, parts)):
        sizes = [abs(m) * sum(abs((s or {}).get(t, 0.0)) for s in summands or (terms,)) for t, m in means.items()]
        return math.fsum(parts), math.fsum(sizes)
    total = sum(parts)
    return None if math.isnan(total) else (total, math.inf)


def _expectation(statistic: Statistic, p: Univariate) -> float:
    family: Any = p.family
    value = family.expectation(statistic, family.shape_values(p.theta))
    if value is None:
        raise UnknownExpectationError(statistic)
    return value


def entropy(p: Univariate) -> float | None:
    """Entropy of the standard form of a law, or None where the catalogue does not know it.

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
        return float(known(**p.family.shape_values(p.theta)))
    result = mean(log_density_terms(p, p), p)
    return None if result is None else -result[0]


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
        return known(p.theta, q.theta)
    except OverflowError:
        return math.inf
