"""Logistic regression whose penalty is chosen by held-out cross entropy."""

from __future__ import annotations

import numbers
import warnings
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning

from skinfo.classification._arguments import check_arguments, penalty_of
from skinfo.classification._computing import computing
from skinfo.classification._labels import read_labels
from skinfo.classification._log_loss_classifier import LogLossClassifier
from skinfo.classification._path import held_out_losses
from skinfo.classification._prediction import SoftmaxPrediction
from skinfo.utils import (
    CallbackSupportMixin,
    Tasks,
    as_numbers,
    check_n_jobs,
    read_splits,
    unchanged_on_failure,
    with_callbacks,
)

# What the refitted classifier hands over.
_FITTED = (
    *("classes_", "coef_", "intercept_", "n_iter_", "n_passes_", "converged_"),
    *("status_", "gradient_norm_", "log_likelihood_", "solver_", "_has_offset"),
    *("n_features_in_", "feature_names_in_"),
)
# So many strengths are a mistake for one of them, which is a list.
_MAX_CS = 10_000


class LogLossClassifierCV(CallbackSupportMixin, SoftmaxPrediction, ClassifierMixin, BaseEstimator):
    """`LogLossClassifier` with the penalty of least held-out cross entropy.

    Each fold's training rows are fitted along the whole path of ``Cs``, from the strongest penalty to the weakest,
    each fit starting at the last one's end. The penalty with the least cross entropy to the labels of the held-out
    rows, all folds together, is fitted to all rows.

    Parameters
    ----------
    Cs : int or array-like of float, default=10
        Inverse strengths of the penalty to try; a number of them stands for so many from 1e-4 to 1e4, evenly in
        their logarithms. ``np.inf`` is no penalty.
    l1_ratios : array-like of float, default=(0.0,)
        Shares of the l1 penalty to try, from 0 to 1.
    cv : int, cross-validation generator or iterable, default=None
        Folds: None is five of them, stratified by label, or by the likeliest class of soft labels.
    fit_intercept : bool, default=True
        Whether to fit an intercept for each class.
    class_weight : dict, "balanced" or None, default=None
        What multiplies the label mass of each class in fits. Held-out cross entropy is without it.
    solver : {"auto", "newton", "subsampled-newton", "row-space", "newton-cg", "lbfgs"}, default="auto"
        See `LogLossClassifier`.
    tol : float, default=1e-6
        Stop the last fit where its ``gradient_norm_`` is at most this. The folds' fits stop at 1e-4, or at this
        where it is larger.
    max_iter : int, default=200
        Iterations of each fit at most.
    n_jobs : int, default=None
        Folds to fit at a time, as joblib has it.
    verbose : int, default=0
        Print a line for each fold and ratio. Where scikit-learn has callbacks, ``set_callbacks(ProgressBar())``
        shows a bar.
    random_state : int, RandomState instance or None, default=None
        See `LogLossClassifier`.

    Attributes
    ----------
    C_, l1_ratio_ : float
        The penalty chosen.
    Cs_, l1_ratios_ : ndarray
        Those tried, from the strongest to the weakest C.
    cross_entropies_ : ndarray of shape (n_folds, n_l1_ratios, n_Cs)
        Mean cross entropy to the labels of each fold's held-out rows, in nats.
    mean_cross_entropies_ : ndarray of shape (n_l1_ratios, n_Cs)
        The same over all held-out rows.
    best_estimator_ : LogLossClassifier
        The fit to all rows.
    classes_, coef_, intercept_, converged_, status_, gradient_norm_, log_likelihood_, n_iter_, n_passes_, solver_
        Its attributes.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (p,)
        Names of the columns, where X had them.

    See Also
    --------
    LogLossClassifier : For a given penalty.
    sklearn.linear_model.LogisticRegressionCV : For hard labels.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skinfo import LogLossClassifierCV
    >>> X, y = load_wine(return_X_y=True)
    >>> model = LogLossClassifierCV(Cs=[0.01, 0.1, 1.0, 10.0]).fit(X, y)
    >>> model.C_
    10.0
    >>> model.mean_cross_entropies_.round(3)
    array([[0.291, 0.145, 0.094, 0.089]])
    """

    def __init__(
        self,
        *,
        Cs: int | ArrayLike = 10,
        l1_ratios: ArrayLike = (0.0,),
        cv: Any = None,
        fit_intercept: bool = True,
        class_weight: dict | str | None = None,
        solver: str = "auto",
        tol: float = 1e-6,
        max_iter: int = 200,
        n_jobs: int | None = None,
        verbose: int = 0,
        random_state: int | np.random.RandomState | None = None,
    ):
        self.Cs = Cs
        self.l1_ratios = l1_ratios
        self.cv = cv
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state

    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> LogLossClassifierCV:
        """Choose the penalty and fit.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, or soft labels; see `LogLossClassifier.fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, in fits and in the held-out cross entropy.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits.
        groups : array-like of shape (n_samples,), default=None
            For a ``cv`` that keeps groups together.

        Returns
        -------
        LogLossClassifierCV
            The fitted classifier.

        Raises
        ------
        ValueError
            If an argument is not valid, or a fold's training rows lack a class.

        Warns
        -----
        ConvergenceWarning
            If the last fit did not converge, or fits of folds did not come within 1e-2 of their minimum.
        """
        Cs: Any = self.Cs
        if isinstance(Cs, numbers.Integral) and not isinstance(Cs, bool) and int(Cs) > 0:
            if int(Cs) > _MAX_CS:
                raise ValueError(f"Cs must be a number of them up to {_MAX_CS}, or a list of numbers; got {Cs!r}")
            Cs = np.logspace(-4, 4, int(Cs))
        Cs = _grid(Cs, "Cs", "positive", 0.0, np.inf)
        ratios = _grid(self.l1_ratios, "l1_ratios", "from 0 to 1", -np.finfo(float).tiny, 1.0)
        Cs = np.sort(Cs)
        with unchanged_on_failure(self), computing():
            model = self._choose(Cs, ratios, X, y, sample_weight, offset, groups)
            self.__dict__.pop("feature_names_in_", None)
            self.__dict__.update({name: value for name, value in vars(model).items() if name in _FITTED})
        return self

    @property
    def penalty(self) -> str | None:
        """Kind of the penalty chosen, as of `LogLossClassifier`; there after `fit`."""
        return penalty_of(self.C_, self.l1_ratio_)

    def _estimator(self, C: float, l1_ratio: float) -> LogLossClassifier:
        names = ("fit_intercept", "class_weight", "solver", "tol", "max_iter", "random_state")
        return LogLossClassifier(C=float(C), l1_ratio=float(l1_ratio), **{name: getattr(self, name) for name in names})

    def _choose(
        self, Cs: NDArray, ratios: NDArray, X: Any, y: Any, sample_weight: Any, offset: Any, groups: Any
    ) -> LogLossClassifier:
        """Fit the paths of all folds, then the best penalty to all rows."""
        reader = self._estimator(Cs[0], ratios[0])
        check_arguments(reader)
        check_n_jobs(self.n_jobs)
        problem = reader._read(X, y, sample_weight, offset, reset=True)
        fitted, classes = problem.objective, problem.classes
        judged = fitted
        if self.class_weight is not None:
            plain = read_labels(problem.y, problem.names, problem.weights, None)
            judged = fitted.over(fitted.rows, plain.loss, fitted.offset)
        folds = self._folds(X, y, groups, problem.kept)
        for i, (train, _) in enumerate(folds):
            missing = classes[fitted.loss.take(train, 1.0).class_mass() == 0].tolist()
            if missing:
                raise ValueError(
                    f"cv: the training rows of fold {i} have no row of the classes {missing}: take fewer folds, "
                    "stratified ones, or leave those classes out of y"
                )
        tasks = [(i, k) for i in range(len(folds)) for k in range(ratios.size)]
        with Tasks(self, "path", len(tasks)) as progress:
            paths = []
            results = Parallel(n_jobs=self.n_jobs, return_as="generator")(
                delayed(held_out_losses)(fitted, judged, folds[i], Cs, ratios[k], reader) for i, k in tasks
            )
            for number, ((i, k), path) in enumerate(zip(tasks, results)):
                progress.begin(number)
                paths.append(path)
                progress.end(number)
                if self.verbose:
                    least = f"least held-out cross entropy {np.min(path.losses):.6g} nats"
                    print(f"[LogLossClassifierCV] fold {i}, l1_ratio {ratios[k]:g} ({path.seconds:.2f} s): {least}")
        losses = np.array([path.losses for path in paths]).reshape(len(folds), ratios.size, Cs.size)
        mass = np.array([path.mass for path in paths]).reshape(len(folds), ratios.size)[:, 0]
        mean = np.average(losses, axis=0, weights=mass)
        far = sum(path.far for path in paths)
        if far:
            warnings.warn(
                f"{far} of the {losses.size} fits of folds did not come near their minimum; increase max_iter, or "
                "leave the largest of Cs out",
                ConvergenceWarning,
                stacklevel=4,
            )
        k, j = divmod(int(np.argmin(mean)), Cs.size)
        model = self._estimator(Cs[j], ratios[k]).fit(X, y, sample_weight, offset)
        self.C_, self.l1_ratio_, self.Cs_, self.l1_ratios_ = float(Cs[j]), float(ratios[k]), Cs, ratios
        self.cross_entropies_, self.mean_cross_entropies_, self.best_estimator_ = losses, mean, model
        return model

    def _folds(self, X: Any, y: Any, groups: Any, kept: NDArray | None) -> list[tuple[NDArray, NDArray]]:
        """Split all rows; return training and held-out rows among those with mass."""
        labels = np.asarray(y)
        labels = labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels.ravel()
        folds = read_splits(5 if self.cv is None else self.cv, X, labels, groups, classifier=True)
        if kept is None:
            return folds
        place = np.full(labels.size, -1)
        place[kept] = np.arange(kept.size)
        among = [[place[part] for part in parts] for parts in folds]
        return [(train[train >= 0], test[test >= 0]) for train, test in among]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _grid(values: Any, name: str, range_: str, low: float, high: float) -> NDArray:
    """Check a list of numbers."""
    message = f"{name} must be a list of numbers, {range_}; got {values!r}"
    try:
        grid = as_numbers(values, name=name)
    except ValueError:
        raise ValueError(message) from None
    if grid.ndim != 1 or not grid.size or not np.all((grid > low) & (grid <= high)):
        raise ValueError(message)
    return grid
