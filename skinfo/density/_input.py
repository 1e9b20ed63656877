"""Rows as the estimators take them, and what is said of columns that are no numbers or hold odd ones."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import validate_data

_FEW = 3  # columns that a message names
_TURNS = 2  # of a circle: angles beyond are asked about


def check_rows(estimator: Any, X: ArrayLike, *, reset: bool = True) -> NDArray:
    """Return rows as an array of floats.

    Parameters
    ----------
    estimator : BaseEstimator
        Whose rows.
    X : array-like of shape (n, p)
        The rows.
    reset : bool, default=True
        Whether the estimator takes the number and names of its columns from these.

    Returns
    -------
    ndarray of shape (n, p)
        float64 or float32.

    Raises
    ------
    ValueError
        If there are NaN, infinities, strings or dates; the message names the columns and counts them.
    """
    kinds = [getattr(dtype, "kind", "") for dtype in getattr(X, "dtypes", [getattr(X, "dtype", None)])]
    if {"m", "M"} & set(kinds) and (found := _no_numbers(X)):  # which NumPy turns into numbers where all are
        raise ValueError(found)
    try:
        return cast(NDArray, validate_data(estimator, X, dtype=[np.float64, np.float32], reset=reset))
    except (TypeError, ValueError) as error:
        if found := _no_numbers(X):
            raise ValueError(found) from error
        raise


def _no_numbers(X: Any) -> str:
    """What is wrong with which columns; empty if nothing is that can be told."""
    try:
        columns = dict(_columns(X))
    except Exception:
        return ""  # what X is has been said by whoever tried to read it
    for what, count, mend in (
        ("dates", _dates, "pass numbers, such as days since the first one"),
        ("strings", _strings, "drop them, or encode them as numbers"),
        ("NaN", lambda x: _odd(x, np.isnan), "drop these rows, or fill them in, as sklearn.impute does"),
        ("infinity", lambda x: _odd(x, np.isinf), "drop these rows, or replace them by finite numbers"),
    ):
        counts = {name: n for name, x in columns.items() if (n := count(x))}
        if counts:
            where = few([f"column {name!r} ({n} of {len(columns[name])} rows)" for name, n in counts.items()])
            return f"Input X contains {what}: {where}; {mend}"
    return ""


def _columns(X: Any) -> Iterable[tuple[Any, NDArray]]:
    names = getattr(X, "columns", None)
    if names is not None:
        return ((name, np.asarray(X[name])) for name in names)
    rows = X if isinstance(X, np.ndarray) else np.asarray(X, dtype=object)
    return enumerate(rows.T if rows.ndim == 2 else [])


def _dates(x: NDArray) -> int:
    return len(x) if x.dtype.kind in "mM" else 0


def _strings(x: NDArray) -> int:
    if x.dtype.kind in "SU":
        return len(x)
    return sum(isinstance(value, str | bytes) for value in x) if x.dtype == object else 0


def _odd(x: NDArray, which: Any) -> int:
    if x.dtype == object:
        x = np.array([math.nan if value is None else value for value in x])
    return int(np.count_nonzero(which(x.astype(np.float64)))) if x.dtype.kind in "fiub" else 0


def few(things: Sequence[str]) -> str:
    """The first of some things, and how many more there are."""
    more = f" and {len(things) - _FEW} more" if len(things) > _FEW else ""
    return ", ".join(things[:_FEW]) + more


def warn_of(fits: Sequence[Any], columns: Sequence[str], *, stacklevel: int) -> None:
    """Warn of fits that found no maximum, once for all columns with the same trouble.

    Parameters
    ----------
    fits : list of MarginalFit or JointFit
        By marginal.
    columns : list of str
        What messages call their data.
    stacklevel : int
        Of the caller's, as `warnings.warn` has it.
    """
    alike: dict[Any, list[int]] = {}
    for j, fit in enumerate(fits):
        if fit.message:
            limit = fit.limit_found and fit.limit_found["family"]
            alike.setdefault((fit.family.name, fit.status, limit), []).append(j)
    for which in alike.values():
        message = fits[which[0]].message
        if len(which) > 1:
            message = f"{len(which)} columns have the same trouble ({few([columns[j] for j in which])}): {message}"
        warnings.warn(message, ConvergenceWarning, stacklevel=stacklevel + 1)


def ask_about_degrees(
    X: NDArray, families: Sequence[Any], fixed: Sequence[Any], columns: Sequence[str], *, stacklevel: int
) -> None:
    """Warn of angles that go round many times in radians.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Rows.
    families : list of Family
        By column.
    fixed : list of dict
        What is not estimated, by column.
    columns : list of str
        What messages call them.
    stacklevel : int
        Of the caller's, as `warnings.warn` has it.
    """
    turn = 2 * math.pi
    circular = [j for j, family in enumerate(families) if getattr(family, "circular", False)]
    turns = {j: float(np.abs(X[:, j]).max()) / (turn * (fixed[j] or {}).get("scale", 1.0)) for j in circular}
    odd = [j for j in circular if turns[j] > _TURNS]
    if odd:
        name, most = families[odd[0]].name, max(turns.values())
        warnings.warn(
            f"{few([columns[j] for j in odd])}: values of up to {most:.3g} turns of {name}, which takes radians. Are "
            "they in degrees, or hours? Pass fixed={'scale': 180 / np.pi}, or 24 / (2 * np.pi), for those, and "
            "np.mod(X, 2 * np.pi) where they are radians",
            UserWarning,
            stacklevel=stacklevel + 1,
        )
