"""The Gompertz law."""

import math

import numpy as np
from scipy import stats
from scipy.special import exp1, hyperu

from skinfo.families._base import HALF_LINE, Edge, Limit
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register

_RATIOS = 2.0 ** np.arange(-3, 13)  # of the scale to the standard deviation


def _log_density(z, c):
    return math.log(c) + z - c * np.expm1(z)


def _profile(rows, loc):
    """The best of some scales, given which 1/c is the mean of exp(z) - 1; and whether a smaller one is out of range."""
    some = rows.subsample(1_000)
    mean, variance = some.moments()
    scales = math.sqrt(variance) * _RATIOS
    inverse = some.expect(lambda x: np.expm1((x - loc) / scales[:, None]), width=len(scales))
    value = (mean - loc) / scales - np.log(inverse) - np.log(scales)
    usable = np.isfinite(value)
    best = int(np.argmax(np.where(usable, value, -np.inf)))
    return {"c": 1 / float(inverse[best]), "scale": float(scales[best])}, best > 0 and not usable[best - 1]


def _edges(rows, given):
    """The law is a Gumbel law of minima cut off at loc, so that loc is the data's smallest value if c may follow it."""
    if "loc" in given and not {"c", "scale"} & given.keys():
        with np.errstate(all="ignore"):
            out_of_range = _profile(rows, given["loc"])[1]
        if out_of_range:
            raise ValueError(
                "the likelihood of gompertz increases as c -> 0, where the law is gumbel_l, up to where c is no "
                "floating-point number: use family='gumbel_l', or fix another loc"
            )
    return {"loc": Edge(rows.lowest)} if not {"loc", "c"} & given.keys() else {}


def _entropy(c):
    """From the means of z, exp(c) E_1(c), and of c (exp(z) - 1), which is 1."""
    mean = math.exp(c) * float(exp1(c)) if c < 100 else float(hyperu(1, 1, c))
    return 1 - math.log(c) - mean


GOMPERTZ = register(
    NonlinearFamily(
        name="gompertz",
        distribution=stats.gompertz,
        support=HALF_LINE,
        shapes={"c": "positive"},
        standard=_log_density,
        slope=lambda z, c: 1 - c * np.exp(z),
        shape_scores={"c": lambda z, c: 1 / c - np.expm1(z)},
        start=lambda rows, loc: _profile(rows, loc)[0],
        edges=_edges,
        limits={("c", "inf"): Limit("expon", {"scale": math.inf})},
        entropy=_entropy,
        examples=(
            {"c": 0.3, "scale": 2.0},
            {"c": 1e-20},
            {"c": 200.0, "loc": 1.0, "scale": 1000.0},
        ),
    )
)
