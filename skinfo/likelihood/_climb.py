"""Climbing to the maximum: on few nodes or rows first, then on all, where the certificate is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skinfo.families import Family
from skinfo.families._base import Theta
from skinfo.likelihood._coordinates import EXTREMES, Coordinates
from skinfo.likelihood._newton import Objective, Optimum, chord, newton
from skinfo.measures import Rows, compress

PILOT_ROWS = 1 << 12  # the smallest subsample worth solving first
_PILOT_TOL = 1e-3
_GROWTH = 16  # from one subsample to the next: an error of a quarter of its standard errors in each direction
COMPRESSED_ROWS = 1 << 13  # from here on compressing takes less than it saves
_LIMIT = 1e6  # a shape this large (times the data's mean for counts) is at its limit
_COLLAPSE = 1e-10  # a distance to the support's end or a scale, in units of the data's spread
NEAR_COLLAPSE = 1e-6  # the same where the iteration stalled without curvature


class Ladder(NamedTuple):
    """What to climb on, the cheapest first, all rows last; whether the first sums are those of all rows."""

    samples: list[Rows]
    compressed: bool = False


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


def climb(
    coordinates: Coordinates, starts: list[Theta], given: Theta, steps: Ladder, *, tol: float, max_iter: int
) -> Optimum:
    """Maximise over the free parameters.

    Parameters
    ----------
    coordinates : Coordinates
        The free parameters.
    starts : list of dict
        Where to start: each is climbed on the first sample, and the best goes on.
    given : dict
        Parameters that are not free.
    steps : Ladder
        What to climb on.
    tol : float
        Decrement to reach on the last.
    max_iter : int
        Newton steps at most, on each.

    Returns
    -------
    Optimum
        On the last sample.
    """
    samples, spectral = steps

    def stop(u: NDArray) -> bool:
        at = coordinates.theta(u, given)
        return limit_reached(coordinates, at) is not None or collapsed(coordinates, at) is not None

    def objective(rows: Rows) -> Objective:
        return _objective(coordinates, given, rows)

    u = [coordinates.free(theta) for theta in starts]
    goals = [tol if spectral or sample is samples[-1] else max(tol, _PILOT_TOL) for sample in samples]

    def newton_on(sample: Objective, u: NDArray, tol: float) -> Optimum:
        return newton(sample, u, tol=tol, max_iter=max_iter, stop=stop)

    best = _highest([newton_on(objective(samples[0]), start, goals[0]) for start in u])
    for sample, goal in zip(samples[1:], goals[1:]):
        if stop(best.u):
            if spectral:
                return best  # at a limit or a spike: what the rows would add is not worth their passes
            best = newton_on(objective(sample), best.u, goal)
            continue
        whole = objective(sample)
        finished = chord(whole, best, tol=goal, exact=spectral) if math.isfinite(best.decrement) else None
        if finished is None:
            start = best.u if math.isfinite(whole.value(best.u)) else u[0]
            finished = newton_on(whole, start, goal)
        best = finished
    return best


def _highest(optima: list[Optimum]) -> Optimum:
    """The highest maximum; one without curvature only where there is no other."""
    return max(optima, key=lambda o: (math.isfinite(o.decrement), o.value))


def _objective(coordinates: Coordinates, given: Theta, rows: Rows) -> Objective:
    family, names = coordinates.family, coordinates.names

    def value(u: NDArray) -> float:
        with np.errstate(all="ignore"):
            try:
                return family.mean_log_prob(rows, coordinates.theta(u, given))
            except (ValueError, OverflowError, ZeroDivisionError):
                return -math.inf  # a step out of the range of floats

    def gradient(u: NDArray) -> NDArray:
        theta = coordinates.theta(u, given)
        with np.errstate(all="ignore"):
            return coordinates.jacobian(theta).T @ family.mean_score(rows, theta, names)

    def noise(u: NDArray) -> NDArray:
        theta = coordinates.theta(u, given)
        return np.abs(coordinates.jacobian(theta).T) @ family.score_rounding(rows, theta, names)

    exact = not family.needs_rows(names)
    return Objective(value, gradient, noise, rows.total, coordinates.steps, coordinates.rounding, exact)


def limit_reached(coordinates: Coordinates, theta: Theta) -> tuple[str, str, str] | None:
    """Shape, end and the law found there, where the likelihood has driven a shape that far."""
    family = coordinates.family
    unit = max(1.0, abs(coordinates.rows.moments()[0])) if family.discrete else 1.0
    reached: dict[str, Callable[[float], bool]] = {
        "inf": lambda value: value >= 0.999 * _LIMIT * unit,
        "-inf": lambda value: value <= -0.999 * _LIMIT * unit,
        "0": lambda value: value <= 1 / _LIMIT,
    }
    for (name, end), law in (family.limits or {}).items():
        if name in coordinates.names and reached[end](theta[name]):
            return name, end, law
    return None


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
    return None
