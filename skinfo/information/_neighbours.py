"""Nearest-neighbour estimators, in nats, of checked rows (n, p)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cholesky, solve_triangular
from scipy.spatial import cKDTree
from scipy.special import chdtri, chndtr, digamma, gammaln

_COLLINEAR = 1e-10  # a column's variance given those before it, over its variance, below which it has none of its own
_FITTED_ROWS = 256  # that say how normal the law is: one number takes no more
_NODES, _TILTS = np.linspace(0, 1, 4), np.linspace(0, 1, 101)


class TiedRowsError(ValueError):
    """More equal rows than neighbours: the estimate is minus infinity."""


def entropy(x: NDArray, k: int) -> float:
    """Kozachenko-Leonenko: the mean log volume of balls that hold k other rows, a volume under a tilted measure."""
    return float(digamma(len(x)) - digamma(k) + _log_volumes(x, x, k, own=True)[0].mean())


def surprisals(x: NDArray, k: int) -> NDArray:
    """Negative log densities about the rows, whose mean is the entropy; minus infinity where rows are tied."""
    try:
        return digamma(len(x)) - digamma(k) + _log_volumes(x, x, k, own=True)[0]
    except TiedRowsError:
        return np.full(len(x), -math.inf)


class Divergence(NamedTuple):
    """A divergence, and how much of it hangs on few rows of the second sample.

    The concentration is the sum of squares of the shares of rows that have the same k-th neighbour there. What is known
    of the density about a neighbour has an error of variance 1 / k in the logarithm, which about k neighbours have in
    common: so this is about the variance that the second sample brings.
    """

    value: float
    concentration: float


def kl_divergence(x: NDArray, y: NDArray, k: int) -> Divergence:
    """Wang, Kulkarni and Verdu: log ratios of volumes."""
    try:
        other, concentration = _log_volumes(x, y, k, own=False)
        volumes = float(other.mean() - _log_volumes(x, x, k, own=True)[0].mean())
        return Divergence(float(digamma(len(y) + 1) - digamma(len(x))) + volumes, concentration)
    except TiedRowsError:  # rows within rounding of each other
        return _counted(x, y, k)


def _counted(x: NDArray, y: NDArray, k: int) -> Divergence:
    """Counts of both samples in one closed ball, as has a meaning where rows are tied."""
    x, y = _in_one_unit(x, y)[:2]
    x, copies = np.unique(x, axis=0, return_counts=True)
    n, m = int(copies.sum()), len(y)
    own, others = cKDTree(np.repeat(x, copies, axis=0)), cKDTree(y)
    (rho, _), (nu, nearest) = (tree.query(x, [place]) for tree, place in zip((own, others), (k + 1, k)))
    rho, nu = rho[:, 0], nu[:, 0]
    radius = np.maximum(rho, nu)
    closed = np.nextafter(radius, math.inf)  # or rounding may leave out all rows on the boundary
    near_x = own.query_ball_point(x, closed, return_length=True) - 1
    near_y = others.query_ball_point(x, closed, return_length=True)
    moved = radius > 0  # by a row on the boundary, which is one more than chance would put there
    logs = _log_count(near_x, moved & (rho == radius)) - _log_count(near_y, moved & (nu == radius))
    return Divergence(float(copies @ logs / n) + math.log(m / (n - 1)), _concentration(np.repeat(nearest, copies)))


class _Balls(NamedTuple):
    """Balls about rows, in units in which a sample has mean zero and covariance one."""

    centre2: NDArray  # squared length of the centre
    radius: NDArray
    columns: int

    def log_volume(self) -> NDArray:
        half = self.columns / 2
        return self.columns * np.log(self.radius) + half * math.log(math.pi) - float(gammaln(half + 1))

    def log_tilted(self, tilt: float) -> NDArray:
        """Log of the integral of exp(tilt (|centre|^2 - |z|^2) / 2) over each ball."""
        with np.errstate(divide="ignore"):
            mass = np.log(chndtr(tilt * self.radius**2, self.columns, tilt * self.centre2))
        tilted = mass + self.columns / 2 * math.log(2 * math.pi / tilt) + tilt / 2 * self.centre2
        if not np.isfinite(tilted).all():  # balls whose mass underflows are too small for the tilt to matter
            tilted = np.where(np.isfinite(tilted), tilted, self.log_volume())
        return tilted

    def at(self, rows: NDArray) -> _Balls:
        return _Balls(self.centre2[rows], self.radius[rows], self.columns)


def _log_volumes(x: NDArray, y: NDArray, k: int, *, own: bool) -> tuple[NDArray, float]:
    """Log volumes of the balls about rows of x that reach to the k-th neighbour in y, and the concentration.

    The density of y is about k / (m volume) there if it is constant in the ball: that is what volumes assume. If
    instead it is constant relative to exp(-tilt |z|^2 / 2), z being the row in units of y's mean and covariance, the
    same holds of the integral of this, relative to its value at the centre. The tilt is fitted to where the neighbours
    lie in their balls: 0 is a flat density, 1 a normal one. Rows so far out that a normal sample has none keep the
    volume.
    """
    white = whitened(x, y)
    x, y, centre, log_unit = white or _in_one_unit(x, y)
    tree, itself = cKDTree(y), int(own)
    distance, nearest = tree.query(x, [k + itself])
    balls = _Balls(((x - centre) ** 2).sum(axis=1), distance[:, 0], x.shape[1])
    if not balls.radius.all():
        raise TiedRowsError
    logs = balls.log_volume()
    if white and k > 1:
        normal = np.flatnonzero(balls.centre2 <= 2 * chdtri(x.shape[1], 1 / len(y)))
        some = normal[:: max(1, len(normal) // _FITTED_ROWS)]
        inside = y[tree.query(x[some], range(1, k + itself))[1][:, itself:]] - centre
        tilt = _fitted_tilt(balls.at(some), (inside**2).sum(axis=2).mean(axis=1)) if len(some) else 0.0
        if tilt > 0:
            logs[normal] = balls.at(normal).log_tilted(tilt)
    return logs + log_unit, _concentration(nearest)


def _concentration(nearest: NDArray) -> float:
    return float(((np.bincount(nearest.ravel()) / len(nearest)) ** 2).sum())


def _fitted_tilt(balls: _Balls, inside2: NDArray) -> float:
    """Maximise the likelihood of the neighbours inside balls, given their mean squared lengths: to 0.01."""
    gain = (balls.centre2 - inside2).mean() / 2
    losses = [balls.log_volume().mean(), *(balls.log_tilted(tilt).mean() - gain * tilt for tilt in _NODES[1:])]
    smooth = np.polynomial.Polynomial.fit(_NODES, losses, len(_NODES) - 1)
    return float(_TILTS[np.argmin(smooth(_TILTS))])


def whitened(x: NDArray, y: NDArray) -> tuple[NDArray, NDArray, NDArray, float] | None:
    """Rows and the mean of y in units of the covariance of y, and the log of that unit; None where it is singular."""
    columns = np.array(y.T, order="C")  # a copy even of one column
    largest = np.abs(columns).max(axis=1)
    if not (len(y) > y.shape[1] and largest.all()):
        return None
    columns /= largest[:, None]
    centre, unit = columns.mean(axis=1), columns.std(axis=1)
    if not unit.all():
        return None
    columns -= centre[:, None]
    columns /= unit[:, None]
    try:
        factor = cholesky(columns @ columns.T / len(y), lower=True)
    except LinAlgError:
        return None
    if np.diag(factor).min() ** 2 < _COLLINEAR:
        return None
    back = solve_triangular(factor, np.diag(1 / unit), lower=True).T
    white = y / largest @ back
    log_unit = float((np.log(largest) + np.log(unit * np.diag(factor))).sum())
    return white if x is y else x / largest @ back, white, centre @ back, log_unit


def _in_one_unit(x: NDArray, y: NDArray) -> tuple[NDArray, NDArray, NDArray, float]:
    """As `whitened`, by a power of two, which is exact: squares of what is left neither overflow nor underflow."""
    exponent = math.frexp(max(np.abs(x).max(), np.abs(y).max()))[1]
    columns = x.shape[1]
    return np.ldexp(x, -exponent), np.ldexp(y, -exponent), np.zeros(columns), columns * exponent * math.log(2)


def _log_count(count: NDArray, on_boundary: NDArray) -> NDArray:
    """Estimate the log of the expected number of rows in balls, whose radius one of the rows may have set."""
    return digamma(np.where(on_boundary, count, count + 1))
