"""Solvers of the smooth problem, one signature for all, and which of them suits an objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from skinfo.classification._lbfgs import Point, lbfgs
from skinfo.classification._newton_cg import newton_cg
from skinfo.classification._objective import Objective
from skinfo.classification._orthogonal import OrthogonalObjective
from skinfo.classification._preconditioners import (
    DiagonalPreconditioner,
    HessianPreconditioner,
    KroneckerPreconditioner,
    Preconditioner,
)
from skinfo.classification._row_space import RowSpaceObjective
from skinfo.classification._rows import DenseRows

# Largest matrix worth a dense factor.
_MAX_FACTOR = 2000
_ROWS_PER_PARAMETER = 30
_LEAST_ROWS = 2000
# Multiplications spent on a Hessian at most, unless so many passes over the rows cost more.
_FACTOR_WORK = 1e9
_FACTOR_PASSES = 20
# The same of the columns' inner products.
_GRAM_WORK = 2e10
# Where the exact Hessian over all rows takes fewer multiplications than this, take it at every step.
_NEWTON_WORK = 5e7
# Where it takes fewer than this, go on beyond the tolerance: to this share of it.
_SHARP_WORK = 2e8
_SHARP = 1e-4
# The subsample's optimum is only so near that of all rows: digits beyond are wasted.
_START_TOL = 0.1
_PILOT_TOL = 0.05
_PILOT_ITER = 30
# Steps after which a slow metric is replaced.
_PATIENCE = 8
# Largest logits, with what is computed from them, that are kept.
_STORED_BYTES = 1 << 30


def choose_solver(objective: Objective) -> str:
    """Return the name of the solver that suits the rows and the number of parameters."""
    if objective.size <= _MAX_FACTOR:
        affordable = _affordable_rows(objective)
        if objective.hessian_work <= _NEWTON_WORK and objective.n_rows <= 4 * affordable:
            return "newton"
        if affordable >= min(objective.n_rows, 5 * objective.size):
            return "subsampled-newton"
    if objective.rows.n_columns > objective.n_rows and _fits_row_space(objective):
        return "row-space"
    stored = 4 * 8 * objective.n_rows * objective.loss.n_logits
    return "newton-cg" if stored <= _STORED_BYTES else "lbfgs"


def _newton(
    objective: Objective, theta: NDArray, *, warm: bool, tol: float, max_iter: int, rng: np.random.RandomState
) -> Point:
    """Newton's method, for few rows and parameters, in columns that are orthogonal."""
    del warm, rng
    orthogonal = OrthogonalObjective(objective)
    point = _newton_steps(orthogonal, orthogonal.enter(theta), tol, max_iter)
    return replace(point, theta=orthogonal.leave(point.theta))


def _newton_steps(objective: Objective, theta: NDArray, tol: float, max_iter: int) -> Point:
    """Take Newton steps for as long as each makes the gradient much smaller."""
    point = Point(theta, *objective(theta))
    metric = HessianPreconditioner(objective, theta)
    before = np.inf
    while True:
        point.norm = _norm(point, metric)
        rounding = point.norm <= 1e-12 or not point.norm <= 0.5 * before
        if point.n_iter >= max_iter or (point.norm <= tol and rounding):
            return point
        before = point.norm if point.norm <= tol else np.inf
        new = lbfgs(objective, point, metric, tol=0.0, max_iter=1)
        if new.n_iter == point.n_iter:
            point.stalled = True
            return point
        point, metric = new, HessianPreconditioner(objective, new.theta)


def _subsampled_newton(
    objective: Objective, theta: NDArray, *, warm: bool, tol: float, max_iter: int, rng: np.random.RandomState
) -> Point:
    """L-BFGS in the metric of a subsample's Hessian [1]_, [2]_, from the subsample's optimum.

    References
    ----------
    .. [1] Erdogdu, M. A. and Montanari, A. (2015). Convergence rates of sub-sampled Newton methods. NIPS.
    .. [2] Roosta-Khorasani, F. and Mahoney, M. W. (2019). Sub-sampled Newton methods. Mathematical Programming
       174, 293-326.
    """
    n_rows = _affordable_rows(objective)
    part = objective.subsample(n_rows, rng)
    if not warm:
        theta = _pilot(objective, part, theta, rng)
    metric = HessianPreconditioner(part, theta)
    point = Point(theta, *objective(theta))
    sharp = _SHARP * tol if objective.hessian_work <= _SHARP_WORK else tol
    while True:
        left = max_iter - point.n_iter
        point = lbfgs(objective, point, metric, tol=sharp, max_iter=left, patience=_PATIENCE)
        if point.norm <= tol or point.n_iter >= max_iter or point.stalled or not np.isfinite(point.norm):
            return point
        # Slow: the subsample misses something, or the point has moved far from where it was used.
        n_rows = min(4 * n_rows, _affordable_rows(objective, generosity=4.0))
        metric = HessianPreconditioner(objective.subsample(n_rows, rng), point.theta)


def _truncated_newton(
    objective: Objective, theta: NDArray, *, warm: bool, tol: float, max_iter: int, rng: np.random.RandomState
) -> Point:
    """Newton steps by conjugate gradients, for many parameters."""
    del warm, rng
    return newton_cg(objective, theta, _columns_metric(objective), tol=tol, max_iter=max_iter)


def _lbfgs(
    objective: Objective, theta: NDArray, *, warm: bool, tol: float, max_iter: int, rng: np.random.RandomState
) -> Point:
    """L-BFGS in the metric of mean curvatures, where logits are too many to be kept."""
    del warm, rng
    make, point = _columns_metric(objective), Point(theta, *objective(theta))
    curvature = objective.basis.T @ objective.loss.null_curvature() @ objective.basis
    while True:
        n_iter = point.n_iter
        point = lbfgs(objective, point, make(objective, curvature), tol=tol, max_iter=max_iter - n_iter)
        if point.norm > tol or point.n_iter == n_iter:
            return point
        # The norm is honest in the curvature where it ends.
        curvature = objective.mean_curvature(point.theta)


def _row_space(
    objective: Objective, theta: NDArray, *, warm: bool, tol: float, max_iter: int, rng: np.random.RandomState
) -> Point:
    """Another solver, in the space that the rows span, for dense rows fewer than their columns and a penalty."""
    if not _fits_row_space(objective):
        raise ValueError(
            f"solver='row-space' is for dense rows, {_MAX_FACTOR} at most, and a finite C: take solver='auto'"
        )
    inner = RowSpaceObjective(objective)
    solve = SOLVERS[choose_solver(inner)]
    point = solve(inner, inner.enter(theta), warm=warm, tol=tol, max_iter=max_iter, rng=rng)
    return replace(point, theta=inner.leave(point.theta))


def _fits_row_space(objective: Objective) -> bool:
    return isinstance(objective.rows, DenseRows) and objective.n_rows <= _MAX_FACTOR and objective.ridge > 0


Solver = Callable[..., Point]
SOLVERS: dict[str, Solver] = {
    "newton": _newton,
    "subsampled-newton": _subsampled_newton,
    "newton-cg": _truncated_newton,
    "row-space": _row_space,
    "lbfgs": _lbfgs,
}


def _pilot(objective: Objective, part: Objective, theta: NDArray, rng: np.random.RandomState) -> NDArray:
    """Solve a subsample loosely: a part of it by conjugate gradients, all of it in that part's Hessian's metric."""
    small = objective.subsample(max(_LEAST_ROWS, part.n_rows // 6), rng)
    theta = newton_cg(small, theta, KroneckerPreconditioner, tol=_START_TOL, max_iter=_PILOT_ITER).theta
    if small is part:
        return theta
    metric = HessianPreconditioner(small, theta)
    return lbfgs(part, Point(theta, *part(theta)), metric, tol=_PILOT_TOL, max_iter=_PILOT_ITER).theta


def _columns_metric(objective: Objective) -> Callable[[Objective, NDArray], Preconditioner]:
    """Return what makes a metric for many parameters: with the columns' correlations, where those are cheap."""
    width = objective.shape[1]
    work = objective.n_rows * float(width) ** 2
    if width <= _MAX_FACTOR and work <= max(_GRAM_WORK, _FACTOR_PASSES * objective.pass_work):
        return partial(KroneckerPreconditioner, gram=objective.gram())
    return DiagonalPreconditioner


def _norm(point: Point, metric: Preconditioner) -> float:
    return float(np.sqrt(max(np.vdot(point.gradient, metric.solve(point.gradient)), 0.0)))


def _affordable_rows(objective: Objective, generosity: float = 1.0) -> int:
    """Return how many rows to make a Hessian from."""
    size = objective.size
    work = generosity * max(_FACTOR_WORK, _FACTOR_PASSES * objective.pass_work)
    # Where parameters are few, a larger share of the rows costs next to nothing and saves iterations.
    share = min(objective.n_rows / 12, 1000.0 * size)
    wanted = max(_LEAST_ROWS, generosity * _ROWS_PER_PARAMETER * size, share)
    return int(min(objective.n_rows, wanted, max(work / float(max(size, 1)) ** 2, 1.0)))
