"""Estimators whose state changes only where a fit succeeds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def unchanged_on_failure(estimator: Any) -> Iterator[None]:
    """Put every attribute back if what follows raises, an interrupt included.

    Attributes may be set within, not changed in place.

    Parameters
    ----------
    estimator : BaseEstimator
        Whose attributes.
    """
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
