"""Domains of parameters, and the coordinates in which each is the whole line."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from scipy.special import expit, logit


class Domain(NamedTuple):
    """An interval and the map of its interior to the whole line."""

    low: float
    high: float
    free: Callable[[float], float]
    bound: Callable[[float], float]
    slope: Callable[[float], float]  # derivative of ``bound``, as a function of the parameter
    closed_low: bool = False
    closed_high: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value is in the domain."""
        return self.low < value < self.high or (self.closed_low and value == self.low) or self.is_top(value)

    def is_top(self, value: float) -> bool:
        """Whether a value is the upper end of a domain that has one."""
        return self.closed_high and value == self.high


def _exp(u: float) -> float:
    return math.exp(min(u, 700.0))


_REAL = Domain(
    -math.inf, math.inf, math.asinh, lambda u: math.sinh(max(min(u, 700.0), -700.0)), lambda v: math.hypot(1, v)
)
_NOT_CLIMBED = ("integer", "lowest", "highest")
DOMAINS = {
    "positive": Domain(0.0, math.inf, math.log, _exp, lambda v: v),
    "unit": Domain(0.0, 1.0, lambda v: float(logit(v)), lambda u: float(expit(u)), lambda v: v * (1 - v)),
    "above_one": Domain(1.0, math.inf, lambda v: math.log(v - 1), lambda u: 1 + _exp(u), lambda v: v - 1),
    "not negative": Domain(0.0, math.inf, math.log, _exp, lambda v: v, closed_low=True),
    "real": _REAL,
    # Never climbed: an integer is given; a standardised end of the support follows the data's extreme, loc and scale.
    "integer": _REAL,
    "lowest": _REAL,
    "highest": _REAL,
}


def domain_name(low: float, high: float, closed_low: bool = False, closed_high: bool = False) -> str:
    """Name of the domain with these ends, which is made where there is none yet.

    Parameters
    ----------
    low, high : float
        The ends.
    closed_low, closed_high : bool, default=False
        Whether they belong to it.

    Returns
    -------
    str
        A key of ``DOMAINS``.
    """
    ends = low, high, closed_low, closed_high
    for name, known in DOMAINS.items():
        if name not in _NOT_CLIMBED and (known.low, known.high, known.closed_low, known.closed_high) == ends:
            return name
    name = f"{'[' if closed_low else '('}{low:g}, {high:g}{']' if closed_high else ')'}"
    if math.isinf(low) or math.isinf(high):
        sign, end = (1.0, low) if math.isinf(high) else (-1.0, high)
        DOMAINS[name] = Domain(
            low,
            high,
            lambda v: math.log(sign * (v - end)),
            lambda u: end + sign * _exp(u),
            lambda v: v - end,
            closed_low,
            closed_high,
        )
    else:
        width = high - low
        DOMAINS[name] = Domain(
            low,
            high,
            lambda v: float(logit((v - low) / width)),
            lambda u: low + width * float(expit(u)),
            lambda v: (v - low) * (high - v) / width,
            closed_low,
            closed_high,
        )
    return name
