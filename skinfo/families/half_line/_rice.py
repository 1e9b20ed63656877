"""The Rice law, of the distance from 0 of a normal point in the plane centred at distance b."""

import math

import numpy as np
from scipy import stats
from scipy.special import exp1, i0e, i1e

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.families._starts import folded
from skinfo.measures import LOG, SQUARE, X


def _log_density(z, b):
    return np.log(z) - 0.5 * (z - b) ** 2 + np.log(i0e(b * z))


def _derivatives(z, b):
    u = b * z
    above, below = i1e(u), i0e(u)
    ratio, rest = above / below, (below - above) / below
    if (large := u > 500).any():  # the rest of the ratio to one cancels, its asymptotic series (DLMF 10.40.1) does not
        t = 1 / u[large]
        rest[large] = t / 2 * (1 + t / 4 * (1 + t * (1 + t * (25 / 16 + t * (13 / 4 + t * 1073 / 128)))))
    small = u < 1
    return {
        "z": 1 / z + np.where(small, b * ratio - z, (b - z) - b * rest),
        "b": np.where(small, z * ratio - b, (z - b) - z * rest),
    }


def _start(rows, loc):
    return [{"b": b, "scale": scale} for b, scale in folded(rows, loc, 2, _log_density)]


def _mean(_, b):
    t = b * b / 2  # sqrt(pi/2) L_{1/2}(-t) (Rice 1945)
    return math.sqrt(math.pi / 2) * ((1 + t) * i0e(t / 2) + t * i1e(t / 2))


RICE = register(
    NonlinearFamily(
        name="rice",
        distribution=stats.rice,
        support=POSITIVE_LINE,
        shapes={"b": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        limits={("b", "0"): Limit("rayleigh"), ("b", "inf"): Limit("norm", {"loc": -math.inf})},
        expectations={
            X: _mean,
            SQUARE: lambda _, b: 2 + b * b,
            LOG: lambda _, b: math.log(b) + exp1(b * b / 2) / 2,  # Moser (2007)
        },
        examples=(
            {"b": 2.0, "scale": 3.0},
            {"b": 0.01},
            {"b": 40.0, "loc": 7.0, "scale": 0.001},
        ),
    )
)
