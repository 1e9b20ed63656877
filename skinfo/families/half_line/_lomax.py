"""The Lomax law, the Pareto law that starts at zero."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gamma, polygamma

from skinfo.families._base import HALF_LINE, Edge, Limit
from skinfo.families._divergences import excess, log_ratio, sharing
from skinfo.families._elementary import exponential_of_heavy_tail
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Exp, Power, X
from skinfo.utils._gamma import gamma_ratio

_RATIOS = 4.0 ** np.arange(-7, 9)  # of the scale to the mean or median


def _log_density(z, c):
    out = np.log1p(z)
    out *= -(c + 1)
    out += math.log(c)
    return out


def _start(rows, loc):
    """The best of some scales; given one, 1/c is the mean of log(1 + z)."""
    some = rows.subsample(1_000)
    middle = float(some.quantiles([0.5])[0]) - loc or rows.moments()[0] - loc
    scales = middle * _RATIOS
    inverse = some.expect(lambda x: np.log1p((x - loc) / scales[:, None]), width=len(scales))
    best = int(np.argmax(-np.log(inverse * scales) - inverse))
    return {"c": 1 / float(inverse[best]), "scale": float(scales[best])}


def _power_mean(k, c):
    return float(gamma(1 + k)) * gamma_ratio(c, -k) if -1 < k < c else math.inf


def _mean_log(c):
    return -np.euler_gamma - digamma(c)


LOMAX = register(
    NonlinearFamily(
        name="lomax",
        distribution=stats.lomax,
        support=HALF_LINE,
        shapes={"c": "positive"},
        standard=_log_density,
        slope=lambda z, c: -(c + 1) / (1 + z),
        shape_scores={"c": lambda z, c: 1 / c - np.log1p(z)},
        start=_start,
        edges=lambda rows, given: {} if "loc" in given else {"loc": Edge(rows.lowest)},
        limits={("c", "inf"): Limit("expon", {"scale": math.inf})},
        entropy=lambda c: 1 + 1 / c - math.log(c),
        expectations={
            X: lambda _, c: 1 / (c - 1) if c > 1 else math.inf,
            SQUARE: lambda _, c: 2 / ((c - 1) * (c - 2)) if c > 2 else math.inf,
            LOG: lambda _, c: _mean_log(c),
            LOG_SQUARE: lambda _, c: math.pi**2 / 6 + polygamma(1, c) + _mean_log(c) ** 2,
            Power: lambda t, c: _power_mean(t.exponent, c),
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        divergence=sharing("loc", "scale", of=lambda p, q: excess(log_ratio(q["c"], p["c"]))),
        examples=(
            {"c": 2.5, "scale": 2.0},
            {"c": 0.1},
            {"c": 3000.0, "loc": 1.0, "scale": 1000.0},
        ),
    )
)
