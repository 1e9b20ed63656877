"""The generalised Pareto law; its maximum is sought among c >= -1, below which the likelihood is unbounded."""

import math

import numpy as np
from scipy import stats
from scipy.special import polygamma

from skinfo.families._base import HALF_LINE, Edge, NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Power, X
from skinfo.utils._gamma import log_minus_digamma, log_rising

_GRID = np.concatenate([-1 + 2.0 ** np.arange(-20, 0, 0.5), 2.0 ** np.arange(-12, 24)])


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


def _gap(t):
    """Compute (log(1 + t) - t / (1 + t)) / t^2, by the series of atanh(t / (2 + t)) for small t."""
    s = t / (2 + t)
    square, series = s * s, 1 / 19
    for k in range(17, 1, -2):
        series = series * square + 1 / k
    out = 1 / ((2 + t) * (1 + t)) + 2 * s * series / (2 + t) ** 2
    large = np.abs(t) > 0.2
    if large.any():
        v = t[large]
        out[large] = (np.log1p(v) - v / (1 + v)) / v / v
    return out


def _c_score(z, c):
    return (1 + c) * z * z * _gap(c * z) - _hazard_sum(z, c)


def _profile(rows, loc):
    """The best of many c / scale, where c is the mean of log(1 + z c / scale) (Grimshaw 1993); None at c = -1."""
    some = rows.subsample(1_000)
    high = rows.highest - loc
    middle = float(some.quantiles([0.5])[0]) - loc or high
    slopes = np.where(_GRID < 0, _GRID / high, _GRID / middle / 64)
    c = some.expect(lambda x: np.log1p((x - loc) * slopes[:, None]), width=len(slopes))
    value = np.where(c > -1, np.log(slopes / c) - c - 1, -np.inf)
    best = int(np.argmax(value))
    if not value[best] > -math.log(high):  # the uniform law is as good
        return None
    return {"c": float(c[best]), "scale": float(c[best] / slopes[best])}


def _start(rows, loc):
    """The profile's best, and one whose support holds the data whatever c is fixed."""
    high = rows.highest - loc
    return [_profile(rows, loc) or {"c": -0.9, "scale": high}, {"c": 0.1, "scale": 1.05 * high}]


def _edges(rows, given):
    """The data's smallest value; and the uniform law where no c > -1 is better."""
    edges = {} if "loc" in given else {"loc": Edge(rows.lowest)}
    loc = given.get("loc", rows.lowest)
    if not {"c", "scale"} & given.keys():
        with np.errstate(all="ignore"):
            if _profile(rows, loc) is None:
                edges |= {"c": Edge(-1.0), "scale": Edge(rows.highest - loc)}
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
        slope=lambda z, c: -(1 + c) / (1 + c * z),
        shape_scores={"c": _c_score},
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
