"""Climbs to the maxima of a likelihood that is known by its values: Newton's steps, edges, limits, spikes and kinks."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from skinfo.families._base import Theta
from skinfo.families._generic import NumericalFamily
from skinfo.likelihood._frame import FARTHEST, Frame
from skinfo.likelihood._newton import Objective, Optimum, newton
from skinfo.likelihood._numerical_likelihood import Likelihood
from skinfo.measures import Rows

_STEP, _JACOBIAN_STEP = 1e-4, 1e-5  # of differences in the coordinates
_MOST_STEPS = 40
_PATIENCE, _STALLED = 8, 1e-4  # steps that have gained no more nats go along a ridge
_ROUNDS = 3
_ROUNDED = 1e-3  # standard errors that rounding may hide of a maximum
_FAR = 30.0
_TOUCH = 1e-3  # of the spread, between a pole and a value
_EDGE, _LIMIT = 9.0, 13.0  # coordinates so far out may be on the way to the edge of the parameters or to a limit
_SPIKE = -18.0  # logarithm of a scale, or of a distance from the data's extreme
_POLE = 1e-6  # gain of the mean log-likelihood next to an edge that is none of rounding
_AS_GOOD, _BETTER = 1e-11, 1e-9  # differences of mean log-likelihoods, relative
_NEIGHBOURS, _ALIGNED = 30, 3  # places of a kink that are looked at, and that are climbed from


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


class NumericalClimb:
    """Climbs on all rows.

    Parameters
    ----------
    family : NumericalFamily
        The family.
    frame : Frame
        The coordinates of its free parameters.
    likelihood : Likelihood
        Of all rows.
    total : float
        Sum of their weights.
    tol : float
        Newton decrement to reach.
    max_iter : int
        Newton steps at most.
    """

    def __init__(
        self, family: NumericalFamily, frame: Frame, likelihood: Likelihood, total: float, tol: float, max_iter: int
    ):
        self.family, self.frame, self.whole, self.total = family, frame, likelihood, total
        self.tol, self.max_iter = tol, max_iter

    def __call__(self, frame: Frame, u: NDArray) -> Peak:
        """The maximum near a point; where a kink is at the data, the best of those near."""
        peak = self._climb(frame, u)
        for _ in range(_ROUNDS):
            found = [found for kink in peak.frame.alignable() for found in self._aligned(peak, kink)]
            better = chosen([peak, *found])
            if better is None or better is peak:
                break
            peak = better
        if peak.kind == "short" and (ended := peak.frame.with_ends(peak.u)) is not None:
            peak = chosen([peak, self._climb(ended, ended.free(ended.theta(peak.u) or {}))]) or peak
        if peak.kind == "short":
            for _ in range(_ROUNDS):
                _, v = simplex(self.whole, peak.frame, np.clip(peak.u, -_FAR, _FAR), 100 * len(peak.u), 1e-6)
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
            stalled = len(values) > _PATIENCE and values[-1] - values[-_PATIENCE] < _STALLED / self.total
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
            total=self.total,
            steps=lambda v: np.full(len(v), 1e-4),
            spacing=np.zeros_like,
            reach=np.full(len(moving), 3.0),
            differences=2,
        )

    def _score(self, frame: Frame, u: NDArray, moving: list[int]) -> NDArray:
        """The gradient in coordinates, of a family that knows its scores."""
        theta, names = frame.theta(u), [name for name in self.family.parameters if name not in self.frame.given]
        if theta is None:
            return np.full(len(moving), np.nan)
        self.whole.clock.check()
        sample = Rows(self.whole.x, self.whole.weights)
        jacobian = jacobian_of(frame, u, moving, names)
        return jacobian.T @ self.family.mean_score(sample, theta, tuple(names))

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
        values = np.unique(self.whole.x)
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
            nearest = float(self.whole.x[np.abs(self.whole.x - place).argmin()])
            near, nearer = (
                self.whole.of(self._moved(theta, kink, nearest + d * (1 + abs(nearest)))) for d in (1e-7, 1e-11)
            )
            if abs(nearest - place) < _TOUCH and nearer > near + _POLE:
                return True
        return False


def chosen(peaks: list[Peak]) -> Peak | None:
    """The highest; a maximum where it is as high."""
    sound = [peak for peak in peaks if peak.kind != "spike"] or peaks
    if not sound:
        return None
    highest = max(peak.value for peak in sound)
    level = [peak for peak in sound if peak.value >= highest - _BETTER * (1 + abs(highest))]
    return max(level, key=lambda peak: peak.kind == "maximum")


def simplex(
    likelihood: Likelihood, frame: Frame, u: NDArray, evaluations: int, precision: float
) -> tuple[float, NDArray]:
    reach = np.array([FARTHEST[axis.kind] for axis in frame.axes])

    def loss(v: NDArray) -> float:
        return math.inf if (np.abs(v) > reach).any() else -likelihood(frame, v)

    corners = np.vstack([u, u + 0.4 * np.eye(len(u))])
    options = {"maxfev": evaluations, "initial_simplex": corners, "xatol": precision, "fatol": precision**2}
    found = minimize(loss, u, method="Nelder-Mead", options=options)
    return -float(found.fun), found.x


def jacobian_of(frame: Frame, u: NDArray, moving: list[int], names: Sequence[str]) -> NDArray:
    """Derivatives of parameters (rows) in coordinates (columns)."""
    out = np.full((len(names), len(moving)), np.nan)
    for j, i in enumerate(moving):
        step = np.zeros(len(u))
        step[i] = _JACOBIAN_STEP
        up, down = frame.theta(u + step), frame.theta(u - step)
        if up is not None and down is not None:
            out[:, j] = [(up[n] - down[n]) / (2 * _JACOBIAN_STEP) for n in names]
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
