"""A column that arrives in batches: what is kept of it, and the fit to that."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from skinfo.families import Family
from skinfo.likelihood._check import check_given, check_values, given_and_free
from skinfo.likelihood._climb import singular_points
from skinfo.likelihood._fit import MarginalFit, fit_marginal
from skinfo.likelihood._state import NamesItsFamily
from skinfo.measures import CompressedSample, Rows

_MOST_VALUES = 1 << 16


class ColumnStream(NamesItsFamily):
    """A compressed sample of all batches, or a table of counts; and one law's fit to it.

    Parameters
    ----------
    family : Family
        The law.
    given : dict, optional
        All values not to estimate; None for those that fix the natural support.
    column : str
        What messages call the data.

    Notes
    -----
    Laws of integers, and those that end or have a kink at a point that is estimated, for which no grid can be laid out
    before all rows are known, are fitted to the distinct values.
    """

    def __init__(self, family: Family, given: Mapping[str, float] | None, column: str):
        self.family, self.column = family, column
        self.given, free = given_and_free(family, given)
        check_given(family, self.given, free)
        bounded = [math.isfinite(end) for end in family.support[:2]]
        moving = "loc" in free or ("scale" in free and all(bounded))
        self.distinct = family.discrete or not family.smooth or (any(bounded) and moving and not family.edges)
        self.kept: CompressedSample | Rows | None = None

    def plus(self, rows: Rows) -> ColumnStream:
        """The stream with another batch; this one stays as it is.

        Parameters
        ----------
        rows : Rows
            One column.

        Returns
        -------
        ColumnStream
            Of all rows so far.

        Raises
        ------
        ValueError
            If values are outside the support, or there would be more distinct ones than are kept.
        """
        check_values(self.family, rows, self.given, self.column)
        longer = copy.copy(self)
        if self.distinct:
            longer.kept = self._table(rows)
        elif isinstance(self.kept, CompressedSample):
            longer.kept = self.kept.plus(rows)
        else:
            longer.kept = CompressedSample.of(rows, *self._singular_points(rows))
        return longer

    def _table(self, rows: Rows) -> Rows:
        """The distinct values so far, no more than are kept."""
        together = self._together(rows)
        if not self.family.discrete and len(together) > _MOST_VALUES:
            raise ValueError(
                f"{self.family.name} ends or has a kink at a point that is estimated, which is only found among values "
                f"that are kept: {self.column} has more than {_MOST_VALUES:,} distinct ones. Fix loc and scale of that "
                "end in fixed, round the values, or pass all rows to fit"
            )
        return together

    def _together(self, rows: Rows) -> Rows:
        """The distinct values of the rows and of those before."""
        batches = [rows, *([self.kept] if isinstance(self.kept, Rows) else [])]
        x = np.concatenate([batch.x for batch in batches]).astype(np.float64)
        weights = [np.ones(len(batch)) if batch.weights is None else batch.weights for batch in batches]
        both = Rows(x, np.concatenate(weights))
        return both.table() if self.family.discrete else both.distinct()

    def _singular_points(self, rows: Rows) -> tuple[float, float]:
        """Ends of the support that are given; one that is the data's extreme is no singular point of its law."""
        return singular_points(self.family, rows, self.given) if "loc" in self.given else (-math.inf, math.inf)

    def fit(self, *, tol: float, max_iter: int) -> MarginalFit:
        """Fit the law to what has been added.

        Parameters
        ----------
        tol : float
            Newton decrement to reach.
        max_iter : int
            Newton steps at most.

        Returns
        -------
        MarginalFit
            Certified on the compressed sample.
        """
        assert self.kept is not None
        rows: Any = self.kept
        if isinstance(self.kept, CompressedSample):
            rows = self.kept.fine()
            rows.compressed[self._singular_points(rows)] = self.kept
        return fit_marginal(self.family, rows, given=self.given, column=self.column, tol=tol, max_iter=max_iter)
