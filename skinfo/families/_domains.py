"""Domains of parameters, and the coordinates in which each is the whole line."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from scipy.special import expit, logit


class Domain(NamedTuple):
    """An open interval and its map to the whole line."""

    low: float
    high: float
    free: Callable[[float], float]
    bound: Callable[[float], float]
    slope: Callable[[float], float]  # derivative of ``bound``, as a function of the parameter

    def holds(self, value: float) -> bool:
        """Whether a value is in the domain."""
        return self.low < value < self.high


def _exp(u: float) -> float:
    return math.exp(min(u, 700.0))


_REAL = Domain(
    -math.inf, math.inf, math.asinh, lambda u: math.sinh(max(min(u, 700.0), -700.0)), lambda v: math.hypot(1, v)
)
DOMAINS = {
    "positive": Domain(0.0, math.inf, math.log, _exp, lambda v: v),
    "unit": Domain(0.0, 1.0, lambda v: float(logit(v)), lambda u: float(expit(u)), lambda v: v * (1 - v)),
    "above_one": Domain(1.0, math.inf, lambda v: math.log(v - 1), lambda u: 1 + _exp(u), lambda v: v - 1),
    "real": _REAL,
    # Never climbed: an integer is given; a standardised end of the support follows the data's extreme, loc and scale.
    "integer": _REAL,
    "lowest": _REAL,
    "highest": _REAL,
}
