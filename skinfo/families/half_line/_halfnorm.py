"""The half-normal law."""

import math

import numpy as np
from scipy import stats
from scipy.special import erf, erfcx, gamma

from skinfo.families._base import HALF_LINE, Edge
from skinfo.families._divergences import of_scales
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Abs, Exp, Power, X

_MEAN = math.sqrt(2 / math.pi)
_MEAN_LOG = -(math.log(2) + np.euler_gamma) / 2


def _power_mean(k):
    return 2 ** (k / 2) * gamma((1 + k) / 2) / math.sqrt(math.pi) if k > -1 else math.inf


def _distance(t):
    c = t.centre  # E(z - c) + 2 times the integral of the distribution function up to c
    return _MEAN - c + (2 * c * erf(c / math.sqrt(2)) + 2 * _MEAN * math.expm1(-c * c / 2) if c > 0 else 0.0)


HALFNORM = register(
    ExponentialFamily(
        name="halfnorm",
        distribution=stats.halfnorm,
        support=HALF_LINE,
        terms=lambda: {SQUARE: -0.5, ONE: 0.5 * math.log(2 / math.pi)},
        start=lambda rows, loc: {"scale": math.sqrt(rows.means([SQUARE], loc)[SQUARE])},
        edges=lambda rows, given: {} if "loc" in given else {"loc": Edge(rows.lowest)},
        expectations={
            X: lambda _: _MEAN,
            SQUARE: lambda _: 1.0,
            LOG: lambda _: _MEAN_LOG,
            LOG_SQUARE: lambda _: math.pi**2 / 8 + _MEAN_LOG**2,
            Power: lambda t: _power_mean(t.exponent),
            Abs: _distance,
            Exp: lambda t: float(erfcx(-t.rate / math.sqrt(2))),
        },
        divergence=of_scales(2, 0.5),
        examples=(
            {"scale": 2.0},
            {"loc": -3.0, "scale": 1e-08},
            {"scale": 1000000000000.0},
        ),
    )
)
