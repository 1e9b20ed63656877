"""The multivariate normal law."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from skinfo.families._registry import register
from skinfo.measures import Rows


class MultivariateNormal:
    """The normal law of p columns: mean ``(p,)`` and covariance ``cov`` ``(p, p)``."""

    name = "multivariate_normal"
    distribution = stats.multivariate_normal
    parameters = ("mean", "cov")
    discrete = False
    joint = True

    def estimate(self, rows: Rows, mean: NDArray | None = None) -> dict[str, NDArray]:
        """Maximum likelihood: the means and the covariance about them.

        Parameters
        ----------
        rows : Rows
            Shape (n, p).
        mean : ndarray of shape (p,), optional
            A mean that is given.

        Returns
        -------
        dict
            ``mean`` and ``cov``; Anderson, An Introduction to Multivariate Statistical Analysis, theorem 3.2.1.

        Raises
        ------
        ValueError
            If the covariance is singular: the likelihood has no maximum.
        """
        p = rows.x.shape[1]
        if mean is None:
            about = rows.x[0].astype(np.float64)
            mean = about + rows.expect(lambda x: (x - about).T, width=3 * p)
        cov = np.zeros((p, p))
        for block, w in rows.blocks(width=3 * p):
            d = block - mean
            cov += d.T @ (d if w is None else d * w[:, None])
        cov /= rows.total
        scale = np.sqrt(np.diag(cov))
        if not scale.all():
            raise ValueError(
                f"column {int(np.argmin(scale))} of X is constant: multivariate_normal has no maximum; drop it"
            )
        eigenvalues = np.linalg.eigvalsh(cov / np.outer(scale, scale))
        if eigenvalues[0] <= p * np.finfo(float).eps * eigenvalues[-1]:
            raise ValueError(
                f"the covariance of the {p} columns of X is singular (smallest eigenvalue of the correlations "
                f"{eigenvalues[0]:.2g}), so the likelihood of multivariate_normal is unbounded; drop columns that "
                "are linear combinations of others, or pass more rows than columns"
            )
        return {"mean": mean, "cov": cov}

    def log_prob(self, x: NDArray, theta: Mapping[str, NDArray]) -> NDArray:
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
        factor = _factor(theta["cov"])
        z = solve_triangular(factor, (x - theta["mean"]).T, lower=True, check_finite=False)
        p = len(theta["mean"])
        return -0.5 * (z * z).sum(axis=0) - np.log(np.diag(factor)).sum() - 0.5 * p * math.log(2 * math.pi)

    def covariance(self, theta: Mapping[str, NDArray], total: float, free: tuple[str, ...]) -> NDArray:
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
            blocks.append((cov[np.ix_(i, i)] * cov[np.ix_(j, j)] + cov[np.ix_(i, j)] * cov[np.ix_(j, i)]) / total)
        size = sum(len(b) for b in blocks)
        out = np.zeros((size, size))
        at = 0
        for b in blocks:
            out[at : at + len(b), at : at + len(b)] = b
            at += len(b)
        return out

    def standard_errors(self, theta: Mapping[str, NDArray], total: float, free: tuple[str, ...]) -> dict[str, NDArray]:
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
        errors = {"mean": np.sqrt(variances / total), "cov": np.sqrt((cov**2 + np.outer(variances, variances)) / total)}
        return {name: errors[name] for name in free}

    def n_parameters(self, p: int, free: tuple[str, ...]) -> int:
        """Number of free numbers.

        Parameters
        ----------
        p : int
            Columns.
        free : tuple of str
            ``"mean"``, ``"cov"`` or both.

        Returns
        -------
        int
            p for the mean, p (p + 1) / 2 for the covariance.
        """
        return p * ("mean" in free) + p * (p + 1) // 2 * ("cov" in free)

    def freeze(self, theta: Mapping[str, NDArray]) -> Any:
        """SciPy's frozen distribution at these parameters.

        Parameters
        ----------
        theta : dict
            ``mean`` and ``cov``.

        Returns
        -------
        scipy.stats frozen distribution
            With ``logpdf``, ``rvs`` and the rest.
        """
        return self.distribution(mean=theta["mean"], cov=theta["cov"])


def _factor(cov: NDArray) -> NDArray:
    try:
        return cholesky(cov, lower=True)
    except LinAlgError as error:
        raise ValueError("cov must be symmetric and positive definite") from error


MULTIVARIATE_NORMAL = register(MultivariateNormal())
