"""Trying families on one column: which can hold it, what each one's maximum likelihood is, held out or not."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skinfo.density._masses import log_masses, too_coarse, unit_of
from skinfo.families import NumericalFamily, get_family, registered_families
from skinfo.likelihood import MarginalFit, fit_marginal, given_of, summarise, why_not_held
from skinfo.measures import Rows

KINDS = ("auto", "continuous", "discrete")
_MAX_ITER = 20  # more is not worth it for a candidate
_NEAR = 0.1  # standard errors from a maximum: the log-likelihood is 0.005 nats from it
_TOL = 1e-4  # in standard errors: the log-likelihood is 5e-9 nats from its maximum there


class Candidate(NamedTuple):
    """A family, its parameters that are not estimated, and why it is not tried; empty where it is."""

    family: Any
    given: dict[str, float]
    left_out: str = ""


@dataclass
class Trial:
    """What became of a family.

    Parameters
    ----------
    family : Family
        The family.
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


def univariate(kind: str = "auto") -> list[Any]:
    """Families of one variable in the catalogue.

    Parameters
    ----------
    kind : {"auto", "continuous", "discrete"}
        Which of them.

    Returns
    -------
    list of Family
        In alphabetical order.
    """
    families = [get_family(name) for name in registered_families()]
    return [f for f in families if not f.joint and (kind == "auto" or f.discrete == (kind == "discrete"))]


def given_in(family: Any, fixed: Mapping[str, float | None] | None) -> dict[str, float]:
    """What is not estimated of a family, if this is fixed where a candidate has such a parameter.

    Parameters
    ----------
    family : Family
        The family.
    fixed : dict, optional
        Of all candidates.

    Returns
    -------
    dict
        With what the natural support fixes.
    """
    return given_of(family, {name: value for name, value in (fixed or {}).items() if name in family.parameters})


def chosen(rows: Rows, kind: str, fixed: Mapping[str, float | None] | None, column: str) -> list[Candidate]:
    """Families of the catalogue for a column, those that are not tried with the reason.

    Parameters
    ----------
    rows : Rows
        One column.
    kind : {"auto", "continuous", "discrete"}
        Which families; "auto" tries continuous ones on whole numbers only where these look like recorded real numbers.
    fixed : dict, optional
        Values not to estimate.
    column : str
        What messages call the column.

    Returns
    -------
    list of Candidate
        In alphabetical order.
    """
    unit = unit_of(rows)
    coarse = too_coarse(rows, unit) if unit and kind == "auto" else ""
    found = []
    for family in univariate(kind):
        given = given_in(family, fixed)
        reason = _not_estimable(family, given)
        if not reason and not family.discrete and coarse:
            reason = f"continuous, and {column} holds whole numbers with {coarse}; families='continuous' tries it"
        found.append(Candidate(family, given, reason or why_not_held(family, rows, given, column)))
    return found


def _not_estimable(family: Any, given: dict[str, float]) -> str:
    if isinstance(family, NumericalFamily):
        return "a search of its density takes seconds; name it in families"
    if family.circular:
        return "for angles; name it in families"
    missing = [name for name, domain in (family.shapes or {}).items() if domain == "integer" and name not in given]
    if missing:
        return f"{missing[0]} is an integer that is not estimated; give it, as in fixed={{{missing[0]!r}: ...}}"
    if family.same_as and "scale" not in given:
        return f"the same distributions as {family.same_as}"
    return ""


def try_families(
    x: NDArray,
    weights: NDArray | None,
    candidates: list[Candidate],
    splits: Iterable[tuple[NDArray, NDArray]] | None,
    report: Report,
) -> list[Trial]:
    """Fit each family to a column; failures are told, not raised.

    Families of integers and of real numbers are compared by the probabilities of what is recorded.

    Parameters
    ----------
    x : ndarray of shape (n,)
        The column.
    weights : ndarray of shape (n,), optional
        Frequencies of its rows.
    candidates : list of Candidate
        The families.
    splits : iterable of (train, test), optional
        Indices of rows to fit and to hold out.
    report : Report
        What messages call the column; called with the number of a candidate when it begins, and with its trial too
        when it has ended.

    Returns
    -------
    list of Trial
        One for each family: those that are left out come last.
    """
    rows = Rows(x, weights)
    tried = [candidate for candidate in candidates if not candidate.left_out]
    unit = unit_of(rows) if len({candidate.family.discrete for candidate in tried}) == 2 else 0.0
    folds = [[Rows(x[i], None if weights is None else weights[i]) for i in split] for split in splits or ()]
    if unit:
        rows, folds = rows.table(), [[part.table() for part in fold] for fold in folds]
    trials = []
    for i, candidate in enumerate(tried):
        report(i, None)
        start = time.perf_counter()
        trial = _try(candidate, rows, folds, unit, report.column)
        trial.seconds = time.perf_counter() - start
        report(i, trial)
        trials.append(trial)
    return trials + [Trial(c.family, message=c.left_out) for c in candidates if c.left_out]


def _try(candidate: Candidate, rows: Rows, folds: list[list[Rows]], unit: float, column: str) -> Trial:
    family = candidate.family
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = _fit(candidate, rows, column)
            log_likelihood = rows.total * _mean(candidate, found, rows, unit) if unit else found.log_likelihood
            held_out = [_held_out(candidate, train, test, unit, column) for train, test in folds]
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
        return Trial(family, message=str(error) or type(error).__name__)
    message = "" if found.limit is None and found.newton_decrement < _NEAR else found.message
    trial = Trial(family, log_likelihood, found.n_parameters, found.params, message=message)
    if folds:
        weights = [test.total for _, test in folds]
        trial.cross_entropy = -float(np.average(held_out, weights=weights))
    return trial


def _fit(candidate: Candidate, rows: Rows, column: str) -> MarginalFit:
    family, given, _ = candidate
    sample = summarise(family, rows, given)
    return fit_marginal(family, sample, given=given, tol=_TOL, max_iter=_MAX_ITER, column=column)


def _held_out(candidate: Candidate, train: Rows, test: Rows, unit: float, column: str) -> float:
    return _mean(candidate, _fit(candidate, train, column), test, unit)


def _mean(candidate: Candidate, found: MarginalFit, rows: Rows, unit: float) -> float:
    """Mean log-likelihood of rows, or of what is recorded in a unit; minus infinity if one is outside the support."""

    def log_prob(x: NDArray) -> NDArray:
        return log_masses(found, x, unit) if unit else found.log_prob(x)

    if np.isneginf(log_prob(np.array([rows.lowest, rows.highest]))).any():
        return -math.inf
    return float(summarise(candidate.family, rows, candidate.given).expect(log_prob, width=16))
