"""Newton's method with steps by conjugate gradients, for parameters too many for a matrix of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skinfo.classification._lbfgs import Point
from skinfo.classification._objective import Objective
from skinfo.classification._preconditioners import Preconditioner
from skinfo.utils import row_blocks

# A step is solved for until its residual is this share of the gradient, or as much as its length.
_FORCING = 0.4
# The share for a step whose length is the certificate.
_FINAL = 0.1
_MAX_PRODUCTS = 500
_SUFFICIENT = 1e-4
# A step is lengthened, up to so much, where the slope at its end is more than this share of that at its start.
_STEEP, _LONGEST = 0.1, 4.0
# Differences of values below this, relative to one plus the value, are rounding.
_ROUNDING = 16 * np.finfo(np.float64).eps

# Makes a preconditioner from an objective and the mean second derivatives in its logits.
Metric = Callable[[Objective, NDArray], Preconditioner]


def newton_cg(objective: Objective, theta: NDArray, metric: Metric, *, tol: float, max_iter: int) -> Point:
    """Minimise an objective by truncated Newton steps [1]_.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    theta : ndarray
        Where to start.
    metric : callable
        Makes a preconditioner from the objective and the mean second derivatives in its logits.
    tol : float
        Stop where the Newton decrement is at most this.
    max_iter : int
        Newton steps at most.

    Returns
    -------
    Point
        The end; its norm is the Newton decrement, as conjugate gradients find it.

    Notes
    -----
    Logits are linear in the parameters, so the steps' logits are added up beside them, and a search along
    a step walks the labels only. A product with the Hessian walks X once, a step's gradient half.

    References
    ----------
    .. [1] Nocedal, J. and Wright, S. J. (2006). Numerical Optimization, 2nd ed., algorithm 7.1.
    """
    state = _State(objective, theta)
    value, residual = state.evaluate(state.logits, theta)
    gradient = state.gradient(residual, theta)
    n_iter, stalled = 0, False
    while True:
        curvature = state.linearise()
        step, change = _conjugate_gradients(state, gradient, metric(objective, curvature), tol)
        norm = float(np.sqrt(max(-np.vdot(gradient, step), 0.0)))
        if norm <= tol or n_iter >= max_iter or not np.isfinite(norm):
            break
        found = _search(state, theta, value, gradient, step, change)
        if found is None:
            stalled = True
            break
        length, value, residual = found
        theta = theta + length * step
        change *= length
        state.logits += change
        gradient = state.gradient(residual, theta)
        n_iter += 1
    return Point(theta, value, gradient, norm, n_iter, stalled)


class _State:
    """An objective whose logits are kept.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    theta : ndarray
        Where it starts.
    """

    def __init__(self, objective: Objective, theta: NDArray):
        self.objective = objective
        self.logits = objective.changes(theta)
        if objective.offset is not None:
            self.logits += objective.offset
        self._root, self._changes = np.empty_like(self.logits), np.empty_like(self.logits)

    def _blocks(self) -> list[slice]:
        return list(row_blocks(self.objective.n_rows, 4 * self.logits.shape[0]))

    def evaluate(self, logits: NDArray, theta: NDArray) -> tuple[float, NDArray]:
        """Return the value at these logits and the loss's derivatives in them."""
        objective = self.objective
        residual = logits.copy()
        loss = sum(objective.loss.evaluate(residual[:, rows], rows) for rows in self._blocks())
        return loss / objective.total + 0.5 * float(np.vdot(objective.penalise(theta), theta)), residual

    def gradient(self, residual: NDArray, theta: NDArray) -> NDArray:
        """Return the gradient from the derivatives in the logits."""
        return self.objective.pull_back(residual) + self.objective.penalise(theta)

    def slope(self, residual: NDArray, theta: NDArray, change: NDArray, step: NDArray) -> float:
        """Return the value's derivative along a step, from the derivatives in the logits."""
        along = float(np.vdot(residual, change)) / self.objective.total
        return along + float(np.vdot(self.objective.penalise(theta), step))

    def linearise(self) -> NDArray:
        """Take the second derivatives at the present logits; return their mean, in the parameters' basis."""
        objective = self.objective
        np.copyto(self._root, self.logits)
        for rows in self._blocks():
            objective.loss.curvature(self._root[:, rows], rows)
        total = objective.loss.total_curvature(self._root)
        return objective.basis.T @ total @ objective.basis / objective.total

    def product(self, direction: NDArray) -> tuple[NDArray, NDArray]:
        """Return the Hessian times a direction, and the direction's logits, which the next call overwrites."""
        return self.objective.hessian_product(direction, self._root, self._changes), self._changes


def _conjugate_gradients(
    state: _State, gradient: NDArray, metric: Preconditioner, tol: float
) -> tuple[NDArray, NDArray]:
    """Solve for a Newton step; return it and its logits."""
    step, change = np.zeros_like(gradient), np.zeros_like(state.logits)
    residual = -gradient
    solved = metric.solve(residual)
    direction = solved
    square = start = float(np.vdot(residual, solved))
    length = float(np.sqrt(max(start, 0.0)))
    for _ in range(_MAX_PRODUCTS):
        # Steps as short as the tolerance are only there to be measured.
        decrement = float(np.sqrt(max(-np.vdot(gradient, step), 0.0)))
        near = max(length, decrement) <= 3.0 * tol
        share = _FINAL if near else min(_FORCING, max(length, 0.3 * tol / length))
        if not square > share**2 * start:
            break
        product, logits = state.product(direction)
        curvature = float(np.vdot(direction, product))
        if not curvature > 0.0:
            break
        ratio = square / curvature
        step += ratio * direction
        logits *= ratio
        change += logits
        residual = residual - ratio * product
        solved = metric.solve(residual)
        last, square = square, float(np.vdot(residual, solved))
        direction = solved + (square / last) * direction
    return step, change


def _search(
    state: _State, theta: NDArray, value: float, gradient: NDArray, step: NDArray, change: NDArray
) -> tuple[float, float, NDArray] | None:
    """Find a length of the step that lowers the value enough; return it, the value and the derivatives."""
    slope = float(np.vdot(gradient, step))
    noise = _ROUNDING * (1.0 + abs(value))
    length, best = 1.0, None
    while length > 1e-10:
        with np.errstate(over="ignore", invalid="ignore"):
            new, residual = state.evaluate(state.logits + length * change, theta + length * step)
        if best is not None and not new < best[1]:
            return best
        if new <= value + _SUFFICIENT * length * slope + noise:
            best = length, new, residual
            end = state.slope(residual, theta + length * step, change, step)
            # Where the value still falls much, go on to where the secant of its slopes is zero.
            if length >= _LONGEST or not end < _STEEP * slope:
                return best
            length = min(_LONGEST, length / (1.0 - end / slope))
        else:
            length *= 0.5
    return best
