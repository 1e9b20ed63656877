"""The double Weibull family: abs(z)^c is exponential; with loc free its maximum is sought among c >= 1.

Below, the density is infinite at loc, and so is the likelihood with loc on a value. Above, it is 0 there: the
likelihood has a maximum between any two neighbouring values, where it is concave in loc.
"""

import math

import numpy as np
from scipy import optimize, stats
from scipy.special import xlogy

from skinfo.families._base import REAL_LINE, Edge
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Abs, X

_ROWS, _CENTRES = 1_000, 41
_GAPS, _AT_ONCE = 128, 16  # looked at on each side of a centre
_CLIMBED, _ROUNDS, _AGREE = 4, 50, 1e-13
_LAPLACE = 1e-6  # from c = 1


def _log_density(z, c):
    y = np.abs(z)
    return xlogy(c - 1, y) - y**c + np.log(c / 2)


def _derivatives(z, c):
    y = np.abs(z)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(y)
        power = y**c
        slope = np.where(y == 0, 0.0, (c - 1 - c * power) / z)  # at loc the two sides cancel
        return {"z": slope, "c": 1 / c + log - xlogy(power, y)}


def _weibull(distance, weights, c=None):
    """Best shape, unless it is given, scale and mean log density of distances that have a Weibull distribution."""
    log = np.log(distance)
    middle = float(weights @ log)
    log = log - middle
    if c is None:

        def slope(u):
            power = weights * np.exp(math.exp(u) * log)
            return math.exp(-u) - float(power @ log) / float(power.sum())

        low, high = -3.0, 0.0
        while slope(high) > 0 and high < 12:
            low, high = high, high + 1
        if not slope(low) > 0 > slope(high):
            return 1.0, math.exp(middle), -math.inf
        c = math.exp(optimize.brentq(slope, low, high, xtol=1e-14))
    mean = float(weights @ np.exp(c * log))
    return c, math.exp(middle + math.log(mean) / c), math.log(c / 2) - math.log(mean) - middle - 1


class _Search:
    """The best c > 1 and loc of some rows, in turn."""

    def __init__(self, rows, given):
        self.x, inverse = np.unique(rows.x.astype(np.float64), return_inverse=True)
        self.weights = np.bincount(inverse, rows.weights) / rows.total
        self.given = given

    def at(self, loc):
        """Shape, scale and mean log density, given loc."""
        distance = np.abs(self.x - loc)
        if not distance.all():
            return 1.0, math.nan, -math.inf
        c, scale, value = _weibull(distance, self.weights, self.given.get("c"))
        if "scale" in self.given:
            scale = self.given["scale"]
            if "c" not in self.given:
                c = _shape_given(distance / scale, self.weights)
            value = float(self.weights @ _log_density(distance / scale, c)) - math.log(scale)
        return c, scale, value

    def best(self, near):
        """Loc, shape and scale of the highest maximum with c > 1 whose gap is near one of some centres."""
        starts = [(self.at(loc), loc) for loc in near]
        starts = [(found, loc) for found, loc in starts if found[0] > 1]
        if not starts:
            return None
        (c, scale, _), loc = max(starts, key=lambda start: start[0][2])
        tops = [self.climb(gap, c, scale) for gap in self.gaps(loc, c, scale)]
        return max((top for top in tops if top is not None), key=lambda top: top[0], default=None)

    def gaps(self, loc, c, scale):
        """The most promising gaps between neighbouring values about loc."""
        at = int(np.searchsorted(self.x, loc))
        edges = self.x[max(at - _GAPS, 0) : at + _GAPS]
        middles = (edges[1:] + edges[:-1]) / 2
        values = np.concatenate(
            [
                _log_density((self.x - some[:, None]) / scale, c) @ self.weights
                for some in np.split(middles, range(_AT_ONCE, len(middles), _AT_ONCE))
            ]
        )
        return [(edges[i], edges[i + 1]) for i in np.argsort(-values)[:_CLIMBED]]

    def climb(self, gap, c, scale):
        """The maximum in a gap: loc, and the shape and scale given it, in turn."""
        low, high = gap
        width, loc = high - low, math.nan
        for _ in range(_ROUNDS):

            def slope(share, c=c, scale=scale):
                z = (self.x - (low + share * width)) / scale
                return -float(self.weights @ _derivatives(z, c)["z"])

            share = 1e-9
            while share > 1e-15 and not slope(share) > 0 > slope(1 - share):
                share /= 10
            if not slope(share) > 0 > slope(1 - share):
                return None
            last, loc = loc, low + width * optimize.brentq(slope, share, 1 - share, xtol=1e-15)
            c, scale, value = self.at(loc)
            if not c > 1 + _LAPLACE:
                return None
            if abs(loc - last) <= _AGREE * scale:
                break
        return value, loc, c, scale


def _shape_given(z, weights):
    """Best shape of distances in units of a given scale."""

    def slope(u):
        c = math.exp(u)
        return float(weights @ _derivatives(z, c)["c"])

    low, high = -3.0, 3.0
    while slope(high) > 0 and high < 12:
        high += 1
    return math.exp(optimize.brentq(slope, low, high)) if slope(low) > 0 > slope(high) else 1.0


def _found(rows, given):
    """The best loc, shape and scale with c > 1; None where there is none."""
    key = "dweibull", tuple(sorted(given.items()))
    if key not in rows.fits:
        some = rows.subsample(_ROWS)
        centres = some.quantiles(np.linspace(0.1, 0.9, _CENTRES)) + 1e-3 * math.sqrt(some.moments()[1]) / len(some)
        top = _Search(some, given).best(centres.tolist())
        if top is not None and len(some) < len(rows):
            top = _Search(rows, given).best([top[1]])
        rows.fits[key] = top
    return rows.fits[key]


def _edges(rows, given):
    """loc, with which c and scale go; the Laplace distribution where no c > 1 is better."""
    if "loc" in given or rows.lowest == rows.highest:
        return {}
    if given.get("c", 2.0) < 1:
        raise ValueError(
            f"the likelihood of dweibull with c={given['c']:g} is infinite with loc on any of the values; fix loc in "
            "fixed, or a c that is at least 1"
        )
    top = None if given.get("c") == 1 else _found(rows, given)
    median = float(rows.quantiles([0.5])[0])
    deviation = rows.means([Abs()], median)[Abs()]
    scale = given.get("scale", deviation)
    if top is None or top[0] < -math.log(2 * scale) - deviation / scale:
        edges = {"loc": Edge(median, scale), "scale": Edge(scale, scale)}
        if "c" not in given:
            edges["c"] = Edge(1.0, law="laplace")
        return {name: edge for name, edge in edges.items() if name not in given}
    _, loc, c, scale = top

    def curvature(x):
        z = np.abs((x - loc) / scale)
        return (c - 1) * (z**-2 + c * z ** (c - 2)) / scale**2

    return {"loc": Edge(loc, 1 / math.sqrt(float(rows.expect(curvature))))}


def _start(rows, loc):
    """The maximum given loc, of some rows."""
    some = rows.subsample(_ROWS)
    distance = np.abs(some.x.astype(np.float64) - loc)
    weights = np.full(len(some), 1.0) if some.weights is None else some.weights
    apart = distance > 0
    c, scale, _ = _weibull(distance[apart], weights[apart] / weights[apart].sum())
    return {"c": c, "scale": scale}


DWEIBULL = register(
    NonlinearFamily(
        name="dweibull",
        distribution=stats.dweibull,
        support=REAL_LINE,
        shapes={"c": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        edges=_edges,
        smooth=False,
        entropy=lambda c: np.euler_gamma * (1 - 1 / c) - math.log(c / 2) + 1,
        expectations={
            X: lambda _, c: 0.0,  # noqa: ARG005 - whatever c is
            SQUARE: lambda _, c: math.gamma(1 + 2 / c),
        },
        examples=(
            {"c": 2.0, "loc": -1.0, "scale": 0.7},
            {"c": 1.4, "scale": 1000.0},
            {"c": 5.0},
        ),
    )
)
