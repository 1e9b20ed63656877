"""Parametric densities as scikit-learn estimators."""

from __future__ import annotations

import math
import numbers
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skinfo.density._columns import alike, families_of, fixed_of
from skinfo.density._input import ask_about_degrees, check_rows, warn_of
from skinfo.density._nested import Traces, check_nested
from skinfo.density._scores import LikelihoodScores
from skinfo.likelihood import ColumnStream, JointFit, MarginalFit, fit_columns, fit_joint, fit_marginal
from skinfo.measures import Rows
from skinfo.utils import check_weights, unchanged_on_failure


class ParametricDensity(LikelihoodScores, DensityMixin, BaseEstimator):
    """A parametric law, or a product of laws over the columns, fitted by maximum likelihood.

    The fit minimises the cross entropy from the weighted rows to the law, and certifies where it ended.

    Parameters
    ----------
    family : str, scipy.stats distribution, list or dict, default="norm"
        A univariate law is fitted to each column; a list has one per column, a dict one per column name.
        A multivariate law takes all columns jointly: ``"multivariate_normal"``, ``"multivariate_normal_diagonal"``,
        ``MultivariateNormal(covariance=LedoitWolf())`` of `skinfo.families`, ``"multivariate_t"``,
        ``"dirichlet"``, ``"multinomial"``, ``"vonmises_fisher"``.
    fixed : dict, list or dict of dict, default=None
        Parameter values not to estimate, in every column that has such a parameter; or one dict per column, or per
        column name. They are added to the family's natural support, such as ``loc=0`` on the half line and ``loc=0,
        scale=1`` on the unit interval; None as a value frees a parameter that it fixes, ``{"loc": None}``.
    compression : {"auto", False} or int, default="auto"
        Laws that no few sums over the rows determine are climbed on a compressed sample of the rows first, and finished
        on the rows. "auto" does so where it pays, a number asks for that many bins an octave, a power of two.
    tol : float, default=1e-6
        How far from the optimum the estimates may be, in standard errors (Newton decrement).
    max_iter : int, default=100
        Newton steps at most.

    Attributes
    ----------
    params_ : list of dict
        Parameters by marginal, fixed ones included, in SciPy's names.
    distributions_ : list of scipy.stats frozen distributions
        One by marginal.
    log_likelihood_ : float
        Weighted total log-likelihood, in nats.
    n_parameters_ : int
        Number of free parameters.
    converged_ : bool
        Whether every marginal ended at a maximum, its Newton decrement at most ``tol`` or what rounding leaves.
    status_ : str, or list of str where there are several marginals
        ``"maximum"``; ``"rounding"``, a maximum as near as floating-point numbers allow; ``"limit"``, where the
        likelihood increases to a limit of the family, such as ``poisson`` for ``nbinom``: the density is the
        distribution found there, and `params_` has the infinity or zero that a parameter ran to; ``"max_iter"``, short
        of a maximum.
    limits_ : list of (dict or None)
        For each marginal at a limit the name of the ``family`` found there, its ``params``, and whether it is that of
        minus the values, ``reflected``; the family's own name where the limit is none of the catalogue's.
    n_iter_ : int
        Largest number of Newton steps of a marginal.
    newton_decrement_ : float
        sqrt(g' I^-1 g) at the returned parameters, the largest of the marginals.
    certified_on_ : {"rows", "compressed sample"}
        Where that was measured: on the rows where `fit` had them, on what `partial_fit` keeps of them otherwise.
    free_params_ : list of tuple of str
        Names of the estimated parameters by marginal.
    standard_errors_ : list of dict
        From the observed information; nan where theory gives none.
    covariance_ : list of ndarray
        Covariance of the estimates in the order of ``free_params_``.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (p,)
        Names of the columns, where X had names that are all strings.

    See Also
    --------
    sklearn.mixture.GaussianMixture : Mixtures of normal laws.

    Examples
    --------
    >>> import numpy as np
    >>> from skinfo import ParametricDensity
    >>> X = np.array([[0.5], [1.0], [2.0], [4.5]])
    >>> density = ParametricDensity("expon").fit(X)
    >>> density.params_
    [{'loc': 0.0, 'scale': 2.0}]
    >>> round(density.score(X), 4)
    -1.6931
    """

    def __init__(
        self,
        family: Any = "norm",
        *,
        fixed: Any = None,
        compression: Any = "auto",
        tol: float = 1e-6,
        max_iter: int = 100,
    ):
        self.family = family
        self.fixed = fixed
        self.compression = compression
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: ArrayLike, y: Any = None, *, sample_weight: ArrayLike | None = None) -> ParametricDensity:  # noqa: ARG002
        """Fit the law to weighted rows.

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
        ParametricDensity
            Self.

        Raises
        ------
        ValueError
            If data are outside a law's support or too few, weights or parameters are out of range, or the
            likelihood is unbounded.
        """
        self._check_settings()
        with unchanged_on_failure(self):
            X = check_rows(self, X)
            weights = check_weights(sample_weight, len(X))
            fits = self._fit_rows(X, weights)
            self._stream: tuple[ColumnStream, ...] = ()
            self._traces = Traces.of(X, weights)
            return self._keep(fits)

    def _fit_rows(self, X: NDArray, weights: NDArray | None) -> list[Any]:
        families, fixed, columns = self._laws(X.shape[1])
        options: dict[str, Any] = {"compression": self.compression, "tol": self.tol, "max_iter": self.max_iter}
        if families[0].joint:
            rows = Rows(X, weights)
            return [fit_joint(families[0], rows, fixed=self.fixed, tol=self.tol, max_iter=self.max_iter)]
        ask_about_degrees(X, families, fixed, columns, stacklevel=3)
        fits: list[Any] = [None] * X.shape[1]
        for law, given, of_law in alike(families, fixed):
            for j, fit in zip(of_law, fit_columns(law, X, weights, given, of_law, tol=self.tol)):
                fits[j] = fit or fit_marginal(law, Rows(X[:, j], weights), given=given, column=columns[j], **options)
        return fits

    def partial_fit(self, X: ArrayLike, y: Any = None, *, sample_weight: ArrayLike | None = None) -> ParametricDensity:  # noqa: ARG002
        """Fit the law to these rows and those of earlier calls since `fit`, of which a compressed sample is kept.

        The estimates are those of one fit to all rows, to 1e-6 of a standard error or better, whatever the batches;
        memory does not grow with their number. Where the rows so far have no maximum of the likelihood, as the first
        few may, they are kept, a warning says why, and the estimator stays as it was.

        Parameters
        ----------
        X : array-like of shape (n, p)
            The next rows.
        y : None
            Ignored.
        sample_weight : array-like of shape (n,), optional
            Frequencies of the rows.

        Returns
        -------
        ParametricDensity
            Self.

        Raises
        ------
        ValueError
            If data are outside a law's support, weights or parameters are out of range, the law takes all columns
            jointly, or it ends or has a kink at a point that is estimated and there are more than 65,536 values.

        Warns
        -----
        ConvergenceWarning
            As `fit`, and where the rows so far can't be fitted.
        """
        self._check_settings()
        with unchanged_on_failure(self):
            before = getattr(self, "_stream", ())
            X = check_rows(self, X, reset=not before)
            weights = check_weights(sample_weight, len(X))
            streams = before or self._empty_streams(X.shape[1])
            self._stream = tuple(stream.plus(Rows(x, weights)) for stream, x in zip(streams, X.T))
            try:
                fits = [stream.fit(tol=self.tol, max_iter=self.max_iter) for stream in self._stream]
            except ValueError as error:
                warnings.warn(f"the rows are kept, but can't be fitted yet: {error}", ConvergenceWarning, stacklevel=2)
                return self
            return self._keep(fits, "compressed sample")

    def _empty_streams(self, n_columns: int) -> list[ColumnStream]:
        families, fixed, columns = self._laws(n_columns)
        if families[0].joint:
            raise ValueError(f"{families[0].name} is not fitted to batches; pass all rows to fit")
        return [ColumnStream(*law) for law in zip(families, fixed, columns)]

    def _laws(self, n_columns: int) -> tuple[list[Any], list[Any], list[str]]:
        """Law, fixed parameters and name in messages of each column."""
        names = list(getattr(self, "feature_names_in_", range(n_columns)))
        families = families_of(self.family, names)
        fixed = [None] * n_columns if families[0].joint else fixed_of(self.fixed, names, families)
        return families, fixed, self._columns(n_columns)

    def _columns(self, n_columns: int) -> list[str]:
        """What messages call the columns."""
        return [f"column {name!r} of X" for name in getattr(self, "feature_names_in_", range(n_columns))]

    def _keep(self, fits: Sequence[MarginalFit | JointFit], certified_on: str = "rows") -> ParametricDensity:
        """Set what a successful fit leaves, and warn of what is wrong with it."""
        warn_of(fits, self._columns(len(fits)), stacklevel=3)
        self._fits = fits
        self.params_ = [fit.params for fit in fits]
        self.free_params_ = [fit.free for fit in fits]
        self.log_likelihood_ = math.fsum(fit.log_likelihood for fit in fits)
        self.n_parameters_ = sum(fit.n_parameters for fit in fits)
        self.converged_ = all(fit.converged for fit in fits)
        status = [fit.status for fit in fits]
        self.status_ = status[0] if len(status) == 1 else status
        self.limits_ = [fit.limit_found for fit in fits]
        self.n_iter_ = max(fit.n_iter for fit in fits)
        self.newton_decrement_ = max(fit.newton_decrement for fit in fits)
        self.standard_errors_ = [fit.standard_errors for fit in fits]
        self.certified_on_ = certified_on
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_fits")

    @property
    def distributions_(self) -> list[Any]:
        """SciPy's frozen distribution of each marginal, made when first asked for."""
        if not hasattr(self, "_fits"):
            raise AttributeError("distributions_ is there after fit")
        return [fit.distribution for fit in self._fits]

    @property
    def covariance_(self) -> list[NDArray]:
        """Covariance of the estimates of each marginal, in the order of ``free_params_``."""
        if not hasattr(self, "_fits"):
            raise AttributeError("covariance_ is there after fit")
        return [fit.covariance for fit in self._fits]

    def score_samples(self, X: ArrayLike) -> NDArray:
        """Log-likelihood of each row.

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
        X = check_rows(self, X, reset=False)
        rows = Rows(X)
        if isinstance(self._fits[0], JointFit):
            parts = [self._fits[0].log_prob(block) for block, _ in rows.blocks(4 * X.shape[1])]
        else:
            parts = [
                np.sum([fit.log_prob(block[:, j]) for j, fit in enumerate(self._fits)], axis=0)
                for block, _ in rows.blocks(8 + X.shape[1])
            ]
        return np.concatenate(parts)

    def sample(self, n_samples: int = 1, random_state: Any = None) -> NDArray:
        """Draw rows from the law.

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
        whole = isinstance(n_samples, numbers.Integral) and not isinstance(n_samples, bool)
        if not whole or not 1 <= n_samples <= sys.maxsize // 8:
            raise ValueError(f"n_samples must be a positive integer, got {n_samples!r}")
        random = check_random_state(random_state)
        draws = [law.rvs(size=n_samples, random_state=random) for law in self.distributions_]
        return np.column_stack([np.reshape(d, (n_samples, -1)) for d in draws]).astype(np.float64)

    def _check_nested(self, larger: Any) -> None:
        """Refuse a density of which this one is not known to be a special case; see `likelihood_ratio_test`."""
        check_nested(self, larger)

    def _check_settings(self) -> None:
        if not isinstance(self.tol, numbers.Real) or not self.tol > 0:
            raise ValueError(f"tol must be a positive number, got {self.tol!r}")
        bins = self.compression
        whole = isinstance(bins, numbers.Integral) and not isinstance(bins, bool) and 1 <= bins <= 1024
        if not (bins is False or whole or (isinstance(bins, str) and bins == "auto")):
            raise ValueError(f"compression must be 'auto', False or a number of bins from 1 to 1024, got {bins!r}")
        if not isinstance(self.max_iter, numbers.Integral) or self.max_iter < 1:
            raise ValueError(f"max_iter must be a positive integer, got {self.max_iter!r}")
