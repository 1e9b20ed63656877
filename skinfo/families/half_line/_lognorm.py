"""The lognormal law."""

import math

import numpy as np
from scipy import stats
from scipy.special import ndtr

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import log_ratio, normals, scales, sharing
from skinfo.families._elementary import exponential_of_heavy_tail
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Abs, Exp, Power, X


def _start(rows, loc):
    mean, variance = rows.moments(loc, log=True)
    return {"s": math.sqrt(variance), "scale": math.exp(mean)}


def _column_starts(columns, loc):
    means = columns.means([LOG, LOG_SQUARE], loc)
    return {"s": np.sqrt(means[LOG_SQUARE] - means[LOG] ** 2), "scale": np.exp(means[LOG])}


def _power_mean(k, s):
    logarithm = (k * s) ** 2 / 2
    return math.exp(logarithm) if logarithm < 709 else math.inf


def _distance(t, s):
    whole, c = _power_mean(1, s), t.centre
    if c <= 0 or math.isinf(whole):
        return whole - c
    level = math.log(c) / s
    return whole - c + 2 * float(c * ndtr(level) - whole * ndtr(level - s))


LOGNORM = register(
    ExponentialFamily(
        name="lognorm",
        distribution=stats.lognorm,
        support=POSITIVE_LINE,
        shapes={"s": "positive"},
        terms=lambda s: {LOG_SQUARE: -0.5 / s**2, LOG: -1.0, ONE: -np.log(s) - 0.5 * math.log(2 * math.pi)},
        shape_scores={"s": lambda s: {LOG_SQUARE: s**-3, ONE: -1 / s}},
        start=_start,
        limits={("s", "0"): Limit("norm", {"loc": -math.inf, "scale": math.inf})},
        column_starts=_column_starts,
        expectations={
            X: lambda _, s: _power_mean(1, s),
            SQUARE: lambda _, s: _power_mean(2, s),
            LOG: lambda *_, **__: 0.0,
            LOG_SQUARE: lambda _, s: s**2,
            Power: lambda t, s: _power_mean(t.exponent, s),
            Abs: _distance,
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        entropy=lambda s: math.log(s) + 0.5 * math.log(2 * math.pi * math.e),
        divergence=sharing("loc", of=lambda p, q: normals(scales(p, q) / q["s"], log_ratio(p["s"], q["s"]))),
        examples=(
            {"s": 0.6, "scale": 5.0},
            {"s": 0.01, "scale": 1000000.0},
            {"s": 4.0, "loc": -1.0},
        ),
    )
)
