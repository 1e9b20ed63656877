"""The chi-squared law."""

import math

from scipy import stats
from scipy.special import digamma, gammaln, polygamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import gammas, log_ratio, scales, sharing
from skinfo.families._elementary import exponential
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.families._starts import gamma_shape, inverse_digamma
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Exp, Power, X
from skinfo.utils._gamma import LARGE, gamma_entropy, gamma_ratio, log_gamma_density


def _start(rows, loc):
    """Twice a gamma law of shape df / 2; its scale is 1 where the data cannot tell, being constant."""
    a, mean = gamma_shape(rows, loc)
    if a < math.inf:
        return {"df": 2 * a, "scale": mean / (2 * a)}
    return {"df": 2 * inverse_digamma(rows.means([LOG], loc)[LOG] - math.log(2)), "scale": 1.0}


def _mean_log(df):
    return float(digamma(df / 2)) + math.log(2)


def _far(z, df):
    return log_gamma_density(z / 2, df / 2) - math.log(2) if df > LARGE else None


CHI2 = register(
    ExponentialFamily(
        name="chi2",
        distribution=stats.chi2,
        support=POSITIVE_LINE,
        shapes={"df": "positive"},
        terms=lambda df: {LOG: df / 2 - 1, X: -0.5, ONE: -df / 2 * math.log(2) - float(gammaln(df / 2))},
        shape_scores={"df": lambda df: {LOG: 0.5, ONE: -_mean_log(df) / 2}},
        start=_start,
        limits={("df", "inf"): Limit("norm", {"loc": -math.inf, "scale": 0.0})},
        natural={"loc": 0.0, "scale": 1.0},
        same_as="gamma",
        expectations={
            X: lambda _, df: df,
            SQUARE: lambda _, df: df * (df + 2),
            LOG: lambda _, df: _mean_log(df),
            LOG_SQUARE: lambda _, df: _mean_log(df) ** 2 + polygamma(1, df / 2),
            Power: lambda t, df: 2**t.exponent * gamma_ratio(df / 2, t.exponent),
            Exp: lambda t, df: exponential(-df / 2 * math.log1p(-2 * t.rate)) if t.rate < 0.5 else math.inf,
        },
        far=_far,
        entropy=lambda df: gamma_entropy(df / 2) + math.log(2),
        divergence=sharing(
            "loc", of=lambda p, q: gammas(p["df"] / 2, q["df"] / 2, log_ratio(p["df"], q["df"]) + scales(p, q))
        ),
        examples=(
            {"df": 5.0},
            {"df": 0.1, "scale": 1000.0},
            {"df": 200000.0, "loc": 7.0, "scale": 0.001},
        ),
    )
)
