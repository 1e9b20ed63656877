"""The information of a maximum likelihood fit, and the covariances that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.linalg.blas import dsyrk
from scipy.special import xlogy

from skinfo.classification._objective import Objective, symmetric
from skinfo.classification._separation import Separation

# Parameters, and multiplications, of the largest information matrix that a fit takes unasked.
MAX_PARAMETERS = 2000
_MAX_WORK = 2e11
# An eigenvalue below this, where the diagonal is one, belongs to a direction the rows don't determine.
_RANK = 1e-12
# A parameter is determined if no larger share of it lies in such directions.
_SHARE = 1e-6


@dataclass
class Information:
    """What inference needs of a fit, without its rows.

    Attributes
    ----------
    hessian : ndarray of shape (size, size)
        Second derivatives of the mean loss, in the objective's parameters.
    jacobian : ndarray of shape (size, size)
        Takes those parameters to contrasts with the first class, in the units of X.
    shape : tuple of int
        Shape of the contrasts: (n_classes - 1, n_intercepts + n_features).
    total : float
        Total label mass.
    label_entropy : float
        Entropy of the classes' shares, in nats.
    infinite : ndarray of bool of shape (size,)
        Contrasts that run to infinity.
    separable : bool
        Whether some do.
    bias_reduced : bool
        Whether the likelihood was Firth's.
    """

    hessian: NDArray
    jacobian: NDArray
    shape: tuple[int, int]
    total: float
    label_entropy: float
    infinite: NDArray
    separable: bool
    bias_reduced: bool = False

    def factors(self) -> tuple[NDArray, NDArray]:
        """Return L and R of equal shape, both with as many columns as the rows determine parameters.

        L L' is the contrasts' covariance, and L R' takes scores to contrasts. A contrast that the rows
        don't determine is nan in L.
        """
        diagonal = np.diagonal(self.hessian)
        scale = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
        values, vectors = linalg.eigh(self.hessian * scale[:, None] * scale, check_finite=False)
        kept = values > _RANK
        scaled = self.jacobian * scale
        half = vectors[:, kept] / np.sqrt(values[kept] * self.total)
        left = scaled @ half
        length = np.linalg.norm(scaled, axis=1)
        free = np.linalg.norm(scaled @ vectors[:, ~kept], axis=1)
        left[(free > _SHARE * length) | (length == 0)] = np.nan
        return left, scale[:, None] * half

    def covariance(self) -> NDArray:
        """Return the covariance of the contrasts, infinite or nan where they run to infinity."""
        if self.separable:
            covariance = np.full(self.hessian.shape, np.nan)
            covariance[self.infinite, self.infinite] = np.inf
            return covariance
        left, _ = self.factors()
        return left @ left.T

    def sandwich(self, moment: NDArray) -> NDArray:
        """Return the covariance of the contrasts that scores of this second moment give."""
        left, right = self.factors()
        return left @ (right.T @ moment @ right) @ left.T


def information(
    objective: Objective, theta: NDArray, found: Separation, *, bias_reduced: bool = False
) -> Information | str:
    """Take the second derivatives at the end of a fit without penalty, in one walk over the rows.

    Parameters
    ----------
    objective : Objective
        Over all rows.
    theta : ndarray
        Where the fit ended.
    found : Separation
        Whether the labels are separable, and along what.
    bias_reduced : bool, default=False
        Whether the likelihood was Firth's.

    Returns
    -------
    Information or str
        The information, or why there is none.
    """
    if objective.size > MAX_PARAMETERS or objective.hessian_work > _MAX_WORK:
        return (
            f"the information matrix of {objective.size} parameters from {objective.n_rows} rows is too large to be "
            "taken by every fit: call robust_covariance(X, y), which takes it, and pass its result as covariance"
        )
    return replace(take_information(objective, theta, found), bias_reduced=bias_reduced)


def take_information(objective: Objective, theta: NDArray, found: Separation) -> Information:
    """Take the second derivatives, however many; see `information`."""
    return information_of(objective, objective.hessian(theta), objective.loss.class_mass(), found)


def information_of(objective: Objective, hessian: NDArray, class_mass: NDArray, found: Separation) -> Information:
    """Return the information that second derivatives of the mean loss are; see `information`."""
    shares = class_mass / objective.total
    infinite = np.zeros(objective.size, dtype=bool)
    if found.verdict == "complete":
        infinite[:] = True
    elif found.direction is not None:
        # Its columns are standardised: the intercept in units of X takes up their means.
        intercept, coef = objective.n_intercepts, found.direction[:, objective.n_intercepts :]
        moved = found.direction != 0
        if intercept:
            scaled = coef * objective.rows.columns.inverse_scale * objective.rows.columns.mean
            raw = found.direction[:, 0] - scaled.sum(axis=1)
            moved[:, 0] = np.abs(raw) > 1e-9 * (np.abs(found.direction[:, 0]) + np.abs(scaled).sum(axis=1))
        infinite = moved.ravel()
    return Information(
        hessian=hessian,
        jacobian=contrasts(objective),
        shape=objective.shape,
        total=objective.total,
        label_entropy=-float(xlogy(shares, shares).sum()),
        infinite=infinite,
        separable=found.verdict in ("complete", "quasi-complete"),
    )


def contrasts(objective: Objective) -> NDArray:
    """Return the matrix from an objective's parameters to contrasts with the first class, in units of X."""
    basis = objective.basis
    return np.kron(basis if objective.loss.n_logits == 1 else basis[1:] - basis[:1], units_of(objective))


def units_of(objective: Objective) -> NDArray:
    """Return the matrix from one logit's parameters to its intercept and coefficients in units of X."""
    columns = objective.rows.columns
    units = np.diag(np.concatenate([np.ones(objective.n_intercepts), columns.inverse_scale]))
    if objective.fit_intercept:
        units[0, 1:] = -columns.mean * columns.inverse_scale
    return units


def score_moment(objective: Objective, theta: NDArray, weights: NDArray | None) -> NDArray:
    """Return the sum over rows of the scores' outer products, each row as often as its weight says.

    Parameters
    ----------
    objective : Objective
        Over all rows, masses including the weights.
    theta : ndarray
        Where.
    weights : ndarray of shape (n_rows,) or None
        How many rows each row stands for.

    Returns
    -------
    ndarray of shape (size, size)
        In the objective's parameters.
    """
    total = np.zeros((objective.size, objective.size), order="F")
    rows_at_once = max(64, (1 << 19) // objective.size)
    for rows, block, logits in objective.blocks(theta, rows_at_once):
        objective.loss.evaluate(logits, rows)
        if weights is not None:
            logits /= np.sqrt(weights[rows])
        scores = (logits.T @ objective.basis)[:, :, None] * objective.design(block)[:, None, :]
        total = dsyrk(1.0, scores.reshape(-1, objective.size).T, beta=1.0, c=total, lower=1, overwrite_c=1)
    return symmetric(total)
