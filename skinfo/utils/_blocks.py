"""Walking rows in blocks that stay in cache."""

import math
from collections.abc import Iterator

# Half of a typical 1 MiB second-level cache; what is computed from a block takes the other half.
_BLOCK_BYTES = 1 << 19
_MIN_ROWS = 256
_BLOCK_ENTRIES = 1 << 15  # of an array, where there are two and a temporary


def block_rows(width: int = 8) -> int:
    """How many rows a block has.

    Parameters
    ----------
    width : int, default=8
        How many float64 values a row's computation holds at a time, its own columns included.

    Returns
    -------
    int
        So many that their working set fits in cache.
    """
    return max(_MIN_ROWS, _BLOCK_BYTES // (8 * max(1, width)))


def row_blocks(n_rows: int, width: int = 8) -> Iterator[slice]:
    """Slices that cover ``range(n_rows)`` in blocks whose working set fits in cache.

    Parameters
    ----------
    n_rows : int
        Number of rows.
    width : int, default=8
        How many float64 values a row's computation holds at a time, its own columns included.

    Yields
    ------
    slice
        Consecutive, not empty, in order.
    """
    size = block_rows(width)
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


def index_blocks(shape: tuple[int, ...], entries: int = _BLOCK_ENTRIES) -> Iterator[tuple[slice | int, ...]]:
    """Indices that cover all but the last axis of an array in blocks that fit in cache; vectors are not cut.

    Parameters
    ----------
    shape : tuple of int
        The array's, of one axis at least.
    entries : int
        How many numbers a block has at most, unless one vector has more.

    Yields
    ------
    tuple
        Of integers and, at the end, a slice; empty for a single vector.
    """
    if len(shape) == 1:
        yield ()
        return
    size = math.prod(shape[1:])
    if size > entries and len(shape) > 2:
        for i in range(shape[0]):
            yield from ((i, *rest) for rest in index_blocks(shape[1:], entries))
        return
    rows = max(1, entries // max(1, size))
    for start in range(0, shape[0], rows):
        yield (slice(start, start + rows),)
