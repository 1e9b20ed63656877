"""The power-function law."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma

from skinfo.families._base import Edge, Support
from skinfo.families._divergences import excess, log_ratio, scales, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG1M, LOG_SQUARE, ONE, SQUARE, Power, X


def _edges(rows, given):
    """The support ends at the data's largest value if the scale is free."""
    if "loc" not in given:
        raise ValueError("fixed must give loc of powerlaw: where that is free, the likelihood is unbounded for a < 1")
    return {} if "scale" in given else {"scale": Edge(rows.highest - given["loc"])}


def _start(rows, loc):
    """The maximum where the scale is one."""
    mean = rows.means([LOG], loc)[LOG]
    return {"a": -1 / mean if mean < 0 else 1.0}


def _power_mean(k, a):
    return a / (a + k) if a + k > 0 else np.inf


POWERLAW = register(
    ExponentialFamily(
        name="powerlaw",
        distribution=stats.powerlaw,
        support=Support(0.0, 1.0, closed_high=True),
        shapes={"a": "positive"},
        terms=lambda a: {LOG: a - 1, ONE: math.log(a)},
        shape_scores={"a": lambda a: {LOG: 1.0, ONE: 1 / a}},
        start=_start,
        edges=_edges,
        expectations={
            X: lambda _, a: _power_mean(1, a),
            SQUARE: lambda _, a: _power_mean(2, a),
            LOG: lambda _, a: -1 / a,
            LOG_SQUARE: lambda _, a: 2 / a**2,
            LOG1M: lambda _, a: -digamma(a + 1) - np.euler_gamma,
            Power: lambda t, a: _power_mean(t.exponent, a),
        },
        divergence=sharing("loc", of=lambda p, q: excess(log_ratio(q["a"], p["a"])) - q["a"] * scales(p, q)),
        examples=(
            {"a": 2.5},
            {"a": 0.05},
            {"a": 400.0, "loc": -1.0, "scale": 1000.0},
        ),
    )
)
