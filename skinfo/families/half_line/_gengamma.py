"""The generalised gamma law: a power of a gamma variable."""

import math

import numpy as np
from scipy import optimize, stats
from scipy.special import digamma, gammaln, polygamma

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import gammas, log_ratio, scales, sharing
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.families._starts import shape_of_gap
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Power, X
from skinfo.utils._gamma import gamma_entropy, gamma_ratio, log_minus_digamma, stirling_remainder

_POWERS = 2.0 ** np.arange(-9.5, 5.5)  # in units of the logarithm's standard deviation
_LARGEST = 690.0  # logarithm of a scale that a float can hold


def _log_constant(a):
    """Compute a log(a) - a - log Gamma(a)."""
    if a > 15:
        return 0.5 * math.log(a / (2 * math.pi)) - stirling_remainder(a)
    return a * math.log(a) - a - float(gammaln(a))


def _excess(log_z, a, c):
    """Logarithm of z^c over its mean a."""
    return c * log_z - math.log(a)


def _log_density(z, a, c):
    log_z = np.log(z)
    out = _excess(log_z, a, c)
    out -= np.expm1(out)
    out *= a
    out -= log_z
    out += math.log(abs(c)) + _log_constant(a)
    return out


def _derivatives(z, a, c):
    log_z = np.log(z)
    excess = _excess(log_z, a, c)
    pull = -a * np.expm1(excess)
    excess += log_minus_digamma(a)
    return {"z": (c * pull - 1) / z, "a": excess, "c": 1 / c + log_z * pull}


def _at_power(c, y, weights):
    """Best a, log scale and mean log density of a power of x, from centred y = log x."""
    v = c * y
    top = float(v.max())
    excess = math.log(float(weights @ np.exp(v - top))) + top  # log of the mean of x^c: v is centred
    if abs(c) * float(np.abs(y).max()) < 0.1:  # next to c^2 times the variance over two
        excess = math.log1p(float(weights @ (np.expm1(v) - v)))
    a = shape_of_gap(excess)
    return a, (excess - math.log(a)) / c, math.log(abs(c)) + _log_constant(a) - a * excess


def _pull(c, y, weights):
    """Derivative of the best mean log density in log|c|."""
    v = c * y
    w = weights * np.exp(v - v.max())
    return 1 - _at_power(c, y, weights)[0] * float(w @ v) / float(w.sum())


def _profile(rows, loc, size):
    """The best power of each sign that a float's range of scales leaves, next to the lognormal or not."""
    some = rows.subsample(size)
    y = np.log(some.x.astype(np.float64) - loc)
    weights = np.full(len(y), 1 / len(y)) if some.weights is None else some.weights / some.total
    mean = float(weights @ y)
    y -= mean
    powers = _POWERS / math.sqrt(float(weights @ y**2))
    found = []
    for sign in (1, -1):

        def loss(u, sign=sign):
            return -_at_power(sign * math.exp(u), y, weights)[2]

        usable = [c for c in powers if abs(_at_power(sign * c, y, weights)[1] + mean) < _LARGEST]
        tried = [loss(math.log(c)) for c in usable]
        at = int(np.argmin(tried))
        if 0 < at < len(usable) - 1:
            bracket = math.log(usable[at - 1]), math.log(usable[at + 1])
            c = sign * math.exp(optimize.minimize_scalar(loss, bounds=bracket, method="bounded").x)
            low, high = 0.999 * c, 1.001 * c
            if _pull(low, y, weights) > 0 > _pull(high, y, weights):  # to rounding: the ridge is sharp
                c = optimize.brentq(_pull, low, high, args=(y, weights), xtol=1e-300, rtol=1e-15)
        else:
            c = sign * usable[at]
        a, log_scale, value = _at_power(c, y, weights)
        found.append((value, at == 0, {"a": a, "c": float(c), "scale": math.exp(log_scale + mean)}))
    return max(found, key=lambda f: f[0])


def _start(rows, loc):
    """The maximum, by a search along the ridge of good powers, which Newton steps follow with difficulty."""
    return _profile(rows, loc, 10_000)[2]


def _edges(rows, given):
    """None; but next to the lognormal law the scale is beyond the range of floats."""
    if "loc" in given and not {"a", "c", "scale"} & given.keys() and rows.lowest > given["loc"]:
        _, next_to_lognormal, _ = _profile(rows, given["loc"], 1_000)
        if next_to_lognormal:
            raise ValueError(
                "the likelihood of gengamma still increases as a -> inf, where the law is lognorm, up to where its "
                "scale is no floating-point number: use family='lognorm'"
            )
    return {}


def _power_mean(k, a, c):
    return gamma_ratio(a, k / c) if a + k / c > 0 else math.inf


def _entropy(a, c):
    return gamma_entropy(a) + (1 / c - 1) * float(digamma(a)) - math.log(abs(c))


GENGAMMA = register(
    NonlinearFamily(
        name="gengamma",
        distribution=stats.gengamma,
        support=POSITIVE_LINE,
        shapes={"a": "positive", "c": "real"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        edges=_edges,
        limits={
            ("a", "inf"): Limit("lognorm", {"c": 0.0, "scale": 0.0}),
            ("c", "inf"): Limit("powerlaw", {"a": 0.0}),
            ("c", "-inf"): Limit("pareto", {"a": 0.0}),
        },
        terms=lambda a, c: {LOG: c * a - 1, Power(c): -1.0, ONE: math.log(abs(c)) - float(gammaln(a))},
        entropy=_entropy,
        expectations={
            X: lambda _, a, c: _power_mean(1, a, c),
            SQUARE: lambda _, a, c: _power_mean(2, a, c),
            LOG: lambda _, a, c: digamma(a) / c,
            LOG_SQUARE: lambda _, a, c: (digamma(a) / c) ** 2 + polygamma(1, a) / c**2,
            Power: lambda t, a, c: _power_mean(t.exponent, a, c),
        },
        divergence=sharing(
            "loc", "c", of=lambda p, q: gammas(p["a"], q["a"], log_ratio(p["a"], q["a"]) + p["c"] * scales(p, q))
        ),
        examples=(
            {"a": 2.0, "c": 1.5, "scale": 3.0},
            {"a": 1.5, "c": -2.0, "scale": 0.01},
            {"a": 0.2, "c": 8.0, "loc": -1.0, "scale": 10000.0},
            {"a": 20.0, "c": 0.7},
        ),
    )
)
