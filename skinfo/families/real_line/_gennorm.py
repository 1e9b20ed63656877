"""The generalised normal law, or exponential power law."""

import math

import numpy as np
from scipy import stats
from scipy.optimize import brentq, minimize_scalar
from scipy.special import digamma, gammainc, gammaincc, gammaln

from skinfo.families._base import REAL_LINE, Edge, Limit
from skinfo.families._divergences import excess, scales, sharing
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Abs, X

_FLATTEST, _SHARPEST = 1e4, 0.25  # shapes between which loc is profiled
_PILOT_ROWS = 2000
_CUSP_ROWS, _AT_ONCE = 1000, 64
_CUSP, _FLAT = 1.15, 100.0  # shapes between which a slope is smooth enough to follow
_AGREE, _NEARLY = 1e-7, 1e-2  # in about standard errors, on all rows and on some
_ROUNDS, _GRID = 8, 16
_UNIFORM = 1e6  # a shape at its limit


def _log_density(z, beta):
    return -math.log(2) - float(gammaln(1 + 1 / beta)) - np.abs(z) ** beta


def _derivatives(z, beta):
    distance = np.abs(z)
    if (zero := distance == 0).any():
        distance[zero] = 1.0
    log = np.log(distance)
    power = log * beta
    np.exp(power, out=power)
    log *= power
    np.subtract(float(digamma(1 + 1 / beta)) / beta**2, log, out=log)
    power /= distance
    power *= -beta
    slope = np.copysign(power, -z)
    slope[zero] = 0.0  # at a cusp the two sides cancel
    return {"z": slope, "beta": log}


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
        cuts = range(_AT_ONCE, len(candidates), _AT_ONCE)
        weights = np.full(len(rows), 1.0) if rows.weights is None else rows.weights
        losses = [(np.abs(rows.x - some[:, None]) / unit) ** beta @ weights for some in np.split(candidates, cuts)]
        return float(candidates[np.argmin(np.concatenate(losses))])
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
    cusp = _centre(some.subsample(_CUSP_ROWS), 0.5, median)
    rounds = 2 if len(some) < len(rows) else _ROUNDS
    found = min((_alternate(some, given, loc, rounds=rounds) for loc in (median, cusp)), key=lambda f: f[-1])
    if len(some) < len(rows):
        found = _together(rows, given, *found[:3]) or _alternate(rows, given, *found[:2])
    loc, beta, scale, _ = found
    information = beta**2 * math.exp(float(gammaln(2 - 1 / beta) - gammaln(1 / beta))) if beta > 0.5 else math.nan
    return {"loc": Edge(loc, scale / math.sqrt(information))}


def _together(rows, given, loc, beta, scale):
    """Improve loc and beta at once, of a law without a cusp, on more and more rows; None where that fails.

    The slopes are followed to 0 by Broyden's method, from differences of the slopes of the fewest rows.
    """
    free = "beta" not in given

    def slopes(sample, at):
        """Of minus the profiled log density, in loc / scale and log beta."""
        loc, beta = loc0 + scale0 * at[0], beta0 * math.exp(at[1]) if free else beta0

        def parts(x):
            d = (x - loc) * (1 / scale0)
            distance = np.abs(d)
            distance[distance == 0] = 1e-300
            log = np.log(distance)
            power = log * beta
            np.exp(power, out=power)
            log *= power
            np.divide(power, d, out=d, where=d != 0)
            return d, power, log

        pull, power, log = sample.expect(parts, width=5).tolist()
        if "scale" in given:
            own = log - float(digamma(1 + 1 / beta)) / beta**2
            return np.array([-beta * pull, beta * own])[: 1 + free]
        own = log / power - (float(digamma(1 + 1 / beta)) + math.log(beta * power)) / beta
        return np.array([-pull / power, own])[: 1 + free]

    loc0, beta0, scale0 = loc, beta, scale
    at = np.zeros(1 + free)
    if not _CUSP < beta < _FLAT:
        return None
    sizes = [1 << 16, len(rows)] if len(rows) > 1 << 18 else [len(rows)]
    curvature = None
    for size in sizes:
        sample = rows.subsample(size)
        goal = (_AGREE if size == len(rows) else _NEARLY) / math.sqrt(size)
        value = slopes(sample, at)
        if curvature is None:
            steps = [np.eye(len(at))[i] * 0.01 for i in range(len(at))]
            curvature = np.array([(slopes(sample, at + s) - slopes(sample, at - s)) / 0.02 for s in steps]).T
        for _ in range(_ROUNDS):
            step = -np.linalg.solve(curvature, value)
            if not np.abs(step).max() < 1:
                return None
            at = at + step
            if np.abs(step).max() <= goal:
                break
            value = slopes(sample, at)
            curvature += np.outer(value, step) / (step @ step)
        else:
            return None
    loc, beta = float(loc0 + scale0 * at[0]), beta0 * math.exp(at[1]) if free else beta
    return loc, beta, given.get("scale") or _scale(rows, loc, beta), math.nan


def _alternate(rows, given, loc, near=None, rounds=_ROUNDS):
    """Improve loc and the others in turn: loc, beta, scale and what is lost."""
    for _ in range(rounds):
        near = beta = given["beta"] if "beta" in given else _profile(rows, loc, given.get("scale"), near)[0]
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
        derivatives=_derivatives,
        start=_start,
        edges=_edges,
        limits={
            ("beta", "inf"): Limit(
                "uniform", {"loc": lambda q: q["loc"] + q["scale"] / 2, "scale": lambda q: q["scale"] / 2}
            )
        },
        smooth=False,
        entropy=lambda beta: 1 / beta + math.log(2) + float(gammaln(1 + 1 / beta)),
        expectations={
            X: lambda _, beta: 0.0,  # noqa: ARG005 - symmetric
            SQUARE: lambda _, beta: _moment(2, beta),
            Abs: _mean_distance,
        },
        divergence=sharing("loc", "beta", of=lambda p, q: excess(p["beta"] * scales(p, q)) / p["beta"]),
        examples=(
            {"beta": 1.5, "loc": -1.0, "scale": 0.7},
            {"beta": 0.6},
            {"beta": 8.0, "scale": 1000.0},
        ),
    )
)
