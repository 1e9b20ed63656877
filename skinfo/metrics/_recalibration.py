"""Maps from predicted probabilities to better ones, and the folds that judge them on rows they have not seen.

Every map is fitted to the labels and one row more, of the class frequencies: a class that a fold lacks, or an end
of the range where all labels agree, would otherwise get probability 0, and one held-out row the loss infinity.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from sklearn.isotonic import IsotonicRegression

from skinfo.utils import read_splits

# A fitted map: predictions of shape (m, K) to recalibrated ones.
Recalibration = Callable[[NDArray], NDArray]

_TOLERANCE = 1e-7  # of the inverse temperature; the loss, flat at its minimum, is then right to 1e-14
_DOUBLINGS = 1100  # from the least to the largest float64


def temperature(q: NDArray, p: NDArray, weights: NDArray) -> Recalibration:
    """Fit the temperature at which softmax(log q / T) has the least cross entropy from the labels.

    The cross entropy is convex in b = 1 / T >= 0; its slope is the expectation of log q under the softmax less that
    under the labels.

    Parameters
    ----------
    q : ndarray of shape (n, K)
        Predictions.
    p : ndarray of shape (n, K)
        Labels, each row a distribution.
    weights : ndarray of shape (n,)
        Positive weights.

    Returns
    -------
    callable
        The map. A probability of 0 stays 0.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017. The row more is spread over
    all rows as in J. Platt, Probabilistic outputs for support vector machines (1999).
    """
    logs = _relative_logs(q)
    row = 1.0 / len(q)
    smooth = (p + row * _frequencies(p, weights)) / (1.0 + row)
    # Classes by rows, so that sums over classes run along contiguous memory. No temperature moves a probability of 0.
    logs = np.ascontiguousarray(logs.T)
    possible = np.isfinite(logs)
    finite = np.where(possible, logs, 0.0)
    supported = np.where(possible, smooth.T, 0.0)
    mass = weights * supported.sum(axis=0)
    observed = float((supported * finite).sum(axis=0) @ weights)

    def slope(b: float) -> float:
        powers = np.exp(b * logs) if b > 0 else possible.astype(np.float64)
        return float(((powers * finite).sum(axis=0) / powers.sum(axis=0)) @ mass) - observed

    inverse = _root(slope)
    return lambda new: _tempered(_relative_logs(new), inverse)


def isotonic(q: NDArray, p: NDArray, weights: NDArray) -> Recalibration:
    """Fit a nondecreasing map of each class's probability, and divide by the sum of the classes.

    Parameters
    ----------
    q : ndarray of shape (n, K)
        Predictions.
    p : ndarray of shape (n, K)
        Labels, each row a distribution.
    weights : ndarray of shape (n,)
        Positive weights.

    Returns
    -------
    callable
        The map, whose values are positive.

    References
    ----------
    Zadrozny and Elkan, Transforming classifier scores into accurate multiclass probability estimates, KDD 2002. Least
    squares and maximum likelihood give the same map: Robertson, Wright and Dykstra, Order Restricted Statistical
    Inference (1988), theorem 1.5.1.
    """
    frequencies = _frequencies(p, weights)
    weighted = np.r_[weights, np.full(2, weights.mean())]
    # Of two classes, the second says it all.
    columns = [1] if q.shape[1] == 2 else list(range(q.shape[1]))
    maps = []
    for k in columns:
        x = np.r_[q[:, k], q[:, k].min(), q[:, k].max()].astype(np.float64)
        target = np.r_[p[:, k], np.full(2, frequencies[k])]
        maps.append(IsotonicRegression(out_of_bounds="clip").fit(x, target, sample_weight=weighted))

    def apply(new: NDArray) -> NDArray:
        values = np.column_stack([m.predict(new[:, k].astype(np.float64)) for k, m in zip(columns, maps)])
        return np.column_stack([1.0 - values, values]) if new.shape[1] == 2 else _normalised(values)

    return apply


def binned(q: NDArray, p: NDArray, weights: NDArray, n_bins: int) -> NDArray:
    """Replace each class's probability by the frequency of the class in its bin, the row's own label included.

    Parameters
    ----------
    q : ndarray of shape (n, K)
        Predictions.
    p : ndarray of shape (n, K)
        Labels, each row a distribution.
    weights : ndarray of shape (n,)
        Positive weights.
    n_bins : int
        How many bins of about equal weight.

    Returns
    -------
    ndarray of shape (n, K)
        Recalibrated predictions of the same rows.
    """
    values = np.empty(q.shape)
    for k in range(q.shape[1]):
        bins = equal_mass_bins(q[:, k] if q.shape[1] != 2 else q[:, 1], weights, n_bins)
        values[:, k] = (np.bincount(bins, weights * p[:, k]) / np.bincount(bins, weights))[bins]
    return _normalised(values)


def equal_mass_bins(values: NDArray, weights: NDArray | None, n_bins: int) -> NDArray:
    """Bins of about equal weight, none of which is empty.

    Parameters
    ----------
    values : ndarray of shape (n,)
        What is put into bins.
    weights : ndarray of shape (n,) or None
        Positive weights.
    n_bins : int
        How many bins; ties make them fewer.

    Returns
    -------
    ndarray of int of shape (n,)
        The bin of each value, counted from 0.
    """
    levels = np.arange(1, n_bins) / n_bins
    edges = np.unique(np.quantile(values, levels, weights=weights, method="inverted_cdf"))
    return np.unique(np.searchsorted(edges, values), return_inverse=True)[1]


def held_out(
    fit: Callable[[NDArray, NDArray, NDArray], Recalibration],
    q: NDArray,
    p: NDArray,
    weights: NDArray,
    folds: list[tuple[NDArray, NDArray]],
) -> NDArray:
    """Recalibrate each row by the map fitted without its fold.

    Parameters
    ----------
    fit : callable
        Fits a map to predictions, labels and weights.
    q, p : ndarray of shape (n, K)
        Predictions and labels.
    weights : ndarray of shape (n,)
        Positive weights.
    folds : list of pairs of ndarray
        Rows to fit on and rows to recalibrate.

    Returns
    -------
    ndarray of shape (n, K)
        Recalibrated predictions.
    """
    result = np.empty(q.shape)
    for train, test in folds:
        result[test] = fit(q[train], p[train], weights[train])(q[test])
    return result


def read_folds(cv: Any, p: NDArray) -> list[tuple[NDArray, NDArray]]:
    """Folds that hold out each row once.

    Parameters
    ----------
    cv : int, splitter or iterable of pairs
        As scikit-learn's ``cv``. For a number the rows are dealt out class by class, in their order.
    p : ndarray of shape (n, K)
        Labels.

    Returns
    -------
    list of pairs of ndarray
        Rows to fit on and rows to hold out.

    Raises
    ------
    ValueError
        If ``cv`` is a number below 2 or above the number of rows, or does not hold out each row once.
    """
    rows, likeliest = np.arange(len(p)), p.argmax(axis=1)
    if isinstance(cv, numbers.Integral) and not isinstance(cv, bool):
        n_folds = int(cv)
        if not 2 <= n_folds <= len(p):
            raise ValueError(f"cv={cv} must be at least 2 and at most the number of rows with weight, {len(p)}")
        fold = np.empty(len(p), dtype=np.intp)
        fold[np.argsort(likeliest, kind="stable")] = rows % n_folds
        return list(_without_each(fold, n_folds))
    folds = read_splits(cv, p, likeliest)
    if not np.array_equal(np.sort(np.concatenate([test for _, test in folds])), rows):
        raise ValueError(f"cv={cv!r} must hold out each row exactly once; pass a number, KFold or StratifiedKFold")
    return folds


def _without_each(fold: NDArray, n_folds: int) -> Iterator[tuple[NDArray, NDArray]]:
    for k in range(n_folds):
        yield np.flatnonzero(fold != k), np.flatnonzero(fold == k)


def _frequencies(p: NDArray, weights: NDArray) -> NDArray:
    """Class frequencies of the labels and one row more, shared evenly by the classes."""
    row = weights.mean()
    return (weights @ p + row / p.shape[1]) / (weights.sum() + row)


def _relative_logs(q: NDArray) -> NDArray:
    """Log probabilities less the row's largest."""
    with np.errstate(divide="ignore"):
        logs = np.log(q.astype(np.float64, copy=False))
    return logs - logs.max(axis=1, keepdims=True)


def _tempered(logs: NDArray, b: float) -> NDArray:
    """Softmax of b times the logs; at b = 0 uniform where q is positive."""
    return _normalised(np.exp(b * logs) if b > 0 else np.isfinite(logs).astype(np.float64))


def _normalised(values: NDArray) -> NDArray:
    return values / values.sum(axis=1, keepdims=True)


def _root(slope: Callable[[float], float]) -> float:
    """Where a nondecreasing slope changes sign on [0, inf); 1 where it is zero all over."""
    if slope(1.0) == 0.0:
        return 1.0
    if slope(0.0) >= 0.0:
        return 0.0
    low = high = 1.0
    for _ in range(_DOUBLINGS):
        if slope(high) > 0.0:
            break
        low, high = high, 2.0 * high
    for _ in range(_DOUBLINGS):
        if slope(low) < 0.0:
            break
        low, high = 0.5 * low, low
    return float(brentq(slope, low, high, xtol=_TOLERANCE * low, rtol=_TOLERANCE))
