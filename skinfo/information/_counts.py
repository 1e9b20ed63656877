"""Entropy from the counts of a discrete variable's values."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, xlogy

from skinfo.information._estimate import Estimate
from skinfo.information._vectors import log_of_base
from skinfo.utils import as_probabilities, check_choice

_METHODS = ("grassberger", "chao-wang-jost", "miller-madow", "plug-in")


def entropy_from_counts(counts: ArrayLike, *, method: str = "grassberger", base: float | None = None) -> Estimate:
    """Entropy of a discrete variable, from how often each value was seen.

    Parameters
    ----------
    counts : array-like of shape (K,)
        Whole numbers, not negative; the counts of ``np.unique(sample, return_counts=True)``, say. Values that
        were not seen make no difference.
    method : {"grassberger", "chao-wang-jost", "miller-madow", "plug-in"}, default="grassberger"
        The plug-in estimate is the entropy of the frequencies, too low by about (K - 1) / 2n nats, K being the
        number of values that can occur. Miller and Madow add that for the values that were seen. Grassberger
        replaces each log n_i by what is nearly unbiased for it, on average over even and odd n_i; Chao, Wang and Jost
        by the mean over smaller samples, and add what the values that were seen once or twice tell of others.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    Estimate
        A float with a ``standard_error``: that of the mean of -log p, to first order, or to second where that is more,
        as it is where all values are as frequent. Too small where most values were seen only a few times.

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
    All are too low where many values of the distribution were not seen once, those of Grassberger and of Chao, Wang and
    Jost the least. All are 0 where one value was seen and no other.

    References
    ----------
    G. A. Miller, Note on the bias of information estimates, in Information Theory in Psychology (1955).
    P. Grassberger, Entropy estimates from insufficient samplings, arXiv:physics/0307138 (2003).
    A. Chao, Y. T. Wang and L. Jost, Entropy and the species accumulation curve, Methods in Ecology and Evolution 4
    (2013).

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
    check_choice("method", method, _METHODS)
    n = _checked(counts)
    total = float(n.sum())
    p = n / total
    plug_in = 0.0 - float(xlogy(p, p).sum())
    variance = max(float(p @ (np.log(p) + plug_in) ** 2) / total, (len(n) - 1) / (2 * total**2))
    value = plug_in
    if method == "miller-madow":
        value = plug_in + (len(n) - 1) / (2 * total)
    elif method == "grassberger":
        value = _grassberger(n)
    elif method == "chao-wang-jost":
        value = chao_wang_jost(n)
    return Estimate(value / unit, math.sqrt(variance) / abs(unit))


def _grassberger(n: NDArray) -> float:
    if len(n) == 1:  # whether it is even or odd is not by chance
        return 0.0
    sign = np.where(n % 2 == 0, 1.0, -1.0)
    logs = digamma(n) + sign * (digamma((n + 1) / 2) - digamma(n / 2)) / 2
    return math.log(n.sum()) - float(n @ logs / n.sum())


def chao_wang_jost(n: NDArray) -> float:
    """Entropy in nats from positive counts, in which that of a single value is 0, and no count's parity matters."""
    total, once, twice = float(n.sum()), int((n == 1).sum()), int((n == 2).sum())
    seen = float(n @ (digamma(total) - digamma(n))) / total
    if not once:
        return seen
    odds = (total - 1) * once / (2 * twice) if twice else (total - 1) * (once - 1) / 2  # of values unseen
    return seen + once / total * _tail(odds, total)


def _tail(odds: float, total: float) -> float:
    """Sum of q^(j + 1) / (total + j) over j from 0, q having the odds.

    It is the integral of q exp(-s) / (total - total q exp(-s / total)) over s from 0; by the trapezoidal rule in log s.
    """
    if not odds:
        return 0.0
    start = math.log(min(1.0, total / (1 + odds)))  # about where the integrand stops to rise as s does
    log_s = np.arange(start - 37, 4, 0.25)
    s = np.exp(log_s)
    terms = s * np.exp(-s) / -np.expm1(-math.log1p(1 / odds) - s / total)
    return 0.25 * float(terms.sum()) / (1 + 1 / odds) / total


def _checked(counts: ArrayLike) -> NDArray:
    """Positive counts as floats."""
    n = as_probabilities(counts, name="counts", kind="whole numbers").astype(np.float64, copy=False)
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
