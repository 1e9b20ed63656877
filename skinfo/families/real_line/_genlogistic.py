"""The generalised logistic law, of type I."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gamma, polygamma

from skinfo.families._base import REAL_LINE, Limit
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._quantiles import straightest
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Exp, X
from skinfo.utils._gamma import gamma_ratio

_GRID = [{"c": c} for c in (0.03, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 4.0, 10.0, 50.0)]


def _log_density(z, c):
    distance = np.abs(z)
    value = np.exp(-distance)
    np.log1p(value, out=value)
    value *= -(c + 1)
    distance *= np.where(z < 0, c, 1.0)
    value -= distance
    value += math.log(c)
    return value


def _derivatives(z, c):
    below = z < 0
    small = np.exp(-np.abs(z))
    slope = np.where(below, -1.0, c) * small
    slope -= np.where(below, -c, 1.0)
    slope /= 1 + small
    np.log1p(small, out=small)
    small -= np.minimum(z, 0.0)
    np.subtract(1 / c, small, out=small)
    return {"z": slope, "c": small}


def _quantile(p, c):
    return np.log(p) / c - np.log(-np.expm1(np.log(p) / c))


def _mean(c):
    """Compute psi(c) - psi(1)."""
    return float(digamma(c)) + np.euler_gamma


GENLOGISTIC = register(
    NonlinearFamily(
        name="genlogistic",
        distribution=stats.genlogistic,
        support=REAL_LINE,
        shapes={"c": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=lambda rows, loc: straightest(rows, _quantile, _GRID)[0],  # noqa: ARG005 - loc is free
        limits={("c", "inf"): Limit("gumbel_r", {"loc": -math.inf}), ("c", "0"): Limit("-expon", {"scale": 0.0})},
        # the logarithm of 1 + exp(-z) is exponential with mean 1/c
        entropy=lambda c: -math.log(c) + float(digamma(1 + c)) + np.euler_gamma + 1,
        expectations={
            X: lambda _, c: _mean(c),
            SQUARE: lambda _, c: float(polygamma(1, c)) + math.pi**2 / 6 + _mean(c) ** 2,
            Exp: lambda t, c: float(gamma(1 - t.rate)) * gamma_ratio(c, t.rate) if -c < t.rate < 1 else math.inf,
        },
        examples=(
            {"c": 0.6, "loc": -1.0, "scale": 0.7},
            {"c": 0.02},
            {"c": 30.0, "loc": 1000.0, "scale": 0.001},
            {"c": 1000.0},
        ),
    )
)
