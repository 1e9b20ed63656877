"""The Cauchy law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import REAL_LINE
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._quantiles import spread
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Abs, Exp, X


def _start(rows, loc):  # noqa: ARG001 - loc is free
    """Quartiles. The maximum is unique where the scale is free (Copas 1975), but not where it is fixed."""
    median, distance = spread(rows)
    elsewhere = rows.subsample(10_000).quantiles([0.1, 0.3, 0.7, 0.9])
    return [{"loc": centre, "scale": distance / 2} for centre in (median, *elsewhere.tolist())]


def _log_density(z):
    value = z * z
    np.log1p(value, out=value)
    value += math.log(math.pi)
    return np.negative(value, out=value)


def _slope(z):
    value = z * z
    value += 1
    np.divide(z, value, out=value)
    value *= -2
    return value


def _divergence(p, q):
    """Chyzak and Nielsen (2019), theorem 1."""
    gap, mean = p["loc"] - q["loc"], math.sqrt(p["scale"]) * math.sqrt(q["scale"])
    distance = math.hypot(p["scale"] - q["scale"], gap) / (2 * mean)
    if distance < 1:
        return math.log1p(distance * distance)
    return 2 * (math.log(math.hypot(p["scale"] + q["scale"], gap)) - math.log(2 * mean))


CAUCHY = register(
    NonlinearFamily(
        name="cauchy",
        distribution=stats.cauchy,
        support=REAL_LINE,
        standard=_log_density,
        slope=_slope,
        start=_start,
        entropy=lambda: math.log(4 * math.pi),
        expectations={
            X: lambda _: math.nan,
            SQUARE: lambda _: math.inf,
            Abs: lambda _: math.inf,
            Exp: lambda _: math.inf,
        },
        divergence=_divergence,
        examples=(
            {"loc": -1.0, "scale": 0.7},
            {"loc": 1000000.0, "scale": 0.001},
            {"scale": 1e9},
        ),
    )
)
