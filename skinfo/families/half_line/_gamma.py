"""The gamma law."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gammainc, gammaln, polygamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import gammas, log_ratio, scales, sharing
from skinfo.families._elementary import exponential
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.families._starts import gamma_shape
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Abs, Exp, Power, X
from skinfo.utils._gamma import LARGE, gamma_entropy, gamma_ratio, log_gamma_density


def _start(rows, loc):
    a, mean = gamma_shape(rows, loc)
    return {"a": a, "scale": mean / a}


def _column_starts(columns, loc):
    mean = columns.mean - loc
    gap = np.log(mean) - columns.means([LOG], loc)[LOG]
    a = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * np.where(gap < 1e-6, np.nan, gap))
    return {"a": a, "scale": mean / a}


def _distance(t, a):
    c = max(t.centre, 0.0)
    return a - t.centre + 2 * float(c * gammainc(a, c) - a * gammainc(a + 1, c))


def _far(z, a):
    return log_gamma_density(z, a) if a > LARGE else None


GAMMA = register(
    ExponentialFamily(
        name="gamma",
        distribution=stats.gamma,
        support=POSITIVE_LINE,
        shapes={"a": "positive"},
        terms=lambda a: {LOG: a - 1, X: -1.0, ONE: -gammaln(a)},
        shape_scores={"a": lambda a: {LOG: 1.0, ONE: -digamma(a)}},
        start=_start,
        limits={("a", "inf"): Limit("norm", {"loc": -math.inf, "scale": 0.0})},
        column_starts=_column_starts,
        expectations={
            X: lambda _, a: a,
            SQUARE: lambda _, a: a * (a + 1),
            LOG: lambda _, a: digamma(a),
            Power: lambda t, a: gamma_ratio(a, t.exponent),
            LOG_SQUARE: lambda _, a: digamma(a) ** 2 + polygamma(1, a),
            Abs: _distance,
            Exp: lambda t, a: exponential(-a * math.log1p(-t.rate)) if t.rate < 1 else math.inf,
        },
        far=_far,
        entropy=gamma_entropy,
        divergence=sharing("loc", of=lambda p, q: gammas(p["a"], q["a"], log_ratio(p["a"], q["a"]) + scales(p, q))),
        examples=(
            {"a": 2.5, "scale": 3.0},
            {"a": 0.05},
            {"a": 100000.0, "loc": 7.0, "scale": 0.001},
        ),
    )
)
