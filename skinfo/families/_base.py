"""The family contract: what a law says about itself, and what follows from that.

A law is written in standard form, for z = (x - loc) / scale. Two kinds differ in how they say their log density:
`ExponentialFamily` as terms in the shared vocabulary of statistics (then its mean needs only the statistics' means,
over rows or under another law), `NonlinearFamily` as functions of z. Both answer the same questions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skinfo.families._domains import DOMAINS
from skinfo.families._registry import get_family, is_registered
from skinfo.measures import LOG1M, ONE, SQUARE, Rows, Statistic, Terms, Values, X
from skinfo.measures._statistics import combine

Theta = dict[str, float]
_EPS = float(np.finfo(float).eps)
_WIDTH = 5  # arrays a row of a log density or score has alive: fewer, longer blocks than more would give


class Measure(Protocol):
    """Anything that answers the mean of a statistic: rows, or a law."""

    def means(self, statistics: Any, loc: float = 0.0, scale: float = 1.0) -> dict[Statistic, float]:
        """Mean of each statistic of (x - loc) / scale."""


class Support(NamedTuple):
    """Where a standard law lives; an end is closed where the likelihood of a value on it is finite."""

    low: float
    high: float
    closed_low: bool = False
    closed_high: bool = False

    def __str__(self):
        left, right = "[" if self.closed_low else "(", "]" if self.closed_high else ")"
        return f"{left}{self.low:g}, {self.high:g}{right}"

    def at(self, loc: float, scale: float) -> Support:
        """The support of loc + scale z."""
        return self._replace(low=loc + scale * self.low, high=loc + scale * self.high)

    def excludes_low(self, value: float) -> bool:
        """Whether a value is below the support."""
        return not (value >= self.low if self.closed_low else value > self.low)

    def excludes_high(self, value: float) -> bool:
        """Whether a value is above the support."""
        return not (value <= self.high if self.closed_high else value < self.high)

    def contains(self, other: Support) -> bool:
        """Whether another support lies in this one, up to end points."""
        return self.low <= other.low and other.high <= self.high


REAL_LINE = Support(-math.inf, math.inf)
POSITIVE_LINE = Support(0.0, math.inf)
HALF_LINE = Support(0.0, math.inf, closed_low=True)
UNIT_INTERVAL = Support(0.0, 1.0)
COUNTS = Support(0.0, math.inf, closed_low=True)


class Edge(NamedTuple):
    """An estimate where the likelihood is not stationary: at the data's edge, or a median."""

    value: float
    standard_error: float = math.nan  # for one row; nan where the theory gives none
    law: str = ""  # what the family is there, at the end of the parameter's range


@dataclass(frozen=True, kw_only=True)
class Family:
    """A univariate law.

    Parameters
    ----------
    name : str
        SciPy's name of the distribution.
    distribution : scipy.stats.rv_continuous or scipy.stats.rv_discrete
        Evaluates what is not the likelihood: cdf, ppf, random variates, moments.
    support : Support
        Of the standard law.
    shapes : dict of str to domain
        Shape parameters in SciPy's order, with their domains: "positive", "unit" (between 0 and 1), "above_one",
        "real", "integer", which is not estimated, "lowest" or "highest": a standardised end of the support,
        estimated at the data's extreme.
    start : callable
        ``start(rows, loc) -> dict``: estimates of the shapes and scale (and loc on the whole line), the maximum itself
        where it has a closed form. A list of them where the likelihood may have several maxima: all are climbed.
    ends : callable, optional
        ``ends(**shapes) -> (low, high)`` where the support depends on the shapes; ``support`` is the widest then.
    edges : callable, optional
        ``edges(rows, given) -> dict of Edge``: the parameters among those not in ``given`` whose best value is not
        a stationary point, in closed form.
    limits : dict, optional
        ``{(shape, "inf", "-inf" or "0"): law}``: where the supremum of the likelihood can be, and the law found there,
        or a tuple of laws, which the other parameters decide between; "-law" where it is that of minus the values.
    natural : dict, optional
        Parameters fixed unless the user says otherwise; by default those that put the support where it naturally is:
        ``loc=0`` on the half line, ``loc=0, scale=1`` on the unit interval.
    smooth : bool, default=True
        Whether the log density is smooth inside the support, or has a kink that moves with the parameters.
    circular : bool, default=False
        Whether values are angles.
    same_as : str, optional
        Another law of the catalogue that describes the same distributions where the scale is free.
    examples : tuple of dict
        Parameters that tests and benchmarks try (loc and scale where they are not 0 and 1), ordinary ones first, then
        extremes.
    """

    joint: ClassVar[bool] = False
    name: str
    distribution: Any
    support: Support
    start: Callable[[Rows, float], Theta | list[Theta]]
    shapes: Mapping[str, str] | None = None
    ends: Callable[..., tuple[float, float]] | None = None
    edges: Callable[[Rows, Theta], dict[str, Edge]] | None = None
    limits: Mapping[tuple[str, str], str | tuple[str, ...]] | None = None
    natural: Mapping[str, float] | None = None
    smooth: bool = True
    circular: bool = False
    same_as: str | None = None
    examples: tuple[Theta, ...] = ()

    def __reduce__(self):
        return get_family, (self.name if is_registered(self) else self.distribution,)

    @property
    def discrete(self) -> bool:
        """Whether the law lives on integers."""
        return hasattr(self.distribution, "pmf")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters in SciPy's order."""
        return (*(self.shapes or {}), "loc") if self.discrete else (*(self.shapes or {}), "loc", "scale")

    @property
    def natural_fixed(self) -> Theta:
        """Parameters that the natural support fixes."""
        if self.natural is not None:
            return dict(self.natural)
        if self.discrete:
            return {"loc": 0.0}
        if math.isfinite(self.support.low) and math.isfinite(self.support.high):
            return {"loc": 0.0, "scale": 1.0}
        return {} if self.support.low == -self.support.high == -math.inf else {"loc": 0.0}

    def domain(self, name: str) -> str:
        """Domain of a parameter, as in ``shapes``."""
        return {"loc": "real", "scale": "positive"}.get(name) or (self.shapes or {})[name]

    def in_domain(self, name: str, value: float) -> bool:
        """Whether a parameter may have this value."""
        return DOMAINS[self.domain(name)].holds(value)

    def shape_values(self, theta: Mapping[str, float]) -> Theta:
        """The shapes among the parameters."""
        return {name: theta[name] for name in self.shapes or {}}

    def standard_support(self, shapes: Mapping[str, float]) -> Support:
        """Where the standard law with these shapes lives."""
        if self.ends is None:
            return self.support
        low, high = self.ends(**shapes)
        return self.support._replace(low=low, high=high)

    def freeze(self, theta: Mapping[str, float]) -> Any:
        """SciPy's frozen distribution at these parameters."""
        return self.distribution(**theta)

    def mean_log_prob(self, p: Any, theta: Theta) -> float:
        """Mean of the log probability under a measure: minus the cross entropy from it."""
        raise NotImplementedError

    def mean_score(self, p: Rows, theta: Theta, names: tuple[str, ...]) -> NDArray:
        """Mean gradient of the log probability in the named parameters."""
        raise NotImplementedError

    def score_rounding(self, p: Rows, theta: Theta, names: tuple[str, ...]) -> NDArray:  # noqa: ARG002
        """How far rounding may move the mean score; nothing to speak of where it is a mean of small numbers."""
        return np.zeros(len(names))

    def rounding(self, p: Rows, theta: Theta) -> float:  # noqa: ARG002
        """How far rounding may move the mean log probability, beyond what its own size does."""
        return 0.0

    def needs_rows(self, names: tuple[str, ...]) -> bool:
        """Whether each new value of the named parameters takes another pass over the rows."""
        raise NotImplementedError

    def standard_log_prob(self, z: NDArray, shapes: Theta) -> NDArray:
        """Log density of the standard law at values inside its support."""
        raise NotImplementedError

    def log_prob(self, x: NDArray, theta: Mapping[str, float]) -> NDArray:
        """Log probability of each value; minus infinity outside the support.

        Parameters
        ----------
        x : ndarray
            Values.
        theta : dict
            All parameters.

        Returns
        -------
        ndarray
            In nats.
        """
        scale, shapes = theta.get("scale", 1.0), self.shape_values(theta)
        support = self.standard_support(shapes)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            z = (np.asarray(x, dtype=np.float64) - theta["loc"]) / scale
            values = self.standard_log_prob(z, shapes) - math.log(scale)
        inside = (z >= support.low) & (z <= support.high) & ~np.isnan(values)  # inf - inf: far out
        if self.discrete:
            inside &= z == np.floor(z)
        return np.where(inside, values, np.where(np.isnan(z), np.nan, -np.inf))


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
    column_starts : callable, optional
        ``column_starts(columns, loc) -> dict`` of arrays: as ``start``, for many columns at once. ``terms`` and
        ``shape_scores`` take arrays then.
    """

    terms: Callable[..., Terms]
    shape_scores: Mapping[str, Callable[..., Terms]] | None = None
    expectations: Mapping[Any, Callable[..., float]] | None = None
    moving_statistics: bool = False
    column_starts: Callable[..., dict[str, Any]] | None = None

    def standard_log_prob(self, z, shapes):
        """Log density of the standard law."""
        v = Values(z)
        total = np.zeros_like(z)
        for statistic, coefficient in self.terms(**shapes).items():
            if coefficient != 0:
                total += coefficient if statistic is ONE else coefficient * statistic(v)
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
        table = self.expectations or {}
        known = table.get(statistic, table.get(type(statistic)))
        if statistic is ONE:
            return 1.0
        return None if known is None else float(known(statistic, **shapes))


@dataclass(frozen=True, kw_only=True)
class NonlinearFamily(Family):
    """A law whose log density is a function of z and the shapes, with its derivatives.

    Parameters
    ----------
    standard : callable
        ``standard(z, **shapes)``: the log density.
    slope : callable
        ``slope(z, **shapes)``: its derivative in z.
    shape_scores : dict of str to callable, optional
        ``(z, **shapes)``: its derivative in each shape.
    derivatives : callable, optional
        ``derivatives(z, **shapes) -> dict``: the slope, under "z", and the shape scores together; in place of these
        where they share costly work.
    entropy : callable, optional
        ``entropy(**shapes)``: the standard law's entropy in nats.
    expectations : dict, optional
        As in `ExponentialFamily`.
    """

    standard: Callable[..., NDArray]
    slope: Callable[..., NDArray] | None = None
    shape_scores: Mapping[str, Callable[..., NDArray]] | None = None
    derivatives: Callable[..., dict[str, NDArray]] | None = None
    entropy: Callable[..., float] | None = None
    expectations: Mapping[Any, Callable[..., float]] | None = None

    expectation = ExponentialFamily.expectation

    def standard_log_prob(self, z, shapes):
        """Log density of the standard law."""
        return self.standard(z, **shapes)

    def mean_log_prob(self, p, theta):
        """Mean of the log probability, in one pass."""
        shapes, loc, scale = self.shape_values(theta), theta["loc"], theta.get("scale", 1.0)
        return float(p.expect(lambda x: self.standard((x - loc) * (1 / scale), **shapes), _WIDTH)) - math.log(scale)

    def mean_score(self, p, theta, names):
        """Mean score, in one pass."""
        shapes, loc, scale = self.shape_values(theta), theta["loc"], theta.get("scale", 1.0)

        def scores(x: NDArray) -> tuple[NDArray, ...]:
            z = (x - loc) * (1 / scale)
            found = self._derivatives(z, shapes, names)
            return tuple(found["z"] if n == "loc" else z * found["z"] if n == "scale" else found[n] for n in names)

        means = p.expect(scores, width=_WIDTH)
        chain = {"loc": lambda slope: -slope / scale, "scale": lambda radial: -(1 + radial) / scale}
        return np.array([chain[name](mean) if name in chain else mean for name, mean in zip(names, means)])

    def _derivatives(self, z: NDArray, shapes: Theta, names: tuple[str, ...]) -> dict[str, NDArray]:
        """What is asked for of the slope, under "z", and the shape scores."""
        if self.derivatives is not None:
            return self.derivatives(z, **shapes)
        found = {n: score(z, **shapes) for n, score in (self.shape_scores or {}).items() if n in names}
        if self.slope is not None and {"loc", "scale"} & set(names):
            found["z"] = self.slope(z, **shapes)
        return found

    def needs_rows(self, names):  # noqa: ARG002 - whatever the parameters
        """Whether new parameters take a pass: always."""
        return True


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
