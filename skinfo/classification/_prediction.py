"""Predictions of linear logits: classes, probabilities, log probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.utils import check_array
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_is_fitted, validate_data

from skinfo.classification._losses import log_probabilities

FLOATS = (np.float64, np.float32)


class SoftmaxPrediction:
    """Predictions from ``coef_``, ``intercept_`` and ``classes_``; see `LogLossClassifier`."""

    classes_: NDArray
    coef_: NDArray
    intercept_: NDArray

    def decision_function(self, X: Any, offset: ArrayLike | None = None) -> NDArray:
        """Logits: linear functions of X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits; see `fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes the log odds of the second.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=FLOATS, reset=False)
        added = read_offset(offset, X.shape[0], self.classes_.size)
        logits = safe_sparse_dot(X, self.coef_.T, dense_output=True) + self.intercept_
        if added is not None:
            logits += added.T
        return logits[:, 0] if self.classes_.size == 2 else logits

    def predict(self, X: Any, offset: ArrayLike | None = None) -> NDArray:
        """Most probable class of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits; see `fit`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Classes.
        """
        logits = self.decision_function(X, offset)
        codes = (logits > 0).astype(np.intp) if logits.ndim == 1 else logits.argmax(axis=1)
        return self.classes_[codes]

    def predict_proba(self, X: Any, offset: ArrayLike | None = None) -> NDArray:
        """Probabilities of the classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits; see `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Each row sums to one.
        """
        logits = self.decision_function(X, offset)
        if logits.ndim == 1:
            return np.column_stack([expit(-logits), expit(logits)])
        # Classes by rows: the reductions over classes then run along contiguous memory.
        terms = np.ascontiguousarray(logits.T)
        np.exp(np.subtract(terms, terms.max(axis=0), out=terms), out=terms)
        terms /= terms.sum(axis=0)
        return np.ascontiguousarray(terms.T)

    def predict_log_proba(self, X: Any, offset: ArrayLike | None = None) -> NDArray:
        """Log probabilities of the classes, in nats, finite where a probability underflows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits; see `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Log probabilities.
        """
        logits = self.decision_function(X, offset)
        return np.ascontiguousarray(log_probabilities(np.ascontiguousarray(np.atleast_2d(logits.T))).T)


def read_offset(offset: ArrayLike | None, n_rows: int, n_classes: int) -> NDArray | None:
    """Check an offset and return it as one row for each logit.

    Parameters
    ----------
    offset : array-like of shape (n_rows,) or (n_rows, n_classes), or None
        What is added to logits; of the second class, for two, where it has one dimension.
    n_rows, n_classes : int
        What it must agree with.

    Returns
    -------
    ndarray of shape (n_logits, n_rows) or None
        In float64.

    Raises
    ------
    ValueError
        If it is not finite, or its shape is another.
    """
    if offset is None:
        return None
    values = check_array(offset, ensure_2d=False, dtype=np.float64, input_name="offset")
    if n_classes == 2 and values.shape == (n_rows,):
        return values[None]
    if values.shape != (n_rows, n_classes):
        shapes = f"{(n_rows,)} or {(n_rows, 2)}" if n_classes == 2 else f"{(n_rows, n_classes)}"
        raise ValueError(f"offset must have shape {shapes}, a logit for each row; got {values.shape}")
    return values[:, 1:].T - values[:, :1].T if n_classes == 2 else np.ascontiguousarray(values.T)
