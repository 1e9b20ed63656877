"""Modified Bessel functions where SciPy's under- or overflow: Debye's expansions."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, kve

DEBYE = 40.0  # from here on, in hypot(nu, x), the expansions are good to rounding
_ORDERS = 15
_TERMS = 60


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


def log_bessel_k(nu: Any, x: Any) -> NDArray:
    """Logarithm of the modified Bessel function of the second kind.

    Parameters
    ----------
    nu : float or ndarray
        Order; the function is even in it.
    x : float or ndarray
        Argument, not negative.

    Returns
    -------
    ndarray
        Infinite at 0.
    """
    nu, x = np.broadcast_arrays(np.abs(np.asarray(nu, dtype=np.float64)), np.asarray(x, dtype=np.float64))
    far = np.hypot(nu, x) >= DEBYE
    out = np.empty(x.shape)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if not far.all():
            out[~far] = _near_log_k(nu[~far], x[~far])
        if far.any():
            out[far] = _far_log_k(nu[far], x[far])
    return out


def _near_log_k(nu: NDArray, x: NDArray) -> NDArray:
    value = np.log(kve(nu, x)) - x
    tiny = np.isposinf(value) & (nu > 0)  # DLMF 10.30.2
    if tiny.any():
        value[tiny] = gammaln(nu[tiny]) - np.log(2) + nu[tiny] * np.log(2 / x[tiny])
    return value


def _far_log_k(nu: NDArray, x: NDArray) -> NDArray:
    """DLMF 10.41.4: the series of 10.41.3 with alternating signs."""
    r = np.hypot(nu, x)
    series = _expansion(_U, (nu / r) ** 2, -r)
    return 0.5 * np.log(np.pi / (2 * r)) - r - nu * np.log(x / (nu + r)) + np.log(series)


def bessel_ratio(nu: float, x: float) -> tuple[float, float, float]:
    """One minus A = I_(nu+1)(x) / I_nu(x), the ratio A / x, and the derivative of A.

    Parameters
    ----------
    nu : float
        Order, not negative.
    x : float
        Positive.

    Returns
    -------
    gap, over, slope : float
        Each to 1e-12 or better, however large x is.
    """
    if math.hypot(nu, x) < DEBYE:
        # x / A by its continued fraction (DLMF 10.33.1), from a tail that is near its own limit
        fraction = 2 * (nu + _TERMS) + x
        for j in range(_TERMS - 1, 0, -1):
            fraction = 2 * (nu + j) + x * x / fraction
        over = 1 / fraction
        gap = 1 - x * over
        return gap, over, gap * (2 - gap) - (2 * nu + 1) * over
    r, u, w = map(float, debye(nu, x))
    correction = w / (u * r)
    y = (nu / r) ** 2
    # r times the derivatives in x, over x / r; y and 1 / r are what the expansions are written in
    u_slope, w_slope = (-float(_expansion(table, y, r)) for table in (_RADIAL_U, _RADIAL_W))
    bend = (x / r) ** 2 * (w_slope / w - u_slope / u - 1)
    gap = (nu + nu**2 / (r + x)) / (r + nu) - x * correction
    return gap, 1 / (r + nu) + correction, nu / (r * (r + nu)) + correction * (1 + bend)


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


def _radial(table: list[NDArray]) -> list[NDArray]:
    """Coefficients of minus r times the derivative in r, nu being constant."""
    return [row * (k + 2 * np.arange(len(row))) for k, row in enumerate(table)]


_U, _W = _coefficients()
_RADIAL_U, _RADIAL_W = _radial(_U), _radial(_W)
