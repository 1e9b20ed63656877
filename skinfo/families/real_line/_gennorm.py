"""The generalised normal law, or exponential power law."""

import math

import numpy as np
from scipy import stats
from scipy.optimize import brentq, minimize_scalar
from scipy.special import digamma, gammainc, gammaincc, gammaln, xlogy

from skinfo.families._base import REAL_LINE, Edge, NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Abs, X

_FLATTEST, _SHARPEST = 1e4, 0.25  # shapes between which loc is profiled
_PILOT_ROWS = 2000
_ROUNDS, _GRID = 8, 16
_UNIFORM = 1e6  # a shape at its limit


def _log_density(z, beta):
    return -math.log(2) - float(gammaln(1 + 1 / beta)) - np.abs(z) ** beta


def _slope(z, beta):
    distance = np.where(z == 0, 1.0, np.abs(z))  # at a cusp the two sides cancel
    return -beta * np.sign(z) * distance ** (beta - 1)


def _beta_score(z, beta):
    distance = np.abs(z)
    return float(digamma(1 + 1 / beta)) / beta**2 - xlogy(distance**beta, distance)


def _mean_power(rows, loc, beta, unit):
    return float(rows.expect(lambda x: (np.abs(x - loc) * (1 / unit)) ** beta))


def _profile(rows, loc, scale, near=None):
    """The best beta given loc, the scale that goes with it, and minus the log density there.

    Next to 0 the likelihood may be unbounded: a maximum inside is preferred, or the uniform end where that is better.
    """
    unit = scale or max(rows.highest - loc, loc - rows.lowest)

    def loss(u):
        beta = math.exp(u)
        with np.errstate(over="ignore"):
            power = _mean_power(rows, loc, beta, unit)
        inner = power if scale else (math.log(beta * power) + 1) / beta + math.log(unit)
        return float(gammaln(1 + 1 / beta)) + inner

    if near is None:
        grid = np.linspace(math.log(_SHARPEST), math.log(_FLATTEST), _GRID)
        losses = np.array([loss(u) for u in grid])
        inside = np.flatnonzero((losses[1:-1] < losses[:-2]) & (losses[1:-1] <= losses[2:])) + 1
        choices = [*inside, _GRID - 1] if len(inside) else [0, _GRID - 1]
        best = min(choices, key=lambda i: losses[i])
        bounds = grid[max(best - 1, 0)], grid[min(best + 1, _GRID - 1)]
    else:
        bounds = math.log(near) - 0.3, math.log(near) + 0.3
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-8})
    beta = math.exp(found.x)
    return beta, scale or _scale(rows, loc, beta), float(found.fun)


def _scale(rows, loc, beta):
    unit = max(rows.highest - loc, loc - rows.lowest)
    return unit * (beta * _mean_power(rows, loc, beta, unit)) ** (1 / beta)


def _start(rows, loc):
    some = rows.subsample(10_000)
    beta, scale, _ = _profile(some, loc, None)
    if beta < 0.99 * _FLATTEST:
        return {"beta": beta, "scale": scale}
    return {"beta": _UNIFORM, "scale": _scale(rows, loc, _UNIFORM)}


def _centre(rows, beta, near):
    """Where the mean of abs(x - loc)^beta is least: a zero of its slope, or, up to beta = 1, a data point."""
    if beta >= 0.99 * _FLATTEST:
        return (rows.lowest + rows.highest) / 2
    if beta > 1:

        def slope(loc):
            unit = max(rows.highest - loc, loc - rows.lowest)

            def pull(x):
                d = (x - loc) * (1 / unit)
                return np.sign(d) * np.abs(d) ** (beta - 1)

            return float(rows.expect(pull))

        return brentq(slope, rows.lowest, rows.highest, xtol=1e-13 * (rows.highest - rows.lowest))
    unit = rows.highest - rows.lowest
    candidates = np.unique(rows.x).astype(np.float64)
    if len(candidates) <= _PILOT_ROWS:
        return float(min(candidates.tolist(), key=lambda loc: _mean_power(rows, loc, beta, unit)))
    at, reach = int(np.searchsorted(candidates, near)), len(candidates) // 16
    some = rows.subsample(1 << 16)
    while True:  # a few candidates of an ever narrower range
        tried = np.unique(np.linspace(at - reach, at + reach, 65).round().clip(0, len(candidates) - 1).astype(int))
        sample = some if reach > len(candidates) // 256 else rows
        at = min(tried.tolist(), key=lambda i: _mean_power(sample, candidates[i], beta, unit))
        if reach <= 32:
            return float(candidates[at])
        reach = max(reach // 16, 32)


def _edges(rows, given):
    """loc, of which the likelihood has a kink or a cusp in every value; with it beta and scale, in turn."""
    if "loc" in given or rows.lowest == rows.highest:
        return {}
    some = rows.subsample(_PILOT_ROWS)
    median = float(some.quantiles([0.5])[0])
    # from the middle, and from where a cusp would be
    found = min((_alternate(some, given, loc) for loc in (median, _centre(some, 0.5, median))), key=lambda f: f[-1])
    loc, beta, scale, _ = found if len(some) == len(rows) else _alternate(rows, given, *found[:2])
    information = beta**2 * math.exp(float(gammaln(2 - 1 / beta) - gammaln(1 / beta))) if beta > 0.5 else math.nan
    return {"loc": Edge(loc, scale / math.sqrt(information))}


def _alternate(rows, given, loc, near=None):
    """Improve loc and the others in turn: loc, beta, scale and what is lost."""
    for _ in range(_ROUNDS):
        beta = given["beta"] if "beta" in given else _profile(rows, loc, given.get("scale"), near)[0]
        before, loc = loc, _centre(rows, beta, loc)
        if abs(loc - before) <= 1e-9 * (rows.highest - rows.lowest) or "beta" in given:
            break
    scale = given.get("scale") or _scale(rows, loc, beta)
    with np.errstate(over="ignore"):
        lost = float(gammaln(1 + 1 / beta)) + math.log(scale) + _mean_power(rows, loc, beta, scale)
    return loc, beta, scale, lost


def _moment(order, beta):
    return math.exp(float(gammaln((order + 1) / beta) - gammaln(1 / beta)))


def _mean_distance(t, beta):
    centre = abs(t.centre)
    near, far = gammainc(1 / beta, centre**beta), gammaincc(2 / beta, centre**beta)
    return centre * near + _moment(1, beta) * far


GENNORM = register(
    NonlinearFamily(
        name="gennorm",
        distribution=stats.gennorm,
        support=REAL_LINE,
        shapes={"beta": "positive"},
        standard=_log_density,
        slope=_slope,
        shape_scores={"beta": _beta_score},
        start=_start,
        edges=_edges,
        limits={("beta", "inf"): "uniform"},
        smooth=False,
        entropy=lambda beta: 1 / beta + math.log(2) + float(gammaln(1 + 1 / beta)),
        expectations={
            X: lambda _, beta: 0.0,  # noqa: ARG005 - symmetric
            SQUARE: lambda _, beta: _moment(2, beta),
            Abs: _mean_distance,
        },
        examples=(
            {"beta": 1.5, "loc": -1.0, "scale": 0.7},
            {"beta": 0.6},
            {"beta": 8.0, "scale": 1000.0},
        ),
    )
)
