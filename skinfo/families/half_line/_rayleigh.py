"""The Rayleigh law."""

import math

import numpy as np
from scipy import stats
from scipy.special import erf, erfcx, gamma

from skinfo.families._base import POSITIVE_LINE
from skinfo.families._divergences import of_scales
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Abs, Exp, Power, X

_MEAN = math.sqrt(math.pi / 2)
_MEAN_LOG = (math.log(2) - np.euler_gamma) / 2


def _distance(t):
    c = t.centre  # E(z - c) + 2 times the integral of the distribution function up to c
    return _MEAN + abs(c) - (2 * _MEAN * erf(c / math.sqrt(2)) if c > 0 else 0.0)


RAYLEIGH = register(
    ExponentialFamily(
        name="rayleigh",
        distribution=stats.rayleigh,
        support=POSITIVE_LINE,
        terms=lambda: {LOG: 1.0, SQUARE: -0.5, ONE: 0.0},
        start=lambda rows, loc: {"scale": math.sqrt(rows.means([SQUARE], loc)[SQUARE] / 2)},
        expectations={
            X: lambda _: _MEAN,
            SQUARE: lambda _: 2.0,
            LOG: lambda _: _MEAN_LOG,
            LOG_SQUARE: lambda _: math.pi**2 / 24 + _MEAN_LOG**2,
            Power: lambda t: 2 ** (t.exponent / 2) * gamma(1 + t.exponent / 2) if t.exponent > -2 else math.inf,
            Abs: _distance,
            Exp: lambda t: 1 + t.rate * _MEAN * float(erfcx(-t.rate / math.sqrt(2))),
        },
        divergence=of_scales(2),
        examples=(
            {"scale": 2.0},
            {"loc": -3.0, "scale": 1e-08},
            {"scale": 1000000000000.0},
        ),
    )
)
