"""Where a fit starts, and what stands in its way there."""

from __future__ import annotations

import math

import numpy as np

from skinfo.families import Family
from skinfo.families._base import Theta
from skinfo.likelihood._climb import PILOT_ROWS
from skinfo.likelihood._coordinates import Coordinates
from skinfo.likelihood._limits import show
from skinfo.measures import Rows

_LOST = 1e-13  # of a mean log-likelihood, relative
_FAR = 10.0  # a shape from which on a family is near its limit
_SHAPES = np.geomspace(1e-3, 1e7, 241)  # among which one with the skewness of the data is looked for


def starts_of(coordinates: Coordinates, rows: Rows, given: Theta, column: str) -> list[Theta]:
    """Points inside the parameter space where the likelihood is finite.

    Parameters
    ----------
    coordinates : Coordinates
        The free parameters, and all rows.
    rows : Rows
        What stands in for them.
    given : dict
        Parameters that are not free.
    column : str
        What messages call the data.

    Returns
    -------
    list of dict
        All parameters.

    Raises
    ------
    ValueError
        If there is none.
    """
    family, smooth = coordinates.family, coordinates.names
    loc = given.get("loc")
    if loc is None:  # only half lines and intervals need one before the rest can be estimated
        loc = coordinates.rows.lowest - 0.1 * math.sqrt(rows.moments()[1]) if math.isfinite(family.support.low) else 0.0
    try:
        starts = family.start(rows, loc) if smooth else {}
    except (ZeroDivisionError, OverflowError) as error:
        raise _boundary(family, column) from error
    starts = [*(starts if isinstance(starts, list) else [starts]), *_of_equal_skewness(family, rows, smooth)]
    candidates = [{"loc": loc} | start | given for start in starts]
    candidates = [theta | coordinates.ends(theta) for theta in candidates]
    some = rows.subsample(PILOT_ROWS) if family.needs_rows(smooth) else rows
    usable = [theta for theta in candidates if not _out_of_domain(family, theta, smooth)]
    if not usable:
        name = _out_of_domain(family, candidates[0], smooth)
        raise _boundary(family, column, f": {name} would be {candidates[0].get(name, math.nan):g}")
    finite = [theta for theta in usable if math.isfinite(family.mean_log_prob(some, theta))]
    if not finite:
        mean_log_prob(family, some, usable[0], column)
    return finite


def _of_equal_skewness(family: Family, rows: Rows, names: tuple[str, ...]) -> list[Theta]:
    """The member with the data's mean, variance and skewness, where that is far out on the ridge towards a limit.

    One shape, location and scale are free, the location of a half line; from elsewhere a climb does not get there.
    """
    (shape, *more) = [*(name for name in names if name not in ("loc", "scale")), ""]
    if more != [""] or not {"loc", "scale"} <= set(names) or family.support.low != 0 or not family.limits:
        return []
    mean, variance = rows.moments()
    skewness = float(rows.expect(lambda x: ((x - mean) / math.sqrt(variance)) ** 3))
    excess = family.distribution.stats(**{shape: _SHAPES}, moments="s") - skewness
    crossed = np.flatnonzero(excess[1:] * excess[:-1] <= 0)
    if not len(crossed):
        return []
    i = crossed[0]  # at large shapes SciPy's moments may be rounding
    share = excess[i] / (excess[i] - excess[i + 1])
    between = math.exp(np.interp(share, [0, 1], np.log(_SHAPES[i : i + 2])))
    if not any(between > _FAR if end == "inf" else between < 1 / _FAR for _, end in family.limits):
        return []
    at = family.distribution.stats(**{shape: between}, moments="mv")
    scale = math.sqrt(variance / float(at[1]))
    return [{shape: between, "loc": mean - scale * float(at[0]), "scale": scale}]


def _out_of_domain(family: Family, theta: Theta, names: tuple[str, ...]) -> str:
    """The first parameter that is not in the interior of its domain; empty where all are."""
    return next((name for name in names if not family.in_domain(name, theta.get(name, math.nan))), "")


def mean_log_prob(family: Family, rows: Rows, theta: Theta, column: str) -> float:
    """Mean log-likelihood, row by row where the sum of the statistics' means has lost digits.

    Parameters
    ----------
    family : Family
        The family.
    rows : Rows
        One column.
    theta : dict
        All parameters.
    column : str
        What messages call the data.

    Returns
    -------
    float
        In nats.

    Raises
    ------
    ValueError
        If it is not finite.
    """
    mean = family.mean_log_prob(rows, theta)
    if family.rounding(rows, theta) > _LOST * (1 + abs(mean)):
        mean = float(rows.expect(lambda x: family.log_prob(x, theta)))
    if not math.isfinite(mean):
        raise ValueError(
            f"{column} has values where {family.name} with {show(theta)} has no density; check the data, or give "
            "starting points a chance by fixing loc or scale in fixed"
        )
    return mean


def _boundary(family: Family, column: str, detail: str = "") -> ValueError:
    return ValueError(
        f"the maximum of the likelihood of {family.name} for {column} is at the boundary of its parameters{detail}; "
        "the law is degenerate there: choose another family or fix the parameter"
    )
