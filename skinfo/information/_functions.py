"""Entropy, cross entropy and divergences of vectors, distributions, fitted densities and rows."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from skinfo.information import _monte_carlo as sampled
from skinfo.information import _multivariate as laws
from skinfo.information._laws import ACCEPTED, as_law, is_law
from skinfo.information._likelihood import mean_negative_log_likelihood
from skinfo.information._monte_carlo import is_sampled
from skinfo.information._vectors import (
    log_of_base,
    vector_cross_entropy,
    vector_entropy,
    vector_js_divergence,
    vector_kl_divergence,
)

_ROWS = (
    "rows of a continuous variable have no entropy (their empirical distribution is a set of points, without "
    "a density), so there is no divergence from them either. Use cross_entropy(X, q) to compare models of "
    "the same rows, or fit a density to the rows and pass that"
)


def entropy(
    p: Any,
    *,
    axis: Any = -1,
    base: float | None = None,
    normalize: bool = False,
    rtol: float = 0.01,
    random_state: Any = None,
) -> float | NDArray:
    """Entropy H(p) = E_p[-log p] of probability vectors or of a distribution.

    Parameters
    ----------
    p : array-like of shape (..., K), sparse of shape (n, K), distribution or fitted density
        Probabilities, summing to one along ``axis``; a frozen distribution of `scipy.stats`, of either
        infrastructure; a fitted `ParametricDensity`; or any fitted density estimator with ``score_samples`` and
        ``sample``.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes of probability vectors; several are as one.
    base : float, default=None
        Base of the logarithm; None means nats.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.
    rtol : float, default=0.01
        Of density estimators only: standard error to reach, relative to the value or to 1 nat.
    random_state : int, RandomState instance or None, default=None
        Of density estimators only: for the draws.

    Returns
    -------
    float or ndarray
        For vectors the shape of ``p`` without ``axis``. A distribution's is a float: the differential entropy
        where it is continuous, which may be negative and depends on the units of x. A density estimator's
        is an `Estimate` by draws, a float with a ``standard_error``.

    Raises
    ------
    NotFittedError
        If ``p`` is an estimator that has not been fitted.
    TypeError
        If ``p`` is none of these.
    ValueError
        If ``p`` does not hold probabilities, has parameters out of range, or ``base`` is not positive and
        different from 1.

    Warns
    -----
    RuntimeWarning
        If a numerical integral did not reach a relative accuracy of 1e-8.
    ConvergenceWarning
        If 2^20 draws from a density estimator did not reach ``rtol``.

    See Also
    --------
    cross_entropy : With the log probability of another distribution.

    Notes
    -----
    A family of the catalogue takes its closed form. Any other distribution of one variable is integrated or
    summed numerically. Of the laws of several columns, the normal, Student, Dirichlet, multinomial, von
    Mises-Fisher, Wishart and inverse Wishart are known.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), eqs. 2.1 and 8.1.

    Examples
    --------
    >>> from scipy import stats
    >>> from skinfo.information import entropy
    >>> entropy([0.5, 0.25, 0.25], base=2)
    1.5
    >>> round(entropy(stats.norm(0, 2)), 6)
    2.112086
    """
    if is_law(p):
        unit = log_of_base(base)
        return sampled.entropy(p, rtol, random_state, unit) if is_sampled(p) else laws.entropy(as_law(p, "p")) / unit
    try:
        return vector_entropy(p, axis=axis, base=base, normalize=normalize)
    except ValueError as error:
        if str(error).startswith(("p must be probabilities", "p must sum")):
            raise ValueError(f"{error}. If these are rows of data: {_ROWS}") from None
        raise


def cross_entropy(
    p: Any,
    q: Any,
    *,
    axis: Any = -1,
    base: float | None = None,
    normalize: bool = False,
    rtol: float = 0.01,
    random_state: Any = None,
) -> float | NDArray:
    """Cross entropy H(p, q) = E_p[-log q] of vectors, distributions, or from rows of data to a distribution.

    Parameters
    ----------
    p : array-like or distribution
        What the mean is taken under: probabilities ``(..., K)``, or sparse ``(n, K)``, where ``q`` is an array; rows of
        data ``(n, p)``, or ``(n,)`` of one variable, where ``q`` is a distribution; or a distribution, as ``q``.
    q : array-like of shape (..., K), sparse of shape (n, K), distribution or fitted density
        What has the log probability: an array of probabilities; a frozen distribution of `scipy.stats`, of
        either infrastructure; a fitted `ParametricDensity`; or any fitted density estimator with
        ``score_samples``, and ``sample`` if it is ``p``.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes of probability vectors; several are as one.
    base : float, default=None
        Base of the logarithm; None means nats.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.
    rtol : float, default=0.01
        Of density estimators only: standard error to reach, relative to the value or to 1 nat.
    random_state : int, RandomState instance or None, default=None
        Of density estimators only: for the draws.

    Returns
    -------
    float or ndarray
        Infinite where ``p`` has mass and ``q`` does not. From rows it is the mean negative log-likelihood. With
        a density estimator, and no rows, it is an `Estimate` by draws from ``p``.

    Raises
    ------
    NotFittedError
        If one of them is an estimator that has not been fitted.
    TypeError
        If the two cannot be compared, or one is something else.
    ValueError
        If one is continuous and the other discrete, the columns or labels of the two differ, rows are not finite,
        parameters are out of range, an array does not hold probabilities, or ``base`` is not positive and
        different from 1.

    Warns
    -----
    RuntimeWarning
        If a numerical integral did not reach a relative accuracy of 1e-8.
    ConvergenceWarning
        If 2^20 draws from a density estimator did not reach ``rtol``.

    See Also
    --------
    kl_divergence : What q costs above the entropy of p.

    Notes
    -----
    Where log q is linear in statistics whose means the family of p knows, the answer is that sum; otherwise
    -log q is integrated or summed numerically. A normal law in a subspace has the density that SciPy gives it
    there.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), theorem 5.4.3.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import stats
    >>> from skinfo.information import cross_entropy
    >>> cross_entropy([0.5, 0.5], [0.25, 0.75], base=2)
    1.207518749639422
    >>> round(cross_entropy(stats.expon(), stats.gamma(2)), 6)
    1.577216
    >>> round(cross_entropy(np.array([0.5, 1.0, 2.0, 4.5]), stats.expon(scale=2)), 6)
    1.693147
    """
    if not is_law(q):
        _refuse_law(p, "p", "q")
        return vector_cross_entropy(p, q, axis=axis, base=base, normalize=normalize)
    unit = log_of_base(base)
    if is_law(p):
        if is_sampled(p) or is_sampled(q):
            return sampled.cross_entropy(p, q, rtol, random_state, unit)
        return laws.cross_entropy(*laws.as_laws(p, q)) / unit
    return mean_negative_log_likelihood(p, q) / unit


def kl_divergence(
    p: Any,
    q: Any,
    *,
    axis: Any = -1,
    base: float | None = None,
    normalize: bool = False,
    rtol: float = 0.01,
    random_state: Any = None,
) -> float | NDArray:
    """Kullback-Leibler divergence D(p||q) = E_p[log p - log q] of probability vectors or distributions.

    Parameters
    ----------
    p, q : array-like of shape (..., K), sparse of shape (n, K), distribution or fitted density
        Two arrays of probabilities, summing to one along ``axis``, the other axes broadcast; or two
        distributions: frozen ones of `scipy.stats`, of either infrastructure, fitted `ParametricDensity`
        estimators, or any fitted density estimators with ``score_samples`` and ``sample``.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes of probability vectors; several are as one.
    base : float, default=None
        Base of the logarithm; None means nats.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.
    rtol : float, default=0.01
        Of density estimators only: standard error to reach, relative to the value.
    random_state : int, RandomState instance or None, default=None
        Of density estimators only: for the draws.

    Returns
    -------
    float or ndarray
        Not negative, 0 where the two are equal, infinite where ``p`` has mass and ``q`` does not. With a density
        estimator it is an `Estimate` by draws from both.

    Raises
    ------
    NotFittedError
        If one of them is an estimator that has not been fitted.
    TypeError
        If ``p`` is rows of data, the two cannot be compared, or one is something else.
    ValueError
        If one is continuous and the other discrete, the columns or labels of the two differ, parameters are out of
        range, an array does not hold probabilities, or ``base`` is not positive and different from 1.

    Warns
    -----
    RuntimeWarning
        If a numerical integral did not reach a relative accuracy of 1e-8.
    ConvergenceWarning
        If 2^20 draws from a density estimator did not reach ``rtol``.

    See Also
    --------
    js_divergence : Symmetric and bounded.
    jeffreys_divergence : Symmetric.
    renyi_divergence, alpha_divergence : Families it belongs to.

    Notes
    -----
    Two laws of one exponential family have a sum of terms that are not negative, which keeps twelve digits
    however close they are. Other pairs of the catalogue take the difference of their coefficients times the means
    of the statistics; where that cancels, and where there is no closed form, the divergence is an integral or a
    sum of terms that are not negative. Sums over the columns of a product. By draws it is the mean of
    (p log(p / q) - p + q) / m under m = (p + q) / 2, none of whose terms is negative: its standard error is
    small next to it also where p and q are nearly equal.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), eqs. 2.26 and 8.46.

    Examples
    --------
    >>> from scipy import stats
    >>> from skinfo.information import kl_divergence
    >>> kl_divergence([0.5, 0.5, 0.0], [0.25, 0.5, 0.25], base=2)
    0.5
    >>> kl_divergence(stats.norm(1, 2), stats.norm(0, 2))
    0.125
    >>> kl_divergence(stats.norm(), stats.expon())
    inf
    """
    if not is_law(q):
        _refuse_law(p, "p", "q")
        return vector_kl_divergence(p, q, axis=axis, base=base, normalize=normalize)
    _refuse_rows(p)
    unit = log_of_base(base)
    if is_sampled(p) or is_sampled(q):
        return sampled.kl_divergence(p, q, rtol, random_state, unit)
    return laws.kl_divergence(*laws.as_laws(p, q)) / unit


def js_divergence(
    p: Any,
    q: Any,
    *,
    axis: Any = -1,
    base: float | None = None,
    normalize: bool = False,
    rtol: float = 0.01,
    random_state: Any = None,
) -> float | NDArray:
    """Jensen-Shannon divergence D(p||m) / 2 + D(q||m) / 2, m = (p + q) / 2, of vectors or distributions.

    Parameters
    ----------
    p, q : array-like of shape (..., K), sparse of shape (n, K), distribution or fitted density
        Two arrays of probabilities, summing to one along ``axis``, the other axes broadcast; or two
        distributions of one variable: frozen ones of `scipy.stats`, of either infrastructure, or fitted
        `ParametricDensity` estimators; or distributions of which one is any fitted density estimator with
        ``score_samples`` and ``sample``.
    axis : int or tuple of int, default=-1
        The axis of the K outcomes of probability vectors; several are as one.
    base : float, default=None
        Base of the logarithm; None means nats.
    normalize : bool, default=False
        Whether arrays hold counts or other masses, to be divided by their sums along ``axis``.
    rtol : float, default=0.01
        Of density estimators only: standard error to reach, relative to the value.
    random_state : int, RandomState instance or None, default=None
        Of density estimators only: for the draws.

    Returns
    -------
    float or ndarray
        Between 0, where the two are equal, and log 2, where they have nothing in common; symmetric. With a density
        estimator it is an `Estimate` by draws from both.

    Raises
    ------
    NotFittedError
        If one of them is an estimator that has not been fitted.
    TypeError
        If ``p`` is rows of data, a distribution has several columns, or one is something else.
    ValueError
        If one is continuous and the other discrete, labels of the two differ, parameters are out of range, an array
        does not hold probabilities, or ``base`` is not positive and different from 1.

    Warns
    -----
    RuntimeWarning
        If a numerical integral did not reach a relative accuracy of 1e-8.
    ConvergenceWarning
        If 2^20 draws from a density estimator did not reach ``rtol``.

    See Also
    --------
    kl_divergence : Without the mixture.
    js_distance : Its square root.

    References
    ----------
    J. Lin, Divergence measures based on the Shannon entropy, IEEE Transactions on Information Theory 37
    (1991).

    Examples
    --------
    >>> from scipy import stats
    >>> from skinfo.information import js_divergence
    >>> js_divergence([1.0, 0.0], [0.0, 1.0], base=2)
    1.0
    >>> round(js_divergence(stats.norm(0, 1), stats.norm(1, 1)), 6)
    0.111421
    """
    if not is_law(q):
        _refuse_law(p, "p", "q")
        return vector_js_divergence(p, q, axis=axis, base=base, normalize=normalize)
    _refuse_rows(p)
    unit = log_of_base(base)
    if is_sampled(p) or is_sampled(q):
        return sampled.js_divergence(p, q, rtol, random_state, unit)
    return laws.js_divergence(*laws.as_laws(p, q)) / unit


def _refuse_law(value: Any, name: str, other: str) -> None:
    if is_law(value):
        raise TypeError(f"{name} is a distribution and {other} is not; pass {other} as {ACCEPTED}")


def _refuse_rows(p: Any) -> None:
    if not is_law(p):
        raise TypeError(f"p is an array and q is a distribution: {_ROWS}")
