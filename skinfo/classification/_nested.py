"""Whether a classifier is a special case of another, as far as their fits tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.classification._objective import Objective

# Sums over the same rows differ by rounding only.
_SAME = 1e-9


@dataclass
class Traces:
    """What the rows of a fit are known by.

    Attributes
    ----------
    mean, deviation : ndarray of shape (n_columns,)
        Of the columns, about zero without an intercept; nan of those that are left out.
    offset : ndarray of shape (2, n_logits)
        Weighted mean and mean square of the offset.
    """

    mean: NDArray
    deviation: NDArray
    offset: NDArray

    @classmethod
    def of(cls, objective: Objective) -> Traces:
        """Return those of an objective's rows."""
        columns = objective.rows.columns
        with np.errstate(divide="ignore", invalid="ignore"):
            deviation = np.sqrt(columns.second_moment) / columns.inverse_scale
        offset = np.zeros((2, objective.loss.n_logits))
        if objective.offset is not None:
            powers = np.stack([objective.offset, objective.offset**2])
            offset = powers @ objective.loss.mass / objective.total
        return cls(columns.mean, deviation, offset)

    def places(self, larger: Traces) -> NDArray:
        """Return whether each column is like each of another fit's, (n_columns, n_columns of the other)."""
        size = (np.abs(self.mean) + self.deviation)[:, None]
        near = np.abs(self.mean[:, None] - larger.mean) <= _SAME * size
        return near & (np.abs(self.deviation[:, None] - larger.deviation) <= _SAME * size)


def check_nested(smaller: Any, larger: Any) -> None:
    """Refuse a pair of which one is not known to be a special case of the other.

    Parameters
    ----------
    smaller, larger : LogLossClassifier
        Fitted.

    Raises
    ------
    AttributeError, ValueError
        See `likelihood_ratio_test`.
    """
    found = []
    for name, model in (("smaller", smaller), ("larger", larger)):
        found.append(model._require("likelihood_ratio_test"))
        if found[-1].bias_reduced:
            raise ValueError(
                f"{name} was fitted with bias_reduction=True, where each model has a penalty of its own: use "
                "confint(method='profile', ...)"
            )
        if model._memory is not None:
            raise ValueError(f"{name} was fitted by partial_fit, whose log-likelihood is an approximation: use fit")
        if not model.converged_:
            raise ValueError(f"{name} is not at a maximum of the likelihood: see the warning of its fit")
    same = all(
        np.isclose(getattr(found[0], part), getattr(found[1], part), rtol=_SAME, atol=0.0)
        for part in ("total", "label_entropy")
    )
    if not (same and np.array_equal(smaller.classes_, larger.classes_)):
        raise ValueError("smaller and larger must be fitted to the same labels and weights; theirs differ")
    if not np.allclose(found[0].traces.offset, found[1].traces.offset, rtol=_SAME, atol=_SAME):
        raise ValueError("smaller and larger must be fitted with the same offset; theirs differ")
    if smaller._has_intercept != larger._has_intercept:
        raise ValueError("smaller and larger must both have an intercept, or both have none: fit them alike")
    _check_columns(smaller, larger, found[0].traces, found[1].traces)


def _check_columns(smaller: Any, larger: Any, few: Traces, many: Traces) -> None:
    """Refuse columns that the larger one lacks."""
    places = few.places(many)
    names = [getattr(model, "feature_names_in_", None) for model in (smaller, larger)]
    if names[0] is not None and names[1] is not None:
        places &= names[0][:, None] == names[1]
    lacking = np.flatnonzero(~places.any(axis=1) & np.isfinite(few.deviation))
    if lacking.size:
        called = lacking if names[0] is None else names[0][lacking]
        raise ValueError(
            f"smaller has columns that larger has not, or has of other rows, {called[:10].tolist()}: fit both to the "
            "same rows, and give larger those columns too; a combination in place of one of its parts leaves larger's "
            "likelihood as it is"
        )
