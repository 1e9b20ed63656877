"""Elementary functions of many values, to rounding, fast and without overflow."""

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


def softplus(u: NDArray) -> NDArray:
    """Logarithm of 1 + exp(u).

    Parameters
    ----------
    u : ndarray
        Any values.

    Returns
    -------
    ndarray
        To rounding.
    """
    out = -np.abs(u)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    out += np.maximum(u, 0.0)
    return out
