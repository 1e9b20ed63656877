"""The logarithmic series law on 1, 2, ..."""

import math

import numpy as np
from scipy import stats
from scipy.special import lambertw

from skinfo.families._base import Support
from skinfo.families._divergences import bregman, log_ratio, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, ONE, SQUARE, X
from skinfo.utils._gamma import deviance


def _mean(p):
    return -p / ((1 - p) * math.log1p(-p))


def _start(rows, loc):
    """The mean, (y - 1) / log(y) with y = 1 / (1 - p), solved for y by Lambert's function."""
    mean = rows.moments()[0] - loc
    if mean < 1.01:  # where Lambert's function has its branch point
        return {"p": 2 * (mean - 1)}
    y = -mean * float(lambertw(-math.exp(-1 / mean) / mean, -1).real)
    return {"p": 1 - 1 / y}


def _variance(s):
    """Variance at p = exp(-s)."""
    p, rest = np.exp(-s), -np.expm1(-s)
    log_rest = np.where(p < 0.5, np.log1p(-p), np.log(rest))
    return p * deviance(p / rest, 1.0) / (rest * log_rest * log_rest)


def _divergence(p, q):
    return float(bregman(_variance, -math.log(p["p"]), -math.log(q["p"]), log_ratio(p["p"], q["p"])))


LOGSER = register(
    ExponentialFamily(
        name="logser",
        distribution=stats.logser,
        support=Support(1.0, math.inf, closed_low=True),
        shapes={"p": "unit"},
        terms=lambda p: {X: math.log(p), LOG: -1.0, ONE: -math.log(-math.log1p(-p))},
        shape_scores={"p": lambda p: {X: 1 / p, ONE: -_mean(p) / p}},
        start=_start,
        expectations={X: lambda _, p: _mean(p), SQUARE: lambda _, p: _mean(p) / (1 - p)},
        divergence=sharing("loc", of=_divergence),
        examples=(
            {"p": 0.6},
            {"p": 0.05},
            {"p": 0.9995, "loc": 2},
        ),
    )
)
