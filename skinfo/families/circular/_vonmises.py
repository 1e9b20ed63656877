"""The von Mises law of angles; a density of one turn, the same at x and x + 2 pi."""

import math

import numpy as np
from scipy import stats
from scipy.special import i0e, i1e

from skinfo.families._base import REAL_LINE
from skinfo.families._divergences import directions, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import ONE, SINE, VERSINE

_SERIES_FROM = 50.0


def _series(length):
    """Coefficients of I1(kappa) / I0(kappa) in 1/kappa, from its Riccati equation (DLMF 10.29.3)."""
    c = [1.0]
    for m in range(1, length):
        c.append(0.5 * ((m - 2) * c[-1] - sum(c[i] * c[m - i] for i in range(1, m))))
    return c


_COEFFICIENTS = _series(12)


def _mean_versine(kappa):
    """Compute 1 - I1(kappa) / I0(kappa), about 1 / (2 kappa) where that is large."""
    if kappa < _SERIES_FROM:
        return 1 - float(i1e(kappa) / i0e(kappa))
    return -math.fsum(c * kappa**-k for k, c in enumerate(_COEFFICIENTS) if k)


def _start(rows, loc):
    """The mean direction; kappa from the mean resultant length as in Best and Fisher (1981)."""
    sine, cosine = rows.expect(lambda x: (np.sin(x), np.cos(x))).tolist()
    loc = math.atan2(sine, cosine)
    gap = rows.means([VERSINE], loc)[VERSINE]  # one less the length
    length = 1 - gap
    if length < 0.53:
        kappa = 2 * length + length**3 + 5 / 6 * length**5
    elif length < 0.85:
        kappa = -0.4 + 1.39 * length + 0.43 / gap
    else:
        kappa = 1 / (length * gap * (2 + gap))
    return {"kappa": kappa, "loc": loc}


def _divergence(p, q):
    return directions(p["kappa"], q["kappa"], 2 * math.sin((p["loc"] - q["loc"]) / 2) ** 2, 2)


VONMISES = register(
    ExponentialFamily(
        name="vonmises",
        distribution=stats.vonmises,
        support=REAL_LINE,
        shapes={"kappa": "positive"},
        terms=lambda kappa: {VERSINE: -kappa, ONE: -math.log(2 * math.pi * float(i0e(kappa)))},
        shape_scores={"kappa": lambda kappa: {VERSINE: -1.0, ONE: _mean_versine(kappa)}},
        start=_start,
        natural={"scale": 1.0},
        circular=True,
        expectations={VERSINE: lambda _, kappa: _mean_versine(kappa), SINE: lambda _, kappa: 0.0},  # noqa: ARG005
        divergence=sharing("scale", of=_divergence),
        examples=(
            {"kappa": 2.0, "loc": 0.7},
            {"kappa": 0.01},
            {"kappa": 100000.0, "loc": -1.0},
        ),
    )
)
