"""Log loss, cross entropy, divergence and maximum likelihood of a classifier are one thing."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.datasets import load_iris, load_wine
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import scale

from skinfo import LogLossClassifier, cross_entropy, entropy, kl_divergence
from skinfo.metrics import cross_entropy_loss, kl_divergence_loss


def random_problem():
    random = np.random.default_rng(3)
    X = random.normal(size=(300, 4)) * [1e-3, 1, 10, 1e4]
    logits = scale(X) @ random.normal(size=(4, 3))
    return X, np.array([random.choice(3, p=p) for p in softmax(logits, axis=1)])


def real_problem():
    X, y = load_wine(return_X_y=True)
    return X[:, :4], y


@pytest.fixture(params=[random_problem, real_problem], ids=["random", "real"])
def problem(request):
    return request.param()


@pytest.fixture
def soft(problem):
    X, y = problem
    labels = KNeighborsClassifier(20).fit(scale(X), y).predict_proba(scale(X))
    return X, labels


def least(X, labels, divergence):
    """Weights and intercepts that minimise the sum of a divergence of rows, by a general optimiser."""
    Z = np.column_stack([np.ones(len(X)), scale(X)])
    k = labels.shape[1]

    def objective(w):
        log_q = log_softmax(Z @ w.reshape(-1, k), axis=1)
        # the gradient of either is that of the cross entropy: the entropy of the labels does not depend on w
        return divergence(labels, np.exp(log_q)).sum(), (Z.T @ (np.exp(log_q) - labels)).ravel()

    found = minimize(
        objective,
        np.zeros(Z.shape[1] * k),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-9},
    )
    return found.fun, softmax(Z @ found.x.reshape(-1, k), axis=1)


def test_log_loss_is_cross_entropy_with_one_hot_rows(problem):
    X, y = problem
    proba = LogLossClassifier(C=0.1).fit(X, y).predict_proba(X)
    onehot = np.eye(3)[y]
    reference = log_loss(y, proba)
    assert cross_entropy(onehot, proba).mean() == pytest.approx(reference, rel=1e-13)
    assert cross_entropy_loss(y, proba) == pytest.approx(reference, rel=1e-13)
    assert cross_entropy_loss(onehot, proba) == pytest.approx(reference, rel=1e-13)
    assert kl_divergence_loss(y, proba) == pytest.approx(reference, rel=1e-13)  # one-hot rows have no entropy


def test_divergence_is_cross_entropy_minus_entropy(soft):
    X, labels = soft
    proba = LogLossClassifier().fit(X, labels).predict_proba(X)
    np.testing.assert_allclose(kl_divergence(labels, proba), cross_entropy(labels, proba) - entropy(labels), atol=1e-13)
    gap = cross_entropy_loss(labels, proba) - kl_divergence_loss(labels, proba)
    assert gap == pytest.approx(entropy(labels).mean(), rel=1e-12)


def test_least_cross_entropy_is_least_divergence_and_maximum_likelihood(soft):
    X, labels = soft
    cross, q_cross = least(X, labels, cross_entropy)
    divergence, q_divergence = least(X, labels, kl_divergence)
    assert cross - divergence == pytest.approx(entropy(labels).sum(), rel=1e-9)
    np.testing.assert_allclose(q_cross, q_divergence, atol=1e-5)
    ours = LogLossClassifier(C=np.inf, tol=1e-9).fit(X, labels)
    np.testing.assert_allclose(ours.predict_proba(X), q_cross, atol=1e-5)
    total = len(X) * cross_entropy_loss(labels, ours.predict_proba(X))
    assert total <= cross * (1 + 1e-12)
    assert ours.log_likelihood_ == pytest.approx(-total, rel=1e-12)


def test_no_penalty_is_the_maximum_of_the_likelihood():
    """The mean score vanishes: the expected statistics of the model are those of the labels."""
    X, y = load_iris(return_X_y=True)
    X, y = X[50:, :2], y[50:]  # two classes that overlap
    model = LogLossClassifier(C=np.inf, tol=1e-10).fit(X, y)
    gap = model.predict_proba(X)[:, 1] - (y == 2)
    np.testing.assert_allclose(np.column_stack([np.ones(len(X)), X]).T @ gap, 0, atol=1e-6)
    for factor in (0.9, 1.1):
        logits = factor * model.decision_function(X)
        assert -np.logaddexp(0, np.where(y == 2, -logits, logits)).sum() < model.log_likelihood_


@pytest.mark.parametrize("C", [0.1, np.inf])
def test_hard_labels_equal_their_one_hot_soft_labels(problem, C):
    X, y = problem
    hard = LogLossClassifier(C=C, tol=1e-9).fit(X, y)
    soft = LogLossClassifier(C=C, tol=1e-9).fit(X, np.eye(3)[y])
    np.testing.assert_allclose(hard.predict_proba(X), soft.predict_proba(X), atol=1e-9)
    assert hard.log_likelihood_ == pytest.approx(soft.log_likelihood_, rel=1e-10)


@pytest.mark.parametrize("C", [0.1, np.inf])
def test_soft_labels_equal_rows_repeated_with_weights(soft, C):
    X, labels = soft
    n, k = labels.shape
    together = LogLossClassifier(C=C, tol=1e-9).fit(X, labels)
    weights = labels.ravel()
    apart = LogLossClassifier(C=C, tol=1e-9).fit(
        np.repeat(X, k, axis=0), np.tile(np.arange(k), n), sample_weight=weights
    )
    np.testing.assert_allclose(together.predict_proba(X), apart.predict_proba(X), atol=1e-7)
    assert together.log_likelihood_ == pytest.approx(apart.log_likelihood_, rel=1e-9)
