"""The shared vocabulary of statistics T_j that log densities are linear in.

Each statistic is a function of the standardised value z = (x - loc) / scale. It knows how it changes when z is
shifted or rescaled and what its derivative is, in terms of the same vocabulary; that is all the algebra from which
log densities, scores and closed-form cross entropies are put together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Terms = dict["Statistic", float]  # a linear combination: statistic -> coefficient


class Values:
    """Standardised values with the transforms that several statistics share, each computed once.

    Parameters
    ----------
    z : ndarray
        The values.
    """

    def __init__(self, z: NDArray):
        self.z = z

    @cached_property
    def log(self) -> NDArray:
        """Logarithm of the values."""
        return np.log(self.z)


class Statistic:
    """A function T of the standardised value."""

    def __call__(self, v: Values) -> NDArray:
        """T(z) for each value."""
        raise NotImplementedError

    def scaled(self, s: float) -> Terms | None:
        """T(y / s) as terms in y, or None where the vocabulary has no words for it."""
        return {self: 1.0} if s == 1 else None

    def shifted(self, d: float) -> Terms | None:
        """T(y + d) as terms in y, or None."""
        return {self: 1.0} if d == 0 else None

    @property
    def slope(self) -> Terms | None:
        """The derivative T'(z) as terms, or None."""
        return None

    @property
    def radial(self) -> Terms | None:
        """The scale derivative z T'(z) as terms, or None."""
        return None


@dataclass(frozen=True)
class _One(Statistic):
    """The constant 1."""

    def __call__(self, v):
        return np.ones_like(v.z)

    def scaled(self, s):  # noqa: ARG002 - a constant has no units
        return {self: 1.0}

    def shifted(self, d):  # noqa: ARG002
        return {self: 1.0}

    slope = radial = {}  # noqa: RUF012 - the empty combination: zero


@dataclass(frozen=True)
class _X(Statistic):
    """The value itself."""

    def __call__(self, v):
        return v.z

    def scaled(self, s):
        return {self: 1 / s}

    def shifted(self, d):
        return {self: 1.0, ONE: d}

    @property
    def slope(self):
        return {ONE: 1.0}

    @property
    def radial(self):
        return {self: 1.0}


@dataclass(frozen=True)
class _Square(Statistic):
    """The square z^2."""

    def __call__(self, v):
        return v.z * v.z

    def scaled(self, s):
        return {self: 1 / s**2}

    def shifted(self, d):
        return {self: 1.0, X: 2 * d, ONE: d * d}

    @property
    def slope(self):
        return {X: 2.0}

    @property
    def radial(self):
        return {self: 2.0}


@dataclass(frozen=True)
class Abs(Statistic):
    """The distance abs(z - centre)."""

    centre: float = 0.0

    def __call__(self, v):
        return np.abs(v.z - self.centre)

    def scaled(self, s):
        return {Abs(self.centre * s): 1 / s}

    def shifted(self, d):
        return {Abs(self.centre - d): 1.0}

    @property
    def radial(self):
        return {self: 1.0} if self.centre == 0 else None


@dataclass(frozen=True)
class _Log(Statistic):
    """The logarithm log z."""

    def __call__(self, v):
        return v.log

    def scaled(self, s):
        return {self: 1.0, ONE: -np.log(s)}

    @property
    def slope(self):
        return {Power(-1.0): 1.0}

    @property
    def radial(self):
        return {ONE: 1.0}


@dataclass(frozen=True)
class _LogSquare(Statistic):
    """The squared logarithm (log z)^2."""

    def __call__(self, v):
        return v.log * v.log

    def scaled(self, s):
        return {self: 1.0, LOG: -2 * np.log(s), ONE: np.log(s) ** 2}

    @property
    def slope(self):
        return {PowerLog(-1.0): 2.0}

    @property
    def radial(self):
        return {LOG: 2.0}


@dataclass(frozen=True)
class _Log1m(Statistic):
    """The logarithm of the distance to one, log(1 - z)."""

    def __call__(self, v):
        return np.log1p(-v.z)

    @property
    def slope(self):
        return {INVERSE_1M: -1.0}

    @property
    def radial(self):
        return {ONE: 1.0, INVERSE_1M: -1.0}


@dataclass(frozen=True)
class _Inverse1m(Statistic):
    """The reciprocal of the distance to one, 1 / (1 - z)."""

    def __call__(self, v):
        return 1 / (1 - v.z)


_LARGEST_LOG = 700.0  # of a factor that neither overflows nor underflows


def _out_of_range(s: float, exponent: float) -> bool:
    """Whether powers of values about s, in other units, may be too large or small for floating-point numbers."""
    return not abs(exponent * np.log(s)) <= 300


@dataclass(frozen=True)
class Power(Statistic):
    """The power z^exponent."""

    exponent: float

    def __call__(self, v):
        if self.exponent == -1:
            return 1 / v.z
        return np.exp(self.exponent * v.log)

    def scaled(self, s):
        if _out_of_range(s, self.exponent):
            return None
        return {self: s**-self.exponent}

    @property
    def slope(self):
        return {Power(self.exponent - 1): self.exponent}

    @property
    def radial(self):
        return {self: self.exponent}


@dataclass(frozen=True)
class PowerLog(Statistic):
    """The product z^exponent log z, the derivative of a power in its exponent."""

    exponent: float

    def __call__(self, v):
        return Power(self.exponent)(v) * v.log

    def scaled(self, s):
        if _out_of_range(s, self.exponent):
            return None
        factor = s**-self.exponent
        return {self: factor, Power(self.exponent): -math.log(s) * factor}

    @property
    def slope(self):
        return {PowerLog(self.exponent - 1): self.exponent, Power(self.exponent - 1): 1.0}

    @property
    def radial(self):
        return {self: self.exponent, Power(self.exponent): 1.0}


@dataclass(frozen=True)
class Excess(Statistic):
    """The distance beyond a centre, max(sign (z - centre), 0)."""

    sign: float = 1.0
    centre: float = 0.0

    def __call__(self, v):
        return np.maximum(self.sign * (v.z - self.centre), 0.0)

    def scaled(self, s):
        return {Excess(self.sign, self.centre * s): 1 / s}

    def shifted(self, d):
        return {Excess(self.sign, self.centre - d): 1.0}

    @property
    def radial(self):
        return {self: 1.0} if self.centre == 0 else None


@dataclass(frozen=True)
class Exp(Statistic):
    """The exponential exp(rate z)."""

    rate: float

    def __call__(self, v):
        return np.exp(self.rate * v.z)

    def scaled(self, s):
        return {Exp(self.rate / s): 1.0}

    def shifted(self, d):
        return {self: math.exp(self.rate * d)} if abs(self.rate * d) <= _LARGEST_LOG else None

    @property
    def slope(self):
        return {self: self.rate}

    @property
    def radial(self):
        return {XExp(self.rate): self.rate}


@dataclass(frozen=True)
class XExp(Statistic):
    """The product z exp(rate z), the derivative of an exponential in its rate."""

    rate: float

    def __call__(self, v):
        return v.z * np.exp(self.rate * v.z)

    def scaled(self, s):
        return {XExp(self.rate / s): 1 / s}

    def shifted(self, d):
        if not abs(self.rate * d) <= _LARGEST_LOG:
            return None
        factor = math.exp(self.rate * d)
        return {self: factor, Exp(self.rate): d * factor}

    @property
    def slope(self):
        return {self: self.rate, Exp(self.rate): 1.0}


@dataclass(frozen=True)
class _Sine(Statistic):
    """The sine of an angle."""

    def __call__(self, v):
        return np.sin(v.z)

    def shifted(self, d):
        return {self: math.cos(d), ONE: math.sin(d), VERSINE: -math.sin(d)}

    @property
    def slope(self):
        return {ONE: 1.0, VERSINE: -1.0}


@dataclass(frozen=True)
class _Versine(Statistic):
    """The versed sine 1 - cos z of an angle: small angles keep their digits."""

    def __call__(self, v):
        s = np.sin(v.z / 2)
        return 2 * s * s

    def shifted(self, d):
        return {self: math.cos(d), ONE: 2 * math.sin(d / 2) ** 2, SINE: math.sin(d)}

    @property
    def slope(self):
        return {SINE: 1.0}


ONE = _One()
X = _X()
SQUARE = _Square()
LOG = _Log()
LOG_SQUARE = _LogSquare()
LOG1M = _Log1m()
INVERSE_1M = _Inverse1m()
SINE = _Sine()
VERSINE = _Versine()


def combine(*scaled_terms: tuple[float, Terms | None]) -> Terms | None:
    """Add linear combinations, each with a factor; None if any is None.

    Parameters
    ----------
    *scaled_terms : tuple of (float, dict or None)
        Factor and terms.

    Returns
    -------
    dict or None
        The sum, without terms whose coefficient is zero.
    """
    total: Terms = {}
    for factor, terms in scaled_terms:
        if terms is None:
            return None
        for statistic, coefficient in terms.items():
            total[statistic] = total.get(statistic, 0.0) + factor * coefficient
    return {statistic: c for statistic, c in total.items() if c != 0}
