"""The exponentially modified normal law: a normal variable plus K times an exponential one."""

import math

import numpy as np
from scipy import stats
from scipy.special import erfcx, log_ndtr

from skinfo.families._base import REAL_LINE, Limit
from skinfo.families._elementary import exponential
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Exp, X

_FRACTION_FROM, _FRACTION_TERMS = 5.0, 30


def _log_density(z, K):
    w = 1 / K - z
    above = w < 0
    if above.all():
        return _log_density_above(z, w, K)
    if not above.any():
        return _log_density_below(z, w, K)
    value, below, above = np.empty_like(z), np.flatnonzero(~above), np.flatnonzero(above)
    value[below] = _log_density_below(z[below], w[below], K)
    value[above] = _log_density_above(z[above], w[above], K)
    return value


def _log_density_below(z, w, K):
    return np.log(erfcx(w * math.sqrt(0.5)) * (0.5 / K)) - 0.5 * z * z


def _log_density_above(z, w, K):
    """Where the scaled error function would be too large."""
    return log_ndtr(-w) - (z - 0.5 / K) * (1 / K) - math.log(K)


def _tail(w):
    """Compute the hazard h at w, h - w and, for w > 0, what h - w - 1/w lacks, as c in h - w = 1 / (w + c).

    Laplace's continued fraction where the difference would cancel.
    """
    hazard = erfcx(w * math.sqrt(0.5))
    np.divide(math.sqrt(2 / math.pi), hazard, out=hazard)
    excess = hazard - w
    c = 1 / excess
    c -= w
    if len(far := np.flatnonzero(w > _FRACTION_FROM)):
        w = w[far]
        fraction = w.copy()
        for k in range(_FRACTION_TERMS, 2, -1):
            np.divide(k, fraction, out=fraction)
            fraction += w
        c[far] = 2 / fraction
        excess[far] = 1 / (w + c[far])
    return hazard, excess, c


def _derivatives(z, K):
    w = 1 / K - z
    above = w < 0
    slope, excess, c = _tail(w)
    slope -= 1 / K
    np.copyto(slope, excess - z, where=~above)
    np.subtract(z, c, out=c)
    c *= excess
    excess *= 1 / K
    excess -= 1
    np.copyto(c, excess, where=above)
    c *= 1 / K
    return {"z": slope, "K": c}


def _start(rows, loc):  # noqa: ARG001 - loc is free
    """Moments: the skewness is 2 (K^2 / (1 + K^2))^(3/2)."""
    mean, variance = rows.moments()
    sd = math.sqrt(variance)
    skewness = float(rows.subsample(10_000).expect(lambda x: ((x - mean) / sd) ** 3))
    share = min(max(skewness / 2, 0.03), 0.93) ** (2 / 3)  # of the variance, the exponential's
    starts = []
    for part in (share, 0.5 * share, 0.5 + 0.5 * share):
        scale = sd * math.sqrt(1 - part)
        starts.append({"K": math.sqrt(part / (1 - part)), "loc": mean - sd * math.sqrt(part), "scale": scale})
    return starts


EXPONNORM = register(
    NonlinearFamily(
        name="exponnorm",
        distribution=stats.exponnorm,
        support=REAL_LINE,
        shapes={"K": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        limits={("K", "0"): Limit("norm"), ("K", "inf"): Limit("expon", {"scale": 0.0})},
        expectations={
            X: lambda _, K: K,
            SQUARE: lambda _, K: 1 + 2 * K**2,
            Exp: lambda t, K: exponential(t.rate * t.rate / 2) / (1 - K * t.rate) if K * t.rate < 1 else math.inf,
        },
        examples=(
            {"K": 1.5, "loc": -1.0, "scale": 0.7},
            {"K": 0.05},
            {"K": 200.0, "scale": 0.01},
        ),
    )
)
