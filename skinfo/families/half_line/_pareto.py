"""The Pareto law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import Edge, Limit, Support
from skinfo.families._divergences import excess, log_ratio, scales, sharing
from skinfo.families._elementary import exponential_of_heavy_tail
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.families.half_line._lomax import LOMAX
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Exp, Power, X


def _power_mean(exponent, b):
    return b / (b - exponent) if b > exponent else np.inf


def _edges(rows, given):
    """The support starts at loc + scale: the data's smallest value, whichever of the two is free."""
    if "loc" in given:
        return {} if "scale" in given else {"scale": Edge(rows.lowest - given["loc"])}
    return {"loc": Edge(rows.lowest - given["scale"])} if "scale" in given else {}


def _start(rows, loc):
    """The maximum where loc is given; the Lomax law above the smallest value, where scale is free too."""
    scale = rows.lowest - loc
    lomax = LOMAX.start(rows, rows.lowest)
    return [
        {"b": 1 / (rows.means([LOG], loc)[LOG] - math.log(scale)), "scale": scale},
        {"b": lomax["c"], "scale": lomax["scale"]},
    ]


PARETO = register(
    ExponentialFamily(
        name="pareto",
        distribution=stats.pareto,
        support=Support(1.0, math.inf, closed_low=True),
        shapes={"b": "positive"},
        terms=lambda b: {LOG: -(b + 1), ONE: math.log(b)},
        shape_scores={"b": lambda b: {LOG: -1.0, ONE: 1 / b}},
        start=_start,
        edges=_edges,
        limits={("b", "inf"): Limit("expon", {"loc": -math.inf, "scale": math.inf})},
        expectations={
            X: lambda _, b: _power_mean(1, b),
            SQUARE: lambda _, b: _power_mean(2, b),
            LOG: lambda _, b: 1 / b,
            Power: lambda t, b: _power_mean(t.exponent, b),
            LOG_SQUARE: lambda _, b: 2 / b**2,
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        divergence=sharing("loc", of=lambda p, q: excess(log_ratio(q["b"], p["b"])) + q["b"] * scales(p, q)),
        examples=(
            {"b": 2.5, "scale": 2.0},
            {"b": 0.1},
            {"b": 60.0, "loc": 1.0, "scale": 1000.0},
        ),
    )
)
