"""Data and mean losses that the tests of l1 penalties share."""

import numpy as np

from skinfo.classification._labels import read_labels
from skinfo.classification._objective import Objective, PassCounter
from skinfo.classification._proximal import without_ridge
from skinfo.classification._rows import standardise


def softmax_data(n=300, p=8, K=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) + rng.normal(size=(n, 1))
    logits = X[:, :3] @ rng.normal(size=(3, K)) + rng.normal(size=K)
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def soft_labels(n, K, seed=1):
    return np.random.default_rng(seed).dirichlet(np.ones(K), n)


def mean_loss(X, y, *, weights=None, intercept=True):
    labels = read_labels(np.asarray(y), None, weights, None)
    rows = standardise(X, labels.loss.mass, centred=intercept)
    return without_ridge(Objective(rows, labels.loss, 0.0, intercept, PassCounter(len(y))))


def rng():
    return np.random.RandomState(0)
