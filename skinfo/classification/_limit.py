"""The model that separable labels leave: without the classes that separating directions rule out of a row."""

from __future__ import annotations

import numpy as np

from skinfo.classification._lbfgs import Point, lbfgs_renewed
from skinfo.classification._objective import Objective
from skinfo.classification._preconditioners import HessianPreconditioner
from skinfo.classification._separation import Separation

# A logit whose exponential is zero, and that no label has mass to multiply.
_RULED_OUT = 1e300
# Steps after which the metric is taken anew.
_PATIENCE = 4


def limiting_model(objective: Objective, found: Separation) -> Objective:
    """Return the objective whose minimum is the infimum of one that has none [1]_.

    A row in which all classes but one are ruled out says nothing any more; directions that separate change nothing.

    Parameters
    ----------
    objective : Objective
        Over all rows, without penalty.
    found : Separation
        Of labels that are separable, and what it rules out.

    Returns
    -------
    Objective
        Over the same rows and parameters.

    References
    ----------
    .. [1] Geyer, C. J. (2009). Likelihood inference in exponential families and directions of recession. Electronic
       Journal of Statistics 3, 259-289.
    """
    n_logits = objective.loss.n_logits
    offset = np.zeros((n_logits, objective.n_rows)) if objective.offset is None else objective.offset.copy()
    assert found.ruled_out is not None
    if n_logits == 1:
        offset[0, found.ruled_out[0]] = _RULED_OUT
        offset[0, found.ruled_out[1]] = -_RULED_OUT
    else:
        offset[found.ruled_out] = -_RULED_OUT
    return objective.over(objective.rows, objective.loss, offset)


def go_to_limit(objective: Objective, point: Point, found: Separation, *, tol: float, max_iter: int) -> Point:
    """Go on to where all parameters but those that run to infinity are at the limit's optimum.

    Parameters
    ----------
    objective : Objective
        Over all rows, without penalty.
    point : Point
        Where its minimisation ended, on the way to infinity.
    found : Separation
        Of its labels.
    tol : float
        Stop where the limiting model's Newton decrement is at most this.
    max_iter : int
        Steps at most.

    Returns
    -------
    Point
        The end, with the objective's own value and gradient, and the limiting model's norm.
    """
    limit = limiting_model(objective, found)
    end = lbfgs_renewed(
        limit,
        Point(point.theta, *limit(point.theta)),
        lambda theta: HessianPreconditioner(limit, theta),
        tol=tol,
        max_iter=max_iter,
        patience=_PATIENCE,
    )
    return Point(end.theta, *objective(end.theta), end.norm, point.n_iter + end.n_iter)
