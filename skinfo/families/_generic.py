"""Any `scipy.stats` distribution outside the catalogue, known by its log density alone."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from skinfo.families._base import Support, Theta
from skinfo.families._domains import DOMAINS, Domain, domain_name
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.measures import Rows

_STEP = 6e-6  # cube root of the rounding unit: what a central difference wants
_NEAREST = 1e-9  # to 0 or 1, what SciPy writes for an open end
_REACH = 4.0  # of a guess, in the coordinates in which a shape is free
_GUESSES, _PROBES = 48, 6
_PROBE_SECONDS = 0.02
_KINKS: tuple[float, ...] = (0.0, 1.0, -1.0)
_NEAR_KINK = 1e-6
_JUMP = 1e-3  # of the slope, relative


def _no_start(rows: Rows, loc: float) -> Theta:
    raise NotImplementedError("a numerical family is searched, not climbed from a start")


@dataclass(frozen=True, kw_only=True)
class NumericalFamily(NonlinearFamily):
    """A family of which nothing is known but the log density and its support.

    Parameters
    ----------
    fixed_ends : (bool, bool)
        Whether the standard support's low and high ends are finite whatever the shapes.
    kinks : tuple of float or str
        Standardised values, or shapes that are such values, where the log density has a kink, a hole or a pole.
    relative : dict of str to str, optional
        Shapes that lie between plus and minus another one, ends included.
    """

    start: Callable[[Rows, float], Theta | list[Theta]] = _no_start
    fixed_ends: tuple[bool, bool] = (False, False)
    kinks: tuple[float | str, ...] = ()
    relative: Mapping[str, str] | None = None

    def axis(self, name: str) -> Domain:
        """Domain of a shape, in units of the one that it is relative to."""
        return DOMAINS[self._domain_in_unit(name)]

    def _domain_in_unit(self, name: str) -> str:
        return domain_name(-1, 1, True, True) if name in (self.relative or {}) else self.domain(name)

    def unit(self, name: str, theta: Theta) -> float:
        """What a shape is measured in."""
        return theta[self.relative[name]] if self.relative and name in self.relative else 1.0

    def guesses(self, given: Mapping[str, float]) -> list[Theta]:
        """Shapes to start from: points that fill their domains evenly.

        Parameters
        ----------
        given : dict
            Parameters that are not estimated.

        Returns
        -------
        list of dict
            Those that follow from the data left out.
        """
        relative = self.relative or {}
        guesses = shape_guesses({name: self._domain_in_unit(name) for name in self.shapes or {}}, given)
        return [
            {n: v * self.unit(n, guess) if n in relative and n not in given else v for n, v in guess.items()}
            for guess in guesses
        ]


@lru_cache(maxsize=256)
def generic_family(distribution: Any) -> NumericalFamily:
    """The family contract for a SciPy distribution.

    Parameters
    ----------
    distribution : scipy.stats.rv_continuous or scipy.stats.rv_discrete
        The distribution.

    Returns
    -------
    NumericalFamily
        With scores by central differences, and what a few probes tell of its support and kinks.
    """
    log_density = distribution.logpmf if hasattr(distribution, "logpmf") else distribution.logpdf

    def standard(z: NDArray, /, **shapes: float) -> NDArray:
        with np.errstate(all="ignore"):
            return log_density(z, **shapes)

    def ends(**shapes: float) -> tuple[float, float]:
        low, high = distribution.support(**shapes)
        return float(low), float(high)

    shapes = _domains(distribution)
    discrete = hasattr(distribution, "pmf")
    probes = (
        [] if discrete else [(guess, found) for guess in _probes(shapes) if not np.isnan(found := ends(**guess)).any()]
    )
    lows, highs = map(set, zip(*(found for _, found in probes))) if probes else ({distribution.a}, {distribution.b})
    fixed_ends = all(map(math.isfinite, lows)), all(map(math.isfinite, highs))
    moving = len(lows) + len(highs) > 2
    lows, highs = (lows if len(lows) == 1 else {distribution.a}), (highs if len(highs) == 1 else {distribution.b})
    for name, domain in shapes.items():
        if domain != "integer" and probes and all(found[0] == guess[name] for guess, found in probes):
            shapes[name], lows = "lowest", {DOMAINS[domain].low}
        elif domain != "integer" and probes and all(found[1] == guess[name] for guess, found in probes):
            shapes[name], highs = "highest", {DOMAINS[domain].high}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinks = _kinks(standard, probes)
    support = Support(float(min(lows)), float(max(highs)), closed_low=True, closed_high=True)
    return NumericalFamily(
        name=distribution.name,
        distribution=distribution,
        support=support,
        shapes=shapes,
        ends=ends if moving else None,
        standard=standard,
        slope=_slope(standard, support),
        shape_scores={name: _shape_score(standard, name) for name in shapes},
        smooth=not kinks,
        fixed_ends=fixed_ends,
        kinks=kinks,
    )


def _slope(standard: Callable[..., NDArray], support: Support) -> Callable[..., NDArray]:
    def slope(z: NDArray, /, **shapes: float) -> NDArray:
        room = np.minimum(z - support.low, support.high - z)
        step = _STEP * np.minimum(1 + np.abs(z), np.where(room > 0, room, np.inf))
        return (standard(z + step, **shapes) - standard(z - step, **shapes)) / (2 * step)

    return slope


def _shape_score(standard: Callable[..., NDArray], name: str) -> Callable[..., NDArray]:
    def score(z: NDArray, /, **shapes: float) -> NDArray:
        value = shapes[name]
        step = _STEP * (abs(value) or 1.0)
        up, down = {**shapes, name: value + step}, {**shapes, name: value - step}
        return (standard(z, **up) - standard(z, **down)) / (2 * step)

    return score


def _domains(distribution: Any) -> dict[str, str]:
    names = (distribution.shapes or "").replace(",", " ").split()
    if not hasattr(distribution, "_shape_info"):  # a user's own says no more than their names
        return dict.fromkeys(names, "real")
    return dict(zip(names, map(_domain, distribution._shape_info())))  # whose names are not always the arguments'


def _domain(info: Any) -> str:
    if info.integrality:
        return "integer"
    closed = [bool(inside) and math.isfinite(end) for inside, end in zip(info.inclusive, info.domain)]
    ends = [
        float(round(end)) if math.isfinite(end) and abs(end - round(end)) < _NEAREST else float(end)
        for end in info.domain
    ]
    return domain_name(ends[0], ends[1], closed[0], closed[1])


def shape_guesses(shapes: Mapping[str, str], given: Mapping[str, float], count: int = _GUESSES) -> list[Theta]:
    """Points that fill the domains of the free shapes evenly, a plain one first; those given as they are."""
    free = [name for name, domain in shapes.items() if name not in given and domain not in ("lowest", "highest")]
    fixed = {name: given[name] for name in shapes if name in given}
    if not free:
        return [fixed]
    domains = [DOMAINS[shapes[name]] for name in free]
    points = [[0.0] * len(free), *(_REACH * (2 * qmc.Halton(len(free), scramble=False).random(count) - 1)).tolist()]
    return [fixed | {n: d.bound(u) for n, d, u in zip(free, domains, point)} for point in points]


def _probes(shapes: Mapping[str, str]) -> list[Theta]:
    """Some ordinary shapes; integers are small ones."""
    integers = [name for name, domain in shapes.items() if domain == "integer"]
    guesses = shape_guesses(shapes, dict.fromkeys(integers, 3.0), 4 * _PROBES)
    return guesses + [guess | dict.fromkeys(integers, 5.0) for guess in guesses[: _PROBES * bool(integers)]]


def _kinks(
    standard: Callable[..., NDArray], probes: list[tuple[Theta, tuple[float, float]]]
) -> tuple[float | str, ...]:
    """Where the slope jumps, at whatever shapes: among 0, plus and minus 1, and the values of shapes."""
    found: dict[float | str, None] = {}
    for guess, (low, high) in probes[:_PROBES]:
        since = time.perf_counter()
        points: dict[float | str, float] = {at: at for at in _KINKS}
        points |= {name: at for name, at in guess.items() if at not in _KINKS}
        for key in [key for key, at in points.items() if low < at < high and key not in found]:
            at = points[key]
            step = _NEAR_KINK * min(1.0, at - low, high - at)
            steps = (64 * step, 8 * step, step)  # a smooth slope's jump shrinks with them, that of noise grows
            jumps = [_jump(standard(at + h * np.array([-2.0, -1.0, 1.0, 2.0]), **guess), h) for h in steps]
            if min(jumps) > _JUMP and jumps[2] > 0.5 * jumps[1]:
                found[key] = None
            if time.perf_counter() - since > _PROBE_SECONDS:
                return tuple(found)
    return tuple(found)


def _jump(values: NDArray, step: float) -> float:
    """Difference of the slopes on both sides, relative to their size."""
    with np.errstate(all="ignore"):
        before, after = (values[1] - values[0]) / step, (values[3] - values[2]) / step
        return (
            float(abs(after - before) / (1 + abs(before) + abs(after))) if np.isfinite([before, after]).all() else 0.0
        )
