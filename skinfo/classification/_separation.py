"""Whether a likelihood has a maximum: separable labels, found by linear programming."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from skinfo.classification._objective import Objective
from skinfo.classification._preconditioners import HessianPreconditioner

Verdict = Literal["complete", "quasi-complete", "unknown", "none"]

# Stored entries of the largest program worth solving.
_MAX_ENTRIES = 2_000_000
# Stored entries of the largest program worth solving to name few columns, or where a Newton step is no proof.
_MAX_NAMING = 100_000
# Parameters of the largest Hessian worth a factor here.
_MAX_PARAMETERS = 2000
# A margin larger than this in units of the box around the coefficients is not the solver's rounding.
_MARGIN = 1e-5
# Where the fit has not driven any log odds beyond this, no label is on the way to infinity.
_RULED_OUT = -np.log(1e-6)
# Beyond this, curvature is lost in rounding and a Newton step may no longer show that labels run to infinity.
_LOST = -np.log(1e-12)
# At a maximum the next Newton step changes logits by little; on the way to infinity by about one.
_MOVING = 0.05


@dataclass
class Separation:
    """Whether labels are separable, and along what.

    Attributes
    ----------
    verdict : {"complete", "quasi-complete", "unknown", "none"}
        "unknown" where the fit looks as if they were and the program would be too large.
    directions : list of ndarray of shape (n_classes - 1, n_columns + 1)
        Contrasts with the first class that separate, in standardised columns, the intercept first where
        there is one; each does so where those before it leave logits tied. For complete separation there is one, of
        as few columns as the least sum of coefficients leaves, or none where that is not known.
    ruled_out : ndarray of bool of shape (n_classes, n_rows) or None
        Whether the limit gives a class no probability in a row, where that is known.
    """

    verdict: Verdict
    directions: list[NDArray] = field(default_factory=list)
    ruled_out: NDArray | None = None

    def columns(self, n_columns: int) -> NDArray:
        """Return the columns that separate, the strongest first."""
        sizes = [np.abs(each[:, each.shape[1] - n_columns :]).max(axis=0, initial=0.0) for each in self.directions]
        size = np.max(sizes, axis=0, initial=0.0) if sizes else np.zeros(n_columns)
        order = np.argsort(-size, kind="stable")
        return order[size[order] > 0]


def separation(objective: Objective, theta: NDArray, converged: bool) -> Separation:
    """Say whether labels are separable, after a fit without penalty.

    Parameters
    ----------
    objective : Objective
        Over all rows.
    theta : ndarray
        Where the fit ended.
    converged : bool
        Whether its gradient was small enough.

    Returns
    -------
    Separation
        What was found.

    Notes
    -----
    Konis (2007), *Linear programming algorithms for detecting separated data in binary logistic
    regression models*: labels are separable if some coefficients other than zero give every label a
    logit that is not below any other's, and one above. Where a label's mass is spread over classes
    their logits must tie.
    """
    spread, parted = _survey(objective, theta)
    entries = objective.n_rows * (objective.loss.n_classes - 1) * objective.shape[1]
    if parted:
        return Separation("complete", _Program(objective).fewest() if entries <= _MAX_NAMING else [])
    if converged and spread <= _RULED_OUT:
        return Separation("none")
    doubtful = spread > _LOST and entries <= _MAX_NAMING
    if converged and not doubtful and objective.size <= _MAX_PARAMETERS and not _is_moving(objective, theta):
        return Separation("none")
    if entries > _MAX_ENTRIES:
        return Separation("unknown")
    program = _Program(objective)
    found = program.solve()
    if found.verdict == "complete" and entries <= _MAX_NAMING:
        found.directions = program.fewest()
    return found


def is_running_away(objective: Objective, theta: NDArray, converged: bool) -> bool:
    """Whether a fit ended on the way to infinity, as far as one Newton step from there can say.

    Parameters
    ----------
    objective : Objective
        Over all rows.
    theta : ndarray
        Where the fit ended.
    converged : bool
        Whether its gradient was small enough.

    Returns
    -------
    bool
        Whether a label is all but ruled out, or the gradient large, and another step would change logits by much.
    """
    if converged and _survey(objective, theta)[0] <= _RULED_OUT:
        return False
    return _is_moving(objective, theta)


def _survey(objective: Objective, theta: NDArray) -> tuple[float, bool]:
    """Return the largest log odds of two classes in a row, and whether every label's logit is the largest."""
    # With an offset, labels that have the largest logits here need not keep them further on.
    spread, parted = 0.0, objective.offset is None
    for rows, _, logits in objective.blocks(theta):
        if logits.shape[0] == 1:
            logits = np.concatenate([np.zeros_like(logits), logits])
        spread = max(spread, float(np.ptp(logits, axis=0).max()))
        if parted:
            support = objective.loss.label_mass(rows) > 0
            label = np.where(support, logits, -np.inf).max(axis=0)
            other = np.where(support, -np.inf, logits).max(axis=0)
            parted = bool((support.sum(axis=0) == 1).all() and np.all(label > other))
    return spread, parted


def _is_moving(objective: Objective, theta: NDArray) -> bool:
    """Whether a Newton step from here would change some row's logits by much."""
    _, gradient = objective(theta)
    step = HessianPreconditioner(objective, theta).solve(gradient)
    changes = objective.changes(step)
    return bool(np.ptp(changes, axis=0).max() > _MOVING) or bool(np.abs(changes).max() > _MOVING)


def endless(objective: Objective, units: NDArray) -> NDArray:
    """Say which contrasts can grow without end while the likelihood does not fall.

    Parameters
    ----------
    objective : Objective
        Over all rows, whose labels are separable.
    units : ndarray of shape (n_columns + 1, n_columns + 1)
        From one logit's parameters to the contrasts' units.

    Returns
    -------
    ndarray of bool of shape (size, 2)
        For each contrast with the first class, whether down and whether up.

    Raises
    ------
    ValueError
        If the linear program is too large.
    """
    entries = objective.n_rows * (objective.loss.n_classes - 1) * objective.shape[1]
    if entries > _MAX_ENTRIES:
        raise ValueError(
            f"which intervals are infinite is a linear program with {entries} entries, at most {_MAX_ENTRIES}: fit "
            "with bias_reduction=True or a finite C"
        )
    program = _Program(objective)
    rows = np.kron(np.eye(objective.shape[0]), units / np.linalg.norm(units, axis=1, keepdims=True))
    return np.array([[program.grows(-row), program.grows(row)] for row in rows])


class _Program:
    """The linear programs: margins of labels over other classes, ties of classes that share a label.

    Parameters
    ----------
    objective : Objective
        Over all rows.
    """

    def __init__(self, objective: Objective):
        self.shape, self._n_columns = objective.shape, objective.rows.n_columns
        support = objective.loss.label_mass(slice(None)) > 0
        n_classes = support.shape[0]
        walk = objective.blocks(np.zeros(objective.shape))
        design = sparse.csr_matrix(np.concatenate([objective.design(block) for _, block, _ in walk]))
        label = support.argmax(axis=0)
        larger: list[Any] = []
        tied: list[Any] = []
        rows_of, others = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
        for first in range(n_classes):
            for other in range(n_classes):
                if first == other:
                    continue
                rows = label == first
                for block, where in ((larger, rows & ~support[other]), (tied, rows & support[other])):
                    if where.any() and block is larger:
                        rows_of.append(np.flatnonzero(where))
                        others.append(np.full(rows_of[-1].size, other))
                    if where.any():
                        block.append(_contrast(design[np.flatnonzero(where)], first, other, n_classes))
        self.margins: Any = sparse.vstack(larger, format="csr") if larger else None
        self.ties: Any = sparse.vstack(tied, format="csr") if tied else None
        # The row and the other class of each margin.
        self._rows, self._others = np.concatenate(rows_of), np.concatenate(others)
        self._support = support

    def solve(self) -> Separation:
        """Maximise the sum of margins in a box, then that of those which are left at zero, until none is won.

        A direction that wins margins in the second program, added to a large multiple of the first one, wins those
        of both: the limit along it is that of rows whose classes have been ruled out [1]_.

        References
        ----------
        .. [1] Geyer, C. J. (2009). Likelihood inference in exponential families and directions of recession.
           Electronic Journal of Statistics 3, 259-289.
        """
        found = Separation("none")
        ruled_out, left = np.zeros(self._support.shape, dtype=bool), np.arange(self._rows.size)
        while left.size:
            margins = self.margins[left]
            result = self._minimise(-np.asarray(margins.sum(axis=0)).ravel(), -margins, 0.0, self.ties, (-1.0, 1.0))
            if result.status != 0:
                return found if found.directions else Separation("unknown")
            won = margins @ result.x > _MARGIN
            if not won.any():
                break
            found.directions.append(self._direction(result.x))
            found.verdict = "quasi-complete"
            ruled_out[self._others[left[won]], self._rows[left[won]]] = True
            left = left[~won]
        if found.directions:
            found.ruled_out = ruled_out
            found.verdict = found.verdict if left.size or self.ties is not None else "complete"
        return found

    def fewest(self) -> list[NDArray]:
        """Return the direction of least coefficients, in sum, that makes every margin one; none if it is not found."""
        ties = None if self.ties is None else sparse.hstack([self.ties, -self.ties], format="csr")
        halves: Any = sparse.hstack([-self.margins, self.margins], format="csr")
        cost = np.ones(self.shape)
        cost[:, : self.shape[1] - self._n_columns] = 0.0
        result = self._minimise(np.tile(cost.ravel(), 2), halves, -1.0, ties, (0.0, None))
        if result.status != 0:
            return []
        positive, negative = np.split(np.asarray(result.x), 2)
        return [self._direction(positive - negative)]

    def grows(self, row: NDArray) -> bool:
        """Whether a linear function grows along a direction in which no label's margin falls."""
        result = self._minimise(-row, -self.margins, 0.0, self.ties, (-1.0, 1.0))
        return result.status == 0 and -result.fun > _MARGIN

    def _minimise(self, cost: NDArray, upper: Any, bound: float, ties: Any, box: tuple) -> Any:
        return linprog(
            cost,
            A_ub=upper,
            b_ub=np.full(upper.shape[0], bound),
            A_eq=ties,
            b_eq=None if ties is None else np.zeros(ties.shape[0]),
            bounds=box,
            method="highs",
        )

    def _direction(self, x: NDArray) -> NDArray:
        """Return a solution in the objective's shape, the solver's rounding taken for nothing."""
        x = x.reshape(self.shape)
        return np.where(np.abs(x) > _MARGIN * np.abs(x).max(), x, 0.0)


def _contrast(design: sparse.csr_matrix, first: int, other: int, n_classes: int) -> sparse.csr_matrix:
    """Rows that times coefficients, the first class's being zero, are logit differences of two classes."""
    zero = sparse.csr_matrix(design.shape)
    parts = [design if k == first else -design if k == other else zero for k in range(1, n_classes)]
    return sparse.hstack(parts, format="csr")
