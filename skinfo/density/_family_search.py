"""Choosing a family for each column by an information criterion or by held-out cross entropy."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.model_selection import check_cv
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from skinfo.density._candidates import KINDS, Candidate, Trial, chosen, given_in, try_families, univariate
from skinfo.density._columns import fixed_by_column
from skinfo.density._input import check_rows
from skinfo.density._parametric import ParametricDensity
from skinfo.density._scores import LikelihoodScores
from skinfo.families import get_family, is_registered
from skinfo.measures import Rows
from skinfo.utils import (
    CallbackSupportMixin,
    Tasks,
    check_choice,
    check_n_jobs,
    check_weights,
    unchanged_on_failure,
    with_callbacks,
)

CRITERIA = ("bic", "aic", "aicc", "cross_entropy")


class FamilySearch(LikelihoodScores, CallbackSupportMixin, DensityMixin, BaseEstimator):
    """Fits every candidate family to each column and keeps the best.

    Candidates are ranked on a compressed sample of the column, made in one pass; the best one is fitted to the rows.

    Parameters
    ----------
    families : {"auto", "continuous", "discrete"} or list, default="auto"
        Candidates: names, `scipy.stats` distributions or families, or those of the catalogue that can hold the column.
        "auto" tries families of integers where the column holds nothing else, and continuous ones too where these look
        like recorded real numbers: ten distinct values or more, and a standard deviation of at least five units, the
        unit being the greatest common divisor of their differences.
    criterion : {"bic", "aic", "aicc", "cross_entropy"}, default="bic"
        What the best one has least of. "cross_entropy" is the mean negative log-likelihood of rows held out.
    fixed : dict, list or dict of dict, default=None
        Parameter values not to estimate, in every candidate that has such a parameter, added to its natural support;
        None as a value frees a parameter that this fixes. One dict, or one per column, or per column name.
    cv : int, splitter or iterable, default=None
        How rows are held out where the criterion is the cross entropy, as in scikit-learn; None is five folds in the
        order of the rows. A warning says where the criterion does not use it.
    n_jobs : int, default=None
        Processes that work on columns.
    verbose : int, default=0
        Print a line for each candidate. Where scikit-learn has callbacks, ``set_callbacks(ProgressBar())`` shows
        progress too.

    Attributes
    ----------
    results_ : dict of ndarray
        One entry for each column and candidate, ready for a DataFrame: ``column``, ``family``, ``rank``, ``params``,
        ``n_parameters``, ``log_likelihood``, ``aic``, ``aicc``, ``bic``, ``cross_entropy``, ``difference`` from the
        best one's criterion, Akaike's ``weight``, ``time`` in seconds, and ``message``: why it is not ranked, or was
        not tried. Where families of integers and of real numbers were tried, all log-likelihoods and criteria are those
        of the probabilities of what was recorded, F(x + u/2) - F(x - u/2) in units of u.
    best_family_ : str, or list of str where X has several columns
        Name of the best candidate.
    best_estimator_ : ParametricDensity
        Fitted to all rows.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (p,)
        Names of the columns, where X had names that are all strings.

    See Also
    --------
    ParametricDensity : One family, fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from skinfo import FamilySearch
    >>> X = np.random.default_rng(0).gamma(3.0, size=(2000, 1))
    >>> search = FamilySearch(["expon", "gamma", "lognorm", "weibull_min"]).fit(X)
    >>> search.best_family_
    'gamma'
    >>> bool(search.score(X) > search.best_estimator_.score(X) - 1e-12)
    True
    """

    def __init__(
        self,
        families: Any = "auto",
        *,
        criterion: str = "bic",
        fixed: Any = None,
        cv: Any = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ):
        self.families = families
        self.criterion = criterion
        self.fixed = fixed
        self.cv = cv
        self.n_jobs = n_jobs
        self.verbose = verbose

    @with_callbacks
    def fit(self, X: ArrayLike, y: Any = None, *, sample_weight: ArrayLike | None = None) -> FamilySearch:  # noqa: ARG002
        """Fit the candidates and choose.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        y : None
            Ignored.
        sample_weight : array-like of shape (n,), optional
            Frequencies of the rows.

        Returns
        -------
        FamilySearch
            Self.

        Raises
        ------
        ValueError
            If no candidate can be fitted to a column; the message says why.
        """
        check_choice("criterion", self.criterion, CRITERIA)
        check_n_jobs(self.n_jobs)
        named = self._named_families()
        with unchanged_on_failure(self):
            return self._search(X, named, sample_weight)

    def _search(self, frame: ArrayLike, named: list[Any] | None, sample_weight: ArrayLike | None) -> FamilySearch:
        X = check_rows(self, frame)
        weights = check_weights(sample_weight, len(X))
        names = list(getattr(self, "feature_names_in_", range(X.shape[1])))
        parameters = {p: None for f in (univariate() if named is None else named) for p in f.parameters}
        fixed, _ = fixed_by_column(self.fixed, names, list(parameters))
        tried = [
            chosen(Rows(x, weights), self.families, own, f"column {name!r} of X")
            if named is None
            else [Candidate(family, given_in(family, own)) for family in named]
            for x, name, own in zip(X.T, names, fixed)
        ]
        splits = self._splits(X)
        first = np.cumsum([0, *(sum(not c.left_out for c in column) for column in tried)]).tolist()
        with Tasks(self, "candidate", first[-1]) as tasks:
            trials = Parallel(n_jobs=self.n_jobs)(
                delayed(try_families)(X[:, j], weights, families, splits, _Reporter(tasks, start, name, self.verbose))
                for j, (families, name, start) in enumerate(zip(tried, names, first))
            )
        total = len(X) if weights is None else float(weights.sum())
        results, best = _table(names, trials, self.criterion, total)
        families = [family.name if is_registered(family) else family for family in best]
        theirs = [{k: v for k, v in (own or {}).items() if k in f.parameters} for f, own in zip(best, fixed)]
        best_estimator = ParametricDensity(families, fixed=theirs if any(theirs) else None)
        best_estimator.fit(frame, sample_weight=sample_weight)
        self.results_ = results
        self.best_family_ = best[0].name if len(best) == 1 else [law.name for law in best]
        self.best_estimator_ = best_estimator
        return self

    def _named_families(self) -> list[Any] | None:
        if isinstance(self.families, str) and self.families in KINDS:
            return None
        scalar = not isinstance(self.families, Iterable) or getattr(self.families, "ndim", 1) == 0
        if isinstance(self.families, str) or scalar:
            raise (ValueError if isinstance(self.families, str) else TypeError)(
                f"families must be {', '.join(map(repr, KINDS))} or a list of families; got {self.families!r}"
            )
        families = list({id(family): family for family in map(get_family, self.families)}.values())
        if not families:
            raise ValueError("families is empty; pass 'auto' or at least one family")
        joint = [family.name for family in families if family.joint]
        if joint:
            raise ValueError(f"families holds {joint[0]!r}, which takes all columns jointly; candidates are univariate")
        return families

    def _splits(self, X: NDArray) -> list[tuple[NDArray, NDArray]] | None:
        if self.criterion != "cross_entropy":
            if self.cv is not None:
                warnings.warn(
                    f"cv is not used: criterion={self.criterion!r} holds no rows out; pass criterion='cross_entropy', "
                    "or leave cv at None",
                    UserWarning,
                    stacklevel=4,
                )
            return None
        if isinstance(self.cv, numbers.Integral) and not 2 <= int(self.cv) <= len(X):
            raise ValueError(f"cv={self.cv} folds need at least 2, and no more than the n_samples={len(X)} rows")
        splits = [(np.asarray(train), np.asarray(test)) for train, test in check_cv(self.cv).split(X)]
        for fold, (train, test) in enumerate(splits):
            if not len(train) or not len(test):
                raise ValueError(
                    f"cv must give rows to fit and rows to hold out; fold {fold} has {len(train)} and {len(test)}"
                )
        return splits

    @property
    def n_parameters_(self) -> int:  # type: ignore[override]
        """Number of free parameters of the best estimator."""
        return self._best().n_parameters_

    @property
    def params_(self) -> list[dict[str, Any]]:
        """Parameters of the best estimator, by column."""
        return self._best().params_

    @property
    def distributions_(self) -> list[Any]:
        """SciPy's frozen distributions of the best estimator, by column."""
        return self._best().distributions_

    def _best(self) -> ParametricDensity:
        if not hasattr(self, "best_estimator_"):
            raise AttributeError("that is there after fit")
        return self.best_estimator_

    def score_samples(self, X: ArrayLike) -> NDArray:
        """Log-likelihood of each row under the best estimator.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows; minus infinity where one is outside the support.

        Returns
        -------
        ndarray of shape (n,)
            In nats.
        """
        check_is_fitted(self)
        validate_data(self, X, skip_check_array=True, reset=False)
        with warnings.catch_warnings():  # of names of columns, which have been compared
            warnings.filterwarnings("ignore", "X .* feature names", UserWarning)
            return self.best_estimator_.score_samples(X)

    def sample(self, n_samples: int = 1, random_state: Any = None) -> NDArray:
        """Draw rows from the best estimator.

        Parameters
        ----------
        n_samples : int, default=1
            Rows to draw.
        random_state : int, RandomState or None
            Where randomness comes from.

        Returns
        -------
        ndarray of shape (n_samples, p)
            The rows.
        """
        check_is_fitted(self)
        return self.best_estimator_.sample(n_samples, random_state)


class _Reporter:
    """Tells callbacks, and the screen where asked, how a column's search goes."""

    def __init__(self, tasks: Tasks, first: int, name: Any, verbose: int):
        self.tasks, self.first, self.verbose = tasks, first, verbose
        self.column = f"column {name!r} of X"

    def __call__(self, i: int, trial: Trial | None) -> None:
        if trial is None:
            self.tasks.begin(self.first + i)
            return
        self.tasks.end(self.first + i)
        if self.verbose:
            what = trial.message or f"log-likelihood {trial.log_likelihood:.6g}"
            print(f"[FamilySearch] {self.column}, {trial.family.name} ({1e3 * trial.seconds:.0f} ms): {what}")


def _table(
    names: list[Any], trials: list[list[Trial]], criterion: str, total: float
) -> tuple[dict[str, NDArray], list[Any]]:
    """Results by column and candidate, and the best one of each column."""
    parts: list[dict[str, list[Any]]] = []
    best = []
    for name, column in zip(names, trials):
        part = _criteria(column, total)
        value = np.where([bool(t.message) for t in column], np.nan, part[criterion])
        if not np.isfinite(value).any():
            reasons = "; ".join(f"{t.family.name}: {t.message or 'no held-out likelihood'}" for t in column[:5])
            raise ValueError(f"no family can be fitted to column {name!r} of X; pass others in families. {reasons}")
        difference = value - np.nanmin(value)
        evidence = np.exp(-difference / 2 if criterion != "cross_entropy" else -difference * total)
        rank = 1 + np.argsort(np.argsort(np.where(np.isnan(value), np.inf, value), kind="stable"), kind="stable")
        part |= {
            "column": [name] * len(column),
            "rank": rank.tolist(),
            "difference": difference.tolist(),
            "weight": (np.nan_to_num(evidence) / np.nansum(evidence)).tolist(),
        }
        parts.append(part)
        best.append(column[int(np.nanargmin(value))].family)
    order = ["column", "family", "rank", *CRITERIA, "difference", "weight", "log_likelihood", "n_parameters"]
    table = {}
    for key in [*order, "params", "time", "message"]:
        values = [v for part in parts for v in part[key]]
        table[key] = np.array(values, dtype=object if key in ("params", "message", "column") else None)
    return table, best


def _criteria(column: list[Trial], total: float) -> dict[str, Any]:
    deviance, k = (np.array([f(t) for t in column], dtype=float) for f in (_deviance, lambda t: t.n_parameters))
    room = total - k - 1
    with np.errstate(divide="ignore"):
        correction = np.where(room > 0, 2 * k * (k + 1) / np.where(room > 0, room, 1.0), np.inf)
    return {
        "family": [t.family.name for t in column],
        "params": [t.params for t in column],
        "n_parameters": [t.n_parameters for t in column],
        "log_likelihood": [t.log_likelihood for t in column],
        "aic": deviance + 2 * k,
        "aicc": deviance + 2 * k + correction,
        "bic": deviance + math.log(total) * k,
        "cross_entropy": np.array([t.cross_entropy for t in column]),
        "time": [t.seconds for t in column],
        "message": [t.message for t in column],
    }


def _deviance(trial: Trial) -> float:
    return -2 * trial.log_likelihood
