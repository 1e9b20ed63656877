"""Climbing to the maximum: on few nodes or rows first, then on all, where the certificate is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skinfo.families import Family, Limit
from skinfo.families._base import Theta
from skinfo.families._domains import DOMAINS
from skinfo.likelihood._coordinates import EXTREMES, Coordinates
from skinfo.likelihood._newton import Objective, Optimum, chord, newton
from skinfo.measures import Rows, compress

PILOT_ROWS = 1 << 12  # the smallest subsample worth solving first
_PILOT_TOL = 1e-3
_GROWTH = 16  # from one subsample to the next: an error of a quarter of its standard errors in each direction
COMPRESSED_ROWS = 1 << 13  # from here on compressing takes less than it saves
_LIMIT = 0.999e6  # a shape this large (times the data's mean for counts) is at its limit
_IN_SIGHT, _NEAR_LIMIT = 30.0, 10.0  # worth a look at the law found there: on the way, at the end
_LIMIT_STEPS = 20
_AS_GOOD, _BETTER = 1e-12, 1e-9  # relative differences of mean log-likelihoods
_COLLAPSE = 1e-10  # a distance to the support's end or a scale, in units of the data's spread
NEAR_COLLAPSE = 1e-5  # the same where the iteration stalled without curvature


class Ladder(NamedTuple):
    """What to climb on, the cheapest first, all rows last; whether the first sums are those of all rows."""

    samples: list[Rows]
    compressed: bool = False


class Approach(NamedTuple):
    """A shape that goes to an end of its range, and what is found there, None if it is not one of the catalogue."""

    name: str
    end: str
    limit: Limit | None


def ladder(coordinates: Coordinates, given: Theta, compression: int | str | bool) -> Ladder:
    """Choose what to climb on.

    Parameters
    ----------
    coordinates : Coordinates
        The free parameters, and the rows.
    given : dict
        The others.
    compression : {"auto", False} or int
        Whether to compress the rows, or into how many bins an octave.

    Returns
    -------
    Ladder
        Rows alone where one pass over them is enough for all parameters; else a compressed sample or, where the law is
        not smooth, subsamples come first.
    """
    family, rows = coordinates.family, coordinates.rows
    if not family.needs_rows(coordinates.names):
        return Ladder([rows])
    if family.smooth and not family.discrete and _pays(compression, rows):
        sample = compress(rows, *singular_points(family, rows, given))
        return Ladder([sample.nodes(None if compression == "auto" else int(compression)), sample.fine(), rows], True)
    sizes = [len(rows)]
    while sizes[0] > 4 * PILOT_ROWS:
        sizes.insert(0, max(sizes[0] // _GROWTH, PILOT_ROWS))
    return Ladder([*(rows.subsample(size) for size in sizes[:-1]), rows])


def _pays(compression: int | str | bool, rows: Rows) -> bool:
    return compression is not False and (compression != "auto" or len(rows) >= COMPRESSED_ROWS)


def singular_points(family: Family, rows: Rows, given: Theta) -> tuple[float, float]:
    """Points towards which the log density may be singular: ends of the support, or the data's, where those move.

    Parameters
    ----------
    family : Family
        The law.
    rows : Rows
        One column.
    given : dict
        Parameters that are not free.

    Returns
    -------
    low, high : float
        Infinite where there is none.
    """
    support = family.support
    loc, scale = given.get("loc"), given.get("scale", 1.0 if support.high == 0 else None)
    low = rows.lowest if loc is None else loc
    high = rows.highest if loc is None or scale is None else loc + scale * support.high
    return (low if math.isfinite(support.low) else -math.inf, high if math.isfinite(support.high) else math.inf)


class Climb:
    """A maximisation over the free parameters.

    Parameters
    ----------
    coordinates : Coordinates
        The free parameters.
    given : dict
        Parameters that are not free.
    limits : list of Approach
        Where the supremum of the likelihood can be.
    limit_value : callable
        ``limit_value(limit, rows) -> float``: mean log-likelihood of the fit of the family found there; minus infinity
        if it has none.
    tol : float
        Decrement to reach on the last sample.
    max_iter : int
        Newton steps at most, on each.
    """

    def __init__(
        self,
        coordinates: Coordinates,
        given: Theta,
        limits: list[Approach],
        limit_value: Callable[[Limit, Rows], float],
        *,
        tol: float,
        max_iter: int,
    ):
        self.coordinates, self.given, self.limits, self.limit_value = coordinates, given, limits, limit_value
        self.unit = max(1.0, abs(coordinates.rows.moments()[0])) if coordinates.family.discrete else 1.0
        self.tol, self.max_iter = tol, max_iter

    def __call__(self, starts: list[Theta], steps: Ladder) -> tuple[Optimum, Approach | None]:
        """Climb from each start on the first sample, and from the best of the maxima on the others.

        Parameters
        ----------
        starts : list of dict
            Where to start.
        steps : Ladder
            What to climb on.

        Returns
        -------
        optimum : Optimum
            On the last sample, or where the climb ended at a limit or a spike.
        approach : Approach or None
            The limit that the likelihood increases to, where a family found there is as good as all that were met.
        """
        samples, compressed = steps
        u = [self.coordinates.free(theta) for theta in starts]
        goals = [self.tol if compressed or s is samples[-1] else max(self.tol, _PILOT_TOL) for s in samples]
        tops = [self._halt(samples[0], start, goals[0]) for start in u]
        best = self._settle(self._highest(tops, samples[0]), samples[0], goals[0])
        for sample, goal in zip(samples[1:], goals[1:]):
            if compressed and not best.converged:
                break  # at a limit, a spike or short of a maximum: what the rows would add is not worth their passes
            if self._over(best.u):
                best = self._newton(sample, best.u, goal)
                continue
            whole = self._objective(sample)
            finished = chord(whole, best, tol=goal, exact=compressed) if math.isfinite(best.decrement) else None
            if finished is None:
                start = best.u if math.isfinite(whole.value(best.u)) else u[0]
                finished = self._newton(sample, start, goal)
            best = finished
        limit = self._limit(best.u, samples[0], _NEAR_LIMIT)
        if limit is None and (limit := self._higher_limit(best.u, samples[0])) is not None:
            best = self._at(limit, self._objective(samples[0]), best, self.tol) or best
        return best, limit

    def _highest(self, tops: list[Optimum], sample: Rows) -> Optimum:
        """The highest maximum or point on the way to a limit; one without curvature only where there is no other."""
        if len(tops) == 1:
            return tops[0]
        sound = [math.isfinite(top.decrement) or self._limit(top.u, sample, _IN_SIGHT) is not None for top in tops]
        return max(zip(sound, tops), key=lambda pair: (pair[0], pair[1].value))[1]

    def _newton(self, sample: Rows, u: NDArray, tol: float) -> Optimum:
        return self._settle(self._halt(sample, u, tol), sample, tol)

    def _halt(self, sample: Rows, u: NDArray, tol: float) -> Optimum:
        """Newton's iteration, halted where a limit is in sight and the law found there is as good."""
        objective = self._objective(sample)
        if "below" in self.coordinates.kinds or self._ahead(u, _IN_SIGHT):
            # Nearly symmetric values have their maximum far out on a ridge: what is halted there would miss it.
            return newton(objective, u, tol=tol, max_iter=self.max_iter, stop=self._over)
        halted = newton(objective, u, tol=tol, max_iter=self.max_iter, stop=lambda u: self._over(u, _IN_SIGHT))
        if halted.converged or not self._ahead(halted.u, _IN_SIGHT) or self._limit(halted.u, sample, _IN_SIGHT):
            return halted
        return newton(objective, halted.u, tol=tol, max_iter=self.max_iter, stop=self._over)

    def _settle(self, halted: Optimum, sample: Rows, tol: float) -> Optimum:
        """A point halted in sight of a limit: the other parameters' best values there, or the maximum before it."""
        limit = None if halted.converged else self._limit(halted.u, sample, _IN_SIGHT)
        if limit is None or self._over(halted.u):
            return halted
        objective = self._objective(sample)
        there = self._at(limit, objective, halted, tol)
        return there or newton(objective, halted.u, tol=tol, max_iter=self.max_iter, stop=self._over)

    def _at(self, limit: Approach, objective: Objective, halted: Optimum, tol: float) -> Optimum | None:
        """The other parameters' best values with the shape all but at its limit; None if there is a maximum before."""
        i = [name for _, name in self.coordinates.moving].index(limit.name)
        beyond = 1.001 * _LIMIT
        end = {"inf": beyond * self.unit, "-inf": -beyond * self.unit, "0": 1 / beyond}[limit.end]
        there = DOMAINS[self.coordinates.moving[i][0]].free(end)
        others = np.delete(halted.u, i)
        if not len(others):
            return halted
        inner = newton(objective.along(i, there), others, tol=tol, max_iter=min(_LIMIT_STEPS, self.max_iter // 2))
        u = np.insert(inner.u, i, there)
        gradient = objective.gradient(u)
        outward = gradient[i] if there > halted.u[i] else -gradient[i]
        if outward < -_AS_GOOD:
            return None
        if not inner.value > halted.value:
            return halted
        information = objective.information(u, gradient)
        return replace(inner, u=u, information=information, converged=False, n_iter=halted.n_iter + inner.n_iter)

    def _theta(self, u: NDArray) -> Theta:
        return self.coordinates.theta(u, self.given)

    def _over(self, u: NDArray, distance: float = _LIMIT) -> bool:
        """Whether there is nothing more to climb: a limit, or a spike."""
        return bool(self._ahead(u, distance)) or collapsed(self.coordinates, self._theta(u)) is not None

    def _ahead(self, u: NDArray, distance: float) -> list[Approach]:
        """Limits whose shape has gone so far towards them."""
        theta = self._theta(u)
        reached: dict[str, Callable[[float], bool]] = {
            "inf": lambda value: value >= distance * self.unit,
            "-inf": lambda value: value <= -distance * self.unit,
            "0": lambda value: value <= 1 / distance,
        }
        return [limit for limit in self.limits if reached[limit.end](theta[limit.name])]

    def _limit(self, u: NDArray, sample: Rows, distance: float) -> Approach | None:
        """A limit so near whose law is as good as this point, or one that has all but been reached."""
        value = self._objective(sample).value(u)
        for limit in self._ahead(u, distance):
            if limit.limit and self.limit_value(limit.limit, sample) >= value - _AS_GOOD * (1 + abs(value)):
                return limit
        reached = self._ahead(u, _LIMIT)
        return reached[0]._replace(limit=None) if reached else None

    def _higher_limit(self, u: NDArray, sample: Rows) -> Approach | None:
        """A limit whose law is better than this point, however far: the climb has ended at a lower maximum."""
        value, theta = self._objective(sample).value(u), self._theta(u)
        ahead = [limit for limit in self.limits if theta[limit.name] < 0 or limit.end != "-inf"]
        ahead = [limit for limit in ahead if theta[limit.name] > 0 or limit.end != "inf"]
        values = [(self.limit_value(approach.limit, sample), approach) for approach in ahead if approach.limit]
        highest, limit = max(values, key=lambda pair: pair[0], default=(-math.inf, None))
        return limit if highest > value + _BETTER * (1 + abs(value)) else None

    def _objective(self, rows: Rows) -> Objective:
        return _objective(self.coordinates, self.given, rows)


def _objective(coordinates: Coordinates, given: Theta, rows: Rows) -> Objective:
    family, names = coordinates.family, coordinates.names

    def value(u: NDArray) -> float:
        try:
            return family.mean_log_prob(rows, coordinates.theta(u, given))
        except (ValueError, OverflowError, ZeroDivisionError):
            return -math.inf  # a step out of the range of floats

    def gradient(u: NDArray) -> NDArray:
        theta = coordinates.theta(u, given)
        return coordinates.jacobian(theta).T @ family.mean_score(rows, theta, names)

    def noise(u: NDArray) -> NDArray:
        theta = coordinates.theta(u, given)
        return np.abs(coordinates.jacobian(theta).T) @ family.score_rounding(rows, theta, names)

    def rounding(u: NDArray) -> float:
        return family.rounding(rows, coordinates.theta(u, given))

    differences = 4 if not family.needs_rows(names) else 2 if len(rows) < COMPRESSED_ROWS else 1
    return Objective(
        value=value,
        gradient=gradient,
        noise=noise,
        rounding=rounding,
        total=rows.total,
        steps=coordinates.steps,
        spacing=coordinates.spacing,
        reach=coordinates.reach,
        differences=differences,
    )


def collapsed(coordinates: Coordinates, theta: Theta, distance: float = _COLLAPSE) -> str | None:
    """Where the likelihood is unbounded, if the parameters are on the way there."""
    for kind, name in zip(coordinates.kinds, coordinates.names):
        if kind in ("below", "above"):
            extreme = coordinates.rows.lowest if kind == "below" else coordinates.rows.highest
            if abs(extreme - theta[name]) < distance * coordinates.unit:
                return "loc approaches the data's extreme value"
        whole_line = coordinates.family.support.low == -math.inf and not set(EXTREMES) & set(coordinates.kinds)
        if name == "scale" and whole_line and theta[name] < distance * coordinates.unit:
            return "scale approaches 0 on repeated values"
    return _at_an_end(coordinates, theta, distance)


def _at_an_end(coordinates: Coordinates, theta: Theta, distance: float) -> str | None:
    """Whether an end that only some shapes have is at the data's extreme."""
    family, rows = coordinates.family, coordinates.rows
    if not rows.has_atoms or not family.ends_move or set(EXTREMES) & set(coordinates.kinds):
        return None
    support = family.standard_support(family.shape_values(theta)).at(theta["loc"], theta["scale"])
    nearest = min(rows.lowest - support.low, support.high - rows.highest)
    return (
        "an end of the support approaches the data's extreme value" if nearest < distance * coordinates.unit else None
    )
