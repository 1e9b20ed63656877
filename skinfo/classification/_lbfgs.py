"""Limited-memory BFGS whose first metric is a preconditioner."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skinfo.classification._preconditioners import Preconditioner

_MEMORY = 10
_SUFFICIENT = 1e-4
# Differences of values below this, relative to one plus the value, are rounding.
_ROUNDING = 16 * np.finfo(np.float64).eps

Function = Callable[[NDArray], tuple[float, NDArray]]


@dataclass
class Point:
    """Where a minimisation is.

    Attributes
    ----------
    theta, gradient : ndarray
        Parameters and the gradient there.
    value : float
        Value there.
    norm : float
        The gradient's length in the inverse of the metric.
    n_iter : int
        Steps taken to come here.
    stalled : bool
        Whether no step lowered the value any more.
    """

    theta: NDArray
    value: float
    gradient: NDArray
    norm: float = np.inf
    n_iter: int = 0
    stalled: bool = False


def lbfgs(
    function: Function,
    point: Point,
    metric: Preconditioner,
    *,
    tol: float,
    max_iter: int,
    patience: int | None = None,
) -> Point:
    """Minimise a smooth convex function.

    Parameters
    ----------
    function : callable
        Returns value and gradient.
    point : Point
        Where to start, value and gradient known.
    metric : Preconditioner
        Stands for the Hessian.
    tol : float
        Stop where the gradient's length in the metric's inverse is at most this.
    max_iter : int
        Steps at most.
    patience : int, optional
        Give up after this many steps if at their rate as many again would not do.

    Returns
    -------
    Point
        The end.
    """
    theta, value, gradient = point.theta, point.value, point.gradient
    pairs: deque[tuple[NDArray, NDArray, float]] = deque(maxlen=_MEMORY)
    n_iter, stalled, first_norm = 0, False, np.inf
    while True:
        steepest = metric.solve(gradient)
        norm = float(np.sqrt(max(np.vdot(gradient, steepest), 0.0)))
        if norm <= tol or n_iter >= max_iter or not np.isfinite(norm):
            break
        if n_iter == 0:
            first_norm = norm
        elif n_iter == patience and norm**2 > tol * first_norm:
            break
        direction = -_apply_inverse(gradient, steepest, pairs, metric)
        found = _line_search(function, theta, value, gradient, direction)
        if found is None and pairs:
            pairs.clear()
            found = _line_search(function, theta, value, gradient, -steepest)
        if found is None:
            stalled = True
            break
        new_theta, value, new_gradient = found
        step, change = new_theta - theta, new_gradient - gradient
        curvature = float(np.vdot(step, change))
        if curvature > 0:
            pairs.append((step, change, 1.0 / curvature))
        theta, gradient = new_theta, new_gradient
        n_iter += 1
    return Point(theta, value, gradient, norm, point.n_iter + n_iter, stalled)


def lbfgs_renewed(
    function: Function,
    point: Point,
    metric_at: Callable[[NDArray], Preconditioner],
    *,
    tol: float,
    max_iter: int,
    patience: int,
) -> Point:
    """Minimise in a metric that is made anew every few steps, where making it costs about as much as a step.

    Parameters
    ----------
    function, point, tol, max_iter, patience
        As for `lbfgs`.
    metric_at : callable
        Returns the metric at a point.

    Returns
    -------
    Point
        The end; its norm is in the metric there.
    """
    while True:
        metric = metric_at(point.theta)
        left = max_iter - point.n_iter
        new = lbfgs(function, point, metric, tol=tol, max_iter=left, patience=patience)
        # Without a step its norm is in the metric at the point itself.
        if new.n_iter == point.n_iter:
            return new
        point = new


def _apply_inverse(gradient: NDArray, steepest: NDArray, pairs: deque, metric: Preconditioner) -> NDArray:
    """Two-loop recursion: the metric's inverse, corrected by the pairs, times the gradient."""
    if not pairs:
        return steepest
    result = gradient.copy()
    weights = []
    for step, change, reciprocal in reversed(pairs):
        weights.append(reciprocal * np.vdot(step, result))
        result -= weights[-1] * change
    result = metric.solve(result)
    for (step, change, reciprocal), weight in zip(pairs, reversed(weights)):
        result += (weight - reciprocal * np.vdot(change, result)) * step
    return result


def _line_search(
    function: Function, theta: NDArray, value: float, gradient: NDArray, direction: NDArray
) -> tuple[NDArray, float, NDArray] | None:
    """Backtrack from the unit step, by cubic interpolation, to one that lowers the value enough."""
    slope = float(np.vdot(gradient, direction))
    if not slope < 0:
        return None
    noise = _ROUNDING * (1.0 + abs(value))
    length = 1.0
    for _ in range(25):
        candidate = theta + length * direction
        with np.errstate(over="ignore", invalid="ignore"):
            new_value, new_gradient = function(candidate)
        if not np.isfinite(new_value):
            length *= 0.1
            continue
        new_slope = float(np.vdot(new_gradient, direction))
        # Where the value's change is rounding, a smaller slope says it of a convex function.
        if new_value <= value + _SUFFICIENT * length * slope or (
            new_value <= value + noise and abs(new_slope) <= 0.9 * abs(slope)
        ):
            return candidate, new_value, new_gradient
        length *= _cubic_minimiser(length, value, slope, new_value, new_slope)
    return None


def _cubic_minimiser(length: float, value: float, slope: float, new_value: float, new_slope: float) -> float:
    """Return where the cubic through both ends is least, as a safeguarded share of the length."""
    first = np.float64(slope + new_slope - 3.0 * (new_value - value) / length)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(first**2 - slope * new_slope, 0.0))
        share = 1.0 - (new_slope + root - first) / (new_slope - slope + 2.0 * root)
    return float(np.clip(share, 0.1, 0.7)) if np.isfinite(share) else 0.5
