"""Rows as the estimators take them, and what is said of columns that are no numbers or hold odd ones."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning

from skinfo.utils import validate_rows

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
    return cast(NDArray, validate_rows(estimator, X, dtype=[np.float64, np.float32], reset=reset))


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
