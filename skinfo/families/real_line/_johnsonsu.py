"""Johnson's SU law: a + b arcsinh(z) is standard normal."""

import itertools
import math

import numpy as np
from scipy import stats
from scipy.special import ndtri

from skinfo.families._base import REAL_LINE, Limit
from skinfo.families._divergences import johnsons, sharing
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._normal_means import mean_log_cosh
from skinfo.families._quantiles import straightest
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Exp, X

_RATIOS, _WIDTHS = (-2.0, -1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 2.0), (0.3, 0.6, 1.0, 1.5, 2.5, 5.0)
_GRID = [{"a": b * ratio, "b": b} for ratio, b in itertools.product(_RATIOS, _WIDTHS)]
_LOG_NORMAL = [{"a": b * ratio, "b": b} for ratio, b in itertools.product((-15.0, 15.0), _WIDTHS)]  # nearly


def _log_density(z, a, b):
    normal = np.arcsinh(z)
    normal *= b
    normal += a
    normal *= normal
    square = z * z
    normal += np.log1p(square, out=square)
    normal *= -0.5
    normal += math.log(b) - 0.5 * math.log(2 * math.pi)
    return normal


def _derivatives(z, a, b):
    y = np.arcsinh(z)
    a_score = y * -b
    a_score -= a
    inverse = z * z
    inverse += 1
    np.sqrt(inverse, out=inverse)
    np.divide(1, inverse, out=inverse)
    slope = z * inverse
    np.subtract(b * a_score, slope, out=slope)
    slope *= inverse
    y *= a_score
    y += 1 / b
    return {"z": slope, "a": a_score, "b": y}


def _quantile(p, a, b):
    return np.sinh((ndtri(p) - a) / b)


def _start(rows, loc):  # noqa: ARG001 - loc is free
    """The two straightest quantile plots; one next to the limit and one that is not, where the first is straightest."""
    inside = straightest(rows, _quantile, _GRID, keep=2)
    (best,) = straightest(rows, _quantile, [{"a": inside[0]["a"], "b": inside[0]["b"]}, *_LOG_NORMAL])
    return inside if best["a"] == inside[0]["a"] else [best, inside[0]]


def _entropy(a, b):
    """That of the normal variable v = asinh(x), and the mean of log cosh(v), the logarithm of dx / dv."""
    return 0.5 * math.log(2 * math.pi * math.e) - math.log(2 * b) + mean_log_cosh(-2 * a / b, 2 / b)


def _second_moment(_, a, b):
    try:
        return 0.5 * math.expm1(2 / b**2) * math.cosh(2 * a / b) + math.sinh(a / b) ** 2
    except OverflowError:
        return math.inf


_LOGNORM = Limit("lognorm", {"b": lambda q: 1 / q["s"], "scale": 0.0})
_NORM = Limit("norm", {"b": math.inf, "scale": math.inf})

JOHNSONSU = register(
    NonlinearFamily(
        name="johnsonsu",
        distribution=stats.johnsonsu,
        support=REAL_LINE,
        shapes={"a": "real", "b": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        limits={
            ("b", "inf"): Limit("norm", {"a": 0.0, "scale": math.inf}),
            ("a", "-inf"): (_LOGNORM, _NORM),
            ("a", "inf"): (_LOGNORM._replace(family="-lognorm"), _NORM),
        },
        expectations={
            X: lambda _, a, b: -math.exp(0.5 / b**2) * math.sinh(a / b),
            SQUARE: _second_moment,
            Exp: lambda *_, **__: math.inf,
        },
        entropy=_entropy,
        divergence=sharing("loc", "scale", of=johnsons),
        examples=(
            {"a": 0.6, "b": 1.7, "loc": -1.0, "scale": 0.7},
            {"a": -1.5, "b": 0.8},
            {"a": 0.0, "b": 0.4, "scale": 1000.0},
            {"a": 2.0, "b": 6.0},
        ),
    )
)
