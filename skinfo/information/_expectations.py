"""The mean of any function under a law of one variable, by adaptive quadrature or summation."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from skinfo.information._laws import Function, Univariate
from skinfo.information._rules import LEAF, gauss, integers, integrate

_NEGLIGIBLE = -745.0  # log of what double precision takes for zero
_SUBNORMAL = math.log(np.finfo(float).tiny)
_NEAREST = 1e-300  # distance to an end at 0 where a half line begins
_RESOLUTION = 2**14 * np.finfo(float).eps  # to an end elsewhere, as a share of it: four digits are left
_GRID = 1025
_PANELS = 48
_DOUBLINGS = 960
_GRADING = np.concatenate([-(2.0 ** -np.arange(50)), [0.0], 2.0 ** -np.arange(50)])
_ERROR_TOLERANCE = 1e-8
_ROUNDING = np.finfo(float).eps  # of a log density of size one: what is smaller than that may be all rounding
# How far the total mass may be from one. The catalogue's laws have one bulk, which is not missed, and with
# parameters of 1e8 or so the rounding of log normalisers, which drops out of the quotient.
_MASS_TOLERANCE, _CATALOGUE_MASS_TOLERANCE = 1e-9, 1e-6
_BASE = 2.0  # length, in s, that a tail is extrapolated from
_FLAT = 1e-6  # a tail that decays more slowly than this, in the log of the distance, has no finite sum
_STRAIGHT = 0.2  # how much the slope of the log of a power law's tail may vary at its end
_LOG_LARGEST = math.log(np.finfo(float).max)
_ZOOM, _ZOOMS = 64, 10  # to where h overflows: to the rounding of s
_FAR = 1e25  # nats below the bulk, where no product is of interest: none grows as fast as that
_HUGE = 1e100  # what a power of x has come to before it overflows
_OVERFLOW = 1e4  # an infinite log density next to this has overflown; that of an underflown one ends near 745


class InaccurateIntegralWarning(RuntimeWarning):
    """A numerical expectation did not reach its tolerance."""


def expect(p: Univariate, h: Function, points: NDArray) -> float:
    """Mean of h(y) under the standard form of a law.

    Parameters
    ----------
    p : Univariate
        The law.
    h : callable
        Takes an array of y = (x - loc) / scale. Minus infinity, where a density is zero, counts; plus
        infinity, at a pole that a node happens to meet, does not.
    points : ndarray
        Values of y that outline where h changes.

    Returns
    -------
    float
        Infinite where the integral diverges.

    Warns
    -----
    InaccurateIntegralWarning
        If the result is not known to be accurate to 1e-8 of the mean of abs(h).
    """
    if p.atoms is not None:
        mass = np.exp(p.log_density(p.atoms))
        return float(mass[mass > 0] @ h(p.atoms[mass > 0]))
    points = np.union1d(points, p.outline(p))
    f = _discrete(p, h, points) if p.discrete else _continuous(p, h, points)
    mass_tolerance = _MASS_TOLERANCE if p.family is None else _CATALOGUE_MASS_TOLERANCE
    if not (p.discrete or f.divergent or abs(f.values[0] - 1) <= mass_tolerance):
        f = _continuous(p, h, points, graded=True)
    if f.divergent:
        return f.divergent
    mass, value, lost = f.values
    if not 0.5 < mass < 2:
        raise ValueError(
            f"the total probability of a distribution is {mass:.2g}, not 1, by numerical integration; its "
            "parameters may be beyond what SciPy's formulas for it can do"
        )
    size, error = f.sizes[1] / mass, f.errors[1] / mass
    subnormal = 600 < f.largest < _OVERFLOW
    if lost * f.largest > _ERROR_TOLERANCE * size or (f.largest <= 600 and lost > _ROUNDING):
        if subnormal:
            _warn(f"a density underflows to 0, with infinite logarithm, where the law has mass {lost:.1g}")
        return -math.inf
    if not (error <= max(_ERROR_TOLERANCE * size, _ROUNDING) and abs(mass - 1) <= mass_tolerance):
        off = max(error, abs(mass - 1) * size)
        _warn(f"the result may be off by {off:.1g}: the numerical integral over the law did not converge")
    return float(value / mass)


def _warn(message: str) -> None:
    warnings.warn(message, InaccurateIntegralWarning, stacklevel=2)


class _Integrand:
    """The functions that are integrated: p, p h where h is finite, and p where h is minus infinity."""

    def __init__(self, log_weight: Function, h: Function):
        self.log_weight, self.h = log_weight, h
        self.largest, self.divergent = 1.0, 0.0
        self.values = self.sizes = self.errors = np.zeros(3)

    def __call__(self, s: NDArray) -> NDArray:
        log_weight, h = self.log_weight(s), self.h(s)
        none = np.isneginf(h) | np.isnan(h)
        h = np.where(np.isfinite(h), h, 0.0)
        self.largest = max(self.largest, float(np.abs(h).max(initial=0.0, where=log_weight > _NEGLIGIBLE)))
        with np.errstate(all="ignore"):
            product = np.sign(h) * np.exp(log_weight + np.log(np.abs(h)))
            weight = np.exp(log_weight)
        if (overflown := np.isinf(product)).any():
            self.divergent = float(product[overflown][0])
            product[overflown] = 0.0
        return np.stack([weight, product, none * weight])

    def integrate(self, start: NDArray, width: NDArray, *rule: Any, ends: list[_End]) -> _Integrand:
        """Integrate over panels and add what is beyond their ends, which may be infinite."""
        infinite = [end.value for end in ends if math.isinf(end.value)]
        if infinite:
            self.divergent = max(infinite)
            return self
        with np.errstate(over="ignore"):
            self.values, self.sizes, self.errors = integrate(self, start, width, *rule)
        for end in ends:
            self.values += [end.mass, end.value, 0.0]
            self.errors[1] += end.doubt
        return self


class _End(NamedTuple):
    """Where to stop on the way outward, and the integrals of p and p h from there on."""

    stop: int
    mass: float = 0.0
    value: float = 0.0
    doubt: float = 0.0


def _end(s: NDArray, log_density: NDArray, log_slope: NDArray, h: NDArray) -> _End:
    """Find the end of the range on the way outward, from values on a grid of s.

    A law that is still there at the last representable value, or where its formula or h overflows, may have
    the tail of a power law: an exponential in s, which the last values extrapolate.
    """
    log_weight = log_density + log_slope
    relevant = np.flatnonzero(log_weight > _NEGLIGIBLE)
    if not len(relevant):
        return _End(min(1, len(s) - 1))
    last = int(relevant[-1])
    following = min(last + 1, len(s) - 1)
    finite = np.flatnonzero(np.isfinite(h[: last + 1]))
    overflown = len(finite) > 0 and finite[-1] < last and abs(h[finite[-1]]) > _HUGE
    if overflown and (log_weight[finite[-1] : last + 1] <= log_weight[finite[-1]]).all():  # the bulk is not out there
        stop = int(finite[-1])
    elif following > last and not np.isneginf(log_weight[following]):
        return _End(following)
    else:  # the logarithm of a subnormal number has few digits
        normal = np.flatnonzero(~((log_density < _SUBNORMAL) & (log_density > _NEGLIGIBLE))[: last + 1])
        stop = int(normal[-1]) if len(normal) else last
    distance = np.abs(s[stop] - s[:stop])
    bases = [np.flatnonzero(distance >= base) for base in (_BASE, 2 * _BASE)]
    if not (np.isfinite(h[stop]) and len(bases[1])):
        return _End(following)
    near, far = int(bases[0][-1]), int(bases[1][-1])
    decays = [_decay(s, log_weight, start, stop) for start in (near, far)]
    value = _tail(s, log_weight, h, near, stop)
    straight = decays[0] > _FLAT and abs(decays[0] - decays[1]) < _STRAIGHT * decays[0]
    if not (straight or (overflown and math.isinf(value))):
        return _End(following if stop == last else stop)
    doubt = abs(value - _tail(s, log_weight, h, far, stop)) if math.isfinite(value) else math.inf
    return _End(stop, _exp(log_weight[stop]) / decays[0], value, doubt)


def _log_unseen(f: _Integrand, s: NDArray, log_weight: NDArray, values: NDArray) -> float:
    """Log of the largest -p h where h has overflown, and p underflows or the product is beyond floats.

    There log(-h) is taken to go on in s as just before, which it does for powers.
    """
    over = np.isneginf(values) & (log_weight > -_FAR)
    largest = -math.inf
    for step in [1, -1] if over.any() else []:
        way = slice(None, None, step)
        x, weight, is_over = s[way], log_weight[way], over[way]
        for at in np.flatnonzero(is_over[1:] & np.isfinite(values[way][:-1])) + 1:
            start, log_value, growth = _before_overflow(f.h, x[at - 1], x[at])
            products = weight[at:] + log_value + growth * np.abs(x[at:] - start)
            top = at + int(np.where(is_over[at:], products, -math.inf).argmax())
            before, after = (start if top == at else float(x[top - 1])), float(x[top:][:2][-1])
            near = np.linspace(before, after, _ZOOM)
            weights = f.log_weight(near)
            products = weights + log_value + growth * np.abs(near - start)
            largest = max(
                largest,
                float(products.max(initial=-math.inf, where=(weights <= _NEGLIGIBLE) | (products > _LOG_LARGEST))),
            )
    return largest


def _before_overflow(h: Function, above: float, below: float) -> tuple[float, float, float]:
    """Where h is about to overflow between two points, log(-h) there, and how fast it grows."""
    for _ in range(_ZOOMS):
        s = np.linspace(above, below, _ZOOM)
        s = s[np.append(True, np.diff(s) != 0)]
        values = h(s)
        large = np.flatnonzero(np.isfinite(values) & (values < -_HUGE))
        if len(large) > 1:
            last, logs = s[large[-2:]], np.log(-values[large[-2:]])
            return float(last[1]), float(logs[1]), float((logs[1] - logs[0]) / abs(last[1] - last[0]))
        at = max(1, int(np.argmin(np.isfinite(values) & (values >= -_HUGE))))
        above, below = s[at - 1], s[at]
    return below, -math.inf, 0.0  # a density, or its argument, is beyond floats there, and not its logarithm


def _exp(log_weight: float) -> float:
    """Exponential without overflow: a law that has such a density far out is broken, and its mass says so."""
    return math.exp(min(log_weight, 700.0))


def _decay(s: NDArray, values: NDArray, start: int, stop: int) -> float:
    """Rate at which values fall from one point to another one further out."""
    return float(values[start] - values[stop]) / abs(s[stop] - s[start])


def _tail(s: NDArray, log_weight: NDArray, h: NDArray, start: int, stop: int) -> float:
    """Integral of p h beyond a point, extrapolated from there and another one further inside."""
    decay, growth = _decay(s, log_weight, start, stop), -_decay(s, h, start, stop)
    weight = _exp(log_weight[stop])
    if weight == 0 or h[stop] == 0:
        return 0.0
    if abs(h[stop] - h[start]) < 0.2 * abs(h[stop]):  # h is about linear in s, as logarithms are
        return weight / decay * (h[stop] + growth / decay) if decay > _FLAT else 0.0
    if h[start] != 0:
        decay -= (math.log(abs(h[stop])) - math.log(abs(h[start]))) / abs(s[stop] - s[start])
    return math.copysign(math.inf, h[stop]) if decay < _FLAT else weight * h[stop] / decay


def _continuous(p: Univariate, h: Function, points: NDArray, *, graded: bool = False) -> _Integrand:
    chart = _chart(p)
    f = _Integrand(lambda s: _no_nan(p.log_density(chart.y(s))) + chart.log_slope(s), lambda s: h(chart.y(s)))
    with np.errstate(divide="ignore", invalid="ignore"):
        points = chart.s(points)
    points = points[(points > chart.low) & (points < chart.high)]
    s = np.union1d(np.linspace(chart.low, chart.high, _GRID), points)
    middle = int(np.searchsorted(s, np.median(points) if len(points) else 0.0))
    log_slope, log_weight, heights = chart.log_slope(s), f.log_weight(s), f.h(s)
    log_unseen = _log_unseen(f, s, log_weight, heights)
    if log_unseen > _LOG_LARGEST:
        f.divergent = -math.inf
        return f
    values = s, log_weight - log_slope, log_slope, heights
    up = _end(*(v[middle:] for v in values))
    down = _end(*(v[middle::-1] for v in values))
    low, high = s[middle - down.stop], s[middle + up.stop]
    if graded:  # a law of several narrow peaks far apart: close in on every point
        points = np.add.outer(points, (high - low) * _GRADING).ravel()
    edges = np.union1d(np.linspace(low, high, _PANELS + 1), points[(points > low) & (points < high)])
    f.integrate(edges[:-1], np.diff(edges), gauss, ends=[up, down])
    f.errors[1] += _exp(log_unseen)
    return f


def _discrete(p: Univariate, h: Function, points: NDArray) -> _Integrand:
    f = _Integrand(lambda k: _no_nan(p.log_density(k)), h)
    middle = float(np.clip(np.rint(p.ppf(np.array(0.5))), p.low, p.high))
    if math.isnan(middle):
        middle = max(p.low, min(p.high, 0.0))
    width = LEAF * 2.0 ** np.arange(_DOUBLINGS)
    distance = width - LEAF
    up, down = middle + distance, middle - 1 - distance
    ends, starts, widths = [], [], []
    for near, first in ((up[up <= p.high], 0.0), (down[down >= p.low], 1.0)):
        n = width[: len(near)]
        if len(near):
            ends.append(_end(np.log(n), f.log_weight(near), np.log(n), f.h(near)))
            count = ends[-1].stop + 1
            starts.append(near[:count] - first * (n[:count] - 1))
            widths.append(n[:count])
    start, n = _split_at(points, np.concatenate(starts), np.concatenate(widths))
    return f.integrate(start, n, integers, LEAF, ends=[*ends])


def _split_at(points: NDArray, start: NDArray, width: NDArray) -> tuple[NDArray, NDArray]:
    """Halve the panels that hold a point, down to the smallest."""
    while True:
        inside = np.searchsorted(points, start) < np.searchsorted(points, start + width)
        split = inside & (width > LEAF)
        if not split.any():
            return start, width
        half = width[split] / 2
        start = np.concatenate([start[~split], start[split], start[split] + half])
        width = np.concatenate([width[~split], half, half])


def _chart(p: Univariate) -> _Chart:
    lower, median, upper = map(float, p.ppf(np.array([0.25, 0.5, 0.75])))
    low, high = p.low, p.high
    if math.isinf(low) and math.isinf(high):
        w = (upper - lower) / 2
        median, w = (median, w) if math.isfinite(median) and 0 < w < math.inf else (0.0, 1.0)
        end = 708.0 - max(0.0, math.log(w))
        return _Chart(
            lambda s: median + w * np.sinh(s),
            lambda s: math.log(w / 2) + np.abs(s) + np.log1p(np.exp(-2 * np.abs(s))),
            lambda y: np.arcsinh((y - median) / w),
            -end,
            end,
        )
    if math.isfinite(low) and math.isfinite(high):
        w = high - low
        return _Chart(
            lambda s: np.where(s < 0, low + w * expit(s), high - w * expit(-s)),
            lambda s: math.log(w) + log_expit(s) + log_expit(-s),
            lambda y: np.log((y - low) / (high - y)),
            math.log(_nearest(low)) - math.log(w),
            math.log(w) - math.log(_nearest(high)),
        )
    end, side = (low, 1.0) if math.isfinite(low) else (high, -1.0)
    w = side * (median - end)
    w = w if 0 < w < math.inf else 1.0
    bounds = math.log(_nearest(end)) - math.log(w), 708.0 - max(0.0, math.log(w))
    return _Chart(
        lambda s: end + side * w * np.exp(s),
        lambda s: math.log(w) + s,
        lambda y: np.log(side * (y - end) / w),
        *bounds,
    )


class _Chart(NamedTuple):
    """A smooth coordinate s in which a law's ends are far away and power laws are exponentials."""

    y: Callable[[NDArray], NDArray]
    log_slope: Callable[[NDArray], NDArray]
    s: Callable[[NDArray], NDArray]
    low: float
    high: float


def _nearest(end: float) -> float:
    """Distance from an end at which a value can still be told from it."""
    return max(_NEAREST, _RESOLUTION * abs(end))


def _no_nan(log_density: NDArray) -> NDArray:
    """No mass where a formula for the density breaks down or overflows, as some do far out; the total tells."""
    return np.where(log_density < np.inf, log_density, -np.inf)
