"""Logits that are given: prior odds, exposures."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import sparse

from skinfo import LogLossClassifier


def rows(K=2, n=400, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1.0, 10.0, 0.1]
    offset = rng.normal(size=(n, K))
    logits = X @ (rng.normal(size=(3, K)) / [[1.0], [10.0], [0.1]]) + offset
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1), offset


def test_agrees_with_statsmodels():
    X, y, offset = rows()
    offset = offset[:, 1] - offset[:, 0]
    model = LogLossClassifier(C=np.inf, tol=1e-10).fit(X, y, offset=offset)
    peer = sm.GLM(y, sm.add_constant(X), family=sm.families.Binomial(), offset=offset).fit(tol=1e-14)
    errors = np.asarray(peer.bse)
    estimates = np.concatenate([model.intercept_, model.coef_[0]])
    assert np.abs((estimates - peer.params) / errors).max() <= 1e-6
    np.testing.assert_allclose(model.standard_errors_[0], errors, rtol=1e-6)
    assert model.log_likelihood_ == pytest.approx(peer.llf, rel=1e-10)
    np.testing.assert_allclose(model.predict_proba(X, offset)[:, 1], peer.fittedvalues, atol=1e-9)
    robust = sm.GLM(y, sm.add_constant(X), family=sm.families.Binomial(), offset=offset).fit(cov_type="HC0", tol=1e-14)
    ours = model.robust_covariance(X, y, offset=offset)
    np.testing.assert_allclose(np.sqrt(np.diagonal(ours)), robust.bse, rtol=1e-6)


@pytest.mark.parametrize("solver", ["newton", "subsampled-newton", "newton-cg", "lbfgs"])
@pytest.mark.parametrize("K", [2, 4])
def test_a_constant_offset_is_an_intercept(K, solver):
    X, y, _ = rows(K, n=5000)
    plain = LogLossClassifier(solver=solver, tol=1e-9).fit(X, y)
    prior = np.linspace(-1.0, 1.0, K)
    offset = np.tile(prior, (len(y), 1))
    for rows_of in (np.asarray, sparse.csr_matrix):
        model = LogLossClassifier(solver=solver, tol=1e-9).fit(rows_of(X), y, offset=offset)
        np.testing.assert_allclose(model.coef_, plain.coef_, atol=1e-7)
        np.testing.assert_allclose(model.predict_log_proba(X, offset), plain.predict_log_proba(X), atol=1e-7)
    shift = prior[1:] - prior[:1] if K == 2 else prior
    np.testing.assert_allclose(model.intercept_ + shift, plain.intercept_, atol=1e-7)


def test_an_offset_is_a_column_whose_coefficient_is_known():
    X, y, _ = rows(3)
    weights = np.random.default_rng(0).integers(0, 3, len(y)).astype(float)
    fitted = LogLossClassifier(C=np.inf).fit(X, y, sample_weight=weights)
    given = fitted.decision_function(X)
    again = LogLossClassifier(C=np.inf).fit(X, y, sample_weight=weights, offset=given)
    np.testing.assert_allclose(again.coef_, 0.0, atol=1e-7)
    assert again.log_likelihood_ == pytest.approx(fitted.log_likelihood_)
    np.testing.assert_array_equal(again.predict(X, given), fitted.predict(X))


def test_separable_labels_are_found_beside_an_offset():
    X = np.arange(8.0)[:, None]
    y = (X[:, 0] > 3.5).astype(int)
    with pytest.warns(UserWarning, match="complete separation"):
        LogLossClassifier(C=np.inf).fit(X, y, offset=np.linspace(3.0, -3.0, 8))
    mixed = y.copy()
    mixed[[2, 5]] = 1, 0
    # An offset that sorts the labels is no separation: it isn't fitted.
    assert LogLossClassifier(C=np.inf).fit(X, mixed, offset=np.where(mixed == 1, 30.0, -30.0)).converged_


@pytest.mark.parametrize(
    ("offset", "message"),
    [
        (np.zeros(5), r"offset must have shape \(400,\) or \(400, 2\).*got \(5,\)"),
        (np.full(400, np.nan), "offset contains NaN"),
        (np.zeros((400, 3)), r"offset must have shape"),
    ],
)
def test_bad_offsets(offset, message):
    X, y, _ = rows()
    with pytest.raises(ValueError, match=message):
        LogLossClassifier().fit(X, y, offset=offset)
    model = LogLossClassifier().fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.predict_proba(X, offset)
