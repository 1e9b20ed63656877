"""The beta law."""

import math

import numpy as np
from scipy import stats
from scipy.special import betainc, polygamma

from skinfo.families._base import UNIT_INTERVAL, Limit
from skinfo.families._divergences import dirichlets, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG1M, LOG_SQUARE, ONE, SQUARE, Abs, Power, X
from skinfo.utils._gamma import (
    LARGE,
    deviance,
    digamma_rise,
    dirichlet_entropy,
    gamma_ratios,
    log_beta,
    stirling_remainder,
)


def _start(rows, loc):
    """Moments; the scale is one where it is given, and the data's range and a little where it is not."""
    scale = max(1.0, 1.05 * (rows.highest - loc)) if rows.highest - loc >= 1 else 1.0
    mean, variance = rows.moments()
    mean, variance = (mean - loc) / scale, variance / scale**2
    size = max(mean * (1 - mean) / variance - 1, 1e-3)
    return {"a": mean * size, "b": (1 - mean) * size, "scale": scale}


def _power_mean(exponent, a, b):
    return gamma_ratios((a, exponent, 1), (a + b, exponent, -1)) if a + exponent > 0 else np.inf


def _distance(t, a, b):
    mean, c = a / (a + b), min(max(t.centre, 0.0), 1.0)
    return mean - t.centre + 2 * float(c * betainc(a, b, c) - mean * betainc(a + 1, b, c)) + 2 * max(t.centre - 1, 0.0)


def _far(z, a, b):
    total = a + b
    if total < LARGE:
        return None
    rest = 1 - z
    height = 0.5 * math.log(a * (b / total) / (2 * math.pi)) + float(stirling_remainder(total))
    height -= float(stirling_remainder(a)) + float(stirling_remainder(b))
    gap = a * rest - b * z
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = deviance(gap, total * z) + deviance(-gap, total * rest)
        values = height - spread - np.log(z) - np.log1p(-z)
    return np.where((z > 0) & (z < 1), values, -np.inf)


BETA = register(
    ExponentialFamily(
        name="beta",
        distribution=stats.beta,
        support=UNIT_INTERVAL,
        shapes={"a": "positive", "b": "positive"},
        terms=lambda a, b: {LOG: a - 1, LOG1M: b - 1, ONE: -log_beta(a, b)},
        shape_scores={
            "a": lambda a, b: {LOG: 1.0, ONE: digamma_rise(a, b)},
            "b": lambda a, b: {LOG1M: 1.0, ONE: digamma_rise(b, a)},
        },
        start=_start,
        limits={
            ("b", "inf"): Limit("gamma", {"scale": math.inf}),
            ("a", "inf"): Limit("-gamma", {"b": lambda q: q["a"], "loc": -math.inf, "scale": math.inf}),
        },
        expectations={
            X: lambda _, a, b: a / (a + b),
            SQUARE: lambda _, a, b: a * (a + 1) / ((a + b) * (a + b + 1)),
            LOG: lambda _, a, b: -digamma_rise(a, b),
            LOG1M: lambda _, a, b: -digamma_rise(b, a),
            Power: lambda t, a, b: _power_mean(t.exponent, a, b),
            LOG_SQUARE: lambda _, a, b: float(polygamma(1, a) - polygamma(1, a + b)) + digamma_rise(a, b) ** 2,
            Abs: _distance,
        },
        far=_far,
        entropy=lambda a, b: dirichlet_entropy([a, b]),
        divergence=sharing("loc", "scale", of=lambda p, q: dirichlets(*(np.array([t["a"], t["b"]]) for t in (p, q)))),
        examples=(
            {"a": 2.0, "b": 3.5},
            {"a": 0.3, "b": 0.6, "loc": -1.0, "scale": 3.0},
            {"a": 500.0, "b": 800.0},
        ),
    )
)
