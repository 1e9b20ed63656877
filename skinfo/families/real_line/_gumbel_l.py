"""The Gumbel law of minima."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, exp1, gamma

from skinfo.families._base import REAL_LINE
from skinfo.families._divergences import excess, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._quantiles import spread
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Abs, Exp, X, XExp

_QUARTILES = math.log(math.log(4)) - math.log(math.log(4 / 3))


def _start(rows, loc):
    """Quartiles; wider where a value far above would have next to no density."""
    median, distance = spread(rows)
    scale = distance / _QUARTILES
    loc = median - scale * math.log(math.log(2))
    scale = max(scale, (rows.highest - loc) / (2 + math.log(len(rows))))
    return {"loc": loc, "scale": scale}


def _exp_mean(t):
    return gamma(1 + t.rate) if t.rate > -1 else math.inf


def _xexp_mean(t):
    return gamma(1 + t.rate) * digamma(1 + t.rate) if t.rate > -1 else -math.inf


GUMBEL_L = register(
    ExponentialFamily(
        name="gumbel_l",
        distribution=stats.gumbel_l,
        support=REAL_LINE,
        terms=lambda: {X: 1.0, Exp(1.0): -1.0},
        start=_start,
        expectations={
            X: lambda _: -np.euler_gamma,
            SQUARE: lambda _: math.pi**2 / 6 + np.euler_gamma**2,
            Exp: _exp_mean,
            XExp: _xexp_mean,
            Abs: lambda t: np.euler_gamma + t.centre + 2 * float(exp1(math.exp(min(t.centre, 700.0)))),
        },
        divergence=sharing("scale", of=lambda p, q: excess((p["loc"] - q["loc"]) / p["scale"])),
        examples=(
            {"loc": -1.0, "scale": 0.7},
            {"loc": 1000.0, "scale": 0.1},
            {"scale": 1e9},
        ),
    )
)
