"""The likelihood of a family known by its density alone: on all rows or on few that stand for them, for a while."""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from skinfo.families._base import Theta
from skinfo.families._generic import NumericalFamily
from skinfo.likelihood._frame import Frame

_SPLINE = 8  # values from which a spline is worth it


class OutOfTime(Exception):
    """The time for a fit is over."""


class Clock:
    """A time limit.

    Parameters
    ----------
    seconds : float
        From now on.
    """

    def __init__(self, seconds: float):
        self.end = time.perf_counter() + seconds

    def check(self) -> None:
        """Raise where the time is over."""
        if time.perf_counter() > self.end:
            raise OutOfTime


class Likelihood:
    """The mean log-likelihood of a sample, which keeps the best parameters that it has met.

    Parameters
    ----------
    family : NumericalFamily
        The family.
    x, weights : ndarray of shape (n,)
        The sample; the weights add up to one.
    clock : Clock
        Ends the evaluation.
    chunk : int
        Rows between two looks at the clock.
    """

    def __init__(self, family: NumericalFamily, x: NDArray, weights: NDArray, clock: Clock, chunk: int):
        self.family, self.x, self.weights, self.clock, self.chunk = family, x, weights, clock, chunk
        self.best: tuple[float, Frame, NDArray] | None = None

    def __call__(self, frame: Frame, u: NDArray) -> float:
        """Value at coordinates; minus infinity where some value has no finite density."""
        theta = frame.theta(u)
        if theta is None:
            return -math.inf
        value = self.of(theta)
        if value > (self.best[0] if self.best else -math.inf):
            self.best = value, frame, u.copy()
        return value

    def of(self, theta: Theta) -> float:
        """Value at parameters."""
        shapes = self.family.shape_values(theta)
        scale = theta.get("scale", 1.0)
        low, high = self.family.standard_support(shapes)[:2]
        total = 0.0
        for first in range(0, len(self.x), self.chunk):
            self.clock.check()
            part = slice(first, first + self.chunk)
            z = (self.x[part] - theta["loc"]) / scale
            if not self.family.discrete:
                z = self._onto(z, low, high)
            total += float(self.weights[part] @ self.family.standard(z, **shapes))
        value = total - math.log(scale)
        return value if math.isfinite(value) else -math.inf

    @staticmethod
    def _onto(z: NDArray, low: float, high: float) -> NDArray:
        """Values that rounding has put outside the support, moved to its end."""
        slack = 1e-14
        near_low = (z < low) & (z >= low - slack * (1 + abs(low)))
        near_high = (z > high) & (z <= high + slack * (1 + abs(high)))
        return np.where(near_low, low, np.where(near_high, high, z))


def thinned(x: NDArray, weights: NDArray, size: int) -> tuple[NDArray, NDArray]:
    """Values at evenly spaced ranks, the extremes among them, each with the weight of those nearest to it.

    Parameters
    ----------
    x, weights : ndarray of shape (n,)
        A sample.
    size : int
        How many values.

    Returns
    -------
    x, weights : ndarray
        Sorted.
    """
    order = np.argsort(x, kind="stable")
    if len(x) <= size:
        return x[order], weights[order]
    at = np.unique(np.linspace(0, len(x) - 1, size).round().astype(int))
    edges = np.concatenate([[0], (at[1:] + at[:-1] + 1) // 2])
    return x[order[at]], np.add.reduceat(weights[order], edges)


def interpolated(x: NDArray, weights: NDArray, size: int) -> tuple[NDArray, NDArray]:
    """Few values, with weights that give the mean of the cubic spline through a function's values there.

    Parameters
    ----------
    x, weights : ndarray of shape (n,)
        A sample.
    size : int
        How many values.

    Returns
    -------
    x, weights : ndarray
        Of which a density that takes long is needed at no others.
    """
    nodes = np.unique(thinned(x, weights, size)[0])
    if len(nodes) < _SPLINE:
        return thinned(x, weights, size)
    return nodes, weights @ CubicSpline(nodes, np.eye(len(nodes)), bc_type="natural")(x)
