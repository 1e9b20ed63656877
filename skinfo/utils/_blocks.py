"""Walking rows in blocks that stay in cache."""

from collections.abc import Iterator

# Half of a typical 1 MiB second-level cache; what is computed from a block takes the other half.
_BLOCK_BYTES = 1 << 19
_MIN_ROWS = 256


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
