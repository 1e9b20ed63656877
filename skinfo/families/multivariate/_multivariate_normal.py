"""The multivariate normal law, its covariance full, diagonal or estimated by scikit-learn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from skinfo.families._joint import Estimate, JointFamily, stack
from skinfo.families._registry import register
from skinfo.measures import Rows

_MOST_REPEATED = 10_000_000  # rows that whole weights may repeat for an estimator that takes no weights


class MultivariateNormal(JointFamily):
    """The normal law of p columns: mean ``(p,)`` and covariance ``cov`` ``(p, p)``.

    Parameters
    ----------
    covariance : {"full", "diagonal"} or estimator, default="full"
        "diagonal" says that the columns are independent. An estimator of `sklearn.covariance`, such as
        ``LedoitWolf()``, is fitted to the rows and its ``location_`` and ``covariance_`` taken: more stable than
        maximum likelihood where columns are many, defined where they are more than the rows, and not a maximum:
        its fit has no Newton decrement and no standard errors.
    """

    distribution = stats.multivariate_normal
    parameters = ("mean", "cov")
    symmetric = ("cov",)

    def __init__(self, covariance: Any = "full"):
        if not (covariance in ("full", "diagonal") if isinstance(covariance, str) else hasattr(covariance, "fit")):
            raise ValueError(
                f"covariance must be 'full', 'diagonal' or an estimator such as sklearn.covariance.LedoitWolf(); "
                f"got {covariance!r}"
            )
        self.covariance_model = covariance
        self.name = "multivariate_normal" + ("_diagonal" if self.diagonal else "")

    def __repr__(self):
        return f"MultivariateNormal(covariance={self.covariance_model!r})"

    @property
    def diagonal(self) -> bool:
        """Whether the columns are independent."""
        return isinstance(self.covariance_model, str) and self.covariance_model == "diagonal"

    @property
    def maximal(self) -> bool:
        """Whether the estimates maximise the likelihood."""
        return isinstance(self.covariance_model, str)

    def shapes(self, p):
        """Shape of each parameter's array."""
        return {"mean": (p,), "cov": (p, p)}

    def check(self, rows, given):
        """Raise where there are too few rows for a covariance, or a covariance is not one."""
        if len(rows) < 2 and "cov" not in given:
            raise ValueError(f"n_samples=1 is too few for the covariance of {self.name}; pass more rows")
        if "cov" in given:
            _factor(given["cov"])

    def estimate(self, rows, given, *, tol, max_iter):  # noqa: ARG002 - closed forms
        """Maximum likelihood: the means and the covariance about them; else what the estimator finds.

        Parameters
        ----------
        rows : Rows
            Shape (n, p).
        given : dict
            A mean or covariance not to estimate.
        tol, max_iter : float, int
            Of no use here.

        Returns
        -------
        Estimate
            ``mean`` and ``cov``; Anderson, An Introduction to Multivariate Statistical Analysis, theorem 3.2.1.

        Raises
        ------
        ValueError
            If the covariance is singular: the likelihood has no maximum.
        """
        if not self.maximal and "cov" not in given:
            return self._shrunk(rows, given)
        p = rows.x.shape[1]
        mean = given.get("mean")
        if mean is None:
            about = rows.x[0].astype(np.float64)
            mean = about + rows.expect(lambda x: (x - about).T, width=3 * p)
        cov = given.get("cov")
        if cov is None:
            cov = self._diagonal_about(rows, mean) if self.diagonal else self._about(rows, mean)
        return Estimate({"mean": mean, "cov": cov})

    def _about(self, rows: Rows, mean: NDArray) -> NDArray:
        p = rows.x.shape[1]
        cov = np.zeros((p, p))
        for block, w in rows.blocks(width=3 * p):
            d = block - mean
            cov += d.T @ (d if w is None else d * w[:, None])
        cov /= rows.total
        scale = self._scale(np.diag(cov))
        eigenvalues = np.linalg.eigvalsh(cov / np.outer(scale, scale))
        if eigenvalues[0] <= p * np.finfo(float).eps * eigenvalues[-1]:
            raise ValueError(
                f"the covariance of the {p} columns of X is singular (smallest eigenvalue of the correlations "
                f"{eigenvalues[0]:.2g}), so the likelihood of {self.name} is unbounded; drop columns that "
                "are linear combinations of others, pass more rows than columns, or choose "
                "family='multivariate_normal_diagonal' or MultivariateNormal(covariance=LedoitWolf())"
            )
        return cov

    def _diagonal_about(self, rows: Rows, mean: NDArray) -> NDArray:
        variances = rows.expect(lambda x: ((x - mean) ** 2).T, width=3 * len(mean))
        self._scale(variances)
        return np.diag(variances)

    def _scale(self, variances: NDArray) -> NDArray:
        if not variances.all():
            raise ValueError(
                f"column {int(np.argmin(variances))} of X is constant: {self.name} has no maximum; drop it"
            )
        return np.sqrt(variances)

    def _shrunk(self, rows: Rows, given: Mapping[str, NDArray]) -> Estimate:
        from sklearn.base import clone
        from sklearn.utils.validation import has_fit_parameter

        estimator = clone(self.covariance_model)
        x = np.asarray(rows.x, dtype=np.float64)
        if "mean" in given:
            x = x - given["mean"]
            estimator.set_params(assume_centered=True)
        if rows.weights is None:
            estimator.fit(x)
        elif has_fit_parameter(estimator, "sample_weight"):
            estimator.fit(x, sample_weight=rows.weights)
        else:
            counts = np.rint(rows.weights)
            if not (counts == rows.weights).all() or rows.total > _MOST_REPEATED:
                raise ValueError(
                    f"sample_weight must be whole numbers, {_MOST_REPEATED:,} rows at most together, for "
                    f"covariance={estimator!r}, whose fit takes no weights; round them, or use covariance='full'"
                )
            estimator.fit(np.repeat(x, counts.astype(np.intp), axis=0))
        cov = np.asarray(estimator.covariance_, dtype=np.float64)
        _factor(cov)
        return Estimate({"mean": given.get("mean", estimator.location_), "cov": cov}, decrement=math.nan)

    def log_prob(self, x, theta):
        """Log density of each row.

        Parameters
        ----------
        x : ndarray of shape (n, p)
            Rows.
        theta : dict
            ``mean`` and ``cov``.

        Returns
        -------
        ndarray of shape (n,)
            In nats.
        """
        p = len(theta["mean"])
        if self.diagonal:
            scale = np.sqrt(np.diag(theta["cov"]))
            z = ((x - theta["mean"]) / scale).T
        else:
            factor = _factor(theta["cov"])
            scale = np.diag(factor)
            z = solve_triangular(factor, (x - theta["mean"]).T, lower=True, check_finite=False)
        return -0.5 * (z * z).sum(axis=0) - np.log(scale).sum() - 0.5 * p * math.log(2 * math.pi)

    def covariance(self, theta, total, free):
        """Covariance of the free estimates, the upper triangle of ``cov`` taken by rows.

        Parameters
        ----------
        theta : dict
            The estimates.
        total : float
            Sum of the weights.
        free : tuple of str
            ``"mean"``, ``"cov"`` or both.

        Returns
        -------
        ndarray of shape (k, k)
            Anderson, theorem 3.4.4: cov(s_ij, s_kl) = (c_ik c_jl + c_il c_jk) / n.
        """
        cov = theta["cov"]
        p = len(cov)
        blocks = []
        if "mean" in free:
            blocks.append(cov / total)
        if "cov" in free:
            i, j = np.triu_indices(p)
            block = (cov[np.ix_(i, i)] * cov[np.ix_(j, j)] + cov[np.ix_(i, j)] * cov[np.ix_(j, i)]) / total
            if self.diagonal:  # the others are known to be zero
                block[i != j] = block[:, i != j] = 0.0
            blocks.append(block)
        out = stack(blocks)
        return out if self.maximal else np.full_like(out, np.nan)

    def standard_errors(self, theta, total, free):
        """Standard errors in the shapes of the parameters.

        Parameters
        ----------
        theta : dict
            The estimates.
        total : float
            Sum of the weights.
        free : tuple of str
            ``"mean"``, ``"cov"`` or both.

        Returns
        -------
        dict
            ``mean`` ``(p,)`` and ``cov`` ``(p, p)``.
        """
        cov = theta["cov"]
        variances = np.diag(cov)
        squares = np.diag(2 * variances**2) if self.diagonal else cov**2 + np.outer(variances, variances)
        errors = {"mean": np.sqrt(variances / total), "cov": np.sqrt(squares / total)}
        return {name: errors[name] if self.maximal else np.full_like(errors[name], np.nan) for name in free}

    def freeze(self, theta):
        """SciPy's frozen distribution."""
        try:
            return self.distribution(mean=theta["mean"], cov=theta["cov"])
        except np.linalg.LinAlgError:  # SciPy takes columns of very different units for a singular covariance
            factor = stats.Covariance.from_cholesky(_factor(theta["cov"]))
            return self.distribution(mean=theta["mean"], cov=factor)

    def n_parameters(self, p, free):
        """Number of free numbers: p for the mean, p (p + 1) / 2 for the covariance, p where it is diagonal."""
        return p * ("mean" in free) + (p if self.diagonal else p * (p + 1) // 2) * ("cov" in free)


def _factor(cov: NDArray) -> NDArray:
    try:
        return cholesky(cov, lower=True)
    except LinAlgError as error:
        raise ValueError("cov must be symmetric and positive definite") from error


MULTIVARIATE_NORMAL = register(MultivariateNormal())
MULTIVARIATE_NORMAL_DIAGONAL = register(MultivariateNormal(covariance="diagonal"))
