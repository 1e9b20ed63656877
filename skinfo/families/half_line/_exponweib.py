"""The exponentiated Weibull law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._log_starts import best_shape
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register

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


EXPONWEIB = register(
    NonlinearFamily(
        name="exponweib",
        distribution=stats.exponweib,
        support=POSITIVE_LINE,
        shapes={"a": "positive", "c": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
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
