"""Losses of predicted class probabilities against labels, hard or soft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_consistent_length

from skinfo.information._vectors import cross_entropy_rows, kl_divergence_rows, log_of_base
from skinfo.metrics._labels import as_labels, distinct_labels, label_codes
from skinfo.utils import (
    as_probabilities,
    check_probabilities,
    check_soft_labels,
    check_switch,
    check_weights,
    refuse_lone_probabilities,
    row_blocks,
)


def cross_entropy_loss(
    y_true: Any,
    y_proba: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    normalize: bool = True,
    base: float | None = None,
) -> float:
    """Cross entropy from the labels to the predicted probabilities: log loss, for soft labels too.

    The mean over the rows of H(p_i, q_i) = -sum_k p_ik log q_ik, where p_i puts all its mass on the label of
    row i, or is its soft label.

    Parameters
    ----------
    y_true : array-like of shape (n,) or (n, K)
        Labels; or soft labels, each row a distribution over the classes. The columns of a DataFrame name the
        classes.
    y_proba : array-like of shape (n, K), (n,) or (n, 1)
        Predicted probabilities of the classes in the order of ``labels``; or, of two classes, that of the
        last one.
    labels : array-like of shape (K,), default=None
        The classes of the columns of ``y_proba``. None means the sorted distinct labels of ``y_true``; for
        soft labels, its columns (those of ``y_proba`` where both are DataFrames).
    sample_weight : array-like of shape (n,), default=None
        Weights. A row of weight zero does not count, even where its loss is infinite.
    normalize : bool, default=True
        Whether to return the weighted mean, rather than the weighted sum.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    float
        The loss. It is infinite where a label has probability 0: nothing is clipped.

    Raises
    ------
    ValueError
        If ``y_true`` has labels that are not in ``labels``, the number of ``labels`` is not K, lengths
        differ, rows do not hold probabilities, or ``base`` is not positive and different from 1.

    See Also
    --------
    kl_divergence_loss : The part of this loss that a better prediction can reduce.
    sklearn.metrics.log_loss : For hard labels; clips the probabilities.

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.108.

    Examples
    --------
    >>> from skinfo.metrics import cross_entropy_loss
    >>> cross_entropy_loss(["ham", "spam"], [[0.5, 0.5], [0.75, 0.25]], base=2)
    1.5
    >>> cross_entropy_loss([[0.5, 0.5], [0.0, 1.0]], [[0.5, 0.5], [0.75, 0.25]], base=2)
    1.5
    """
    return _loss(cross_entropy_rows, y_true, y_proba, labels, sample_weight, normalize, base)


def kl_divergence_loss(
    y_true: Any,
    y_proba: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    normalize: bool = True,
    base: float | None = None,
) -> float:
    """Kullback-Leibler divergence from the labels to the predicted probabilities.

    The mean over the rows of D(p_i||q_i) = H(p_i, q_i) - H(p_i): the cross entropy loss less the mean entropy
    of the labels, computed without taking that difference. It is zero for a perfect prediction of soft
    labels, and equal to the cross entropy loss for hard ones.

    Parameters
    ----------
    y_true : array-like of shape (n,) or (n, K)
        Labels; or soft labels, each row a distribution over the classes. The columns of a DataFrame name the
        classes.
    y_proba : array-like of shape (n, K), (n,) or (n, 1)
        Predicted probabilities of the classes in the order of ``labels``; or, of two classes, that of the
        last one.
    labels : array-like of shape (K,), default=None
        The classes of the columns of ``y_proba``. None means the sorted distinct labels of ``y_true``; for
        soft labels, its columns (those of ``y_proba`` where both are DataFrames).
    sample_weight : array-like of shape (n,), default=None
        Weights. A row of weight zero does not count, even where its loss is infinite.
    normalize : bool, default=True
        Whether to return the weighted mean, rather than the weighted sum.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    float
        The loss. It is infinite where a label has probability 0: nothing is clipped.

    Raises
    ------
    ValueError
        If ``y_true`` has labels that are not in ``labels``, the number of ``labels`` is not K, lengths
        differ, rows do not hold probabilities, or ``base`` is not positive and different from 1.

    See Also
    --------
    cross_entropy_loss : This loss and the entropy of the labels.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), eq. 2.26.

    Examples
    --------
    >>> from skinfo.metrics import kl_divergence_loss
    >>> kl_divergence_loss([[0.5, 0.5], [0.0, 1.0]], [[0.5, 0.5], [0.75, 0.25]], base=2)
    1.0
    """
    return _loss(kl_divergence_rows, y_true, y_proba, labels, sample_weight, normalize, base)


def weighted_average(values: NDArray, weights: NDArray | None, *, normalize: bool = True) -> float:
    """Average or add up values, of which those of zero weight do not count even if infinite."""
    if weights is None:
        return float(values.mean() if normalize else values.sum())
    counted = weights > 0
    total = (weights[counted] * values[counted]).sum()
    return float(total / weights.sum() if normalize else total)


def column_names(frame: Any) -> list:
    """Names of a DataFrame's columns; none for an array."""
    return list(getattr(frame, "columns", ()))


def read_predictions(
    y_true: Any, y_proba: ArrayLike, labels: ArrayLike | None, sample_weight: ArrayLike | None
) -> tuple[NDArray, NDArray, NDArray | None]:
    """Check labels, predictions and weights together.

    Parameters
    ----------
    y_true : array-like of shape (n,) or (n, K)
        Labels, hard or soft.
    y_proba : array-like of shape (n, K) or (n,)
        Predicted probabilities.
    labels : array-like of shape (K,) or None
        The classes.
    sample_weight : array-like of shape (n,) or None
        Weights.

    Returns
    -------
    truth : ndarray of shape (n,) or (n, K)
        The place of each label among the classes; or the soft labels, their columns in the order of the classes.
    q : ndarray of shape (n, K)
        The predictions.
    weights : ndarray of shape (n,) or None
        The weights.

    Raises
    ------
    ValueError
        If one of them is not what the losses take, or they are not about the same rows and classes.
    """
    q = as_probabilities(y_proba, name="y_proba")
    if q.ndim not in (1, 2) or not q.size:
        raise ValueError(
            f"y_proba must have shape (n, K), or (n,) for two classes, and at least one row; its shape is {q.shape}"
        )
    n_dimensions = _dimensions(y_true)
    if n_dimensions not in (1, 2):
        raise ValueError(f"y_true must have shape (n,) or (n, K); got {y_true!r}")
    check_consistent_length(y_true, q)
    weights = check_weights(sample_weight, len(q))
    soft = n_dimensions == 2
    n_columns = q.shape[1] if q.ndim == 2 and q.shape[1] > 1 else 2
    if labels is None and soft:
        names = column_names(y_true)
        labels = (names and column_names(y_proba)) or names or range(n_columns)
    classes = _different(distinct_labels(y_true) if labels is None else labels)
    # Predictions of a single class are certain of it; else one number is of the last of two.
    if q.ndim == 1 or (q.shape[1] == 1 and len(classes) > 1):
        q = q.reshape(-1).astype(np.float64)
        q = np.column_stack([1.0 - q, q])
    if q.shape[1] != len(classes):
        raise ValueError(
            f"y_proba is about {q.shape[1]} classes, but the number of labels is {len(classes)}; pass "
            "labels=, the classes of the columns of y_proba in their order"
        )
    q = check_probabilities(q, name="y_proba")
    if soft:
        return check_soft_labels(_in_order(y_true, classes), name="y_true"), q, weights
    return label_codes(as_labels(y_true), classes), q, weights


def _loss(
    rows: Callable[[NDArray, NDArray], NDArray],
    y_true: Any,
    y_proba: ArrayLike,
    labels: ArrayLike | None,
    sample_weight: ArrayLike | None,
    normalize: bool,
    base: float | None,
) -> float:
    """Average ``rows(p, q)``, which for hard labels is minus the log probability of the label."""
    unit = log_of_base(base)
    check_switch("normalize", normalize)
    truth, q, weights = read_predictions(y_true, y_proba, labels, sample_weight)
    if truth.ndim == 2:
        losses = rows(truth, q)
    else:
        losses = np.empty(len(q))
        for at in row_blocks(len(q), q.shape[1]):
            block, codes = q[at], truth[at]
            losses[at] = block[np.arange(len(block)), codes]
        with np.errstate(divide="ignore"):
            np.log(losses, out=losses)
        np.subtract(0.0, losses, out=losses)
    return weighted_average(losses, weights, normalize=normalize) / unit


def _dimensions(y_true: Any) -> int:
    """Number of dimensions of labels; 0 of what is no array."""
    try:
        return np.ndim(y_true)
    except ValueError:  # rows that differ in length
        return 0


def _different(labels: Any) -> NDArray:
    """Check the classes."""
    try:
        classes = as_labels(labels)
        n_different = len(set(classes.tolist())) if classes.ndim == 1 else 0
    except (TypeError, ValueError):
        n_different = 0
    if not n_different:
        raise ValueError(f"labels must be a list of classes; got {labels!r}")
    if n_different < len(classes):
        raise ValueError(f"labels must differ; got {classes.tolist()}")
    return classes


def _in_order(y_true: Any, classes: NDArray) -> NDArray:
    """Soft labels with their columns in the order of the classes."""
    array = np.asarray(y_true)
    if array.shape[1] == 1:
        refuse_lone_probabilities(array, name="y_true")
    if array.shape[1] != len(classes):
        raise ValueError(
            f"y_true has shape {array.shape}, but the number of labels is {len(classes)}, as y_proba or labels= say: "
            "soft labels have one column for each; hard labels have shape (n,)"
        )
    names = column_names(y_true)
    if not names:
        return array
    # Without repeated names, the codes are a permutation.
    if len(set(names)) < len(names):
        raise ValueError(f"the columns of y_true must differ; got {names}")
    return array[:, np.argsort(label_codes(as_labels(names), classes, what="columns"))]
