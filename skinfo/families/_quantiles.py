"""Starts from quantiles: the shape whose quantiles are most nearly a straight line against the data's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from skinfo.measures import Rows

_LEVELS = (np.arange(15) + 0.5) / 15
_ROWS = 10_000


def spread(rows: Rows, low: float = 0.25, high: float = 0.75) -> tuple[float, float]:
    """Median and the distance between two quantiles; the standard deviation's worth where they are tied.

    Parameters
    ----------
    rows : Rows
        The data.
    low, high : float, default=0.25, 0.75
        The levels.

    Returns
    -------
    median, distance : float
        Of a subsample.
    """
    some = rows.subsample(_ROWS)
    below, median, above = some.quantiles([low, 0.5, high])
    return float(median), float(above - below) or 1.35 * math.sqrt(rows.moments()[1])


def straightest(
    rows: Rows, quantile: Callable[..., NDArray], grid: Iterable[Mapping[str, float]], keep: int = 1
) -> list[dict[str, float]]:
    """Shapes of a grid, with loc and scale, whose quantiles fit those of the data best.

    Parameters
    ----------
    rows : Rows
        The data; a subsample of them is looked at.
    quantile : callable
        ``quantile(levels, **shapes)`` of the standard law.
    grid : iterable of dict
        Shapes to try.
    keep : int, default=1
        How many to return, the best first.

    Returns
    -------
    list of dict
        Shapes, loc and scale by least squares.
    """
    y = rows.subsample(_ROWS).quantiles(_LEVELS)
    dy = y - y.mean()
    found = []
    for shapes in grid:
        q = _standard(quantile, tuple(shapes.items()))
        dq = q - q.mean()
        scale = float(dq @ dy) / float(dq @ dq)
        misfit = float(np.sum((dy - scale * dq) ** 2))
        if not scale > 0:
            scale = math.sqrt(rows.moments()[1]) / float(np.std(q))
        found.append((misfit, {**shapes, "loc": float(y.mean() - scale * q.mean()), "scale": scale}))
    return [theta for _, theta in sorted(found, key=lambda pair: pair[0])[:keep]]


@cache
def _standard(quantile: Callable[..., NDArray], shapes: tuple[tuple[str, float], ...]) -> NDArray:
    return quantile(_LEVELS, **dict(shapes))
