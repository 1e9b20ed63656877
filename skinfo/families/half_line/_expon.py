"""The exponential law."""

import math

import numpy as np
from scipy import stats
from scipy.special import gamma

from skinfo.families._base import HALF_LINE, Edge
from skinfo.families._divergences import of_scales
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Abs, Exp, Power, X

EXPON = register(
    ExponentialFamily(
        name="expon",
        distribution=stats.expon,
        support=HALF_LINE,
        terms=lambda: {X: -1.0, ONE: 0.0},
        start=lambda rows, loc: {"scale": rows.moments()[0] - loc},
        column_starts=lambda columns, loc: {"scale": columns.mean - loc},
        edges=lambda rows, given: {} if "loc" in given else {"loc": Edge(rows.lowest)},
        expectations={
            X: lambda _: 1.0,
            SQUARE: lambda _: 2.0,
            LOG: lambda _: -np.euler_gamma,
            Power: lambda t: gamma(1 + t.exponent) if t.exponent > -1 else np.inf,
            LOG_SQUARE: lambda _: math.pi**2 / 6 + np.euler_gamma**2,
            Abs: lambda t: t.centre - 1 + 2 * math.exp(-t.centre) if t.centre > 0 else 1 - t.centre,
            Exp: lambda t: 1 / (1 - t.rate) if t.rate < 1 else math.inf,
        },
        divergence=of_scales(),
        examples=(
            {"scale": 2.0},
            {"loc": -3.0, "scale": 1e-08},
            {"scale": 1000000000000.0},
        ),
    )
)
