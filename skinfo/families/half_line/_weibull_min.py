"""The Weibull law of minima."""

import math

import numpy as np
from scipy import stats
from scipy.special import gamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import excess, scales, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Power, PowerLog, X


def _start(rows, loc):
    """Log x is Gumbel: its variance is pi^2 / (6 c^2), its mean log(scale) - gamma/c."""
    mean, variance = rows.moments(loc, log=True)
    c = math.pi / math.sqrt(6 * variance)
    return {"c": c, "scale": math.exp(mean + np.euler_gamma / c)}


def _power_mean(exponent, c):
    return gamma(1 + exponent / c) if exponent > -c else np.inf


WEIBULL_MIN = register(
    ExponentialFamily(
        name="weibull_min",
        distribution=stats.weibull_min,
        support=POSITIVE_LINE,
        shapes={"c": "positive"},
        terms=lambda c: {LOG: c - 1, Power(c): -1.0, ONE: math.log(c)},
        shape_scores={"c": lambda c: {LOG: 1.0, PowerLog(c): -1.0, ONE: 1 / c}},
        moving_statistics=True,
        start=_start,
        limits={("c", "inf"): Limit("gumbel_l", {"loc": -math.inf, "scale": math.inf})},
        expectations={
            X: lambda _, c: _power_mean(1, c),
            SQUARE: lambda _, c: _power_mean(2, c),
            LOG: lambda _, c: -np.euler_gamma / c,
            Power: lambda t, c: _power_mean(t.exponent, c),
            LOG_SQUARE: lambda _, c: (math.pi**2 / 6 + np.euler_gamma**2) / c**2,
        },
        divergence=sharing("loc", "c", of=lambda p, q: excess(p["c"] * scales(p, q))),
        examples=(
            {"c": 1.5, "scale": 2.0},
            {"c": 0.3},
            {"c": 40.0, "loc": -1.0, "scale": 10000.0},
        ),
    )
)
