"""A path of penalties on some rows, judged by the cross entropy to the labels of others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skinfo.classification._computing import computing
from skinfo.classification._lbfgs import Point
from skinfo.classification._objective import Objective, ridge_of
from skinfo.classification._proximal import l1_path, without_ridge
from skinfo.classification._solver import SOLVERS, choose_solver

# Held-out cross entropy needs no more digits of a fit than this: the root of twice its distance to the minimum.
_TOL = 1e-4
# Fits that end farther than this are worth a warning.
_FAR = 1e-2


class HeldOut(NamedTuple):
    """What a path says of held-out rows.

    Attributes
    ----------
    losses : ndarray of shape (n_Cs,)
        Mean cross entropy to their labels, in nats.
    mass : float
        Their total weight.
    far : int
        How many fits ended far from their minimum.
    seconds : float
        What the path took.
    """

    losses: NDArray
    mass: float
    far: int
    seconds: float


def held_out_losses(
    fitted: Objective,
    judged: Objective,
    fold: tuple[NDArray, NDArray],
    Cs: NDArray,
    l1_ratio: float,
    estimator: Any,
) -> HeldOut:
    """Fit a path to a fold's training rows and judge it by the others.

    Parameters
    ----------
    fitted : Objective
        Over all rows, with the labels' masses for fits.
    judged : Objective
        The same with the masses for the held-out cross entropy.
    fold : tuple of ndarray
        Training and held-out rows.
    Cs : ndarray of shape (n_Cs,)
        Inverse strengths of the penalty, ascending.
    l1_ratio : float
        Share of the l1 penalty.
    estimator : LogLossClassifier
        Its solver, tolerance, iterations and seed.

    Returns
    -------
    HeldOut
        Of the held-out rows.
    """
    start = time.perf_counter()
    with computing():
        losses, far, mass = _judge(fitted, judged, fold, Cs, l1_ratio, estimator)
    return HeldOut(losses, mass, far, time.perf_counter() - start)


def _judge(
    fitted: Objective, judged: Objective, fold: tuple[NDArray, NDArray], Cs: NDArray, l1_ratio: float, estimator: Any
) -> tuple[NDArray, int, float]:
    """Return the held-out losses, how many fits ended far from their minimum, and the held-out mass."""
    train, test = fitted.take(fold[0], 1.0), judged.take(fold[1], 1.0)
    if l1_ratio > 0:
        train, test = without_ridge(train), without_ridge(test)
    test = test.penalised(0.0)
    losses, far = [], 0
    for point in _path(train, Cs, l1_ratio, estimator):
        losses.append(test(point.theta)[0])
        far += not point.norm <= _FAR
    return np.array(losses), far, test.total


def _path(objective: Objective, Cs: NDArray, l1_ratio: float, estimator: Any) -> Iterator[Point]:
    """Minimise under each penalty, starting from the last one's end."""
    limits: Any = {"tol": max(_TOL, float(estimator.tol)), "max_iter": int(estimator.max_iter)}
    limits["rng"] = check_random_state(estimator.random_state)
    theta: NDArray | None = None
    if l1_ratio > 0:
        ridges = np.array([ridge_of(C, objective.total) for C in Cs])
        penalised = l1_ratio * ridges > 0
        penalties = [(l1_ratio * ridge, (1.0 - l1_ratio) * ridge) for ridge in ridges[penalised]]
        for point in l1_path(objective, None, penalties, **limits):
            theta = point.theta
            yield point
        Cs = Cs[~penalised]
    for C in Cs:
        smooth = objective.penalised(ridge_of(C, objective.total))
        solver = choose_solver(smooth) if estimator.solver == "auto" else estimator.solver
        start = np.zeros(smooth.shape) if theta is None else theta
        point = SOLVERS[solver](smooth, start, warm=theta is not None, **limits)
        theta = point.theta
        yield point
