"""Separable labels: what does not run to infinity is at the optimum of the limiting model, and has its errors."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning

from skinfo import LogLossClassifier

pytestmark = pytest.mark.filterwarnings("ignore:the classes are separable")


def fit(X, y, sample_weight=None, offset=None, **settings):
    return LogLossClassifier(C=np.inf, tol=1e-10, **settings).fit(X, y, sample_weight, offset)


def grouped(n=400, K=2, seed=0):
    """Two columns with an effect, and the rows of two groups."""
    rng = np.random.default_rng(seed)
    X, logits = rng.normal(size=(n, 2)), rng.gumbel(size=(n, K))
    logits[:, 0] += X[:, 0] + 0.5
    group = rng.choice(3, n, p=[0.7, 0.2, 0.1])
    return X, logits.argmax(axis=1), np.eye(3)[group][:, 1:], group


def restricted(X, mass, allowed, steps=50):
    """Contrasts with the first class, and their covariance, where each row has some of the classes: Newton's method."""
    K, design = mass.shape[1], np.column_stack([np.ones(len(X)), X])
    theta = np.zeros((K - 1, design.shape[1]))
    for _ in range(steps):
        logits = np.where(allowed, np.column_stack([np.zeros(len(X)), design @ theta.T]), -np.inf)
        q, total = softmax(logits, axis=1), mass.sum(axis=1)
        gradient = ((total[:, None] * q - mass)[:, 1:]).T @ design
        curved = total[:, None, None] * (q[:, :, None] * np.eye(K) - q[:, :, None] * q[:, None, :])[:, 1:, 1:]
        hessian = np.einsum("nab,ni,nj->aibj", curved, design, design).reshape(theta.size, theta.size)
        inverse = np.linalg.pinv(hessian, rcond=1e-11, hermitian=True)
        theta = theta - (inverse @ gradient.ravel()).reshape(theta.shape)
    return theta, inverse


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("weighted", [False, True])
def test_one_dummy_of_two_classes(form, weighted):
    X, y, dummies, group = grouped()
    y[group == 1] = 1
    weights = np.random.default_rng(1).integers(1, 4, len(y)) if weighted else np.ones(len(y))
    with pytest.warns(ConvergenceWarning, match="quasi-complete separation by the column 2"):
        model = LogLossClassifier(C=np.inf, tol=1e-10).fit(form(np.column_stack([X, dummies])), y, weights)
    left = group != 1
    expected = fit(np.column_stack([X, dummies[:, 1]])[left], y[left], weights[left])
    others = [0, 1, 2, 4]
    np.testing.assert_allclose(model.coef_[0, [0, 1, 3]], expected.coef_[0], rtol=1e-7)
    np.testing.assert_allclose(model.intercept_, expected.intercept_, rtol=1e-7)
    np.testing.assert_allclose(model.standard_errors_[0, others], expected.standard_errors_[0], rtol=1e-7)
    np.testing.assert_allclose(model.covariance_[np.ix_(others, others)], expected.covariance_, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(model.confint()[0, others], expected.confint()[0], rtol=1e-6)
    assert model.standard_errors_[0, 3] == model.covariance_[3, 3] == np.inf
    np.testing.assert_array_equal(model.confint()[0, 3], [-np.inf, np.inf])
    assert model.n_parameters_ == 5
    assert not model.converged_


def test_the_level_of_reference_runs_and_the_difference_of_two_that_do_is_known():
    X, y, dummies, group = grouped()
    y[group == 0] = 1
    model = fit(np.column_stack([X, dummies]), y)
    left = group > 0
    expected = fit(np.column_stack([X, dummies[:, 1]])[left], y[left])
    np.testing.assert_array_equal(np.isposinf(model.standard_errors_[0]), [True, False, False, True, True])
    np.testing.assert_allclose(model.standard_errors_[0, 1:3], expected.standard_errors_[0, 1:3], rtol=1e-7)
    np.testing.assert_allclose(model.coef_[0, 3] - model.coef_[0, 2], expected.coef_[0, 2], rtol=1e-6)


def test_directions_one_after_the_other():
    # Rows of both dummies hold the second back until the first has run to infinity.
    X, y, _, group = grouped(600)
    a, b = (group == 1).astype(float), (group == 2).astype(float)
    b[np.flatnonzero(group == 1)[::2]] = 1.0
    y[group == 1], y[group == 2] = 1, 0
    model = fit(np.column_stack([X, a, b]), y)
    expected = fit(X[group == 0], y[group == 0])
    np.testing.assert_array_equal(np.isposinf(model.standard_errors_[0]), [False, False, False, True, True])
    np.testing.assert_allclose(model.standard_errors_[0, :3], expected.standard_errors_[0], rtol=1e-7)
    np.testing.assert_allclose(model.coef_[0, :2], expected.coef_[0], rtol=1e-6)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("gone", [0, 2])
def test_a_group_that_lacks_one_class_of_three(soft, gone):
    X, y, dummies, group = grouped(K=3)
    others = [k for k in range(3) if k != gone]
    y[group == 1] = np.where(y[group == 1] == gone, others[0], y[group == 1])
    mass = np.eye(3)[y]
    if soft:
        mass = 0.7 * mass + 0.1
        mass[np.ix_(group == 1, others)] += 0.5 * mass[group == 1, gone][:, None]
        mass[group == 1, gone] = 0.0
    columns = np.column_stack([X, dummies])
    model = fit(columns, mass if soft else y)
    allowed = np.ones((len(y), 3), dtype=bool)
    allowed[group == 1, gone] = False
    theta, covariance = restricted(columns, mass, allowed)
    errors = np.sqrt(np.diagonal(covariance)).reshape(2, 5)
    # The dummy's coefficients of the other two classes: their contrast with the first is finite if that is not gone.
    runs = np.zeros((2, 5), dtype=bool)
    runs[:, 3] = True if gone == 0 else [False, True]
    np.testing.assert_array_equal(np.isposinf(model.standard_errors_), runs)
    np.testing.assert_allclose(model.standard_errors_[~runs], errors[~runs], rtol=1e-6)
    found = np.column_stack([model.intercept_[1:] - model.intercept_[0], model.coef_[1:] - model.coef_[0]])
    np.testing.assert_allclose(found[~runs], theta[~runs], rtol=1e-5, atol=1e-7)


def test_with_an_offset():
    X, y, dummies, group = grouped()
    y[group == 1] = 1
    offset = np.random.default_rng(2).normal(size=len(y))
    model = fit(np.column_stack([X, dummies[:, 0]]), y, offset=offset)
    left = group != 1
    expected = fit(X[left], y[left], offset=offset[left])
    np.testing.assert_allclose(model.standard_errors_[0, :3], expected.standard_errors_[0], rtol=1e-7)
    np.testing.assert_allclose(model.coef_[0, :2], expected.coef_[0], rtol=1e-6)
