"""Trying families on one column: which can hold it, what each one's maximum likelihood is, held out or not."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from skinfo.families import get_family, registered_families
from skinfo.likelihood import MarginalFit, can_hold, fit_marginal, summarise
from skinfo.measures import Rows

_MAX_ITER = 20  # more is not worth it for a candidate
_EXACT = 2.0**53
_NEAR = 0.1  # standard errors from a maximum: the log-likelihood is 0.005 nats from it
_TOL = 1e-4  # in standard errors: the log-likelihood is 5e-9 nats from its maximum there


@dataclass
class Trial:
    """What became of a family.

    Parameters
    ----------
    family : Family
        The law.
    log_likelihood : float
        Weighted total, in nats; nan where the fit failed.
    n_parameters : int
        Number of free parameters.
    params : dict
        All parameters.
    cross_entropy : float
        Held-out mean negative log-likelihood; nan where it was not asked for.
    seconds : float
        What it took.
    message : str
        Why it is no candidate; empty where it is.
    """

    family: Any
    log_likelihood: float = math.nan
    n_parameters: int = 0
    params: dict[str, float] = field(default_factory=dict)
    cross_entropy: float = math.nan
    seconds: float = 0.0
    message: str = ""


class Report(Protocol):
    """What is told of a search's progress."""

    column: str

    def __call__(self, i: int, trial: Trial | None) -> None:
        """Candidate i begins, or has ended."""


def candidates(rows: Rows) -> list[Any]:
    """Laws of the catalogue whose natural support holds a column: laws of integers if it has nothing else.

    Laws that others of the catalogue equal up to their scale, that need an integer to be given, or that are of
    angles, are left out.

    Parameters
    ----------
    rows : Rows
        One column.

    Returns
    -------
    list of Family
        In alphabetical order.
    """
    exact = max(abs(rows.lowest), abs(rows.highest)) < _EXACT  # beyond, every float is an integer
    integers = exact and all((block == np.floor(block)).all() for block, _ in rows.blocks(width=2))
    laws = [get_family(name) for name in registered_families()]
    univariate = [law for law in laws if not law.joint and law.same_as is None and not law.circular]
    estimable = [law for law in univariate if "integer" not in (law.shapes or {}).values()]
    held = [law for law in estimable if law.discrete == integers and can_hold(law, rows)]
    return held or [get_family("norm")]  # whose failure says why there is none


def try_families(
    x: NDArray,
    weights: NDArray | None,
    families: list[Any],
    splits: Iterable[tuple[NDArray, NDArray]] | None,
    report: Report,
) -> list[Trial]:
    """Fit each family to a column; failures are told, not raised.

    Parameters
    ----------
    x : ndarray of shape (n,)
        The column.
    weights : ndarray of shape (n,), optional
        Frequencies of its rows.
    families : list of Family
        The candidates.
    splits : iterable of (train, test), optional
        Indices of rows to fit and to hold out.
    report : Report
        What messages call the column; called with the number of a candidate when it begins, and with its trial too
        when it has ended.

    Returns
    -------
    list of Trial
        One for each family.
    """
    rows = Rows(x, weights)
    folds = [[Rows(x[i], None if weights is None else weights[i]) for i in split] for split in splits or ()]
    trials = []
    for i, family in enumerate(families):
        report(i, None)
        start = time.perf_counter()
        trial = _try(family, rows, folds, report.column)
        trial.seconds = time.perf_counter() - start
        report(i, trial)
        trials.append(trial)
    return trials


def _try(family: Any, rows: Rows, folds: list[list[Rows]], column: str) -> Trial:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = _fit(family, rows, column)
            held_out = [_held_out(family, train, test, column) for train, test in folds]
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return Trial(family, message=str(error) or type(error).__name__)
    message = "" if found.limit is None and found.newton_decrement < _NEAR else found.message
    trial = Trial(family, found.log_likelihood, found.n_parameters, found.params, message=message)
    if folds:
        weights = [test.total for _, test in folds]
        trial.cross_entropy = -float(np.average(held_out, weights=weights))
    return trial


def _fit(family: Any, rows: Rows, column: str) -> MarginalFit:
    return fit_marginal(family, summarise(family, rows), tol=_TOL, max_iter=_MAX_ITER, column=column)


def _held_out(family: Any, train: Rows, test: Rows, column: str) -> float:
    """Mean log-likelihood of rows that were not fitted; minus infinity if one is outside the support."""
    found = _fit(family, train, column)
    if np.isneginf(found.log_prob(np.array([test.lowest, test.highest]))).any():
        return -math.inf
    return float(summarise(family, test).expect(found.log_prob))
