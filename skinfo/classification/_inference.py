"""Standard errors, intervals and summaries of a classifier fitted by maximum likelihood."""

from __future__ import annotations

import numbers
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri
from sklearn.utils.validation import check_is_fitted

from skinfo.classification._computing import computing
from skinfo.classification._information import Information, score_moment, take_information
from skinfo.classification._nested import check_nested
from skinfo.classification._objective import Objective
from skinfo.classification._profile import profile_intervals
from skinfo.classification._separation import Separation
from skinfo.utils import as_numbers, check_choice, import_extra, mixin

# Log-likelihoods of the same rows differ by rounding only.
_SAME = 1e-7


@mixin
class LikelihoodInference:
    """What a fit at ``C=np.inf`` tells beside its estimates; see `LogLossClassifier`.

    Attributes of the estimator it is mixed into: the estimates, and ``_information``, which is an
    `Information` or says why there is none.
    """

    classes_: NDArray
    n_features_in_: int
    log_likelihood_: float
    converged_: bool
    _information: Information | str | None
    _has_intercept: bool
    _read: Any
    _estimates: Any

    @property
    def covariance_(self) -> NDArray:
        """Covariance of the contrasts with ``classes_[0]``, from the inverse information.

        Of shape (m, m), in the order of ``standard_errors_.ravel()``.
        """
        return self._require("covariance_").covariance()

    @property
    def standard_errors_(self) -> NDArray:
        """Standard errors of the contrasts with ``classes_[0]``, intercept first; (n_classes - 1, 1 + n_features)."""
        found = self._require("standard_errors_")
        return found.errors().reshape(found.shape)

    @property
    def n_parameters_(self) -> int:
        """Number of parameters that the rows determine."""
        return self._require("n_parameters_").n_parameters

    @property
    def explained_entropy_(self) -> float:
        """Share of the labels' entropy that the columns explain: McFadden's R2."""
        found = self._require("explained_entropy_")
        return 1.0 + self.log_likelihood_ / (found.total * found.label_entropy)

    def aic(self) -> float:
        """Akaike's information criterion of the fit at ``C=np.inf``; smaller is better.

        Returns
        -------
        float
            -2 log-likelihood + 2 parameters.

        Raises
        ------
        AttributeError
            If the fit had a penalty.
        """
        self._require("aic")
        return 2.0 * (self.n_parameters_ - self.log_likelihood_)

    def bic(self) -> float:
        """Bayesian information criterion of the fit at ``C=np.inf``; smaller is better.

        Returns
        -------
        float
            -2 log-likelihood + log(n) parameters, n being the total label mass.

        Raises
        ------
        AttributeError
            If the fit had a penalty.
        """
        found = self._require("bic")
        return self.n_parameters_ * float(np.log(found.total)) - 2.0 * self.log_likelihood_

    def confint(
        self,
        level: float = 0.95,
        method: str = "wald",
        *,
        reference: Any = None,
        covariance: ArrayLike | None = None,
        X: Any = None,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
    ) -> NDArray:
        """Confidence intervals of the contrasts with a class.

        Parameters
        ----------
        level : float, default=0.95
            Probability with which an interval covers, in large samples.
        method : {"wald", "profile"}, default="wald"
            "wald": the estimate, and so many standard errors on either side. "profile": the values at which twice
            the drop of the log-likelihood, the other parameters at their best, stays within the chi-squared law's
            quantile [1]_; of the penalised likelihood after ``bias_reduction`` [2]_. Better in small samples, and
            where labels separate: ends are infinite only where the likelihood allows it. Takes some three
            information matrices for each end, and the rows.
        reference : class label, default=None
            The class that the others are compared with; None is ``classes_[0]``. Where labels of three classes or more
            separate, "profile" has no other.
        covariance : array-like of shape (m, m), default=None
            For "wald", what takes the place of ``covariance_``, as from `robust_covariance`; of the contrasts with
            ``classes_[0]``, whatever the reference.
        X, y, sample_weight, offset
            For "profile", what the classifier was fitted to.

        Returns
        -------
        ndarray of shape (n_classes - 1, 1 + n_features, 2)
            Lower and upper ends, in the order of ``standard_errors_``, the reference left out of the classes; nan where
            the rows determine none. Profile ends are exact to 1e-6 of a standard error, or nan with a
            ``ConvergenceWarning``.

        Raises
        ------
        AttributeError
            If the fit had a penalty.
        ValueError
            If an argument is not valid, the rows are not those of the fit, or it did not converge.

        References
        ----------
        .. [1] Venzon, D. J. and Moolgavkar, S. H. (1988). A method for computing profile-likelihood-based
           confidence intervals. Applied Statistics 37, 87-94.
        .. [2] Heinze, G. and Schemper, M. (2002). A solution to the problem of separation in logistic regression.
           Statistics in Medicine 21, 2409-2419.

        Examples
        --------
        >>> import numpy as np
        >>> from skinfo import LogLossClassifier
        >>> X, y = [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], [0, 1, 0, 1, 0, 1]
        >>> model = LogLossClassifier(C=np.inf).fit(X, y)
        >>> model.confint().round(2)[0, 1]
        array([-0.65,  1.38])
        >>> model.confint(method="profile", X=X, y=y).round(2)[0, 1]
        array([-0.61,  1.63])
        """
        self._inference("confint")
        if not isinstance(level, numbers.Real) or isinstance(level, bool):
            raise TypeError(f"level must be a number between 0 and 1; got {level!r}")
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1; got {level!r}")
        check_choice("method", method, ("wald", "profile"))
        if method == "profile":
            if covariance is not None:
                raise ValueError("covariance is for method='wald': profiles follow the likelihood itself; leave it out")
            return self._profiles(float(level), self._place(reference), X, y, sample_weight, offset)
        turn = self._turn(self._place(reference))
        reach = float(-ndtri(0.5 * (1.0 - float(level)))) * self._errors(covariance, turn)
        estimates = turn @ self._contrasts()
        return np.stack([estimates - reach, estimates + reach], axis=-1)

    def summary(self, level: float = 0.95, *, reference: Any = None, covariance: ArrayLike | None = None) -> Any:
        """Table of the contrasts with a class.

        Parameters
        ----------
        level : float, default=0.95
            Level of the Wald intervals.
        reference : class label, default=None
            The class that the others are compared with; None is ``classes_[0]``.
        covariance : array-like of shape (m, m), default=None
            What takes the place of ``covariance_``, as from `robust_covariance`.

        Returns
        -------
        pandas.DataFrame
            A row for each other class and feature; columns ``coefficient``, ``standard_error``, ``z``, ``pvalue``
            (two-sided, of the coefficient being zero), ``lower`` and ``upper``. Its ``attrs`` hold
            ``log_likelihood`` (nats), ``n_samples`` (total label mass), ``n_parameters``,
            ``explained_entropy`` (McFadden's R2), ``aic``, ``bic``, ``reference_class``, ``converged``
            and ``level``.

        Raises
        ------
        AttributeError
            If the fit had a penalty.
        ValueError
            If an argument is not valid.
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> from skinfo import LogLossClassifier
        >>> X, y = [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], [0, 1, 0, 1, 0, 1]
        >>> table = LogLossClassifier(C=np.inf).fit(X, y).summary()
        >>> table[["coefficient", "standard_error", "pvalue"]].round(3)
                         coefficient  standard_error  pvalue
        class feature
        1     intercept       -0.903           1.550    0.560
              x0               0.361           0.517    0.485
        >>> round(table.attrs["explained_entropy"], 3)
        0.063
        """
        found = self._require("summary")
        pandas = import_extra("pandas", "frames")
        interval = self.confint(level, reference=reference, covariance=covariance)
        place = self._place(reference)
        turn = self._turn(place)
        errors = self._errors(covariance, turn).ravel()
        estimates = (turn @ self._contrasts()).ravel()
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(np.isfinite(errors), estimates / errors, np.nan)
        names = list(getattr(self, "feature_names_in_", [f"x{j}" for j in range(self.n_features_in_)]))
        names = ["intercept"] * (found.shape[1] - len(names)) + names
        classes = self.classes_.tolist()
        table = pandas.DataFrame(
            {
                "coefficient": estimates,
                "standard_error": errors,
                "z": z,
                "pvalue": 2.0 * ndtr(-np.abs(z)),
                "lower": interval[..., 0].ravel(),
                "upper": interval[..., 1].ravel(),
            },
            index=pandas.MultiIndex.from_product(
                [classes[:place] + classes[place + 1 :], names], names=["class", "feature"]
            ),
        )
        table.attrs = {
            "log_likelihood": self.log_likelihood_,
            "n_samples": found.total,
            "n_parameters": self.n_parameters_,
            "explained_entropy": self.explained_entropy_,
            "aic": self.aic(),
            "bic": self.bic(),
            "reference_class": classes[place],
            "converged": bool(self.converged_),
            "level": float(level),
        }
        return table

    def robust_covariance(
        self, X: Any, y: Any, sample_weight: ArrayLike | None = None, offset: ArrayLike | None = None
    ) -> NDArray:
        """Sandwich covariance of the contrasts, right where the model is only an approximation.

        The inverse information on both sides of the sum over rows of the scores' outer products [1]_, [2]_,
        without a correction for few rows: "HC0". Weights are frequencies: a row of weight two is two rows.
        A class weight multiplies scores, and a row with a soft label is one row.

        Parameters
        ----------
        X, y, sample_weight, offset
            What the classifier was fitted to.

        Returns
        -------
        ndarray of shape (m, m)
            In the order of ``covariance_``, for the argument ``covariance`` of `confint` and `summary`.

        Raises
        ------
        AttributeError
            If the fit had a penalty.
        ValueError
            If the rows are not those of the fit, or the labels are separable.

        References
        ----------
        .. [1] Huber, P. J. (1967). The behavior of maximum likelihood estimates under nonstandard conditions.
           Proceedings of the Fifth Berkeley Symposium 1, 221-233.
        .. [2] White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica 50, 1-25.

        Examples
        --------
        >>> import numpy as np
        >>> from skinfo import LogLossClassifier
        >>> X, y = [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], [0, 1, 0, 1, 0, 1]
        >>> model = LogLossClassifier(C=np.inf).fit(X, y)
        >>> model.summary(covariance=model.robust_covariance(X, y))["standard_error"].round(3).tolist()
        [1.432, 0.459]
        """
        found = self._inference("robust_covariance")
        if isinstance(found, Information) and found.separable:
            raise ValueError("robust_covariance needs a maximum of the likelihood: the fit found separable labels")
        with computing():
            objective, theta, weights = self._again(X, y, sample_weight, offset)
            if isinstance(found, str):
                found = take_information(objective, theta, Separation("none"))
            return found.sandwich(score_moment(objective, theta, weights))

    def _profiles(
        self, level: float, place: int, X: Any, y: Any, sample_weight: ArrayLike | None, offset: ArrayLike | None
    ) -> NDArray:
        """Profile-likelihood intervals from the rows of the fit, of the contrasts with a class."""
        found = self._require("confint")
        if X is None or y is None:
            raise ValueError(
                "method='profile' needs the rows of the fit, which keeps none: pass X and y, and sample_weight and "
                "offset where it had them"
            )
        if not (self.converged_ or found.separable):
            raise ValueError("method='profile' needs a maximum of the likelihood: see the warning of the fit")
        if place and self.classes_.size == 2:
            return -self._profiles(level, 0, X, y, sample_weight, offset)[..., ::-1]
        if place and found.separable:
            raise ValueError(
                f"reference must be the first class, {self.classes_.tolist()[0]!r}, for method='profile' of separable "
                "labels; fit to soft labels whose first column is the other class"
            )
        found = _turned(found, self._turn(place))
        drop = 0.5 * float(ndtri(0.5 * (1.0 - level))) ** 2
        with computing():
            objective, theta, _ = self._again(X, y, sample_weight, offset)
            return profile_intervals(objective, theta, found, drop).reshape(*found.shape, 2)

    def _check_nested(self, larger: Any) -> None:
        """Refuse a model of which this one is not known to be a special case; see `likelihood_ratio_test`."""
        check_nested(self, larger)

    def _inference(self, name: str) -> Information | str:
        """Return what the fit left for inference, or refuse where it had a penalty."""
        check_is_fitted(self)
        if self._information is None:
            raise AttributeError(
                f"{name} is there after a fit with C=np.inf: the fit had a penalty, whose bias standard errors do "
                "not describe; set C=np.inf and fit again"
            )
        return self._information

    def _require(self, name: str) -> Information:
        """Return the information of the fit, or say why there is none."""
        found = self._inference(name)
        if isinstance(found, str):
            raise AttributeError(f"{name}: {found}")
        return found

    def _place(self, reference: Any) -> int:
        """Index of a class among the classes."""
        classes = self.classes_.tolist()
        if reference is None:
            return 0
        check_choice("reference", reference, classes)
        return classes.index(reference)

    def _turn(self, place: int) -> NDArray:
        """Take contrasts with the first class to those of the other classes with one, of shape (m, m) by class."""
        each = np.eye(self.classes_.size)
        return (np.delete(each, place, axis=0) - each[place])[:, 1:]

    def _errors(self, covariance: ArrayLike | None, turn: NDArray) -> NDArray:
        """Standard errors from a covariance, by default the fit's own, of contrasts that are turned."""
        if covariance is None:
            found = _turned(self._require("standard_errors_"), turn)
            return found.errors().reshape(found.shape)
        contrasts = self._contrasts()
        variances = as_numbers(covariance, name="covariance")
        if variances.shape != (contrasts.size, contrasts.size):
            raise ValueError(
                f"covariance must have shape {(contrasts.size, contrasts.size)}, as covariance_ has; "
                f"got {variances.shape}"
            )
        # Pairs of classes within each feature.
        pairs = np.einsum("ijkj->jik", variances.reshape(contrasts.shape * 2))
        return np.sqrt(np.einsum("ki,jil,kl->kj", turn, pairs, turn))

    def _contrasts(self) -> NDArray:
        """Estimates in the order of ``standard_errors_``."""
        theta, intercept = self._estimates()
        if self._has_intercept:
            theta = np.column_stack([intercept, theta])
        return theta if self.classes_.size == 2 else theta[1:] - theta[:1]

    def _again(
        self, X: Any, y: Any, sample_weight: ArrayLike | None, offset: ArrayLike | None
    ) -> tuple[Objective, NDArray, NDArray | None]:
        """Objective, parameters and weights at the rows of the fit; refuse others."""
        problem = self._read(X, y, sample_weight, offset, reset=False)
        objective, classes = problem.objective, problem.classes.tolist()
        if classes != self.classes_.tolist():
            raise ValueError(f"y must be that of the fit, with the classes {self.classes_.tolist()}; it has {classes}")
        theta = objective.parameters(*self._estimates())
        log_likelihood = -objective.mean_loss(theta, objective(theta)[0]) * objective.total
        if not abs(log_likelihood - self.log_likelihood_) <= _SAME * (1.0 + abs(self.log_likelihood_)):
            raise ValueError(
                "X, y, sample_weight and offset must be those of the fit: their log-likelihood at its estimates is "
                f"{log_likelihood:.9g}, that of the fit was {self.log_likelihood_:.9g}"
            )
        return objective, theta, problem.weights


def _turned(found: Information, turn: NDArray) -> Information:
    """Return the information with its contrasts turned, class by class."""
    by_class = found.jacobian.reshape(*found.shape, -1)
    # The difference of two that run to infinity may or may not.
    infinite = np.abs(turn) @ found.infinite.reshape(found.shape) == 1
    jacobian = np.tensordot(turn, by_class, axes=1).reshape(found.jacobian.shape)
    return replace(found, jacobian=jacobian, infinite=infinite.ravel())
