"""The generalised logistic law, of type I."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, expit, polygamma

from skinfo.families._base import REAL_LINE, NonlinearFamily
from skinfo.families._quantiles import straightest
from skinfo.families._registry import register
from skinfo.measures import SQUARE, X

_GRID = [{"c": c} for c in (0.03, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 4.0, 10.0, 50.0)]


def _log_density(z, c):
    distance = np.abs(z)
    return math.log(c) - np.where(z < 0, c * distance, distance) - (c + 1) * np.log1p(np.exp(-distance))


def _slope(z, c):
    return c * expit(-z) - expit(z)


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
        slope=_slope,
        shape_scores={"c": lambda z, c: 1 / c - np.logaddexp(0, -z)},
        start=lambda rows, loc: straightest(rows, _quantile, _GRID)[0],  # noqa: ARG005 - loc is free
        limits={("c", "inf"): "gumbel_r", ("c", "0"): "-expon"},
        # the logarithm of 1 + exp(-z) is exponential with mean 1/c
        entropy=lambda c: -math.log(c) + float(digamma(1 + c)) + np.euler_gamma + 1,
        expectations={
            X: lambda _, c: _mean(c),
            SQUARE: lambda _, c: float(polygamma(1, c)) + math.pi**2 / 6 + _mean(c) ** 2,
        },
        examples=(
            {"c": 0.6, "loc": -1.0, "scale": 0.7},
            {"c": 0.02},
            {"c": 30.0, "loc": 1000.0, "scale": 0.001},
            {"c": 1000.0},
        ),
    )
)
