"""What the classifiers' arguments may be."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from skinfo.classification._solver import SOLVERS
from skinfo.utils import check_choice, check_switch


def check_arguments(estimator: Any) -> None:
    """Refuse what no fit could use, before any work.

    Parameters
    ----------
    estimator : LogLossClassifier
        Whose arguments to check.

    Raises
    ------
    TypeError, ValueError
        If one has the wrong type or is out of range.
    """
    for name in ("C", "tol"):
        value = getattr(estimator, name)
        if not isinstance(value, numbers.Real) or isinstance(value, bool):
            raise TypeError(f"{name} must be a positive number; got {value!r}")
        try:
            is_positive = float(value) > 0
        except OverflowError:
            raise ValueError(f"{name} is an integer beyond what a float holds, 1.8e308; pass np.inf") from None
        if not is_positive:
            raise ValueError(f"{name} must be a positive number; got {value!r}")
    for name in ("fit_intercept", "bias_reduction", "warm_start"):
        check_switch(name, getattr(estimator, name))
    ratio: Any = estimator.l1_ratio
    if not isinstance(ratio, numbers.Real) or isinstance(ratio, bool):
        raise TypeError(f"l1_ratio must be a number from 0 to 1; got {ratio!r}")
    if ratio < 0 or not ratio <= 1:
        raise ValueError(f"l1_ratio must be a number from 0 to 1; got {ratio!r}")
    if not isinstance(estimator.max_iter, numbers.Integral) or isinstance(estimator.max_iter, bool):
        raise TypeError(f"max_iter must be an integer, at least 1; got {estimator.max_iter!r}")
    if int(estimator.max_iter) < 1:
        raise ValueError(f"max_iter must be an integer, at least 1; got {estimator.max_iter!r}")
    if estimator.bias_reduction and not math.isinf(estimator.C):
        raise ValueError(
            f"bias_reduction=True is a penalty of its own, for C=np.inf; got C={estimator.C!r}: set C=np.inf, or "
            "bias_reduction=False"
        )
    check_choice("solver", estimator.solver, ["auto", *SOLVERS])
    try:
        check_random_state(estimator.random_state)
    except (TypeError, ValueError):
        raise ValueError(
            "random_state must be None, an integer from 0 to 2**32 - 1 or a RandomState; "
            f"got {estimator.random_state!r}"
        ) from None


def penalty_of(C: float, l1_ratio: float) -> str | None:
    """Name the kind of penalty, as `LogisticRegression` does.

    Parameters
    ----------
    C, l1_ratio : float
        The penalty's strength and share of l1.

    Returns
    -------
    {"l1", "l2", "elasticnet"} or None
        None at ``C=np.inf``.
    """
    if np.inf == C:
        return None
    return "l2" if l1_ratio == 0 else "l1" if l1_ratio == 1 else "elasticnet"
