"""The loguniform, or reciprocal, law."""

import math

from scipy import stats
from scipy.special import exprel

from skinfo.families._base import POSITIVE_LINE, Edge
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Power, X


def _log_width(a, b):
    return math.log(_width(a, b)) if a < b else -math.inf


def _width(a, b):
    """Width of the logarithm's uniform law."""
    return math.log1p((b - a) / a) if b < 2 * a else math.log(b) - math.log(a)


def _edges(rows, given):
    """The data's extremes, which must be in an interval that is given."""
    if not {"loc", "scale"} <= given.keys():
        raise ValueError("fixed must give loc and scale of loguniform: a and b are its support already")
    low, high = ((extreme - given["loc"]) / given["scale"] for extreme in (rows.lowest, rows.highest))
    if not (given.get("a", low) <= low and high <= given.get("b", high)):
        raise ValueError(
            f"the data are between a={low:g} and b={high:g} of loguniform, and what is fixed leaves some out"
        )
    return {name: Edge(end) for name, end in (("a", low), ("b", high)) if name not in given}


def _power_mean(k, a, b):
    return a**k * float(exprel(k * _width(a, b)))


LOGUNIFORM = register(
    ExponentialFamily(
        name="loguniform",
        distribution=stats.loguniform,
        support=POSITIVE_LINE,
        shapes={"a": "positive", "b": "positive"},
        ends=lambda a, b: (a, b),
        terms=lambda a, b: {LOG: -1.0, ONE: -_log_width(a, b)},
        shape_scores={
            "a": lambda a, b: {ONE: 1 / (a * _width(a, b))},
            "b": lambda a, b: {ONE: -1 / (b * _width(a, b))},
        },
        start=lambda rows, loc: {},  # noqa: ARG005 - nothing is left to start from
        edges=_edges,
        natural={"loc": 0.0, "scale": 1.0},
        expectations={
            X: lambda _, a, b: _power_mean(1, a, b),
            SQUARE: lambda _, a, b: _power_mean(2, a, b),
            LOG: lambda _, a, b: math.log(a) + _width(a, b) / 2,
            LOG_SQUARE: lambda _, a, b: (math.log(a) + _width(a, b) / 2) ** 2 + _width(a, b) ** 2 / 12,
            Power: lambda t, a, b: _power_mean(t.exponent, a, b),
        },
        examples=(
            {"a": 0.5, "b": 20.0},
            {"a": 2.0, "b": 2.2, "loc": -1.0, "scale": 1000.0},
            {"a": 1e-08, "b": 1000000.0},
        ),
    )
)
