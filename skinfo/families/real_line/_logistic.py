"""The logistic law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import REAL_LINE
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Abs, Exp, X


def _log_density(z):
    distance = np.abs(z)
    return -distance - 2 * np.log1p(np.exp(-distance))


def _start(rows, loc):  # noqa: ARG001 - loc is free
    low, middle, high = rows.subsample(10_000).quantiles([0.25, 0.5, 0.75])
    spread = (high - low) / (2 * math.log(3)) or math.sqrt(3 * rows.moments()[1]) / math.pi
    return {"loc": float(middle), "scale": float(spread)}


LOGISTIC = register(
    NonlinearFamily(
        name="logistic",
        distribution=stats.logistic,
        support=REAL_LINE,
        standard=_log_density,
        slope=lambda z: -np.tanh(z / 2),
        start=_start,
        entropy=lambda: 2.0,
        expectations={
            X: lambda _: 0.0,
            SQUARE: lambda _: math.pi**2 / 3,
            Abs: lambda t: 2 * float(np.logaddexp(0, t.centre)) - t.centre,
            Exp: lambda t: 1 / float(np.sinc(t.rate)) if abs(t.rate) < 1 else math.inf,
        },
        examples=(
            {"loc": -1.0, "scale": 0.7},
            {"loc": 1000000.0, "scale": 0.001},
        ),
    )
)
