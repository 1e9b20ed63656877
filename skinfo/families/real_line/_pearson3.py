"""The Pearson III family by its skewness, loc the mean and scale the standard deviation.

A gamma distribution of either sign, shifted: with h = skew / 2 and alpha = 1 / h^2, (1 + h z) alpha has a gamma
distribution of shape alpha. Its terms of the size of alpha cancel; what is left is regular at 0, where it is the normal
distribution. The maximum is sought among skewnesses between -2 and 2, beyond which the likelihood is unbounded.
"""

import math

import numpy as np
from scipy import stats
from scipy.special import xlog1py

from skinfo.families._base import REAL_LINE, Edge
from skinfo.families._elementary import exponential, log1p_rest, log1p_rest_slope
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.families._starts import shape_of_gap
from skinfo.measures import SQUARE, Exp, X
from skinfo.utils._gamma import gamma_entropy, stirling_remainder, stirling_slope

_BEND = 0.3  # up to here, in h z, the terms of the size of alpha are not formed
_ROWS = 2_000
_DISTANCES = np.geomspace(1e-4, 1e3, 57)  # of the end from the data, in standard deviations


def _alpha(h):
    """Shape of the gamma distribution, a huge one for the normal, and whether it is that."""
    flat = np.abs(h) < 1e-150
    return 1 / np.where(flat, 1e-150, h) ** 2, flat


def _log_density(z, skew):
    h = np.asarray(skew) / 2
    alpha, _ = _alpha(h)
    t = h * z
    near = np.abs(t) < _BEND
    bent = np.where(near, t, 0.0)
    inner = -z * z * log1p_rest(bent) - np.log1p(bent)
    u = np.where(near, 0.0, np.maximum(t, -1.0))
    outer = xlog1py(alpha - 1, u) - alpha * u
    value = np.where(near, inner, np.where(t < -1, -np.inf, outer))
    return value - 0.5 * math.log(2 * math.pi) - stirling_remainder(alpha)


def _derivatives(z, skew):
    h = np.asarray(skew) / 2
    alpha, flat = _alpha(h)
    t = h * z
    constant = np.where(flat, 0.0, 2 * stirling_slope(alpha) * np.sqrt(alpha) * alpha * np.sign(h))
    return {"z": -(h + z) / (1 + t), "skew": (constant - z**3 * log1p_rest_slope(t) - z / (1 + t)) / 2}


def _ends(skew):
    end = -2 / skew if skew else -math.inf
    return (end, math.inf) if skew >= 0 else (-math.inf, end)


def _profile(rows, sign, distances):
    """Given how far the end is from the data: the gamma distribution's shape and the mean log density."""
    mean, _ = rows.moments()
    extreme = rows.lowest if sign > 0 else -rows.highest
    middles = sign * mean - extreme + distances
    gaps = rows.expect(
        lambda x: (d := (sign * (x - mean)) / middles[:, None]) ** 2 * log1p_rest(d), width=8 * len(distances)
    )
    shapes = np.array([shape_of_gap(gap) for gap in gaps.tolist()])
    values = -np.log(middles) - (shapes - 1) * gaps + 0.5 * np.log(shapes / (2 * math.pi)) - stirling_remainder(shapes)
    return shapes, middles, values


def _search(rows):
    """The best skewness among those between -2 and 2, and scale, by the end's distance; whether it is at 2 or -2."""
    some = rows.subsample(_ROWS)
    some.lowest, some.highest = rows.lowest, rows.highest
    mean, variance = rows.moments()
    deviation = math.sqrt(variance)
    found = [(-0.5 * math.log(2 * math.pi * variance) - 0.5, 0.0, deviation, False)]
    for sign in (1, -1):
        shapes, middles, values = _profile(some, sign, _DISTANCES * deviation)
        regular = np.flatnonzero(shapes > 1)
        if len(regular):
            best = regular[np.argmax(values[regular])]
            found.append(
                (values[best], 2 * sign / math.sqrt(shapes[best]), middles[best] / math.sqrt(shapes[best]), False)
            )
        middle = sign * mean - (rows.lowest if sign > 0 else -rows.highest)
        found.append((-math.log(middle) - 1, 2.0 * sign, middle, True))
    return max(found, key=lambda f: f[0])


def _start(rows, loc):  # noqa: ARG001 - loc is free
    """The best of the profile, and a normal distribution."""
    mean, variance = rows.moments()
    _, skew, scale, edge = _search(rows)
    starts = [] if edge else [{"skew": float(skew), "loc": mean, "scale": float(scale)}]
    return [*starts, {"skew": 1e-3, "loc": mean, "scale": math.sqrt(variance)}]


def _edges(rows, given):
    """The exponential distribution, where none of a smaller skewness is better."""
    if {"skew", "loc", "scale"} & given.keys():
        return {}
    _, skew, scale, edge = _search(rows)
    if not edge:
        return {}
    law = "expon" if skew > 0 else "-expon"
    return {"skew": Edge(skew, law=law), "loc": Edge(rows.moments()[0]), "scale": Edge(scale)}


def _exp_mean(t, skew):
    h, rate = skew / 2, t.rate
    if rate * h >= 1:
        return math.inf
    return exponential(rate * rate * float(log1p_rest(np.array(-rate * h))))


def _entropy(skew):
    """That of the gamma distribution and the logarithm of the scale, whose infinite terms cancel at 0."""
    h = abs(skew) / 2
    if h < 1e-4:
        return 0.5 * math.log(2 * math.pi * math.e) - h * h / 3
    return gamma_entropy(1 / h**2) + math.log(h)


PEARSON3 = register(
    NonlinearFamily(
        name="pearson3",
        distribution=stats.pearson3,
        support=REAL_LINE,
        shapes={"skew": "real"},
        ends=_ends,
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        edges=_edges,
        entropy=_entropy,
        expectations={X: lambda _, skew: 0.0, SQUARE: lambda _, skew: 1.0, Exp: _exp_mean},  # noqa: ARG005
        examples=(
            {"skew": 0.8, "loc": -1.0, "scale": 0.7},
            {"skew": -0.4, "scale": 1000.0},
            {"skew": 1.5, "loc": 3.0},
            {"skew": 0.05},
        ),
    )
)
