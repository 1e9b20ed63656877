"""The zeta law on 1, 2, ..., Zipf's without a last rank."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import Support
from skinfo.families._divergences import bregman, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, ONE, SQUARE, Power, X

_FIRST = np.arange(2.0, 20.0)
_NEXT = 20.0
_BERNOULLI = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600)


def _sums(a):
    """Sums over k > 1 of k^-a (log k)^j, j = 0, 1, 2, by Euler's and Maclaurin's formula differentiated in a.

    The term of k = 1 is left out, so that nothing is lost where it is all there is: at large a.
    """
    if not a > 1:
        return math.nan, math.nan, math.nan
    logs = np.log(_FIRST)
    powers = np.exp(-a * logs)
    total = np.array([powers.sum(), powers @ logs, powers @ (logs * logs)])
    log_next, tail = math.log(_NEXT), _NEXT**-a

    def add(value, s1, s2):
        """A term and its derivatives, from the first two of its logarithm."""
        return np.array([value, -value * s1, value * (s1 * s1 + s2)])

    total += add(tail * _NEXT / (a - 1), -log_next - 1 / (a - 1), 1 / (a - 1) ** 2)
    total += add(tail / 2, -log_next, 0.0)
    rising, s1, s2 = 1.0, -log_next, 0.0
    for j, coefficient in enumerate(_BERNOULLI):
        for i in (2 * j - 1, 2 * j):  # the rising factorial of a up to a + 2j
            if i >= 0:
                rising, s1, s2 = rising * (a + i) / _NEXT, s1 + 1 / (a + i), s2 - 1 / (a + i) ** 2
        total += add(coefficient * rising * tail, s1, s2)
    return tuple(total.tolist())


def _log_zeta(a):
    return math.log1p(_sums(a)[0])


def _mean_log(a):
    rest, logs, _ = _sums(a)
    return logs / (1 + rest)


def _mean_log_square(_, a):
    rest, _, squares = _sums(a)
    return squares / (1 + rest)


def _power_mean(k, a):
    return math.exp(_log_zeta(a - k) - _log_zeta(a)) if a - k > 1 else math.inf


def _variance(excess):
    """Variance of log k at a = 1 + excess."""
    found = np.array([_sums(1 + e) for e in np.ravel(excess)]).T
    mean, square = found[1:] / (1 + found[0])
    return np.reshape(square - mean * mean, np.shape(excess))


def _divergence(p, q):
    return float(bregman(_variance, p["a"] - 1, q["a"] - 1, q["a"] - p["a"]))


ZIPF = register(
    ExponentialFamily(
        name="zipf",
        distribution=stats.zipf,
        support=Support(1.0, math.inf, closed_low=True),
        shapes={"a": "above_one"},
        terms=lambda a: {LOG: -a, ONE: -_log_zeta(a)},
        shape_scores={"a": lambda a: {LOG: -1.0, ONE: _mean_log(a)}},
        # the mean logarithm is about 1 / (a - 1) where it is large, and log(2) / 2^a where it is small
        start=lambda rows, loc: {"a": 1 + math.log2(1 + 1 / rows.means([LOG], loc)[LOG])},
        expectations={
            X: lambda _, a: _power_mean(1.0, a),
            SQUARE: lambda _, a: _power_mean(2.0, a),
            LOG: lambda _, a: _mean_log(a),
            LOG_SQUARE: _mean_log_square,
            Power: lambda t, a: _power_mean(t.exponent, a),
        },
        divergence=sharing("loc", of=_divergence),
        examples=(
            {"a": 6.5},
            {"a": 12.0},
            {"a": 5.5, "loc": 3},
        ),
    )
)
