"""The exponentiated Weibull law."""

import math

import numpy as np
from scipy import stats
from scipy.special import exprel

from skinfo.families._base import POSITIVE_LINE, NonlinearFamily
from skinfo.families._log_starts import power_and_scale
from skinfo.families._registry import register


def _log_cdf(u):
    """Logarithm of the Weibull distribution function 1 - exp(-w), u = log w."""
    w = np.exp(u)
    with np.errstate(divide="ignore"):  # of branches not taken
        return np.where(u > 0, np.log1p(-np.exp(-w)), np.where(u > -36, np.log(-np.expm1(-w)), u))


def _log_density(z, a, c):
    log_z = np.log(z)
    u = c * log_z
    power = np.where(u > -36, (a - 1) * _log_cdf(u) + (u - log_z), (a * c - 1) * log_z)  # one number, next to zero
    return power - np.exp(u) + (math.log(a) + math.log(c))


def _pull(u, a):
    """Derivative of the log density of u in that."""
    w = np.exp(u)
    slow = 1 / exprel(w)
    return a * slow + (1 - slow - w)


def _slope(z, a, c):
    return (c * _pull(c * np.log(z), a) - 1) / z


def _c_score(z, a, c):
    log_z = np.log(z)
    return 1 / c + log_z * _pull(c * log_z, a)


def _log_quantile(p, a):
    return math.log(-math.log(-math.expm1(math.log(p) / a)))


def _start(rows, loc):
    """Quartiles, for powers of three kinds."""
    return [{"a": a, **power_and_scale(rows, loc, _log_quantile(0.25, a), _log_quantile(0.75, a))} for a in (0.2, 1, 9)]


EXPONWEIB = register(
    NonlinearFamily(
        name="exponweib",
        distribution=stats.exponweib,
        support=POSITIVE_LINE,
        shapes={"a": "positive", "c": "positive"},
        standard=_log_density,
        slope=_slope,
        shape_scores={"a": lambda z, a, c: 1 / a + _log_cdf(c * np.log(z)), "c": _c_score},
        start=_start,
        limits={("a", "inf"): "invweibull", ("a", "0"): "powerlaw", ("c", "inf"): "powerlaw"},
        examples=(
            {"a": 2.5, "c": 1.5, "scale": 2.0},
            {"a": 0.1, "c": 0.8},
            {"a": 0.5, "c": 30.0, "loc": -1.0, "scale": 10000.0},
            {"a": 200.0, "c": 0.7},
        ),
    )
)
