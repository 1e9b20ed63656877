"""float32 in, float32 out, and what else coef_ may be."""

import numpy as np
import pytest
from scipy import sparse

from skinfo import LogLossClassifier, LogLossClassifierCV


def problem(n=400, K=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4)).astype(np.float32)
    return X, (X[:, :K] + rng.gumbel(size=(n, K))).argmax(axis=1)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("convert", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
def test_types(K, convert):
    X, y = problem(K=K)
    model, double = LogLossClassifier().fit(convert(X), y), LogLossClassifier().fit(convert(X.astype(np.float64)), y)
    assert model.coef_.dtype == np.float32
    np.testing.assert_allclose(model.coef_, double.coef_, rtol=1e-6)
    for method in ("decision_function", "predict_proba", "predict_log_proba"):
        single, exact = getattr(model, method)(convert(X)), getattr(double, method)(convert(X.astype(np.float64)))
        assert single.dtype == np.float32
        assert getattr(double, method)(convert(X)).dtype == np.float64
        np.testing.assert_allclose(single, exact, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(model.predict(convert(X)), double.predict(convert(X)))


def test_columns_far_from_zero_lose_what_their_numbers_lost():
    X, y = problem()
    X = np.round(X * 64) / 64
    model = LogLossClassifier(C=np.inf, tol=1e-9).fit(X + np.float32(2**16), y)
    assert model.coef_.dtype == np.float32
    np.testing.assert_allclose(
        model.predict_proba(X + np.float32(2**16)), LogLossClassifier(C=np.inf).fit(X, y).predict_proba(X), atol=1e-6
    )
    # Inference keeps to the fit: the rows are recognised by their log-likelihood.
    assert np.isfinite(model.confint(method="profile", X=X + np.float32(2**16), y=y)).all()


@pytest.mark.parametrize("K", [2, 3])
def test_sparse_coefficients(K):
    X, y = problem(K=K)
    for model in (LogLossClassifier(C=0.05, l1_ratio=1.0), LogLossClassifierCV(Cs=[0.05], l1_ratios=[1.0], cv=3)):
        model.fit(X, y)
        coef, expected = model.coef_, model.predict_proba(X)
        assert sparse.issparse(model.sparsify().coef_)
        for rows in (X, sparse.csr_matrix(X)):
            np.testing.assert_allclose(model.predict_proba(rows), expected, rtol=1e-6)
        np.testing.assert_array_equal(model.densify().coef_, coef)
        assert model.densify() is model
    plain = LogLossClassifier(C=np.inf, warm_start=True).fit(X, y)
    table = plain.summary()
    np.testing.assert_array_equal(plain.sparsify().summary(), table)
    assert isinstance(plain.fit(X, y).coef_, np.ndarray)


def test_coefficients_set_by_hand():
    X, y = problem(K=2)
    model = LogLossClassifier().fit(X, y)
    expected = model.predict_proba(X)
    model.coef_, model.intercept_ = model.coef_[0], float(model.intercept_[0])
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    assert model.decision_function(X).shape == (len(y),)
