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
        divergence=sharing("loc", of=lambda p, q: p["mu"] * excess(log_ratio(q["mu"], p["mu"]))),
        examples=(
            {"mu": 3.0},
            {"mu": 0.01},
            {"mu": 100000.0, "loc": -2},
        ),
    )
)
