"""Labels, hard or soft, with row weights and class weights, checked and turned into a loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from skinfo.classification._losses import HardBinaryLoss, HardLoss, Loss, SoftBinaryLoss, SoftLoss
from skinfo.utils import check_probabilities

# Integers in a range no wider than this are counted, not sorted.
_COUNTABLE = 1 << 16


@dataclass
class Labels:
    """Checked labels.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        The classes.
    kept : ndarray of intp or None
        The rows with label mass, where others have none.
    loss : Loss
        The labels of those rows.
    """

    classes: NDArray
    kept: NDArray | None
    loss: Loss


def read_labels(y: Any, names: NDArray | None, weights: NDArray | None, class_weight: Any) -> Labels:
    """Check labels and give every class in every row its mass.

    Parameters
    ----------
    y : ndarray of shape (n,) or (n, K)
        Labels, or for K > 1 distributions over the classes.
    names : ndarray or None
        The classes of soft labels, where they have names.
    weights : ndarray of shape (n,) or None
        Row weights.
    class_weight : dict, "balanced" or None
        What multiplies the mass of each class.

    Returns
    -------
    Labels
        What the fit needs.

    Raises
    ------
    ValueError
        If the labels, or the class weights for them, can't be fitted.
    """
    if y.ndim == 2 and y.shape[1] > 1:
        return _read_soft(y, names, weights, class_weight)
    y = column_or_1d(y, warn=True)
    if y.dtype.kind not in "biuUS":
        check_classification_targets(y)
    known, codes = _encode(y)
    kept, classes = None, known
    if weights is not None and not weights.all():
        kept = np.flatnonzero(weights)
        present, codes = _encode(codes[kept])
        classes, weights = known[present], weights[kept]
    if classes.size < 2:
        raise ValueError(
            f"y has only 1 class with weight, {classes.tolist()}: a classifier needs rows of at least "
            "2 classes; add rows of another class"
        )
    mass = np.ones(codes.shape[0]) if weights is None else weights
    class_mass = np.bincount(codes, mass, classes.size)
    factors = _class_factors(class_weight, known, classes, class_mass)
    _check_mass(factors, classes, "class_weight")
    mass = mass * factors[codes]
    if classes.size > 2:
        return Labels(classes, kept, HardLoss(codes, mass, classes.size))
    return Labels(classes, kept, HardBinaryLoss(codes == 1, mass))


def _encode(y: NDArray) -> tuple[NDArray, NDArray]:
    """Return the sorted classes and each row's index among them."""
    if y.dtype.kind in "iu" and y.size:
        low, high = int(y.min()), int(y.max())
        if high - low <= _COUNTABLE and high < np.iinfo(np.intp).max:
            shifted = y.astype(np.intp) - low
            present = np.bincount(shifted) > 0
            return (np.flatnonzero(present) + low).astype(y.dtype), (np.cumsum(present) - 1)[shifted]
    classes = np.unique(y)
    return classes, np.searchsorted(classes, y)


def _read_soft(y: NDArray, names: NDArray | None, weights: NDArray | None, class_weight: Any) -> Labels:
    masses = np.array(check_probabilities(y, name="y").T, dtype=np.float64, order="C")
    classes = np.arange(y.shape[1]) if names is None else names
    if np.unique(classes).size < classes.size:
        raise ValueError(f"y's columns must name different classes; they are {classes.tolist()}")
    if weights is not None:
        masses *= weights
    class_mass = masses.sum(axis=1)
    _check_mass(class_mass, classes, "y")
    factors = _class_factors(class_weight, classes, classes, class_mass)
    _check_mass(factors, classes, "class_weight")
    masses *= factors[:, None]
    # A row whose mass is nothing, by weight or by rounding, is no row.
    mass = masses.sum(axis=0)
    kept = None if mass.all() else np.flatnonzero(mass)
    if kept is not None:
        masses = masses[:, kept]
    return Labels(classes, kept, SoftBinaryLoss(masses) if classes.size == 2 else SoftLoss(masses))


def _check_mass(mass: NDArray, classes: NDArray, name: str) -> None:
    """Refuse a class without mass: its intercept would run to minus infinity."""
    if not mass.all():
        empty = classes[mass == 0].tolist()
        raise ValueError(
            f"{name} gives no mass to the classes {empty}, whose intercepts then have no finite optimum: "
            "leave those classes out of y"
        )


def _class_factors(class_weight: Any, known: NDArray, classes: NDArray, class_mass: NDArray) -> NDArray:
    """Return what multiplies the mass of each class."""
    if class_weight is None:
        return np.ones(classes.size)
    if isinstance(class_weight, str) and class_weight == "balanced":
        return class_mass.sum() / (classes.size * class_mass)
    if not isinstance(class_weight, dict):
        raise ValueError(f"class_weight must be a dict, 'balanced' or None; got {class_weight!r}")
    names = known.tolist()
    for label, weight in class_weight.items():
        if label not in names:
            raise ValueError(f"class_weight has the class {label!r}, which is not in y; y has {names}")
        if not (np.isreal(weight) and np.isfinite(weight) and weight >= 0):
            raise ValueError(f"class_weight[{label!r}] must be a finite number, not negative; got {weight!r}")
    return np.array([float(class_weight.get(label, 1.0)) for label in classes.tolist()])
