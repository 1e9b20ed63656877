"""The folded normal law."""

import math

import numpy as np
from scipy import stats
from scipy.special import erf, log_ndtr, ndtr

from skinfo.families._base import HALF_LINE, Limit
from skinfo.families._elementary import exponential
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._normal_means import mean_excess, mean_log1p_exp
from skinfo.families._registry import register
from skinfo.families._starts import folded
from skinfo.measures import SQUARE, Abs, Exp, X


def _log_density(z, c):
    out = np.exp(-2 * c * z)
    np.log1p(out, out=out)
    out -= 0.5 * (z - c) ** 2
    out -= 0.5 * math.log(2 * math.pi)
    return out


def _derivatives(z, c):
    balance = np.tanh(c * z)
    return {"z": c * balance - z, "c": z * balance - c}


def _start(rows, loc):
    return [{"c": c, "scale": scale} for c, scale in folded(rows, loc, 1, _log_density)]


def _mean(c):
    return math.sqrt(2 / math.pi) * math.exp(-c * c / 2) + c * float(erf(c / math.sqrt(2)))


def _distance(t, c):
    d = t.centre  # E(z - d) + 2 times the integral of the distribution function up to d
    return (
        _mean(c) - d + (2 * (_expected_gain(d - c) - 2 * _expected_gain(-c) + _expected_gain(-d - c)) if d > 0 else 0)
    )


def _expected_gain(x):
    """The antiderivative of the normal distribution function."""
    return x * float(ndtr(x)) + math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _exp_mean(t, c):
    parts = (t.rate * (t.rate / 2 + side * c) + float(log_ndtr(t.rate + side * c)) for side in (1, -1))
    return math.fsum(map(exponential, parts))


def _entropy(c):
    """That of the normal variable y, less the mean of log(1 + exp(-2 c y)): what is not known of the sign of y."""
    m, s = 2 * c * c, 2 * c
    return 0.5 * math.log(2 * math.pi * math.e) - mean_excess(-m, s) - mean_log1p_exp(m, s)


FOLDNORM = register(
    NonlinearFamily(
        name="foldnorm",
        distribution=stats.foldnorm,
        support=HALF_LINE,
        shapes={"c": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        entropy=_entropy,
        limits={("c", "0"): Limit("halfnorm"), ("c", "inf"): Limit("norm", {"loc": -math.inf})},
        expectations={
            X: lambda _, c: _mean(c),
            SQUARE: lambda _, c: 1 + c * c,
            Abs: _distance,
            Exp: _exp_mean,
        },
        examples=(
            {"c": 2.0, "scale": 3.0},
            {"c": 0.01},
            {"c": 30.0, "loc": 7.0, "scale": 0.001},
        ),
    )
)
