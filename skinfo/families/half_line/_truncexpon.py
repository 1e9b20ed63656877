"""The exponential law cut off at b."""

import math

import numpy as np
from scipy import stats
from scipy.special import exp1, exprel, gamma, gammainc

from skinfo.families._base import HALF_LINE, Edge
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, ONE, SQUARE, Exp, Power, X


def _start(rows, loc):
    """From the mean of a law cut off at its largest value, which is below the middle if the scale is finite."""
    high = rows.highest - loc
    share = (rows.moments()[0] - loc) / high
    scale = high * max(share, min(1 / (6 - 12 * share), 1e3)) if share < 0.5 else 1e3 * high
    return {"b": high / scale, "scale": scale}


def _edges(rows, given):
    """The data's smallest value; with b given, the scale may be as small as the data allow."""
    edges = {} if "loc" in given else {"loc": Edge(rows.lowest)}
    loc = given.get("loc", rows.lowest)
    if not {"b", "scale"} & given.keys() and 2 * (rows.moments()[0] - loc) >= rows.highest - loc:
        raise ValueError(
            "the likelihood of truncexpon increases as scale -> inf, where the law is uniform up to the largest value: "
            "use family='uniform', or fix scale"
        )
    if "b" in given and rows.highest > loc + given["b"] * given.get("scale", math.inf):
        raise ValueError(f"the largest value, {rows.highest:g}, is beyond loc + b scale of truncexpon, which are fixed")
    if "b" in given and "scale" not in given and given["b"] * (rows.moments()[0] - loc) <= rows.highest - loc:
        edges["scale"] = Edge((rows.highest - loc) / given["b"])
    return edges


def _power_mean(k, b):
    return float(gamma(k + 1) * gammainc(k + 1, b)) / -math.expm1(-b) if k > -1 else math.inf


def _entire_integral(b):
    """Entire exponential integral: of (1 - exp(-t)) / t up to b (DLMF 6.2.3, 6.6.4)."""
    if b > 1:
        return float(exp1(b)) + math.log(b) + np.euler_gamma
    return -math.fsum((-b) ** k / (k * math.factorial(k)) for k in range(1, 20))


def _log_mass(b):
    return math.log1p(-math.exp(-b)) if b > 0.7 else math.log(-math.expm1(-b))


TRUNCEXPON = register(
    ExponentialFamily(
        name="truncexpon",
        distribution=stats.truncexpon,
        support=HALF_LINE,
        shapes={"b": "highest"},
        ends=lambda b: (0.0, b),
        terms=lambda b: {X: -1.0, ONE: -_log_mass(b)},
        shape_scores={"b": lambda b: {ONE: -1 / math.expm1(b) if b < 700 else 0.0}},
        start=_start,
        edges=_edges,
        expectations={
            X: lambda _, b: _power_mean(1, b),
            SQUARE: lambda _, b: _power_mean(2, b),
            LOG: lambda _, b: math.log(b) - _entire_integral(b) / -math.expm1(-b),
            Power: lambda t, b: _power_mean(t.exponent, b),
            Exp: lambda t, b: b * float(exprel((t.rate - 1) * b)) / -math.expm1(-b),
        },
        examples=(
            {"b": 3.0, "scale": 2.0},
            {"b": 40.0, "loc": 7.0, "scale": 0.001},
            {"b": 0.5, "scale": 1000.0},
        ),
    )
)
