"""The von Mises-Fisher law of directions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from skinfo.families._joint import Estimate, JointFamily, stack, stopped
from skinfo.families._registry import register
from skinfo.utils._bessel import DEBYE, bessel_ratio, debye

_UNIT = 1e-6  # how far a row's length may be from one: float32 rows are within it


class VonMisesFisher(JointFamily):
    """Directions in p dimensions, rows of length one: mean direction ``mu`` ``(p,)`` and concentration ``kappa``."""

    name = "vonmises_fisher"
    distribution = stats.vonmises_fisher
    parameters = ("mu", "kappa")

    def shapes(self, p):
        """Shape of each parameter's array."""
        return {"mu": (p,), "kappa": ()}

    def check(self, rows, given):
        """Raise where rows are not of length one."""
        if rows.x.shape[1] < 2:
            raise ValueError(f"{self.name} is a law of two columns or more, a direction each row; got one column")
        first = 0
        for block, _ in rows.blocks(width=3 * rows.x.shape[1]):
            lengths = np.linalg.norm(block, axis=1)
            off = np.abs(lengths - 1) > _UNIT
            if off.any():
                i = int(np.argmax(off))
                raise ValueError(
                    f"row {first + i} of X has the length {lengths[i]:.6g}, but rows of {self.name} have length 1; "
                    "divide each row by its length, as sklearn.preprocessing.normalize does"
                )
            first += len(block)
        if "mu" in given and abs(np.linalg.norm(given["mu"]) - 1) > _UNIT:
            raise ValueError(f"fixed['mu'] has the length {np.linalg.norm(given['mu']):.6g}; it must have length 1")
        if "kappa" in given and not given["kappa"] > 0:
            raise ValueError(f"fixed['kappa']={float(given['kappa'])!r} is outside the domain of kappa: positive")

    def estimate(self, rows, given, *, tol, max_iter):
        """Maximum likelihood: the mean's direction, and the concentration that has its length as mean cosine.

        Parameters
        ----------
        rows : Rows
            Shape (n, p), of length one.
        given : dict
            Values not to estimate.
        tol : float
            Decrement to reach.
        max_iter : int
            Newton steps at most.

        Returns
        -------
        Estimate
            ``mu`` and ``kappa``.

        Raises
        ------
        ValueError
            If all rows are the same, or have no mean direction.
        """
        p = rows.x.shape[1]
        mu = given.get("mu")
        if mu is None:
            mean = rows.expect(lambda x: _unit(x).T, width=3 * p)
            length = float(np.linalg.norm(mean))
            if length <= 1e-15:
                raise ValueError(
                    f"the rows of X have the mean zero, so the maximum of the likelihood of {self.name} is at the "
                    "boundary of its parameters, kappa=0, where no direction is preferred; choose another family "
                    "or fix mu"
                )
            mu = mean / length
        if "kappa" in given:
            return Estimate({"mu": mu, "kappa": given["kappa"]})
        gap = float(rows.expect(lambda x: 0.5 * ((_unit(x) - mu) ** 2).sum(axis=1), width=3 * p))  # 1 - mean cosine
        if not gap < 1:
            raise ValueError(
                f"the maximum of the likelihood of {self.name} is at the boundary of its parameters: the rows of X are "
                f"no nearer to mu than to its opposite (mean cosine {1 - gap:.3g}), so kappa would be 0; fix another mu"
            )
        if gap < 1e-28:
            raise ValueError(
                f"the rows of X are the same: the likelihood of {self.name} is unbounded as kappa -> inf; "
                "pass rows that differ"
            )
        kappa, decrement, n_iter = _concentration(gap, p, rows.total, tol, max_iter)
        return Estimate(
            {"mu": mu, "kappa": np.array(kappa)}, decrement, n_iter, stopped(self.name, decrement, n_iter, tol)
        )

    def log_prob(self, x, theta):
        """Log density of each row on the sphere, in nats; minus infinity off it."""
        kappa, mu = float(theta["kappa"]), theta["mu"]
        x = np.asarray(x, dtype=np.float64)
        lengths = np.linalg.norm(x, axis=1)
        distance = 0.5 * ((_unit(x) - mu) ** 2).sum(axis=1)
        return np.where(np.abs(lengths - 1) <= _UNIT, _log_height(kappa, len(mu)) - kappa * distance, -np.inf)

    def covariance(self, theta, total, free):
        """Covariance of the free estimates; that of ``mu`` is tangent to the sphere."""
        kappa, mu = float(theta["kappa"]), theta["mu"]
        gap, _, slope = bessel_ratio(len(mu) / 2 - 1, kappa)
        blocks = {
            "mu": (np.eye(len(mu)) - np.outer(mu, mu)) / (kappa * (1 - gap)),
            "kappa": np.array([[1 / slope]]),
        }
        return stack([blocks[name] for name in free]) / total

    def n_parameters(self, p, free):
        """Number of free numbers."""
        return (p - 1) * ("mu" in free) + ("kappa" in free)

    def freeze(self, theta):
        """SciPy's frozen distribution."""
        return self.distribution(mu=theta["mu"] / np.linalg.norm(theta["mu"]), kappa=float(theta["kappa"]))


def _unit(x: NDArray) -> NDArray:
    """Rows divided by their lengths, which are one to the rows' own precision."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return x / np.linalg.norm(x, axis=1, keepdims=True)


def _log_height(kappa: float, p: int) -> float:
    """Log density at mu: kappa^nu e^kappa / ((2 pi)^(p/2) I_nu(kappa)), nu = p/2 - 1."""
    nu = p / 2 - 1
    if math.hypot(nu, kappa) < DEBYE:
        # I_nu(kappa) = (kappa / 2)^nu / Gamma(nu + 1) times a series of positive terms
        term = total = 1.0
        for j in range(1, 3 * int(DEBYE)):
            term *= kappa * kappa / (4 * j * (nu + j))
            total += term
        log_bessel = math.log(total) - float(gammaln(nu + 1)) - nu * math.log(2)
        return kappa - log_bessel - p / 2 * math.log(2 * math.pi)
    r, u, _ = debye(nu, kappa)
    # kappa - r, without its cancellation
    far = -(nu**2) / (kappa + r) + nu * math.log(nu + r) + 0.5 * math.log(2 * math.pi * r) - math.log(u)
    return float(far - p / 2 * math.log(2 * math.pi))


def _concentration(gap: float, p: int, total: float, tol: float, max_iter: int) -> tuple[float, float, int]:
    """Newton on log(kappa) from the approximation of Banerjee et al. (2005); its decrement and steps."""
    mean = 1 - gap
    kappa = mean * (p - mean**2) / (gap * (2 - gap))
    for n_iter in range(max_iter + 1):
        found, _, slope = bessel_ratio(p / 2 - 1, kappa)
        error = found - gap
        decrement = abs(error) * math.sqrt(total / slope)
        if decrement <= tol or n_iter == max_iter:
            break
        kappa *= math.exp(max(-2.0, min(2.0, error / (slope * kappa))))
    return kappa, decrement, n_iter


VONMISES_FISHER: Any = register(VonMisesFisher())
