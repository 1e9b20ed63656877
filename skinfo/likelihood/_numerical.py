"""The maximum likelihood fit of a family known by its density alone: a search, Newton's steps and a certificate."""

from __future__ import annotations

import heapq
import math
import time
import warnings
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skinfo.families._base import Theta
from skinfo.families._generic import NumericalFamily
from skinfo.likelihood._coordinates import EXTREMES, spread
from skinfo.likelihood._frame import Frame
from skinfo.likelihood._numerical_climb import NumericalClimb, Peak, chosen, jacobian_of, simplex
from skinfo.likelihood._numerical_likelihood import Clock, Likelihood, OutOfTime, interpolated, thinned
from skinfo.likelihood._numerical_starts import starts
from skinfo.measures import Rows

SECONDS = 20.0  # for a fit, about
_LEAST_SHARE, _SEARCH_SHARE = 0.2, 0.6  # of that time, for the search
_SLOW_PASS = 0.5  # seconds
_FEW = 250  # rows to search on
_QUICK_SECONDS = 2e-3  # for a pass over them
_PASS_SECONDS = 0.02  # between two looks at the clock
_TABLE = 160
_CLOSE = 3.0  # nats between ends of the search that are all finished
_KEPT, _FINISHED = 6, 3  # starts that are climbed, and finished on all rows
_FEWEST = 16
_TIMED = 6
_APART = 1e-2  # in some coordinate: two ends of a search
_FLAT = 1e-6  # curvature beside the largest, below which differences tell none
_BETTER = 1e-9  # difference of mean log-likelihoods


class Found(NamedTuple):
    """The result of a numerical fit.

    Parameters
    ----------
    theta : dict
        All parameters.
    log_likelihood : float
        Mean, in nats.
    covariance : ndarray of shape (k, k)
        Of one observation, in the order of the free parameters; nan where theory gives none.
    decrement : float
        Distance to the maximum in standard errors.
    n_iter : int
        Newton steps.
    message : str
        What is wrong; empty otherwise.
    limit : (str, str) or None
        The parameter that the likelihood increases with, and the end that it goes to.
    """

    theta: Theta
    log_likelihood: float
    covariance: NDArray
    decrement: float
    n_iter: int
    message: str
    limit: tuple[str, str] | None = None


def fit_numerical(
    family: NumericalFamily,
    rows: Rows,
    given: Mapping[str, float],
    free: tuple[str, ...],
    *,
    tol: float,
    max_iter: int,
    column: str,
) -> Found:
    """Fit a family of which only the density is known.

    Parameters
    ----------
    family : NumericalFamily
        The family.
    rows : Rows
        One column.
    given : dict
        Parameters that are not estimated.
    free : tuple of str
        The others.
    tol : float
        Newton decrement to reach.
    max_iter : int
        Newton steps at most.
    column : str
        What messages call the data.

    Returns
    -------
    Found
        The best parameters found.

    Raises
    ------
    ValueError
        If the likelihood is unbounded, or finite nowhere.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numerical integrals, far out
        return _Fit(family, rows, given, tol, max_iter, column).run(free)


class Unit(NamedTuple):
    """Origin and unit in which the data are of ordinary size."""

    origin: float
    size: float

    @classmethod
    def of(cls, family: NumericalFamily, rows: Rows, given: Mapping[str, float]) -> Unit:
        """A given location or the median, and a power of two near the spread."""
        if family.discrete:
            return cls(0.0, 1.0)
        median = float(rows.quantiles([0.5])[0])
        return cls(given.get("loc", median), 2.0 ** round(math.log2(spread(rows) or 1.0)))

    def standardised(self, given: Mapping[str, float]) -> Theta:
        """Parameters of the data in this unit."""
        return dict(given) | {
            name: (given[name] - shift) / self.size
            for name, shift in (("loc", self.origin), ("scale", 0.0))
            if name in given
        }

    def original(self, theta: Theta) -> Theta:
        """Parameters of the data as they are."""
        outer = {"loc": self.origin + self.size * theta["loc"]}
        return theta | outer | ({"scale": self.size * theta["scale"]} if "scale" in theta else {})


class _Fit:
    """One fit, of data in their own unit."""

    def __init__(
        self, family: NumericalFamily, rows: Rows, given: Mapping[str, float], tol: float, max_iter: int, column: str
    ):
        self.family, self.rows, self.tol, self.max_iter, self.column = family, rows, tol, max_iter, column
        self.given = dict(given)
        self.unit = Unit.of(family, rows, given)
        low, high = ((end - self.unit.origin) / self.unit.size for end in (rows.lowest, rows.highest))
        self.frame = Frame(family, low, high, self.unit.standardised(given))
        x = (rows.x.astype(np.float64) - self.unit.origin) / self.unit.size
        weights = np.full(len(x), 1 / len(x)) if rows.weights is None else rows.weights / rows.total
        self.x, weights = thinned(x, weights, len(x))
        self.cost = self._cost()
        chunk = max(_FEWEST, int(_PASS_SECONDS / self.cost))
        self.whole = Likelihood(family, self.x, weights, Clock(SECONDS), chunk)
        size = min(_FEW, max(_FEWEST, int(_QUICK_SECONDS / self.cost)))
        self.few, self.search_seconds = self.whole, _SEARCH_SHARE * SECONDS
        if len(x) > size:
            a_pass = self.cost * len(x)
            seconds = max(_LEAST_SHARE * SECONDS, min(_SEARCH_SHARE * SECONDS, SECONDS - 2 * a_pass))
            some = interpolated if a_pass > _SLOW_PASS and family.smooth else thinned
            self.few = Likelihood(family, *some(self.x, weights, size), Clock(SECONDS), chunk)
            self.search_seconds = seconds

    def _cost(self) -> float:
        """Seconds that a row takes, about, at the dearest of some shapes: what more rows add to a call."""
        z = np.quantile(self.x, np.linspace(0.1, 0.9, 4 * _TIMED), method="nearest")
        begin, dearest = time.perf_counter(), 0.0
        for shapes in self.family.guesses(self.frame.given)[:_TIMED]:
            shapes = dict.fromkeys(self.family.shapes or {}, 0.5) | shapes
            few, more = (min(self._seconds(some, shapes) for _ in range(2)) for some in (z[:_TIMED], z))
            dearest = max(dearest, (more - few) / (len(z) - _TIMED))
            if time.perf_counter() - begin > 1:
                break
        return max(dearest, 1e-7)

    def _seconds(self, z: NDArray, shapes: Theta) -> float:
        since = time.perf_counter()
        self.family.standard(z, **shapes)
        return time.perf_counter() - since

    def run(self, free: tuple[str, ...]) -> Found:
        """Search, climb, and say what was found."""
        climb = NumericalClimb(self.family, self.frame, self.whole, self.rows.total, self.tol, self.max_iter)
        peaks: list[Peak] = []
        late = False
        try:
            tops = self._search()
        except OutOfTime:
            late, tops = True, []
        if self.few.best is None:
            raise self._nowhere()
        if late:
            tops = [self.few.best]
        try:
            for value, frame, u in tops:
                if not peaks or value > tops[0][0] - _CLOSE / self.rows.total or peaks[0].kind != "maximum":
                    peaks.append(climb(frame, u))
        except OutOfTime:
            late = True
        peak = chosen(peaks)
        if peak is None or (late and self.whole.best and self.whole.best[0] > peak.value + _BETTER):
            value, frame, u = self.whole.best or (math.nan, *self.few.best[1:])
            peak = Peak(frame, u, value, "late")
        return self._found(peak, free)

    def _search(self) -> list[tuple[float, Frame, NDArray]]:
        """The best ends of climbs without derivatives, from the best of many starts."""
        resolution = int(np.clip(10 * _PASS_SECONDS / self.cost, 20, _TABLE))
        tried: list[tuple[float, NDArray]] = []
        try:
            for theta in starts(self.family, self.frame, self.x, self.whole.weights, resolution):
                try:
                    u = self.frame.free(theta)
                except (ValueError, ZeroDivisionError, KeyError):
                    continue
                if math.isfinite(value := self.few(self.frame, u)):
                    if not tried and self.few is not self.whole:
                        self.few.clock = Clock(self.search_seconds)
                    tried.append((value, u))
                if self.cost * len(self.few.x) > _PASS_SECONDS and len(tried) >= _KEPT:
                    break
        except OutOfTime:
            pass
        if not tried:
            raise self._nowhere()
        if not len(self.frame.axes):
            return [(tried[0][0], self.frame, tried[0][1])]
        best = heapq.nlargest(_KEPT, tried, key=lambda pair: pair[0])
        size = len(self.frame.axes)
        climbed = [(self.frame, *simplex(self.few, self.frame, u, 40 * size, 1e-2)) for _, u in best]
        climbed = heapq.nlargest(_FINISHED, climbed, key=lambda climb: climb[1])
        ended = [(frame.with_ends(u), frame.theta(u)) for frame, _, u in climbed]
        pairs = [(frame, u) for frame, _, u in climbed]
        pairs += [(frame, frame.free(theta)) for frame, theta in ended if frame is not None and theta is not None]
        climbed = [(frame, *simplex(self.few, frame, u, 100 * size, 1e-3)) for frame, u in pairs]
        tops: list[tuple[float, Frame, NDArray]] = []
        for frame, value, u in sorted(climbed, key=lambda climb: -climb[1]):
            if all(other is not frame or np.abs(u - v).max() > _APART for _, other, v in tops):
                tops.append((value, frame, u))
        return tops[:_FINISHED]

    def _nowhere(self) -> ValueError:
        return ValueError(
            f"{self.column} has values where {self.family.name} has no density at any of the parameters that were "
            "tried; check the data, or fix parameters in fixed"
        )

    def _found(self, peak: Peak, free: tuple[str, ...]) -> Found:
        name, column = self.family.name, self.column
        theta = peak.frame.theta(peak.u)
        assert theta is not None
        if peak.kind == "spike":
            raise ValueError(
                f"the likelihood of {name} for {column} is unbounded: {peak.detail}. Fix that parameter in fixed"
            )
        decrement = peak.optimum.decrement if peak.optimum else math.inf
        n_iter = peak.optimum.n_iter if peak.optimum else 0
        match peak.kind:
            case "maximum":
                message = ""
            case "limit":
                message = (
                    f"the likelihood of {name} for {column} still increases as {peak.detail}; fix it, or choose "
                    "another family"
                )
            case "late":
                message = (
                    f"the density of {name} takes {self.cost * len(self.x):.2g} s for {len(self.x)} rows: its fit to "
                    f"{column} was ended after {SECONDS:g} s at the best parameters found; fix parameters, "
                    "or pass fewer rows"
                )
            case _ if loose := _undetermined(peak):
                message = (
                    f"{column} does not determine {loose} of {name}: the likelihood hardly changes with it where it is "
                    "highest; fix it, or choose another family"
                )
            case _:
                message = (
                    f"no maximum of the likelihood of {name} for {column} could be certified: the best parameters "
                    f"found are {decrement:.2g} standard errors from one, as far as differences of its density tell "
                    f"(tol={self.tol:g}); fix a parameter, or choose another family"
                )
        params = self._inside({key: theta[key] for key in self.family.parameters})
        value = peak.value - math.log(self.unit.size)
        if peak.kind != "late" or not math.isfinite(value):
            value = float(self.rows.expect(lambda x: self.family.log_prob(x, params)))
        name, _, end = peak.detail.partition(" -> ")
        limit = (name, end) if peak.kind == "limit" else None
        return Found(params, value, self._covariance(peak, free), decrement, n_iter, message, limit)

    def _inside(self, theta: Theta) -> Theta:
        """The parameters in the data's unit, with room for the rounding of an end of the support at a value."""
        params = self.unit.original(theta) | self.given
        if self.family.discrete or self._holds(params):
            return params
        for k in range(1, 7):
            ulp = 4.0**k * float(np.finfo(float).eps)
            size = ulp * max(abs(self.rows.lowest), abs(self.rows.highest), abs(params["loc"]))
            for shift, stretch in ((0.0, ulp), (-size, ulp), (size, ulp), (0.0, -ulp)):
                moved = params | {"loc": params["loc"] + shift, "scale": params["scale"] * (1 + stretch)} | self.given
                for name, domain in (self.family.shapes or {}).items():
                    if domain in EXTREMES and name not in self.given:
                        moved[name] = (getattr(self.rows, domain) - moved["loc"]) / moved["scale"]
                if self._holds(moved):
                    return moved
        return params

    def _holds(self, params: Theta) -> bool:
        """Whether the data's extremes are in the support."""
        return bool(np.isfinite(self.family.log_prob(np.array([self.rows.lowest, self.rows.highest]), params)).all())

    def _covariance(self, peak: Peak, free: tuple[str, ...]) -> NDArray:
        """From the information in the coordinates; nan for what an edge or a kink holds."""
        out = np.full((len(free), len(free)), np.nan)
        moving = [i for i in range(len(peak.u)) if i not in peak.held]
        optimum = peak.optimum
        if optimum is None or not math.isfinite(optimum.decrement) or not moving:
            return out
        jacobian = jacobian_of(peak.frame, peak.u, moving, free)
        jacobian *= np.array([self.unit.size if n in ("loc", "scale") else 1.0 for n in free])[:, None]
        found = jacobian @ np.linalg.pinv(optimum.information) @ jacobian.T
        known = (np.abs(jacobian) > 0).any(axis=1)
        out[np.ix_(known, known)] = found[np.ix_(known, known)]
        return out


def _undetermined(peak: Peak) -> str:
    """The parameter along whose direction the likelihood is flat; empty where it is curved in all."""
    moving = [i for i in range(len(peak.u)) if i not in peak.held]
    if peak.optimum is None or not moving or not np.isfinite(peak.optimum.information).all():
        return ""
    values, vectors = np.linalg.eigh(peak.optimum.information)
    flattest = int(np.argmin(np.abs(values)))
    if np.abs(values[flattest]) > _FLAT * np.abs(values).max():
        return ""
    return peak.frame.axes[moving[int(np.argmax(np.abs(vectors[:, flattest])))]].name
