"""Entropy, cross entropy and divergences of probability vectors along an axis of arrays.

The public functions of the same names, without ``vector_``, say what they take, return and raise. ``reading`` is their
``axis`` and ``normalize``, as `reduce_rows` has them.
"""

from __future__ import annotations

import math
import numbers
from typing import Any

from numpy.typing import ArrayLike, NDArray

from skinfo.information import _formulas as formulas
from skinfo.information._rows import checked_rows, reduce_rows


def vector_entropy(p: ArrayLike, *, base: float | None = None, **reading: Any) -> float | NDArray:
    """H(p) = -sum p log p."""
    unit = log_of_base(base)
    return in_units(reduce_rows(formulas.entropy, p, **reading), unit)


def vector_cross_entropy(p: ArrayLike, q: ArrayLike, *, base: float | None = None, **reading: Any) -> float | NDArray:
    """H(p, q) = -sum p log q."""
    unit = log_of_base(base)
    return in_units(reduce_rows(formulas.cross_entropy, p, q, **reading), unit)


def vector_kl_divergence(p: ArrayLike, q: ArrayLike, *, base: float | None = None, **reading: Any) -> float | NDArray:
    """D(p||q) = sum p log(p / q) - p + q.

    This is Csiszar's I-divergence (Why least squares and maximum entropy?, Annals of Statistics 19, 1991). No term is
    negative, so nothing cancels, and each is computed to rounding however close p is to q. Where both vectors sum to
    one the sum is the divergence. Where rounding, as of float32 entries, leaves sums P and Q, it differs from the
    divergence of p / P and q / Q by terms of order (P - 1) D and (P - Q)^2, while sum p log(p / q) is off by P - Q and
    may be negative.
    """
    unit = log_of_base(base)
    return in_units(reduce_rows(formulas.kl_divergence, p, q, **reading), unit)


def vector_js_divergence(p: ArrayLike, q: ArrayLike, *, base: float | None = None, **reading: Any) -> float | NDArray:
    """D(p||m) / 2 + D(q||m) / 2 with m = (p + q) / 2."""
    unit = log_of_base(base)
    return in_units(reduce_rows(formulas.js_divergence, p, q, **reading), unit)


def entropy_rows(p: NDArray) -> NDArray:
    """H(p) in nats over the last axis of checked probabilities."""
    return checked_rows(formulas.entropy, p)


def cross_entropy_rows(p: NDArray, q: NDArray) -> NDArray:
    """H(p, q) in nats over the last axis of checked probabilities of one shape."""
    return checked_rows(formulas.cross_entropy, p, q)


def kl_divergence_rows(p: NDArray, q: NDArray) -> NDArray:
    """D(p||q) in nats over the last axis of checked probabilities of one shape."""
    return checked_rows(formulas.kl_divergence, p, q)


def log_of_base(base: float | None) -> float:
    """How many nats one unit is: log(base), or 1 where ``base`` is None."""
    if base is None:
        return 1.0
    if not (isinstance(base, numbers.Real) and 0 < base < math.inf and base != 1):
        raise ValueError(f"base must be a positive number other than 1, or None for nats; got {base!r}")
    return math.log(base)


def in_units(nats: NDArray, unit: float) -> float | NDArray:
    """Convert nats to a unit; a 0-d result becomes a float."""
    if unit != 1:
        nats = nats / unit
    return float(nats) if nats.ndim == 0 else nats
