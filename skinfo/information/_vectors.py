"""Entropy, cross entropy and divergences of probability vectors along an axis of arrays."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skinfo.utils import check_probabilities, row_blocks

# Arrays of a block's size that a termwise formula holds at a time.
_WORKING_ARRAYS = 8

# Where |p - q| <= _NEAR (p + q) the divergences' terms are of second order in p - q, and come from their
# series in y = ((p - q) / (p + q))^2 <= 1/64, cut where the next power is below rounding.
_NEAR = 0.125
_KL_SERIES = 1.0 / np.arange(3.0, 19.0, 2.0)
_JS_SERIES = 1.0 / (np.arange(2.0, 18.0, 2.0) * np.arange(1.0, 17.0, 2.0))


def vector_entropy(p: ArrayLike, *, axis: int = -1, base: float | None = None) -> float | NDArray:
    """Entropy of probability vectors, H(p) = -sum p log p.

    Parameters
    ----------
    p : array-like of shape (..., K)
        Probabilities, summing to one along ``axis``.
    axis : int, default=-1
        The axis of the K outcomes.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    float or ndarray
        The shape of ``p`` without ``axis``; a float for a single vector. 0 log 0 is 0.

    Raises
    ------
    ValueError
        If ``p`` does not hold probabilities, or ``base`` is not positive and different from 1.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), eq. 2.1.

    Examples
    --------
    >>> vector_entropy([0.5, 0.25, 0.25], base=2)
    1.5
    """
    return _in_units(entropy_rows(_outcomes_last(p, "p", axis)), base)


def vector_cross_entropy(p: ArrayLike, q: ArrayLike, *, axis: int = -1, base: float | None = None) -> float | NDArray:
    """Cross entropy of probability vectors, H(p, q) = -sum p log q.

    Parameters
    ----------
    p, q : array-like of shape (..., K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    axis : int, default=-1
        The axis of the K outcomes, in each of the two.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    float or ndarray
        The broadcast shape without ``axis``; a float for two single vectors. Infinite where ``q`` is 0 and
        ``p`` is not.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` does not hold probabilities, their shapes do not match, or ``base`` is not positive
        and different from 1.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), theorem 5.4.3: the expected length, up
    to one bit, of a code made for q when the outcomes follow p.

    Examples
    --------
    >>> vector_cross_entropy([0.5, 0.5, 0.0], [0.25, 0.5, 0.25], base=2)
    1.5
    >>> vector_cross_entropy([0.5, 0.5], [1.0, 0.0])
    inf
    """
    return _in_units(cross_entropy_rows(*_pair(p, q, axis)), base)


def vector_kl_divergence(p: ArrayLike, q: ArrayLike, *, axis: int = -1, base: float | None = None) -> float | NDArray:
    """Kullback-Leibler divergence of probability vectors, D(p||q) = sum p log(p / q).

    Parameters
    ----------
    p, q : array-like of shape (..., K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    axis : int, default=-1
        The axis of the K outcomes, in each of the two.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    float or ndarray
        The broadcast shape without ``axis``; a float for two single vectors. Never negative (in a base above
        1), exactly 0 where the two are equal, infinite where ``q`` is 0 and ``p`` is not.

    Raises
    ------
    ValueError
        If ``p`` or ``q`` does not hold probabilities, their shapes do not match, or ``base`` is not positive
        and different from 1.

    Notes
    -----
    What is summed is p log(p / q) - p + q (Csiszar's I-divergence). No term is negative, so nothing cancels,
    and each is computed to rounding however close p is to q. Where both vectors sum to one the sum is the
    same. Where rounding, as of float32 entries, leaves sums P and Q, it differs from the divergence of p / P
    and q / Q by terms of order (P - 1) D and (P - Q)^2, while sum p log(p / q) is off by P - Q and may be
    negative.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), eq. 2.26. I. Csiszar, Why least squares
    and maximum entropy?, Annals of Statistics 19 (1991).

    Examples
    --------
    >>> vector_kl_divergence([0.5, 0.5, 0.0], [0.25, 0.5, 0.25], base=2)
    0.5
    """
    return _in_units(kl_divergence_rows(*_pair(p, q, axis)), base)


def vector_js_divergence(p: ArrayLike, q: ArrayLike, *, axis: int = -1, base: float | None = None) -> float | NDArray:
    """Jensen-Shannon divergence of probability vectors, D(p||m) / 2 + D(q||m) / 2 with m = (p + q) / 2.

    Parameters
    ----------
    p, q : array-like of shape (..., K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    axis : int, default=-1
        The axis of the K outcomes, in each of the two.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    float or ndarray
        The broadcast shape without ``axis``; a float for two single vectors. Between 0, where they are equal,
        and log 2, where they have no outcome in common; symmetric. (Its square root is a distance.)

    Raises
    ------
    ValueError
        If ``p`` or ``q`` does not hold probabilities, their shapes do not match, or ``base`` is not positive
        and different from 1.

    References
    ----------
    J. Lin, Divergence measures based on the Shannon entropy, IEEE Transactions on Information Theory 37
    (1991).

    Examples
    --------
    >>> vector_js_divergence([1.0, 0.0], [0.0, 1.0], base=2)
    1.0
    """
    p, q = _pair(p, q, axis)
    return _in_units(_row_sums(_js_terms, p, q), base)


def log_of_base(base: float | None) -> float:
    """How many nats one unit is: log(base), or 1 where ``base`` is None."""
    if base is None:
        return 1.0
    if not (isinstance(base, numbers.Real) and 0 < base < math.inf and base != 1):
        raise ValueError(f"base must be a positive number other than 1, or None for nats; got {base!r}")
    return math.log(base)


def entropy_rows(p: NDArray) -> NDArray:
    """H(p) in nats over the last axis of checked probabilities."""
    return cross_entropy_rows(p, p)


def cross_entropy_rows(p: NDArray, q: NDArray) -> NDArray:
    """H(p, q) in nats over the last axis of checked probabilities of one shape."""
    return 0.0 - _row_sums(_times_log, p, q)


def kl_divergence_rows(p: NDArray, q: NDArray) -> NDArray:
    """D(p||q) in nats over the last axis of checked probabilities of one shape."""
    return _row_sums(_kl_terms, p, q)


def _times_log(p: NDArray, q: NDArray) -> NDArray:
    """Compute p log q; 0 where p is, whatever q."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.log(q)
        terms *= p
    terms[p == 0] = 0.0
    return terms


def _kl_terms(p: NDArray, q: NDArray) -> NDArray:
    """Compute p log(p / q) - p + q."""
    difference = p - q
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = p / q
    terms = _times_log(p, ratio)
    if np.isinf(terms.sum()):
        # The ratio overflows where q is far below the normal range; it is infinite only where q is 0.
        overflow = np.isinf(ratio) & (q > 0)
        terms[overflow] = p[overflow] * (np.log(p[overflow]) - np.log(q[overflow]))
    terms -= difference
    near = np.abs(difference) <= _NEAR * (p + q)
    if near.any():
        # With x = (p - q) / (p + q): (p + q) ((1 + x) artanh x - x), by the series of artanh.
        x, total = _relative_difference(p[near], q[near])
        y = x * x
        terms[near] = total * y * (1.0 + (x + y) * np.polynomial.polynomial.polyval(y, _KL_SERIES))
    return terms


def _js_terms(p: NDArray, q: NDArray) -> NDArray:
    """Compute (p log(2 p / (p + q)) + q log(2 q / (p + q))) / 2."""
    total = p + q
    with np.errstate(invalid="ignore"):
        terms = 0.5 * (_times_log(p, 2.0 * p / total) + _times_log(q, 2.0 * q / total))
    near = np.abs(p - q) <= _NEAR * total
    if near.any():
        # With x = (p - q) / (p + q): (p + q) / 4 times (1 + x) log(1 + x) + (1 - x) log(1 - x), by its
        # series.
        x, total = _relative_difference(p[near], q[near])
        y = x * x
        terms[near] = 0.5 * total * y * np.polynomial.polynomial.polyval(y, _JS_SERIES)
    return terms


def _relative_difference(p: NDArray, q: NDArray) -> tuple[NDArray, NDArray]:
    """Return (p - q) / (p + q), 0 where both are 0, and p + q."""
    total = p + q
    return np.divide(p - q, total, out=np.zeros_like(total), where=total > 0), total


def _row_sums(terms: Callable[[NDArray, NDArray], NDArray], p: NDArray, q: NDArray) -> NDArray:
    """Sum ``terms(p, q)`` over the last axis in float64, in blocks of the first."""
    sums = np.empty(p.shape[:-1])
    p, q, out = np.atleast_2d(p), np.atleast_2d(q), np.atleast_1d(sums)
    for rows in row_blocks(p.shape[0], _WORKING_ARRAYS * math.prod(p.shape[1:])):
        block = terms(p[rows].astype(np.float64, copy=False), q[rows].astype(np.float64, copy=False))
        np.sum(block, axis=-1, out=out[rows])
    return sums


def _outcomes_last(p: ArrayLike, name: str, axis: int) -> NDArray:
    """Check probabilities along an axis and move it to the end."""
    try:
        return np.moveaxis(check_probabilities(p, name=name, axis=axis), axis, -1)
    except IndexError:
        raise np.exceptions.AxisError(axis, np.ndim(p), name) from None


def _pair(p: ArrayLike, q: ArrayLike, axis: int) -> tuple[NDArray, NDArray]:
    """Check two arrays of probabilities and broadcast them, outcomes last."""
    left, right = _outcomes_last(p, "p", axis), _outcomes_last(q, "q", axis)
    shapes = f"p has shape {np.shape(p)} and q has shape {np.shape(q)}"
    if left.shape[-1] != right.shape[-1]:
        raise ValueError(f"p and q must have as many outcomes along axis {axis}: {shapes}")
    try:
        left, right = np.broadcast_arrays(left, right)
    except ValueError:
        raise ValueError(f"p and q must broadcast over the axes other than {axis}: {shapes}") from None
    return left, right


def _in_units(nats: NDArray, base: float | None) -> float | NDArray:
    """Convert nats to the base's unit; a 0-d result becomes a float."""
    values = nats / log_of_base(base)
    return float(values) if values.ndim == 0 else values
