"""The Poisson law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import COUNTS
from skinfo.families._divergences import excess, log_ratio, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import AT_ZERO, LOG_FACTORIAL, ONE, SQUARE, X
from skinfo.utils._gamma import LARGE, deviance, factorial_rest


def _far(z, mu):
    return -deviance(z - mu, mu) - factorial_rest(z) if mu > LARGE else None


def _entropy(mu):
    """By its asymptotic series (Evans and Boersma 1988); None where the mean is not large, and a sum is short."""
    if mu < LARGE:
        return None
    u = 1 / mu
    return 0.5 * math.log(2 * math.pi * math.e * mu) - u * (1 / 12 + u * (1 / 24 + u * (19 / 360 + u * 9 / 80)))


POISSON = register(
    ExponentialFamily(
        name="poisson",
        distribution=stats.poisson,
        support=COUNTS,
        shapes={"mu": "positive"},
        terms=lambda mu: {X: np.log(mu), LOG_FACTORIAL: -1.0, ONE: -mu},
        shape_scores={"mu": lambda mu: {X: 1 / mu, ONE: -1.0}},
        start=lambda rows, loc: {"mu": rows.moments()[0] - loc},
        column_starts=lambda columns, loc: {"mu": columns.mean - loc},
        expectations={X: lambda _, mu: mu, SQUARE: lambda _, mu: mu + mu**2, AT_ZERO: lambda _, mu: math.exp(-mu)},
        far=_far,
        entropy=_entropy,
        divergence=sharing("loc", of=lambda p, q: p["mu"] * excess(log_ratio(q["mu"], p["mu"]))),
        examples=(
            {"mu": 3.0},
            {"mu": 0.01},
            {"mu": 100000.0, "loc": -2},
        ),
    )
)
