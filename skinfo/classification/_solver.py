"""The stages of a fit: a subsample first, then all rows in the metric the subsample gave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skinfo.classification._lbfgs import Point, lbfgs
from skinfo.classification._objective import Objective
from skinfo.classification._preconditioners import (
    BoundPreconditioner,
    DiagonalPreconditioner,
    HessianPreconditioner,
    Preconditioner,
)

PRECONDITIONERS: dict[str, Callable[[Objective, NDArray], Preconditioner]] = {
    "hessian": HessianPreconditioner,
    "bound": BoundPreconditioner,
    "diagonal": DiagonalPreconditioner,
}

# Largest matrix worth a dense factor.
_MAX_FACTOR = 2000
_ROWS_PER_PARAMETER = 30
_LEAST_ROWS = 2000
# Multiplications spent on a factor at most, unless some passes over the rows cost more.
_FACTOR_WORK = 5e9
# Where the exact Hessian over all rows takes fewer multiplications than this, take it at every step.
_NEWTON_WORK = 5e7
_POLISH_WORK = 1e9
# The subsample's optimum is only so near that of all rows: digits beyond are wasted.
_BOUND_TOL = 0.1
_PILOT_TOL = 0.03
_PILOT_ITER = 30
# Steps after which a slow metric is replaced.
_PATIENCE = 8


def choose_preconditioner(objective: Objective) -> str:
    """Return the name of the preconditioner that suits the number of parameters."""
    enough = min(objective.n_rows, 5 * objective.size)
    if objective.size <= _MAX_FACTOR and _affordable_rows(objective, objective.size) >= enough:
        return "hessian"
    return "bound" if objective.shape[1] <= _MAX_FACTOR else "diagonal"


def minimise(
    objective: Objective,
    theta: NDArray,
    *,
    solver: str,
    warm: bool,
    tol: float,
    max_iter: int,
    rng: np.random.RandomState,
) -> tuple[Point, Preconditioner]:
    """Minimise the objective.

    Parameters
    ----------
    objective : Objective
        Over all rows.
    theta : ndarray
        Where to start.
    solver : {"hessian", "bound", "diagonal"}
        The preconditioner.
    warm : bool
        Whether the start is worth keeping: no subsample is solved first then.
    tol : float
        Length of the gradient, in the preconditioner's inverse, to stop at.
    max_iter : int
        Iterations over all rows at most.
    rng : RandomState
        Draws subsamples.

    Returns
    -------
    point : Point
        The end.
    metric : Preconditioner
        The preconditioner it is judged by.
    """
    # Sub-sampled Newton methods: Erdogdu and Montanari (2015), Roosta-Khorasani and Mahoney (2019).
    preconditioner = PRECONDITIONERS[solver]
    side = objective.size if solver == "hessian" else objective.shape[1]
    n_rows = objective.n_rows if solver == "diagonal" else _affordable_rows(objective, side)
    if solver == "hessian" and n_rows == objective.n_rows and objective.hessian_work <= _NEWTON_WORK:
        return _newton(objective, theta, tol, max_iter)
    part = objective.subsample(n_rows, rng)
    if solver == "hessian" and not warm:
        theta = _pilot(objective, part, theta, rng)
    metric = preconditioner(part, theta)
    point = Point(theta, *objective(theta))
    patience = _PATIENCE if solver == "hessian" else None
    while True:
        left = max_iter - point.n_iter
        point = lbfgs(objective, point, metric, tol=tol, max_iter=left, patience=patience)
        if point.norm <= tol or point.n_iter >= max_iter or point.stalled or not np.isfinite(point.norm):
            break
        # Slow: the subsample misses something, or the point has moved far from where it was used.
        n_rows = min(4 * n_rows, _affordable_rows(objective, side, generosity=4.0))
        part = objective.subsample(n_rows, rng)
        metric = preconditioner(part, point.theta)
    if solver == "hessian" and objective.hessian_work <= _POLISH_WORK and point.norm <= tol:
        # One Newton step squares the error.
        return _polish(objective, point, HessianPreconditioner(objective, point.theta), min(point.n_iter + 1, max_iter))
    return point, metric


def _pilot(objective: Objective, part: Objective, theta: NDArray, rng: np.random.RandomState) -> NDArray:
    """Solve a subsample loosely: a part of it in the bound's metric, all of it in that part's Hessian's."""
    small = objective.subsample(max(_LEAST_ROWS, part.n_rows // 4), rng)
    start = Point(theta, *small(theta))
    theta = lbfgs(small, start, BoundPreconditioner(small, theta), tol=_BOUND_TOL, max_iter=_PILOT_ITER).theta
    if small is part:
        return theta
    metric = HessianPreconditioner(small, theta)
    return lbfgs(part, Point(theta, *part(theta)), metric, tol=_PILOT_TOL, max_iter=_PILOT_ITER).theta


def _newton(objective: Objective, theta: NDArray, tol: float, max_iter: int) -> tuple[Point, Preconditioner]:
    """Newton's method, for few rows and parameters."""
    point = Point(theta, *objective(theta))
    metric: Preconditioner = HessianPreconditioner(objective, theta)
    while point.n_iter < max_iter:
        n_iter = point.n_iter
        point = lbfgs(objective, point, metric, tol=tol, max_iter=1)
        if point.n_iter == n_iter:
            break
        metric = HessianPreconditioner(objective, point.theta)
    point.norm = _norm(point, metric)
    limit = min(max_iter, point.n_iter + 4)
    return _polish(objective, point, metric, limit) if point.norm <= tol else (point, metric)


def _polish(objective: Objective, point: Point, metric: Preconditioner, max_iter: int) -> tuple[Point, Preconditioner]:
    """Take Newton steps for as long as each makes the gradient much smaller: few, and down to rounding."""
    point.norm = _norm(point, metric)
    while point.n_iter < max_iter:
        theta = point.theta - metric.solve(point.gradient)
        new = Point(theta, *objective(theta), n_iter=point.n_iter + 1, stalled=point.stalled)
        new.norm = _norm(new, metric)
        if not new.norm <= 0.5 * point.norm:
            break
        point = new
        if point.norm <= 1e-12:
            break
        if point.n_iter < max_iter:
            metric = HessianPreconditioner(objective, point.theta)
    return point, metric


def _norm(point: Point, metric: Preconditioner) -> float:
    return float(np.sqrt(max(np.vdot(point.gradient, metric.solve(point.gradient)), 0.0)))


def _affordable_rows(objective: Objective, side: int, generosity: float = 1.0) -> int:
    """Return how many rows to make a factor of so many columns from."""
    classes, width = objective.loss.n_logits, objective.shape[1]
    # A pass's two products, and what exponentials and the like cost in multiplications.
    one_pass = objective.n_rows * classes * (2.0 * width + 30.0)
    work = generosity * max(_FACTOR_WORK, 10 * one_pass)
    # Where parameters are few, a larger share of the rows costs next to nothing and saves iterations.
    share = min(objective.n_rows / 12, 1000.0 * side)
    wanted = max(_LEAST_ROWS, generosity * _ROWS_PER_PARAMETER * side, share)
    return int(min(objective.n_rows, wanted, max(work / float(side) ** 2, 1.0)))
