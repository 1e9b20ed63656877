"""The exponentiated Weibull law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._log_starts import best_shape
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.utils._gamma import digamma_rise

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_NEXT_TO_ZERO = -36.0  # log w up to which 1 - exp(-w) is w, to rounding


def _log_cdf(u, survival, cdf):
    """Logarithm of the Weibull distribution function 1 - exp(-w), u = log w."""
    with np.errstate(divide="ignore"):  # of branches not taken
        return np.where(u > 0, np.log1p(-survival), np.where(u > _NEXT_TO_ZERO, np.log(cdf), u))


def _log_density(z, a, c):
    log_z = np.log(z)
    u = c * log_z
    w = np.exp(u)
    out = (a - 1) * _log_cdf(u, np.exp(-w), -np.expm1(-w))
    out += u - log_z
    out = np.where(u > _NEXT_TO_ZERO, out, (a * c - 1) * log_z)  # one number, next to zero
    out -= w
    out += math.log(a) + math.log(c)
    return out


def _derivatives(z, a, c):
    log_z = np.log(z)
    u = c * log_z
    w = np.exp(u)
    survival, cdf = np.exp(-w), -np.expm1(-w)
    slow = np.where(u > _NEXT_TO_ZERO, w * survival / cdf, 1.0)
    pull = a * slow + (1 - slow - w)  # derivative of the log density of u in that
    return {"z": (c * pull - 1) / z, "a": 1 / a + _log_cdf(u, survival, cdf), "c": 1 / c + log_z * pull}


def _log_quantile(p, a):
    return math.log(-math.log(-math.expm1(math.log(p) / a)))


def _start(rows, loc):
    """Quartiles, for powers of several kinds."""
    return best_shape(rows, loc, "a", _log_quantile, _log_density)


def _entropy(a, c):
    """By the means of w = z^c, of log t, t = 1 - exp(-w), which is -1 / a, and of log w, which is that and a rest."""
    mean = float(digamma_rise(1.0, a))
    return 1 - math.log(a) - math.log(c) - 1 / a / c + mean - (1 - 1 / c) * _mean_rest(a)


def _mean_rest(a):
    """Mean of log(w / t), t being the largest of a uniform variables, by quadrature in log w."""
    log_top = math.log(max(math.log(a), 0.0) + 45)
    edges = np.linspace(-40.0, log_top, 1200)
    half = (edges[1] - edges[0]) / 2
    u = edges[:-1, None] + half * (1 + _NODES)
    w = np.exp(u)
    log_t = np.where(w < 0.5, np.log(-np.expm1(-w)), np.log1p(-np.exp(-np.maximum(w, 0.5))))
    density = np.exp(math.log(a) + (a - 1) * log_t - w + u)
    return float((density * (u - log_t) * half @ _WEIGHTS).sum())


EXPONWEIB = register(
    NonlinearFamily(
        name="exponweib",
        distribution=stats.exponweib,
        support=POSITIVE_LINE,
        shapes={"a": "positive", "c": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        entropy=_entropy,
        limits={
            ("a", "inf"): Limit("invweibull", {"c": 0.0, "scale": 0.0}),
            ("a", "0"): Limit("powerlaw", {"c": math.inf}),
            ("c", "inf"): Limit("powerlaw", {"a": 0.0}),
        },
        examples=(
            {"a": 2.5, "c": 1.5, "scale": 2.0},
            {"a": 0.1, "c": 0.8},
            {"a": 0.5, "c": 30.0, "loc": -1.0, "scale": 10000.0},
            {"a": 200.0, "c": 0.7},
        ),
    )
)
