"""Classifiers fitted batch by batch: what is kept of rows that are gone."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.utils.metaestimators import available_if

from skinfo.classification._arguments import check_arguments
from skinfo.classification._computing import computing
from skinfo.classification._firth import minimise_firth
from skinfo.classification._information import MAX_PARAMETERS, information_of
from skinfo.classification._labels import read_batch, read_classes
from skinfo.classification._lbfgs import Point, lbfgs_renewed
from skinfo.classification._losses import Loss
from skinfo.classification._objective import Objective, PassCounter, check_shares, ridge_of
from skinfo.classification._preconditioners import HessianPreconditioner
from skinfo.classification._prediction import relative_offset
from skinfo.classification._problem import Problem
from skinfo.classification._rows import Columns, DenseRows, Rows, SparseRows, standardise
from skinfo.classification._separation import Separation, is_running_away, separation
from skinfo.utils import check_weights, mixin, unchanged_on_failure

# Steps after which a slow metric is replaced.
_PATIENCE = 4
# To so many standard errors of the whole is the point found about which separable labels' loss is expanded.
_EXPANSION_TOL = 1e-3


@dataclass
class Memory:
    """Loss of the batches so far: for each its second-order expansion about the estimates after it, summed.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        The classes.
    columns : Columns
        The units of the parameters, from the first batch.
    at : ndarray of shape (size,)
        Where value and gradient are.
    value : float
        The sum there, in nats.
    gradient : ndarray of shape (size,)
        Its derivatives there.
    curvature : ndarray of shape (size, size)
        Its second derivatives.
    class_mass : ndarray of shape (n_classes,)
        Label mass of each class.
    """

    classes: NDArray
    columns: Columns
    at: NDArray
    value: float
    gradient: NDArray
    curvature: NDArray
    class_mass: NDArray

    @classmethod
    def empty(cls, classes: NDArray, columns: Columns, size: int) -> Memory:
        """Return the memory of no rows."""
        nothing = np.zeros(size)
        return cls(classes, columns, nothing, 0.0, nothing, np.zeros((size, size)), np.zeros(classes.size))

    def __call__(self, theta: NDArray) -> tuple[float, NDArray]:
        """Return the expansion's value and gradient."""
        step = theta.ravel() - self.at
        turn = self.curvature @ step
        return self.value + float(step @ (self.gradient + 0.5 * turn)), self.gradient + turn

    def extend(self, batch: Objective, theta: NDArray) -> Memory:
        """Return the memory that has the loss of a batch, without penalty, as well."""
        value, gradient = self(theta)
        more, slopes = batch(theta)
        return replace(
            self,
            at=theta.ravel(),
            value=value + batch.total * more,
            gradient=gradient + batch.total * slopes.ravel(),
            curvature=self.curvature + batch.total * batch.hessian(theta),
            class_mass=self.class_mass + batch.loss.class_mass(),
        )


class RememberingObjective(Objective):
    """Mean loss and penalty of a batch and of what is remembered of the batches before it.

    Parameters
    ----------
    batch : Objective
        The batch, without penalty.
    memory : Memory
        What is remembered.
    C : float
        Inverse strength of the penalty.
    """

    def __init__(self, batch: Objective, memory: Memory, C: float):
        total = batch.total + float(memory.class_mass.sum())
        super().__init__(
            batch.rows, batch.loss, ridge_of(C, total), batch.fit_intercept, batch.counter, batch.basis, batch.offset
        )
        self.total, self.memory, self.C = total, memory, C

    def over(self, rows: Rows, loss: Loss, offset: NDArray | None) -> RememberingObjective:
        """Return the same objective over other rows."""
        return RememberingObjective(super().over(rows, loss, offset), self.memory, self.C)

    def __call__(self, theta: NDArray) -> tuple[float, NDArray]:
        """Return the value and the gradient."""
        value, gradient = super().__call__(theta)
        remembered, slopes = self.memory(theta)
        return value + remembered / self.total, gradient + slopes.reshape(self.shape) / self.total

    def hessian(self, theta: NDArray) -> NDArray:
        """Return the second derivatives, of shape (size, size)."""
        return super().hessian(theta) + self.memory.curvature / self.total


def _has_expansion(estimator: Any) -> bool:
    """Refuse penalties that no quadratic stands for."""
    if estimator.l1_ratio != 0 and np.inf != estimator.C:
        raise AttributeError(f"partial_fit has no l1 penalty; got l1_ratio={estimator.l1_ratio!r}: set it to 0, or fit")
    if estimator.bias_reduction:
        raise AttributeError("partial_fit has no bias_reduction, which takes all rows at once: set it to False, or fit")
    return True


@mixin
class PartialFit:
    """What a classifier has to be fitted batch by batch; see `LogLossClassifier`."""

    classes_: NDArray
    C: float
    l1_ratio: float
    fit_intercept: bool
    bias_reduction: bool
    class_weight: Any
    tol: float
    max_iter: int
    _has_offset: bool
    _memory: Memory | None = None
    _validate: Any
    _attributes: Any
    _warn: Any

    @available_if(_has_expansion)
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
    ) -> Any:
        """Go on with another batch of rows, which need not be kept.

        Of the batches before, the second-order expansion of each one's loss about the estimates after it stands for
        its rows [1]_, [2]_, in memory that does not grow. So this is an approximation: exact for the first batch,
        and with an error that vanishes as the batches grow. A first batch of many rows, in which every class occurs,
        makes it small. ``converged_`` says that the problem of this batch, expansions included, was solved, and
        ``log_likelihood_`` includes the expansions.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, or soft labels; see `fit`. Classes may be missing.
        classes : array-like of shape (n_classes,), default=None
            All classes there will be. The first call needs them, unless labels are soft, whose columns are the
            classes, or a fit had them.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, not negative.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits; see `fit`.

        Returns
        -------
        LogLossClassifier
            The classifier. A call after `fit` starts anew, and says so: the rows of the fit are gone.

        Raises
        ------
        AttributeError
            If there is a l1 penalty or ``bias_reduction``.
        ValueError
            If an argument is not valid, or there are more than 2000 parameters.

        References
        ----------
        .. [1] Lin, N. and Xi, R. (2011). Aggregated estimating equation estimation. Statistics and Its Interface 4,
           73-83.
        .. [2] Schifano, E. D., Wu, J., Wang, C., Yan, J. and Chen, M.-H. (2016). Online updating of statistical
           inference in the big data setting. Technometrics 58, 393-403.

        Examples
        --------
        >>> from sklearn.datasets import load_breast_cancer
        >>> from skinfo import LogLossClassifier
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> model = LogLossClassifier(C=float("inf"))
        >>> for rows in (slice(0, 300), slice(300, None)):
        ...     model = model.partial_fit(X[rows, :2], y[rows], classes=[0, 1])
        >>> model.coef_.round(2), model.standard_errors_[:, 1:].round(2)
        (array([[-0.99, -0.2 ]]), array([[0.1 , 0.04]]))
        """
        check_arguments(self)
        with unchanged_on_failure(self), computing():
            problem, memory = self._read_batch(X, y, classes, sample_weight, offset)
            self.__dict__.update(self._go_on(problem, memory))
        return self

    def _read_batch(
        self, X: Any, y: Any, classes: ArrayLike | None, sample_weight: ArrayLike | None, offset: ArrayLike | None
    ) -> tuple[Problem, Memory]:
        """Check a batch; return it, its objective without penalty, and what is remembered of those before."""
        memory = self._memory
        X, y, names = self._validate(X, y, reset=memory is None)
        known = None if memory is None else memory.classes
        if memory is None and hasattr(self, "classes_"):
            message = "partial_fit starts anew: the rows of fit are gone, and nothing stands for them"
            warnings.warn(message, UserWarning, stacklevel=3)
            classes = self.classes_ if classes is None and y.ndim == 1 else classes
        classes = read_classes(classes, y, names, known)
        size = (classes.size - 1) * (X.shape[1] + int(self.fit_intercept))
        if size > MAX_PARAMETERS:
            raise ValueError(
                f"partial_fit keeps a square matrix over all {size} parameters, at most {MAX_PARAMETERS}: use fewer "
                "columns, fit on a memory-mapped X, or sklearn.linear_model.SGDClassifier(loss='log_loss')"
            )
        if memory is not None and memory.at.size != size:
            raise ValueError("fit_intercept must be what it was for the batches before; call fit to start anew")
        weights = check_weights(sample_weight, X.shape[0])
        labels = read_batch(y, weights, self.class_weight, classes)
        mass = labels.loss.class_mass()
        check_shares(mass[mass > 0], classes[mass > 0])
        added = relative_offset(offset, X.shape[0], classes.size)
        dtype = X.dtype
        X, y, weights, added = labels.select(X, y, weights, added)
        counter = PassCounter(X.shape[0], count=float(memory is None))
        if memory is None:
            columns = _lasting(standardise(X, labels.loss.mass, centred=bool(self.fit_intercept)).columns)
            memory = Memory.empty(classes, columns, size)
        rows: Rows = (SparseRows if sparse.issparse(X) else DenseRows)(X, memory.columns)
        batch = Objective(rows, labels.loss, 0.0, bool(self.fit_intercept), counter, offset=added)
        return Problem(batch, classes, labels.kept, weights, y, names, dtype), memory

    def _go_on(self, problem: Problem, memory: Memory) -> dict[str, Any]:
        """Return the attributes after a batch."""
        batch = problem.objective
        objective = RememberingObjective(batch, memory, float(self.C))
        start, goes_on = memory.at.reshape(objective.shape), bool(memory.class_mass.any())
        point = lbfgs_renewed(
            objective,
            Point(start, *objective(start)),
            lambda theta: HessianPreconditioner(objective, theta),
            tol=float(self.tol),
            max_iter=int(self.max_iter),
            patience=_PATIENCE,
        )
        converged = point.norm <= self.tol
        found, left, about = Separation("none"), None, point.theta
        running = is_running_away(objective, point.theta, converged)
        # Expansions hold the parameters, unless this batch is the first to show some.
        if np.isinf(self.C) and (running or not goes_on):
            found = separation(batch, point.theta, converged)
        if running or found.verdict in ("complete", "quasi-complete"):
            # On the way to infinity the loss is flat: an expansion there would forget the batch.
            about = minimise_firth(objective, start, tol=_EXPANSION_TOL, max_iter=int(self.max_iter)).theta
        memory = memory.extend(batch, about)
        if np.isinf(self.C):
            left = information_of(objective, memory.curvature / objective.total, memory.class_mass, found)
        fitted = self._attributes(replace(problem, objective=objective), point, "newton", found, left)
        self._warn(point, fitted["converged_"], found)
        fitted["_has_offset"] |= goes_on and self._has_offset
        return {**fitted, "_memory": memory}


def _lasting(columns: Columns) -> Columns:
    """Return units in which later batches can be told: a column that is constant so far is in units of its value."""
    lasting = copy.copy(columns)
    constant = columns.inverse_scale == 0
    exponent = np.frexp(np.where(columns.mean == 0, 1.0, np.abs(columns.mean)))[1]
    lasting.inverse_scale = np.where(constant, np.ldexp(1.0, -exponent), columns.inverse_scale)
    lasting.far = columns.far | (constant & (columns.mean != 0))
    return lasting
