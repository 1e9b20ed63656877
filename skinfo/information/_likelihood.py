"""From rows of data to a distribution: the cross entropy is the mean negative log-likelihood."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array

from skinfo.information._laws import ACCEPTED, Normal, Univariate, as_law, check_fitted, is_estimator
from skinfo.information._multivariate import n_columns
from skinfo.measures import Rows


def mean_negative_log_likelihood(X: ArrayLike, q: Any) -> float:
    """Cross entropy in nats from rows to a distribution or a fitted density estimator.

    Parameters
    ----------
    X : array-like of shape (n, p) or (n,)
        Rows.
    q : distribution or fitted estimator
        What has a density.

    Returns
    -------
    float
        Infinite where a row has no density.

    Raises
    ------
    NotFittedError
        If ``q`` is an estimator that has not been fitted.
    TypeError
        If ``q`` has no density.
    ValueError
        If the numbers of columns differ, or rows are not finite.
    """
    if is_estimator(q):
        check_fitted(q, "q")
        if not hasattr(q, "score_samples"):
            raise TypeError(
                f"q is a {type(q).__name__}, without score_samples; pass {ACCEPTED}, or a density estimator"
            )
        log_probs = q.score_samples(np.reshape(X, (-1, 1)) if np.ndim(X) == 1 else X)
        return _minus_mean(Rows(log_probs), lambda values: values, 1)
    law: Any = as_law(q, "q")
    x: NDArray = check_array(X, ensure_2d=False, dtype=[np.float64, np.float32], input_name="X")
    width = n_columns(law)
    columns = 1 if x.ndim == 1 else x.shape[1]
    if width != columns:
        raise ValueError(f"X has {columns} columns and q is a distribution of {width}; they must agree")
    if isinstance(law, Univariate):
        return _minus_mean(Rows(x.ravel()), law.log_prob, 8)
    return _minus_mean(Rows(x), q.logpdf if isinstance(law, Normal) else law.log_prob, 4 * width)


def _minus_mean(rows: Rows, log_prob: Any, width: int) -> float:
    """Minus the mean log probability; infinite where a row has none, whatever the others."""
    outside = False

    def checked(x: NDArray) -> NDArray:
        nonlocal outside
        values = np.atleast_1d(log_prob(x))
        outside = outside or bool(np.isneginf(values).any())
        return values

    with np.errstate(invalid="ignore"):
        mean = float(rows.expect(checked, width))
    return math.inf if outside else 0.0 - mean
