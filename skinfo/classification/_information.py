"""The information of a maximum likelihood fit, and the covariances that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.linalg.blas import dsyrk
from scipy.special import xlogy

from skinfo.classification._limit import limiting_model
from skinfo.classification._nested import Traces
from skinfo.classification._objective import Objective, symmetric
from skinfo.classification._separation import Separation

# Parameters, and multiplications, of the largest information matrix that a fit takes unasked.
MAX_PARAMETERS = 2000
_MAX_WORK = 2e11
# An eigenvalue below this, where the diagonal is one, belongs to a direction the rows don't determine.
_RANK = 1e-12
# A parameter is determined if no larger share of it lies in such directions.
_SHARE = 1e-6
# Sums whose terms cancel to this share are zero.
_ROUNDING = 1e-9


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
    is_limit : bool
        Whether the second derivatives are those of the limiting model, where labels are separable.
    rank : int or None
        How many parameters the rows determine, where the second derivatives don't say.
    bias_reduced : bool
        Whether the likelihood was Firth's.
    traces : Traces or None
        What the rows are known by, after a fit to all of them.
    """

    hessian: NDArray
    jacobian: NDArray
    shape: tuple[int, int]
    total: float
    label_entropy: float
    infinite: NDArray
    separable: bool
    is_limit: bool = False
    rank: int | None = None
    bias_reduced: bool = False
    traces: Traces | None = None

    @property
    def n_parameters(self) -> int:
        """How many parameters the rows determine, those that run to infinity included."""
        return self.factors()[1].shape[1] if self.rank is None else self.rank

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
        unit, largest = _in_units(scaled)
        length, free = np.linalg.norm(unit, axis=1), np.linalg.norm(unit @ vectors[:, ~kept], axis=1)
        left[(free > _SHARE * length) | (largest == 0)] = np.nan
        return left, scale[:, None] * half

    def covariance(self) -> NDArray:
        """Return the covariance of the contrasts, infinite where they run to infinity; see `factors`."""
        left = self._half()
        with np.errstate(over="ignore"):
            covariance = left @ left.T
        covariance[self.infinite, self.infinite] = np.inf
        return covariance

    def errors(self) -> NDArray:
        """Return the standard errors of the contrasts, numbers even where their squares are none."""
        unit, largest = _in_units(self._half())
        return np.where(self.infinite, np.inf, largest * np.linalg.norm(unit, axis=1))

    def _half(self) -> NDArray:
        """Return a half of the covariance, nan where there is none that is finite."""
        if self.separable and not self.is_limit:
            return np.full_like(self.hessian, np.nan)
        left, _ = self.factors()
        left[self.infinite] = np.nan
        return left if left.shape[1] else np.full_like(self.hessian, np.nan)

    def sandwich(self, moment: NDArray) -> NDArray:
        """Return the covariance of the contrasts that scores of this second moment give."""
        left, right = self.factors()
        return left @ (right.T @ moment @ right) @ left.T


def _in_units(rows: NDArray) -> tuple[NDArray, NDArray]:
    """Return rows in units of their largest absolute values, and those."""
    largest = np.abs(rows).max(axis=1, initial=0.0)
    return rows / np.where(largest > 0, largest, 1.0)[:, None], largest


def is_affordable(objective: Objective) -> bool:
    """Whether a fit takes second derivatives unasked."""
    return objective.size <= MAX_PARAMETERS and objective.hessian_work <= _MAX_WORK


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
    if not is_affordable(objective):
        return (
            f"the information matrix of {objective.size} parameters from {objective.n_rows} rows is too large to be "
            "taken by every fit: call robust_covariance(X, y), which takes it, and pass its result as covariance"
        )
    taken = take_information(objective, theta, found)
    taken = replace(taken, bias_reduced=bias_reduced, traces=Traces.of(objective))
    if not taken.separable:
        return taken
    # Where the coefficients run, curvature vanishes; no column's effect has not begun to run.
    rank = take_information(objective, np.zeros_like(theta), Separation("none")).n_parameters
    if found.ruled_out is None:
        return replace(taken, rank=rank)
    return replace(taken, hessian=limiting_model(objective, found).hessian(theta), is_limit=True, rank=rank)


def take_information(objective: Objective, theta: NDArray, found: Separation) -> Information:
    """Take the second derivatives, however many; see `information`."""
    return information_of(objective, objective.hessian(theta), objective.loss.class_mass(), found)


def information_of(objective: Objective, hessian: NDArray, class_mass: NDArray, found: Separation) -> Information:
    """Return the information that second derivatives of the mean loss are; see `information`."""
    shares = class_mass / objective.total
    infinite = np.full(objective.size, found.verdict == "complete")
    units = units_of(objective)
    for direction in [] if infinite.any() else found.directions:
        # The intercept in units of X takes up the columns' means.
        moved = np.abs(direction @ units.T) > _ROUNDING * (np.abs(direction) @ np.abs(units).T)
        infinite |= moved.ravel()
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
