"""The generalised hyperbolic family; with p < 0 its edges abs(b) = a, skew t distributions, belong to it."""

import math

import numpy as np
from scipy import stats
from scipy.special import gammaln

from skinfo.families._base import REAL_LINE, Limit
from skinfo.families._elementary import length
from skinfo.families._generic import NumericalFamily
from skinfo.families._registry import register
from skinfo.utils._bessel import log_bessel_k

_STEP = 6e-6  # in the order of a Bessel function: what a central difference wants


def _norming(p, gamma):
    """Compute log(gamma^p / K_p(gamma)), which has a limit at 0 where p is negative."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = p * np.log(gamma) - log_bessel_k(p, gamma)
        at_edge = np.where(p < 0, (1 + p) * math.log(2) - gammaln(np.where(p < 0, -p, 1.0)), -np.inf)
    return np.where(gamma > 0, inside, at_edge)


def _constant(p, a, b):
    """All of the log density that does not depend on z."""
    gamma = np.sqrt(np.maximum((a - b) * (a + b), 0.0))
    return _norming(p, gamma) - 0.5 * math.log(2 * math.pi) - (p - 0.5) * np.log(a)


def _log_density(z, p, a, b):
    q = length(z)
    with np.errstate(invalid="ignore", over="ignore"):
        value = _constant(p, a, b) + b * z + log_bessel_k(p - 0.5, a * q) + (p - 0.5) * np.log(q)
    return np.where(np.abs(b) <= a, np.where(np.isnan(value) & ~np.isnan(z), -np.inf, value), -np.inf)


def _falling(nu, x):
    """Minus the derivative of log K_nu(x)."""
    return np.exp(log_bessel_k(np.abs(nu) + 1, x) - log_bessel_k(nu, x)) - np.abs(nu) / x


def _derivatives(z, p, a, b):
    q = length(z)
    pull = _falling(p - 0.5, a * q)
    gamma = np.sqrt((a - b) * (a + b))
    rise = (p / gamma + _falling(p, gamma)) / gamma if abs(b) < a else np.nan

    def along(order):
        return _norming(order, gamma) + log_bessel_k(order - 0.5, a * q)

    rising = (along(p + _STEP) - along(p - _STEP)) / (2 * _STEP)
    return {
        "z": b + ((p - 0.5) / q - a * pull) * (z / q),
        "p": rising + np.log(q / a),
        "a": a * rise - (p - 0.5) / a - q * pull,
        "b": z - b * rise,
    }


GENHYPERBOLIC = register(
    NumericalFamily(
        name="genhyperbolic",
        distribution=stats.genhyperbolic,
        support=REAL_LINE,
        shapes={"p": "real", "a": "positive", "b": "real"},
        relative={"b": "a"},
        standard=_log_density,
        derivatives=_derivatives,
        limits={
            ("a", "0"): Limit(
                "t", {"p": lambda q: -q["df"] / 2, "b": 0.0, "scale": lambda q: math.sqrt(q["df"]) * q["scale"]}
            ),
            ("a", "inf"): Limit("norm", {"p": math.nan, "b": 0.0, "scale": math.inf}),
        },
        examples=(
            {"p": -1.0, "a": 0.6, "b": 0.2, "loc": 2.0, "scale": 3.0},
            {"p": 0.5, "a": 0.7, "b": -0.4, "scale": 1000.0},
            {"p": 3.0, "a": 4.0, "b": 1.0},
        ),
    )
)
