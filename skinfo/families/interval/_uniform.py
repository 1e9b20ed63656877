"""The uniform law."""

import numpy as np
from scipy import stats
from scipy.special import exprel

from skinfo.families._base import Edge, Support
from skinfo.families._divergences import scales
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG1M, LOG_SQUARE, ONE, SQUARE, Abs, Exp, Power, X


def _edges(rows, given):
    """The narrowest interval that holds the data."""
    low = given.get("loc", rows.lowest if "scale" not in given else rows.highest - given["scale"])
    edges = {"loc": Edge(low), "scale": Edge(rows.highest - low)}
    return {name: edge for name, edge in edges.items() if name not in given}


UNIFORM = register(
    ExponentialFamily(
        name="uniform",
        distribution=stats.uniform,
        support=Support(0.0, 1.0, closed_low=True, closed_high=True),
        terms=lambda: {ONE: 0.0},
        start=lambda rows, loc: {},  # noqa: ARG005 - nothing is left to start from
        edges=_edges,
        natural={},
        expectations={
            X: lambda _: 0.5,
            SQUARE: lambda _: 1 / 3,
            LOG: lambda _: -1.0,
            LOG1M: lambda _: -1.0,
            Power: lambda t: 1 / (1 + t.exponent) if t.exponent > -1 else np.inf,
            LOG_SQUARE: lambda _: 2.0,
            Abs: lambda t: 0.25 + (t.centre - 0.5) ** 2 if 0 < t.centre < 1 else abs(t.centre - 0.5),
            Exp: lambda t: float(exprel(t.rate)),
        },
        divergence=lambda p, q: -scales(p, q),
        examples=(
            {},
            {"loc": 0.2, "scale": 0.5},
            {"loc": 1000000.0, "scale": 0.001},
        ),
    )
)
