"""The hyperbolic secant law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import REAL_LINE
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._quantiles import spread
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Exp, X


def _log_density(z):
    distance = np.abs(z)
    return math.log(2 / math.pi) - distance - np.log1p(np.exp(-2 * distance))


def _start(rows, loc):  # noqa: ARG001 - loc is free
    """Quartiles, which are -+arcsinh(1)."""
    median, distance = spread(rows)
    return {"loc": median, "scale": distance / (2 * math.asinh(1))}


HYPSECANT = register(
    NonlinearFamily(
        name="hypsecant",
        distribution=stats.hypsecant,
        support=REAL_LINE,
        standard=_log_density,
        slope=lambda z: -np.tanh(z),
        start=_start,
        entropy=lambda: math.log(2 * math.pi),
        expectations={
            X: lambda _: 0.0,
            SQUARE: lambda _: math.pi**2 / 4,
            Exp: lambda t: 1 / math.cos(math.pi * t.rate / 2) if abs(t.rate) < 1 else math.inf,
        },
        examples=(
            {"loc": -1.0, "scale": 0.7},
            {"loc": 1000000.0, "scale": 0.001},
            {"scale": 1e9},
        ),
    )
)
