"""Starting points that several laws share."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skinfo.measures import LOG, SQUARE, Power, Rows, Values, X

_NARROW = 10.0  # mean / standard deviation from which a folded law is a normal one
_ALTERNATIONS = 20


def gamma_shape(rows: Rows, loc: float, power: float = 1.0) -> tuple[float, float]:
    """Shape of a gamma law of (x - loc)^power, Minka's (2002) first guess from log(mean) - mean(log).

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
    return ((3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap) if gap > 0 else math.inf), mean


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


def folded(
    rows: Rows, loc: float, dimension: int, ratio: Callable[[NDArray], NDArray], density: Callable[..., NDArray]
) -> list[tuple[float, float]]:
    """Centre and scale of a law of abs(y), y normal in one or two dimensions about a centre at a distance from 0.

    The likelihood is even in the centre, so 0 is stationary, and a maximum where the fourth moment is large; there may
    be another away from it.

    Parameters
    ----------
    rows : Rows
        The data.
    loc : float
        Where the half line starts.
    dimension : int
        Of y.
    ratio : callable
        Mean cosine between y and its centre, given abs(y) centre / scale^2: EM's expectation.
    density : callable
        The standard law's log density of z and the centre.

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
    fourth = float(rows.expect(lambda x: ((x - loc) / size) ** 4))
    at_zero = (1e-7, size / math.sqrt(dimension))
    some = rows.subsample(10_000)
    centre = mean / size
    for _ in range(_ALTERNATIONS):
        precision = dimension / (1 - centre**2)
        centre = float(some.expect(lambda x, k=centre * precision: (y := (x - loc) / size) * ratio(y * k)))  # type: ignore[misc]
    found = [_split(centre, dimension, size)]
    by_moments = dimension / 2 * (1 + 2 / dimension - fourth)  # the fourth power of the centre
    if by_moments > 0:
        return [_split(by_moments**0.25, dimension, size), *found]

    def value(shape: float, scale: float) -> float:
        return float(some.expect(lambda x: density((x - loc) / scale, shape))) - math.log(scale)

    return found if value(*found[0]) > value(*at_zero) else [at_zero]


def _split(centre: float, dimension: int, size: float) -> tuple[float, float]:
    """From a centre in units of the root mean square to centre / scale and scale."""
    scale = math.sqrt((1 - centre**2) / dimension)
    return centre / scale, scale * size
