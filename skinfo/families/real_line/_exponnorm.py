"""The exponentially modified normal law: a normal variable plus K times an exponential one."""

import math

import numpy as np
from scipy import stats
from scipy.special import erfcx, log_ndtr

from skinfo.families._base import REAL_LINE, NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, X

_FRACTION_FROM, _FRACTION_TERMS = 5.0, 30


def _log_density(z, K):
    w = 1 / K - z
    below = np.log(erfcx(np.maximum(w, 0) * math.sqrt(0.5)) * (0.5 / K)) - 0.5 * z * z
    if (above := w < 0).any():  # where the scaled error function would be too large
        z = z[above]
        below[above] = log_ndtr(-w[above]) - (z - 0.5 / K) / K - math.log(K)
    return below


def _tail(w):
    """Compute h - w and what h - w - 1/w lacks, as c in h - w = 1 / (w + c), where h is the hazard at w > 0.

    Laplace's continued fraction where the difference would cancel.
    """
    far = w > _FRACTION_FROM
    near = np.where(far, 1.0, w)
    excess = math.sqrt(2 / math.pi) / erfcx(near * math.sqrt(0.5)) - near
    c = 1 / excess - near
    if far.any():
        w = w[far]
        fraction = w.copy()
        for k in range(_FRACTION_TERMS, 2, -1):
            fraction = w + k / fraction
        c[far] = 2 / fraction
        excess[far] = 1 / (w + c[far])
    return excess, c


def _slope(z, K):
    w = 1 / K - z
    excess = _tail(np.maximum(w, 0))[0] - z
    if (above := w < 0).any():
        excess[above] = _hazard(w[above]) - 1 / K
    return excess


def _hazard(w):
    return math.sqrt(2 / math.pi) / erfcx(w * math.sqrt(0.5))


def _K_score(z, K):
    w = 1 / K - z
    excess, c = _tail(np.maximum(w, 0))
    score = (z - c) * excess * (1 / K)
    if (above := w < 0).any():
        w = w[above]
        score[above] = ((_hazard(w) - w) / K - 1) / K
    return score


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
        slope=_slope,
        shape_scores={"K": _K_score},
        start=_start,
        limits={("K", "0"): "norm", ("K", "inf"): "expon"},
        expectations={X: lambda _, K: K, SQUARE: lambda _, K: 1 + 2 * K**2},
        examples=(
            {"K": 1.5, "loc": -1.0, "scale": 0.7},
            {"K": 0.05},
            {"K": 200.0, "scale": 0.01},
        ),
    )
)
