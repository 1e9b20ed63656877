"""The Hessian of some coefficients and the intercepts, as the metric of proximal Newton steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk

from skinfo.classification._duality import Penalty, relative_entropy
from skinfo.classification._l1_quadratic import L1Quadratic
from skinfo.classification._losses import log_probabilities
from skinfo.classification._objective import Objective, contrast_basis, symmetric
from skinfo.classification._preconditioners import Cholesky

_DESIGN_BYTES = 1 << 20
# Where all rows' Hessian takes more multiplications than this, a subsample's does.
_WORK = 5e9
_ROWS_PER_PARAMETER = 30
_NOISE = 4 * np.finfo(np.float64).eps
# A bound on the slopes' rounding that is a larger share of the penalty is worth a closer look.
_HIDDEN = 1e-6
# Where less than this share of a second derivative is left, too many of its digits are gone.
_CANCELLED = 1e-4
# Where less than this is left, none is.
_UNSEEN = 1e-14


class Model(NamedTuple):
    """What a quadratic model has at its minimiser.

    Attributes
    ----------
    step : ndarray
        The step to it.
    slopes : ndarray of shape (n_free, n_columns)
        The loss's slopes in the pairs that may move, and those before the step in others.
    length : float
        The step's length in the metric.
    """

    step: NDArray
    slopes: NDArray
    length: float


class L1Metric:
    """The Hessian of the mean loss at a point, restricted to pairs of a class and a column.

    Intercepts, which have no penalty, are eliminated.

    Parameters
    ----------
    objective : Objective
        The mean loss.
    theta : ndarray
        Where.
    pairs : ndarray of bool of shape (n_free, n_columns)
        The coefficients that may move.
    l1 : ndarray of shape (n_columns,)
        The penalty on them.
    generosity : float
        Multiplies the rows used where there are many.
    rng : RandomState
        Draws them.

    Attributes
    ----------
    inflation : float
        How many rows each row used stands for.
    """

    def __init__(
        self,
        objective: Objective,
        theta: NDArray,
        pairs: NDArray,
        l1: NDArray,
        generosity: float,
        rng: np.random.RandomState,
    ):
        self._noise = slope_noise(objective, theta, l1)[np.nonzero(pairs)[1]]
        self._pairs, self._first, self._total = pairs, objective.n_intercepts, objective.total
        classes, columns = np.nonzero(pairs)
        n_free = theta.shape[0]
        heads = np.arange(n_free) if self._first else np.empty(0, dtype=np.intp)
        side = heads.size + classes.size
        n_rows = int(max(2000, generosity * max(_ROWS_PER_PARAMETER * side, _WORK / max(side, 1) ** 2)))
        self._part, self._theta = objective, theta
        self.inflation = max(1.0, objective.n_rows / n_rows)
        if self.inflation > 1:
            index = np.sort(rng.choice(objective.n_rows, n_rows, replace=False))
            self._part = objective.take(index, self.inflation)
        of = np.concatenate([heads, classes]), np.concatenate([np.zeros_like(heads), columns + self._first])
        self._matrix = hessian = pair_hessian(self._part, theta, *of)
        whole = np.diagonal(hessian)[heads.size :]
        if self._first:
            self._basis = contrast_basis(objective.loss.n_classes)
            self._eliminate(hessian)
            own = np.diagonal(hessian)[classes]
            lost = (np.diagonal(self._matrix) < _CANCELLED * whole) & (own > 0)
            if lost.any():
                # Taken about the mean of the rows that have curvature, little is left to cancel.
                mean = np.where(
                    lost, hessian[classes, n_free + np.arange(classes.size)] / np.where(lost, own, 1.0), 0.0
                )
                hessian = pair_hessian(self._part, theta, *of, np.concatenate([np.zeros(n_free), mean]))
                whole = np.diagonal(hessian)[n_free:]
                self._eliminate(hessian)
                self._cross += self._basis.T[:, classes] * mean
        # A coefficient that no row shows gets the curvature's upper bound: a step, but no forecast of its slope.
        diagonal = np.diagonal(self._matrix).copy()
        bound = curvature_bound(objective)[columns + self._first]
        self._added = np.where(diagonal > _UNSEEN * whole, 0.0, bound - diagonal)
        self._matrix.flat[:: classes.size + 1] += self._added
        self._quadratic: L1Quadratic | None = None
        self._ridge = np.empty(0)

    def _eliminate(self, hessian: NDArray) -> None:
        """Take the intercepts out of second derivatives that they come first in."""
        # The same number more for every class's intercept changes nothing.
        basis, n_free = self._basis, self._basis.shape[0]
        head = basis.T @ hessian[:n_free, :n_free] @ basis
        self._factor = Cholesky(head, np.full(head.shape[0], 0.25))
        cross = basis.T @ hessian[:n_free, n_free:]
        self._cross = self._factor.solve(cross)
        self._matrix = hessian[n_free:, n_free:] - cross.T @ self._cross

    def model(self, theta: NDArray, gradient: NDArray, penalty: Penalty) -> Model:
        """Minimise the quadratic model plus the penalty.

        Parameters
        ----------
        theta : ndarray
            Where the model's gradient was taken.
        gradient : ndarray
            Of the mean loss.
        penalty : Penalty
            On the coefficients of each column.

        Returns
        -------
        Model
            What it has at its minimiser.
        """
        first, pairs = self._first, self._pairs
        columns = np.nonzero(pairs)[1]
        start, slopes = theta[:, first:][pairs], gradient[:, first:][pairs]
        ridge, square = penalty.ridge[columns], 0.0
        if first:
            pull = self._basis.T @ gradient[:, 0]
            freed = self._factor.solve(pull)
            square = float(pull @ freed)
            slopes = slopes - self._cross.T @ pull
        moved = self._penalised(ridge).minimise(start, -slopes - ridge * start, penalty.l1[columns])
        step, forecast = np.zeros_like(theta), gradient[:, first:].copy()
        step[:, first:][pairs] = moved
        if first:
            step[:, 0] = -self._basis @ (freed + self._cross @ moved)
        change = self._matrix @ moved - self._added * moved
        forecast[pairs] = slopes + change
        return Model(step, forecast, float(np.sqrt(max(square + moved @ change, 0.0))))

    def divergence(self, theta: NDArray, step: NDArray) -> float:
        """Return the mean KL divergence from the probabilities at a point to those the model has after a step.

        The model's are linear in the step, and infinite divergence says that some are negative.
        """
        part = self._part
        # Each walk has a buffer of its own; the step's logits have no offset.
        places = ((theta, part.offset), (self._theta, part.offset), (step, None))
        walks = [part.over(part.rows, part.loss, offset).blocks(where) for where, offset in places]
        total = 0.0
        for (rows, _, here), (_, _, there), (_, _, move) in zip(*walks):
            log_proba, weight = log_probabilities(here), np.exp(log_probabilities(there))
            if move.shape[0] == 1:
                move = np.concatenate([np.zeros_like(move), move])
            change = self.inflation * weight * (move - np.einsum("ij,ij->j", weight, move))
            terms = relative_entropy(log_proba, np.exp(log_proba), change)
            total += float(np.vdot(part.loss.mass[rows], terms.sum(axis=0)))
        return total / (self.inflation * self._total)

    def _penalised(self, ridge: NDArray) -> L1Quadratic:
        """Return the quadratic with the ridge in it; the last one is kept, and its factor with it."""
        if self._quadratic is None or not np.array_equal(ridge, self._ridge):
            matrix = self._matrix.copy()
            matrix.flat[:: ridge.size + 1] += ridge
            whole = self._pairs.all(axis=0) & (self._pairs.shape[0] > 1) & (not ridge.any())
            place = np.cumsum(self._pairs).reshape(self._pairs.shape) - 1
            quadratic = L1Quadratic(matrix, self._noise, place[:, whole].T)
            self._quadratic, self._ridge = quadratic, ridge
        return self._quadratic


def slope_noise(objective: Objective, theta: NDArray, l1: NDArray) -> NDArray:
    """Return what rounding may leave of each column's slopes where they should be zero.

    That of the sums over the rows, whose terms are as large as the columns are where they are centred later, and of
    the logits, whose terms may cancel. Where the largest row's would hide much of the penalty, every row has its own.

    Parameters
    ----------
    objective : Objective
        The mean loss.
    theta : ndarray
        Where.
    l1 : ndarray of shape (n_columns,)
        The penalty on the columns' coefficients.
    """
    rows = objective.rows
    size = np.sqrt(rows.columns.second_moment + (rows.centre * rows.columns.inverse_scale) ** 2)
    terms = np.abs(theta[:, objective.n_intercepts :]) @ size
    bound = _NOISE * size * (1.0 + 0.25 * float(terms.max(initial=0.0)))
    return bound if np.all(bound <= _HIDDEN * l1) else np.minimum(bound, _noise_by_row(objective, theta))


def _noise_by_row(objective: Objective, theta: NDArray) -> NDArray:
    """Return the rounding of slopes from the rounding of every row's derivatives in its logits."""
    rows, coef = objective.rows, objective.coefficients(theta)[0]
    largest, centre = np.abs(coef).max(axis=0, keepdims=True), np.abs(rows.centre)
    noise, total = np.zeros(rows.n_columns), 0.0
    for part, block, logits in objective.blocks(theta):
        objective.loss.curvature(logits, part)
        curvature = logits[0] ** 2 if logits.shape[0] == 1 else (logits * _others(logits)).max(axis=0)
        sizes = rows.absolute(block)
        terms = rows.logits(sizes, largest, np.empty((1, curvature.size))) + largest @ centre
        errors = objective.loss.mass[part] + curvature * terms
        noise += rows.gradient(sizes, errors)[0]
        total += float(errors.sum())
    return _NOISE * rows.columns.inverse_scale * (noise + total * centre) / objective.total


def curvature_bound(objective: Objective) -> NDArray:
    """Return upper bounds on the second derivatives in each column of the design."""
    return (0.25 if objective.loss.n_logits == 1 else 0.5) * objective.second_moment


def pair_hessian(
    objective: Objective, theta: NDArray, classes: NDArray, columns: NDArray, centre: NDArray | None = None
) -> NDArray:
    """Return the second derivatives of the mean loss in some of the parameters.

    Parameters
    ----------
    objective : Objective
        The mean loss.
    theta : ndarray
        Where.
    classes, columns : ndarray of intp of shape (m,)
        Logit and column of the design, for each parameter.
    centre : ndarray of shape (m,), optional
        What is subtracted from the column, for each parameter.

    Returns
    -------
    ndarray of shape (m, m)
        See `Objective.hessian`; a class's own block comes from its own product.
    """
    side, n_logits = classes.size, objective.loss.n_logits
    if side == 0:
        return np.zeros((0, 0))
    members = [np.flatnonzero(classes == k) for k in range(n_logits)] if n_logits > 1 else []
    products = np.zeros((side, side), order="F")
    own = [np.zeros((each.size, each.size), order="F") for each in members]
    rows_at_once = max(64, _DESIGN_BYTES // (8 * max(side, objective.shape[1])))
    for rows, block, roots in objective.blocks(theta, rows_at_once):
        objective.loss.curvature(roots, rows)
        each_column = objective.design(block)[:, columns]
        if centre is not None:
            each_column -= centre
        rooted = each_column * roots[classes].T
        products = dsyrk(1.0, rooted.T, beta=1.0, c=products, lower=1, overwrite_c=1)
        if members:
            weights = np.sqrt(roots * _others(roots))
            for k, each in enumerate(members):
                if each.size:
                    rooted = each_column[:, each] * weights[k][:, None]
                    own[k] = dsyrk(1.0, rooted.T, beta=1.0, c=own[k], lower=1, overwrite_c=1)
    if members:
        np.negative(products, out=products)
        for each, block in zip(members, own):
            products[np.ix_(each, each)] = block
    return symmetric(products) / objective.total


def _others(values: NDArray) -> NDArray:
    """Return the sum over each column's other entries, without cancellation; entries are not negative."""
    largest = values.argmax(axis=0)[None]
    rest = values.copy()
    np.put_along_axis(rest, largest, 0.0, axis=0)
    rest = rest.sum(axis=0)
    others = rest + np.take_along_axis(values, largest, axis=0)[0] - values
    np.put_along_axis(others, largest, rest[None], axis=0)
    return others
