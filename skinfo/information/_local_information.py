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
    """Terms by row whose mean is the information, and what gave them: neighbours, or entropies of many columns.

    Both miss dependence that takes more rows to be seen: what finds more, by its standard error, misses less.
    """
    local = by_neighbours(*variables, k)
    alone = not any(part.label.any() for part in variables)
    if alone and sum(part.ranks.shape[1] for part in variables) > 2 and np.isfinite(local).all():
        other = by_entropies(*variables, k)
        more = other - local
        if more.mean() > more.std() / math.sqrt(len(more)):
            return other, by_entropies
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
    xz, yz, rest = (space.count(np.nextafter(radius, 0)) for space in (_Space.of(x, z), _Space.of(y, z), _Space.of(z)))
    if not small.any() and (xz == k).all() and (yz == k).all():
        return np.full(n, math.inf)  # the neighbours in x are those in y: one is a function of the other
    return digamma(near) + digamma(rest) - digamma(xz) - digamma(yz)


def by_entropies(x: Variable, y: Variable, z: Variable, k: int) -> NDArray:
    """Sum and difference of entropies with a normal start, of the quantiles of a sample in place of the ranks.

    Scores at even distances would not do: the spacings of the columns are to be as random as those of the rows.
    """
    scores = np.sort(np.random.default_rng(0).normal(size=len(x.label)))

    def surprisals(*parts: Variable) -> NDArray:
        points = np.hstack([scores[part.ranks] for part in parts])
        return neighbours.surprisals(points, k) if points.shape[1] else np.zeros(len(scores))

    every = np.hstack([scores[part.ranks] for part in (x, y, z)])
    if neighbours.whitened(every, every) is None:  # too few rows or collinear: nothing starts from a normal density
        return np.full(len(scores), -math.inf)
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

    def count(self, radius: NDArray) -> NDArray:
        """Rows up to some distance in each coordinate from each row, which is one of them."""
        if self.points.shape[1] == int(self.label.any()):
            return self.sizes()
        return self.tree().query_ball_point(self.points, radius, p=math.inf, return_length=True)
