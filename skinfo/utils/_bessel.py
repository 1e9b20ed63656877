"""Modified Bessel functions of the first kind where SciPy's under- or overflow: Debye's expansions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

DEBYE = 40.0  # from here on, in hypot(nu, x), the expansions are good to rounding
_ORDERS = 15


class Debye(NamedTuple):
    """What the expansions of I_nu(x) and its derivative are put together from.

    With r = hypot(nu, x) (DLMF 10.41.3 and 10.41.4, written so that nu = 0 and x = 0 are no exceptions):
    log I_nu(x) = r + nu log(x / (nu + r)) - log(2 pi r) / 2 + log(u) and x I'_nu(x) / I_nu(x) = r + (x / r)^2 r w / u.
    """

    r: Any
    u: Any
    w: Any


def debye(nu: Any, x: Any) -> Debye:
    """Debye's expansions, to be used where r is at least `DEBYE`.

    Parameters
    ----------
    nu : float or ndarray
        Order, not negative.
    x : float or ndarray
        Argument, not negative.

    Returns
    -------
    Debye
        Sums of the series.
    """
    r = np.maximum(np.hypot(nu, x), DEBYE)
    y = (nu / r) ** 2
    return Debye(r, _expansion(_U, y, r), _expansion(_W, y, r))


def _expansion(table: list[NDArray], y: Any, r: Any) -> Any:
    total = np.zeros_like(r)
    for row in table[::-1]:
        total = total / r + np.polynomial.polynomial.polyval(y, row)
    return total


def _coefficients() -> tuple[list[NDArray], list[NDArray]]:
    """Coefficients by order k and power of y = (nu / r)^2 of u and w: U_k(p) of DLMF 10.41.9 is p^k u_k(p^2)."""
    u = [[Fraction(1)]]
    w = [[Fraction(0)]]
    for k in range(_ORDERS):
        last = u[-1]
        w.append([-(k + Fraction(1, 2) + 2 * j) * c for j, c in enumerate(last)])
        following = [Fraction(0)] * (k + 2)
        for j, c in enumerate(last):
            # p^(k+2j): (1 - p^2) p^2 / 2 times its derivative, and the integral of (1 - 5 p^2) / 8 times it
            degree = k + 2 * j
            following[j] += c * (Fraction(degree, 2) + Fraction(1, 8 * (degree + 1)))
            following[j + 1] -= c * (Fraction(degree, 2) + Fraction(5, 8 * (degree + 3)))
        u.append(following)
    return _floats(u), _floats(w)


def _floats(rows: list[list[Fraction]]) -> list[NDArray]:
    return [np.array([float(c) for c in row]) for row in rows]


_U, _W = _coefficients()
