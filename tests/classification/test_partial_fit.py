"""Batches of rows that are not kept."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skinfo import LogLossClassifier


def problem(n=2000, p=3, K=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    logits = X @ rng.normal(size=(p, K)) + rng.normal(size=K)
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def in_batches(model, X, y, n_batches, classes=None, sample_weight=None, offset=None):
    for rows in np.array_split(np.arange(len(y)), n_batches):
        weights = None if sample_weight is None else sample_weight[rows]
        added = None if offset is None else offset[rows]
        model.partial_fit(X[rows], y[rows], classes, weights, added)
    return model


def contrasts(model):
    raw = np.column_stack([model.intercept_, model.coef_])
    return raw if len(model.classes_) == 2 else raw[1:] - raw[:1]


def settings(K):
    return {"classes": np.arange(K)}


@pytest.mark.parametrize("K", [2, 4])
@pytest.mark.parametrize("C", [0.1, np.inf])
@pytest.mark.parametrize("convert", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
def test_one_batch_is_a_fit(K, C, convert):
    X, y = problem(K=K)
    X = X * [1e-6, 1.0, 1e5] + [0.0, 1e3, 0.0]
    offset, weights = np.random.default_rng(0).normal(size=(len(y), K)), np.arange(len(y)) % 3
    model = LogLossClassifier(C=C, tol=1e-11, class_weight={0: 2.0})
    fitted = clone(model).fit(convert(X), y, weights, offset)
    model.partial_fit(convert(X), y, np.arange(K), weights, offset)
    np.testing.assert_allclose(model.decision_function(X, 0), fitted.decision_function(X, 0), atol=1e-6)
    assert model.converged_
    assert model.log_likelihood_ == pytest.approx(fitted.log_likelihood_, rel=1e-10)
    if np.isinf(C):
        np.testing.assert_allclose(model.standard_errors_, fitted.standard_errors_, rtol=1e-6)
        assert model.explained_entropy_ == pytest.approx(fitted.explained_entropy_, rel=1e-8)
        assert model.summary().attrs["n_samples"] == fitted.summary().attrs["n_samples"]


@pytest.mark.parametrize("K", [2, 4])
@pytest.mark.parametrize("C", [0.1, np.inf])
def test_batches_come_near_the_fit_and_nearer_as_they_grow(K, C):
    off = []
    for n in (1000, 100_000):
        X, y = problem(n, K=K)
        fitted = LogLossClassifier(C=C, tol=1e-10).fit(X, y)
        errors = LogLossClassifier(C=np.inf).fit(X, y).standard_errors_
        model = in_batches(LogLossClassifier(C=C, tol=1e-10), X, y, 5, **settings(K))
        off.append(np.abs((contrasts(model) - contrasts(fitted)) / errors).max())
        if np.isinf(C):
            np.testing.assert_allclose(model.standard_errors_, errors, rtol=5 / np.sqrt(n))
        backwards = in_batches(LogLossClassifier(C=C, tol=1e-10), X[::-1], y[::-1], 5, **settings(K))
        off.append(np.abs((contrasts(backwards) - contrasts(fitted)) / errors).max())
        assert model.log_likelihood_ == pytest.approx(fitted.log_likelihood_, rel=0.01)
    # Batches of 200 rows, and of 20,000; from either end.
    assert max(off[:2]) < 0.7
    assert max(off[2:]) < 0.07


def test_two_batches_written_out():
    """The second batch's loss, and the first one's expansion about its own maximum, are stationary."""
    X, y = problem(400, K=2)
    model = LogLossClassifier(C=np.inf, tol=1e-11).partial_fit(X[:200], y[:200], [0, 1])
    design = np.column_stack([np.ones(400), X])
    first = contrasts(model)[0]
    q = model.predict_proba(X[:200])[:, 1]
    curvature = (design[:200] * (q * (1 - q))[:, None]).T @ design[:200]
    model.partial_fit(X[200:], y[200:])
    q = model.predict_proba(X[200:])[:, 1]
    score = design[200:].T @ (y[200:] - q)
    np.testing.assert_allclose(curvature @ (contrasts(model)[0] - first), score, atol=1e-7)
    curvature += (design[200:] * (q * (1 - q))[:, None]).T @ design[200:]
    np.testing.assert_allclose(model.covariance_, np.linalg.inv(curvature), rtol=1e-7)


@pytest.mark.parametrize("K", [2, 3])
def test_weights_are_repeats_and_soft_labels_of_one_class_hard_ones(K):
    X, y = problem(600, K=K)
    counts = np.random.default_rng(1).integers(0, 3, len(y)).astype(float)
    model = in_batches(LogLossClassifier(C=np.inf, tol=1e-11), X, y, 2, np.arange(K), counts)
    repeated = LogLossClassifier(C=np.inf, tol=1e-11)
    soft = LogLossClassifier(C=np.inf, tol=1e-11)
    for rows in np.array_split(np.arange(len(y)), 2):
        index = np.repeat(rows, counts[rows].astype(int))
        repeated.partial_fit(X[index], y[index], np.arange(K))
        soft.partial_fit(X[rows], np.eye(K)[y[rows]], sample_weight=counts[rows])
    np.testing.assert_allclose(model.coef_, repeated.coef_, rtol=1e-7)
    np.testing.assert_allclose(model.coef_, soft.coef_, rtol=1e-7)
    np.testing.assert_allclose(model.standard_errors_, repeated.standard_errors_, rtol=1e-7)


def test_units_and_places_of_columns_do_not_matter():
    X, y = problem(1000)
    scale, place = np.array([1e-6, 1.0, 1e5]), np.array([1.0, 1e6, 0.0])
    model = in_batches(LogLossClassifier(C=np.inf, tol=1e-11), X, y, 4, **settings(3))
    other = in_batches(LogLossClassifier(C=np.inf, tol=1e-11), X * scale + place, y, 4, **settings(3))
    np.testing.assert_allclose(other.coef_ * scale, model.coef_, rtol=1e-5)


@pytest.mark.parametrize("C", [1.0, np.inf])
@pytest.mark.parametrize("value", [0.0, 7.0, 1e6])
def test_a_column_may_be_constant_at_first(C, value):
    X, y = problem(1500, K=2)
    X[:, 1] = np.where(np.arange(1500) < 500, value, value + X[:, 1])
    model = LogLossClassifier(C=C, tol=1e-9)
    model.partial_fit(X[:500], y[:500], [0, 1])
    assert model.coef_[0, 1] == 0
    if np.isinf(C):
        assert np.isnan(model.standard_errors_[0, 2])
    model.partial_fit(X[500:], y[500:])
    fitted = LogLossClassifier(C=C, tol=1e-9).fit(X, y)
    errors = LogLossClassifier(C=np.inf).fit(X, y).standard_errors_[:, 1:]
    assert np.abs((model.coef_ - fitted.coef_) / errors).max() < 0.6


@pytest.mark.parametrize("C", [1.0, np.inf])
def test_batches_may_lack_classes(C):
    X, y = problem(3000, K=3)
    order = np.argsort((y == 2) & (np.arange(3000) < 2900), kind="stable")[::-1]
    X, y = X[order], y[order]
    model = LogLossClassifier(C=C)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        in_batches(model, X, y, 4, **settings(3))
    fitted = LogLossClassifier(C=C).fit(X, y)
    assert model.converged_
    assert model.score(X, y) > fitted.score(X, y) - 0.08


def test_separable_batches_are_not_forgotten():
    """A loss that is flat on the way to infinity is expanded where it is not."""
    X, y = problem(1000, K=2, seed=1)
    model = LogLossClassifier(C=np.inf)
    with pytest.warns(ConvergenceWarning, match="separable"):
        model.partial_fit(X[:6], (X[:6, 0] > 0).astype(int), [0, 1])
    assert not model.converged_
    first = np.abs(model.coef_).max()
    model.partial_fit(X[6:], y[6:])
    assert model.converged_
    assert np.abs(model.coef_).max() < first
    few = LogLossClassifier(C=np.inf)
    X, y = problem(600, K=2, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        in_batches(few, X, y, 60, [0, 1])
    fitted = LogLossClassifier(C=np.inf).fit(X, y)
    assert np.abs((contrasts(few) - contrasts(fitted)) / fitted.standard_errors_).max() < 2.0


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("C", [1.0, 1e6, np.inf])
def test_hostile_batches(C):
    """Single rows, single classes, constant and equal columns, far and badly scaled ones: an answer, or words."""
    for seed in range(30):
        rng = np.random.default_rng(seed)
        K, p = int(rng.integers(2, 5)), int(rng.integers(1, 5))
        scale, place = 10.0 ** rng.uniform(-12, 12, p), rng.choice([0.0, 1.0, 1e3], p)
        W = rng.normal(size=(p, K))
        model = LogLossClassifier(C=C)
        for n in rng.choice([1, 2, 30, 200], 4):
            Z = rng.normal(size=(n, p))
            Z[:, rng.integers(p)] *= rng.integers(0, 2)
            Z[:, 0] = Z[:, rng.integers(p)]
            y = (Z @ W + rng.gumbel(size=(n, K))).argmax(axis=1)
            model.partial_fit((Z + place) * scale, y, np.arange(K))
            assert np.isfinite(model.coef_).all()
            assert np.isfinite(model.intercept_).all()


def test_a_weak_penalty_is_as_good_as_none():
    """One row at first: its loss is flat where a weak penalty lets it run."""
    X, y = problem(1000, K=3)
    model = LogLossClassifier(C=1e8).partial_fit(X[:1], y[:1], [0, 1, 2]).partial_fit(X[1:], y[1:])
    fitted = LogLossClassifier(C=1e8).fit(X, y)
    assert model.converged_
    np.testing.assert_allclose(model.coef_, fitted.coef_, atol=0.05)


def test_small_batches_that_are_predicted_well_are_no_separation():
    X, y = problem(500, K=2)
    model = LogLossClassifier(C=np.inf).partial_fit(X, y, [0, 1])
    likely = np.argsort(-np.abs(model.decision_function(X)))[:2]
    model.partial_fit(X[likely], model.predict(X[likely]))
    assert model.converged_


def test_names_and_strings():
    X, y = problem(300)
    frame, labels = pd.DataFrame(X, columns=list("abc")), np.array(["x", "z", "y"])[y]
    model = in_batches(LogLossClassifier(), X, labels, 2, ["z", "y", "x"])
    np.testing.assert_array_equal(model.classes_, ["x", "y", "z"])
    assert model.score(X, labels) > 0.5
    named = LogLossClassifier()
    soft = pd.DataFrame(np.eye(3)[y], columns=["u", "t", "s"])
    for rows in np.array_split(np.arange(300), 2):
        named.partial_fit(frame.iloc[rows], soft.iloc[rows])
    named.partial_fit(frame, np.array(["u", "t", "s"])[y])
    np.testing.assert_array_equal(named.classes_, ["u", "t", "s"])
    np.testing.assert_array_equal(named.feature_names_in_, list("abc"))
    assert named.score(frame, np.array(["u", "t", "s"])[y]) > 0.5
    again = pickle.loads(pickle.dumps(model)).partial_fit(X, labels)
    np.testing.assert_array_equal(again.coef_, model.partial_fit(X, labels).coef_)


def test_after_a_fit_it_starts_anew_and_says_so():
    X, y = problem(400)
    model = LogLossClassifier().fit(X[:200], y[:200])
    with pytest.warns(UserWarning, match="the rows of fit are gone"):
        model.partial_fit(X[200:], y[200:])
    expected = LogLossClassifier().partial_fit(X[200:], y[200:], [0, 1, 2])
    np.testing.assert_array_equal(model.coef_, expected.coef_)
    np.testing.assert_array_equal(expected.fit(X, y).coef_, LogLossClassifier().fit(X, y).coef_)


def test_stopping_early_is_said():
    X, y = problem()
    with pytest.warns(ConvergenceWarning, match="increase max_iter"):
        model = LogLossClassifier(max_iter=1).partial_fit(X, y, [0, 1, 2])
    assert not model.converged_


def test_refusals():
    X, y = problem(200)
    model = LogLossClassifier()
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(X, y)
    assert not hasattr(model, "n_features_in_")
    with pytest.raises(ValueError, match="at least 2 different classes"):
        model.partial_fit(X, y, [0])
    with pytest.raises(ValueError, match=r"none of the classes, \[2\]"):
        model.partial_fit(X, y, [0, 1])
    model.partial_fit(X, y, [0, 1, 2])
    before = model.coef_.copy()
    with pytest.raises(ValueError, match=r"classes must be those of the first call.*\[0, 1, 2\]; got \[0, 1\]"):
        model.partial_fit(X, y, [0, 1])
    with pytest.raises(ValueError, match="features"):
        model.partial_fit(X[:, :2], y)
    with pytest.raises(ValueError, match="y must have a column for each of the 3 classes; it has 2"):
        model.partial_fit(X, np.full((200, 2), 0.5), [0, 1, 2])
    with pytest.raises(ValueError, match="y's columns must be the classes"):
        model.partial_fit(X, pd.DataFrame(np.eye(3)[y], columns=[2, 1, 0]))
    with pytest.raises(ValueError, match="class_weight='balanced' needs"):
        LogLossClassifier(class_weight="balanced").partial_fit(X, y, [0, 1, 2])
    with pytest.raises(ValueError, match=r"class_weight gives no mass to the classes \[1\]"):
        LogLossClassifier(class_weight={1: 0}).partial_fit(X, y, [0, 1, 2])
    with pytest.raises(ValueError, match="fit_intercept must be what it was"):
        model.set_params(fit_intercept=False).partial_fit(X, y)
    np.testing.assert_array_equal(model.coef_, before)
    for name, other in {"l1_ratio": {"l1_ratio": 0.5}, "bias_reduction": {"C": np.inf, "bias_reduction": True}}.items():
        assert not hasattr(LogLossClassifier(**other), "partial_fit")
        with pytest.raises(AttributeError) as info:
            LogLossClassifier(**other).partial_fit(X, y)
        assert name in str(info.value.__cause__)
    with pytest.raises(ValueError, match="square matrix over all 2002 parameters, at most 2000: use fewer"):
        LogLossClassifier().partial_fit(np.zeros((5, 1000)), [0, 1, 2, 0, 1], [0, 1, 2])


@pytest.mark.parametrize("classes", [[[1, 2], [3]], np.array([object(), None]), [None, 1], 7, "no", np.zeros((2, 2))])
def test_classes_that_are_none_are_named(classes):
    with pytest.raises(ValueError, match="classes must be an array of"):
        LogLossClassifier().partial_fit([[0.0], [1.0]], [0, 1], classes=classes)
