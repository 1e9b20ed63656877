"""Divergences and distances of probability vectors other than the Kullback-Leibler and Jensen-Shannon divergences."""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from skinfo.information import _formulas as formulas
from skinfo.information._functions import js_divergence, kl_divergence
from skinfo.information._laws import is_law
from skinfo.information._rows import Masses, reduce_rows
from skinfo.information._vectors import in_units, log_of_base

_LARGEST = 1e300  # alpha, so that 2 alpha - 1 and its like are finite
_LEAST = 1e-290  # excess of the sum above 1: below it digits are lost
_ALMOST_APART = -0.98  # the same: here 1 + excess is losing digits


def renyi_divergence(
    p: Any, q: Any, alpha: float, *, axis: Any = -1, base: float | None = None, normalize: bool = False
) -> float | NDArray:
    """Renyi divergence of order alpha, log(sum p^alpha q^(1 - alpha)) / (alpha - 1), of probability vectors.

    Parameters
    ----------
    p, q : array-like of shape (..., K), or sparse of shape (n, K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    alpha : float
        The order, from 0 to infinity. 0 gives -log of the mass of ``q`` where ``p`` has some, 1 the Kullback-Leibler
        divergence, infinity the log of the largest ratio p / q.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes, in each of the two; several are as one.
    base : float, default=None
        Base of the logarithm; None means nats.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.

    Returns
    -------
    float or ndarray
        The broadcast shape without ``axis``; a float for two single vectors. Not negative, not decreasing in alpha, 0
        where the two are equal. Infinite where they have no outcome in common and, for alpha of 1 or more, where ``q``
        is 0 and ``p`` is not.

    Raises
    ------
    TypeError
        If ``p`` or ``q`` is a distribution.
    ValueError
        If ``p`` or ``q`` does not hold probabilities, their shapes do not match, ``alpha`` is negative or no number, or
        ``base`` is not positive and different from 1.

    See Also
    --------
    kl_divergence : Its limit at alpha = 1.
    alpha_divergence : A power in place of the logarithm.

    Notes
    -----
    Near p = q, and near alpha = 1, nothing cancels: the sum is 1 + alpha (alpha - 1) A, where A is the alpha
    divergence, whose terms are not negative. Held to 1e-12 of the value.

    References
    ----------
    T. van Erven and P. Harremoes, Renyi divergence and Kullback-Leibler divergence, IEEE Transactions on Information
    Theory 60 (2014), eq. 1 and definition 3.

    Examples
    --------
    >>> from skinfo import renyi_divergence
    >>> renyi_divergence([0.5, 0.5], [0.25, 0.75], 0)
    0.0
    >>> print(f"{renyi_divergence([0.5, 0.5], [0.25, 0.75], 2, base=2):.6f}")
    0.415037
    >>> renyi_divergence([0.5, 0.5, 0.0], [0.25, 0.5, 0.25], float("inf"), base=2)
    1.0
    """
    _refuse_laws("renyi_divergence", p, q)
    order = _order(alpha)
    if not order >= 0:
        raise ValueError(f"alpha must be a number from 0 to infinity; got {alpha!r}")
    unit = log_of_base(base)
    return in_units(reduce_rows(_renyi(order), p, q, axis=axis, normalize=normalize, at_once=sys.maxsize), unit)


def alpha_divergence(p: Any, q: Any, alpha: float, *, axis: Any = -1, normalize: bool = False) -> float | NDArray:
    """Alpha divergence, (sum p^alpha q^(1 - alpha) - 1) / (alpha (alpha - 1)), of probability vectors.

    Parameters
    ----------
    p, q : array-like of shape (..., K), or sparse of shape (n, K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    alpha : float
        The order, any finite number. 1 gives D(p||q) and 0 gives D(q||p), both in nats; 1/2 four times the squared
        Hellinger distance; 2 half of Pearson's chi-squared divergence, -1 half of Neyman's.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes, in each of the two; several are as one.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.

    Returns
    -------
    float or ndarray
        The broadcast shape without ``axis``; a float for two single vectors. Not negative, 0 where the two are equal.
        Infinite for alpha of 1 or more where ``q`` is 0 and ``p`` is not, for alpha of 0 or less where ``p`` is 0 and
        ``q`` is not.

    Raises
    ------
    TypeError
        If ``p`` or ``q`` is a distribution.
    ValueError
        If ``p`` or ``q`` does not hold probabilities, their shapes do not match, or ``alpha`` is not finite.

    See Also
    --------
    renyi_divergence : A logarithm in place of the power.

    Notes
    -----
    The parametrisation of Cichocki and Amari (2010, eq. 6); Amari's own (1985) is alpha = (1 - a) / 2. alpha times this
    is the relative entropy of Tsallis, (sum p^alpha q^(1 - alpha) - 1) / (alpha - 1); twice this is the power
    divergence of Cressie and Read with lambda = alpha - 1. D_alpha(p||q) = D_(1 - alpha)(q||p).

    What is summed is p^alpha q^(1 - alpha) - alpha p - (1 - alpha) q, which has the same sum where both vectors sum to
    one. None of these terms is negative after the division, so nothing cancels. Held to 1e-12 of the value.

    References
    ----------
    A. Cichocki and S. Amari, Families of alpha- beta- and gamma-divergences: flexible and robust measures of
    similarities, Entropy 12 (2010). S. Amari, Differential-Geometrical Methods in Statistics (1985).

    Examples
    --------
    >>> from skinfo import alpha_divergence
    >>> round(alpha_divergence([0.5, 0.5], [0.25, 0.75], 2), 12)
    0.166666666667
    >>> alpha_divergence([0.5, 0.5], [1.0, 0.0], 1)
    inf
    """
    _refuse_laws("alpha_divergence", p, q)
    order = _order(alpha)
    if not abs(order) <= _LARGEST:
        raise ValueError(f"alpha must be a finite number, 1e300 at most; got {alpha!r}")
    return in_units(reduce_rows(formulas.alpha_divergence(order), p, q, axis=axis, normalize=normalize), 1.0)


def jeffreys_divergence(
    p: Any, q: Any, *, axis: Any = -1, base: float | None = None, normalize: bool = False
) -> float | NDArray:
    """Jeffreys divergence D(p||q) + D(q||p) of probability vectors or distributions.

    Parameters
    ----------
    p, q : array-like of shape (..., K), sparse of shape (n, K), distribution or fitted density
        Two arrays of probabilities, summing to one along ``axis``, the other axes broadcast; or two distributions, as
        `kl_divergence` takes them.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes of probability vectors; several are as one.
    base : float, default=None
        Base of the logarithm; None means nats.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.

    Returns
    -------
    float or ndarray
        Not negative, 0 where the two are equal, infinite where one has mass and the other does not; symmetric.

    Raises
    ------
    TypeError
        If one is a distribution and the other is not.
    ValueError
        If an array does not hold probabilities, shapes do not match, distributions cannot be compared, or ``base`` is
        not positive and different from 1.

    See Also
    --------
    kl_divergence : One direction.
    js_divergence : Symmetric and bounded.

    References
    ----------
    H. Jeffreys, An invariant form for the prior probability in estimation problems, Proceedings of the Royal Society A
    186 (1946).

    Examples
    --------
    >>> from scipy import stats
    >>> from skinfo import jeffreys_divergence
    >>> print(f"{jeffreys_divergence([0.8, 0.2], [0.2, 0.8], base=2):.6f}")
    2.400000
    >>> jeffreys_divergence(stats.norm(1), stats.norm(0))
    1.0
    """
    if is_law(p) or is_law(q):
        return kl_divergence(p, q, base=base) + kl_divergence(q, p, base=base)
    unit = log_of_base(base)
    return in_units(reduce_rows(formulas.jeffreys_divergence, p, q, axis=axis, normalize=normalize), unit)


def total_variation(p: Any, q: Any, *, axis: Any = -1, normalize: bool = False) -> float | NDArray:
    """Total variation distance of probability vectors: half the sum of the absolute differences of p and q.

    Parameters
    ----------
    p, q : array-like of shape (..., K), or sparse of shape (n, K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes, in each of the two; several are as one.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.

    Returns
    -------
    float or ndarray
        The broadcast shape without ``axis``; a float for two single vectors. Between 0, where they are equal, and 1,
        where they have no outcome in common: the most by which the probability of an event differs.

    Raises
    ------
    TypeError
        If ``p`` or ``q`` is a distribution.
    ValueError
        If ``p`` or ``q`` does not hold probabilities, or their shapes do not match.

    See Also
    --------
    hellinger_distance : Between it and its square root, up to a factor of sqrt 2.
    kl_divergence : At least 2 TV^2, by Pinsker's inequality.

    References
    ----------
    A. B. Tsybakov, Introduction to Nonparametric Estimation (2009), section 2.4.

    Examples
    --------
    >>> from skinfo import total_variation
    >>> total_variation([0.5, 0.5, 0.0], [0.25, 0.5, 0.25])
    0.25
    """
    _refuse_laws("total_variation", p, q)
    return in_units(reduce_rows(formulas.total_variation, p, q, axis=axis, normalize=normalize), 1.0)


def hellinger_distance(p: Any, q: Any, *, axis: Any = -1, normalize: bool = False) -> float | NDArray:
    """Hellinger distance of probability vectors, sqrt(sum (sqrt p - sqrt q)^2 / 2).

    Parameters
    ----------
    p, q : array-like of shape (..., K), or sparse of shape (n, K)
        Probabilities, summing to one along ``axis``; the other axes broadcast.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes, in each of the two; several are as one.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.

    Returns
    -------
    float or ndarray
        The broadcast shape without ``axis``; a float for two single vectors. Between 0, where they are equal, and 1,
        where they have no outcome in common.

    Raises
    ------
    TypeError
        If ``p`` or ``q`` is a distribution.
    ValueError
        If ``p`` or ``q`` does not hold probabilities, or their shapes do not match.

    See Also
    --------
    total_variation : Between its square and sqrt 2 times it.

    Notes
    -----
    1 - H^2 is the Bhattacharyya coefficient, sum sqrt(p q). Some authors leave out the half.

    References
    ----------
    A. B. Tsybakov, Introduction to Nonparametric Estimation (2009), section 2.4, whose H^2 is twice this one's.

    Examples
    --------
    >>> from skinfo import hellinger_distance
    >>> round(hellinger_distance([1.0, 0.0], [0.36, 0.64]) ** 2, 12)
    0.4
    """
    _refuse_laws("hellinger_distance", p, q)
    return in_units(np.sqrt(reduce_rows(formulas.squared_hellinger, p, q, axis=axis, normalize=normalize)), 1.0)


def js_distance(
    p: Any, q: Any, *, axis: Any = -1, base: float | None = None, normalize: bool = False
) -> float | NDArray:
    """Jensen-Shannon distance, the square root of the divergence, of probability vectors or distributions.

    Parameters
    ----------
    p, q : array-like of shape (..., K), sparse of shape (n, K), distribution or fitted density
        As for `js_divergence`.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes of probability vectors; several are as one.
    base : float, default=None
        Base of the logarithm of the divergence, above 1; None means nats.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.

    Returns
    -------
    float or ndarray
        Between 0, where the two are equal, and the root of log 2, where they have nothing in common; it obeys the
        triangle inequality.

    Raises
    ------
    TypeError
        If ``p`` is rows of data, a distribution has several columns, or one is something else.
    ValueError
        If ``base`` is not above 1, or for what `js_divergence` refuses.

    See Also
    --------
    js_divergence : Its square.
    scipy.spatial.distance.jensenshannon : For arrays, which it normalises.

    References
    ----------
    D. M. Endres and J. E. Schindelin, A new metric for probability distributions, IEEE Transactions on Information
    Theory 49 (2003).

    Examples
    --------
    >>> from skinfo import js_distance
    >>> js_distance([1.0, 0.0], [0.0, 1.0], base=2)
    1.0
    """
    if log_of_base(base) < 0:
        raise ValueError(f"base must be above 1 for a distance, or None for nats; got {base!r}")
    return in_units(np.sqrt(np.asarray(js_divergence(p, q, axis=axis, base=base, normalize=normalize))), 1.0)


def _refuse_laws(function: str, p: Any, q: Any) -> None:
    for name, value in (("p", p), ("q", q)):
        if is_law(value):
            raise TypeError(
                f"{function} takes arrays of probabilities, and {name} is a distribution; kl_divergence, js_divergence "
                "and jeffreys_divergence take distributions"
            )


def _order(alpha: Any) -> float:
    """Read a number; nan for anything else."""
    if not isinstance(alpha, numbers.Real):
        return math.nan
    try:
        return float(alpha)
    except OverflowError:
        raise ValueError("alpha must be a number within the range of floats; it is larger") from None


def _renyi(alpha: float) -> Callable[[Masses, Masses], NDArray]:
    """Formula of the Renyi divergence, of all outcomes together."""
    if alpha == 1:
        return formulas.kl_divergence
    if alpha == 0:
        return _missed_mass
    if alpha > _LARGEST:
        return _largest_log_ratio
    power = formulas.alpha_divergence(alpha)

    def formula(p: Masses, q: Masses) -> NDArray:
        first_order = alpha * power(p, q)
        excess = np.asarray((alpha - 1) * first_order)
        values = np.where(np.abs(excess) < _LEAST, first_order, np.log1p(excess) / (alpha - 1))
        far = ~((excess > _ALMOST_APART) & (excess < _LARGEST))
        if far.any():
            a, b, c = (q.p, p.p, -alpha) if alpha < 0.5 else (p.p, q.p, alpha - 1)
            a, b = a[far], b[far]
            exponents = np.where(a > 0, np.log(a) + c * formulas.log_ratio(a, b), -math.inf)
            values[far] = logsumexp(exponents, axis=-1) / (alpha - 1)
        return values

    return formula


def _missed_mass(p: Masses, q: Masses) -> NDArray:
    """Minus the log of the mass of q where p has some."""
    covered = formulas.outcome_sums(np.where(p.p > 0, q.p, 0.0))
    missed = formulas.outcome_sums(np.where(p.p > 0, 0.0, q.p))
    return np.where(missed < 0.5, 0.0 - np.log1p(-missed), 0.0 - np.log(covered))


def _largest_log_ratio(p: Masses, q: Masses) -> NDArray:
    logs = np.where(p.p > 0, formulas.log_ratio(p.p, q.p), -math.inf)
    return np.maximum(logs.max(axis=-1), 0.0)  # below 0 by the rounding of the sums only
