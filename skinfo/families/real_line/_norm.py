"""The normal law."""

import math

import numpy as np
from scipy import stats
from scipy.special import ndtr

from skinfo.families._base import REAL_LINE
from skinfo.families._divergences import normals, scales
from skinfo.families._elementary import exponential
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import ONE, SQUARE, Abs, Exp, X


def _start(rows, loc):  # noqa: ARG001 - loc is free
    mean, variance = rows.moments()
    return {"loc": mean, "scale": math.sqrt(variance)}


def _mean_distance(t, **_):
    c = t.centre
    return math.sqrt(2 / math.pi) * math.exp(-c * c / 2) + c * (2 * float(ndtr(c)) - 1)


NORM = register(
    ExponentialFamily(
        name="norm",
        distribution=stats.norm,
        support=REAL_LINE,
        terms=lambda: {SQUARE: -0.5, ONE: -0.5 * math.log(2 * math.pi)},
        start=_start,
        column_starts=lambda columns, loc: {"loc": columns.mean, "scale": np.sqrt(columns.variance)},  # noqa: ARG005
        expectations={
            X: lambda _: 0.0,
            SQUARE: lambda _: 1.0,
            Abs: _mean_distance,
            Exp: lambda t: exponential(t.rate * t.rate / 2),
        },
        divergence=lambda p, q: normals((p["loc"] - q["loc"]) / q["scale"], scales(p, q)),
        examples=(
            {"loc": 3.0, "scale": 0.5},
            {"loc": 100000000.0, "scale": 1.0},
            {"scale": 1e-150},
        ),
    )
)
