"""The Nakagami law."""

import math

import numpy as np
from scipy import stats
from scipy.special import polygamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import gammas, scales, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.families._starts import gamma_shape
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Power, X
from skinfo.utils._gamma import (
    LARGE,
    gamma_entropy,
    gamma_ratio,
    log_gamma_density,
    log_minus_digamma,
    log_power_over_gamma,
)


def _start(rows, loc):
    """The square is gamma."""
    nu, mean = gamma_shape(rows, loc, 2.0)
    return {"nu": nu, "scale": math.sqrt(mean)}


def _mean_log(nu):
    return -log_minus_digamma(nu) / 2


def _power_mean(k, nu):
    return gamma_ratio(nu, k / 2) * nu ** (-k / 2)


def _far(z, nu):
    return log_gamma_density(nu * z * z, nu) + np.log(2 * nu * z) if nu > LARGE else None


NAKAGAMI = register(
    ExponentialFamily(
        name="nakagami",
        distribution=stats.nakagami,
        support=POSITIVE_LINE,
        shapes={"nu": "positive"},
        terms=lambda nu: {LOG: 2 * nu - 1, SQUARE: -nu, ONE: math.log(2) + log_power_over_gamma(nu)},
        shape_scores={"nu": lambda nu: {LOG: 2.0, SQUARE: -1.0, ONE: 1 + log_minus_digamma(nu)}},
        start=_start,
        limits={("nu", "inf"): Limit("norm", {"loc": -math.inf, "scale": math.inf})},
        expectations={
            X: lambda _, nu: _power_mean(1, nu),
            SQUARE: lambda *_, **__: 1.0,
            LOG: lambda _, nu: _mean_log(nu),
            LOG_SQUARE: lambda _, nu: _mean_log(nu) ** 2 + polygamma(1, nu) / 4,
            Power: lambda t, nu: _power_mean(t.exponent, nu),
        },
        far=_far,
        entropy=lambda nu: gamma_entropy(nu) - math.log(2 * nu) - _mean_log(nu),
        divergence=sharing("loc", of=lambda p, q: gammas(p["nu"], q["nu"], 2 * scales(p, q))),
        examples=(
            {"nu": 1.7, "scale": 3.0},
            {"nu": 0.05},
            {"nu": 10000.0, "loc": 7.0, "scale": 0.001},
        ),
    )
)
