"""The generalised Pareto law; its maximum is sought among c >= -1, below which the likelihood is unbounded."""

import math

import numpy as np
from scipy import optimize, stats
from scipy.special import polygamma

from skinfo.families._base import HALF_LINE, Edge
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Power, X
from skinfo.utils._gamma import log_minus_digamma, log_rising

_GRID = np.concatenate([-1 + 2.0 ** np.arange(-20, 0, 0.5), 2.0 ** np.arange(-12, 24)])
_SMALL = 0.2
_TOUCHING, _NEAR = 1e-12, 3e-4  # distance from the data to the support's end in scales, about
_ZOOMS = 3  # each to a fifth of the bracket


def _ends(c):
    return 0.0, -1 / c if c < 0 else math.inf


def _hazard_sum(z, c):
    """Cumulated hazard log(1 + c z) / c."""
    return np.log1p(c * z) / c if c else z


def _log_density(z, c):
    if c == -1:
        return np.where(z <= 1, 0.0, -np.inf)
    with np.errstate(invalid="ignore"):  # beyond the end
        out = -(1 + c) * _hazard_sum(z, c)
    return np.where(np.isnan(out) & ~np.isnan(z), -np.inf, out) if c < 0 else out


def _series(z, t):
    """Compute z^2 (log(1 + t) - t / (1 + t)) / t^2 for small t, by the series of atanh(t / (2 + t))."""
    share = 1 / (2 + t)
    s = t * share
    square, out = s * s, np.full_like(s, 1 / 19)
    for k in range(17, 1, -2):
        out *= square
        out += 1 / k
    out *= 2 * s
    out *= share
    out += 1 / (1 + t)
    out *= share
    out *= z * z
    return out


def _derivatives(z, c):
    t = c * z
    inverse = 1 / (1 + t)
    log = np.log1p(t)
    small = np.abs(t) < _SMALL
    if small.all():
        gap = _series(z, t)
    else:
        gap = (log - t * inverse) / (c * c)
        gap = np.where(small, _series(z, t), gap) if small.any() else gap
    return {"z": -(1 + c) * inverse, "c": (1 + c) * gap - (log / c if c else z)}


def _profile(rows, loc):
    """The best c / scale, where c is the mean of log(1 + z c / scale) (Grimshaw 1993); None at c = -1."""
    some = rows.subsample(1_000)
    high = rows.highest - loc
    middle = float(some.quantiles([0.5])[0]) - loc or high
    slopes = np.where(_GRID < 0, _GRID / high, _GRID / middle / 64)

    def shape(slopes):
        return some.expect(lambda x: np.log1p((x - loc) * slopes[:, None]), width=len(slopes))

    def value(slopes, c):
        return np.where(c > -1, np.log(slopes / c) - c - 1, -np.inf)

    c = shape(slopes)
    values = value(slopes, c)
    best = int(np.argmax(values))
    if not values[best] > -math.log(high):  # the uniform law is as good
        return None
    low, high = slopes[max(best - 1, 0)], slopes[min(best + 1, len(slopes) - 1)]
    for _ in range(_ZOOMS):
        slopes = np.linspace(low, high, 12)[1:-1]
        c = shape(slopes)
        best = int(np.argmax(value(slopes, c)))
        step = slopes[1] - slopes[0]
        low, high = slopes[best] - step, slopes[best] + step
    return {"c": float(c[best]), "scale": float(c[best] / slopes[best])}


def _start(rows, loc):
    """The profile's best; and where c or the scale is given, one whose support holds the data."""
    high = rows.highest - loc
    return [_profile(rows, loc) or {"c": -0.9, "scale": high}, {"scale": 1.05 * high}, {"c": 0.1}]


def _next_to_the_end(rows, loc, some):
    """The profile's best where the support ends so near the data that differences of scores would cross it, or None."""
    high = rows.highest - loc
    if some["c"] >= 0 or 1 + some["c"] * high / some["scale"] > _SMALL:
        return None

    def at(v):  # c / scale that leaves a share exp(v) of the support beyond the data; c, and the profile's derivative
        slope = math.expm1(v) / high
        c, change = rows.expect(lambda x: (np.log1p(slope * (x - loc)), (x - loc) / (1 + slope * (x - loc))))
        return slope, float(c), float(1 / slope - (1 + 1 / c) * change)

    nearest, near = (math.log(-distance / some["c"]) for distance in (_TOUCHING, _NEAR))
    if not at(nearest)[2] > 0 > at(near)[2]:
        return None
    slope, c, _ = at(optimize.brentq(lambda v: at(v)[2], nearest, near, xtol=1e-10))
    return {"c": c, "scale": c / slope}


def _edges(rows, given):
    """The data's smallest value; the uniform law where no c > -1 is better; a maximum next to the support's end."""
    edges = {} if "loc" in given else {"loc": Edge(rows.lowest)}
    loc = given.get("loc", rows.lowest)
    if not {"c", "scale"} & given.keys():
        with np.errstate(all="ignore"):
            some = _profile(rows, loc)
            if some is None:
                edges |= {"c": Edge(-1.0, law="uniform"), "scale": Edge(rows.highest - loc)}
            elif (found := _next_to_the_end(rows, loc, some)) is not None:
                edges |= {name: Edge(value) for name, value in found.items()}
    return edges


def _power_mean(k, c):
    if k <= -1 or c * k >= 1:
        return math.inf
    if c == 0:
        return math.gamma(k + 1)
    return math.gamma(k + 1) * math.exp(-(k + 1) * math.log(abs(c)) - log_rising(1 / c - k if c > 0 else -1 / c, k + 1))


def _mean_log(c):
    if c == 0:
        return -np.euler_gamma
    return log_minus_digamma(1 / abs(c)) + min(c, 0.0) - np.euler_gamma


def _mean_log_square(c):
    tail = 0.0 if c == 0 else float(polygamma(1, 1 / c)) if c > 0 else -float(polygamma(1, 1 - 1 / c))
    return math.pi**2 / 6 + tail + _mean_log(c) ** 2


GENPARETO = register(
    NonlinearFamily(
        name="genpareto",
        distribution=stats.genpareto,
        support=HALF_LINE,
        shapes={"c": "real"},
        ends=_ends,
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        edges=_edges,
        entropy=lambda c: 1 + c,
        expectations={
            X: lambda _, c: 1 / (1 - c) if c < 1 else math.inf,
            SQUARE: lambda _, c: 2 / ((1 - c) * (1 - 2 * c)) if c < 0.5 else math.inf,
            LOG: lambda _, c: _mean_log(c),
            LOG_SQUARE: lambda _, c: _mean_log_square(c),
            Power: lambda t, c: _power_mean(t.exponent, c),
        },
        examples=(
            {"c": 0.2, "scale": 2.0},
            {"c": -0.3, "loc": 1.0, "scale": 1000.0},
            {"c": 0.0},
            {"c": 1e-9},
            {"c": 5.0},
        ),
    )
)
