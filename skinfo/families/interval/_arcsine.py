"""The arcsine law."""

import math

import numpy as np
from scipy import stats
from scipy.special import i0e, poch

from skinfo.families._base import UNIT_INTERVAL
from skinfo.families._elementary import exponential
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG1M, LOG_SQUARE, ONE, SQUARE, Exp, Power, X

_MEAN_LOG = -2 * math.log(2)


def _edges(rows, given):  # noqa: ARG001 - whatever the rows
    if not {"loc", "scale"} <= given.keys():
        raise ValueError(
            "the likelihood of arcsine is unbounded: an end of the support approaches the data's extreme value. "
            "Fix loc and scale in fixed"
        )
    return {}


ARCSINE = register(
    ExponentialFamily(
        name="arcsine",
        distribution=stats.arcsine,
        support=UNIT_INTERVAL,
        terms=lambda: {LOG: -0.5, LOG1M: -0.5, ONE: -math.log(math.pi)},
        start=lambda rows, loc: {},  # noqa: ARG005 - nothing is left to start from
        edges=_edges,
        expectations={
            X: lambda _: 0.5,
            SQUARE: lambda _: 0.375,
            LOG: lambda _: _MEAN_LOG,
            LOG1M: lambda _: _MEAN_LOG,
            LOG_SQUARE: lambda _: math.pi**2 / 3 + _MEAN_LOG**2,
            Power: lambda t: poch(0.5, t.exponent) / poch(1, t.exponent) if t.exponent > -0.5 else np.inf,
            Exp: lambda t: exponential((t.rate + abs(t.rate)) / 2 + math.log(float(i0e(t.rate / 2)))),
        },
        examples=(
            {},
            {"loc": 0.2, "scale": 0.5},
            {"loc": -3.0, "scale": 1000000.0},
        ),
    )
)
