"""The Fisk, or log-logistic, law."""

import math

import numpy as np
from scipy import stats
from scipy.special import expit, gamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._elementary import exponential_of_heavy_tail
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Exp, Power, X


def _log_density(z, c):
    log_z = np.log(z)
    out = np.abs(log_z)
    out *= -c
    np.exp(out, out=out)
    np.log1p(out, out=out)
    out *= -2
    log_z *= np.where(log_z > 0, -(c + 1), c - 1)
    out += log_z
    out += math.log(c)
    return out


def _derivatives(z, c):
    log_z = np.log(z)
    share = expit(c * log_z)
    return {"z": (c - 1 - 2 * c * share) / z, "c": 1 / c - log_z * (2 * share - 1)}


def _start(rows, loc):
    """Log x is logistic: its variance is pi^2 / (3 c^2)."""
    mean, variance = rows.moments(loc, log=True)
    return {"c": math.pi / math.sqrt(3 * variance), "scale": math.exp(mean)}


def _power_mean(k, c):
    return gamma((c + k) / c) * gamma((c - k) / c) if abs(k) < c else math.inf


FISK = register(
    NonlinearFamily(
        name="fisk",
        distribution=stats.fisk,
        support=POSITIVE_LINE,
        shapes={"c": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        limits={("c", "inf"): Limit("logistic", {"loc": -math.inf, "scale": math.inf})},
        entropy=lambda c: 2 - math.log(c),
        expectations={
            X: lambda _, c: _power_mean(1, c),
            SQUARE: lambda _, c: _power_mean(2, c),
            LOG: lambda *_, **__: 0.0,
            LOG_SQUARE: lambda _, c: math.pi**2 / (3 * c**2),
            Power: lambda t, c: _power_mean(t.exponent, c),
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        examples=(
            {"c": 3.0, "scale": 2.0},
            {"c": 0.2},
            {"c": 60.0, "loc": -1.0, "scale": 10000.0},
        ),
    )
)
