"""The normal law cut off at a and b, which are the data's extremes."""

import math

import numpy as np
from scipy import stats
from scipy.special import erfcx, ndtr

from skinfo.families._base import REAL_LINE
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import ONE, SQUARE, X

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_ROUNDING = 4 * float(np.finfo(float).eps)  # between an end and the extreme it is made of
_ROOT = math.sqrt(0.5)


def _quadrature(a, b):
    """Nodes about the middle of a narrow interval, weights proportional to the density there; None of a wide one."""
    if (b - a) * max(1.0, abs(a), abs(b)) > 4:
        return None
    middle, half = a + (b - a) / 2, (b - a) / 2
    t = half * _NODES
    return middle, t, half * _WEIGHTS * np.exp(-t * (middle + t / 2))


def _mass(a, b):
    """Origin m and K = log of the integral of exp((m^2 - t^2) / 2) from a to b: the log density is that less K."""
    narrow = _quadrature(a, b)
    if narrow is not None:
        return narrow[0], math.log(narrow[2].sum())
    if a > 0:
        tail = float(erfcx(a * _ROOT)) - float(erfcx(b * _ROOT)) * math.exp((a - b) * (a + b) / 2)
        return a, math.log(math.sqrt(math.pi / 2) * tail)
    if b < 0:
        return b, _mass(-b, -a)[1]
    return 0.0, 0.5 * math.log(2 * math.pi) + math.log1p(-float(ndtr(a) + ndtr(-b)))


def _density_at(end, a, b):
    m, log_mass = _mass(a, b)
    return math.exp((m - end) * (m + end) / 2 - log_mass)


def _log_density(z, a, b):
    m, log_mass = _mass(a, b)
    out = (m - z) * (m + z)
    out *= 0.5
    out -= log_mass
    inside = (z >= a - _ROUNDING * abs(a)) & (z <= b + _ROUNDING * abs(b))
    return out if inside.all() else np.where(inside, out, -np.inf)


def _terms(a, b):
    m, log_mass = _mass(a, b)
    return {SQUARE: -0.5, ONE: m * m / 2 - log_mass}


def _mean(a, b):
    narrow = _quadrature(a, b)
    if narrow is not None:
        middle, t, w = narrow
        return middle + float(w @ t) / float(w.sum())
    return _density_at(a, a, b) - _density_at(b, a, b)


def _mean_square(a, b):
    narrow = _quadrature(a, b)
    if narrow is not None:
        middle, t, w = narrow
        return float(w @ (middle + t) ** 2) / float(w.sum())
    return 1 + a * _density_at(a, a, b) - b * _density_at(b, a, b)


def _entropy(a, b):
    """K and the mean of (x^2 - m^2) / 2; far out in a tail, where x^2 cancels, by Mills' ratio R and 1 / R - a."""
    narrow = _quadrature(a, b)
    log_mass = _mass(a, b)[1]
    if narrow is not None:
        middle, t, w = narrow
        return log_mass + float(w @ (t * (middle + t / 2))) / float(w.sum())
    if b < 0:
        return _entropy(-b, -a)
    if a <= 0:
        return log_mass + _mean_square(a, b) / 2
    drop = (b - a) * (a + b) / 2
    left, right = _mills(a), 0.0 if drop > 800 else _mills(b) * math.exp(-drop)
    pull = a * _mills_gap(a) * left - (right * (2 * drop + b * _mills_gap(b)) if right else 0.0)
    return log_mass + (1 + pull / (left - right)) / 2


def _mills(a):
    return math.sqrt(math.pi / 2) * float(erfcx(a * _ROOT))


def _mills_gap(a):
    """Compute 1 / R(a) - a by Laplace's continued fraction, from where the difference loses digits."""
    if a < 4:
        return 1 / _mills(a) - a
    gap = a
    for k in range(60, 1, -1):
        gap = a + k / gap
    return 1 / gap


def _start(rows, loc):  # noqa: ARG001 - loc is free
    """Moments; and wide, so that the support holds the data where an end is fixed on either side."""
    mean, variance = rows.moments()
    return [{"loc": mean, "scale": scale} for scale in (math.sqrt(variance), 2 * (rows.highest - rows.lowest))]


def _tilted(mean):
    """Second moment of the law on (0, 1) with density proportional to exp(-k u) and this mean (below 1/2)."""
    k = 12 * (0.5 - mean) if mean > 0.4 else 1 / mean
    for _ in range(50):  # Newton: the derivative of the mean is minus the variance
        first, second = _tilted_moments(k)
        step = (first - mean) / (second - first**2)
        k += max(step, -k / 2)
        if abs(step) < 1e-12 * k:
            break
    return _tilted_moments(k)[1]


def _tilted_moments(k):
    if k < 20:
        u = (1 + _NODES) / 2
        w = _WEIGHTS * np.exp(-k * u)
        return float(w @ u) / float(w.sum()), float(w @ u**2) / float(w.sum())
    end = math.exp(-k) / -math.expm1(-k)
    return 1 / k - end, 2 / k**2 - end * (1 + 2 / k)


def _edges(rows, given):
    """None; but where the data are no more about a middle than an exponential law is, no normal law is the best."""
    ends = {"a", "b"} & given.keys()
    if ends and "loc" not in given:
        raise ValueError(
            f"fixed gives {' and '.join(sorted(ends))} of truncnorm but not loc, with which that end of the support "
            "moves until it meets the data; fix loc too"
        )
    if "scale" in given or ends:
        return {}
    width = rows.highest - rows.lowest
    mean, variance = rows.moments()
    share = (mean - rows.lowest) / width
    if "loc" in given:
        flat = variance + (mean - given["loc"]) ** 2 >= (width**2 / 12 + (rows.lowest + width / 2 - given["loc"]) ** 2)
        law = "uniform"
    else:
        share = min(share, 1 - share)
        flat = variance / width**2 + share**2 >= _tilted(share) * (1 - 1e-12)
        law = "truncexpon"
    if flat:
        raise ValueError(
            f"the likelihood of truncnorm increases as scale -> inf, where the law is {law} between the data's extremes"
            + (", or that law turned round" if law == "truncexpon" else "")
            + f": use family={law!r}, or fix scale"
        )
    return {}


TRUNCNORM = register(
    NonlinearFamily(
        name="truncnorm",
        distribution=stats.truncnorm,
        support=REAL_LINE,
        shapes={"a": "lowest", "b": "highest"},
        ends=lambda a, b: (a, b),
        standard=_log_density,
        slope=lambda z, a, b: -z,  # noqa: ARG005 - wherever it is cut off
        shape_scores={
            "a": lambda z, a, b: np.full_like(z, _density_at(a, a, b)),
            "b": lambda z, a, b: np.full_like(z, -_density_at(b, a, b)),
        },
        start=_start,
        edges=_edges,
        terms=_terms,
        entropy=_entropy,
        expectations={X: lambda _, a, b: _mean(a, b), SQUARE: lambda _, a, b: _mean_square(a, b)},
        examples=(
            {"a": -2.5, "b": 2.0, "loc": 1.0, "scale": 2.0},
            {"a": 0.5, "b": 30.0},
            {"a": -6.0, "b": -3.0, "loc": 10.0, "scale": 0.1},
            {"a": -8.0, "b": 9.0},
        ),
    )
)
