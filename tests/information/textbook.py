"""Textbook formulas at any number of digits: laws as linear combinations of statistics whose means they know."""

from collections.abc import Callable
from typing import NamedTuple

import mpmath as mp
from mpmath import mpf

LOG, LOG2, LOG1M, LOG1P, ONE = "log x", "log(x)^2", "log(1 - x)", "log(1 + x)", "1"


class Law(NamedTuple):
    """A law in x, its parameters mpf: ``log f = sum of coefficients times statistics``."""

    coefficients: Callable[..., dict]
    mean: Callable[..., mpf]  # of a statistic; KeyError where the textbook has none


def power(k):
    return ("x^k", mpf(k))


def gamma_power_mean(a, s, c):
    """Statistics of s w^(1/c), w gamma of shape a."""

    def mean(t):
        if t == LOG:
            return mp.log(s) + mp.digamma(a) / c
        if t == LOG2:
            return mp.psi(1, a) / c**2 + mean(LOG) ** 2
        if t[0] != "x^k":
            raise KeyError(t)
        k = t[1]
        return s**k * mp.gammaprod([a + k / c], [a]) if a + k / c > 0 else mp.inf

    return mean


def gamma_power(a, s, c):
    return {LOG: c * a - 1, power(c): -(s**-c), ONE: mp.log(abs(c)) - mp.loggamma(a) - c * a * mp.log(s)}


def of_gamma(shape_and_power):
    """A law of a power of a gamma variable: ``shape_and_power(*parameters)`` gives a, s, c."""
    return Law(lambda *v: gamma_power(*shape_and_power(*v)), lambda *v: gamma_power_mean(*shape_and_power(*v)))


def lognorm_mean(s, scale):
    m = mp.log(scale)

    def mean(t):
        if t == LOG:
            return m
        if t == LOG2:
            return s * s + m * m
        if t[0] != "x^k":
            raise KeyError(t)
        return mp.exp(t[1] * m + (t[1] * s) ** 2 / 2)

    return mean


def pareto_mean(b, s):
    def mean(t):
        if t == LOG:
            return mp.log(s) + 1 / b
        if t == LOG2:
            return 1 / b**2 + mean(LOG) ** 2
        if t[0] != "x^k":
            raise KeyError(t)
        return b * s ** t[1] / (b - t[1]) if b > t[1] else mp.inf

    return mean


def invgauss_mean(mu, s):
    def mean(t):
        if t == LOG:
            return mp.log(mu * s) - mp.exp(2 / mu) * mp.e1(2 / mu)
        return {power(1): mu * s, power(-1): (1 + 1 / mu) / s}[t]

    return mean


def beta_mean(a, b):
    def mean(t):
        if t == LOG:
            return mp.digamma(a) - mp.digamma(a + b)
        if t == LOG1M:
            return mp.digamma(b) - mp.digamma(a + b)
        if t[0] != "x^k":
            raise KeyError(t)
        return mp.gammaprod([a + t[1], a + b], [a, a + b + t[1]]) if a + t[1] > 0 else mp.inf

    return mean


def betaprime_mean(a, b):
    def mean(t):
        if t == LOG:
            return mp.digamma(a) - mp.digamma(b)
        if t == LOG1P:
            return mp.digamma(a + b) - mp.digamma(b)
        if t == LOG2:
            return mp.psi(1, a) + mp.psi(1, b) + mean(LOG) ** 2
        if t[0] != "x^k":
            raise KeyError(t)
        return mp.gammaprod([a + t[1], b - t[1]], [a, b]) if -a < t[1] < b else mp.inf

    return mean


def log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def normal_mean(m, s):
    return lambda t: {power(1): m, power(2): s * s + m * m}[t]


HALF = mpf(1) / 2
# parameters in the order of the arguments: SciPy's shapes, then scale (loc too, for the normal law)
LAWS = {
    "norm": Law(
        lambda m, s: {
            power(1): m / s**2,
            power(2): -1 / (2 * s**2),
            ONE: -mp.log(2 * mp.pi * s**2) / 2 - m**2 / (2 * s**2),
        },
        normal_mean,
    ),
    "lognorm": Law(
        lambda s, scale: {
            LOG2: -1 / (2 * s**2),
            LOG: mp.log(scale) / s**2 - 1,
            ONE: -mp.log(2 * mp.pi * s**2) / 2 - mp.log(scale) ** 2 / (2 * s**2),
        },
        lognorm_mean,
    ),
    "expon": of_gamma(lambda s: (mpf(1), s, mpf(1))),
    "gamma": of_gamma(lambda a, s: (a, s, mpf(1))),
    "invgamma": of_gamma(lambda a, s: (a, s, mpf(-1))),
    "chi2": of_gamma(lambda df, s: (df / 2, 2 * s, mpf(1))),
    "chi": of_gamma(lambda df, s: (df / 2, mp.sqrt(2) * s, mpf(2))),
    "nakagami": of_gamma(lambda nu, s: (nu, s / mp.sqrt(nu), mpf(2))),
    "rayleigh": of_gamma(lambda s: (mpf(1), mp.sqrt(2) * s, mpf(2))),
    "maxwell": of_gamma(lambda s: (3 * HALF, mp.sqrt(2) * s, mpf(2))),
    "halfnorm": of_gamma(lambda s: (HALF, mp.sqrt(2) * s, mpf(2))),
    "levy": of_gamma(lambda s: (HALF, s / 2, mpf(-1))),
    "weibull_min": of_gamma(lambda c, s: (mpf(1), s, c)),
    "invweibull": of_gamma(lambda c, s: (mpf(1), s, -c)),
    "gengamma": of_gamma(lambda a, c, s: (a, s, c)),
    "pareto": Law(lambda b, s: {LOG: -b - 1, ONE: mp.log(b) + b * mp.log(s)}, pareto_mean),
    "powerlaw": Law(
        lambda a, s: {LOG: a - 1, ONE: mp.log(a) - a * mp.log(s)},
        lambda a, s: lambda t: {LOG: mp.log(s) - 1 / a, LOG2: 1 / a**2 + (mp.log(s) - 1 / a) ** 2}[t],
    ),
    "invgauss": Law(
        lambda mu, s: {
            LOG: -3 * HALF,
            power(1): -1 / (2 * mu**2 * s),
            power(-1): -s / 2,
            ONE: mp.log(s / (2 * mp.pi)) / 2 + 1 / mu,
        },
        invgauss_mean,
    ),
    "beta": Law(lambda a, b: {LOG: a - 1, LOG1M: b - 1, ONE: -log_beta(a, b)}, beta_mean),
    "betaprime": Law(lambda a, b: {LOG: a - 1, LOG1P: -a - b, ONE: -log_beta(a, b)}, betaprime_mean),
    "uniform": Law(
        lambda s: {ONE: -mp.log(s)},
        lambda s: lambda t: mp.log(s) - 1 if t == LOG else {power(k): s**k / (k + 1) for k in (1, 2)}[t],
    ),
    "zipf": Law(
        lambda a: {LOG: -a, ONE: -mp.log(mp.zeta(a))},
        lambda a: lambda t: {LOG: -mp.zeta(a, derivative=1) / mp.zeta(a)}[t],
    ),
    "geom": Law(
        lambda p: {power(1): mp.log(1 - p), ONE: mp.log(p) - mp.log(1 - p)}, lambda p: lambda t: {power(1): 1 / p}[t]
    ),
}


def cross_entropy(p, q, parameters_p, parameters_q):
    """Textbook cross entropy; KeyError where the first law's table lacks a statistic of the second."""
    of = LAWS[p].mean(*parameters_p)
    terms = LAWS[q].coefficients(*parameters_q)
    return -mp.fsum(c * (1 if t == ONE else of(t)) for t, c in terms.items() if c != 0)
