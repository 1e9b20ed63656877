"""Information that variables have about each other, some of which may be labels, in nats."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import digamma

from skinfo.information import _neighbours as neighbours
from skinfo.information._columns import code, normal_scores, ranks_of_ranks

_FAR = 64.0  # between labels: further than normal scores ever are from each other
_WHOLE = 32.0  # a radius in between
_FEW = 4  # columns, where neighbours miss little and even scores raise the entropies of two of them
_NORMAL_ENTROPY = math.log(2 * math.pi * math.e) / 2


class Variable(NamedTuple):
    """Some rows of a variable: a label for what of it is labels, and the ranks of its numbers, by column."""

    label: NDArray
    ranks: NDArray

    def at(self, rows: NDArray) -> Variable:
        """The variable in some rows."""
        return Variable(self.label[rows], ranks_of_ranks(self.ranks[rows]))


Variables = tuple[Variable, Variable, Variable]  # the first two have the information, where the third is known
By = Callable[[Variable, Variable, Variable, int], NDArray]


def best(variables: Variables, k: int) -> tuple[NDArray, By]:
    """Terms by row whose mean is the information, and the estimator that its standard error is to be of.

    Neighbours give it, or entropies of many columns. Both miss dependence that takes more rows to be seen: what finds
    clearly more, by two standard errors, misses less. As it depends on the rows which is taken, the standard error is
    of the entropies, which spread more, for both.
    """
    local = by_neighbours(*variables, k)
    alone = not any(part.label.any() for part in variables)
    if alone and sum(part.ranks.shape[1] for part in variables) > _FEW and np.isfinite(local).all():
        other = by_entropies(*variables, k)
        if np.isfinite(other).all():
            more = other - local
            clearly = more.mean() > 2 * more.std() / math.sqrt(len(more))
            return other if clearly else local, by_entropies
    return local, by_neighbours


def by_neighbours(x: Variable, y: Variable, z: Variable, k: int) -> NDArray:
    """Kraskov, Stoegbauer and Grassberger's first estimator, with Frenzel and Pompe's condition, of normal scores.

    A ball holds rows of one label only. Labels that have no k other rows are one ball: these rows say what the labels
    alone do.
    """
    n = len(x.label)
    every = _Space.of(x, y, z)
    radius = every.tree().query(every.points, [k + 1], p=math.inf)[0][:, 0]
    small = radius > _WHOLE
    radius[small] = _WHOLE
    near = np.where(small, every.sizes(), k)
    # a strict count has the row itself in place of the neighbour on the boundary
    xz, yz, rest = (space.near(np.nextafter(radius, 0)) for space in (_Space.of(x, z), _Space.of(y, z), _Space.of(z)))
    if not small.any() and (xz == k).all() and (yz == k).all():
        return np.full(n, math.inf)  # the neighbours in x are those in y: one is a function of the other
    return digamma(near) + digamma(rest) - digamma(xz) - digamma(yz)


def by_entropies(x: Variable, y: Variable, z: Variable, k: int) -> NDArray:
    """Sum and difference of entropies with a normal start, of normal scores: that of one column is known."""
    n = len(x.label)
    scores = normal_scores(n)

    def surprisals(*parts: Variable) -> NDArray:
        points = np.hstack([scores[part.ranks] for part in parts])
        columns = points.shape[1]
        return neighbours.surprisals(points, k) if columns > 1 else np.full(n, columns * _NORMAL_ENTROPY)

    every = np.hstack([scores[part.ranks] for part in (x, y, z)])
    if neighbours.whitened(every, every) is None:  # few rows, or collinear ones, have no normal start
        return np.full(n, -math.inf)
    return surprisals(x, z) + surprisals(y, z) - surprisals(z) - surprisals(x, y, z)


class _Space(NamedTuple):
    """Rows of some variables as points, those of other labels far away."""

    label: NDArray
    points: NDArray

    @classmethod
    def of(cls, *parts: Variable) -> _Space:
        label = code(*(part.label for part in parts))
        scores = normal_scores(len(label))
        points = [scores[part.ranks] for part in parts]
        return cls(label, np.hstack([*points, _FAR * label[:, None]] if label.any() else points))

    def tree(self) -> cKDTree:
        return cKDTree(self.points)

    def sizes(self) -> NDArray:
        """How many rows have each row's label."""
        return np.bincount(self.label)[self.label]

    def near(self, radius: NDArray) -> NDArray:
        """Rows up to some distance in each coordinate from each row, which is one of them."""
        if self.points.shape[1] == int(self.label.any()):
            return self.sizes()
        return self.tree().query_ball_point(self.points, radius, p=math.inf, return_length=True)
