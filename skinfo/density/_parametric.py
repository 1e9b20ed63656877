"""Parametric densities as scikit-learn estimators."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skinfo.families import get_family
from skinfo.likelihood import JointFit, MarginalFit, fit_joint, fit_marginal
from skinfo.measures import Rows
from skinfo.utils import check_weights


class ParametricDensity(DensityMixin, BaseEstimator):
    """A parametric law, or a product of laws over the columns, fitted by maximum likelihood.

    The fit minimises the cross entropy from the weighted rows to the law, and certifies where it ended.

    Parameters
    ----------
    family : str, scipy.stats distribution, list or dict, default="norm"
        A univariate law is fitted to each column; a list has one per column, a dict one per column name.
        ``"multivariate_normal"`` takes all columns jointly.
    fixed : dict, list or dict of dict, default=None
        Parameter values not to estimate, in every column that has such a parameter; or one dict per column, or per
        column name. None means the natural support: ``loc=0`` on the half line, ``loc=0, scale=1`` on the unit
        interval.
        ``{}`` frees everything.
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
        Whether the Newton decrement is at most ``tol`` for every marginal.
    n_iter_ : int
        Largest number of Newton steps of a marginal.
    newton_decrement_ : float
        sqrt(g' I^-1 g) at the returned parameters, the largest of the marginals.
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

    def __init__(self, family: Any = "norm", *, fixed: Any = None, tol: float = 1e-6, max_iter: int = 100):
        self.family = family
        self.fixed = fixed
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
        X = cast(NDArray, validate_data(self, X, dtype=[np.float64, np.float32]))
        weights = check_weights(sample_weight, len(X))
        names = list(getattr(self, "feature_names_in_", range(X.shape[1])))
        families = self._families(names)
        fits: list[MarginalFit | JointFit] = []
        if families[0].joint:
            fits.append(fit_joint(families[0], Rows(X, weights), fixed=self.fixed))
        else:
            for j, (family, fixed) in enumerate(zip(families, self._fixed(names, families))):
                column = f"column {names[j]!r} of X"
                fits.append(
                    fit_marginal(
                        family, Rows(X[:, j], weights), fixed=fixed, column=column, tol=self.tol, max_iter=self.max_iter
                    )
                )
        for fit in fits:
            if fit.message:
                warnings.warn(fit.message, ConvergenceWarning, stacklevel=2)
        self._fits = fits
        self.params_ = [fit.params for fit in fits]
        self.free_params_ = [fit.free for fit in fits]
        self.log_likelihood_ = math.fsum(fit.log_likelihood for fit in fits)
        self.n_parameters_ = sum(fit.n_parameters for fit in fits)
        self.converged_ = all(fit.converged for fit in fits)
        self.n_iter_ = max(fit.n_iter for fit in fits)
        self.newton_decrement_ = max(fit.newton_decrement for fit in fits)
        self.standard_errors_ = [fit.standard_errors for fit in fits]
        return self

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
        X = cast(NDArray, validate_data(self, X, dtype=[np.float64, np.float32], reset=False))
        rows = Rows(X)
        if isinstance(self._fits[0], JointFit):
            parts = [self._fits[0].log_prob(block) for block, _ in rows.blocks(4 * X.shape[1])]
        else:
            parts = [
                np.sum([fit.log_prob(block[:, j]) for j, fit in enumerate(self._fits)], axis=0)
                for block, _ in rows.blocks(8 + X.shape[1])
            ]
        return np.concatenate(parts)

    def score(self, X: ArrayLike, y: Any = None, sample_weight: ArrayLike | None = None) -> float:  # noqa: ARG002
        """Mean log-likelihood: minus the cross entropy from the rows to the law.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        y : None
            Ignored.
        sample_weight : array-like of shape (n,), optional
            Weights.

        Returns
        -------
        float
            In nats.
        """
        total, weight = self._total(X, sample_weight)
        return total / weight

    def aic(self, X: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Akaike's information criterion; smaller is better.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        sample_weight : array-like of shape (n,), optional
            Frequencies of the rows.

        Returns
        -------
        float
            -2 log-likelihood + 2 parameters.
        """
        return -2 * self._total(X, sample_weight)[0] + 2 * self.n_parameters_

    def bic(self, X: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Bayesian information criterion; smaller is better.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        sample_weight : array-like of shape (n,), optional
            Frequencies of the rows: n is their sum.

        Returns
        -------
        float
            -2 log-likelihood + log(n) parameters.
        """
        total, weight = self._total(X, sample_weight)
        return -2 * total + math.log(weight) * self.n_parameters_

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
        if not isinstance(n_samples, numbers.Integral) or n_samples < 1:
            raise ValueError(f"n_samples must be a positive integer, got {n_samples!r}")
        random = check_random_state(random_state)
        draws = [law.rvs(size=n_samples, random_state=random) for law in self.distributions_]
        return np.column_stack([np.reshape(d, (n_samples, -1)) for d in draws]).astype(np.float64)

    def _total(self, X: ArrayLike, sample_weight: ArrayLike | None) -> tuple[float, float]:
        log_probs = self.score_samples(X)
        weights = check_weights(sample_weight, len(log_probs))
        rows = Rows(log_probs, weights)
        return rows.total * float(rows.expect(lambda v: v)), rows.total

    def _check_settings(self) -> None:
        if not isinstance(self.tol, numbers.Real) or not self.tol > 0:
            raise ValueError(f"tol must be a positive number, got {self.tol!r}")
        if not isinstance(self.max_iter, numbers.Integral) or self.max_iter < 1:
            raise ValueError(f"max_iter must be a positive integer, got {self.max_iter!r}")

    def _families(self, names: list[Any]) -> list[Any]:
        families = [get_family(f) for f in _by_column(self.family, names, "family", isinstance(self.family, Mapping))]
        if any(f.joint for f in families) and isinstance(self.family, Mapping | list | tuple):
            raise ValueError(
                "family must be one name where it takes all columns jointly; a list or dict is one law per column"
            )
        return families

    def _fixed(self, names: list[Any], families: list[Any]) -> list[Any]:
        fixed = self.fixed
        if fixed is not None and not isinstance(fixed, Mapping | list | tuple):
            raise TypeError(f"fixed must be None, a dict, or one dict per column; got {fixed!r}")
        by_name = isinstance(fixed, Mapping) and any(isinstance(v, Mapping) or v is None for v in fixed.values())
        columns = _by_column(fixed, names, "fixed", by_name)
        if by_name or not isinstance(fixed, Mapping):
            return columns
        unknown = [name for name in fixed if not any(name in f.parameters for f in families)]
        if unknown:
            have = ", ".join(dict.fromkeys(p for f in families for p in f.parameters))
            raise ValueError(f"fixed names {unknown[0]!r}, which no column's law has; there are {have}")
        return [{k: v for k, v in fixed.items() if k in f.parameters} for f in families]


def _by_column(value: Any, names: list[Any], argument: str, by_name: bool) -> list[Any]:
    """One value for each column, from one for all, a list, or a dict by name."""
    if by_name:
        missing, extra = set(names) - set(value), set(value) - set(names)
        if missing or extra:
            raise ValueError(f"{argument} must have the columns of X as keys, {names}; got {list(value)}")
        return [value[name] for name in names]
    if isinstance(value, list | tuple):
        if len(value) != len(names):
            raise ValueError(f"{argument} has {len(value)} entries for {len(names)} columns of X; pass one per column")
        return list(value)
    return [value] * len(names)
