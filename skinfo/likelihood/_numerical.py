"""The maximum likelihood fit of a family known by its density alone: a search, Newton's steps and a certificate."""

from __future__ import annotations

import heapq
import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from skinfo.families._base import Theta
from skinfo.families._generic import NumericalFamily
from skinfo.likelihood._coordinates import EXTREMES
from skinfo.likelihood._frame import FARTHEST, Frame
from skinfo.likelihood._newton import Objective, Optimum, newton
from skinfo.likelihood._numerical_starts import interpolated, starts, thinned
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
_STEP, _JACOBIAN_STEP = 1e-3, 1e-5  # of differences in the coordinates
_FEWEST = 16
_MOST_STEPS = 40
_PATIENCE, _STALLED = 8, 1e-4  # steps that have gained no more nats go along a ridge
_TIMED = 6
_ROUNDS = 3
_ROUNDED = 1e-3  # standard errors that rounding may hide of a maximum
_FAR = 30.0
_TOUCH = 1e-3  # of the spread, between a pole and a value
_EDGE, _LIMIT = 9.0, 13.0  # coordinates so far out may be on the way to the edge of the parameters or to a limit
_SPIKE = -18.0  # logarithm of a scale, or of a distance from the data's extreme
_POLE = 1e-6  # gain of the mean log-likelihood next to an edge that is none of rounding
_AS_GOOD, _BETTER = 1e-11, 1e-9  # differences of mean log-likelihoods, relative
_NEIGHBOURS, _ALIGNED = 30, 3  # places of a kink that are looked at, and that are climbed from


class OutOfTime(Exception):
    """The time for a fit is over."""


class Clock:
    """A time limit.

    Parameters
    ----------
    seconds : float
        From now on.
    """

    def __init__(self, seconds: float):
        self.end = time.perf_counter() + seconds

    def check(self) -> None:
        """Raise where the time is over."""
        if time.perf_counter() > self.end:
            raise OutOfTime


class Likelihood:
    """The mean log-likelihood of a sample, which keeps the best parameters that it has met.

    Parameters
    ----------
    family : NumericalFamily
        The family.
    x, weights : ndarray of shape (n,)
        The sample; the weights add up to one.
    clock : Clock
        Ends the evaluation.
    chunk : int
        Rows between two looks at the clock.
    """

    def __init__(self, family: NumericalFamily, x: NDArray, weights: NDArray, clock: Clock, chunk: int):
        self.family, self.x, self.weights, self.clock, self.chunk = family, x, weights, clock, chunk
        self.best: tuple[float, Frame, NDArray] | None = None

    def __call__(self, frame: Frame, u: NDArray) -> float:
        """Value at coordinates; minus infinity where some value has no finite density."""
        theta = frame.theta(u)
        if theta is None:
            return -math.inf
        value = self.of(theta)
        if value > (self.best[0] if self.best else -math.inf):
            self.best = value, frame, u.copy()
        return value

    def of(self, theta: Theta) -> float:
        """Value at parameters."""
        shapes = self.family.shape_values(theta)
        scale = theta.get("scale", 1.0)
        total = 0.0
        for first in range(0, len(self.x), self.chunk):
            self.clock.check()
            part = slice(first, first + self.chunk)
            z = (self.x[part] - theta["loc"]) / scale
            if not self.family.discrete:
                low, high = self.family.standard_support(shapes)[:2]
                z = self._onto(z, low, high)
            total += float(self.weights[part] @ self.family.standard(z, **shapes))
        value = total - math.log(scale)
        return value if math.isfinite(value) else -math.inf

    @staticmethod
    def _onto(z: NDArray, low: float, high: float) -> NDArray:
        """Values that rounding has put outside the support, moved to its end."""
        slack = 1e-14
        near_low = (z < low) & (z >= low - slack * (1 + abs(low)))
        near_high = (z > high) & (z <= high + slack * (1 + abs(high)))
        return np.where(near_low, low, np.where(near_high, high, z))


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


@dataclass
class Peak:
    """Where a climb ended: its kind is maximum, limit, spike or short."""

    frame: Frame
    u: NDArray
    value: float
    kind: str
    optimum: Optimum | None = None
    held: tuple[int, ...] = ()
    detail: str = ""


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
    with warnings.catch_warnings(), np.errstate(all="ignore"):
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
        first, median, third = rows.quantiles([0.25, 0.5, 0.75]).tolist()
        deviation = math.sqrt(rows.moments()[1])
        spread = min(deviation, third - first or deviation) or 1.0
        return cls(given.get("loc", median), 2.0 ** round(math.log2(spread)))

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
                    peaks.append(self._peak(frame, u))
        except OutOfTime:
            late = True
        peak = self._chosen(peaks)
        if peak is None or (late and self.whole.best and self.whole.best[0] > peak.value + _BETTER):
            value, frame, u = self.whole.best or (math.nan, *self.few.best[1:])
            peak = Peak(frame, u, value, "late")
        return self._found(peak, free)

    # --- the search

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
        climbed = [self._simplex(self.few, self.frame, u, 40 * size, 1e-2) for _, u in best]
        climbed = heapq.nlargest(_FINISHED, climbed, key=lambda pair: pair[0])
        climbed = [self._simplex(self.few, self.frame, u, 100 * size, 1e-3) for _, u in climbed]
        tops: list[tuple[float, Frame, NDArray]] = []
        for value, u in sorted(climbed, key=lambda pair: -pair[0]):
            if all(np.abs(u - other).max() > 1e-2 for _, _, other in tops):
                tops.append((value, self.frame, u))
        return tops

    @staticmethod
    def _simplex(
        likelihood: Likelihood, frame: Frame, u: NDArray, evaluations: int, precision: float
    ) -> tuple[float, NDArray]:
        reach = np.array([FARTHEST[axis.kind] for axis in frame.axes])

        def loss(v: NDArray) -> float:
            return math.inf if (np.abs(v) > reach).any() else -likelihood(frame, v)

        corners = np.vstack([u, u + 0.4 * np.eye(len(u))])
        options = {"maxfev": evaluations, "initial_simplex": corners, "xatol": precision, "fatol": precision**2}
        found = minimize(loss, u, method="Nelder-Mead", options=options)
        return -float(found.fun), found.x

    # --- a maximum

    def _peak(self, frame: Frame, u: NDArray) -> Peak:
        """The maximum near a point; where a kink is at the data, the best of those near."""
        peak = self._climb(frame, u)
        for _ in range(_ROUNDS):
            found = [found for kink in peak.frame.alignable() for found in self._aligned(peak, kink)]
            better = self._chosen([peak, *found])
            if better is None or better is peak:
                break
            peak = better
        if peak.kind == "short" and (ended := self._with_ends(peak)) is not None:
            peak = self._chosen([peak, self._climb(ended, ended.free(ended.theta(peak.u) or {}))]) or peak
        if peak.kind == "short":
            for _ in range(_ROUNDS):
                _, v = self._simplex(self.whole, peak.frame, np.clip(peak.u, -_FAR, _FAR), 100 * len(peak.u), 1e-6)
                again = self._climb(peak.frame, v)
                gain = again.value - peak.value
                peak = again if gain > 0 or again.kind == "maximum" else peak
                if peak.kind != "short" or gain < _AS_GOOD:
                    break
        if peak.kind == "short" and self._at_a_pole(peak):
            peak = replace(peak, kind="spike", detail="its density is infinite where a value is in the middle")
        return peak

    def _climb(self, frame: Frame, u: NDArray) -> Peak:
        """Newton's steps to the maximum near a point, coordinates held at an edge where that is it."""
        held: dict[int, float] = {}
        steps = 0
        while True:
            moving = [i for i in range(len(u)) if i not in held]
            optimum = self._newton(frame, u, moving)
            u = u.copy()
            u[moving] = optimum.u
            steps += optimum.n_iter
            value = self.whole(frame, u)
            edge = self._edge(frame, u, value, moving, optimum)
            if edge is None:
                break
            held[edge[0]] = u[edge[0]] = edge[1]
        optimum = replace(optimum, n_iter=steps)
        peak = Peak(frame, u, value, "short", optimum, tuple(held))
        if (outward := self._outward(peak, moving)) is not None:
            peak.kind, peak.detail = outward
        elif optimum.converged and all(self._falls_inwards(peak, i) for i in held):
            peak.kind = "maximum"
        return peak

    def _newton(self, frame: Frame, u: NDArray, moving: list[int], most: int = _MOST_STEPS) -> Optimum:
        if not moving:
            return Optimum(np.empty(0), np.empty((0, 0)), 0.0, 0, True, self.whole(frame, u))
        reach = np.array([FARTHEST[axis.kind] for axis in frame.axes])[moving]
        objective = self._objective(frame, u, moving)
        values: list[float] = []

        def stop(v: NDArray) -> bool:
            values.append(objective.value(v))
            stalled = len(values) > _PATIENCE and values[-1] - values[-_PATIENCE] < _STALLED / self.rows.total
            return bool((np.abs(v) > reach).any()) or stalled

        found = newton(objective, u[moving], tol=self.tol, max_iter=min(self.max_iter, most), stop=stop)
        near = bool((np.abs(found.u) < _EDGE).all())
        rounded = near and found.decrement <= max(self.tol, 3 * found.noise) and found.noise <= _ROUNDED
        return replace(found, converged=found.converged or rounded)

    def _objective(self, frame: Frame, u: NDArray, moving: list[int]) -> Objective:
        def value(v: NDArray) -> float:
            whole = u.copy()
            whole[moving] = v
            return self.whole(frame, whole)

        def score(v: NDArray) -> NDArray:
            whole = u.copy()
            whole[moving] = v
            return self._score(frame, whole, moving)

        exact = self.family.derivatives is not None
        return Objective(
            value=value,
            gradient=score if exact else lambda v: _gradient(value, v, _STEP),
            noise=np.zeros_like
            if exact
            else lambda v: np.abs(_gradient(value, v, _STEP) - _gradient(value, v, _STEP / 3)),
            rounding=lambda _: 0.0,
            total=self.rows.total,
            steps=lambda v: np.full(len(v), 1e-4),
            spacing=np.zeros_like,
            reach=np.full(len(moving), 3.0),
            differences=2,
        )

    def _with_ends(self, peak: Peak) -> Frame | None:
        """A frame with a coordinate for each end of the support that these shapes have and others have not."""
        theta = peak.frame.theta(peak.u)
        if theta is None or self.family.ends is None or peak.frame.finite is not None:
            return None
        low, high = self.family.ends(**self.family.shape_values(theta))
        finite = math.isfinite(low), math.isfinite(high)
        return replace(peak.frame, finite=finite) if finite != self.family.fixed_ends else None

    def _score(self, frame: Frame, u: NDArray, moving: list[int]) -> NDArray:
        """The gradient in coordinates, of a family that knows its scores."""
        theta, names = frame.theta(u), [name for name in self.family.parameters if name not in self.given]
        if theta is None:
            return np.full(len(moving), np.nan)
        self.whole.clock.check()
        sample = Rows(self.whole.x, self.whole.weights)
        jacobian = self._jacobian(frame, u, moving, names)
        return jacobian.T @ self.family.mean_score(sample, theta, tuple(names))

    @staticmethod
    def _jacobian(frame: Frame, u: NDArray, moving: list[int], names: Sequence[str]) -> NDArray:
        """Derivatives of parameters (rows) in coordinates (columns)."""
        out = np.full((len(names), len(moving)), np.nan)
        for j, i in enumerate(moving):
            step = np.zeros(len(u))
            step[i] = _JACOBIAN_STEP
            up, down = frame.theta(u + step), frame.theta(u - step)
            if up is not None and down is not None:
                out[:, j] = [(up[n] - down[n]) / (2 * _JACOBIAN_STEP) for n in names]
        return out

    def _edge(
        self, frame: Frame, u: NDArray, value: float, moving: list[int], optimum: Optimum
    ) -> tuple[int, float] | None:
        """A coordinate that is better at the edge of the parameters than where the climb ended."""
        for i in moving:
            for end in frame.edges(i):
                far = u[i] * math.copysign(1, end) > _EDGE
                if (far or not optimum.converged) and self._best_at(frame, u, i, end, value):
                    return i, end
        return None

    def _best_at(self, frame: Frame, u: NDArray, i: int, end: float, value: float) -> bool:
        """Whether an edge is as good as any point before it, and finite."""
        near, there = u.copy(), u.copy()
        there[i], near[i] = end, end - math.copysign(8, end)
        at_end = self.whole(frame, there)
        return at_end >= value - _AS_GOOD * (1 + abs(value)) and at_end <= self.whole(frame, near) + _POLE

    def _falls_inwards(self, peak: Peak, i: int) -> bool:
        """Whether the likelihood falls from an edge of the parameters into their interior."""
        for distance in (_EDGE, 1.5 * _EDGE, 2 * _EDGE):
            inside = peak.u.copy()
            inside[i] = math.copysign(distance, peak.u[i])
            if self.whole(peak.frame, inside) > peak.value + _AS_GOOD * (1 + abs(peak.value)):
                return False
        return True

    def _outward(self, peak: Peak, moving: list[int]) -> tuple[str, str] | None:
        """Whether the likelihood still rises, or hardly falls, far out: to a spike or a limit."""
        axes = peak.frame.axes
        for i in moving:
            kind = axes[i].kind
            gap = kind in ("low gap", "high gap")
            if peak.u[i] < _SPIKE and (gap or kind == "scale"):
                return "spike", "loc approaches the data's extreme value" if gap else "scale approaches 0"
        far = [i for i in moving if abs(peak.u[i]) > _EDGE and axes[i].kind not in ("location", "scale")]
        for i in sorted(far, key=lambda i: -abs(peak.u[i]))[:2]:
            further = peak.u.copy()
            further[i] += math.copysign(1.0, peak.u[i])
            others = [j for j in moving if j != i]
            further[others] = self._newton(peak.frame, further, others, 5).u
            if self.whole(peak.frame, further) >= peak.value - _BETTER * (1 + abs(peak.value)):
                return "limit", f"{axes[i].name} -> {self._limit(peak.frame, i, peak.u[i] > 0)}"
        return None

    def _limit(self, frame: Frame, i: int, up: bool) -> str:
        kind, name = frame.axes[i]
        if kind == "shape":
            domain = self.family.axis(name)
            return f"{domain.high if up else domain.low:g}"
        return {"low gap": "-inf", "high gap": "inf"}.get(kind, "inf" if up else "0")

    # --- kinks

    def _aligned(self, peak: Peak, kink: float | str) -> list[Peak]:
        """Climbs with a kink on the values next to where it is, or in the gaps between them: the most promising."""
        theta = peak.frame.theta(peak.u)
        if theta is None:
            return []
        values = np.unique(self.x)
        at = int(np.searchsorted(values, peak.frame.place(kink, theta)))
        near = values[max(at - _NEIGHBOURS, 0) : at + _NEIGHBOURS]
        tried = []
        for value in near.tolist():
            frame = peak.frame.aligned(kink, value)
            tried.append(self._start(frame, theta))
        for value in ((near[1:] + near[:-1]) / 2).tolist():
            there = self._moved(theta, kink, value)
            tried.append(self._start(peak.frame, there))
        best = heapq.nlargest(_ALIGNED, tried, key=lambda start: start[0])
        climbed = [self._climb(frame, u) for value, frame, u in best if math.isfinite(value)]
        return [self._at_a_top(found) for found in climbed]

    def _moved(self, theta: Theta, kink: float | str, value: float) -> Theta:
        """Parameters that put a kink on a value, the others as they are."""
        if isinstance(kink, str):
            return theta | {kink: (value - theta["loc"]) / theta["scale"]}
        if "loc" not in self.frame.given:
            return theta | {"loc": value - theta["scale"] * kink}
        return theta | {"scale": (value - theta["loc"]) / kink}

    def _start(self, frame: Frame, theta: Theta) -> tuple[float, Frame, NDArray]:
        try:
            u = frame.free(theta)
        except (ValueError, ZeroDivisionError):
            return -math.inf, frame, np.empty(0)
        return self.whole(frame, u), frame, u

    def _at_a_top(self, peak: Peak) -> Peak:
        """A climb with a kink on a value is a maximum where the likelihood falls to both sides."""
        if peak.kind != "maximum" or not peak.frame.alignments:
            return peak
        theta = peak.frame.theta(peak.u)
        assert theta is not None
        for alignment in peak.frame.alignments:
            for step in (-1e-7, 1e-7, -1e-5, 1e-5):
                there = self._moved(theta, alignment.kink, alignment.value + step)
                if self.whole.of(there) > peak.value + _AS_GOOD:
                    return replace(peak, kind="short")
        return peak

    def _at_a_pole(self, peak: Peak) -> bool:
        """Whether a kink is so near a value that the climb was on its way to an infinite density."""
        theta = peak.frame.theta(peak.u) or {}
        for kink in self.frame.alignable() if theta else ():
            place = peak.frame.place(kink, theta)
            nearest = float(self.x[np.abs(self.x - place).argmin()])
            near, nearer = (
                self.whole.of(self._moved(theta, kink, nearest + d * (1 + abs(nearest)))) for d in (1e-7, 1e-11)
            )
            if abs(nearest - place) < _TOUCH and nearer > near + _POLE:
                return True
        return False

    # --- what is said

    def _chosen(self, peaks: list[Peak]) -> Peak | None:
        """The highest; a maximum where it is as high."""
        sound = [peak for peak in peaks if peak.kind != "spike"] or peaks
        if not sound:
            return None
        highest = max(peak.value for peak in sound)
        level = [peak for peak in sound if peak.value >= highest - _BETTER * (1 + abs(highest))]
        return max(level, key=lambda peak: peak.kind == "maximum")

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
        jacobian = self._jacobian(peak.frame, peak.u, moving, free)
        jacobian *= np.array([self.unit.size if n in ("loc", "scale") else 1.0 for n in free])[:, None]
        found = jacobian @ np.linalg.pinv(optimum.information) @ jacobian.T
        known = (np.abs(jacobian) > 0).any(axis=1)
        out[np.ix_(known, known)] = found[np.ix_(known, known)]
        return out


def _gradient(value: Callable[[NDArray], float], u: NDArray, step: float) -> NDArray:
    """By central differences of the fourth order, of the second and nearer where those leave the parameters."""
    out = np.empty(len(u))
    for i in range(len(u)):
        move = np.zeros(len(u))
        for h in (step, step / 100, step / 10_000):
            move[i] = h
            near = value(u + move) - value(u - move)
            out[i] = (8 * near - value(u + 2 * move) + value(u - 2 * move)) / (12 * h)
            if math.isfinite(out[i]):
                break
    return out
