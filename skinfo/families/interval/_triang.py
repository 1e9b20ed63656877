"""The triangular law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import UNIT_INTERVAL, Edge, NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG1M, SQUARE, Power, X


def _log_density(z, c):
    return math.log(2) + np.where(z < c, np.log(z / c), np.log((1 - z) / (1 - c)))


def _edges(rows, given):
    """The mode is one of the values (Oliver 1972): that of the largest likelihood, from cumulated sums."""
    if "c" in given:
        return {}
    if not {"loc", "scale"} <= given.keys():
        raise ValueError("fixed must give loc and scale of triang, or c: the mode is found exactly in a given interval")
    if rows.weights is None:
        z, w = np.sort(rows.x), 1.0  # several times as fast as finding the order
        below = np.arange(1.0, len(z) + 1)
    else:
        order = np.argsort(rows.x)
        z, w = rows.x[order], rows.weights[order]
        below = np.cumsum(w)
    z = (z.astype(np.float64) - given["loc"]) / given["scale"]
    right = np.log1p(-z)
    logit = np.log(z) - right
    # up to a constant: the sum of log(z / c) below c, and of log((1 - z) / (1 - c)) above it
    likelihood = np.cumsum(w * logit) - below * logit - below[-1] * right
    return {"c": Edge(float(z[np.argmax(likelihood)]))}


def _power_mean(k, c):
    if k <= -2:
        return math.inf
    inner = -math.expm1((k + 1) * math.log(c)) / (k + 1) if k != -1 else -math.log(c)
    return 2 * inner / ((k + 2) * (1 - c))


TRIANG = register(
    NonlinearFamily(
        name="triang",
        distribution=stats.triang,
        support=UNIT_INTERVAL,
        shapes={"c": "unit"},
        standard=_log_density,
        slope=lambda z, c: np.where(z < c, 1 / z, -1 / (1 - z)),
        shape_scores={"c": lambda z, c: np.where(z < c, -1 / c, 1 / (1 - c))},
        start=lambda rows, loc: {"c": 0.5, "scale": 1.05 * (rows.highest - loc)},
        edges=_edges,
        natural={"loc": 0.0, "scale": 1.0},
        smooth=False,
        entropy=lambda c: 0.5 - math.log(2),  # noqa: ARG005 - the same for all
        expectations={
            X: lambda _, c: (1 + c) / 3,
            SQUARE: lambda _, c: (1 + c + c * c) / 6,
            LOG: lambda _, c: -1.5 - c * math.log(c) / (1 - c),
            LOG1M: lambda _, c: -1.5 - (1 - c) * math.log1p(-c) / c,
            Power: lambda t, c: _power_mean(t.exponent, c),
        },
        examples=(
            {"c": 0.3},
            {"c": 0.01, "loc": -1.0, "scale": 3.0},
            {"c": 0.9999},
        ),
    )
)
