"""Starting points that several laws share."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import polygamma

from skinfo.measures import LOG, SQUARE, Power, Rows, Values, X
from skinfo.utils._gamma import log_minus_digamma

_NARROW = 10.0  # mean / standard deviation from which a folded law is a normal one
_GRID = np.geomspace(0.05, 2 * _NARROW, 25).tolist()
_AT_ZERO = 1e-7
_LOST = 1e-12  # log(mean) - mean(log) from which Newton steps for a gamma law's shape hold digits


def gamma_shape(rows: Rows, loc: float, power: float = 1.0) -> tuple[float, float]:
    """Best shape of a gamma law of (x - loc)^power, from log(mean) - mean(log).

    Parameters
    ----------
    rows : Rows
        The data.
    loc : float
        Where the half line starts.
    power : float, default=1.0
        What has the gamma law.

    Returns
    -------
    shape, mean : float
        The shape, infinite where the data are constant, and the mean of the power.
    """
    statistic = {1.0: X, 2.0: SQUARE}.get(power, Power(power))
    means = rows.means([statistic, LOG], loc)
    mean = means[statistic]
    gap = math.log(mean) - power * means[LOG]
    if gap < 1e-6:  # concentrated: the difference cancels, its expansion about the mean does not
        gap = float(rows.expect(lambda x: (d := statistic(Values(x - loc)) / mean - 1) - np.log1p(d)))
    return shape_of_gap(gap), mean


def shape_of_gap(gap: float) -> float:
    """Compute the a whose log(a) - psi(a) this is, by Newton steps in log(a) from Minka's (2002) guess.

    Parameters
    ----------
    gap : float
        For a gamma law, log(mean) - mean(log).

    Returns
    -------
    float
        Infinite where the gap is not positive.
    """
    if not gap > 0:
        return math.inf
    a = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(4 if gap > _LOST else 0):
        a *= math.exp((log_minus_digamma(a) - gap) / (a * float(polygamma(1, a)) - 1))
    return a


def inverse_digamma(y: float) -> float:
    """Where the digamma function is about y (Minka 2000): a shape whose mean logarithm is that.

    Parameters
    ----------
    y : float
        Mean logarithm.

    Returns
    -------
    float
        To within a few percent.
    """
    return math.exp(y) + 0.5 if y > -2.2 else -1 / (y + np.euler_gamma)


def folded(rows: Rows, loc: float, dimension: int, density: Callable[..., NDArray]) -> list[tuple[float, float]]:
    """Centre and scale of a law of abs(y), y normal in one or two dimensions about a centre at a distance from 0.

    The likelihood is even in the centre, so 0 is stationary, and a maximum where the fourth moment is large; there may
    be another away from it. At any maximum the mean square is scale^2 (dimension + (centre / scale)^2).

    Parameters
    ----------
    rows : Rows
        The data.
    loc : float
        Where the half line starts.
    dimension : int
        Of y.
    density : callable
        The standard law's log density of z and centre / scale.

    Returns
    -------
    list of (float, float)
        Centre / scale, and scale; next to 0 alone where that is the highest maximum.
    """
    mean, variance = rows.moments()
    mean -= loc
    if mean > _NARROW * math.sqrt(variance):
        return [(mean / math.sqrt(variance), math.sqrt(variance))]
    size = math.sqrt(variance + mean**2)
    some = rows.subsample(10_000)

    def scale(shape: float) -> float:
        return size / math.sqrt(dimension + shape**2)

    def loss(shape: float) -> float:
        return math.log(scale(shape)) - float(some.expect(lambda x: density((x - loc) / scale(shape), shape)))

    tried = [loss(shape) for shape in _GRID]
    middle = min(max(int(np.argmin(tried)), 1), len(_GRID) - 2)
    best = optimize.minimize_scalar(loss, bounds=(_GRID[middle - 1], _GRID[middle + 1]), method="bounded")
    fourth = float(rows.expect(lambda x: ((x - loc) / size) ** 4))
    by_moments = dimension / 2 * (1 + 2 / dimension - fourth)  # the fourth power of the centre, 1 the mean square
    if by_moments > 0:
        found = [best.x, math.sqrt(dimension / (by_moments**-0.5 - 1))]
    else:
        found = [best.x if best.fun < loss(_AT_ZERO) else _AT_ZERO]
    return [(float(shape), scale(shape)) for shape in found]
