"""The hypotenuse of a value and 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_UNIT = 2.0**-500


def length(z: NDArray) -> NDArray:
    """Compute sqrt(1 + z^2), several times as fast as ``np.hypot``: in units whose squares do not overflow.

    Parameters
    ----------
    z : ndarray
        Values.

    Returns
    -------
    ndarray
        To rounding.
    """
    found = z * _UNIT
    found *= found
    found += _UNIT**2
    np.sqrt(found, out=found)
    found /= _UNIT
    return found
