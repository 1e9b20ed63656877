"""The mean penalised cross entropy as a function of the parameters, over all rows or some of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk

from skinfo.classification._losses import Loss
from skinfo.classification._rows import Rows
from skinfo.utils import row_blocks

_DESIGN_BYTES = 1 << 20
# Total masses within which their products with squares of standardised columns are numbers.
_LEAST_TOTAL, _LARGEST_TOTAL = 1e-100, 1e100


@dataclass
class PassCounter:
    """How many times the rows of X have been walked; some of the rows count as a fraction."""

    n_rows: int
    count: float = 0.0

    def add(self, n_rows: float) -> None:
        """Count a walk over some rows."""
        self.count += n_rows / self.n_rows


def contrast_basis(n_classes: int) -> NDArray:
    """Return the matrix that takes free parameters to one logit for each class.

    Two classes have one logit, of the second class. Otherwise the columns are orthonormal and
    orthogonal to a vector of ones: coefficients are centred over classes, and their squares' sum is
    that of the free parameters.

    Parameters
    ----------
    n_classes : int
        Number of classes, at least two.

    Returns
    -------
    ndarray of shape (n_logits, n_classes - 1)
        The basis.
    """
    if n_classes == 2:
        return np.ones((1, 1))
    helmert = np.tril(np.ones((n_classes - 1, n_classes)), 0)
    size = np.arange(1, n_classes)
    helmert[size - 1, size] = -size
    return (helmert / np.sqrt(size * (size + 1.0))[:, None]).T


class Objective:
    """Mean cross entropy plus ridge penalty.

    Parameters are an array of shape (n_free, n_columns + 1), the intercept first (without an
    intercept, no such column), for combinations of classes, contrasts by default, and standardised
    columns. The penalty is on coefficients in the units of X.

    Parameters
    ----------
    rows : Rows
        The rows of X.
    loss : Loss
        Their labels.
    ridge : float
        Penalty's factor: 1 over C and the total mass.
    fit_intercept : bool
        Whether there is an intercept.
    counter : PassCounter
        Where walks over the rows are counted.
    basis : ndarray of shape (n_logits, n_free), optional
        Takes parameters to one logit for each class; its columns are orthonormal. `contrast_basis` by default.
    offset : ndarray of shape (n_logits, n_rows), optional
        What is added to the logits.
    """

    def __init__(
        self,
        rows: Rows,
        loss: Loss,
        ridge: float,
        fit_intercept: bool,
        counter: PassCounter,
        basis: NDArray | None = None,
        offset: NDArray | None = None,
    ):
        self.offset = offset
        self.rows, self.loss, self.fit_intercept, self.counter = rows, loss, fit_intercept, counter
        self.n_rows = rows.n_rows
        self.total = _checked_total(loss.mass)
        self.basis = contrast_basis(loss.n_classes) if basis is None else basis
        self.n_intercepts = int(fit_intercept)
        self.shape = (self.basis.shape[1], rows.n_columns + self.n_intercepts)
        self.size = self.shape[0] * self.shape[1]
        intercept = np.zeros(self.n_intercepts)
        self.ridge = ridge
        with np.errstate(over="ignore", invalid="ignore"):
            self.penalty = np.concatenate([intercept, ridge * rows.columns.inverse_scale * rows.columns.inverse_scale])
        _refuse_infinite(self.penalty[self.n_intercepts :])
        self.second_moment = np.concatenate([1 + intercept, rows.columns.second_moment])
        self._logits = np.empty(0)

    def over(self, rows: Rows, loss: Loss, offset: NDArray | None) -> Objective:
        """Return the same objective over other rows."""
        return Objective(rows, loss, self.ridge, self.fit_intercept, self.counter, self.basis, offset)

    def penalised(self, ridge: float) -> Objective:
        """Return the same objective with another penalty."""
        return Objective(self.rows, self.loss, ridge, self.fit_intercept, self.counter, self.basis, self.offset)

    def take(self, index: NDArray, factor: NDArray | float) -> Objective:
        """Return the objective of some of the rows, their masses multiplied."""
        offset = None if self.offset is None else self.offset[:, index]
        return self.over(self.rows.take(index), self.loss.take(index, factor), offset)

    def restrict(self, index: NDArray) -> Objective:
        """Return the objective of some of the columns, which are copied."""
        return self.over(self.rows.restrict(index), self.loss, self.offset)

    def coefficients(self, theta: NDArray) -> tuple[NDArray, NDArray]:
        """Return coefficients (n_logits, n_columns) in the units of X and intercepts of centred columns."""
        coef = self.basis @ (theta[:, self.n_intercepts :] * self.rows.columns.inverse_scale)
        intercept = self.basis @ theta[:, 0] if self.fit_intercept else np.zeros(coef.shape[0])
        return coef, intercept

    def parameters(self, coef: NDArray, intercept: NDArray) -> NDArray:
        """Return the parameters of coefficients and intercepts in the units of X."""
        columns = self.rows.columns
        with np.errstate(divide="ignore"):
            scale = np.where(columns.inverse_scale > 0, 1.0 / columns.inverse_scale, 0.0)
        theta = np.empty(self.shape)
        theta[:, self.n_intercepts :] = self.basis.T @ coef * scale
        if self.fit_intercept:
            theta[:, 0] = self.basis.T @ (intercept + coef @ columns.mean)
        return theta

    def blocks(self, theta: NDArray, rows_at_once: int = 0) -> Iterator[tuple[slice, Any, NDArray]]:
        """Walk the rows: yield each slice, its block of X and its logits, which may be overwritten."""
        coef, shift = self._linear(theta)
        n_logits = coef.shape[0]
        n_rows, step = self.n_rows, rows_at_once
        slices = (slice(i, min(i + step, n_rows)) for i in range(0, n_rows, step)) if step else self.slices()
        for rows in slices:
            block = self.rows.block(rows)
            size = n_logits * (rows.stop - rows.start)
            if self._logits.size < size:
                self._logits = np.empty(size)
            logits = self._logits[:size].reshape(n_logits, -1)
            self.rows.logits(block, coef, logits)
            logits += shift
            if self.offset is not None:
                logits += self.offset[:, rows]
            yield rows, block, logits
        self.counter.add(n_rows)

    def changes(self, direction: NDArray) -> NDArray:
        """Return how logits change, (n_logits, n_rows), along a direction of the parameters."""
        coef, shift = self._linear(direction)
        changes = np.empty((coef.shape[0], self.n_rows))
        for rows in self.slices():
            self.rows.logits(self.rows.block(rows), coef, changes[:, rows])
        changes += shift
        self.counter.add(0.5 * self.n_rows)
        return changes

    def pull_back(self, residual: NDArray) -> NDArray:
        """Return the mean derivatives in the parameters from those in the logits, (n_logits, n_rows)."""
        slopes = np.zeros((self.loss.n_logits, self.rows.n_columns))
        for rows in self.slices():
            slopes += self.rows.gradient(self.rows.block(rows), residual[:, rows])
        self.counter.add(0.5 * self.n_rows)
        return self._gradient(slopes, residual.sum(axis=1))

    def hessian_product(self, direction: NDArray, root: NDArray, changes: NDArray) -> NDArray:
        """Return the Hessian times a direction of the parameters, and write how logits change along it.

        Parameters
        ----------
        direction : ndarray
            Of the parameters' shape.
        root : ndarray of shape (n_logits, n_rows)
            What the loss's ``curvature`` made of the logits.
        changes : ndarray of shape (n_logits, n_rows)
            Written to: the direction's logits.
        """
        coef, shift = self._linear(direction)
        n_logits = coef.shape[0]
        slopes, sums = np.zeros((n_logits, self.rows.n_columns)), np.zeros(n_logits)
        for rows in self.slices():
            block, change = self.rows.block(rows), changes[:, rows]
            self.rows.logits(block, coef, change)
            change += shift
            curved = change.copy()
            self.loss.curve(root[:, rows], curved, rows)
            slopes += self.rows.gradient(block, curved)
            sums += curved.sum(axis=1)
        self.counter.add(self.n_rows)
        return self._gradient(slopes, sums) + self.penalise(direction)

    def slices(self) -> Iterator[slice]:
        """Return blocks of rows."""
        return self.rows.slices(3 * self.loss.n_logits)

    def _linear(self, theta: NDArray) -> tuple[NDArray, NDArray]:
        """Return the coefficients of a block's columns and, as a column, what is added to their products."""
        coef, intercept = self.coefficients(theta)
        return coef, (intercept - coef @ self.rows.centre)[:, None]

    def _gradient(self, slopes: NDArray, sums: NDArray) -> NDArray:
        """Return the mean derivatives from the blocks' sums of derivatives with and without the columns."""
        slopes -= np.outer(sums, self.rows.centre)
        gradient = np.empty(self.shape)
        gradient[:, self.n_intercepts :] = self.basis.T @ slopes * self.rows.columns.inverse_scale
        if self.fit_intercept:
            gradient[:, 0] = self.basis.T @ sums
        gradient /= self.total
        return gradient

    def mean_loss(self, theta: NDArray, value: float) -> float:
        """Return the value less the penalty."""
        return value - 0.5 * float(np.vdot(self.penalise(theta), theta))

    def penalise(self, theta: NDArray) -> NDArray:
        """Return the gradient of the penalty."""
        return self.penalty * theta

    def add_penalty(self, hessian: NDArray) -> None:
        """Add the penalty's second derivatives."""
        hessian.flat[:: self.size + 1] += np.tile(self.penalty, self.shape[0])

    def __call__(self, theta: NDArray) -> tuple[float, NDArray]:
        """Return the value and the gradient, from one walk over the rows."""
        loss = 0.0
        slopes = np.zeros((self.loss.n_logits, self.rows.n_columns))
        sums = np.zeros(self.loss.n_logits)
        for rows, block, logits in self.blocks(theta):
            loss += self.loss.evaluate(logits, rows)
            slopes += self.rows.gradient(block, logits)
            sums += logits.sum(axis=1)
        gradient = self._gradient(slopes, sums)
        penalised = self.penalise(theta)
        return loss / self.total + 0.5 * float(np.vdot(penalised, theta)), gradient + penalised

    def design(self, block: Any) -> NDArray:
        """Return the block's standardised columns after a column of ones for the intercept."""
        design = np.empty((block.shape[0], self.shape[1]))
        design[:, : self.n_intercepts] = 1.0
        self.rows.dense(block, design[:, self.n_intercepts :])
        return design

    def gram(self) -> NDArray:
        """Return the mean outer product of the design's rows."""
        width = self.shape[1]
        gram = np.zeros((width, width), order="F")
        for rows in row_blocks(self.n_rows, 3 * width):
            design = self.design(self.rows.block(rows))
            design *= np.sqrt(self.loss.mass[rows])[:, None]
            gram = dsyrk(1.0, design.T, beta=1.0, c=gram, lower=1, overwrite_c=1)
        self.counter.add(self.n_rows)
        return symmetric(gram) / self.total

    @property
    def hessian_work(self) -> float:
        """Multiplications of one exact Hessian over all rows."""
        return self.n_rows * float(self.loss.n_logits * self.shape[1]) ** 2

    @property
    def pass_work(self) -> float:
        """Multiplications of a walk over the rows, exponentials counted as what they cost."""
        return self.loss.n_logits * (2.0 * self.rows.n_entries + 30.0 * self.n_rows)

    def mean_curvature(self, theta: NDArray) -> NDArray:
        """Return the mean second derivatives in the logits, in the basis of the parameters."""
        total = np.zeros((self.loss.n_logits, self.loss.n_logits))
        for rows, _, logits in self.blocks(theta):
            self.loss.curvature(logits, rows)
            total += self.loss.total_curvature(logits)
        return self.basis.T @ total @ self.basis / self.total

    def hessian(self, theta: NDArray) -> NDArray:
        """Return the second derivatives, of shape (size, size).

        The second derivative in logits is diag(q) - q q'. Off its diagonal that is a product, so one
        symmetric matrix product gives every block; a diagonal block is minus the sum of its row's
        others, which does not cancel where a probability is close to one.
        """
        n_logits, width = self.loss.n_logits, self.shape[1]
        side = n_logits * width
        if side == 0:
            return np.zeros((0, 0))
        products = np.zeros((side, side), order="F")
        for rows, block, logits in self.blocks(theta, max(64, _DESIGN_BYTES // (8 * side))):
            self.loss.curvature(logits, rows)
            design = self.design(block)
            if n_logits == 1:
                design *= logits.T
                rooted = design
            else:
                rooted = (logits.T[:, :, None] * design[:, None, :]).reshape(-1, side)
            products = dsyrk(1.0, rooted.T, beta=1.0, c=products, lower=1, overwrite_c=1)
        products = symmetric(products)
        if n_logits > 1:
            blocks = products.reshape(n_logits, width, n_logits, width)
            each = np.arange(n_logits)
            blocks[each, :, each, :] = 0.0
            sums = blocks.sum(axis=2)
            np.negative(blocks, out=blocks)
            blocks[each, :, each, :] = sums
            blocks = np.tensordot(self.basis.T, blocks, axes=1)
            blocks = np.tensordot(blocks, self.basis, axes=(2, 0)).transpose(0, 1, 3, 2)
            products = blocks.reshape(self.size, self.size)
        products /= self.total
        self.add_penalty(products)
        return products

    def subsample(self, size: int, rng: np.random.RandomState) -> Objective:
        """Return the objective of about that many rows, drawn at random; itself if that is all.

        Where a column or a class is so rare that equal chances would hardly show it, half of the draw
        leans to the rows that have it, and weights make up for that.
        """
        n_rows = self.n_rows
        if size >= n_rows:
            return self
        scores = []
        if size * self.loss.class_mass().min() < 10 * self.shape[1] * self.total:
            scores.append(self.loss.rarity())
        if size < 100 * self.rows.columns.tail:
            scores.append(self.rows.norms())
            self.counter.add(n_rows)
        if scores:
            lean = sum(score / max(score.sum(), np.finfo(np.float64).tiny) for score in scores)
            chance = np.minimum(1.0, size * (0.5 / n_rows + 0.5 / len(scores) * lean))
            index = np.flatnonzero(rng.uniform(size=n_rows) < chance)
            return self.take(index, 1.0 / chance[index])
        # One row of each of as many stretches of equal length.
        index = ((np.arange(size) + rng.uniform(size=size)) * (n_rows / size)).astype(np.intp)
        return self.take(np.minimum(index, n_rows - 1), 1.0)


def ridge_of(C: float, total: float) -> float:
    """Return the penalty's factor beside a mean loss, infinite where it overflows.

    Parameters
    ----------
    C : float
        Inverse strength of the penalty beside a sum.
    total : float
        Total mass of the rows.
    """
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        return float(np.divide(1.0, np.multiply(C, total)))


def check_shares(mass: NDArray, classes: NDArray) -> None:
    """Refuse a class of so little mass that its products with the rows may not be numbers.

    Parameters
    ----------
    mass : ndarray of shape (n_classes,)
        Label mass of each class.
    classes : ndarray of shape (n_classes,)
        Their names.
    """
    faint = mass < _LEAST_TOTAL * mass.max(initial=0.0)
    if faint.any():
        raise ValueError(
            f"the classes {classes[faint].tolist()} have less than {_LEAST_TOTAL:g} of another's mass, labels times "
            "sample_weight times class_weight: give them larger weights, or leave them out of y"
        )


def _checked_total(mass: NDArray) -> float:
    """Return the rows' total mass; refuse one whose products with the rows may not be numbers."""
    with np.errstate(over="ignore"):
        total = float(mass.sum())
    if total != 0 and not _LEAST_TOTAL <= total <= _LARGEST_TOTAL:
        raise ValueError(
            f"sample_weight, times class_weight, sums to {total:.3g}, which must be from {_LEAST_TOTAL:g} to "
            f"{_LARGEST_TOTAL:g}: multiply the weights by a constant, and divide C by it"
        )
    return total


def _refuse_infinite(penalty: NDArray) -> None:
    """Refuse a penalty that is not a number in the columns' units."""
    finite = np.isfinite(penalty)
    if not finite.all():
        raise ValueError(
            f"C is so small, for the unit of column {int(np.argmin(finite))} of X, that the penalty overflows: set a "
            "larger C, or multiply the column by a constant"
        )


def symmetric(lower: NDArray) -> NDArray:
    """Fill the upper triangle from the lower one; C-contiguous."""
    full = np.tril(lower)
    full += np.tril(lower, -1).T
    return full
