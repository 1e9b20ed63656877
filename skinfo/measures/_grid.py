"""Grids of bins that are narrow relative to the distance from a density's singular points and to the data's spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BITS = 10  # leading bits of the mantissa that tell bins apart: 1,024 in an octave
_SHIFT = 52 - BITS
_FRACTION = (1 << _SHIFT) - 1
_BIN_OF_ONE = 1023 << BITS
_CONCENTRATED = 32.0  # how many spreads from an end the bulk may be before bins about the bulk take over


class Piece(NamedTuple):
    """A range of values, in bins by the leading bits of v: narrow towards an anchor, or about it.

    With ``side`` 1 or -1 the values are above or below the anchor, and v is the distance to it: bins are uniform in its
    logarithm. With ``side`` 0 they are on both sides, and v = 1 + abs(x - anchor) / unit: bins are uniform in a
    symmetric logarithm of the standardised value, and those below the anchor have negative numbers.
    """

    anchor: float
    side: int
    unit: float = 1.0

    def locate(self, x: NDArray) -> tuple[NDArray, NDArray]:
        """Bin of each value, and where in it v is, from -1 to 1."""
        v = x - self.anchor if self.anchor else x.copy()
        if self.side == 0:
            below = v < 0
            np.abs(v, out=v)
            v *= 1 / self.unit
            v += 1.0
        elif self.side < 0:
            np.negative(v, out=v)
        bits = v.view(np.int64)
        u = (bits & _FRACTION).astype(np.float64)
        u *= 2.0 / (1 << _SHIFT)
        u -= 1.0
        bits >>= _SHIFT
        if self.side == 0:
            bits -= _BIN_OF_ONE
            bits ^= -below.astype(np.int64)
        return bits, u

    def values(self, keys: NDArray, u: NDArray) -> NDArray:
        """Values at places u in bins."""
        low, width = self._edges(keys)
        v = low + width * ((1 + u) / 2)
        if self.side == 0:
            return self.anchor + self.unit * np.where(keys < 0, 1 - v, v - 1)
        return self.anchor + self.side * v

    def width(self, x: float) -> float:
        """Width of the bin that holds a value."""
        return self.unit * float(self._edges(self.locate(np.array([x]))[0])[1][0])

    def _edges(self, keys: NDArray) -> tuple[NDArray, NDArray]:
        keys = keys if self.side else np.where(keys < 0, ~keys, keys) + _BIN_OF_ONE
        low = (keys << _SHIFT).view(np.float64)
        return low, ((keys + 1) << _SHIFT).view(np.float64) - low


@dataclass(frozen=True)
class Grid:
    """Pieces that cover the line, each from one cut to the next.

    Parameters
    ----------
    cuts : tuple of float
        Where pieces meet.
    pieces : tuple of Piece
        One more than cuts.
    """

    cuts: tuple[float, ...]
    pieces: tuple[Piece, ...]

    def split(self, x: NDArray) -> list[NDArray | None]:
        """Which values are in each piece; None for all of them."""
        if not self.cuts:
            return [None]
        at = [-math.inf, *self.cuts, math.inf]
        return [(x >= low) & (x < high) for low, high in pairwise(at)]


def choose_grid(quartiles: NDArray, low: float, high: float) -> Grid:
    """Choose the grid for data with such quartiles and for densities singular at these points.

    Parameters
    ----------
    quartiles : ndarray of shape (3,)
        Of the data, or of some of them.
    low, high : float
        Singular points at or below, and at or above the data; infinite where there are none.

    Returns
    -------
    Grid
        Logarithmic towards a singular point, symmetric about the median where that is far from them.
    """
    first, centre, third = map(float, quartiles)
    unit = (third - first) / 2 or 1.0
    line, up, down = Piece(centre, 0, unit), Piece(low, 1), Piece(high, -1)
    far_low, far_high = (end > _CONCENTRATED * unit for end in (centre - low, high - centre))
    if not (far_low and far_high):
        if math.isinf(high):
            return Grid((), (up,))
        if math.isinf(low):
            return Grid((), (down,))
        return Grid((low + (high - low) / 2,), (up, down))
    below = [(low + (centre - low) / 2, up)] if math.isfinite(low) else []
    above = [(centre + (high - centre) / 2, down)] if math.isfinite(high) else []
    cuts = tuple(cut for cut, _ in below + above)
    return Grid(cuts, (*(piece for _, piece in below), line, *(piece for _, piece in above)))
