"""Variables as labels and ranks, and the information between them, in nats."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skinfo.information import _label_counts as labels
from skinfo.information._columns import Values, are_labels, code, in_order, labelled, ranks
from skinfo.information._local_information import Variable, Variables, best
from skinfo.information._subsamples import ROWS_PER_NEIGHBOUR, check_rows, of_parts, variance_of

_PARTS, _ROWS = 8, 24  # parts, and rows in each for each neighbour, that tell the variance better than terms by row do
MEANS: dict[str, Callable[[float, float], float]] = {
    "min": min,
    "geometric": lambda a, b: math.sqrt(a * b),
    "arithmetic": lambda a, b: (a + b) / 2,
    "max": max,
}


class Shared(NamedTuple):
    """Variables observed together.

    Where numbers are repeated there are two versions, with ranks that break ties differently, which the first two
    variables exchange if they are exchanged; the estimate is the mean of both.
    """

    versions: list[Variables]
    k: int
    normalized: str | None = None

    @classmethod
    def of(
        cls, groups: Sequence[list[NDArray]], kinds: Sequence[list[Any]], k: int, normalized: str | None = None
    ) -> Shared:
        """Take the columns of two or three variables for labels or numbers, as their kinds say: True, False, "auto"."""
        values = [[Values.of(column) for column in group] for group in groups]
        chosen = _chosen(groups, values, kinds, k)
        numbers = [not all(of) for of in chosen]
        if any(numbers):
            check_rows("X", len(groups[0][0]), k)
        if normalized and (all(numbers) or (any(numbers) and normalized != "min")):
            raise ValueError(
                f"normalized={normalized!r} takes entropies of labels, and those of numbers are infinite; pass "
                "normalized=None, discrete=True, or, if one of X and Y is labels, normalized='min'"
            )
        n = len(groups[0][0])
        tied = any(len(v.often) < n for group, of in zip(values, chosen) for v, label in zip(group, of) if not label)
        turns = [(0, 1, 2), (1, 0, 2)] if tied else [(0, 1, 2)]
        versions = [_version(groups, values, chosen, [g for g in turn if g < len(groups)]) for turn in turns]
        return cls(versions, k, normalized)

    @property
    def are_labels(self) -> bool:
        return not any(part.ranks.size for part in self.versions[0])

    def exchanged(self, order: NDArray) -> Shared:
        """The same, with rows of the second variable in another order."""
        return self._replace(versions=[(x, Variable(y.label[order], y.ranks[order]), z) for x, y, z in self.versions])

    def value(self) -> float:
        """The information, divided by a mean of the entropies where it is to be normalized."""
        if self.are_labels:
            value = labels.information(*(part.label for part in self.versions[0]))[0]
            return self._normalized(value, self.versions[0])
        return self._mean([best(version, self.k)[0] for version in self.versions])

    def estimate(self, n_subsamples: int, random: np.random.RandomState) -> tuple[float, float, float]:
        """The value, its variance, and degrees of freedom: by the delta method of labels, by subsamples of numbers.

        Where there are not rows enough for a few subsamples of some size, with the same labels, it is the variance of
        the terms whose mean the value is, and a quarter more, as neighbours have theirs in common.
        """
        if self.are_labels:
            return self.value(), self._variance_of_labels(), math.inf
        found = [best(version, self.k) for version in self.versions]
        value = self._mean([local for local, _ in found])
        if not n_subsamples or not math.isfinite(value):
            return value, math.nan, 0.0
        label = code(*(part.label for part in self.versions[0]))
        n, rows_each = len(label), _ROWS * (self.k + 1) * len(np.unique(label))
        if n < _PARTS * rows_each:
            terms = np.mean([by(*version, self.k) for (_, by), version in zip(found, self.versions)], axis=0)
            return value, 1.25 * float(terms.var()) / n / self._divisor(self.versions[0]) ** 2, math.inf

        def of_rows(rows: NDArray) -> float:
            versions = [(x.at(rows), y.at(rows), z.at(rows)) for x, y, z in self.versions]
            return self._replace(versions=versions)._mean([by(*v, self.k) for (_, by), v in zip(found, versions)])

        parts = of_parts(of_rows, [n], rows_each, n_subsamples, random)
        return value, variance_of(parts), len(parts) - 1.0

    def _mean(self, local: list[NDArray]) -> float:
        return self._normalized(float(np.mean([terms.mean() for terms in local])), self.versions[0])

    def _variance_of_labels(self) -> float:
        x, y, z = (part.label for part in self.versions[0])
        value, local, dof = labels.information(x, y, z)
        n, divisor = len(x), 1.0
        if self.normalized:
            entropies = labels.entropy(x), labels.entropy(y)
            divisor = MEANS[self.normalized](*entropies)
            if not divisor:
                return 0.0
            step = 1e-6 * divisor  # the means are smooth, or linear
            slopes = [
                (MEANS[self.normalized](*(h + step * (i == j) for j, h in enumerate(entropies))) - divisor) / step
                for i in range(2)
            ]
            local = local - value / divisor * sum(s * labels.surprisal(v) for s, v in zip(slopes, (x, y)))
        return max(float(local.var()) / n, dof / (2 * n**2)) / divisor**2

    def _divisor(self, variables: Sequence[Variable]) -> float:
        """The mean of the entropies to normalize by, if so; those of numbers are infinite."""
        if not self.normalized:
            return 1.0
        return MEANS[self.normalized](*(math.inf if v.ranks.size else labels.entropy(v.label) for v in variables[:2]))

    def _normalized(self, value: float, variables: Sequence[Variable]) -> float:
        divisor = self._divisor(variables)
        if divisor:
            return value / divisor
        return float(all(len(np.unique(v.label)) == 1 for v in variables[:2]))  # as scikit-learn has 0 / 0


def _chosen(groups: Sequence[list[NDArray]], values: Any, kinds: Sequence[list[Any]], k: int) -> list[list[bool]]:
    """Which columns are labels."""
    given, may_be = [], []
    for column, kind in ((c, kind) for group, of in zip(groups, kinds) for c, kind in zip(group, of)):
        if kind is False and column.dtype.kind not in "bf":
            raise ValueError("discrete is False for a column of labels such as strings; pass 'auto' or True for it")
        given.append(kind is True or (kind == "auto" and are_labels(column)))
        may_be.append(kind == "auto")
    flat = iter(labelled(values, given, may_be, ROWS_PER_NEIGHBOUR * (k + 1)))
    return [[next(flat) for _ in group] for group in groups]


def _version(
    groups: Sequence[list[NDArray]], values: Sequence[list[Values]], chosen: Sequence[list[bool]], turn: Sequence[int]
) -> Variables:
    """Variables whose tied numbers have ranks by draws dealt out in the order of turn."""
    n, random = len(groups[0][0]), np.random.default_rng(0)
    rows = in_order([found for g in turn for found in values[g]])
    made = [Variable(np.zeros(n, dtype=np.intp), np.empty((n, 0), dtype=np.intp))] * 3
    for g in turn:
        codes = [found.place for found, of in zip(values[g], chosen[g]) if of]
        numbers = [ranks(column, rows, random) for column, of in zip(groups[g], chosen[g]) if not of]
        label, none = made[g]
        made[g] = Variable(code(*codes) if codes else label, np.transpose(numbers) if numbers else none)
    return made[0], made[1], made[2]
