"""The Lévy law."""

import math

import numpy as np
from scipy import stats
from scipy.special import gamma

from skinfo.families._base import POSITIVE_LINE
from skinfo.families._divergences import of_scales
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Abs, Exp, Power, X

_RECIPROCAL = Power(-1.0)  # which has the law of chi-square with one degree of freedom
_MEAN_LOG = np.euler_gamma + math.log(2)


def _start(rows, loc):
    """The maximum."""
    return {"scale": 1 / rows.means([_RECIPROCAL], loc)[_RECIPROCAL]}


def _power_mean(exponent):
    return 2**-exponent * gamma(0.5 - exponent) / math.sqrt(math.pi) if exponent < 0.5 else math.inf


LEVY = register(
    ExponentialFamily(
        name="levy",
        distribution=stats.levy,
        support=POSITIVE_LINE,
        terms=lambda: {LOG: -1.5, _RECIPROCAL: -0.5, ONE: -0.5 * math.log(2 * math.pi)},
        start=_start,
        expectations={
            X: lambda _: math.inf,
            SQUARE: lambda _: math.inf,
            Abs: lambda _: math.inf,
            LOG: lambda _: _MEAN_LOG,
            LOG_SQUARE: lambda _: math.pi**2 / 2 + _MEAN_LOG**2,
            Power: lambda t: _power_mean(t.exponent),
            Exp: lambda t: math.exp(-math.sqrt(-2 * t.rate)) if t.rate <= 0 else math.inf,
        },
        divergence=of_scales(-1, 0.5),
        examples=(
            {"scale": 2.0},
            {"loc": -3.0, "scale": 1e-08},
            {"scale": 1000000000000.0},
        ),
    )
)
