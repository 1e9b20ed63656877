"""The beta prime law, or beta law of the second kind."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gammaln, polygamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import dirichlets, sharing
from skinfo.families._elementary import exponential_of_heavy_tail
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Exp, Power, X
from skinfo.utils._gamma import digamma_gap, digamma_rise, dirichlet_entropy, gamma_ratios, log_rising

_SHARES = (0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999)


def log_beta(a, b):
    """Logarithm of the beta function, to rounding where SciPy's cancels for one argument much larger than the other."""
    return float(gammaln(min(a, b)) - log_rising(max(a, b), min(a, b)))


def log_density(z, a, b):
    """Log density."""
    out = np.log1p(z)
    out *= -(b + 1)
    if a != 1:  # 0 inf
        out -= (a - 1) * np.log1p(1 / z)  # log(1 + z) - log z, which cancels where z is large
    out -= log_beta(a, b)
    return out


def radial(z, a, b):
    """The slope times z, and one."""
    return (a - b * z) / (1 + z)


def derivatives(z, a, b):
    """The slope, and the scores of a and b."""
    inverse = 1 / z
    return {
        "z": (radial(z, a, b) - 1) * inverse,
        "a": float(digamma_gap(a, b)) - np.log1p(inverse),
        "b": float(digamma_gap(b, a)) - np.log1p(z),
    }


def inverse_trigamma(y):
    """Where the trigamma function is about y."""
    return (1 + math.sqrt(1 + 2 * y)) / (2 * y) if y < 4 else 1 / math.sqrt(y)


def start(rows, loc):
    """The best of several ways to give the variance of log x, its skewness neglected, to the two shapes."""
    mean, variance = rows.moments(loc, log=True)
    some = rows.subsample(10_000)

    def at(share):
        a, b = inverse_trigamma(variance * share), inverse_trigamma(variance * (1 - share))
        return {"a": a, "b": b, "scale": math.exp(mean - float(digamma(a) - digamma(b)))}

    def value(theta):
        a, b, scale = theta.values()
        density = some.expect(lambda x: log_density((x - loc) * (1 / scale), a, b))
        return float(density) - math.log(scale)

    return max(map(at, _SHARES), key=value)


def entropy(a, b):
    """Entropy: that of the beta law of z / (1 + z), and twice the mean of log(1 + z)."""
    if max(a, b) < 1:  # where the two are large and cancel: by the terms
        return log_beta(a, b) + (1 - a) * mean_log(a, b) + (a + b) * digamma_rise(b, a)
    return dirichlet_entropy([a, b]) + 2 * digamma_rise(b, a)


def mean_log(a, b):
    """Mean of log z."""
    return float(digamma(a) - digamma(b))


def mean_log_square(a, b):
    """Mean of the square of log z."""
    return mean_log(a, b) ** 2 + float(polygamma(1, a) + polygamma(1, b))


def power_mean(k, a, b):
    """Mean of z^k."""
    return gamma_ratios((a, k, 1), (b, -k, 1)) if -a < k < b else math.inf


BETAPRIME = register(
    NonlinearFamily(
        name="betaprime",
        distribution=stats.betaprime,
        support=POSITIVE_LINE,
        shapes={"a": "positive", "b": "positive"},
        standard=log_density,
        derivatives=derivatives,
        start=start,
        limits={
            ("b", "inf"): Limit("gamma", {"scale": math.inf}),
            ("a", "inf"): Limit("invgamma", {"b": lambda q: q["a"], "scale": 0.0}),
        },
        entropy=entropy,
        expectations={
            X: lambda _, a, b: a / (b - 1) if b > 1 else math.inf,
            SQUARE: lambda _, a, b: a * (a + 1) / ((b - 1) * (b - 2)) if b > 2 else math.inf,
            LOG: lambda _, a, b: mean_log(a, b),
            LOG_SQUARE: lambda _, a, b: mean_log_square(a, b),
            Power: lambda t, a, b: power_mean(t.exponent, a, b),
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        divergence=sharing("loc", "scale", of=lambda p, q: dirichlets(*(np.array([t["a"], t["b"]]) for t in (p, q)))),
        examples=(
            {"a": 0.8, "b": 1.5, "scale": 3.0},
            {"a": 0.2, "b": 0.3},
            {"a": 500.0, "b": 3.0, "loc": -1.0, "scale": 1e-06},
            {"a": 2.0, "b": 3000.0},
        ),
    )
)
