"""The half-Cauchy law."""

import math

import numpy as np
from scipy import stats
from scipy.special import gamma

from skinfo.families._base import HALF_LINE, Edge
from skinfo.families._elementary import exponential_of_heavy_tail
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Abs, Exp, Power, X

_FAR = 1e150  # from here on the square is out of range, and one is nothing next to it


def _log_density(z):
    near = np.minimum(z, _FAR)
    out = np.log1p(near * near)
    out += 2 * np.log(np.maximum(z / _FAR, 1.0))
    return np.subtract(math.log(2 / math.pi), out, out=out)


def _start(rows, loc):
    """The median; zero where half of the data are at loc, and the likelihood grows without bound."""
    if rows.lowest <= loc and rows.expect(lambda x: 1.0 * (x <= loc)) >= 0.5:
        return {"scale": 0.0}
    some = rows.subsample(10_000)
    return {"scale": float(some.quantiles([0.5])[0]) - loc or rows.moments()[0] - loc}


def _power_mean(k):
    return gamma((1 + k) / 2) * gamma((1 - k) / 2) / math.pi if abs(k) < 1 else math.inf


HALFCAUCHY = register(
    NonlinearFamily(
        name="halfcauchy",
        distribution=stats.halfcauchy,
        support=HALF_LINE,
        standard=_log_density,
        slope=lambda z: -2 / (z + 1 / z),
        start=_start,
        edges=lambda rows, given: {} if "loc" in given else {"loc": Edge(rows.lowest)},
        entropy=lambda: math.log(2 * math.pi),
        expectations={
            X: lambda _: math.inf,
            SQUARE: lambda _: math.inf,
            LOG: lambda _: 0.0,
            LOG_SQUARE: lambda _: math.pi**2 / 4,
            Power: lambda t: _power_mean(t.exponent),
            Abs: lambda _: math.inf,
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        examples=(
            {"scale": 2.0},
            {"loc": -3.0, "scale": 1e-08},
            {"scale": 1000000000000.0},
        ),
    )
)
