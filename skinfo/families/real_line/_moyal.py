"""The Moyal law, minus the logarithm of a chi-square with one degree of freedom."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gamma

from skinfo.families._base import REAL_LINE
from skinfo.families._divergences import excess, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._quantiles import spread
from skinfo.families._registry import register
from skinfo.measures import ONE, SQUARE, Exp, X, XExp

_MEDIAN, _QUARTILES = 0.7875976, 2.4493  # of the standard law
_MEAN = np.euler_gamma + math.log(2)


def _start(rows, loc):
    """Quartiles; wider where a value far below would have next to no density."""
    median, distance = spread(rows)
    scale = distance / _QUARTILES
    loc = median - scale * _MEDIAN
    scale = max(scale, (loc - rows.lowest) / (3 + math.log(len(rows))))
    return {"loc": loc, "scale": scale}


def _exp_mean(t):
    """E W^-rate, W a chi-square."""
    return 2**-t.rate * gamma(0.5 - t.rate) / math.sqrt(math.pi) if t.rate < 0.5 else math.inf


def _xexp_mean(t):
    return -_exp_mean(t) * (math.log(2) + digamma(0.5 - t.rate)) if t.rate < 0.5 else math.inf


MOYAL = register(
    ExponentialFamily(
        name="moyal",
        distribution=stats.moyal,
        support=REAL_LINE,
        terms=lambda: {X: -0.5, Exp(-1.0): -0.5, ONE: -0.5 * math.log(2 * math.pi)},
        start=_start,
        expectations={
            X: lambda _: _MEAN,
            SQUARE: lambda _: math.pi**2 / 2 + _MEAN**2,
            Exp: _exp_mean,
            XExp: _xexp_mean,
        },
        divergence=sharing("scale", of=lambda p, q: 0.5 * excess((q["loc"] - p["loc"]) / p["scale"])),
        examples=(
            {"loc": -1.0, "scale": 0.7},
            {"loc": 1000.0, "scale": 0.1},
            {"scale": 1e9},
        ),
    )
)
