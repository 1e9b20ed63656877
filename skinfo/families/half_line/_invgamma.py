"""The inverse gamma law."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gammaln, polygamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import gammas, log_ratio, scales, sharing
from skinfo.families._elementary import exponential_of_heavy_tail
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.families._starts import gamma_shape
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Exp, Power, X
from skinfo.utils._gamma import LARGE, gamma_entropy, gamma_ratio, log_gamma_density


def _start(rows, loc):
    """The reciprocal is gamma."""
    a, mean = gamma_shape(rows, loc, -1.0)
    return {"a": a, "scale": a / mean}


def _far(z, a):
    return log_gamma_density(1 / z, a) - 2 * np.log(z) if a > LARGE else None


INVGAMMA = register(
    ExponentialFamily(
        name="invgamma",
        distribution=stats.invgamma,
        support=POSITIVE_LINE,
        shapes={"a": "positive"},
        terms=lambda a: {LOG: -(a + 1), Power(-1.0): -1.0, ONE: -float(gammaln(a))},
        shape_scores={"a": lambda a: {LOG: -1.0, ONE: -float(digamma(a))}},
        start=_start,
        limits={("a", "inf"): Limit("norm", {"loc": -math.inf, "scale": math.inf})},
        expectations={
            X: lambda _, a: 1 / (a - 1) if a > 1 else math.inf,
            SQUARE: lambda _, a: 1 / ((a - 1) * (a - 2)) if a > 2 else math.inf,
            LOG: lambda _, a: -digamma(a),
            LOG_SQUARE: lambda _, a: digamma(a) ** 2 + polygamma(1, a),
            Power: lambda t, a: gamma_ratio(a, -t.exponent),
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        far=_far,
        entropy=lambda a: gamma_entropy(a) - 2 * float(digamma(a)),
        divergence=sharing("loc", of=lambda p, q: gammas(p["a"], q["a"], log_ratio(p["a"], q["a"]) - scales(p, q))),
        examples=(
            {"a": 3.5, "scale": 3.0},
            {"a": 0.1},
            {"a": 100000.0, "loc": 7.0, "scale": 1000.0},
        ),
    )
)
