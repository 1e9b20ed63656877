"""The lognormal law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import POSITIVE_LINE, ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Power, X


def _start(rows, loc):
    mean, variance = rows.moments(loc, log=True)
    return {"s": math.sqrt(variance), "scale": math.exp(mean)}


def _column_starts(columns, loc):
    means = columns.means([LOG, LOG_SQUARE], loc)
    return {"s": np.sqrt(means[LOG_SQUARE] - means[LOG] ** 2), "scale": np.exp(means[LOG])}


LOGNORM = register(
    ExponentialFamily(
        name="lognorm",
        distribution=stats.lognorm,
        support=POSITIVE_LINE,
        shapes={"s": "positive"},
        terms=lambda s: {LOG_SQUARE: -0.5 / s**2, LOG: -1.0, ONE: -np.log(s) - 0.5 * math.log(2 * math.pi)},
        shape_scores={"s": lambda s: {LOG_SQUARE: s**-3, ONE: -1 / s}},
        start=_start,
        column_starts=_column_starts,
        expectations={
            X: lambda _, s: math.exp(s**2 / 2),
            SQUARE: lambda _, s: math.exp(2 * s**2),
            LOG: lambda *_, **__: 0.0,
            LOG_SQUARE: lambda _, s: s**2,
            Power: lambda t, s: math.exp((t.exponent * s) ** 2 / 2),
        },
        examples=(
            {"s": 0.6, "scale": 5.0},
            {"s": 0.01, "scale": 1000000.0},
            {"s": 4.0, "loc": -1.0},
        ),
    )
)
