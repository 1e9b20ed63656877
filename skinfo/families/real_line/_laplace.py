"""The Laplace law."""

import math

from scipy import stats

from skinfo.families._base import REAL_LINE, Edge
from skinfo.families._divergences import excess, scales
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import ONE, SQUARE, Abs, Exp, X


def _start(rows, loc):
    return {"scale": rows.means([Abs()], loc)[Abs()]}


def _edges(rows, given):
    """The median, where the likelihood has a kink; its Fisher information is 1 / scale^2 all the same."""
    if "loc" in given:
        return {}
    median = float(rows.quantiles([0.5])[0])
    scale = given.get("scale") or rows.means([Abs()], median)[Abs()]
    return {"loc": Edge(median, scale)}


def _divergence(p, q):
    """In the location, at the first scale, and in the scale: two terms that are never negative."""
    distance, ratio = abs(p["loc"] - q["loc"]), p["scale"] / q["scale"]
    gap = distance / p["scale"]
    apart = ratio * excess(-gap) if gap < 0.5 else distance / q["scale"] + ratio * math.expm1(-gap)
    return apart + excess(scales(p, q))


LAPLACE = register(
    ExponentialFamily(
        name="laplace",
        distribution=stats.laplace,
        support=REAL_LINE,
        terms=lambda: {Abs(): -1.0, ONE: -math.log(2)},
        start=_start,
        edges=_edges,
        smooth=False,
        expectations={
            X: lambda _: 0.0,
            SQUARE: lambda _: 2.0,
            Abs: lambda t: abs(t.centre) + math.exp(-abs(t.centre)),
            Exp: lambda t: 1 / (1 - t.rate * t.rate) if abs(t.rate) < 1 else math.inf,
        },
        divergence=_divergence,
        examples=(
            {"loc": 1.0, "scale": 2.0},
            {"loc": 1000000.0, "scale": 0.001},
        ),
    )
)
