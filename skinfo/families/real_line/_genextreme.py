"""The generalised extreme value law, in SciPy's sign of c: Weibull of maxima where positive, Frechet where negative."""

import math

import numpy as np
from scipy import stats
from scipy.special import gammaln, zeta

from skinfo.families._base import REAL_LINE
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._quantiles import spread, straightest
from skinfo.families._registry import register
from skinfo.measures import SQUARE, X

_GRID = [{"c": c} for c in (-2.0, -1.0, -0.6, -0.3, -0.1, 0.1, 0.25, 0.4, 0.6, 0.9)]
_NEAR = 0.03
_CURVATURE = np.array([(k + 1) / (k + 2) for k in range(11)])
_LOG_GAMMA = [-np.euler_gamma, *((-1) ** k * float(zeta(k)) / k for k in range(2, 14))]


def _gumbel(z, c):
    """The standard Gumbel variable that z is: -log(1 - c z) / c, infinite from the end of the support on."""
    if c == 0:
        return z.copy()
    y = z * -c
    np.maximum(y, -1.0, out=y)
    with np.errstate(divide="ignore"):
        np.log1p(y, out=y)
    y *= -1 / c
    return y


def _log_density(z, c):
    y = _gumbel(z, c)
    value = y * -(1 - c)
    np.negative(y, out=y)
    value -= np.exp(y, out=y)
    if not 0 <= c < 1:  # the two are infinite, or the first is plus infinity
        u = c * z
        value[u >= 1 if c < 1 else u > 1] = -np.inf
    return value


def _derivatives(z, c):
    y, u = _gumbel(z, c), c * z
    pull = np.expm1(-y)
    pull += c
    rest = 1 - u
    # dy/dc = (z / (1 - c z) - y) / c, whose two terms cancel near c z = 0
    near = np.flatnonzero(np.abs(u) < _NEAR)
    if len(near) == len(u):
        change = np.polynomial.polynomial.polyval(u, _CURVATURE) * z * z
    else:
        change = z / rest
        change -= y
        change *= 1 / c
        change[near] = np.polynomial.polynomial.polyval(u[near], _CURVATURE) * z[near] ** 2
    change *= pull
    change += y
    pull /= rest
    return {"z": pull, "c": change}


def _log_gamma(c):
    """Compute log Gamma(1 + c), which small c have to rounding."""
    if abs(c) > 0.05:
        return float(gammaln(1 + c)) if c > -1 else math.inf
    return c * float(np.polynomial.polynomial.polyval(c, _LOG_GAMMA))


def _mean(c):
    if c <= -1:
        return math.inf
    return -math.expm1(_log_gamma(c)) / c if c else np.euler_gamma


def _second_moment(_, c):
    if c <= -0.5:
        return math.inf
    if abs(c) > 0.02:
        variance = math.exp(2 * _log_gamma(c)) * math.expm1(_log_gamma(2 * c) - 2 * _log_gamma(c)) / c**2
    else:  # the first powers of c cancel
        powers = [k * (2.0 ** (i + 1) - 2) for i, k in enumerate(_LOG_GAMMA)][1:]
        gap = float(np.polynomial.polynomial.polyval(c, powers))
        variance = math.exp(2 * _log_gamma(c)) * (math.expm1(c * c * gap) / c**2 if c else gap)
    return variance + _mean(c) ** 2


def _ends(c):
    end = 1 / c if c else math.inf
    return (-math.inf, end) if c >= 0 else (end, math.inf)


def _start(rows, loc):
    """The straightest quantile plot, widened to hold the extremes, and a Gumbel law."""
    starts = straightest(rows, _quantile, _GRID, keep=2)
    for theta in starts:
        c, loc, scale = theta["c"], theta["loc"], theta["scale"]
        extreme = rows.highest if c > 0 else rows.lowest
        theta["scale"] = max(scale, 1.1 * c * (extreme - loc))
    median, distance = spread(rows)
    scale = distance / 1.5725
    loc = median - 0.3665 * scale
    scale = max(scale, (loc - rows.lowest) / (2 + math.log(len(rows))))
    c = 0.5 * min(0.02, scale / max(rows.highest - loc, scale))
    return [*starts, {"c": c, "loc": loc, "scale": scale}]


def _quantile(p, c):
    return -np.expm1(c * np.log(-np.log(p))) / c


GENEXTREME = register(
    NonlinearFamily(
        name="genextreme",
        distribution=stats.genextreme,
        support=REAL_LINE,
        shapes={"c": "real"},
        ends=_ends,
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        entropy=lambda c: 1 + (1 - c) * np.euler_gamma,
        expectations={X: lambda _, c: _mean(c), SQUARE: _second_moment},
        examples=(
            {"c": -0.2, "loc": -1.0, "scale": 0.7},
            {"c": 0.4, "scale": 1000.0},
            {"c": -1.0},
            {"c": 1e-3},
        ),
    )
)
