"""The classification problems of `classifier.py`: each returns X and y, made from a seed."""

import numpy as np
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits


def labels(logits, rng):
    """Return a draw from the softmax of logits (of two classes, for one column of them)."""
    if logits.ndim == 1:
        logits = np.column_stack([np.zeros_like(logits), logits])
    return (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def correlated(n_rows=200_000, n_columns=50, n_classes=10, seed=0):
    """Equicorrelated columns (0.9) of scales from exp(-3) to exp(3)."""
    rng = np.random.default_rng(seed)
    X = np.sqrt(0.9) * rng.normal(size=(n_rows, 1)) + np.sqrt(0.1) * rng.normal(size=(n_rows, n_columns))
    y = labels(X @ rng.normal(size=(n_columns, n_classes)), rng)
    return X * np.exp(np.linspace(-3, 3, n_columns)), y


def tall(n_rows=1_000_000, n_columns=20, seed=0):
    """Two classes, independent columns of scales from 0.1 to 10."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_columns))
    y = labels(X @ rng.normal(size=n_columns) * 0.7 - 0.5, rng)
    return X * np.geomspace(0.1, 10, n_columns), y


def covertype_size(n_rows=500_000, n_columns=54, n_classes=7, seed=0):
    """As many rows, columns and classes as covertype, dense columns of scales from 0.1 to 10."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_columns)) @ (np.eye(n_columns) + 0.3 * rng.normal(size=(n_columns, n_columns)) / 4)
    y = labels(X @ rng.normal(size=(n_columns, n_classes)) * 0.3, rng)
    return X * np.geomspace(0.1, 10, n_columns), y


def text(n_rows=20_000, n_columns=100_000, n_classes=20, per_row=80, seed=0):
    """Sparse rows of norm 1 whose columns are drawn by Zipf's law."""
    rng = np.random.default_rng(seed)
    share = 1.0 / np.arange(1, n_columns + 1)
    cumulative = np.cumsum(share / share.sum())
    columns = np.minimum(np.searchsorted(cumulative, rng.uniform(size=(n_rows, per_row))), n_columns - 1)
    indptr = np.arange(0, n_rows * per_row + 1, per_row)
    X = sparse.csr_matrix((np.log1p(rng.exponential(size=columns.size)), columns.ravel(), indptr), (n_rows, n_columns))
    X.sum_duplicates()
    X = sparse.csr_matrix(X.multiply(1.0 / np.sqrt(X.multiply(X).sum(axis=1))))
    return X, labels(X @ rng.normal(size=(n_columns, n_classes)) * 6.0, rng)


def rare_indicators(n_rows=500_000, n_classes=7, seed=0):
    """Ten columns of scales 7 to 2,350, far from zero, and 44 indicators, some rarer than one in a thousand."""
    rng = np.random.default_rng(seed)
    scales = np.geomspace(7, 2350, 10)
    numbers = rng.normal(size=(n_rows, 10)) @ (np.eye(10) + 0.2 * rng.normal(size=(10, 10)))
    groups = [np.array([0.45, 0.3, 0.19, 0.06]), np.geomspace(1, 3e-4, 40)]
    indicators = []
    for share in groups:
        code = rng.choice(share.size, size=n_rows, p=share / share.sum())
        indicators.append(code[:, None] == np.arange(share.size))
    X = np.hstack([numbers, *indicators]).astype(np.float64)
    coef = rng.normal(size=(54, n_classes))
    coef[10:] *= 1.5
    y = labels(X @ coef * 0.7 + rng.normal(size=n_classes), rng)
    X[:, :10] = X[:, :10] * scales + 3.0 * scales
    return X, y


def wide_sparse(n_rows=20_000, n_columns=2_000, seed=0):
    """Two classes, sparse columns, one entry in a hundred stored."""
    rng = np.random.default_rng(seed)
    X = sparse.random(n_rows, n_columns, density=0.01, format="csr", random_state=seed, data_rvs=rng.standard_normal)
    return X, labels(X @ rng.normal(size=n_columns), rng)


def digits():
    """Raw pixels of 1,797 digits."""
    return load_digits(return_X_y=True)


def breast_cancer():
    """Raw columns of the breast cancer data, of scales from 0.003 to 569."""
    return load_breast_cancer(return_X_y=True)
