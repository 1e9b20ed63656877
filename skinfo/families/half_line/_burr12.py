"""The Burr XII, or Singh-Maddala, law."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gamma, polygamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._elementary import exponential_of_heavy_tail, softplus
from skinfo.families._log_starts import best_shape
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Exp, Power, X
from skinfo.utils._gamma import gamma_ratio


def _log_density(z, c, d):
    log_z = np.log(z)
    out = softplus(c * log_z)
    out *= -(d + 1)
    if c != 1:  # 0 inf
        log_z *= c - 1
        out += log_z
    out += math.log(c) + math.log(d)
    return out


def _derivatives(z, c, d):
    log_z = np.log(z)
    u = c * log_z
    small = np.exp(-np.abs(u))
    # of the log density of c log z in that: expit(-u) - d expit(u)
    pull = np.where(u > 0, small - d, 1 - d * small) / (1 + small)
    return {"z": (c * pull - 1) / z, "c": 1 / c + log_z * pull, "d": 1 / d - (np.log1p(small) + np.maximum(u, 0.0))}


def _log_quantile(p, d):
    t = -math.log1p(-p) / d  # quantile: log of (1 - p)^(-1/d) - 1
    return t if t > 700 else math.log(math.expm1(t))


def _start(rows, loc):
    """Quartiles, for tails of several kinds."""
    return best_shape(rows, loc, "d", _log_quantile, _log_density)


def _power_mean(k, c, d):
    return float(gamma(1 + k / c)) * gamma_ratio(d, -k / c) if -c < k < c * d else math.inf


def _mean_log(c, d):
    return -(digamma(d) + np.euler_gamma) / c


BURR12 = register(
    NonlinearFamily(
        name="burr12",
        distribution=stats.burr12,
        support=POSITIVE_LINE,
        shapes={"c": "positive", "d": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        limits={("d", "inf"): Limit("weibull_min", {"scale": math.inf}), ("c", "inf"): Limit("pareto", {"d": 0.0})},
        # from the means of log z and of log(1 + z^c), which is 1/d
        entropy=lambda c, d: 1 + np.euler_gamma + digamma(d + 1) + _mean_log(c, d) - math.log(c) - math.log(d),
        expectations={
            X: lambda _, c, d: _power_mean(1, c, d),
            SQUARE: lambda _, c, d: _power_mean(2, c, d),
            LOG: lambda _, c, d: _mean_log(c, d),
            LOG_SQUARE: lambda _, c, d: (math.pi**2 / 6 + polygamma(1, d)) / c**2 + _mean_log(c, d) ** 2,
            Power: lambda t, c, d: _power_mean(t.exponent, c, d),
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        examples=(
            {"c": 3.0, "d": 0.7, "scale": 2.0},
            {"c": 0.5, "d": 3.0},
            {"c": 40.0, "d": 0.2, "loc": -1.0, "scale": 10000.0},
            {"c": 2.0, "d": 500.0},
        ),
    )
)
