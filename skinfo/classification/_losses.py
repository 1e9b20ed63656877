"""The cross entropy of labels to a softmax, block by block, with its gradient in the logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit


class Loss(Protocol):
    """Labels together with the loss of logits against them, summed over a block of rows.

    Logits have shape (n_logits, n_block), one row for each class (one row in all for two classes): the
    reductions over classes then run along contiguous memory.
    """

    n_classes: int
    n_logits: int
    mass: NDArray

    def evaluate(self, logits: NDArray, rows: slice) -> float:
        """Return the loss of a block and overwrite its logits by the derivatives."""

    def curvature(self, logits: NDArray, rows: slice) -> None:
        """Overwrite logits by the square roots whose products make up the second derivatives."""

    def label_mass(self, rows: slice) -> NDArray:
        """Return the label mass of each class in a block's rows, of shape (n_classes, n_block)."""

    def curve(self, root: NDArray, change: NDArray, rows: slice) -> None:
        """Overwrite changes of the logits by those of the derivatives; ``root`` is what `curvature` left."""

    def total_curvature(self, root: NDArray) -> NDArray:
        """Return the sum of second derivatives, (n_logits, n_logits); ``root`` is what `curvature` left."""

    def null_curvature(self) -> NDArray:
        """Return the mean second derivatives, (n_logits, n_logits), where every row has the classes' shares."""

    def class_mass(self) -> NDArray:
        """Return the label mass of each class."""

    def rarity(self) -> NDArray:
        """Return how rare each row's label is: the mean over its label of one over the class's share."""

    def take(self, index: NDArray, factor: NDArray | float) -> Loss:
        """Return the labels of some rows, their masses multiplied."""


class _Binary:
    """What hard and soft labels of two classes share."""

    n_classes = 2
    n_logits = 1
    mass: NDArray
    class_mass: Callable[[], NDArray]

    def curvature(self, logits: NDArray, rows: slice) -> None:
        """Overwrite the logit by the square root of its second derivative."""
        decay = np.exp(-np.abs(logits))
        np.sqrt(self.mass[rows] * decay, out=logits)
        logits /= 1.0 + decay

    def curve(self, root: NDArray, change: NDArray, rows: slice) -> None:  # noqa: ARG002
        """Overwrite changes of the logit by those of its derivative."""
        change *= root
        change *= root

    def total_curvature(self, root: NDArray) -> NDArray:
        """Return the sum of second derivatives."""
        return np.array([[np.vdot(root, root)]])

    def null_curvature(self) -> NDArray:
        """Return the mean second derivative where every row has the classes' shares."""
        share = self.class_mass() / self.mass.sum()
        return np.array([[share.prod()]])


class HardBinaryLoss(_Binary):
    """One label of two in each row, and one logit; see `Loss`.

    Parameters
    ----------
    second : ndarray of bool of shape (n_rows,)
        Whether the label is the second class.
    mass : ndarray of shape (n_rows,)
        Weight of each row.
    """

    def __init__(self, second: NDArray, mass: NDArray):
        self.second, self.mass = second, mass
        self._signed = np.where(second, -1.0, 1.0)
        self._work = np.empty((2, 0))

    def evaluate(self, logits: NDArray, rows: slice) -> float:
        """Return the loss of a block and overwrite its logits by the derivatives."""
        z, mass, sign = logits[0], self.mass[rows], self._signed[rows]
        if self._work.shape[1] < z.size:
            self._work = np.empty((2, z.size))
        decay, work = self._work[:, : z.size]
        # With t = z or -z, so that t > 0 speaks for the other class: softplus(t) = max(t, 0) +
        # log1p(exp(-|t|)), where no term can overflow and none cancels, and its derivative expit(t).
        z *= sign
        np.exp(np.negative(np.abs(z, out=decay), out=decay), out=decay)
        loss = np.dot(mass, np.maximum(z, 0.0, out=work)) + np.dot(mass, np.log1p(decay, out=work))
        np.add(decay, 1.0, out=work)
        np.copyto(decay, 1.0, where=z >= 0)
        np.divide(decay, work, out=z)
        z *= sign
        z *= mass
        return float(loss)

    def label_mass(self, rows: slice) -> NDArray:
        """Return the label mass of each class in a block's rows."""
        second, mass = self.second[rows], self.mass[rows]
        return np.stack([np.where(second, 0.0, mass), np.where(second, mass, 0.0)])

    def class_mass(self) -> NDArray:
        """Return the label mass of each class."""
        return np.bincount(self.second, self.mass, 2)

    def rarity(self) -> NDArray:
        """Return how rare each row's label is."""
        with np.errstate(divide="ignore"):
            return (self.mass.sum() / self.class_mass())[self.second.astype(np.intp)]

    def take(self, index: NDArray, factor: NDArray | float) -> HardBinaryLoss:
        """Return the labels of some rows, their masses multiplied."""
        return HardBinaryLoss(self.second[index], self.mass[index] * factor)


class SoftBinaryLoss(_Binary):
    """A distribution over two classes in each row, and one logit; see `Loss`.

    Parameters
    ----------
    masses : ndarray of shape (2, n_rows)
        Label mass of either class.
    """

    def __init__(self, masses: NDArray):
        self.masses = masses
        self.mass = masses.sum(axis=0)

    def evaluate(self, logits: NDArray, rows: slice) -> float:
        """Return the loss of a block and overwrite its logits by the derivatives."""
        z = logits[0]
        negative, positive = self.masses[:, rows]
        decay = np.exp(-np.abs(z))
        tail = np.log1p(decay)
        loss = np.dot(negative, np.maximum(z, 0.0) + tail) + np.dot(positive, np.maximum(-z, 0.0) + tail)
        larger = 1.0 / (1.0 + decay)
        smaller = decay * larger
        above = z >= 0
        np.subtract(negative * np.where(above, larger, smaller), positive * np.where(above, smaller, larger), out=z)
        return float(loss)

    def curvature(self, logits: NDArray, rows: slice) -> None:
        """Overwrite the logit by the square root of its second derivative."""
        decay = np.exp(-np.abs(logits))
        np.sqrt(self.mass[rows] * decay, out=logits)
        logits /= 1.0 + decay

    def label_mass(self, rows: slice) -> NDArray:
        """Return the label mass of each class in a block's rows."""
        return self.masses[:, rows]

    def class_mass(self) -> NDArray:
        """Return the label mass of each class."""
        return self.masses.sum(axis=1)

    def rarity(self) -> NDArray:
        """Return how rare each row's label is."""
        return (self.mass.sum() / self.class_mass()) @ (self.masses / self.mass)

    def take(self, index: NDArray, factor: NDArray | float) -> SoftBinaryLoss:
        """Return the labels of some rows, their masses multiplied."""
        return SoftBinaryLoss(self.masses[:, index] * factor)


class _Multinomial:
    """What hard and soft labels of three classes or more share."""

    n_classes: int
    n_logits: int
    mass: NDArray
    class_mass: Callable[[], NDArray]

    def curvature(self, logits: NDArray, rows: slice) -> None:
        """Overwrite logits by softmax times the square root of the row's mass."""
        logits -= logits.max(axis=0)
        np.exp(logits, out=logits)
        logits *= np.sqrt(self.mass[rows]) / logits.sum(axis=0)

    def curve(self, root: NDArray, change: NDArray, rows: slice) -> None:
        """Overwrite changes of the logits by those of the derivatives."""
        mean = np.einsum("ij,ij->j", root, change)
        change *= np.sqrt(self.mass[rows])
        change -= mean
        change *= root

    def total_curvature(self, root: NDArray) -> NDArray:
        """Return the sum of second derivatives."""
        # Roots add up to that of the row's mass.
        return np.diag(root @ root.sum(axis=0)) - root @ root.T

    def null_curvature(self) -> NDArray:
        """Return the mean second derivatives where every row has the classes' shares."""
        share = self.class_mass() / self.mass.sum()
        return np.diag(share) - np.outer(share, share)


class HardLoss(_Multinomial):
    """One label in each row, three classes or more; see `Loss`.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,)
        Index of each row's class.
    mass : ndarray of shape (n_rows,)
        Weight of each row.
    n_classes : int
        Number of classes.
    """

    def __init__(self, codes: NDArray, mass: NDArray, n_classes: int):
        self.codes, self.mass = codes, mass
        self.n_classes = self.n_logits = n_classes
        self._columns = np.empty(0, dtype=np.intp)

    def evaluate(self, logits: NDArray, rows: slice) -> float:
        """Return the loss of a block and overwrite its logits by the derivatives."""
        size = logits.shape[1]
        if self._columns.size < size:
            self._columns = np.arange(size)
        mass = self.mass[rows]
        at_label = (self.codes[rows], self._columns[:size])
        logits -= logits.max(axis=0)
        label_logit = logits[at_label]
        np.exp(logits, out=logits)
        total = logits.sum(axis=0)
        loss = np.dot(mass, np.log(total) - label_logit)
        logits *= mass / total
        logits[at_label] -= mass
        return float(loss)

    def label_mass(self, rows: slice) -> NDArray:
        """Return the label mass of each class in a block's rows."""
        return np.where(np.arange(self.n_classes)[:, None] == self.codes[rows], self.mass[rows], 0.0)

    def class_mass(self) -> NDArray:
        """Return the label mass of each class."""
        return np.bincount(self.codes, self.mass, self.n_classes)

    def rarity(self) -> NDArray:
        """Return how rare each row's label is."""
        with np.errstate(divide="ignore"):
            return (self.mass.sum() / self.class_mass())[self.codes]

    def take(self, index: NDArray, factor: NDArray | float) -> HardLoss:
        """Return the labels of some rows, their masses multiplied."""
        return HardLoss(self.codes[index], self.mass[index] * factor, self.n_classes)


class SoftLoss(_Multinomial):
    """A distribution over three classes or more in each row; see `Loss`.

    Parameters
    ----------
    masses : ndarray of shape (n_classes, n_rows)
        Label mass of each class in each row.
    """

    def __init__(self, masses: NDArray):
        self.masses = masses
        self.mass = masses.sum(axis=0)
        self.n_classes = self.n_logits = masses.shape[0]

    def evaluate(self, logits: NDArray, rows: slice) -> float:
        """Return the loss of a block and overwrite its logits by the derivatives."""
        masses, mass = self.masses[:, rows], self.mass[rows]
        logits -= logits.max(axis=0)
        linear = np.einsum("ij,ij->", masses, logits)
        np.exp(logits, out=logits)
        total = logits.sum(axis=0)
        loss = np.dot(mass, np.log(total)) - linear
        logits *= mass / total
        logits -= masses
        return float(loss)

    def label_mass(self, rows: slice) -> NDArray:
        """Return the label mass of each class in a block's rows."""
        return self.masses[:, rows]

    def class_mass(self) -> NDArray:
        """Return the label mass of each class."""
        return self.masses.sum(axis=1)

    def rarity(self) -> NDArray:
        """Return how rare each row's label is."""
        return (self.mass.sum() / self.class_mass()) @ (self.masses / self.mass)

    def take(self, index: NDArray, factor: NDArray | float) -> SoftLoss:
        """Return the labels of some rows, their masses multiplied."""
        return SoftLoss(self.masses[:, index] * factor)


def log_probabilities(logits: NDArray) -> NDArray:
    """Return log probabilities (n_classes, n_block) of logits (n_logits, n_block)."""
    if logits.shape[0] == 1:
        return np.concatenate([log_expit(-logits), log_expit(logits)])
    logits = logits - logits.max(axis=0)
    return logits - np.log(np.exp(logits).sum(axis=0))
