"""Jones and Faddy's skew t law."""

import itertools
import math

import numpy as np
from scipy import stats
from scipy.special import beta, betaincinv

from skinfo.families._base import REAL_LINE, Limit
from skinfo.families._elementary import length
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._quantiles import straightest
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Exp, X
from skinfo.utils._gamma import log_beta, log_minus_digamma, stirling_remainder

_LARGE = 20.0  # both shapes: then the law is nearly normal, and what is left of the gamma functions small
_SHAPES = (0.3, 0.7, 1.5, 4.0, 15.0)
_GRID = [{"a": a, "b": b} for a, b in itertools.product(_SHAPES, _SHAPES)]


def _log_density(z, a, b):
    s = a + b
    if min(a, b) < _LARGE:
        y = np.arcsinh(z * (1 / math.sqrt(s)))
        constant = 2 * math.log(2) - log_beta(a, b) - 0.5 * math.log(s)
        # -(a + 1/2) log(1 + exp(-2 y)) - (b + 1/2) log(1 + exp(2 y))
        distance = np.abs(y)
        distance *= -2
        np.exp(distance, out=distance)
        np.log1p(distance, out=distance)
        distance *= s + 1
        y *= np.where(y > 0, -(2 * b + 1), 2 * a + 1)
        y -= distance
        y += constant
        return y
    return _log_normaliser(a, b) + (a - b) * np.arcsinh(z / math.sqrt(s)) - 0.5 * (s + 1) * np.log1p(z * z / s)


def _log_normaliser(a, b):
    """Log density at 0, of large shapes."""
    s = a + b
    logs = (a - 0.5) * _log_twice_share(a, b) + (b - 0.5) * _log_twice_share(b, a)
    constant = -0.5 * math.log(2 * math.pi) - logs
    return constant - (stirling_remainder(a) + stirling_remainder(b) - stirling_remainder(s))


def _log_twice_share(a, b):
    """Logarithm of 2 a / (a + b), next to 1 from the difference."""
    d = (a - b) / (a + b)
    return math.log1p(d) if abs(d) < 0.5 else math.log(2 * (a / (a + b)))


def _derivatives(z, a, b):
    s = a + b
    x = z * (1 / math.sqrt(s))
    y = np.arcsinh(x)
    distance = np.abs(y)
    small = np.exp(-2 * distance)
    tanh = np.tanh(y)
    above = y > 0
    # in y; near 0 and in the tails what cancels is not the same
    slope = np.where(above, 2 * a + 1, -(2 * b + 1)) * small
    slope -= np.where(above, 2 * b + 1, -(2 * a + 1))
    slope /= 1 + small
    near = tanh * -(s + 1)
    near += a - b
    np.copyto(slope, near, where=distance < 1)
    # psi(s) - psi(a) + log of a share of 1, about a / s; next to a half or to 1 the logarithms cancel
    rest = -0.5 / s - log_minus_digamma(s)
    of_a, of_b = log_minus_digamma(a) + rest, log_minus_digamma(b) + rest
    if 3 * min(a, b) > max(a, b):
        share = np.log1p(np.abs(tanh))  # log(2 - 2 / (1 + exp(2 abs(y))))
        of_a -= math.log1p((a - b) / s)
        of_b -= math.log1p((b - a) / s)
    else:
        share = -np.log1p(small)
        of_a -= math.log1p(-b / s) if a > b else math.log(a / s)
        of_b -= math.log1p(-a / s) if b > a else math.log(b / s)
    tanh *= slope
    tanh *= 0.5 / s
    slope /= math.sqrt(s) * length(x)
    # one of the first differences is 0
    return {"z": slope, "a": (y - distance) + share + of_a - tanh, "b": share - (y + distance) + of_b - tanh}


def _quantile(p, a, b):
    share = betaincinv(a, b, p)
    return math.sqrt(a + b) * (share - 0.5) / np.sqrt(share * (1 - share))


def _mean(_, a, b):
    if min(a, b) <= 0.5:
        return math.nan if max(a, b) <= 0.5 else math.copysign(math.inf, a - b)
    return (a - b) * math.sqrt(a + b) / 2 * beta(a - 0.5, 0.5) * beta(b - 0.5, 0.5) / math.pi


def _second_moment(_, a, b):
    if min(a, b) <= 1:
        return math.inf
    return (a + b) * ((a - b) ** 2 + a + b - 2) / (4 * (a - 1) * (b - 1))


def _entropy(a, b):
    s = a + b
    if min(a, b) < _LARGE:
        # psi(s) - psi(a), the mean of log(1 + exp(-2 y)), and the same of b
        gaps = [log_minus_digamma(k) - log_minus_digamma(s) + math.log1p(other / k) for k, other in ((a, b), (b, a))]
        return (a + 0.5) * gaps[0] + (b + 0.5) * gaps[1] + log_beta(a, b) + 0.5 * math.log(s) - 2 * math.log(2)
    shares = _log_twice_share(a, b) + _log_twice_share(b, a)
    pulls = (a + 0.5) * log_minus_digamma(a) + (b + 0.5) * log_minus_digamma(b) - (s + 1) * log_minus_digamma(s)
    remainder = float(stirling_remainder(a) + stirling_remainder(b) - stirling_remainder(s))
    return pulls - shares + 0.5 * math.log(2 * math.pi) + remainder


JF_SKEW_T = register(
    NonlinearFamily(
        name="jf_skew_t",
        distribution=stats.jf_skew_t,
        support=REAL_LINE,
        shapes={"a": "positive", "b": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=lambda rows, loc: straightest(rows, _quantile, _GRID)[0],  # noqa: ARG005 - loc is free
        limits={("a", "inf"): Limit("norm", {"b": math.inf}), ("b", "inf"): Limit("norm", {"a": math.inf})},
        entropy=_entropy,
        expectations={
            X: _mean,
            SQUARE: _second_moment,
            Exp: lambda *_, **__: math.inf,
        },
        examples=(
            {"a": 3.0, "b": 1.8, "loc": -1.0, "scale": 0.7},
            {"a": 1.2, "b": 0.8},
            {"a": 8.0, "b": 4.0, "scale": 1000.0},
            {"a": 70.0, "b": 30.0},
        ),
    )
)
