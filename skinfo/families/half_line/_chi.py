"""The chi law."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gammaln, polygamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import gammas, log_ratio, scales, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.families._starts import gamma_shape, inverse_digamma
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Power, X
from skinfo.utils._gamma import LARGE, gamma_entropy, gamma_ratio, log_gamma_density


def _start(rows, loc):
    """The square is twice a gamma law of shape df / 2; its scale is 1 where the data cannot tell, being constant."""
    a, mean = gamma_shape(rows, loc, 2.0)
    if a < math.inf:
        return {"df": 2 * a, "scale": math.sqrt(mean / (2 * a))}
    return {"df": 2 * inverse_digamma(2 * rows.means([LOG], loc)[LOG] - math.log(2)), "scale": 1.0}


def _mean_log(df):
    return (float(digamma(df / 2)) + math.log(2)) / 2


def _power_mean(k, df):
    return 2 ** (k / 2) * gamma_ratio(df / 2, k / 2)


def _far(z, df):
    return log_gamma_density(z * z / 2, df / 2) + np.log(z) if df > LARGE else None


CHI = register(
    ExponentialFamily(
        name="chi",
        distribution=stats.chi,
        support=POSITIVE_LINE,
        shapes={"df": "positive"},
        terms=lambda df: {LOG: df - 1, SQUARE: -0.5, ONE: (1 - df / 2) * math.log(2) - float(gammaln(df / 2))},
        shape_scores={"df": lambda df: {LOG: 1.0, ONE: -_mean_log(df)}},
        start=_start,
        limits={("df", "inf"): Limit("norm", {"loc": -math.inf, "scale": lambda q: math.sqrt(2) * q["scale"]})},
        same_as="nakagami",
        expectations={
            X: lambda _, df: _power_mean(1, df),
            SQUARE: lambda _, df: df,
            LOG: lambda _, df: _mean_log(df),
            LOG_SQUARE: lambda _, df: _mean_log(df) ** 2 + polygamma(1, df / 2) / 4,
            Power: lambda t, df: _power_mean(t.exponent, df),
        },
        far=_far,
        entropy=lambda df: gamma_entropy(df / 2) - _mean_log(df),
        divergence=sharing(
            "loc", of=lambda p, q: gammas(p["df"] / 2, q["df"] / 2, log_ratio(p["df"], q["df"]) + 2 * scales(p, q))
        ),
        examples=(
            {"df": 5.0},
            {"df": 0.1, "scale": 1000.0},
            {"df": 20000.0, "loc": 7.0, "scale": 0.001},
        ),
    )
)
