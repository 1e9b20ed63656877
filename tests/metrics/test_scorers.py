"""Scorers in everything that takes a scorer: searches, cross-validation, pipelines, metadata routing."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_classification
from sklearn.exceptions import NotFittedError, UnsetMetadataPassedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss, make_scorer
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    PredefinedSplit,
    RandomizedSearchCV,
    cross_val_score,
    cross_validate,
)
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skinfo.metrics
from skinfo.metrics import (
    cross_entropy_loss,
    kl_divergence_loss,
    log_likelihood_scorer,
    neg_aic_scorer,
    neg_bic_scorer,
    neg_cross_entropy_scorer,
    neg_kl_divergence_scorer,
)

CLASSIFIER_SCORERS = [neg_cross_entropy_scorer, neg_kl_divergence_scorer]
DENSITY_SCORERS = [log_likelihood_scorer, neg_aic_scorer, neg_bic_scorer]
SCORERS = CLASSIFIER_SCORERS + DENSITY_SCORERS


@pytest.fixture
def labelled():
    X, y = make_classification(
        150, 4, n_informative=3, n_redundant=0, n_classes=3, n_clusters_per_class=1, random_state=0
    )
    return X, np.array(["ham", "jam", "spam"])[y]


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(120, 2))


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


class SoftClassifier(ClassifierMixin, BaseEstimator):
    """Predict the mean of the soft labels."""

    def fit(self, X, y):
        self.classes_ = np.asarray(getattr(y, "columns", range(np.shape(y)[1])))
        self.mean_ = np.asarray(y).mean(axis=0)
        return self

    def predict_proba(self, X):
        return np.tile(self.mean_, (len(X), 1))

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class WeightedNormal(BaseEstimator):
    """A normal density whose criteria take weights."""

    def fit(self, X, y=None):
        self.law_ = norm(np.mean(X), np.std(X))
        return self

    def score_samples(self, X):
        return self.law_.logpdf(np.ravel(X))

    def aic(self, X, sample_weight=None):
        return 4 - 2 * np.dot(self.score_samples(X), np.ones(len(X)) if sample_weight is None else sample_weight)

    def bic(self, X, sample_weight=None):
        total = len(X) if sample_weight is None else np.sum(sample_weight)
        return self.aic(X, sample_weight) - 4 + 2 * math.log(total)


def test_scores_of_a_classifier_are_minus_the_losses(labelled):
    X, y = labelled
    weights = np.linspace(0, 1, len(y))
    model = LogisticRegression().fit(X, y)
    for scorer in CLASSIFIER_SCORERS:
        assert_allclose(scorer(model, X, y), -log_loss(y, model.predict_proba(X)), rtol=1e-12)
        expected = -log_loss(y, model.predict_proba(X), sample_weight=weights)
        assert_allclose(scorer(model, X, y, sample_weight=weights), expected, rtol=1e-12)
        assert scorer(model, X[y != "jam"], y[y != "jam"]) < 0
        assert scorer(model, X, pd.Series(y, dtype="category")) == scorer(model, X, y)


def test_agreement_with_make_scorer(labelled):
    X, y = labelled
    for loss, scorer in zip([cross_entropy_loss, kl_divergence_loss], CLASSIFIER_SCORERS):
        made = make_scorer(loss, greater_is_better=False, response_method="predict_proba")
        for target in (y, y == "ham"):
            expected = cross_val_score(LogisticRegression(), X, target, scoring=scorer)
            assert_allclose(cross_val_score(LogisticRegression(), X, target, scoring=made), expected, rtol=1e-13)


def test_a_fold_that_lacks_a_class(labelled):
    X, y = labelled
    parts = PredefinedSplit(np.where(y == "jam", 0, np.arange(len(y)) % 2))
    scores = cross_val_score(LogisticRegression(), X, y, cv=parts, scoring=neg_cross_entropy_scorer)
    # The first fold's model has not seen "jam", whose rows are all in its test part.
    assert scores[0] == -math.inf
    assert -5 < scores[1] < 0
    model = LogisticRegression().fit(X[y != "jam"], y[y != "jam"])
    assert neg_cross_entropy_scorer(model, X, y, sample_weight=(y != "jam").astype(float)) > -5


def test_soft_labels_by_position_and_by_name():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(40, 2)), rng.dirichlet(np.ones(3), 40)
    frame = pd.DataFrame(y, columns=["u", "v", "w"])
    model = SoftClassifier().fit(X, frame)
    for loss, scorer in zip([cross_entropy_loss, kl_divergence_loss], CLASSIFIER_SCORERS):
        expected = -loss(y, model.predict_proba(X))
        assert scorer(model, X, y) == expected
        assert scorer(model, X, frame[["w", "u", "v"]]) == expected
        assert scorer(model, X, frame.assign(new=0.0)) == pytest.approx(expected, rel=1e-14)
        more = pd.DataFrame(np.column_stack([y / 2, np.full(40, 0.5)]), columns=["u", "v", "w", "new"])
        assert scorer(model, X, more) == -math.inf
        by_array = cross_val_score(SoftClassifier(), X, y, cv=KFold(4), scoring=scorer)
        by_name = cross_val_score(SoftClassifier(), X, frame, cv=KFold(4), scoring=scorer)
        assert_allclose(by_name, by_array, rtol=1e-14)
        assert np.isfinite(by_array).all()


def test_scores_of_a_mixture_are_its_own(rows):
    model = GaussianMixture(2, random_state=0).fit(rows)
    for y in ((), (None,), (np.zeros(len(rows)),)):
        assert_allclose(log_likelihood_scorer(model, rows, *y), model.score(rows), rtol=1e-14)
        assert neg_aic_scorer(model, rows, *y) == -model.aic(rows)
        assert neg_bic_scorer(model, rows, *y) == -model.bic(rows)
    assert all(type(scorer(model, rows)) is float for scorer in DENSITY_SCORERS)


def test_log_likelihood_is_a_mean_also_for_a_kernel_density(rows):
    model = KernelDensity().fit(rows)
    assert_allclose(log_likelihood_scorer(model, rows), model.score(rows) / len(rows), rtol=1e-14)


def test_weights_of_densities_are_frequencies():
    X = np.random.default_rng(2).normal(size=(30, 1))
    weights = np.arange(30) % 3
    model = WeightedNormal().fit(X)
    for scorer in DENSITY_SCORERS:
        expected = scorer(model, np.repeat(X, weights, axis=0))
        assert_allclose(scorer(model, X, sample_weight=weights), expected, rtol=1e-13)
    X[weights == 0] = np.inf
    assert np.isfinite(log_likelihood_scorer(model, X, sample_weight=weights))
    assert log_likelihood_scorer(model, X) == -math.inf


@pytest.mark.parametrize("scorer", DENSITY_SCORERS)
def test_density_searches_without_y(scorer):
    rng = np.random.default_rng(3)
    X = np.vstack([rng.normal(size=(100, 2)) - 10, rng.normal(size=(100, 2)) + 10])
    grid = {"gaussianmixture__n_components": [1, 2]}
    pipeline = make_pipeline(StandardScaler(), GaussianMixture(random_state=0))
    cv = KFold(3, shuffle=True, random_state=0)
    search = GridSearchCV(pipeline, grid, scoring=scorer, cv=cv).fit(X)
    assert search.best_params_ == {"gaussianmixture__n_components": 2}
    direct = GridSearchCV(GaussianMixture(random_state=0), {"n_components": [1, 2]}, scoring=scorer, cv=cv).fit(X)
    assert direct.best_params_ == {"n_components": 2}
    scaler, mixture = search.best_estimator_
    assert_allclose(scorer(search.best_estimator_, X), scorer(mixture, scaler.transform(X)), rtol=1e-13)


@pytest.mark.parametrize("scorer", CLASSIFIER_SCORERS)
def test_classifier_searches(labelled, scorer):
    X, y = labelled
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    grid = {"logisticregression__C": [1e-4, 1.0]}
    search = GridSearchCV(pipeline, grid, scoring=scorer, n_jobs=2).fit(X, y)
    reference = GridSearchCV(pipeline, grid, scoring="neg_log_loss").fit(X, y)
    for key in ("mean_test_score", "std_test_score"):
        assert_allclose(search.cv_results_[key], reference.cv_results_[key], rtol=1e-9)
    assert_allclose(search.score(X, y), scorer(search.best_estimator_, X, y))
    random = RandomizedSearchCV(pipeline, grid, n_iter=2, scoring=scorer, random_state=0).fit(X, y)
    assert random.best_params_ == search.best_params_


def test_several_metrics_at_once(labelled, rows):
    X, y = labelled
    several = {"own": neg_cross_entropy_scorer, "kl": neg_kl_divergence_scorer, "theirs": "neg_log_loss"}
    scores = cross_validate(LogisticRegression(), X, y, scoring=several)
    assert_allclose(scores["test_own"], scores["test_theirs"], rtol=1e-12)
    assert_allclose(scores["test_kl"], scores["test_theirs"], rtol=1e-12)
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, scoring=several, refit="own")
    search.fit(X, y, sample_weight=np.ones(len(y)))
    assert_allclose(search.cv_results_["mean_test_own"], search.cv_results_["mean_test_theirs"], rtol=1e-12)
    density = dict(zip(["score", "aic", "bic"], DENSITY_SCORERS))
    scores = cross_validate(GaussianMixture(random_state=0), rows, scoring=density, n_jobs=2)
    assert (scores["test_bic"] < scores["test_aic"]).all()
    # One normal law in two dimensions has five parameters; each of five folds tests 24 rows.
    assert_allclose(scores["test_aic"], 2 * 24 * scores["test_score"] - 2 * 5, rtol=1e-12)


def test_permutation_importance(labelled):
    X, y = labelled
    model = LogisticRegression().fit(X, y)
    weights = np.linspace(0.5, 1.5, len(y))
    for options in ({}, {"sample_weight": weights}):
        ours, theirs = (
            permutation_importance(model, X, y, scoring=scoring, random_state=0, **options).importances
            for scoring in (neg_cross_entropy_scorer, "neg_log_loss")
        )
        assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.usefixtures("routing")
def test_weights_are_routed(labelled):
    X, y = labelled
    weights = np.random.default_rng(4).random(len(y))
    model = LogisticRegression().set_fit_request(sample_weight=True)
    weighed = neg_cross_entropy_scorer.set_score_request(sample_weight=True)
    reference = sklearn.metrics.get_scorer("neg_log_loss").set_score_request(sample_weight=True)
    params = {"sample_weight": weights}
    expected = cross_val_score(model, X, y, scoring=reference, params=params)
    assert_allclose(cross_val_score(model, X, y, scoring=weighed, params=params), expected, rtol=1e-12)

    alone = neg_cross_entropy_scorer.set_score_request(sample_weight=False)
    unweighed = cross_val_score(model, X, y, scoring=alone, params=params)
    assert np.abs(unweighed - expected).min() > 1e-6

    renamed = neg_cross_entropy_scorer.set_score_request(sample_weight="test_weight")
    both = {"sample_weight": weights, "test_weight": weights**2}
    again = reference.set_score_request(sample_weight="test_weight")
    expected = cross_val_score(model, X, y, scoring=again, params=both)
    assert_allclose(cross_val_score(model, X, y, scoring=renamed, params=both), expected, rtol=1e-12)

    several = {"weighed": weighed, "alone": alone}
    scores = cross_validate(model, X, y, scoring=several, params=params)
    assert_allclose(scores["test_alone"], unweighed, rtol=1e-12)
    search = GridSearchCV(model, {"C": [0.1, 1.0]}, scoring=several, refit="weighed").fit(X, y, **params)
    assert_allclose(search.cv_results_["split0_test_alone"][1], unweighed[0], rtol=1e-12)


@pytest.mark.usefixtures("routing")
def test_weights_are_routed_to_densities():
    X = np.random.default_rng(5).normal(size=(60, 1))
    weights = np.arange(60) % 3
    for scorer in DENSITY_SCORERS:
        weighed = scorer.set_score_request(sample_weight=True)
        scores = cross_val_score(WeightedNormal(), X, scoring=weighed, cv=KFold(3), params={"sample_weight": weights})
        expected = [
            scorer(WeightedNormal().fit(X[train]), X[test], sample_weight=weights[test])
            for train, test in KFold(3).split(X)
        ]
        assert_allclose(scores, expected, rtol=1e-14)


@pytest.mark.usefixtures("routing")
def test_weights_without_a_request_are_refused(labelled):
    X, y = labelled
    model = LogisticRegression().set_fit_request(sample_weight=True)
    with pytest.raises(UnsetMetadataPassedError, match="neg_cross_entropy_scorer"):
        cross_val_score(model, X, y, scoring=neg_cross_entropy_scorer, params={"sample_weight": np.ones(len(y))})


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("scorer", SCORERS)
def test_setting_a_request_leaves_the_scorer_as_it_is(scorer):
    name = repr(scorer)
    changed = scorer.set_score_request(sample_weight=True)
    assert changed is not scorer
    assert repr(scorer) == name
    assert repr(changed) == f"{name}.set_score_request(sample_weight=True)"
    assert changed.get_metadata_routing().score.requests == {"sample_weight": True, "offset": None}
    assert scorer.get_metadata_routing().score.requests == {"sample_weight": None, "offset": None}
    both = changed.set_score_request(offset="exposure")
    assert repr(both) == f"{name}.set_score_request(sample_weight=True, offset='exposure')"
    assert both.set_score_request(offset=None) == changed
    assert changed.set_score_request() == changed
    assert changed.set_score_request(sample_weight=None) == scorer
    with pytest.raises(ValueError, match="alias"):
        scorer.set_score_request(sample_weight="not a name")
    with pytest.raises(TypeError, match="groups"):
        scorer.set_score_request(groups=True)


def test_a_request_needs_routing():
    with pytest.raises(RuntimeError, match="enable_metadata_routing=True"):
        log_likelihood_scorer.set_score_request(sample_weight=True)


@pytest.mark.parametrize("scorer", SCORERS)
def test_scorers_are_values(scorer):
    assert getattr(skinfo.metrics, repr(scorer)) is scorer
    assert repr(scorer) in skinfo.metrics.__all__
    assert pickle.loads(pickle.dumps(scorer)) == scorer
    assert clone(scorer) == scorer
    assert clone(GridSearchCV(GaussianMixture(), {}, scoring=scorer)).scoring == scorer


def test_estimators_that_cannot_be_scored(labelled, rows):
    X, y = labelled
    for scorer in CLASSIFIER_SCORERS:
        with pytest.raises(TypeError, match="LinearRegression has no predict_proba"):
            scorer(LinearRegression().fit(X, y == "ham"), X, y)
        with pytest.raises(TypeError, match="GaussianMixture has no classes_"):
            scorer(GaussianMixture().fit(X), X, y)
        with pytest.raises(NotFittedError):
            scorer(LogisticRegression(), X, y)
        with pytest.raises(ValueError, match="y is None"):
            scorer(LogisticRegression().fit(X, y), X)
    for scorer, method in zip(DENSITY_SCORERS, ["score_samples", "aic", "bic"]):
        with pytest.raises(TypeError, match=f"LinearRegression has no {method}"):
            scorer(LinearRegression().fit(X, y == "ham"), X)
    with pytest.raises(TypeError, match="KernelDensity has no bic"):
        neg_bic_scorer(KernelDensity().fit(rows), rows)
    with pytest.raises(ValueError, match="sample_weight"):
        log_likelihood_scorer(GaussianMixture().fit(rows), rows, sample_weight=[1.0, 2.0])


@pytest.mark.parametrize("scorer", SCORERS)
def test_scores_in_bits(scorer, labelled):
    X, y = labelled
    model = LogisticRegression().fit(X, y) if scorer in CLASSIFIER_SCORERS else GaussianMixture().fit(X)
    bits = scorer.in_base(2)
    assert bits(model, X, y) == pytest.approx(scorer(model, X, y) / np.log(2))
    assert bits.in_base(None) == scorer
    assert repr(bits) == f"{scorer!r}.in_base(2)"
    assert cross_val_score(model, X, y, scoring=bits).shape == (5,)
    with pytest.raises(ValueError, match="base must be a positive number other than 1"):
        scorer.in_base(1)
