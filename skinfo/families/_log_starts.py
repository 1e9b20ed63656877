"""Starts of laws of a power: given the shapes, c log z has a known law."""

from __future__ import annotations

import math

import numpy as np

from skinfo.families._base import Theta
from skinfo.measures import Rows

_QUARTILE = 0.6745  # of the normal law


def power_and_scale(rows: Rows, loc: float, low: float, high: float) -> Theta:
    """Power c and scale with which c log((x - loc) / scale) has given quartiles.

    Parameters
    ----------
    rows : Rows
        The data.
    loc : float
        Where the half line starts.
    low, high : float
        Quartiles of the logarithm under the standard law of power 1.

    Returns
    -------
    dict of str to float
        ``c`` and ``scale``.
    """
    below, above = np.log(rows.subsample(10_000).quantiles([0.25, 0.75]) - loc)
    if not above > below:  # ties
        mean, variance = rows.moments(loc, log=True)
        half = _QUARTILE * math.sqrt(variance)
        below, above = mean - half, mean + half
    c = (high - low) / float(above - below)
    return {"c": c, "scale": math.exp(float(above) - high / c)}
