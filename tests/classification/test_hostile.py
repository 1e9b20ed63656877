"""Rows far out, units and weights near the ends of the floating-point range: a certificate, or words."""

import threading
import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_info, threadpool_limits

from skinfo import LogLossClassifier, LogLossClassifierCV
from skinfo.utils import one_blas_thread
from tests.classification.losses import softmax_data


def penalised_loss(model, X, y):
    """The mean of what a fit minimises."""
    X = X.toarray() if sparse.issparse(X) else X
    loss = -model.predict_log_proba(X)[np.arange(len(y)), y].mean()
    ratio, coef = model.l1_ratio, model.coef_
    return loss + ((1 - ratio) / 2 * np.sum(coef**2) + ratio * np.abs(coef).sum()) / (model.C * len(y))


def far_out(K, kind, seed, n=150, p=5):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, p))
    y = np.digitize(X[:, 0] + random.logistic(size=n), np.linspace(-1, 1, K - 1))
    reach = 10.0 ** random.uniform(3, 8)
    if kind == "row":
        X[-1] *= reach
    elif kind == "cells":
        X = np.where(random.random(X.shape) < 2 / n, X * reach, X)
    else:
        X *= random.standard_cauchy(size=(n, 1)) ** 2
    return X, y


@pytest.mark.parametrize("kind", ["row", "cells", "tails"])
@pytest.mark.parametrize("K", [2, 3, 4])
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_rows_far_out(kind, K, l1_ratio, fit_intercept):
    for seed, form in ((0, np.asarray), (1, sparse.csr_matrix)):
        X, y = far_out(K, kind, seed)
        settings = {"l1_ratio": l1_ratio, "fit_intercept": fit_intercept}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = LogLossClassifier(C=30.0, **settings).fit(form(X), y)
        assert model.converged_ != any(issubclass(each.category, ConvergenceWarning) for each in caught)
        assert not any(type(each.message) is RuntimeWarning for each in caught)
        if not model.converged_:
            continue
        # No step along a line between the fit and random points near it goes lower.
        best, random = penalised_loss(model, X, y), np.random.default_rng(2)
        coef, intercept = model.coef_.copy(), model.intercept_.copy()
        for size in 10.0 ** random.uniform(-9, 1, 60):
            at = random.random(coef.shape) < 0.3
            model.coef_ = coef + size * at * random.normal(size=coef.shape) / np.abs(X).std(axis=0) ** random.uniform(
                0, 1
            )
            model.intercept_ = intercept + size * random.normal(size=intercept.shape) * fit_intercept
            assert penalised_loss(model, X, y) > best - 1e-9


@pytest.mark.parametrize(("seed", "K", "C", "l1_ratio"), [(0, 4, 2.6, 1.0), (3, 2, 500.0, 0.5), (5, 3, 200.0, 0.5)])
def test_the_many_rows_that_one_far_out_dwarfs_are_fitted(seed, K, C, l1_ratio):
    random = np.random.default_rng(seed)
    X = random.normal(size=(150, 4))
    y = (X @ random.normal(size=(4, K)) + random.gumbel(size=(150, K))).argmax(axis=1)
    far = np.vstack([X, 1e8 * X[:1]])
    settings = {"C": C, "l1_ratio": l1_ratio, "fit_intercept": False}
    near = LogLossClassifier(**settings).fit(X, y)
    labels = np.append(y, near.predict(far[-1:]))
    model = LogLossClassifier(**settings).fit(far, labels)
    # The far row is on its side already, and asks for nothing.
    np.testing.assert_allclose(model.coef_, near.coef_, atol=1e-4)


@pytest.mark.parametrize("unit", [1e-130, 1e-165, 1e-250])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_tiny_units(unit, form):
    X, y = softmax_data(n=120, p=3, K=3)
    expected = LogLossClassifier(C=np.inf).fit(X, y)
    scale = np.array([unit, 1.0, 1.0])
    model = LogLossClassifier(C=np.inf).fit(form(X * scale), y)
    assert model.log_likelihood_ == pytest.approx(expected.log_likelihood_, rel=1e-10)
    np.testing.assert_allclose(model.coef_ * scale, expected.coef_, rtol=1e-4, atol=1e-6)


def test_what_is_too_small_is_refused_by_name():
    X, y = softmax_data(n=60, p=3, K=2)
    with pytest.raises(ValueError, match=r"column 1 vary by .* multiply it by a constant"):
        LogLossClassifier(C=np.inf).fit(X * [1.0, 1e-310, 1.0], y)
    with pytest.raises(ValueError, match="column 1 of X, that the penalty overflows"):
        LogLossClassifier().fit(X * [1.0, 1e-200, 1.0], y)
    for C in (5e-324, 1e-320):
        with pytest.raises(ValueError, match="C is so small"):
            LogLossClassifier(C=C).fit(X, y)
    for weight in (5e-324, 1e200):
        with pytest.raises(ValueError, match="sample_weight, times class_weight, sums to"):
            LogLossClassifier(C=np.inf).fit(X, y, np.full(60, weight))
    with pytest.raises(ValueError, match=r"the classes \[1\] have less than 1e-100"):
        LogLossClassifier(class_weight={0: 1e60, 1: 1e-60}).fit(X, y)


def test_a_column_that_varies_by_its_spacing_is_named():
    X, y = softmax_data(n=120, p=3, K=2)
    far = X + np.array([0.0, 1e15, 0.0])
    with pytest.warns(UserWarning, match="column 1 varies by no more than a few spacings of 64-bit numbers about 1e"):
        model = LogLossClassifier(C=np.inf).fit(far, y)
    assert model.coef_[0, 1] == 0
    assert model.log_likelihood_ == pytest.approx(LogLossClassifier(C=np.inf).fit(X[:, ::2], y).log_likelihood_)


@pytest.mark.parametrize("value", [0.1, 1.0 / 3.0, 1e15, 1e-200, -7e100])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_a_constant_is_left_out_without_words(value, form, recwarn):
    X, y = softmax_data(n=1000, p=3, K=2)
    LogLossClassifier().fit(form(np.column_stack([X, np.full(1000, value)])), y, np.random.default_rng(1).random(1000))
    assert not [str(each.message) for each in recwarn]


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize(
    "settings",
    [{}, {"C": np.inf}, {"l1_ratio": 1.0}, {"C": np.inf, "bias_reduction": True}]
    + [{"solver": name} for name in ("subsampled-newton", "newton-cg", "row-space", "lbfgs")],
)
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.filterwarnings("ignore:the rows do not determine")
def test_no_column_at_all(K, settings, fit_intercept):
    model = LogLossClassifier(fit_intercept=fit_intercept, **settings).fit(np.zeros((12, 3)), np.arange(12) % K)
    assert model.converged_
    assert not model.coef_.any()
    assert model.log_likelihood_ == pytest.approx(-12 * np.log(K))
    if np.isinf(model.C):
        assert np.isnan(model.standard_errors_[:, fit_intercept:]).all()
        assert model.n_parameters_ == (K - 1) * fit_intercept


def test_a_path_to_a_penalty_that_vanishes():
    X, y = softmax_data(n=80, p=3, K=2)
    model = LogLossClassifierCV(Cs=[1.0, 1e308], l1_ratios=[1.0], cv=2).fit(X, y)
    assert model.mean_cross_entropies_.shape == (1, 2)


def blas_threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_one_blas_thread_while_a_computation_holds_it():
    def other():
        with one_blas_thread():
            pass

    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with one_blas_thread():
            assert set(blas_threads()) == {1}
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            LogLossClassifier().fit([[0.0], [1.0]], [0, 1])
            assert set(blas_threads()) == {1}
        assert blas_threads() == before
        with pytest.raises(ZeroDivisionError), one_blas_thread():
            raise ZeroDivisionError
        assert blas_threads() == before
        LogLossClassifier().fit([[0.0], [1.0]], [0, 1])
        assert blas_threads() == before
