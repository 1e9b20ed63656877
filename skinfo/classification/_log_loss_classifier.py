"""Logistic regression, of two classes or more, by least cross entropy."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skinfo.classification._arguments import check_arguments, penalty_of
from skinfo.classification._computing import computing
from skinfo.classification._dependence import dependent_columns, faint_columns
from skinfo.classification._firth import minimise_firth
from skinfo.classification._inference import LikelihoodInference
from skinfo.classification._information import Information, information, is_affordable
from skinfo.classification._labels import read_labels
from skinfo.classification._lbfgs import Point
from skinfo.classification._limit import go_to_limit
from skinfo.classification._objective import Objective, PassCounter, check_shares, ridge_of
from skinfo.classification._online import PartialFit
from skinfo.classification._prediction import FLOATS, SoftmaxPrediction, relative_offset
from skinfo.classification._problem import Problem
from skinfo.classification._proximal import minimise_l1, without_ridge
from skinfo.classification._rows import standardise
from skinfo.classification._separation import Separation, separation
from skinfo.classification._solver import SOLVERS, choose_solver
from skinfo.utils import check_weights, unchanged_on_failure, validate_rows

# Columns that a warning names at most.
_NAMED = 10
# Differences of values below this, relative to one plus the value, are rounding.
_ROUNDING = 16 * np.finfo(np.float64).eps
# Terms of the logits beyond this cost a third of the digits.
_LARGE_TERM = 1e5


class LogLossClassifier(SoftmaxPrediction, LikelihoodInference, PartialFit, ClassifierMixin, BaseEstimator):
    r"""Multinomial logistic regression that minimises cross entropy to hard or soft labels.

    Minimises, over coefficients :math:`W` and unpenalised intercepts,

    .. math:: C \sum_i w_i H(p_i, q(\cdot \mid x_i)) + \tfrac{1 - r}2 \lVert W \rVert^2 + r \lVert W \rVert_1

    where :math:`p_i` is the label of row i, one class or a distribution over classes, q the softmax of linear
    functions of x, and r is ``l1_ratio``. This is the objective of `sklearn.linear_model.LogisticRegression`; with
    two classes there is one logit, as there. Units and correlations of the columns don't matter to the speed.

    Parameters
    ----------
    C : float, default=1.0
        Inverse strength of the penalty; ``np.inf`` for maximum likelihood.
    l1_ratio : float, default=0.0
        Share of the l1 penalty, from 0 to 1: 0 is l2 alone, 1 is l1 alone, between them is the elastic net. At
        ``C=np.inf`` there is no penalty and it plays no part.
    fit_intercept : bool, default=True
        Whether to fit an intercept for each class.
    class_weight : dict, "balanced" or None, default=None
        What multiplies the label mass of each class, in soft labels too. A dict may name classes that y lacks, and
        those it lacks have weight one. "balanced" gives every class the same mass.
    bias_reduction : bool, default=False
        At ``C=np.inf``: whether to add half the log determinant of the information to the log-likelihood, Firth's
        penalty [7]_, [8]_, [9]_. Estimates lose their bias of order 1/n and are finite for separable labels too.
        ``log_likelihood_`` stays without it. Up to 2000 parameters.
    solver : {"auto", "newton", "subsampled-newton", "row-space", "newton-cg", "lbfgs"}, default="auto"
        Newton's method with the exact Hessian; L-BFGS in the metric of a subsample's Hessian; either in the space
        of the rows, where columns are more; Newton steps by conjugate gradients, in the metric of the logits' mean
        curvature times the columns' correlations or variances; L-BFGS in that metric. "auto" chooses by the shape
        and the number of parameters: that order is from small to large. With a l1 penalty, or ``bias_reduction``, it
        plays no part.
    tol : float, default=1e-6
        Stop where ``gradient_norm_`` is at most this.
    max_iter : int, default=200
        Iterations over all rows at most.
    warm_start : bool, default=False
        Whether `fit` starts from the last fit's coefficients, if classes and columns agree.
    random_state : int, RandomState instance or None, default=None
        Draws the subsample. It decides how the optimum is come to, not where it is.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Coefficients; of the second class's logit for two classes, else centred over classes where there is
        no l1 penalty. With one, those it rules out are exactly zero. In float32 where X is.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercepts; zeros without.
    classes_ : ndarray of shape (n_classes,)
        The classes; the columns of soft labels.
    n_iter_ : int
        Iterations over all rows.
    n_passes_ : float
        How many times the rows of X were walked, the subsample counted as its share.
    converged_ : bool
        Whether the fit ended at a maximum: ``status_`` is "maximum", "rounding" or "dependent".
    status_ : {"maximum", "rounding", "dependent", "limit", "max_iter"}
        Where the fit ended: ``gradient_norm_`` at most ``tol``; as near a maximum as rounding allows; at one that some
        parameters, which the rows do not determine, leave as it is; on the way to infinity, for separable labels;
        short of a maximum.
    gradient_norm_ : float
        Newton decrement, the length of the gradient of the mean objective f in the inverse of the Hessian or of
        the preconditioner that stands for it: about :math:`\sqrt{2 (f - \min f)}`, free of the units of X. With a
        l1 penalty f has no gradient: the root of twice the duality gap, an upper bound on the same.
    log_likelihood_ : float
        Log-likelihood of all rows, weighted, without the penalty, in nats.
    solver_ : str
        The solver used; "proximal" with a l1 penalty, "firth" with ``bias_reduction``.
    standard_errors_ : ndarray of shape (n_classes - 1, 1 + n_features)
        At ``C=np.inf``: of the contrasts with ``classes_[0]``, intercept first (no such column without
        one). Weights are frequencies. Infinite for those that separable labels drive to infinity, others then being
        those of the limiting model [10]_; nan where the rows determine none.
    covariance_ : ndarray of shape (m, m)
        At ``C=np.inf``: the inverse information, in the order of ``standard_errors_.ravel()``.
    n_parameters_ : int
        At ``C=np.inf``: how many parameters the rows determine.
    explained_entropy_ : float
        At ``C=np.inf``: the share of the labels' entropy that the columns explain, McFadden's R2.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (p,)
        Names of the columns, where X had them.

    See Also
    --------
    sklearn.linear_model.LogisticRegression : The same objective, for hard labels.

    Notes
    -----
    Of many rows and few parameters a subsample is solved first; its Hessian then preconditions L-BFGS over all
    rows (sub-sampled Newton, [1]_, [2]_). Of many parameters, Newton steps are truncated [3]_. Without a penalty,
    separable labels are looked for by linear programming [4]_ when the fit looks like it. With a l1 penalty,
    proximal Newton steps [5]_ are taken on a working set of coefficients, from a strong rule [6]_ that is checked
    at the end. With ``bias_reduction``, the metric is the information of rows that leverages were added to; where many
    parameters separate many classes the penalised likelihood can have several maxima, and one of them is found.

    References
    ----------
    .. [1] Erdogdu, M. A. and Montanari, A. (2015). Convergence rates of sub-sampled Newton methods. NIPS.
    .. [2] Roosta-Khorasani, F. and Mahoney, M. W. (2019). Sub-sampled Newton methods. Mathematical
       Programming 174, 293-326.
    .. [3] Nocedal, J. and Wright, S. J. (2006). Numerical Optimization, 2nd ed., algorithm 7.1.
    .. [4] Konis, K. (2007). Linear programming algorithms for detecting separated data in binary logistic
       regression models. DPhil thesis, University of Oxford.
    .. [5] Lee, J. D., Sun, Y. and Saunders, M. A. (2014). Proximal Newton-type methods for minimizing composite
       functions. SIAM Journal on Optimization 24, 1420-1443.
    .. [6] Tibshirani, R. et al. (2012). Strong rules for discarding predictors in lasso-type problems. Journal
       of the Royal Statistical Society B 74, 245-266.
    .. [7] Firth, D. (1993). Bias reduction of maximum likelihood estimates. Biometrika 80, 27-38.
    .. [8] Heinze, G. and Schemper, M. (2002). A solution to the problem of separation in logistic regression.
       Statistics in Medicine 21, 2409-2419.
    .. [9] Kosmidis, I. and Firth, D. (2009). Bias reduction in exponential family nonlinear models. Biometrika 96,
       793-804.
    .. [10] Geyer, C. J. (2009). Likelihood inference in exponential families and directions of recession. Electronic
       Journal of Statistics 3, 259-289.

    Examples
    --------
    >>> from skinfo.classification import LogLossClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> soft = [[0.9, 0.1], [0.6, 0.4], [0.4, 0.6], [0.1, 0.9]]
    >>> model = LogLossClassifier(C=float("inf")).fit(X, soft)
    >>> model.predict_proba([[1.5]]).round(6)
    array([[0.5, 0.5]])
    >>> bool(model.converged_)
    True
    """

    def __init__(
        self,
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        fit_intercept: bool = True,
        class_weight: dict | str | None = None,
        bias_reduction: bool = False,
        solver: str = "auto",
        tol: float = 1e-6,
        max_iter: int = 200,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ):
        self.C = C
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.bias_reduction = bias_reduction
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.warm_start = warm_start
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any, sample_weight: ArrayLike | None = None, offset: ArrayLike | None = None
    ) -> LogLossClassifier:
        """Fit to labels or to distributions over classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, or soft labels: each row a distribution over the classes, which a DataFrame's columns
            name.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, not negative. Rows of weight zero, and hard labels whose class weight is zero, are as
            if they were not there.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), or number, default=None
            What is added to the logits and not fitted, as log prior odds or the log of an exposure: for two classes
            to the log odds of the second. Give predictions theirs.

        Returns
        -------
        LogLossClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If an argument is not valid, a column of soft labels has no mass, a class hardly any, there is only one
            class, or the units of X, weights or C leave the range of floating-point numbers.

        Warns
        -----
        ConvergenceWarning
            If the fit did not come to its certificate, or the labels are separable.
        UserWarning
            If a column is left out because it varies by the spacing of its values; at ``C=np.inf``, if columns depend
            on each other.
        """
        check_arguments(self)
        with unchanged_on_failure(self), computing():
            problem = self._read(X, y, sample_weight, offset, reset=True)
            self.__dict__.update(self._fit(problem))
        return self

    @property
    def penalty(self) -> str | None:
        """Kind of penalty in `LogisticRegression`'s words: "l1", "l2", "elasticnet" or None.

        Where it is "l1" alone, `sklearn.feature_selection.SelectFromModel` keeps the columns with coefficients.
        """
        return penalty_of(self.C, self.l1_ratio)

    def _read(
        self, X: Any, y: Any, sample_weight: ArrayLike | None, offset: ArrayLike | None, *, reset: bool
    ) -> Problem:
        """Check rows and labels, and leave out those without mass."""
        X, y, names = self._validate(X, y, reset=reset)
        weights = check_weights(sample_weight, X.shape[0])
        labels = read_labels(y, names, weights, self.class_weight)
        check_shares(labels.loss.class_mass(), labels.classes)
        added = relative_offset(offset, X.shape[0], labels.classes.size)
        dtype = X.dtype
        X, y, weights, added = labels.select(X, y, weights, added)
        counter = PassCounter(X.shape[0], count=1.0)  # one to measure the columns
        rows = standardise(X, labels.loss.mass, centred=bool(self.fit_intercept))
        ridge = ridge_of(self.C, float(labels.loss.mass.sum()))
        objective = Objective(rows, labels.loss, ridge, bool(self.fit_intercept), counter, offset=added)
        return Problem(objective, labels.classes, labels.kept, weights, y, names, dtype)

    def _validate(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, NDArray, NDArray | None]:
        """Check rows and labels; return them and the names of the labels' columns."""
        names = getattr(y, "columns", None)
        # Without a penalty, no columns make the null model.
        is_null = math.isinf(self.C) and self.fit_intercept and not self.bias_reduction
        X, y = validate_rows(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=FLOATS,
            multi_output=True,
            accept_large_sparse=True,
            ensure_min_features=0 if is_null else 1,
            reset=reset,
        )
        return X, y, None if names is None else np.asarray(names)

    def _fit(self, problem: Problem) -> dict[str, Any]:
        """Return the fitted attributes."""
        objective, classes = problem.objective, problem.classes
        self._remark(faint_columns(objective, self._named))
        objective, point, solver = self._minimise(objective, warm=self._is_warm(objective.rows.n_columns, classes))
        found, left, tied = Separation("none"), None, ""
        if math.isinf(self.C):
            if not self.bias_reduction:
                found = separation(objective, point.theta, point.norm <= self.tol)
                if found.ruled_out is not None and is_affordable(objective):
                    point = go_to_limit(objective, point, found, tol=self.tol, max_iter=self.max_iter)
            left = information(objective, point.theta, found, bias_reduced=bool(self.bias_reduction))
            if not isinstance(left, str) and not left.separable:
                tied = dependent_columns(objective, left.hessian, self._named)
                self._remark(tied)
        fitted = self._attributes(replace(problem, objective=objective), point, solver, found, left)
        if tied and fitted["converged_"]:
            fitted["status_"] = "dependent"
        self._warn(point, fitted["converged_"], found, self._dependent(objective, point.theta))
        return {**fitted, "_memory": None}

    def _attributes(
        self, problem: Problem, point: Point, solver: str, found: Separation, left: Information | str | None
    ) -> dict[str, Any]:
        """Return the fitted attributes at the end of a minimisation."""
        objective = problem.objective
        coef, intercept = objective.coefficients(point.theta)
        coef = coef.astype(problem.dtype, copy=False)
        # In float64: it makes up, at the columns' means, for what coefficients in float32 were rounded by.
        intercept = intercept - coef @ objective.rows.columns.mean
        status = self._status(point, found)
        return {
            "classes_": problem.classes,
            "coef_": coef,
            "intercept_": intercept if problem.classes.size == 2 else intercept - intercept.mean(),
            "n_iter_": max(1, point.n_iter),
            "n_passes_": objective.counter.count,
            "status_": status,
            "converged_": status in ("maximum", "rounding", "dependent"),
            "gradient_norm_": point.norm,
            "log_likelihood_": -objective.mean_loss(point.theta, point.value) * objective.total,
            "solver_": solver,
            "_information": left,
            "_has_intercept": bool(self.fit_intercept),
            "_has_offset": objective.offset is not None and bool(objective.offset.any()),
        }

    def _status(self, point: Point, found: Separation) -> str:
        """Return where a minimisation ended; see ``status_``."""
        if found.verdict in ("complete", "quasi-complete"):
            return "limit"
        if point.norm <= self.tol:
            return "maximum"
        rounding = _ROUNDING * (1.0 + abs(point.value))
        # A loss so large that it is not known to a nat tells nothing.
        is_known = point.stalled and 0.5 * point.norm**2 <= rounding < 1.0
        return "rounding" if is_known else "max_iter"

    def _minimise(self, objective: Objective, *, warm: bool) -> tuple[Objective, Point, str]:
        """Return the objective that was minimised, where that ended, and how."""
        limits: Any = {"tol": float(self.tol), "max_iter": int(self.max_iter)}
        limits["rng"] = check_random_state(self.random_state)
        l1, ridge = self.l1_ratio * objective.ridge, (1.0 - self.l1_ratio) * objective.ridge
        if l1 > 0:
            objective = without_ridge(objective)
            start = objective.parameters(*self._estimates()) if warm else None
            return objective, minimise_l1(objective, start, l1, ridge, **limits), "proximal"
        theta = objective.parameters(*self._estimates()) if warm else np.zeros(objective.shape)
        if self.bias_reduction:
            del limits["rng"]
            return objective, minimise_firth(objective, theta, **limits), "firth"
        solver = choose_solver(objective) if self.solver == "auto" else self.solver
        return objective, SOLVERS[solver](objective, theta, warm=warm, **limits), solver

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _is_warm(self, n_features: int, classes: NDArray) -> bool:
        """Whether there are coefficients to start from."""
        if not self.warm_start or getattr(self, "coef_", None) is None:
            return False
        return self.coef_.shape[-1] == n_features and np.array_equal(self.classes_, classes)

    def _warn(self, point: Point, converged: bool, found: Separation, dependent: str = "") -> None:
        """Say what went wrong, once, and what to do."""
        if found.verdict in ("complete", "quasi-complete"):
            message = (
                f"the classes are separable ({found.verdict} separation{self._separating(found)}): the likelihood "
                "has no maximum and the coefficients run to infinity; use a finite C, or fit with bias_reduction=True"
            )
        elif found.verdict == "unknown":
            message = (
                "the classes may be separable: some are all but ruled out in some rows; too "
                "many rows to check. If coefficients look too large, use a finite C"
            )
        elif converged:
            return
        elif point.stalled:
            message = (
                f"stopped at a gradient norm of {point.norm:.2g} (tol={self.tol:g}) where rounding hides any "
                f"further decrease{dependent or '; increase tol'}"
            )
        else:
            message = (
                f"stopped after {point.n_iter} iterations at a gradient norm of {point.norm:.2g} "
                f"(tol={self.tol:g}){dependent}; increase max_iter, or use a smaller C"
            )
        warnings.warn(message, ConvergenceWarning, stacklevel=4)

    def _remark(self, message: str) -> None:
        """Say what a fit that is right had to leave out, if anything."""
        if message:
            warnings.warn(message, UserWarning, stacklevel=4)

    def _separating(self, found: Separation) -> str:
        """Name the columns that separate, a few of them."""
        named = self._named(found.columns(self.n_features_in_))
        return f" by the {named}" if named else ""

    def _dependent(self, objective: Objective, theta: NDArray) -> str:
        """Name the columns whose terms of the logits are so large that they must cancel."""
        terms = np.abs(theta[:, objective.n_intercepts :]).max(axis=0) * np.sqrt(objective.rows.columns.second_moment)
        columns = np.flatnonzero(terms > _LARGE_TERM)
        if columns.size < 2:
            return ""
        return (
            f"; the {self._named(columns)} change logits by up to {terms.max():.0e}, as columns do that all but depend "
            "on each other in units that leave the penalty without effect: drop some of them, or scale X"
        )

    def _named(self, columns: NDArray) -> str:
        """Name columns, a few of them."""
        names = getattr(self, "feature_names_in_", np.arange(self.n_features_in_))[columns[:_NAMED]].tolist()
        if not names:
            return ""
        more = f" and {columns.size - _NAMED} more" if columns.size > _NAMED else ""
        return f"column{'s' if len(names) > 1 else ''} {', '.join(map(repr, names))}{more}"
