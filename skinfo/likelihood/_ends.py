"""Where a family that is held to given shapes begins: at the smallest value, if its density is highest at its end."""

from __future__ import annotations

import math

import numpy as np

from skinfo.families import Edge, Family
from skinfo.families._base import Theta
from skinfo.measures import Rows

_GRID = np.geomspace(1e-30, 1e3, 300)  # standardised values at which the density is looked at
_ROUNDING = 1e-9


def end_at_data(family: Family, rows: Rows, given: Theta) -> dict[str, Edge]:
    """The location where it is free and the density jumps at it to its highest value, as with the exponential one.

    Parameters
    ----------
    family : Family
        The family.
    rows : Rows
        One column.
    given : dict
        Parameters that are not estimated.

    Returns
    -------
    dict of Edge
        The data's smallest value as ``loc``; empty where the shapes do not say so.
    """
    shapes = {name: value for name, value in given.items() if name in (family.shapes or {})}
    half_line = family.support.low == 0 and math.isinf(family.support.high) and family.ends is None
    if "loc" in given or family.discrete or not half_line or len(shapes) < len(family.shapes or {}):
        return {}
    # a rounding unit below it, where log(x - loc) is a number
    loc = min(np.nextafter(rows.lowest, -math.inf), rows.lowest - np.finfo(float).eps * (rows.highest - rows.lowest))
    log_density = family.standard_log_prob(_GRID, shapes)
    log_density = log_density[np.isfinite(log_density)]
    flat = len(log_density) > 2 and abs(log_density[0] - log_density[1]) < _ROUNDING
    return {"loc": Edge(float(loc))} if flat and (np.diff(log_density) < _ROUNDING).all() else {}
