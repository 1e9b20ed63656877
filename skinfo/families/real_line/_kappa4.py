"""The four-parameter kappa family (Hosking 1994): generalised extreme values at h = 0, generalised logistic at h = -1.

With e(z) = (1 - k z)^(1/k), the distribution function is (1 - h e)^(1/h).
"""

import itertools

import numpy as np
from scipy import stats

from skinfo.families._base import REAL_LINE
from skinfo.families._elementary import log1p_rest
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._quantiles import straightest
from skinfo.families._registry import register

_GRID = [
    {"h": h, "k": k} for h, k in itertools.product((-2.0, -1.0, -0.3, 0.1, 0.5, 0.9), (-0.6, -0.3, -0.1, 0.1, 0.3, 0.6))
]
_KEPT = 4
_NEAR = 0.3  # up to here, in h e, two terms of the score cancel


def _log_ratio(t):
    """Compute log(1 + t) / t, which is 1 at 0."""
    safe = np.where(t == 0, 1.0, t)
    return np.where(t == 0, 1.0, np.log1p(safe) / safe)


def _gumbel(z, k):
    """Minus the logarithm of e(z), infinite from an upper end on."""
    return z * _log_ratio(np.maximum(-k * z, -1.0))


def _log_density(z, h, k):
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        y = _gumbel(z, k)
        e = np.exp(-y)
        u = h * e
        value = -(1 - k) * y - e * _log_ratio(-u) - np.log1p(-u)
    outside = (k * z > 1) | (u > 1) | np.isnan(value)
    return np.where(outside & ~np.isnan(z), -np.inf, value)


def _derivatives(z, h, k):
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = -k * z
        y = _gumbel(z, k)
        e = np.exp(-y)
        u = h * e
        share = 1 / (np.exp(y) - h)
        pull = (1 - h) * share - (1 - k)
        near = np.abs(u) < _NEAR
        change = e * (e * log1p_rest(np.where(near, -u, 0.0)) - share)
        far = np.where(near, 1.0, h)
        return {
            "z": pull / (1 + t),
            "k": pull * z * z * (1 / (1 + t) - log1p_rest(t)) + y,
            "h": share + np.where(near, change, -np.log1p(-u) / far**2 - share / far),
        }


def _ends(h, k):
    with np.errstate(all="ignore"):
        below = np.where(k == 0, np.log(h), -np.expm1(-k * np.log(h)) / np.where(k == 0, 1.0, k))
        low = np.where(h > 0, below, np.where(k < 0, 1 / np.where(k == 0, 1.0, k), -np.inf))
        high = np.where(k > 0, 1 / np.where(k == 0, 1.0, k), np.inf)
    return float(low), float(high)


def _quantile(p, h, k):
    e = -np.expm1(h * np.log(p)) / h
    return -np.expm1(k * np.log(e)) / k


def _start(rows, loc):
    """The straightest quantile plots, widened to hold the extremes."""
    starts = straightest(rows, _quantile, _GRID, keep=_KEPT)
    for theta in starts:
        low, high = _ends(theta["h"], theta["k"])
        scale, loc = theta["scale"], theta["loc"]
        for end, extreme in ((low, rows.lowest), (high, rows.highest)):
            if np.isfinite(end) and (extreme - loc) / end > 0:
                theta["scale"] = max(theta["scale"], scale, 1.05 * (extreme - loc) / end)
    return starts


KAPPA4 = register(
    NonlinearFamily(
        name="kappa4",
        distribution=stats.kappa4,
        support=REAL_LINE,
        shapes={"h": "real", "k": "real"},
        ends=_ends,
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        examples=(
            {"h": -0.2, "k": 0.1, "loc": -1.0, "scale": 0.7},
            {"h": 0.2, "k": -0.1, "scale": 1000.0},
            {"h": -1.0, "k": -0.05},
            {"h": 0.0, "k": 0.2},
        ),
    )
)
