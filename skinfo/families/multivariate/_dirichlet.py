"""The Dirichlet law on the simplex."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import polygamma

from skinfo.families._joint import Estimate, JointFamily, stopped
from skinfo.families._registry import register
from skinfo.measures import Rows
from skinfo.utils._gamma import deviance, digamma_gap, stirling_remainder

_SIMPLEX = 1e-6  # how far a row's sum may be from one: float32 rows are within it
_EPS = float(np.finfo(float).eps)
_LIMIT = 1e14  # a concentration that no spread of the rows' own digits supports


class Dirichlet(JointFamily):
    """The Dirichlet law of p shares with sum one: ``alpha`` ``(p,)``.

    Fitted by Newton's steps on the mean logarithms, whose Hessian is a diagonal and a constant (Minka 2000).
    """

    name = "dirichlet"
    distribution = stats.dirichlet
    parameters = ("alpha",)

    def shapes(self, p):
        """Shape of each parameter's array."""
        return {"alpha": (p,)}

    def check(self, rows, given):
        """Raise where rows are not in the open simplex."""
        if rows.x.shape[1] < 2:
            raise ValueError(f"{self.name} is a law of two columns or more, shares with sum 1; got one column")
        first = 0
        for block, _ in rows.blocks(width=3 * rows.x.shape[1]):
            low, off = block.min(axis=1), np.abs(block.sum(axis=1) - 1)
            if (low <= 0).any():
                i = int(np.argmax(low <= 0))
                raise ValueError(
                    f"row {first + i} of X contains {low[i]:.6g}, but the shares of {self.name} are positive; remove "
                    "such rows, merge columns, or replace zeros by half of the smallest share that can be measured"
                )
            if (off > _SIMPLEX).any():
                i = int(np.argmax(off > _SIMPLEX))
                raise ValueError(
                    f"row {first + i} of X has the sum {block[i].sum():.6g}, but the shares of {self.name} have the "
                    "sum 1; divide each row by its sum"
                )
            first += len(block)
        if "alpha" in given and not (given["alpha"] > 0).all():
            raise ValueError(f"fixed['alpha']={given['alpha']!r} is outside the domain of alpha: positive")

    def estimate(self, rows, given, *, tol, max_iter):
        """Maximum likelihood.

        Parameters
        ----------
        rows : Rows
            Shape (n, p), in the simplex.
        given : dict
            ``alpha``, or nothing.
        tol : float
            Decrement to reach.
        max_iter : int
            Newton steps at most.

        Returns
        -------
        Estimate
            ``alpha``.

        Raises
        ------
        ValueError
            If all rows are the same: the likelihood is unbounded.
        """
        if "alpha" in given:
            return Estimate({"alpha": given["alpha"]})
        p = rows.x.shape[1]
        logs = rows.expect(lambda x: np.log(x).T, width=3 * p)
        alpha = _start(rows, p)
        if alpha is None:
            raise ValueError(
                f"the rows of X are the same: the likelihood of {self.name} is unbounded as alpha -> inf; "
                "pass rows that differ"
            )
        gradient = logs + _psi_gap(alpha)
        last = math.inf
        for n_iter in range(max_iter + 1):
            step = _newton_step(gradient, alpha)
            slope = float(gradient @ step)
            decrement = math.sqrt(max(rows.total * slope, 0.0))
            if decrement <= tol or n_iter == max_iter or (decrement < 1e-2 and decrement > last / 2):
                break  # the last: rounding
            last = decrement
            length = min(1.0, 0.9 / max(float((-step / alpha).max()), 1e-300))
            while True:
                trial = alpha + length * step
                trial_gradient = logs + _psi_gap(trial)
                # the likelihood is concave: not far beyond its maximum on the line, it has risen
                if float(trial_gradient @ step) >= -0.5 * slope or length < 1e-9:
                    break
                length /= 2
            alpha, gradient = trial, trial_gradient
            if alpha.sum() > _LIMIT:
                raise ValueError(
                    f"the rows of X are nearly the same, or one share is nearly 1 in all: the likelihood of "
                    f"{self.name} is unbounded as alpha -> inf; pass rows that differ"
                )
        noise = _EPS * np.abs(logs)
        lost = math.sqrt(rows.total * float(noise @ np.abs(_newton_step(noise, alpha))))
        message = stopped(self.name, decrement, n_iter, tol)
        if lost > tol and message:
            message = (
                f"the rows of X are so close to each other that the score of {self.name} is lost in rounding to within "
                f"{lost:.2g} standard errors (tol={tol:g}); raise tol"
            )
        return Estimate({"alpha": alpha}, decrement, n_iter, message)

    def log_prob(self, x, theta):
        """Log density of each row, in nats; minus infinity outside the simplex."""
        alpha, x = theta["alpha"], np.asarray(x, dtype=np.float64)
        total = alpha.sum()
        inside = (x > 0).all(axis=1) & (np.abs(x.sum(axis=1) - 1) <= _SIMPLEX)
        shares = np.where(inside[:, None], x, 1 / len(alpha))
        # Stirling's formula leaves distances of the shares from their means, and nothing large that cancels
        means = total * shares
        height = 0.5 * (np.log(alpha).sum() - math.log(total) - (len(alpha) - 1) * math.log(2 * math.pi))
        height += float(stirling_remainder(total)) - stirling_remainder(alpha).sum()
        values = height - deviance(alpha - means, means).sum(axis=1) - np.log(shares).sum(axis=1)
        return np.where(inside, values, -np.inf)

    def covariance(self, theta, total, free):
        """Covariance of ``alpha``: the inverse of a diagonal and a constant."""
        if not free:
            return np.empty((0, 0))
        alpha = theta["alpha"]
        inverse = 1 / polygamma(1, alpha)
        return (np.diag(inverse) + np.outer(inverse, inverse) / _denominator(alpha)) / total


def _psi_gap(alpha: NDArray) -> NDArray:
    """Compute psi(sum of alpha) - psi(alpha)."""
    before, after = np.cumsum(alpha[:-1]), np.cumsum(alpha[:0:-1])[::-1]
    others = np.append(0.0, before) + np.append(after, 0.0)  # not the sum less each, which cancels
    return digamma_gap(alpha, others)


def _denominator(alpha: NDArray) -> float:
    """Compute 1 / psi'(s) - sum of 1 / psi'(alpha); each is near its argument, so that they cancel at large ones.

    1 / psi'(a) = a - 1/2 + e(a), and the arguments cancel exactly.
    """
    total = float(alpha.sum())
    return (len(alpha) - 1) / 2 + _rest(np.array([total]))[0] - float(_rest(alpha).sum())


def _rest(a: NDArray) -> NDArray:
    """Compute 1 / psi'(a) - a + 1/2."""
    large = np.maximum(a, 20.0)
    t = 1 / large
    # psi'(a) = t (1 + h), h = t/2 + t^2/6 - t^4/30 + t^6/42 - t^8/30 (DLMF 5.15.8); a (1 / (1 + h) - 1 + t/2)
    tail = t * t * (1 / 6 - t * t * (1 / 30 - t * t * (1 / 42 - t * t / 30)))
    h = t / 2 + tail
    far = large * (-tail + h * t / 2) / (1 + h)
    return np.where(a < 20, 1 / polygamma(1, np.minimum(a, 20.0)) - a + 0.5, far)


def _newton_step(gradient: NDArray, alpha: NDArray) -> NDArray:
    """Inverse information diag(psi'(alpha)) - psi'(s), applied: Sherman and Morrison."""
    inverse = 1 / polygamma(1, alpha)
    return inverse * (gradient + (inverse @ gradient) / _denominator(alpha))


def _start(rows: Rows, p: int) -> NDArray | None:
    """Moments; the concentration is a geometric mean over the columns (Ronning 1989)."""
    mean = rows.expect(lambda x: x.T, width=3 * p)
    variance = rows.expect(lambda x: ((x - mean) ** 2).T, width=3 * p)
    varied = variance > (4 * _EPS * mean) ** 2
    if not varied.any():
        return None
    ratio = mean[varied] * (1 - mean[varied]) / variance[varied]
    concentration = math.exp(float(np.log(np.maximum(ratio - 1, 1e-3)).mean()))
    return mean * concentration


DIRICHLET: Any = register(Dirichlet())
