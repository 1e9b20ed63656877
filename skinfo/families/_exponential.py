"""Laws linear in the shared vocabulary of statistics, and laws as measures that know the means of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from skinfo.families._base import Family, Support, Theta
from skinfo.measures import AT_ZERO, LOG1M, ONE, SQUARE, Abs, Excess, Power, Rows, Statistic, Terms, Values, X
from skinfo.measures._statistics import combine

_EPS, _TINY = float(np.finfo(float).eps), float(np.finfo(float).tiny)


@dataclass(frozen=True, kw_only=True)
class ExponentialFamily(Family):
    """A law whose log density is linear in statistics once its shapes are given.

    Parameters
    ----------
    terms : callable
        ``terms(**shapes) -> dict``: coefficients of the statistics of z, the constant among them.
    shape_scores : dict of str to callable, optional
        For each shape, ``(**shapes) -> dict``: the derivative of the log density in it, as terms.
    expectations : dict, optional
        What the standard law knows of the vocabulary: ``{statistic or its class: callable(statistic, **shapes)}``.
    moving_statistics : bool, default=False
        Whether the statistics themselves depend on the shapes.
    far : callable, optional
        ``far(z, **shapes)``: the log density where the terms are so large that their sum has lost digits; None where
        they are not.
    column_starts : callable, optional
        ``column_starts(columns, loc) -> dict`` of arrays: as ``start``, for many columns at once. ``terms`` and
        ``shape_scores`` take arrays then.
    """

    terms: Callable[..., Terms]
    shape_scores: Mapping[str, Callable[..., Terms]] | None = None
    expectations: Mapping[Any, Callable[..., float | None]] | None = None
    moving_statistics: bool = False
    far: Callable[..., NDArray | None] | None = None
    column_starts: Callable[..., dict[str, Any]] | None = None

    def standard_log_prob(self, z, shapes):
        """Log density of the standard law."""
        if self.far is not None and (values := self.far(z, **shapes)) is not None:
            return values
        v = Values(z)
        total = np.zeros_like(z)
        for statistic, coefficient in self.terms(**shapes).items():
            if coefficient != 0:
                total += coefficient if statistic is ONE else coefficient * statistic(v)
        return total

    def log_prob(self, x, theta):
        """Log probability of each value, next to a bound at loc too, where z = (x - loc) / scale underflows."""
        values, x = super().log_prob(x, theta), np.asarray(x, dtype=np.float64)
        loc, scale = theta["loc"], theta.get("scale", 1.0)
        if self.support.low == 0 and x.min(initial=math.inf) - loc < _TINY * scale:
            y = x - loc
            lost = (y > 0) & (y < _TINY * scale)
            values[lost] = self._unscaled_log_prob(y[lost], scale, theta)
        return values

    def _unscaled_log_prob(self, y: NDArray, scale: float, theta: Theta) -> NDArray:
        """Log density at loc + y, by the statistics of y itself; nan where the vocabulary has no words for them."""
        v, total = Values(y), np.zeros_like(y)
        with np.errstate(all="ignore"):
            for statistic, coefficient in self.log_terms(theta).items():
                for part, factor in (statistic.scaled(scale) or {statistic: math.nan}).items():
                    total += coefficient * factor * part(v)
        return total

    def log_terms(self, theta: Theta) -> Terms:
        """Terms in z of the log density of x, the scale's Jacobian included."""
        terms = dict(self.terms(**self.shape_values(theta)))
        terms[ONE] = terms.get(ONE, 0.0) - math.log(theta.get("scale", 1.0))
        return terms

    def mean_log_prob(self, p, theta):
        """Mean of the log probability, from the means of the statistics."""
        return _mean(p, self.log_terms(theta), theta)

    def mean_score(self, p, theta, names):
        """Mean score, from the means of the statistics."""
        return np.array([math.fsum(parts) for parts in self._score_parts(p, theta, names)])

    def score_rounding(self, p, theta, names):
        """How far rounding may move the mean score: what its terms are known to, which may cancel."""
        return np.array([_EPS * math.fsum(map(abs, parts)) for parts in self._score_parts(p, theta, names)])

    def rounding(self, p, theta):
        """How far rounding may move the mean log probability: what its terms are known to, which may cancel."""
        terms = self.log_terms(theta)
        means = p.means(terms, theta["loc"], theta.get("scale", 1.0))
        return _EPS * math.fsum(abs(c * means[t]) for t, c in terms.items() if c != 0)

    def _score_parts(self, p: Rows, theta: Theta, names: tuple[str, ...]) -> list[list[float]]:
        shapes = self.shape_values(theta)
        all_terms = [self._score_terms(name, shapes, theta) for name in names]
        means = p.means({t for terms in all_terms for t in terms}, theta["loc"], theta.get("scale", 1.0))
        return [[c * means[t] for t, c in terms.items()] for terms in all_terms]

    def _score_terms(self, name: str, shapes: Theta, theta: Theta) -> Terms:
        if name not in ("loc", "scale"):
            return (self.shape_scores or {})[name](**shapes)
        scale = theta.get("scale", 1.0)
        terms = self.terms(**shapes)
        if name == "loc":
            derivative = combine(*((-c / scale, t.slope) for t, c in terms.items()))
        else:
            derivative = combine((-1 / scale, {ONE: 1.0}), *((-c / scale, t.radial) for t, c in terms.items()))
        if derivative is None:
            raise NotImplementedError(f"the {name} of {self.name} has no score")
        return derivative

    def needs_rows(self, names):
        """Whether new parameters mean new statistics."""
        if self.moving_statistics and any(name in (self.shapes or {}) for name in names):
            return True
        used = self.terms(**dict.fromkeys(self.shapes or {}, 0.5)).keys()
        if "loc" in names:
            return not used <= {X, SQUARE, ONE}
        return "scale" in names and not used.isdisjoint({LOG1M})

    def expectation(self, statistic: Statistic, shapes: Theta) -> float | None:
        """Mean of a statistic under the standard law, or None where it is not known."""
        if statistic is ONE:
            return 1.0
        table = self.expectations or {}
        known = table.get(statistic, table.get(type(statistic)))
        value = _from_others(self, statistic, shapes) if known is None else known(statistic, **shapes)
        return None if value is None else float(value)


def _from_others(family: Family, statistic: Statistic, shapes: Theta) -> float | None:
    """Mean of a statistic that is another one under this law, or a combination of others."""
    ask = cast(ExponentialFamily, family).expectation
    if isinstance(statistic, Power) and statistic.exponent in (1, 2):
        return ask(X if statistic.exponent == 1 else SQUARE, shapes)
    if statistic is AT_ZERO and family.standard_support(shapes).excludes_low(0.0):
        return 0.0
    if not isinstance(statistic, Abs | Excess):
        return None
    low, high = family.standard_support(shapes)[:2]
    below, above = statistic.centre <= low, statistic.centre >= high
    if isinstance(statistic, Excess) and (below if statistic.sign < 0 else above):
        return 0.0
    if (mean := ask(X, shapes)) is None:
        return None
    gap = mean - statistic.centre
    if isinstance(statistic, Excess):
        distance = ask(Abs(statistic.centre), shapes)
        value = math.nan if distance is None else (distance + statistic.sign * gap) / 2
        return None if math.isnan(value) else value
    return gap if below else -gap if above else None


@dataclass(frozen=True)
class Law:
    """A family at its parameters, as a measure: it answers the mean of a statistic from its table of expectations.

    Parameters
    ----------
    family : Family
        The family.
    theta : dict
        All its parameters.
    """

    family: Any
    theta: Theta

    @property
    def support(self) -> Support:
        """Where the law lives."""
        support = self.family.standard_support(self.family.shape_values(self.theta))
        return support.at(self.theta["loc"], self.theta.get("scale", 1.0))

    def means(self, statistics: Any, loc: float = 0.0, scale: float = 1.0) -> dict[Statistic, float]:
        """Mean of each statistic of (x - loc) / scale; raises `UnknownExpectationError` where one is not known."""
        own_scale = self.theta.get("scale", 1.0)
        shapes = self.family.shape_values(self.theta)
        factor, shift = own_scale / scale, (self.theta["loc"] - loc) / own_scale
        return {t: self._mean(t, factor, shift, shapes) for t in statistics}

    def _mean(self, statistic: Statistic, factor: float, shift: float, shapes: Theta) -> float:
        def known(value: Any) -> Any:
            if value is None:
                raise UnknownExpectationError(statistic)
            return value

        parts = [
            c * d * known(self.family.expectation(t, shapes)) if c * d else 0.0
            for part, c in known(statistic.scaled(1 / factor)).items()
            for t, d in known(part.shifted(shift)).items()
        ]
        return math.fsum(parts) if all(map(math.isfinite, parts)) else sum(parts)


class UnknownExpectationError(LookupError):
    """A law does not know the mean of a statistic in closed form."""


def _mean(p: Any, terms: Terms, theta: Theta) -> float:
    means = p.means(terms, theta["loc"], theta.get("scale", 1.0))
    return math.fsum(c * means[t] for t, c in terms.items() if c != 0)
