"""Whether a likelihood has a maximum: separable labels, found by linear programming."""

from __future__ import annotations

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
# Parameters of the largest Hessian worth a factor here.
_MAX_PARAMETERS = 2000
# A margin larger than this in units of the box around the coefficients is not the solver's rounding.
_MARGIN = 1e-5
# Where the fit has not driven any log odds beyond this, no label is on the way to infinity.
_RULED_OUT = -np.log(1e-6)
# At a maximum the next Newton step changes logits by little; on the way to infinity by about one.
_MOVING = 0.05


def separation(objective: Objective, theta: NDArray, converged: bool) -> Verdict:
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
    {"complete", "quasi-complete", "unknown", "none"}
        "unknown" where the fit looks as if they were and the program would be too large.

    Notes
    -----
    Konis (2007), *Linear programming algorithms for detecting separated data in binary logistic
    regression models*: labels are separable if some coefficients other than zero give every label a
    logit that is not below any other's, and one above. Where a label's mass is spread over classes
    their logits must tie.
    """
    certain, parted = _survey(objective, theta)
    if parted:
        return "complete"
    if converged and not certain:
        return "none"
    if converged and objective.size <= _MAX_PARAMETERS and not _is_moving(objective, theta):
        return "none"
    contrasts = objective.n_rows * (objective.loss.n_classes - 1)
    if contrasts * objective.shape[1] > _MAX_ENTRIES:
        return "unknown"
    return _program(objective)


def _survey(objective: Objective, theta: NDArray) -> tuple[bool, bool]:
    """Whether some class is all but ruled out in some row, and whether every label's logit is the largest."""
    support = objective.loss.support()
    certain, parted = False, bool((support.sum(axis=0) == 1).all())
    for rows, _, logits in objective.blocks(theta):
        if logits.shape[0] == 1:
            logits = np.concatenate([np.zeros_like(logits), logits])
        label = np.where(support[:, rows], logits, -np.inf).max(axis=0)
        other = np.where(support[:, rows], -np.inf, logits).max(axis=0)
        certain = certain or bool(np.ptp(logits, axis=0).max() > _RULED_OUT)
        parted = parted and bool(np.all(label > other))
    return certain, parted


def _is_moving(objective: Objective, theta: NDArray) -> bool:
    """Whether a Newton step from here would change some row's logits by much."""
    _, gradient = objective(theta)
    step = HessianPreconditioner(objective, theta).solve(gradient)
    return any(
        bool(np.ptp(logits, axis=0).max() > _MOVING) or bool(np.abs(logits).max() > _MOVING)
        for _, _, logits in objective.blocks(step)
    )


def _program(objective: Objective) -> Verdict:
    """Maximise the sum of margins in a box."""
    support = objective.loss.support()
    n_classes = support.shape[0]
    walk = objective.blocks(np.zeros(objective.shape))
    design = sparse.csr_matrix(np.concatenate([objective.design(block) for _, block, _ in walk]))
    width = design.shape[1]
    label = support.argmax(axis=0)
    larger: list[Any] = []
    tied: list[Any] = []
    for first in range(n_classes):
        for other in range(n_classes):
            if first == other:
                continue
            rows = label == first
            for block, where in ((larger, rows & ~support[other]), (tied, rows & support[other])):
                if where.any():
                    block.append(_contrast(design[np.flatnonzero(where)], first, other, n_classes))
    if not larger:
        return "none"
    margins: Any = sparse.vstack(larger, format="csr")
    ties: Any = sparse.vstack(tied, format="csr") if tied else None
    free: dict[str, Any] = {
        "A_eq": ties,
        "b_eq": None if ties is None else np.zeros(ties.shape[0]),
        "bounds": (-1.0, 1.0),
        "method": "highs",
    }
    total = np.asarray(margins.sum(axis=0)).ravel()
    result: Any = linprog(-total, A_ub=-margins, b_ub=np.zeros(margins.shape[0]), **free)
    if result.status != 0:
        return "unknown"
    if not (margins @ result.x).max() > _MARGIN:
        return "none"
    # Complete if the least margin can be positive as well.
    least: Any = sparse.hstack([-margins, sparse.csr_matrix(np.ones((margins.shape[0], 1)))], format="csr")
    if ties is not None:
        free["A_eq"] = sparse.hstack([ties, sparse.csr_matrix((ties.shape[0], 1))], format="csr")
    cost = np.zeros((n_classes - 1) * width + 1)
    cost[-1] = -1.0
    result = linprog(cost, A_ub=least, b_ub=np.zeros(least.shape[0]), **free)
    return "complete" if result.status == 0 and -result.fun > _MARGIN else "quasi-complete"


def _contrast(design: sparse.csr_matrix, first: int, other: int, n_classes: int) -> sparse.csr_matrix:
    """Rows that times coefficients, the first class's being zero, are logit differences of two classes."""
    zero = sparse.csr_matrix(design.shape)
    parts = [design if k == first else -design if k == other else zero for k in range(1, n_classes)]
    return sparse.hstack(parts, format="csr")
