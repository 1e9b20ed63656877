"""The duality gap of a mean cross entropy with a l1 or elastic-net penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from skinfo.classification._losses import log_probabilities
from skinfo.classification._objective import Objective

# Below this a ratio's divergence is its series: a difference of logarithms would cancel.
_SMALL = 0.02


@dataclass
class Penalty:
    """Sum over coefficients of ``l1 * abs(w) + ridge / 2 * w**2``.

    Attributes
    ----------
    l1, ridge : ndarray
        For each coefficient, or what broadcasts to that.
    """

    l1: NDArray
    ridge: NDArray

    def __getitem__(self, index: NDArray) -> Penalty:
        return Penalty(self.l1[index], self.ridge[index])

    def __call__(self, coef: NDArray) -> float:
        """Return the penalty of coefficients."""
        return float(np.sum(self.l1 * np.abs(coef)) + 0.5 * np.sum(self.ridge * coef**2))

    def slopes(self, old: NDArray, new: NDArray) -> NDArray:
        """Return the penalty's rise between coefficients, divided by their differences."""
        size = np.abs(old) + np.abs(new)
        with np.errstate(invalid="ignore"):
            return self.l1 * np.where(size > 0, (old + new) / size, 0.0) + 0.5 * self.ridge * (old + new)

    def excess(self, coef: NDArray, slopes: NDArray) -> NDArray:
        """Return by how much the loss's slopes rule out coefficients that are zero, where positive."""
        return np.abs(slopes + self.ridge * coef) - self.l1

    def nearest(self, coef: NDArray, slopes: NDArray) -> NDArray:
        """Return the slopes of the loss, nearest to those given, with which the coefficients are optimal."""
        kink = np.where(coef != 0, -self.l1 * np.sign(coef), np.clip(slopes, -self.l1, self.l1))
        return kink - self.ridge * coef

    def shrinkage(self, slopes: NDArray) -> float:
        """Return the largest factor up to one that leaves no slope steeper than a l1 penalty alone allows."""
        steep = np.where(self.ridge > 0, 0.0, np.abs(slopes))
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.min(np.where(steep > self.l1, self.l1 / steep, 1.0), initial=1.0))

    def gap(self, coef: NDArray, slopes: NDArray) -> float:
        """Return the penalty plus its conjugate at minus the slopes less their product; no term is negative.

        Where there is no ridge, slopes are taken for no steeper than the l1 penalty's.
        """
        clipped = np.clip(slopes, -self.l1, self.l1)
        terms = self.l1 * np.abs(coef) + coef * clipped
        with np.errstate(divide="ignore", invalid="ignore"):
            ridge = 0.5 * (self.ridge * coef + (slopes - clipped)) ** 2 / self.ridge
        return float(np.sum(terms) + np.sum(np.where(self.ridge > 0, ridge, 0.0)))


class Dual:
    """Points of the dual problem made from residuals, and the gaps that they prove.

    The dual variables are distributions over the classes, one for each row. With an intercept the label
    mass that they give each class must be that of the labels. The residuals' distribution is mixed with
    a constant one to make that exact, and moved towards the labels until no slope is too steep.

    Parameters
    ----------
    objective : Objective
        Over all rows and columns, without a penalty.
    origin : ndarray of shape (n_free, n_columns)
        Slopes where all coefficients are zero.

    Notes
    -----
    The gap is the sum of two that Fenchel's inequality keeps from being negative: the mean KL divergence
    from the model's probabilities to the dual ones, and `Penalty.gap`. Neither is a difference of values, so
    gaps far below the value's rounding are right.
    """

    def __init__(self, objective: Objective, origin: NDArray):
        self.origin = origin
        self.shares = objective.loss.class_mass() / objective.total

    def gap(self, walker: Objective, theta: NDArray, coef: NDArray, gradient: NDArray, penalty: Penalty) -> float:
        """Return an upper bound on how far the penalised loss is above its minimum.

        Parameters
        ----------
        walker : Objective
            Over all rows, and the columns whose coefficients are not all zero.
        theta : ndarray
            Its parameters.
        coef : ndarray of shape (n_free, n_columns)
            Coefficients of all columns.
        gradient : ndarray of shape (n_free, n_intercepts + n_columns)
            Of the mean loss.
        penalty : Penalty
            The penalty.

        Returns
        -------
        float
            The gap, in nats a row.
        """
        slopes = gradient[:, walker.n_intercepts :]
        mixed, shift = 0.0, np.zeros_like(self.shares)
        if walker.fit_intercept:
            surplus = gradient[:, 0] if self.shares.size > 2 else np.array([-gradient[0, 0], gradient[0, 0]])
            shares = self.shares + surplus
            mixed = float(np.clip(np.max(surplus / shares), 0.0, 1.0))
            shift = mixed * shares - surplus
            slopes = (1.0 - mixed) * slopes + mixed * self.origin
        lasso = Penalty(penalty.l1, np.zeros_like(penalty.ridge))
        scales = {penalty.shrinkage(slopes), lasso.shrinkage(slopes + penalty.ridge * coef)}
        return min(
            penalty.gap(coef, scale * slopes) + self._divergence(walker, theta, scale, mixed, shift) for scale in scales
        )

    def _divergence(self, walker: Objective, theta: NDArray, scale: float, mixed: float, shift: NDArray) -> float:
        """Return the mean divergence from the model's probabilities to the dual ones."""
        total = 0.0
        for rows, _, logits in walker.blocks(theta):
            labels = walker.loss.label_mass(rows)
            mass = walker.loss.mass[rows]
            log_proba = log_probabilities(logits)
            proba = np.exp(log_proba)
            change = scale * (shift[:, None] - mixed * proba) + (scale - 1.0) * (proba - labels / mass)
            total += float(np.vdot(mass, relative_entropy(log_proba, proba, change).sum(axis=0)))
        return total / walker.total


def relative_entropy(log_q: NDArray, q: NDArray, change: NDArray) -> NDArray:
    """Return ``p log(p / q) - p + q`` for ``p = q + change``, to relative precision however small the change.

    Infinite where p is negative.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = change / q
    small = np.abs(ratio) < _SMALL
    t = np.where(small, ratio, 0.0)
    # (1 + t) log(1 + t) - t.
    series = t * t * (1 / 2 - t * (1 / 6 - t * (1 / 12 - t * (1 / 20 - t * (1 / 30 - t * (1 / 42 - t / 56))))))
    p = q + change
    with np.errstate(invalid="ignore"):
        far = xlogy(p, p) - np.where(p > 0, p * log_q, 0.0) - change
    return np.where(small, q * series, np.where(p >= 0, far, np.inf))
