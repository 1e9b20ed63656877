"""Information and divergence of labels, in nats, from counts, with the delta method's variances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from skinfo.information._columns import code
from skinfo.information._counts import chao_wang_jost


def entropy(label: NDArray) -> float:
    """Entropy of the values in some rows."""
    counts = np.bincount(label)
    return chao_wang_jost(counts[counts > 0].astype(np.float64))


def surprisal(label: NDArray) -> NDArray:
    """Negative log frequency of each row's value."""
    counts = np.bincount(label)
    return -np.log(counts[label] / len(label))


def information(x: NDArray, y: NDArray, z: NDArray) -> tuple[float, NDArray, int]:
    """Information of x about y where z is known, its local values, and its degrees of freedom."""
    xz, yz, every = code(x, z), code(y, z), code(x, y, z)
    value = entropy(xz) + entropy(yz) - entropy(z) - entropy(every)
    local = surprisal(xz) + surprisal(yz) - surprisal(z) - surprisal(every)
    kinds = [len(np.unique(label)) for label in (every, xz, yz, z)]
    return value, local, max(0, kinds[0] - kinds[1] - kinds[2] + kinds[3])


def cross_counts(x: NDArray, y: NDArray, size: int) -> tuple[NDArray, NDArray]:
    """How many rows of each of two samples have each label."""
    return np.bincount(x, minlength=size), np.bincount(y, minlength=size)


def divergence(x: NDArray, y: NDArray, size: int) -> float:
    """Kullback-Leibler divergence of labels, finite where y lacks one that x has.

    The log of a label's probability in y is estimated by digamma(count + 1), which hardly is biased.
    """
    n, m = cross_counts(x, y, size)
    n, m = n[n > 0].astype(np.float64), m[n > 0]
    return float(n / n.sum() @ (digamma(len(y) + 1) - digamma(m + 1.0))) - chao_wang_jost(n)


def divergence_variance(x: NDArray, y: NDArray, more: NDArray) -> float:
    """Variance of the divergence, to first order or, if that is more, second; ``more`` is added to the log ratios."""
    n, m = cross_counts(x, y, len(more))
    p, q = n / len(x), m / len(y)
    seen = (n > 0) & (m > 0)
    ratio = np.log(np.divide(p, q, out=np.ones(len(p)), where=seen)) + more
    of_x = float(p @ (ratio - p @ ratio) ** 2) / len(x)
    of_y = float((p[seen] ** 2 / q[seen]).sum() - p[seen].sum() ** 2) / len(y)
    second = (np.count_nonzero(n + m) - 1) / 2 * (1 / len(x) + 1 / len(y)) ** 2
    return max(of_x + max(0.0, of_y), second)
