"""Labels, hard or soft, with row weights and class weights, checked and turned into a loss."""

from __future__ import annotations

import math
import numbers
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from skinfo.classification._losses import HardBinaryLoss, HardLoss, Loss, SoftBinaryLoss, SoftLoss
from skinfo.utils import check_soft_labels, refuse_lone_probabilities

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

    def select(
        self, X: Any, y: NDArray, weights: NDArray | None, offset: NDArray | None
    ) -> tuple[Any, NDArray, NDArray | None, NDArray | None]:
        """Return what belongs to the rows with mass: of X, y, weights, and an offset of shape (n_logits, n)."""
        kept = self.kept
        if kept is None:
            return X, y, weights, offset
        return (
            X[kept],
            y[kept],
            None if weights is None else weights[kept],
            None if offset is None else offset[:, kept],
        )


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
    if _is_soft(y):
        classes = np.arange(y.shape[1]) if names is None else names
        if np.unique(classes).size < classes.size:
            raise ValueError(f"y's columns must name different classes; they are {classes.tolist()}")
        masses = _masses(y, weights)
        _check_mass(masses.sum(axis=1), classes, "y" if weights is None else "y, times sample_weight,")
        return _soft_labels(masses, classes, class_weight)
    known, codes = _encode(_hard(y))
    factors = _class_factors(class_weight, known, np.bincount(codes, weights, known.size))
    mass, kept = _row_masses(codes, weights, factors)
    classes = known
    if kept is not None:
        present, codes = _encode(codes[kept])
        classes = known[present]
    if classes.size < 2:
        raise ValueError(
            f"y has only 1 class with weight, {classes.tolist()}: a classifier needs rows of at least "
            "2 classes; add rows of another class"
        )
    return Labels(classes, kept, _hard_loss(codes, mass, classes))


def read_classes(classes: Any, y: NDArray, names: NDArray | None, known: NDArray | None) -> NDArray:
    """Check the classes of labels that come in batches.

    Parameters
    ----------
    classes : array-like of shape (n_classes,) or None
        What the call says they are.
    y : ndarray of shape (n,) or (n, K)
        The batch's labels.
    names : ndarray or None
        What the columns of soft labels say they are.
    known : ndarray or None
        What they were for the batches before.

    Returns
    -------
    ndarray of shape (n_classes,)
        The classes; sorted, if not those of soft labels.

    Raises
    ------
    ValueError
        If they are not known, not the same, or fewer than two.
    """
    soft = _is_soft(y)
    given = names if classes is None and soft else classes
    if given is None:
        given = np.arange(y.shape[1]) if soft and known is None else known
    if given is None:
        raise ValueError("classes must be passed on the first call to partial_fit, which may not see them all")
    try:
        found = np.asarray(given)
        n_different = np.unique(found).size if found.ndim == 1 else 0
    except (TypeError, ValueError) as error:
        raise ValueError(f"classes must be an array of classes that can be sorted; got {given!r}") from error
    if n_different < max(2, found.size):
        raise ValueError(f"classes must be an array of at least 2 different classes; got {given!r}")
    if not soft and known is None:
        found = np.sort(found)
    if known is not None and not np.array_equal(np.sort(found), np.sort(known)):
        raise ValueError(
            f"classes must be those of the first call to partial_fit, {known.tolist()}; got {found.tolist()}: call fit "
            "to start anew"
        )
    found = found if known is None or soft else known
    for columns in (known, names):
        if soft and columns is not None and not np.array_equal(found, columns):
            raise ValueError(f"y's columns must be the classes, {found.tolist()} in order; got {columns.tolist()}")
    if soft and y.shape[1] != found.size:
        raise ValueError(f"y must have a column for each of the {found.size} classes; it has {y.shape[1]}")
    return found


def read_batch(y: NDArray, weights: NDArray | None, class_weight: Any, classes: NDArray) -> Labels:
    """Check the labels of a batch, in which classes may be missing.

    Parameters
    ----------
    y : ndarray of shape (n,) or (n, K)
        Labels, or distributions over the classes.
    weights, class_weight
        As for `read_labels`.
    classes : ndarray of shape (n_classes,)
        All classes.

    Returns
    -------
    Labels
        What the fit needs.

    Raises
    ------
    ValueError
        If a label is none of the classes, or class weights can't be used.
    """
    if isinstance(class_weight, str):
        raise ValueError(
            "class_weight='balanced' needs the classes' masses over all batches: pass partial_fit a dict instead, as "
            "sklearn.utils.class_weight.compute_class_weight gives it"
        )
    if _is_soft(y):
        return _soft_labels(_masses(y, weights), classes, class_weight)
    y = _hard(y)
    known = np.isin(y, classes)
    if not known.all():
        raise ValueError(
            f"y has labels that are none of the classes, {np.unique(y[~known])[:5].tolist()}: the first call to "
            f"partial_fit said they are {classes.tolist()}"
        )
    order = np.argsort(classes, kind="stable")
    codes = order[np.searchsorted(classes, y, sorter=order)]
    factors = _class_factors(class_weight, classes, np.bincount(codes, weights, classes.size))
    _check_mass(factors, classes, "class_weight")
    mass, kept = _row_masses(codes, weights, factors)
    return Labels(classes, kept, _hard_loss(codes if kept is None else codes[kept], mass, classes))


def predicted_mass(y: Any, classes: NDArray, codes: NDArray) -> NDArray:
    """Return the mass that soft labels have on predicted classes.

    Parameters
    ----------
    y : array-like of shape (n, K)
        Each row a distribution over the classes, which a DataFrame's columns name; else they are the classifier's.
    classes : ndarray of shape (n_classes,)
        The classifier's classes.
    codes : ndarray of intp of shape (n,)
        Which of them is predicted for each row.

    Returns
    -------
    ndarray of shape (n,)
        Zero where a class is none of y's.

    Raises
    ------
    ValueError
        If rows of y are no distributions, or are not as many, or columns without names are not as many as classes.
    """
    masses = check_soft_labels(y, name="y")
    names = list(getattr(y, "columns", ()))
    if masses.shape[0] != codes.size:
        raise ValueError(f"y must have a row for each of the {codes.size} rows of X; it has {masses.shape[0]}")
    if not names and masses.shape[1] != classes.size:
        raise ValueError(f"y must have a column for each of the {classes.size} classes; it has {masses.shape[1]}")
    if len(set(names)) < len(names):
        raise ValueError(f"y's columns must name different classes; they are {names}")
    places = {name: column for column, name in enumerate(names or classes.tolist())}
    columns = np.array([places.get(name, -1) for name in classes.tolist()])[codes]
    return np.where(columns < 0, 0.0, masses[np.arange(codes.size), columns])


def _is_soft(y: NDArray) -> bool:
    return y.ndim == 2 and y.shape[1] > 1


def _hard(y: NDArray) -> NDArray:
    """Return labels in one dimension, of a type that can be classes."""
    refuse_lone_probabilities(y, name="y")
    y = column_or_1d(y, warn=True)
    if y.dtype.kind not in "biuUS":
        check_classification_targets(y)
    return y


def _row_masses(codes: NDArray, weights: NDArray | None, factors: NDArray) -> tuple[NDArray, NDArray | None]:
    """Return the mass of each row that has some, and which those are if others have none, by whatever weight."""
    mass = factors[codes]
    if weights is not None:
        mass *= weights
    if mass.all():
        return mass, None
    kept = np.flatnonzero(mass)
    return mass[kept], kept


def _hard_loss(codes: NDArray, mass: NDArray, classes: NDArray) -> Loss:
    return HardLoss(codes, mass, classes.size) if classes.size > 2 else HardBinaryLoss(codes == 1, mass)


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


def _masses(y: NDArray, weights: NDArray | None) -> NDArray:
    """Return the mass of each class in each row."""
    masses = np.array(check_soft_labels(y, name="y").T, dtype=np.float64, order="C")
    if weights is not None:
        masses *= weights
    return masses


def _soft_labels(masses: NDArray, classes: NDArray, class_weight: Any) -> Labels:
    factors = _class_factors(class_weight, classes, masses.sum(axis=1))
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


def _class_factors(class_weight: Any, classes: NDArray, class_mass: NDArray) -> NDArray:
    """Return what multiplies the mass of each class."""
    if class_weight is None:
        return np.ones(classes.size)
    if isinstance(class_weight, str) and class_weight == "balanced":
        present = class_mass > 0
        return class_mass.sum() / (np.count_nonzero(present) * np.where(present, class_mass, 1.0))
    if not isinstance(class_weight, dict):
        raise ValueError(f"class_weight must be a dict, 'balanced' or None; got {class_weight!r}")
    for label, weight in class_weight.items():
        if not (isinstance(weight, numbers.Real) and _is_finite(weight) and float(weight) >= 0):
            raise ValueError(f"class_weight[{label!r}] must be a finite number, not negative; got {weight!r}")
    names = classes.tolist()
    # A fold may lack a class; if the labels lack all of them, they are rather of another type.
    if class_weight and not any(name in class_weight for name in names):
        warnings.warn(
            f"class_weight has weights for {list(class_weight)}, none of which is in y, whose classes are {names}",
            UserWarning,
            stacklevel=5,
        )
    return np.array([float(class_weight.get(name, 1.0)) for name in names])


def _is_finite(number: Any) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer that no float can hold
        return False
