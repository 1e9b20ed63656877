"""Many columns as one measure: the means of statistics of each, as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.measures._statistics import ONE, SQUARE, Statistic, Values, X


class Columns:
    """The empirical distributions of the columns of a table; everything is an array with an entry for each.

    Parameters
    ----------
    x : ndarray of shape (n, p)
        The table, which should fit in cache.
    weights : ndarray of shape (n,), optional
        Positive weights of its rows.

    Attributes
    ----------
    lowest, highest, mean, variance : ndarray of shape (p,)
        Of each column.
    total : float
        Sum of the weights.
    """

    def __init__(self, x: NDArray, weights: NDArray | None = None):
        self.x = np.ascontiguousarray(x.T, dtype=np.float64)
        self.weights = weights
        self.total = float(len(x)) if weights is None else float(weights.sum())
        self.lowest, self.highest = self.x.min(axis=1), self.x.max(axis=1)
        first = self.average(self.x)
        deviation = self.x - first[:, None]
        rest = self.average(deviation)
        self.mean = first + rest
        self.variance = np.maximum(self.average(deviation * deviation) - rest**2, 0.0)
        self._means: dict[tuple[Statistic, float], NDArray] = {}

    def average(self, values: NDArray) -> NDArray:
        """Weighted mean of each row of an array with an entry for each of the table's.

        Parameters
        ----------
        values : ndarray of shape (p, n)
            The values.

        Returns
        -------
        ndarray of shape (p,)
            The means.
        """
        return (values.sum(axis=1) if self.weights is None else values @ self.weights) / self.total

    def means(self, statistics: Iterable[Statistic], loc: Any = 0.0, scale: Any = 1.0) -> dict[Statistic, Any]:
        """Mean of each statistic at (x - loc) / scale.

        Parameters
        ----------
        statistics : iterable of Statistic
            What to average; other ones than x and its square only at a loc that is a number.
        loc, scale : float or ndarray of shape (p,)
            Standardisation.

        Returns
        -------
        dict of Statistic to ndarray
            The means.
        """
        return {t: self._mean(t, loc, scale) for t in statistics}

    def _mean(self, statistic: Statistic, loc: Any, scale: Any) -> Any:
        if statistic is ONE:
            return 1.0
        if statistic is X:
            return (self.mean - loc) / scale
        if statistic is SQUARE:
            return (self.variance + (self.mean - loc) ** 2) / scale**2
        terms = statistic.scaled(scale) or {}
        return sum(c * self._base(part, loc) for part, c in terms.items())

    def _base(self, statistic: Statistic, loc: float) -> Any:
        if statistic in (ONE, X, SQUARE):
            return self._mean(statistic, loc, 1.0)
        if (statistic, loc) not in self._means:
            self._means[statistic, loc] = self.average(statistic(Values(self.x - loc if loc else self.x)))
        return self._means[statistic, loc]
