"""The generalised normal law, or exponential power law."""

import math

import numpy as np
from scipy import stats
from scipy.optimize import brentq, minimize_scalar
from scipy.special import digamma, gammainc, gammaincc, gammaln, xlogy

from skinfo.families._base import REAL_LINE, Edge, NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Abs, X

_FLATTEST, _SHARPEST = 100.0, 0.25  # shapes between which loc is profiled
_PILOT_ROWS, _NEIGHBOURS = 2000, 100
_ROUNDS = 8


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


def _profile(rows, loc, scale):
    """The best beta, and the scale that goes with it, given loc; near 0 the likelihood may be unbounded."""
    unit = scale or max(rows.highest - loc, loc - rows.lowest)

    def loss(u):
        beta = math.exp(u)
        power = _mean_power(rows, loc, beta, unit)
        inner = power if scale else (math.log(beta * power) + 1) / beta
        return float(gammaln(1 + 1 / beta)) + inner

    bounds = math.log(_SHARPEST), math.log(_FLATTEST)
    beta = math.exp(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-8}).x)
    return beta, _scale(rows, loc, beta)


def _scale(rows, loc, beta):
    unit = max(rows.highest - loc, loc - rows.lowest)
    return unit * (beta * _mean_power(rows, loc, beta, unit)) ** (1 / beta)


def _start(rows, loc):
    some = rows.subsample(10_000)
    beta, scale = _profile(some, loc, None)
    return {"beta": beta, "scale": scale}


def _centre(rows, beta, near):
    """Where the mean of abs(x - loc)^beta is least: a zero of its slope, or, up to beta = 1, a data point."""
    if beta >= 0.99 * _FLATTEST:
        return (rows.lowest + rows.highest) / 2
    unit = (rows.highest - rows.lowest) / 2
    if beta > 1:

        def slope(loc):
            def pull(x):
                d = (x - loc) * (1 / unit)
                return np.sign(d) * np.abs(d) ** (beta - 1)

            return float(rows.expect(pull))

        return brentq(slope, rows.lowest, rows.highest, xtol=1e-13 * unit)
    candidates = np.unique(rows.x).astype(np.float64)
    if len(candidates) > _PILOT_ROWS:
        at = np.searchsorted(candidates, near)
        candidates = candidates[max(at - _NEIGHBOURS // 2, 0) : at + _NEIGHBOURS // 2]
    return float(min(candidates.tolist(), key=lambda loc: _mean_power(rows, loc, beta, unit)))


def _edges(rows, given):
    """loc, of which the likelihood has a kink or a cusp in every value; with it beta and scale, in turn."""
    if "loc" in given or rows.lowest == rows.highest:
        return {}
    samples = [rows] if len(rows) <= _PILOT_ROWS else [rows.subsample(_PILOT_ROWS), rows]
    loc = float(samples[0].quantiles([0.5])[0])
    for sample in samples:
        for _ in range(_ROUNDS):
            beta, scale = given.get("beta"), given.get("scale")
            if beta is None:
                beta, profiled = _profile(sample, loc, scale)
                scale = scale or profiled
            before, loc = loc, _centre(sample, beta, loc)
            if abs(loc - before) <= 1e-9 * (sample.highest - sample.lowest) or "beta" in given:
                break
    scale = scale or _scale(rows, loc, beta)
    information = beta**2 * math.exp(float(gammaln(2 - 1 / beta) - gammaln(1 / beta))) if beta > 0.5 else math.nan
    return {"loc": Edge(loc, scale / math.sqrt(information))}


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
