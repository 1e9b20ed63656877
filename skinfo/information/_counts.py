"""Entropy from the counts of a discrete variable's values."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, xlogy

from skinfo.information._estimate import Estimate
from skinfo.information._vectors import log_of_base

_METHODS = ("grassberger", "miller-madow", "plug-in")


def entropy_from_counts(counts: ArrayLike, *, method: str = "grassberger", base: float | None = None) -> Estimate:
    """Entropy of a discrete variable, from how often each value was seen.

    Parameters
    ----------
    counts : array-like of shape (K,)
        Whole numbers, not negative; the counts of ``np.unique(sample, return_counts=True)``, say. Values that
        were not seen make no difference.
    method : {"grassberger", "miller-madow", "plug-in"}, default="grassberger"
        The plug-in estimate is the entropy of the frequencies, too low by about (K - 1) / 2n nats, K being the
        number of values that can occur. Miller and Madow add that for the values that were seen. Grassberger
        replaces each log n_i by what is nearly unbiased for it.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    Estimate
        A float with a ``standard_error``: that of the mean of -log p, to second order, as where all values are as
        frequent the first is 0. Too small where most values were seen only a few times.

    Raises
    ------
    ValueError
        If counts are no whole numbers, negative or all zero, the method is unknown, or ``base`` is not positive
        and different from 1.

    See Also
    --------
    entropy : Of known probabilities.
    entropy_from_samples : Of continuous variables.

    Notes
    -----
    All three are too low where many values of the distribution were not seen once; Grassberger's is the closest there.
    All are 0 where one value was seen and no other.

    References
    ----------
    G. A. Miller, Note on the bias of information estimates, in Information Theory in Psychology (1955).
    P. Grassberger, Entropy estimates from insufficient samplings, arXiv:physics/0307138 (2003).

    Examples
    --------
    >>> import numpy as np
    >>> from skinfo import entropy_from_counts
    >>> sample = ["a", "b", "a", "c", "a", "b", "a", "a"]
    >>> counts = np.unique(sample, return_counts=True)[1]
    >>> print(f"{entropy_from_counts(counts, method='plug-in', base=2):.4f}")
    1.2988
    >>> print(f"{entropy_from_counts(counts, method='miller-madow', base=2):.4f}")
    1.4791
    """
    unit = log_of_base(base)
    if method not in _METHODS:
        raise ValueError(f"method must be one of {', '.join(map(repr, _METHODS))}; got {method!r}")
    n = _checked(counts)
    total = float(n.sum())
    p = n / total
    plug_in = 0.0 - float(xlogy(p, p).sum())
    variance = float(p @ (np.log(p) + plug_in) ** 2) / total + (len(n) - 1) / (2 * total**2)
    value = plug_in
    if method == "miller-madow":
        value = plug_in + (len(n) - 1) / (2 * total)
    elif method == "grassberger":
        value = grassberger(n)
    return Estimate(value / unit, math.sqrt(variance) / abs(unit))


def grassberger(counts: NDArray) -> float:
    """Entropy in nats from positive counts."""
    if len(counts) == 1:  # the estimator's expectation is over even and odd counts, and this one is the number of rows
        return 0.0
    n = counts.astype(np.float64)
    sign = np.where(n % 2 == 0, 1.0, -1.0)
    logs = digamma(n) + sign * (digamma((n + 1) / 2) - digamma(n / 2)) / 2
    return math.log(n.sum()) - float(n @ logs / n.sum())


def _checked(counts: ArrayLike) -> NDArray:
    """Positive counts as floats."""
    try:
        n = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"counts must be whole numbers; got {type(counts).__name__}") from error
    if n.ndim != 1:
        raise ValueError(f"counts must have shape (K,); theirs is {n.shape}. Pass one variable at a time")
    bad = n[~((n >= 0) & (n == np.floor(n)) & np.isfinite(n))]
    if len(bad):
        raise ValueError(
            f"counts must be whole numbers, not negative; one is {bad[0]:g}. For a sample's values pass "
            "np.unique(sample, return_counts=True)[1], for probabilities use entropy"
        )
    if not n.any():
        raise ValueError("counts are all zero; at least one value must have been seen")
    return n[n > 0]
