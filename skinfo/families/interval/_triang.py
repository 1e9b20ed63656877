"""The triangular law."""

import math

import numpy as np
from scipy import stats
from scipy.special import xlog1py, xlogy

from skinfo.families._base import UNIT_INTERVAL, Edge
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.families.interval._triangles import best_triangle
from skinfo.measures import LOG, LOG1M, SQUARE, Power, X

_BINS = 1 << 12  # to sort few of the values only


def _log_density(z, c):
    below = (z < c) | (c == 1)
    with np.errstate(divide="ignore", invalid="ignore"):  # of branches not taken
        return math.log(2) + np.where(below, np.log(z / c), np.log((1 - z) / (1 - c)))


def _edges(rows, given):
    """The mode is one of the values (Oliver 1972): that of the largest likelihood; ends that are free go with it."""
    if "c" in given:
        return {}
    if not {"loc", "scale"} <= given.keys():
        low, mode, high = best_triangle(rows, given)
        found = {"c": (mode - low) / (high - low), "loc": low, "scale": high - low}
        return {name: Edge(value) for name, value in found.items() if name not in given}

    def blocks():
        for x, w in rows.blocks(width=8):
            z = (x - given["loc"]) / given["scale"]
            yield z, np.minimum((z * _BINS).astype(np.intp), _BINS - 1), np.ones_like(z) if w is None else w

    # weight, sum of log z and of log(1 - z) by bin: with those before it they bound the likelihood of its values
    by_bin = np.zeros((3, _BINS))
    for z, at, w in blocks():
        by_bin += [np.bincount(at, v, _BINS) for v in (w, w * np.log(z), w * np.log1p(-z))]
    before = np.concatenate([np.zeros((3, 1)), np.cumsum(by_bin, axis=1)], axis=1)
    ends = np.arange(_BINS + 1) / _BINS
    lowest = _likelihood(ends[1:-1], before[:, 1:-1], before[:, -1]).max()
    highest = before[1] - xlogy(before[0], ends)
    highest = highest[:-1] + (before[2, -1] - before[2] - xlog1py(before[0, -1] - before[0], -ends))[1:]
    hopeful = (highest >= lowest) & (by_bin[0] > 0)
    z, w = (np.concatenate(v) for v in zip(*((z[hopeful[at]], w[hopeful[at]]) for z, at, w in blocks())))
    order = np.argsort(z)
    z, w = z[order], w[order]
    at = np.minimum((z * _BINS).astype(np.intp), _BINS - 1)
    within = np.cumsum([w, w * np.log(z), w * np.log1p(-z)], axis=1)
    first = np.searchsorted(at, at)
    sums = before[:, at] + within - np.where(first > 0, within[:, first - 1], 0.0)
    return {"c": Edge(float(z[np.argmax(_likelihood(z, sums, before[:, -1]))]))}


def _likelihood(c, below, total):
    """Up to a constant, the sum of log(z / c) of values up to c, and of log((1 - z) / (1 - c)) of those above."""
    return below[1] - below[0] * np.log(c) + total[2] - below[2] - (total[0] - below[0]) * np.log1p(-c)


def _mean_log(c):
    return -1.5 - (xlogy(c, c) / (1 - c) if c < 1 else -1.0)


def _power_mean(k, c):
    if k <= -2 or (k <= -1 and c == 0):
        return math.inf
    if c in (0, 1):
        return 2 / (k + 2) if c else 2 / ((k + 1) * (k + 2))
    inner = -math.expm1((k + 1) * math.log(c)) / (k + 1) if k != -1 else -math.log(c)
    return 2 * inner / ((k + 2) * (1 - c))


TRIANG = register(
    NonlinearFamily(
        name="triang",
        distribution=stats.triang,
        support=UNIT_INTERVAL,
        shapes={"c": "unit"},
        standard=_log_density,
        slope=lambda z, c: np.where(z < c, 1 / z, -1 / (1 - z)),
        shape_scores={"c": lambda z, c: np.where(z < c, -1 / c, 1 / (1 - c))},
        start=lambda rows, loc: {"c": 0.5, "scale": 1.05 * (rows.highest - loc)},
        edges=_edges,
        natural={},
        smooth=False,
        entropy=lambda c: 0.5 - math.log(2),  # noqa: ARG005 - the same for all
        expectations={
            X: lambda _, c: (1 + c) / 3,
            SQUARE: lambda _, c: (1 + c + c * c) / 6,
            LOG: lambda _, c: _mean_log(c),
            LOG1M: lambda _, c: _mean_log(1 - c),
            Power: lambda t, c: _power_mean(t.exponent, c),
        },
        examples=(
            {"c": 0.3},
            {"c": 0.01, "loc": -1.0, "scale": 3.0},
            {"c": 0.9999},
        ),
    )
)
