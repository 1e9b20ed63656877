"""Rows of X, dense or sparse, walked in blocks as if every column were centred and scaled."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skinfo.utils import block_rows, row_blocks

# A column whose mean is further from zero than this, in standard deviations, is centred before it is
# multiplied: later the digits would be gone.
_FAR = 1e3
# Deviations up to this share of the spacing of a column's values are the rounding of a constant's moments.
_CONSTANT = 1e-5
# Columns of smaller deviations, as a power of two, have coefficients that overflow.
_LEAST_EXPONENT = -1000
# Below this a variance, or its square, may have lost digits to underflow, if its column's largest value is below that.
_SMALL_VARIANCE, _SMALL_VALUE = 1e-140, 1e-60
_PILOT_ROWS = 128
# Of a block of sparse rows: what it adds to has as many entries as X has columns.
_ENTRIES_PER_COLUMN = 4


class Rows(Protocol):
    """What the objective asks of a row format.

    The columns it stands for are ``(x - centre) * inverse_scale``. A block holds ``x - shift``, where
    the shift is the part of the centring done on the numbers themselves; the objective does the rest
    through the intercept.
    """

    n_rows: int
    n_columns: int
    n_entries: int
    columns: Columns
    centre: NDArray

    def slices(self, width: int) -> Iterator[slice]:
        """Return blocks of rows for a computation that holds so many values a row beside the row itself."""

    def block(self, rows: slice) -> Any:
        """Return a block of rows."""

    def logits(self, block: Any, coef: NDArray, out: NDArray) -> NDArray:
        """Write ``coef @ block.T`` to ``out``, of shape (n_logits, n_block)."""

    def gradient(self, block: Any, residual: NDArray) -> NDArray:
        """Return ``residual @ block``, of shape (n_logits, n_columns)."""

    def absolute(self, block: Any) -> Any:
        """Return a block of the numbers' absolute values."""

    def take(self, index: NDArray) -> Rows:
        """Return some of the rows, in the same units."""

    def restrict(self, index: NDArray) -> Rows:
        """Return some of the columns, copied, in the same units."""

    def dense(self, block: Any, out: NDArray) -> NDArray:
        """Write the centred and scaled columns that the block stands for to ``out``."""

    def norms(self) -> NDArray:
        """Return the squared length of each row in standardised columns."""


class Columns:
    """Location, scale and tail weight of each column.

    Parameters
    ----------
    mean, deviation, kurtosis : ndarray of shape (n_columns,)
        Weighted mean, standard deviation, and fourth moment in units of it (about zero without an intercept).
    centred : bool
        Whether the model may centre columns, which takes an intercept.

    Attributes
    ----------
    inverse_scale : ndarray of shape (n_columns,)
        One over a power of two near the deviation; zero where the column is left out.
    faint : ndarray of bool of shape (n_columns,)
        Whether the column is left out though it is not constant: it varies by a few spacings of its values.
    """

    def __init__(self, mean: NDArray, deviation: NDArray, kurtosis: NDArray, *, centred: bool):
        self.mean = mean if centred else np.zeros_like(mean)
        if not np.isfinite(deviation).all():
            column = int(np.argmin(np.isfinite(deviation)))
            raise ValueError(f"X: the values of column {column} are too large to be squared; divide it by a constant")
        spacing = np.finfo(np.float64).eps * np.abs(self.mean)
        constant = deviation <= 8 * spacing
        self.faint = constant & (deviation > _CONSTANT * spacing)
        # Powers of two: scaling then rounds nothing. A constant column is not a column of the model.
        exponent = np.frexp(np.where(constant, 1.0, deviation))[1]
        if np.any(exponent < _LEAST_EXPONENT):
            column = int(np.argmin(exponent))
            raise ValueError(
                f"X: the values of column {column} vary by {deviation[column]:.1g}, which is too little for its "
                "coefficient to be a number; multiply it by a constant"
            )
        self.inverse_scale = np.where(constant, 0.0, np.ldexp(1.0, -exponent))
        self.second_moment = (deviation * self.inverse_scale) ** 2
        self.tail = float(np.nanmax(np.where(constant, 1.0, kurtosis), initial=1.0))
        self.far = ~constant & (np.abs(self.mean) > _FAR * deviation)

    @classmethod
    def unit(cls, n_columns: int) -> Columns:
        """Return columns that are taken as they are."""
        # A deviation of one half has the unit one.
        return cls(np.zeros(n_columns), np.full(n_columns, 0.5), np.ones(n_columns), centred=False)

    def take(self, index: NDArray) -> Columns:
        """Return some of the columns."""
        part = copy.copy(self)
        for name in ("mean", "inverse_scale", "second_moment", "far", "faint"):
            setattr(part, name, getattr(self, name)[index])
        return part


class DenseRows:
    """Rows of a dense array; see `Rows`."""

    def __init__(self, X: NDArray, columns: Columns, *, ready: bool = False):
        self.X = X
        self.n_rows, self.n_columns = X.shape
        self.n_entries = X.size
        self.columns = columns
        # Other types than float64 are converted block by block, and centred for free meanwhile.
        copied = not ready and (columns.far.any() or X.dtype != np.float64)
        self.shift = columns.mean if copied else None
        self.centre = np.zeros(self.n_columns) if copied or ready else columns.mean
        self._buffer = np.empty((0, self.n_columns))
        self._products = np.empty(0)

    def slices(self, width: int) -> Iterator[slice]:
        """Return blocks of rows that fit in cache."""
        return row_blocks(self.n_rows, self.n_columns + width)

    def block(self, rows: slice) -> NDArray:
        """Return a block of rows, in a buffer that the next call overwrites."""
        if self.shift is None:
            return self.X[rows]
        size = rows.stop - rows.start
        if self._buffer.shape[0] < size:
            self._buffer = np.empty((size, self.n_columns))
        return np.subtract(self.X[rows], self.shift, out=self._buffer[:size])

    def logits(self, block: NDArray, coef: NDArray, out: NDArray) -> NDArray:
        """Write ``coef @ block.T`` to ``out``."""
        if coef.shape[0] == 1:
            return np.matmul(coef, block.T, out=out)
        # BLAS is quicker where the rows are read as they lie in memory.
        shape = (block.shape[0], coef.shape[0])
        if self._products.size < out.size:
            self._products = np.empty(out.size)
        products = self._products[: out.size].reshape(shape)
        out[...] = np.matmul(block, np.ascontiguousarray(coef.T), out=products).T
        return out

    def gradient(self, block: NDArray, residual: NDArray) -> NDArray:
        """Return ``residual @ block``."""
        return residual @ block

    def absolute(self, block: NDArray) -> NDArray:
        """Return a block of absolute values."""
        return np.abs(block)

    def take(self, index: NDArray) -> DenseRows:
        """Return some of the rows, centred."""
        location = self.centre if self.shift is None else self.shift
        return DenseRows(self.X[index].astype(np.float64) - location, self.columns, ready=True)

    def restrict(self, index: NDArray) -> DenseRows:
        """Return some of the columns, centred."""
        X = np.empty((self.n_rows, index.size))
        for rows in row_blocks(self.n_rows, self.n_columns):
            X[rows] = (self.block(rows) - self.centre)[:, index]
        return DenseRows(X, self.columns.take(index), ready=True)

    def dense(self, block: NDArray, out: NDArray) -> NDArray:
        """Write the block's centred and scaled columns to ``out``."""
        np.subtract(block, self.centre, out=out)
        out *= self.columns.inverse_scale
        return out

    def norms(self) -> NDArray:
        """Return the squared length of each row in standardised columns."""
        squares = np.empty(self.n_rows)
        scaled = np.empty((0, self.n_columns))
        for rows in row_blocks(self.n_rows, 2 * self.n_columns):
            block = self.block(rows)
            if scaled.shape[0] < block.shape[0]:
                scaled = np.empty(block.shape)
            part = self.dense(block, scaled[: block.shape[0]])
            np.einsum("ij,ij->i", part, part, out=squares[rows])
        return squares


class SparseBlock:
    """A block of rows, and the same numbers as the columns of its transpose."""

    def __init__(self, rows: sparse.csr_matrix):
        self.shape, self.rows, self.columns = rows.shape, rows, rows.T


class SparseRows:
    """Rows of a CSR matrix, never densified and centred through the intercept; see `Rows`.

    Columns that are far from zero and stored in every row are centred on a copy of the stored numbers.
    """

    def __init__(self, X: sparse.csr_matrix, columns: Columns, centre: NDArray | None = None):
        if centre is None:
            centre = columns.mean
            if columns.far.any():
                shift = np.where(
                    columns.far & (np.bincount(X.indices, minlength=X.shape[1]) == X.shape[0]), centre, 0.0
                )
                X = sparse.csr_matrix((X.data - shift[X.indices], X.indices, X.indptr), X.shape)
                centre = centre - shift
        self.X = X
        self.n_rows, self.n_columns = X.shape
        self.n_entries = X.nnz
        self.columns = columns
        self.centre = centre
        self._blocks: dict[tuple[int, int], SparseBlock] = {}

    def slices(self, width: int) -> Iterator[slice]:
        """Return blocks of rows that fit in cache, but hold more entries than X has columns."""
        per_row = max(1.0, self.X.nnz / max(1, self.n_rows))
        size = max(block_rows(int(per_row) + width), int(_ENTRIES_PER_COLUMN * self.n_columns / per_row))
        for start in range(0, self.n_rows, size):
            yield slice(start, min(start + size, self.n_rows))

    def block(self, rows: slice) -> SparseBlock:
        """Return a block of rows that shares memory with X."""
        key = (rows.start, rows.stop)
        if key not in self._blocks:
            indptr = self.X.indptr[rows.start : rows.stop + 1]
            stored = slice(indptr[0], indptr[-1])
            block = sparse.csr_matrix((rows.stop - rows.start, self.n_columns))
            block.data, block.indices, block.indptr = (
                self.X.data[stored],
                self.X.indices[stored],
                indptr - indptr[0],
            )
            self._blocks[key] = SparseBlock(block)
        return self._blocks[key]

    def logits(self, block: SparseBlock, coef: NDArray, out: NDArray) -> NDArray:
        """Write ``coef @ block.T`` to ``out``."""
        if coef.shape[0] == 1:
            out[0] = block.rows @ coef[0]
        else:
            out[...] = (block.rows @ np.ascontiguousarray(coef.T)).T
        return out

    def gradient(self, block: SparseBlock, residual: NDArray) -> NDArray:
        """Return ``residual @ block``."""
        if residual.shape[0] == 1:
            return (block.columns @ residual[0])[None]
        return (block.columns @ np.ascontiguousarray(residual.T)).T

    def absolute(self, block: SparseBlock) -> SparseBlock:
        """Return a block of absolute values."""
        return SparseBlock(abs(block.rows))

    def take(self, index: NDArray) -> SparseRows:
        """Return some of the rows."""
        return SparseRows(self.X[index], self.columns, self.centre)

    def restrict(self, index: NDArray) -> SparseRows:
        """Return some of the columns."""
        return SparseRows(self.X[:, index], self.columns.take(index), self.centre[index])

    def dense(self, block: SparseBlock, out: NDArray) -> NDArray:
        """Write the block's centred and scaled columns to ``out``, densified."""
        np.subtract(block.rows.toarray(), self.centre, out=out)
        out *= self.columns.inverse_scale
        return out

    def norms(self) -> NDArray:
        """Return the squared length of each row in scaled columns, stored entries only."""
        scaled = self.X.data * self.columns.inverse_scale[self.X.indices]
        return np.asarray(
            sparse.csr_matrix((scaled**2, self.X.indices, self.X.indptr), self.X.shape).sum(axis=1)
        ).ravel()


def standardise(X: Any, mass: NDArray, *, centred: bool) -> Rows:
    """Measure the columns and return the rows in units of them.

    Parameters
    ----------
    X : ndarray or csr_matrix of shape (n_rows, n_columns)
        The rows; not copied and not modified.
    mass : ndarray of shape (n_rows,)
        Weight of each row, positive.
    centred : bool
        Whether to centre columns.

    Returns
    -------
    DenseRows or SparseRows
        The rows.

    Raises
    ------
    ValueError
        If the square of a column's deviations overflows, or one over them.
    """
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    with np.errstate(all="ignore"):
        columns = Columns(*_measure(X, mass, centred), centred=centred)
    return SparseRows(X, columns) if sparse.issparse(X) else DenseRows(X, columns)


def _measure(X: Any, mass: NDArray, centred: bool) -> tuple[NDArray, NDArray, NDArray]:
    """Weighted mean, standard deviation and kurtosis of each column, in any unit whose squares don't overflow."""
    moments: Any = _sparse_moments if sparse.issparse(X) else _dense_moments
    mean, variance, fourth = moments(X, mass, centred)
    deviation, kurtosis = np.sqrt(variance), fourth / variance**2
    small = np.flatnonzero(variance < _SMALL_VARIANCE)
    if small.size:
        largest = _largest_values(X, small)
        small, largest = (each[(largest > 0) & (largest < _SMALL_VALUE)] for each in (small, largest))
    if small.size:
        exponent = np.frexp(largest)[1]
        part = X[:, small].astype(np.float64)
        if sparse.issparse(part):
            part.data = np.ldexp(part.data, -exponent[part.indices])
        else:
            part = np.ldexp(part, -exponent)
        scaled, variance, fourth = moments(part, mass, centred)
        mean[small], deviation[small] = np.ldexp(scaled, exponent), np.ldexp(np.sqrt(variance), exponent)
        kurtosis[small] = fourth / variance**2
    return mean, deviation, kurtosis


def _largest_values(X: Any, columns: NDArray) -> NDArray:
    """Largest absolute values of some columns."""
    if sparse.issparse(X):
        return abs(X[:, columns]).max(axis=0).toarray().ravel()
    largest = np.zeros(columns.size)
    for rows in row_blocks(X.shape[0], X.shape[1]):
        np.maximum(largest, np.abs(X[rows][:, columns]).max(axis=0), out=largest)
    return largest


def _dense_moments(X: NDArray, mass: NDArray, centred: bool) -> tuple[NDArray, NDArray, NDArray]:
    """Weighted mean, variance and fourth moment in one pass, taken about a few rows' mean."""
    n_rows, n_columns = X.shape
    pilot = np.zeros(n_columns)
    if centred:
        pilot = X[:: max(1, n_rows // _PILOT_ROWS)].mean(axis=0, dtype=np.float64)
    sums = np.zeros((3, n_columns))
    for rows, deviation in _deviations(X, pilot):
        sums[0] += mass[rows] @ deviation
        deviation *= deviation
        sums[1] += mass[rows] @ deviation
        deviation *= deviation
        sums[2] += mass[rows] @ deviation
    first, second, fourth = sums / mass.sum()
    if centred:
        second = np.maximum(second - first**2, 0.0)
    return pilot + first, second, fourth


def _deviations(X: NDArray, pilot: NDArray) -> Iterator[tuple[slice, NDArray]]:
    n_rows, n_columns = X.shape
    buffer = np.empty((0, n_columns))
    for rows in row_blocks(n_rows, 2 * n_columns):
        size = rows.stop - rows.start
        if buffer.shape[0] < size:
            buffer = np.empty((size, n_columns))
        yield rows, np.subtract(X[rows], pilot, out=buffer[:size])


def _sparse_moments(X: sparse.csr_matrix, mass: NDArray, centred: bool) -> tuple[NDArray, NDArray, NDArray]:
    """Weighted mean, variance and fourth moment; entries that are not stored are zeros."""
    total = mass.sum()

    def mean_of(values: NDArray) -> NDArray:
        return sparse.csr_matrix((values, X.indices, X.indptr), X.shape, copy=False).T @ mass / total

    mean = mean_of(X.data) if centred else np.zeros(X.shape[1])
    unstored = np.maximum(1.0 - mean_of(np.ones(X.nnz)), 0.0)
    unstored[np.bincount(X.indices, minlength=X.shape[1]) == X.shape[0]] = 0.0
    deviation = X.data - mean[X.indices]
    if centred and np.any(unstored < 1e-9):
        # The rounding of the mean: all there is where a column is constant.
        rest = mean_of(deviation) - unstored * mean
        mean = mean + rest
        deviation -= rest[X.indices]
    deviation *= deviation
    second = mean_of(deviation) + unstored * mean**2
    deviation *= deviation
    return mean, second, mean_of(deviation) + unstored * mean**4
