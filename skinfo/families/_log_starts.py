"""Starts of laws of a power: given the other shape, c log z has a known law."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skinfo.families._base import Theta
from skinfo.measures import Rows

_QUARTILE = 0.6745  # of the normal law
_SHAPES = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 9.0, 30.0)


def best_shape(
    rows: Rows, loc: float, name: str, log_quantile: Callable[[float, float], float], density: Callable[..., NDArray]
) -> Theta:
    """Shape, power c and scale of the highest likelihood among some shapes, the others by the quartiles.

    Parameters
    ----------
    rows : Rows
        The data.
    loc : float
        Where the half line starts.
    name : str
        Of the shape beside c.
    log_quantile : callable
        ``log_quantile(p, shape)``: quantile of the logarithm under the standard law of power 1.
    density : callable
        The standard law's log density, of z and the shapes.

    Returns
    -------
    dict of str to float
        The shape, ``c`` and ``scale``.
    """
    some = rows.subsample(10_000)
    below, above = np.log(some.quantiles([0.25, 0.75]) - loc).tolist()
    if not above > below:  # ties
        mean, variance = rows.moments(loc, log=True)
        half = _QUARTILE * math.sqrt(variance)
        below, above = mean - half, mean + half

    def at(shape: float) -> Theta:
        low, high = log_quantile(0.25, shape), log_quantile(0.75, shape)
        c = (high - low) / (above - below)
        return {name: shape, "c": c, "scale": math.exp(above - high / c)}

    def value(theta: Theta) -> float:
        shapes = {name: theta[name], "c": theta["c"]}
        mean = float(some.expect(lambda x: density((x - loc) * (1 / theta["scale"]), **shapes)))
        return mean - math.log(theta["scale"])

    return max(map(at, _SHAPES), key=value)
