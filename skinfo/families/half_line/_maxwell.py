"""The Maxwell law."""

import math

import numpy as np
from scipy import stats
from scipy.special import erfcx, gamma

from skinfo.families._base import POSITIVE_LINE
from skinfo.families._divergences import of_scales
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Exp, Power, X

_MEAN_LOG = 1 - (math.log(2) + np.euler_gamma) / 2  # (psi(3/2) + log 2) / 2


def _power_mean(k):
    return 2 ** (k / 2) * gamma((3 + k) / 2) / gamma(1.5) if k > -3 else math.inf


MAXWELL = register(
    ExponentialFamily(
        name="maxwell",
        distribution=stats.maxwell,
        support=POSITIVE_LINE,
        terms=lambda: {LOG: 2.0, SQUARE: -0.5, ONE: 0.5 * math.log(2 / math.pi)},
        start=lambda rows, loc: {"scale": math.sqrt(rows.means([SQUARE], loc)[SQUARE] / 3)},
        expectations={
            X: lambda _: 2 * math.sqrt(2 / math.pi),
            SQUARE: lambda _: 3.0,
            LOG: lambda _: _MEAN_LOG,
            LOG_SQUARE: lambda _: math.pi**2 / 8 - 1 + _MEAN_LOG**2,
            Power: lambda t: _power_mean(t.exponent),
            Exp: lambda t: math.sqrt(2 / math.pi) * t.rate + (1 + t.rate**2) * float(erfcx(-t.rate / math.sqrt(2))),
        },
        divergence=of_scales(2, 1.5),
        examples=(
            {"scale": 2.0},
            {"loc": -3.0, "scale": 1e-08},
            {"scale": 1000000000000.0},
        ),
    )
)
