"""The Kumaraswamy law, which SciPy does not have."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gamma, gammaln, polygamma

from skinfo.families._base import UNIT_INTERVAL
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Power, X
from skinfo.utils._gamma import gamma_ratio, log_rising

_GRID = 2.0 ** np.arange(-6, 7)  # of a, in units of what it is where b is one


def _log_complement(w):
    """Logarithm of 1 - exp(-w)."""
    return _log_of_complement(np.exp(-w), -np.expm1(-w))


def _log_of_complement(p, q):
    """Logarithm of q = 1 - p, from whichever of the two is small."""
    with np.errstate(divide="ignore"):  # of branches not taken
        return np.where(p < 0.5, np.log1p(-p), np.log(q))


def _log_density(z, a, b):
    log_z = np.log(z)
    out = (b - 1) * _log_complement(-a * log_z)
    if a != 1:  # 0 inf
        out += (a - 1) * log_z
    out += math.log(a) + math.log(b)
    return out


def _derivatives(z, a, b):
    log_z = np.log(z)
    power, complement = np.exp(a * log_z), -np.expm1(a * log_z)
    odds = power / complement
    return {
        "z": (a - 1 - (b - 1) * a * odds) / z,
        "a": 1 / a + log_z * (1 - (b - 1) * odds),
        "b": 1 / b + _log_of_complement(power, complement),
    }


class kumaraswamy_gen(stats.rv_continuous):
    """The law for SciPy: shapes a and b, density a b x^(a - 1) (1 - x^a)^(b - 1) on the unit interval."""

    def _argcheck(self, a, b):
        return (a > 0) & (b > 0)

    def _logpdf(self, x, a, b):
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.log(x)
            at_low = np.where(a == 1, 0.0, (a - 1) * y)
            at_high = np.where(b == 1, 0.0, (b - 1) * _log_complement(-a * y))
            return np.log(a) + np.log(b) + at_low + at_high

    def _pdf(self, x, a, b):
        return np.exp(self._logpdf(x, a, b))

    def _logsf(self, x, a, b):
        with np.errstate(divide="ignore"):
            return b * _log_complement(-a * np.log(x))

    def _sf(self, x, a, b):
        return np.exp(self._logsf(x, a, b))

    def _cdf(self, x, a, b):
        return -np.expm1(self._logsf(x, a, b))

    def _ppf(self, q, a, b):
        with np.errstate(divide="ignore"):
            return np.exp(_log_complement(-np.log1p(-q) / b) / a)

    def _isf(self, q, a, b):
        with np.errstate(divide="ignore"):
            return np.exp(_log_complement(-np.log(q) / b) / a)

    def _munp(self, n, a, b):
        return np.exp(gammaln(1 + n / a) - log_rising(b + 1, n / a))

    def _entropy(self, a, b):
        return (1 - 1 / a) * (digamma(b + 1) + np.euler_gamma) + 1 - 1 / b - np.log(a) - np.log(b)


kumaraswamy = kumaraswamy_gen(a=0.0, b=1.0, name="kumaraswamy", shapes="a, b")


def _start(rows, loc):
    """The best of some a; given one, 1/b is minus the mean of log(1 - z^a)."""
    some = rows.subsample(1_000)
    scale = 1.0 if rows.highest - loc < 1 else 1.05 * (rows.highest - loc)
    mean = float(some.expect(lambda x: np.log((x - loc) / scale)))
    a = -_GRID / mean
    inverse = -some.expect(lambda x: _log_complement(-a[:, None] * np.log((x - loc) / scale)), width=len(a))
    value = np.log(a / inverse) + a * mean + inverse
    best = int(np.argmax(np.where(np.isfinite(value), value, -np.inf)))
    return {"a": float(a[best]), "b": 1 / float(inverse[best]), "scale": scale}


def _power_mean(k, a, b):
    return float(gamma(1 + k / a)) / gamma_ratio(b + 1, k / a) if k > -a else math.inf


def _mean_log(a, b):
    return -(np.euler_gamma + digamma(b + 1)) / a


KUMARASWAMY = register(
    NonlinearFamily(
        name="kumaraswamy",
        distribution=kumaraswamy,
        support=UNIT_INTERVAL,
        shapes={"a": "positive", "b": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        # from the means of log z and of log(1 - z^a), which is -1/b
        entropy=lambda a, b: (1 - a) * _mean_log(a, b) + 1 - 1 / b - math.log(a) - math.log(b),
        expectations={
            X: lambda _, a, b: _power_mean(1, a, b),
            SQUARE: lambda _, a, b: _power_mean(2, a, b),
            LOG: lambda _, a, b: _mean_log(a, b),
            LOG_SQUARE: lambda _, a, b: (math.pi**2 / 6 - polygamma(1, b + 1)) / a**2 + _mean_log(a, b) ** 2,
            Power: lambda t, a, b: _power_mean(t.exponent, a, b),
        },
        examples=(
            {"a": 2.0, "b": 3.5},
            {"a": 0.3, "b": 0.6, "loc": -1.0, "scale": 3.0},
            {"a": 50.0, "b": 20.0},
            {"a": 0.5, "b": 1000.0},
        ),
    )
)
