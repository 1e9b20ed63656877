"""Rows of data as a measure: weighted means, taken in cache-sized blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.measures._statistics import LOG, LOG_SQUARE, ONE, SQUARE, Statistic, Values, X
from skinfo.utils import block_rows, row_blocks

_CACHE_SIZE = 64
_SORTED_ROWS = 1 << 16  # more are not sorted as a whole
_MARGIN = 4.0  # standard errors of a quantile's rank in a subsample
_MAX_TABLE = 1 << 16  # distinct integers counted by an array of that length, at most


class Rows:
    """The empirical distribution of rows with weights.

    Parameters
    ----------
    x : ndarray of shape (n,) or (n, p)
        The rows, numeric; read block by block, never copied as a whole unless a weight is zero.
    weights : ndarray of shape (n,), optional
        Non-negative weights; rows of weight zero are left out.

    Attributes
    ----------
    x, weights : ndarray
        As given, without the rows of weight zero.
    total : float
        Sum of the weights; the number of rows where there are none.
    has_atoms : bool
        Whether a density that grows without bound at a value has an infinite mean log.
    """

    has_atoms = True

    def __init__(self, x: NDArray, weights: NDArray | None = None):
        if weights is not None and not weights.all():
            x, weights = x[weights > 0], weights[weights > 0]
        self.x = x
        self.weights = weights
        self.total = float(len(x)) if weights is None else float(weights.sum())
        self._means: dict[tuple[Statistic, float, float], float] = {}
        self._moments: dict[tuple[float, bool], tuple[float, float, float]] = {}
        self._table: Rows | None = None
        self.compressed: dict[tuple[float, float], Any] = {}  # see `compress`
        self.fits: dict[Any, Any] = {}  # kept by whoever makes them

    def __getstate__(self):
        return {"x": self.x, "weights": self.weights, "lowest": self.lowest, "highest": self.highest}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Rows.__init__(self, state["x"], state["weights"])
        self.lowest, self.highest = state["lowest"], state["highest"]

    def __len__(self) -> int:
        return len(self.x)

    def blocks(self, width: int = 8) -> Iterator[tuple[NDArray, NDArray | None]]:
        """Rows and their weights, float64 and contiguous, a cache-sized block at a time.

        Parameters
        ----------
        width : int, default=8
            Values that the computation holds for each row.

        Yields
        ------
        block : ndarray
            The rows.
        weights : ndarray or None
            Their weights.
        """
        for rows in row_blocks(len(self.x), width):
            block = np.ascontiguousarray(self.x[rows], dtype=np.float64)
            yield block, None if self.weights is None else self.weights[rows]

    def expect(self, f: Callable[[NDArray], Any], width: int = 8) -> NDArray:
        """Weighted mean of a vectorised function over the rows.

        Parameters
        ----------
        f : callable
            Takes a block of rows ``(b,)`` or ``(b, p)``; returns an array ``(..., b)``, or a tuple of arrays ``(b,)``.
        width : int, default=8
            Values that ``f`` holds for each row; decides the size of a block.

        Returns
        -------
        ndarray of shape (...)
            The means.
        """
        if len(self.x) <= block_rows(width) and self.x.dtype == np.float64:  # as nodes are, thousands of times
            return np.asarray(_weighted_sum(f(self.x), self.weights) / self.total)
        return np.asarray(sum(_weighted_sum(f(block), w) for block, w in self.blocks(width)) / self.total)

    @cached_property
    def lowest(self) -> float:
        """Smallest value."""
        return float(self.x.min())

    @cached_property
    def highest(self) -> float:
        """Largest value."""
        return float(self.x.max())

    def moments(self, loc: float = 0.0, *, log: bool = False) -> tuple[float, float]:
        """Mean and variance of x, or of log(x - loc), each block centred before it is squared.

        Parameters
        ----------
        loc : float, default=0.0
            Shift before the logarithm; without one the mean is of x itself.
        log : bool, default=False
            Whether to take the logarithm.

        Returns
        -------
        mean, variance : float
            Blocks are merged as in Chan, Golub and LeVeque (1983), equation 1.5.
        """
        origin, mean, variance = self.centred_moments(loc, log)
        return origin + mean, variance

    def centred_moments(self, loc: float = 0.0, log: bool = False) -> tuple[float, float, float]:
        """Mean and variance, the mean as an origin and a distance from it.

        Parameters
        ----------
        loc : float, default=0.0
            Shift before the logarithm; without one the mean is of x itself.
        log : bool, default=False
            Whether to take the logarithm.

        Returns
        -------
        origin, mean, variance : float
            The mean is at origin + mean, which would round it where it is far from zero.
        """
        key = (loc if log else 0.0, log)
        if key not in self._moments:
            total, mean, squares, origin = 0.0, 0.0, 0.0, None  # the mean is kept as a distance from the first block's
            for block, w in self.blocks(width=4):
                y = np.log(block - loc if loc else block) if log else block
                weight = float(len(y)) if w is None else float(w.sum())
                centre = float(_weighted_sum(y, w)) / weight
                d = y - centre
                # the rounding of the first mean is read off the centred values
                rest = float(_weighted_sum(d, w)) / weight
                block_squares = float(d @ d if w is None else w @ (d * d)) - weight * rest**2
                origin = centre if origin is None else origin
                gap = (centre - origin - mean) + rest
                total += weight
                mean += gap * weight / total
                squares += block_squares + gap**2 * weight * (total - weight) / total
            self._moments[key] = origin or 0.0, mean, max(squares, 0.0) / total
        return self._moments[key]

    def means(self, statistics: Iterable[Statistic], loc: float = 0.0, scale: float = 1.0) -> dict[Statistic, float]:
        """Mean of each statistic at (x - loc) / scale, the missing ones in one pass, kept for the next call.

        Parameters
        ----------
        statistics : iterable of Statistic
            What to average.
        loc, scale : float
            Standardisation.

        Returns
        -------
        dict of Statistic to float
            The means.
        """
        if len(self._means) > _CACHE_SIZE:
            self._means.clear()
        plans = {t: t.scaled(scale) for t in statistics}
        pending = {
            (part, loc, scale if terms is None else 1.0)
            for t, terms in plans.items()
            if self._from_moments(t, loc, scale) is None
            for part in terms or {t: 1.0}
            if self._from_moments(part, loc, 1.0) is None
        } - self._means.keys()
        if pending:
            self._collect(sorted(pending, key=repr))

        def mean(t: Statistic, s: float) -> float:
            known = self._from_moments(t, loc, s)
            return self._means[t, loc, s] if known is None else known

        return {
            t: mean(t, scale)
            if terms is None or self._from_moments(t, loc, scale) is not None
            else sum(c * mean(part, 1.0) for part, c in terms.items())
            for t, terms in plans.items()
        }

    def _from_moments(self, statistic: Statistic, loc: float, scale: float) -> float | None:
        if statistic is ONE:
            return 1.0
        if statistic is X or statistic is SQUARE:
            origin, mean, variance = self.centred_moments()
            gap = (origin - loc) + mean
            return gap / scale if statistic is X else (variance + gap**2) / scale**2
        if statistic is LOG_SQUARE or (statistic is LOG and (loc, True) in self._moments):
            mean, variance = self.moments(loc, log=True)
            mean -= float(np.log(scale))
            return mean if statistic is LOG else variance + mean**2
        return None

    def _collect(self, pending: list[tuple[Statistic, float, float]]) -> None:
        loc = pending[0][1]

        def values(block: NDArray) -> tuple[NDArray, ...]:
            y = Values(block - loc if loc else block)
            return tuple(t(y if s == 1 else Values(y.z / s)) for t, _, s in pending)

        means = self.expect(values, width=4 + 2 * len(pending))
        self._means.update(zip(pending, means.tolist()))

    def quantiles(self, levels: NDArray | list[float]) -> NDArray:
        """Quantiles, by linear interpolation; with weights the first value whose cumulated weight reaches the level.

        Parameters
        ----------
        levels : array-like of shape (m,)
            Levels in [0, 1].

        Returns
        -------
        ndarray of shape (m,)
            The quantiles.
        """
        if len(self.x) <= _SORTED_ROWS:
            return np.array([_quantile(self.x, self.weights, level * self._span) for level in levels])
        return np.array([self._select(level) for level in levels])

    @property
    def _span(self) -> float:
        """Weight from the first row to the last, what a level of 1 is worth."""
        return len(self.x) - 1 if self.weights is None else self.total

    def _select(self, level: float) -> float:
        """A quantile from the few rows near it; a subsample says where to look (Floyd and Rivest 1975)."""
        some = np.sort(self.subsample(_SORTED_ROWS // 8).x)
        reach = _MARGIN * math.sqrt(len(some))
        first, last = math.floor(level * len(some) - reach), math.ceil(level * len(some) + reach)
        low = some[first] if first > 0 else -math.inf
        high = some[last] if last < len(some) else math.inf
        below, values, weights = 0.0, [], []
        for block, w in self.blocks(width=4):
            under, inside = block < low, (block >= low) & (block <= high)
            below += float(np.count_nonzero(under) if w is None else w[under].sum())
            values.append(block[inside])
            if w is not None:
                weights.append(w[inside])
        x, w = np.concatenate(values), np.concatenate(weights) if weights else None
        wanted = level * self._span - below
        if not 0 <= wanted <= (len(x) - 1 if w is None else w.sum()):  # in rows as ordered as ours may be
            x, w, wanted = self.x, self.weights, level * self._span
        return _quantile(x, w, wanted)

    def subsample(self, size: int) -> Rows:
        """Every k-th row, about ``size`` of them.

        Parameters
        ----------
        size : int
            Rows wanted.

        Returns
        -------
        Rows
            Evenly spaced rows with their weights.
        """
        step = max(1, len(self.x) // size)
        return Rows(self.x[::step], None if self.weights is None else self.weights[::step])

    def reflected(self) -> Rows:
        """The measure of minus the values.

        Returns
        -------
        Rows
            With the same weights.
        """
        rows = Rows(-self.x, self.weights)
        rows.lowest, rows.highest = -self.highest, -self.lowest
        return rows

    def table(self) -> Rows:
        """The same measure on its distinct values, for integers, which are few.

        Returns
        -------
        Rows
            Distinct values, weighted.
        """
        if self._table is None:
            self._table = self._tabulate()
        return self._table

    def _tabulate(self) -> Rows:
        width = self.highest - self.lowest
        if width < min(_MAX_TABLE, 16 * len(self.x)) and self.highest < 2**53 and self.lowest > -(2**53):
            offset = self.lowest
            counts: NDArray = np.zeros(int(width) + 1)
            for block, w in self.blocks(width=4):
                counts += np.bincount((block - offset).astype(np.intp), w, minlength=len(counts))
            seen = np.flatnonzero(counts)
            return Rows(seen + offset, counts[seen])
        return self.distinct()

    def distinct(self) -> Rows:
        """The same measure on its distinct values, found by sorting.

        Returns
        -------
        Rows
            Distinct values, weighted.
        """
        values, inverse = np.unique(self.x, return_inverse=True)
        return Rows(values.astype(np.float64), np.bincount(inverse, self.weights).astype(np.float64))


def _weighted_sum(values: NDArray | tuple[NDArray, ...], weights: NDArray | None) -> NDArray:
    if isinstance(values, tuple):
        return np.array([_weighted_sum(v, weights) for v in values])
    return values.sum(axis=-1) if weights is None else values @ weights


def _quantile(x: NDArray, weights: NDArray | None, wanted: float) -> float:
    """Value at a position, or at a cumulated weight; half way to the next where that is reached exactly."""
    if weights is None:
        low = min(math.floor(wanted), len(x) - 1)
        high = min(low + 1, len(x) - 1)
        part = np.partition(x, [low, high]).astype(np.float64)
        return float(part[low] + (wanted - low) * (part[high] - part[low]))
    order = np.argsort(x, kind="stable")
    cumulated = np.cumsum(weights[order])
    last = len(order) - 1
    low = min(int(np.searchsorted(cumulated, wanted, side="left")), last)
    high = min(int(np.searchsorted(cumulated, wanted, side="right")), last)
    return (float(x[order[low]]) + float(x[order[high]])) / 2
