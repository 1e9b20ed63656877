"""Adaptive integrals and sums, many panels at a time: each panel is compared with its two halves."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from skinfo.utils import row_blocks

# Values (..., m) of functions at m points.
Integrands = Callable[[NDArray], NDArray]
# Their estimates (..., k) over k panels given by their starts and widths.
Rule = Callable[[Integrands, NDArray, NDArray], NDArray]

LEAF = 32  # integers in the smallest panel of a sum, which is summed one by one
_ORDER = 16
_NODES, _WEIGHTS = legendre.leggauss(_ORDER)
_NODES, _WEIGHTS = (1 + _NODES) / 2, _WEIGHTS / 2
_TOLERANCE = 1e-13  # of the total of absolute values: a panel accepted at that is far more accurate
_MAX_DEPTH = 60
_MAX_NODES = 1 << 18


def integrate(
    f: Integrands, start: NDArray, width: NDArray, rule: Rule, smallest: float = 0.0
) -> tuple[NDArray, NDArray, NDArray]:
    """Integrate or sum several functions over panels, halving those where two estimates differ.

    Parameters
    ----------
    f : callable
        Values of the r functions at points, ``(m,) -> (r, m)``.
    start, width : ndarray of shape (k,)
        The panels.
    rule : callable
        `gauss` or `integers`.
    smallest : float, default=0.0
        Width of a panel on which the rule is exact.

    Returns
    -------
    values, sizes, errors : ndarray of shape (r,)
        The integrals, those of the absolute values, and estimates of the errors: root sums of squares of the
        last differences.
    """

    def both(x: NDArray) -> NDArray:
        values = f(x)
        return np.stack([values, np.abs(values)])

    coarse = rule(both, start, width)
    done: NDArray = np.zeros(coarse.shape[:2])
    errors, last, nodes = np.zeros(coarse.shape[1]), np.zeros(0), 0
    for _ in range(_MAX_DEPTH):
        exact = width <= smallest
        done += coarse[..., exact].sum(axis=-1)
        start, width, coarse = start[~exact], width[~exact] / 2, coarse[..., ~exact]
        if not len(start) or nodes > _MAX_NODES:
            break
        start, width = np.concatenate([start, start + width]), np.concatenate([width, width])
        fine = rule(both, start, width)
        nodes += _ORDER * len(start)
        halves = fine.reshape(*fine.shape[:2], 2, -1)
        difference = np.abs(halves.sum(axis=2) - coarse)[0]
        total = done[1] + halves[1].sum(axis=(1, 2))
        good = (difference <= _TOLERANCE * total[:, None]).all(axis=0)
        done += halves[..., good].sum(axis=(2, 3))
        errors = np.hypot(errors, np.linalg.norm(difference[:, good], axis=1))
        last = np.linalg.norm(difference[:, ~good], axis=1)
        keep = np.tile(~good, 2)
        start, width, coarse = start[keep], width[keep], fine[..., keep]
    if len(start):
        errors = np.hypot(errors, last)
    values, sizes = done + coarse.sum(axis=-1)
    return values, sizes, errors


def gauss(f: Integrands, start: NDArray, width: NDArray) -> NDArray:
    """Gauss-Legendre quadrature with 16 nodes on each panel."""
    x = start[:, None] + width[:, None] * _NODES
    values = _in_blocks(f, x.ravel())
    return values.reshape(*values.shape[:-1], *x.shape) @ _WEIGHTS * width


def integers(f: Integrands, start: NDArray, width: NDArray) -> NDArray:
    """Sum over the integers of each panel, ``width`` (32 times a power of two) of them from ``start``.

    A panel of 32 is summed one by one. A longer one takes 16 of its integers, with the weights that sum
    polynomials of degree 15 exactly.
    """
    rules = [_integer_rule(round(math.log2(n / LEAF))) for n in width]
    nodes = np.concatenate([a + offsets for a, (offsets, _) in zip(start, rules)])
    weights = np.concatenate([w for _, w in rules])
    first = np.cumsum([0] + [len(w) for _, w in rules[:-1]])
    return np.add.reduceat(_in_blocks(f, nodes) * weights, first, axis=-1)


def _in_blocks(f: Integrands, x: NDArray) -> NDArray:
    return np.concatenate([f(x[block]) for block in row_blocks(len(x), 16)], axis=-1)


@lru_cache(maxsize=2048)
def _integer_rule(level: int) -> tuple[NDArray, NDArray]:
    """Offsets and weights for the sum over 0, 1, ..., n - 1 with n = 32 * 2^level."""
    if level == 0:
        return np.arange(float(LEAF)), np.ones(LEAF)
    n = math.ldexp(LEAF, level)
    offsets = np.rint(_NODES * n - 0.5)
    at_nodes = legendre.legvander((2 * offsets - (n - 1)) / n, _ORDER - 1)
    return offsets, n * np.linalg.solve(at_nodes.T, _mean_legendre(level))


@lru_cache(maxsize=2048)
def _mean_legendre(level: int) -> NDArray:
    """Means of the Legendre polynomials over n equidistant points, -1 + (2k + 1) / n."""
    if level == 0:
        return legendre.legvander((2 * np.arange(LEAF) - (LEAF - 1)) / LEAF, _ORDER - 1).mean(axis=0)
    return _halving() @ _mean_legendre(level - 1)


@lru_cache(maxsize=1)
def _halving() -> NDArray:
    """Matrix that gives means over 2n points from those over n: each half of the grid is a grid."""
    x = 2 * _NODES - 1
    halves = [legendre.legvander((x + side) / 2, _ORDER - 1) for side in (-1, 1)]
    return np.linalg.solve(legendre.legvander(x, _ORDER - 1), sum(halves) / 2).T
