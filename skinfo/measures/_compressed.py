"""A compressed sample: a few thousand weighted values whose smooth sums are those of the rows.

Data squashing (DuMouchel, Volinsky, Johnson, Cortes and Pregibon 1999) done spectrally. One pass adds up four moments
of the rows in each of many narrow bins; two nodes a bin have the same moments. Of these, Gaussian quadrature makes four
nodes for each of fewer, wider bins, which have eight moments in common with the rows there.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from skinfo.measures._grid import BITS, Grid, Piece, choose_grid
from skinfo.measures._rows import Rows

_MOMENTS = 4
_POINT = 1e-10  # a variance in units of a bin's half-width below which rows are taken as one value, or two alike
_NODES = 4  # of a wide bin
_WIDE_BITS = 4  # 16 wide bins in an octave
_RESOLUTION = 8.0  # wide bins per quartile distance
_PILOT_ROWS = 4096
_SPARSE = 4  # bins a row, from which on bins are found by sorting


class CompressedSample:
    """Moments of weighted rows in the bins of a grid; those of several samples on one grid add up.

    Parameters
    ----------
    grid : Grid
        The bins.

    Attributes
    ----------
    total : float
        Sum of the weights.
    lowest, highest : float
        Smallest and largest value.
    """

    def __init__(self, grid: Grid):
        self.grid = grid
        self.total = 0.0
        self.lowest, self.highest = math.inf, -math.inf
        self._bins = [_Bins(piece) for piece in grid.pieces]
        self._narrow_nodes: list[tuple[NDArray, NDArray, NDArray]] | None = None
        self._wide_nodes: dict[int | None, Rows] = {}

    @classmethod
    def of(cls, rows: Rows, low: float = -math.inf, high: float = math.inf) -> CompressedSample:
        """Compress rows for densities that may be singular at two points.

        Parameters
        ----------
        rows : Rows
            One column.
        low, high : float
            Singular points at or below, and at or above all rows.

        Returns
        -------
        CompressedSample
            On a grid chosen from some of the rows.
        """
        sample = cls(choose_grid(rows.subsample(_PILOT_ROWS).quantiles([0.25, 0.5, 0.75]), low, high))
        sample.add(rows)
        return sample

    def add(self, rows: Rows) -> None:
        """Add rows, in one pass.

        Parameters
        ----------
        rows : Rows
            One column.
        """
        for block, weights in rows.blocks(width=2):
            for part, bins in zip(self.grid.split(block), self._bins):
                if part is None:
                    bins.add(block, weights)
                else:
                    bins.add(block[part], None if weights is None else weights[part])
        self.total += rows.total
        self._forget()
        self.lowest, self.highest = min(self.lowest, rows.lowest), max(self.highest, rows.highest)

    def plus(self, rows: Rows) -> CompressedSample:
        """The sample of these rows and more, which leaves this one as it is.

        Parameters
        ----------
        rows : Rows
            One column.

        Returns
        -------
        CompressedSample
            On the same grid.
        """
        both = CompressedSample(self.grid)
        both.merge(self)
        both.add(rows)
        return both

    def merge(self, other: CompressedSample) -> None:
        """Add another sample on the same grid.

        Parameters
        ----------
        other : CompressedSample
            Of other rows.

        Raises
        ------
        ValueError
            If its grid is another one.
        """
        if other.grid != self.grid:
            raise ValueError("samples compressed on different grids don't add up; compress both on one grid")
        for mine, theirs in zip(self._bins, other._bins):
            mine.merge(theirs)
        self.total += other.total
        self._forget()
        self.lowest, self.highest = min(self.lowest, other.lowest), max(self.highest, other.highest)

    def __getstate__(self):
        return self.__dict__ | {"_narrow_nodes": None, "_wide_nodes": {}}

    def _forget(self) -> None:
        self._narrow_nodes, self._wide_nodes = None, {}

    def fine(self) -> Rows:
        """All nodes: two a narrow bin.

        Returns
        -------
        Rows
            Weighted values.
        """
        return self._rows([(x, w) for _, x, w in self._narrow()])

    def nodes(self, bins: int | None = None) -> Rows:
        """Few nodes: four a wide bin.

        Parameters
        ----------
        bins : int, optional
            Wide bins an octave; by default 16, or as many as make them narrow relative to the data's spread.

        Returns
        -------
        Rows
            Weighted values.
        """
        if bins in self._wide_nodes:
            return self._wide_nodes[bins]
        narrow = self._narrow()
        bits = self._wide_bits() if bins is None else [math.ceil(math.log2(bins))] * len(narrow)
        wide = (_gauss(keys >> max(BITS - b, 0), x, w) for b, (keys, x, w) in zip(bits, narrow))
        self._wide_nodes[bins] = self._rows(list(wide))
        return self._wide_nodes[bins]

    def _narrow(self) -> list[tuple[NDArray, NDArray, NDArray]]:
        if self._narrow_nodes is None:
            self._narrow_nodes = [bins.nodes() for bins in self._bins]
        return self._narrow_nodes

    def _wide_bits(self) -> list[int]:
        """Bits that tell the wide bins of each piece apart: more in the piece that holds the bulk of the data."""
        first, median, third = self.fine().quantiles([0.25, 0.5, 0.75])
        bits = [_WIDE_BITS] * len(self._bins)
        (at,) = (i for i, inside in enumerate(self.grid.split(np.array([median]))) if inside is None or inside[0])
        if third > first:
            width = self._bins[at].piece.width(median) * 2 ** (BITS - _WIDE_BITS)
            bits[at] += max(0, math.ceil(math.log2(max(_RESOLUTION * width / (third - first), 1.0))))
        return bits

    def _rows(self, parts: list[tuple[NDArray, NDArray]]) -> Rows:
        x, w = map(np.concatenate, zip(*parts))
        rows = Rows(np.clip(x, self.lowest, self.highest), w)
        rows.lowest, rows.highest = self.lowest, self.highest
        return rows


class _Bins:
    """Moments about the middles of the bins of a piece, from the lowest bin seen to the highest."""

    def __init__(self, piece: Piece):
        self.piece = piece
        self.at_anchor = 0.0  # weight of values at the anchor, which is no bin's
        self.start = 0
        self.sums = np.zeros((_MOMENTS, 0))

    def add(self, x: NDArray, weights: NDArray | None) -> None:
        if not len(x):
            return
        keys, u = self.piece.locate(x)
        first, last = int(keys.min()), int(keys.max())
        if first <= 0 and self.piece.side:
            there = x == self.piece.anchor
            if there.any():
                self.at_anchor += float(there.sum() if weights is None else weights[there].sum())
                self.add(x[~there], None if weights is None else weights[~there])
                return
        if last - first >= _SPARSE * len(x):
            distinct, places = np.unique(keys, return_inverse=True)
        else:
            distinct, places = None, keys - first
        size = last - first + 1 if distinct is None else len(distinct)
        sums = [np.bincount(places, weights, size)]
        power = u if weights is None else u * weights
        for k in range(1, _MOMENTS):
            sums.append(np.bincount(places, power, size))
            if k < _MOMENTS - 1:
                power = power * u
        window = self._window(first, last)
        if distinct is None:
            window += sums
        else:
            window[:, distinct - first] += sums

    def merge(self, other: _Bins) -> None:
        self.at_anchor += other.at_anchor
        if other.sums.shape[1]:
            self._window(other.start, other.start + other.sums.shape[1] - 1)[:] += other.sums

    def nodes(self) -> tuple[NDArray, NDArray, NDArray]:
        """Bins, values and weights of two nodes a bin that share its moments."""
        occupied = np.flatnonzero(self.sums[0])
        keys, (mass, *rest) = self.start + occupied, self.sums[:, occupied]
        mean, square, cube = (s / mass for s in rest)
        variance = square - mean**2
        spread = np.sqrt(np.maximum(variance, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            half_skew = (cube - 3 * mean * square + 2 * mean**3) / (2 * variance * spread)
        half_skew = np.where(variance > _POINT, half_skew, 0.0)
        root = np.sqrt(1 + half_skew**2)
        alone = variance <= 8 * np.finfo(float).eps
        low = np.where(alone, mean, mean + spread * (half_skew - root))
        high = mean + spread * (half_skew + root)
        share = np.where(alone, 1.0, (1 + half_skew / root) / 2)
        two = ~alone
        u = np.clip(np.concatenate([low, high[two]]), -1.0, 1.0)
        weights = np.concatenate([mass * share, (mass * (1 - share))[two]])
        keys = np.concatenate([keys, keys[two]])
        x = self.piece.values(keys, u)
        if self.at_anchor:
            keys, x, weights = np.append(keys, -1), np.append(x, self.piece.anchor), np.append(weights, self.at_anchor)
        order = np.argsort(keys, kind="stable")
        return keys[order], x[order], weights[order]

    def _window(self, first: int, last: int) -> NDArray:
        """Sums of a range of bins, made room for."""
        stop = self.start + self.sums.shape[1]
        if not self.sums.shape[1]:
            self.start, self.sums = first, np.zeros((_MOMENTS, last - first + 1))
        elif first < self.start or last >= stop:
            start, end = min(first, self.start), max(last + 1, stop)
            sums = np.zeros((_MOMENTS, end - start))
            sums[:, self.start - start : stop - start] = self.sums
            self.start, self.sums = start, sums
        return self.sums[:, first - self.start : last + 1 - self.start]


def _gauss(keys: NDArray, x: NDArray, w: NDArray) -> tuple[NDArray, NDArray]:
    """Gaussian quadrature for the nodes of each bin: four with the moments of all, up to the seventh.

    The recurrence of the orthogonal polynomials by Stieltjes' procedure, nodes and weights from its Jacobi matrix
    (Golub and Welsch 1969). A bin of fewer nodes keeps them.

    Parameters
    ----------
    keys : ndarray of shape (n,)
        Bin of each node, in runs.
    x, w : ndarray of shape (n,)
        The nodes.

    Returns
    -------
    x, w : ndarray
        The new ones.
    """
    if not len(x):
        return x, w
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    counts = np.diff(np.append(starts, len(x)))
    few = np.repeat(counts <= _NODES, counts)
    many = counts > _NODES
    if not many.any():
        return x, w
    kept = x[few], w[few]
    x, w, counts = x[~few], w[~few], counts[many]
    starts = np.cumsum(counts) - counts
    centre, half = _runs(np.minimum, x, starts), _runs(np.maximum, x, starts)
    centre, half = (centre + half) / 2, (half - centre) / 2
    half[half == 0] = 1.0
    y = (x - np.repeat(centre, counts)) / np.repeat(half, counts)
    jacobi = np.zeros((len(starts), _NODES, _NODES))
    mass = norm = _runs(np.add, w, starts)
    previous, polynomial = np.zeros_like(y), np.ones_like(y)
    beta = np.zeros_like(norm)
    for k in range(_NODES):
        weighted = w * polynomial
        alpha = _runs(np.add, weighted * polynomial * y, starts) / norm
        jacobi[:, k, k] = alpha
        following = (y - np.repeat(alpha, counts)) * polynomial - np.repeat(beta, counts) * previous
        new_norm = _runs(np.add, w * following**2, starts)
        beta = new_norm / norm
        if k < _NODES - 1:
            jacobi[:, k, k + 1] = jacobi[:, k + 1, k] = np.sqrt(beta)
        exhausted = beta < 1e-14  # as many values as nodes so far: the rest have no weight
        norm = np.where(exhausted, 1.0, new_norm)
        previous, polynomial = polynomial, following
    nodes, vectors = np.linalg.eigh(jacobi)
    weights = mass[:, None] * vectors[:, 0, :] ** 2
    return (
        np.concatenate([kept[0], (centre[:, None] + half[:, None] * nodes).ravel()]),
        np.concatenate([kept[1], weights.ravel()]),
    )


def _runs(ufunc: np.ufunc, values: NDArray, starts: NDArray) -> NDArray:
    return ufunc.reduceat(values, starts)


def compress(rows: Rows, low: float = -math.inf, high: float = math.inf) -> CompressedSample:
    """Compressed sample of rows that keep it; where no singular point is asked for, any that there is will do.

    Parameters
    ----------
    rows : Rows
        One column.
    low, high : float
        Singular points at or below, and at or above all rows.

    Returns
    -------
    CompressedSample
        Made once for each pair of singular points.
    """
    kept = rows.compressed
    if math.isinf(low) and math.isinf(high) and kept:
        return next(iter(kept.values()))
    if (low, high) not in kept:
        kept[low, high] = CompressedSample.of(rows, low, high)
    return kept[low, high]
