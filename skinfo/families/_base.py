"""The family contract: what a law says about itself, and what is asked of it.

A law is written in standard form, for z = (x - loc) / scale. Two kinds differ in how they say their log density:
`ExponentialFamily` as terms in the shared vocabulary of statistics (then its mean needs only the statistics' means,
over rows or under another law), `NonlinearFamily` as functions of z. Both answer the same questions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skinfo.families._domains import DOMAINS
from skinfo.families._registry import get_family, reference
from skinfo.measures import Rows

Theta = dict[str, float]


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


class Limit(NamedTuple):
    """A family found where a shape of another goes to the end of its range.

    Parameters
    ----------
    family : str
        Its name; "-name" where it is the family of minus the values.
    params : dict, optional
        What becomes of the other parameters: a number, or a function of the parameters of the family found there.
        One that is not named is the parameter of the same name there, or else stays what it was.
    """

    family: str
    params: Mapping[str, float | Callable[[Theta], float]] = {}


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
        ``{(shape, "inf", "-inf" or "0"): Limit}``: where the supremum of the likelihood can be, and the family found
        there, or a tuple of them, which the other parameters decide between.
    natural : dict, optional
        Parameters fixed unless the user says otherwise; by default those that put the support where it naturally is:
        ``loc=0`` on the half line and for integers, ``loc=0, scale=1`` on the unit interval.
    smooth : bool, default=True
        Whether the log density is smooth inside the support, or has a kink that moves with the parameters.
    circular : bool, default=False
        Whether values are angles.
    same_as : str, optional
        Another law of the catalogue that describes the same distributions where the scale is free.
    entropy : callable, optional
        ``entropy(**shapes)``: the standard law's entropy in nats, where the expectations do not give it to rounding;
        None where this is not known to rounding either.
    divergence : callable, optional
        ``divergence(p, q)``: the Kullback-Leibler divergence, in nats, between the laws with two sets of all
        parameters, to rounding however close they are; None for laws that are not of one exponential family. The
        support of the second holds that of the first.
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
    limits: Mapping[tuple[str, str], Limit | tuple[Limit, ...]] | None = None
    natural: Mapping[str, float] | None = None
    smooth: bool = True
    circular: bool = False
    same_as: str | None = None
    entropy: Callable[..., float | None] | None = None
    divergence: Callable[[Theta, Theta], float | None] | None = None
    examples: tuple[Theta, ...] = ()

    def __reduce__(self):
        return get_family, (reference(self),)

    @property
    def ends_move(self) -> bool:
        """Whether the support ends somewhere for some shapes only."""
        return self.ends is not None and self.support[:2] == (-math.inf, math.inf)

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
