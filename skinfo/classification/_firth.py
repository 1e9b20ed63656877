"""Maximum of Firth's penalised likelihood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skinfo.classification._determined import FirthLikelihood
from skinfo.classification._information import MAX_PARAMETERS, take_information
from skinfo.classification._lbfgs import Point, lbfgs_renewed
from skinfo.classification._objective import Objective
from skinfo.classification._preconditioners import Cholesky
from skinfo.classification._separation import Separation

# Steps after which a slow metric is replaced.
_PATIENCE = 4
# Steps at most to where the score is short in standard errors.
_SHARPER = 20


def firth_likelihood(objective: Objective, origin: NDArray) -> FirthLikelihood:
    """Return the penalised likelihood about an origin, in units of the information where no column has an effect."""
    found = take_information(objective, np.zeros(objective.shape), Separation("none"))
    return FirthLikelihood(objective, origin, found.factors()[1])


def minimise_firth(objective: Objective, theta: NDArray, *, tol: float, max_iter: int) -> Point:
    """Maximise the log-likelihood and half the log determinant of the information: finite for separable labels too.

    Quasi-Newton steps in the metric of the information of rows that leverages were added to.

    Parameters
    ----------
    objective : Objective
        Of a fit without penalty.
    theta : ndarray
        Where to start.
    tol : float
        Stop where the mean objective's gradient is so long at most, in the inverse curvature at the parameters
        returned, and go on until the sum's is, which is in standard errors, for as long as rounding lets it.
    max_iter : int
        Steps at most.

    Returns
    -------
    Point
        The end; its value is without the penalty, its norm that of the mean objective.

    Raises
    ------
    ValueError
        If the information matrix is too large.
    """
    if objective.size > MAX_PARAMETERS:
        raise ValueError(
            f"bias_reduction=True takes the information matrix of all {objective.size} parameters, at most "
            f"{MAX_PARAMETERS}: set bias_reduction=False and a finite C"
        )
    likelihood = firth_likelihood(objective, theta)
    at = np.zeros(likelihood.frame.shape[1])
    point = Point(at, *likelihood(at))
    if theta.any():
        # A start on the way to infinity, where there is little information, is worse than none.
        plain = FirthLikelihood(objective, np.zeros(objective.shape), likelihood.frame)
        null = Point(at, *plain(at))
        if not point.value <= null.value:
            likelihood, point = plain, null
    unit = np.ones(at.size)
    rows = float(np.sqrt(objective.total))
    # Of the mean objective first, which rounding lets every fit reach; then in standard errors, if it lets that.
    for length, most in ((tol * rows, max_iter), (tol * min(1.0, rows), _SHARPER)):
        point = lbfgs_renewed(
            likelihood,
            point,
            lambda at: Cholesky(likelihood.curvature(at), unit),
            tol=length,
            max_iter=min(max_iter, point.n_iter + most),
            patience=_PATIENCE,
        )
    theta = likelihood.parameters(point.theta)
    return Point(theta, *objective(theta), point.norm / rows, point.n_iter, point.stalled)
