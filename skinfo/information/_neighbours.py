"""Nearest-neighbour estimators, in nats, of checked rows (n, p)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import digamma, gammaln


class TiedRowsError(ValueError):
    """More equal rows than neighbours: the estimate is minus infinity."""


def entropy(x: NDArray, k: int) -> float:
    """Kozachenko-Leonenko: the mean log volume of balls that hold k other rows."""
    n, p = x.shape
    distance = cKDTree(x).query(x, [k + 1])[0][:, 0]
    if not distance.all():
        raise TiedRowsError
    log_ball = p / 2 * math.log(math.pi) - float(gammaln(p / 2 + 1))
    return float(digamma(n) - digamma(k) + log_ball + p * np.log(distance).mean())


def kl_divergence(x: NDArray, y: NDArray, k: int) -> float:
    """Wang, Kulkarni and Verdu: log ratios of k-th distances; where values are tied, counts in one ball for both."""
    (n, p), m = x.shape, len(y)
    own, other = cKDTree(x), cKDTree(y)
    rho, nu = own.query(x, [k + 1])[0][:, 0], other.query(x, [k])[0][:, 0]
    constant = math.log(m / (n - 1))
    if not _repeated(np.concatenate([x, y])):
        return float(p * np.log(nu / rho).mean() + constant)
    radius = np.maximum(rho, nu)
    near_x = own.query_ball_point(x, radius, return_length=True) - 1
    near_y = other.query_ball_point(x, radius, return_length=True)
    moved = radius > 0  # by a row on the boundary, which is one more than chance would put there
    logs = _log_count(near_x, moved & (rho == radius)) - _log_count(near_y, moved & (nu == radius))
    return float(logs.mean() + constant)


def _repeated(x: NDArray) -> bool:
    """Whether a value occurs twice in a column."""
    return any(len(np.unique(column)) < len(column) for column in x.T)


def _log_count(count: NDArray, on_boundary: NDArray) -> NDArray:
    """Estimate the log of the expected number of rows in balls, whose radius one of the rows may have set."""
    return digamma(np.where(on_boundary, count, count + 1))


def mutual_information(x: NDArray, y: NDArray, k: int) -> float:
    """Kraskov, Stoegbauer and Grassberger's first estimator (eq. 8); counts on closed balls where values are tied."""
    n, both = len(x), np.hstack([x, y])
    joint, *marginals = (cKDTree(part) for part in (both, x, y))
    radius = joint.query(both, [k + 1], p=math.inf)[0][:, 0]
    inside = [_count(tree, np.nextafter(radius, 0)) for tree in marginals]
    near = np.full(n, float(k))
    if _repeated(both):
        closed = [_count(tree, radius) for tree in marginals]
        tied = (radius == 0) | (closed[0] - inside[0] + closed[1] - inside[1] > 1)
        # all rows up to there, but for the row itself where it was one of the others that set the radius
        near = np.where(tied, _count(joint, radius) - (radius > 0), near)
        inside = [np.where(tied, c, i) for c, i in zip(closed, inside)]
    # a strict count has the row itself in place of the neighbour on the boundary
    return float((digamma(near) - digamma(inside[0]) - digamma(inside[1])).mean() + digamma(n))


def _count(tree: cKDTree, radius: NDArray) -> NDArray:
    """Rows up to some distance in each coordinate from each row, which is one of them."""
    return tree.query_ball_point(tree.data, radius, p=math.inf, return_length=True)
