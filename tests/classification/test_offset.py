"""Logits that are given: prior odds, exposures."""

import warnings
from functools import partial

import numpy as np
import pytest
import sklearn
import statsmodels.api as sm
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, KFold, cross_validate

from skinfo import LogLossClassifier, LogLossClassifierCV
from skinfo.metrics import cross_entropy_loss, kl_divergence_loss, neg_cross_entropy_scorer, neg_kl_divergence_scorer


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


@pytest.mark.parametrize("K", [2, 4])
def test_scores_take_one(K):
    X, y, offset = rows(K)
    for model in (LogLossClassifier(), LogLossClassifierCV(Cs=[0.1, 1.0], cv=3)):
        model.fit(X, y, offset=offset)
        assert model.score(X, y, offset=offset) == (model.predict(X, offset) == y).mean()
    for loss, scorer in (
        (cross_entropy_loss, neg_cross_entropy_scorer),
        (kl_divergence_loss, neg_kl_divergence_scorer),
    ):
        assert scorer(model, X, y, offset=offset) == -loss(y, model.predict_proba(X, offset))


def test_offsets_are_routed_through_a_search():
    X, y, offset = rows(n=300)
    by_hand = []
    for train, test in KFold(3).split(X):
        model = LogLossClassifier().fit(X[train], y[train], offset=offset[train])
        proba = model.predict_proba(X[test], offset[test])
        by_hand.append([-cross_entropy_loss(y[test], proba), (proba.argmax(axis=1) == y[test]).mean()])
    with sklearn.config_context(enable_metadata_routing=True):
        model = LogLossClassifier().set_fit_request(offset=True, sample_weight=False)
        model.set_score_request(offset=True, sample_weight=False)
        scorer = neg_cross_entropy_scorer.set_score_request(offset=True)
        for scoring, expected in ((scorer, 0), (None, 1)):
            scores = cross_validate(model, X, y, cv=KFold(3), scoring=scoring, params={"offset": offset})["test_score"]
            np.testing.assert_allclose(scores, np.array(by_hand)[:, expected], rtol=1e-10)
        search = GridSearchCV(model, {"C": [1e-6, 1.0]}, scoring=scorer, cv=KFold(3)).fit(X, y, offset=offset)
        np.testing.assert_allclose(search.cv_results_["mean_test_score"][1], np.mean(by_hand, axis=0)[0], rtol=1e-10)
        # What nobody asked for is refused, not left out.
        with pytest.raises(ValueError, match=r"offset.* not explicitly set as requested"):
            cross_validate(
                model, X, y, scoring=neg_cross_entropy_scorer, params={"offset": offset}, error_score="raise"
            )


def test_predictions_without_the_offset_of_the_fit_are_warned_of():
    X, y, offset = rows()
    online = LogLossClassifier().partial_fit(X[:200], y[:200], [0, 1], offset=offset[:200])
    models = [LogLossClassifier(), LogLossClassifierCV(Cs=[1.0], cv=3)]
    for model in [online.partial_fit(X[200:], y[200:]), *(model.fit(X, y, offset=offset) for model in models)]:
        for call in (model.predict, model.predict_proba, model.decision_function, lambda X, m=model: m.score(X, y)):
            with pytest.warns(UserWarning, match="fitted with an offset and predicts without one.*offset=0") as caught:
                call(X)
            assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(model.predict_proba(X, 0), model.predict_proba(X, np.zeros(len(X))))
        model.fit(X, y, offset=np.zeros(len(X))).predict(X)


def test_a_number_is_the_offset_of_every_row():
    X, y, _ = rows()
    model = LogLossClassifier(C=np.inf).fit(X, y, offset=2.0)
    np.testing.assert_allclose(model.intercept_ + 2.0, LogLossClassifier(C=np.inf).fit(X, y).intercept_, atol=1e-7)
    with pytest.raises(ValueError, match="offset must be numbers; got str"):
        model.predict(X, "high")


@pytest.mark.parametrize("common", [2.0**30, -1e300, 1e308 * np.linspace(-1, 1, 60)[:, None]])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_what_all_logits_of_a_row_have_in_common_is_nothing(method, common):
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 3
    classes = {"classes": [0, 1, 2]} if method == "partial_fit" else {}
    plain = getattr(LogLossClassifier(), method)(X, y, **classes)
    offset = np.zeros((60, 3)) + common
    model = getattr(LogLossClassifier(), method)(X, y, offset=offset, **classes)
    np.testing.assert_array_equal(model.coef_, plain.coef_)
    np.testing.assert_array_equal(model.predict_proba(X, offset), plain.predict_proba(X))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_offsets_and_rows_beyond_floats_are_said(n_classes):
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % n_classes
    model = LogLossClassifier(C=np.inf).fit(X, y)
    offset = np.zeros((60, n_classes))
    offset[7, :2] = 1e308, -1e308
    for call in (model.fit, partial(LogLossClassifier().partial_fit, classes=range(n_classes))):
        with pytest.raises(ValueError, match="offset has logits in one row that differ by more than a float holds"):
            call(X, y, offset=offset)
    model.coef_ = 10 * np.ones(model.coef_.shape)
    X[5] = 1e308
    for form in (np.asarray, sparse.csr_matrix):
        for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
            with pytest.raises(ValueError, match="X or offset is so large in row 5 that a logit leaves the range"):
                getattr(model, method)(form(X))


def test_a_loss_beyond_digits_is_no_certificate():
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
    with pytest.warns(ConvergenceWarning):
        assert not LogLossClassifier().fit(X, y, offset=1e308).converged_


@pytest.mark.parametrize(
    "offset", [10**400, np.full((60, 2), 1j), np.full(60, np.datetime64("2020-01-01")), [[1.0], [1.0, 2.0]], {"a": 1}]
)
def test_offsets_are_numbers(offset):
    with pytest.raises(ValueError, match="offset must be numbers; got"):
        LogLossClassifier().fit(np.zeros((60, 2)), np.arange(60) % 2, offset=offset)
