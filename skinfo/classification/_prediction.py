"""Predictions of linear logits: classes, probabilities, log probabilities, their score."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import expit
from sklearn.metrics import accuracy_score
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_is_fitted

from skinfo.classification._labels import predicted_mass
from skinfo.classification._losses import log_probabilities
from skinfo.utils import as_numbers, check_weights, mixin, refuse_lone_probabilities, row_blocks, validate_rows

FLOATS = (np.float64, np.float32)


@mixin
class SoftmaxPrediction:
    """Predictions from ``coef_``, ``intercept_`` and ``classes_``; see `LogLossClassifier`.

    Those of float32 rows are float32 where ``coef_`` is. Sums are in float64 all the same.
    """

    classes_: NDArray
    coef_: Any
    intercept_: NDArray
    n_features_in_: int
    _has_offset: bool = False

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

        Raises
        ------
        ValueError
            If an argument is not valid, or a logit leaves the range of floats; as in all predictions.

        Warns
        -----
        UserWarning
            If the fit had an offset and there is none here; as in all predictions.
        """
        logits, dtype = self._logits(X, offset, read=read_offset)
        return (logits[:, 0] if logits.shape[1] == 1 else logits).astype(dtype, copy=False)

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
        logits, _ = self._logits(X, offset)
        return self.classes_[_largest(logits)]

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
        logits, dtype = self._logits(X, offset)
        if logits.shape[1] == 1:
            proba = np.empty((len(logits), 2), dtype=dtype)
            proba[:, 0], proba[:, 1] = expit(-logits[:, 0]), expit(logits[:, 0])
            return proba
        # Classes by rows: the reductions over classes then run along contiguous memory.
        terms = np.ascontiguousarray(logits.T)
        with np.errstate(over="ignore"):
            np.exp(np.subtract(terms, terms.max(axis=0), out=terms), out=terms)
        terms /= terms.sum(axis=0)
        return np.ascontiguousarray(terms.T, dtype=dtype)

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
        logits, dtype = self._logits(X, offset)
        with np.errstate(over="ignore"):
            return np.ascontiguousarray(log_probabilities(np.ascontiguousarray(logits.T)).T, dtype=dtype)

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None, offset: ArrayLike | None = None) -> float:
        """Accuracy: the share of the labels' mass that is on the predicted classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels; or soft labels, of which it is the expected accuracy.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits; see `fit`.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        ValueError
            If y are no labels, or not as many as rows, or their columns are not the classes.
        """
        logits, _ = self._logits(X, offset)
        codes, weights = _largest(logits), check_weights(sample_weight, len(logits))
        shape = np.shape(y)
        if len(shape) == 2 and shape[1] > 1:
            return float(np.average(predicted_mass(y, self.classes_, codes), weights=weights))
        y = np.asarray(y)
        if y.dtype.kind == "f" and not np.isfinite(y).all():
            raise ValueError("y contains NaN or infinity; leave rows without a label out")
        refuse_lone_probabilities(y, name="y")
        return float(accuracy_score(y, self.classes_[codes], sample_weight=weights))

    def sparsify(self) -> Any:
        """Make ``coef_`` a sparse array, which takes less memory where most of it is zero.

        Returns
        -------
        estimator
            Itself.
        """
        check_is_fitted(self)
        self.coef_ = sparse.csr_array(np.atleast_2d(self.coef_) if isinstance(self.coef_, np.ndarray) else self.coef_)
        return self

    def densify(self) -> Any:
        """Make ``coef_`` an array again after `sparsify`.

        Returns
        -------
        estimator
            Itself.
        """
        check_is_fitted(self)
        self.coef_ = self.coef_.toarray() if sparse.issparse(self.coef_) else self.coef_
        return self

    def _coefficients(self) -> Any:
        """Coefficients of shape (n_logits, n_features), in float64; sparse if ``coef_`` is."""
        coef = self.coef_ if sparse.issparse(self.coef_) else np.atleast_2d(self.coef_)
        return coef.astype(np.float64, copy=False)

    def _estimates(self) -> tuple[NDArray, NDArray]:
        """Coefficients and intercepts in float64, dense."""
        coef = self._coefficients()
        return coef.toarray() if sparse.issparse(coef) else coef, np.asarray(self.intercept_, dtype=np.float64)

    def _logits(self, X: Any, offset: ArrayLike | None, *, read: Any = None) -> tuple[NDArray, np.dtype]:
        """Logits (n_samples, n_logits) in float64, and the type that predictions have.

        What is added to all logits of a row matters to none of the probabilities, and is taken off unless asked for.
        """
        check_is_fitted(self)
        X = validate_rows(
            self, X, accept_sparse="csr", dtype=FLOATS, reset=False, ensure_min_features=min(1, self.n_features_in_)
        )
        added = (read or relative_offset)(offset, X.shape[0], self.classes_.size)
        if added is None and self._has_offset:
            warnings.warn(
                "the classifier was fitted with an offset and predicts without one, as if it were zero: pass offset, "
                "in cross-validation by metadata routing; offset=0 says that zero is meant",
                UserWarning,
                stacklevel=3,
            )
        with np.errstate(over="ignore", invalid="ignore"):
            logits = _products(X, self._coefficients())
            logits += self.intercept_
            if added is not None:
                logits += added.T
            is_finite = np.isfinite(logits.sum()) or np.isfinite(logits).all()
        if not is_finite:
            at = int(np.flatnonzero(~np.isfinite(logits).all(axis=1))[0])
            raise ValueError(f"X or offset is so large in row {at} that a logit leaves the range of floats; scale it")
        return logits, np.result_type(X.dtype, self.coef_.dtype)


def read_offset(offset: ArrayLike | None, n_rows: int, n_classes: int) -> NDArray | None:
    """Check an offset and return it as one row for each logit.

    Parameters
    ----------
    offset : array-like of shape (n_rows,) or (n_rows, n_classes), number or None
        What is added to logits; of the second class, for two, where it has one dimension. A number is that of every
        row.
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
    values = as_numbers(offset, name="offset")
    if values.ndim == 0:
        values = np.full((n_rows,) if n_classes == 2 else (n_rows, n_classes), values)
    if not np.isfinite(values).all():
        raise ValueError("offset contains NaN or infinity; replace those by finite numbers")
    if n_classes == 2 and values.shape == (n_rows,):
        return values[None]
    if values.shape != (n_rows, n_classes):
        shapes = f"{(n_rows,)} or {(n_rows, 2)}" if n_classes == 2 else f"{(n_rows, n_classes)}"
        raise ValueError(f"offset must have shape {shapes}, a logit for each row; got {values.shape}")
    with np.errstate(over="ignore"):
        return values[:, 1:].T - values[:, :1].T if n_classes == 2 else np.ascontiguousarray(values.T)


def relative_offset(offset: ArrayLike | None, n_rows: int, n_classes: int) -> NDArray | None:
    """Check an offset where a number added to all logits of a row means nothing but lost digits.

    Parameters
    ----------
    offset, n_rows, n_classes
        As for `read_offset`.

    Returns
    -------
    ndarray of shape (n_logits, n_rows) or None
        In float64; of three classes or more, less the row's largest.

    Raises
    ------
    ValueError
        As `read_offset` does, or if logits of a row differ by more than a float holds.
    """
    added = read_offset(offset, n_rows, n_classes)
    if added is None:
        return None
    with np.errstate(over="ignore"):
        relative = added if n_classes == 2 else added - added.max(axis=0)
    if not np.isfinite(relative).all():
        raise ValueError("offset has logits in one row that differ by more than a float holds; make them smaller")
    return relative


def _products(X: Any, coef: Any) -> NDArray:
    """Return ``X @ coef.T`` in float64; rows of another type are converted block by block."""
    if X.dtype == np.float64:
        return safe_sparse_dot(X, coef.T, dense_output=True)
    products = np.empty((X.shape[0], coef.shape[0]))
    convert = _sparse_block if sparse.issparse(X) else _dense_block
    entries = X.nnz // max(1, X.shape[0]) if sparse.issparse(X) else X.shape[1]
    for rows in row_blocks(X.shape[0], entries + coef.shape[0]):
        products[rows] = safe_sparse_dot(convert(X, rows), coef.T, dense_output=True)
    return products


def _dense_block(X: NDArray, rows: slice) -> NDArray:
    return X[rows].astype(np.float64)


def _sparse_block(X: Any, rows: slice) -> sparse.csr_matrix:
    """Take rows without a copy of their indices."""
    indptr = X.indptr[rows.start : rows.stop + 1]
    stored = slice(indptr[0], indptr[-1])
    parts = (X.data[stored].astype(np.float64), X.indices[stored], indptr - indptr[0])
    return sparse.csr_matrix(parts, shape=(rows.stop - rows.start, X.shape[1]))


def _largest(logits: NDArray) -> NDArray:
    """Return the index of each row's most probable class."""
    return (logits[:, 0] > 0).astype(np.intp) if logits.shape[1] == 1 else logits.argmax(axis=1)
