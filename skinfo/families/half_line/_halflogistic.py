"""The half-logistic law."""

import math

import numpy as np
from scipy import stats
from scipy.special import gamma, zeta

from skinfo.families._base import HALF_LINE, Edge
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, SQUARE, Abs, Power, X


def _log_density(z):
    out = np.exp(-z)
    np.log1p(out, out=out)
    out *= -2
    out -= z
    out += math.log(2)
    return out


def _power_mean(k):
    """2 Gamma(1 + k) eta(k), Dirichlet's eta function being (1 - 2^(1 - k)) zeta(k) (DLMF 25.5.3)."""
    if k <= -1:
        return math.inf
    eta = math.log(2) if k == 1 else -math.expm1((1 - k) * math.log(2)) * float(zeta(k))
    return 2 * gamma(1 + k) * eta


def _distance(t):
    c = t.centre  # E(z - c) + 2 times the integral of the distribution function tanh(z/2) up to c
    return math.log(4) - c + (2 * c + 4 * (math.log1p(math.exp(-c)) - math.log(2)) if c > 0 else 0.0)


HALFLOGISTIC = register(
    NonlinearFamily(
        name="halflogistic",
        distribution=stats.halflogistic,
        support=HALF_LINE,
        standard=_log_density,
        slope=lambda z: -np.tanh(z / 2),
        start=lambda rows, loc: {"scale": (rows.moments()[0] - loc) / math.log(4)},
        edges=lambda rows, given: {} if "loc" in given else {"loc": Edge(rows.lowest)},
        entropy=lambda: 2 - math.log(2),
        expectations={
            X: lambda _: math.log(4),
            SQUARE: lambda _: math.pi**2 / 3,
            LOG: lambda _: math.log(math.pi / 2) - np.euler_gamma,  # by eta'(0)
            Power: lambda t: _power_mean(t.exponent),
            Abs: _distance,
        },
        examples=(
            {"scale": 2.0},
            {"loc": -3.0, "scale": 1e-08},
            {"scale": 1000000000000.0},
        ),
    )
)
