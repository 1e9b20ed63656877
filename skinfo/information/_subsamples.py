"""What estimates from samples share: arguments, standard errors from parts of the rows, tests by exchanges."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.information._estimate import Estimate

ROWS_PER_NEIGHBOUR = 4  # in a part, at least: the estimators' spread does not grow as 1/n below that


def check_number(name: str, value: Any, least: int) -> None:
    """Refuse what is no whole number, or too small."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be a whole number, {least} at least; got {value!r}")


def check_rows(name: str, n: int, k: int, itself: int = 1) -> None:
    """Refuse a number of neighbours that a sample does not have."""
    if n < k + itself:
        raise ValueError(
            f"k={k} neighbours take {k + itself} rows at least and {name} has {n}; pass more rows or a smaller k"
        )


def of_parts(
    estimator: Callable[..., Any], sizes: list[int], rows_each: int, n_subsamples: int, random: np.random.RandomState
) -> list[Any]:
    """Estimates of disjoint parts, each called with the rows of all samples; none where two are not to be had."""
    parts = min(n_subsamples, min(sizes) // rows_each)
    if parts < 2:
        return []
    orders = [random.permutation(n) for n in sizes]
    return [estimator(*(np.sort(order[i::parts]) for order in orders)) for i in range(parts)]


def variance_of(values: list[float]) -> float:
    """Variance of the estimate from the rows of several parts, each of which has one; nan of none."""
    return float(np.var(values, ddof=1)) / len(values) if values else math.nan


def exchange_pvalue(
    value: float, statistic: Callable[[NDArray], float], n: int, times: int, random: np.random.RandomState
) -> float:
    """Share of values at least as large, among those of exchanges of n rows and the one that was found."""
    if not times:
        return math.nan
    larger = sum(statistic(random.permutation(n)) >= value for _ in range(times))
    return (1 + larger) / (1 + times)


def estimate(value: float, variance: float, dof: float, unit: float, pvalue: float = math.nan) -> Estimate:
    """Put an estimate into other units."""
    error = math.sqrt(variance) if math.isfinite(value) else math.nan
    return Estimate(value / unit, error / abs(unit), dof, pvalue)
