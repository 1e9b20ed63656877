"""ParametricDensity as an estimator."""

import pickle
import warnings

import mpmath
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning, NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import check_estimator

from skinfo import FamilySearch, ParametricDensity

RANDOM = np.random.default_rng(0)
POSITIVE = RANDOM.gamma(2.5, 3.0, size=(300, 1))


@pytest.mark.parametrize("family", ["norm", "logistic"])
def test_scikit_learn_checks(family):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SkipTestWarning)
        check_estimator(ParametricDensity(family))


def test_fit_reports_what_it_estimated():
    density = ParametricDensity("gamma").fit(POSITIVE)
    (params,) = density.params_
    assert list(params) == ["a", "loc", "scale"]
    assert params["loc"] == 0
    assert density.free_params_ == [("a", "scale")]
    assert density.n_parameters_ == 2
    assert density.converged_
    assert density.newton_decrement_ <= density.tol
    assert density.log_likelihood_ == pytest.approx(stats.gamma(**params).logpdf(POSITIVE).sum(), rel=1e-13)
    errors = np.sqrt(np.diag(density.covariance_[0]))
    np.testing.assert_allclose(list(density.standard_errors_[0].values()), errors)


def test_score_is_the_weighted_mean_of_score_samples():
    density = ParametricDensity("lognorm").fit(POSITIVE)
    weights = np.random.default_rng(1).integers(0, 4, len(POSITIVE))
    log_probs = density.score_samples(POSITIVE)
    np.testing.assert_allclose(log_probs, density.distributions_[0].logpdf(POSITIVE[:, 0]), rtol=1e-12)
    assert density.score(POSITIVE, sample_weight=weights) == pytest.approx(np.average(log_probs, weights=weights))
    total, n = log_probs @ weights, weights.sum()
    assert density.aic(POSITIVE, weights) == pytest.approx(-2 * total + 4)
    assert density.bic(POSITIVE, weights) == pytest.approx(-2 * total + 2 * np.log(n))


@pytest.mark.parametrize("family", ["norm", "gamma", "weibull_min", "logistic", "multivariate_normal"])
def test_weights_are_frequencies(family):
    X = load_iris().data[:, :2]
    weights = np.random.default_rng(2).integers(0, 4, len(X))
    weighted = ParametricDensity(family).fit(X, sample_weight=weights)
    repeated = ParametricDensity(family).fit(np.repeat(X, weights, axis=0))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-12)
    for ours, theirs in zip(weighted.covariance_, repeated.covariance_):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-12)


def test_one_law_for_each_column():
    X = pd.DataFrame({"size": POSITIVE[:, 0], "count": RANDOM.poisson(3, 300)})
    by_list = ParametricDensity(["gamma", "poisson"]).fit(X)
    by_name = ParametricDensity({"count": "poisson", "size": stats.gamma}).fit(X)
    assert by_list.params_ == by_name.params_
    np.testing.assert_array_equal(by_name.feature_names_in_, ["size", "count"])
    columns = [
        law.logpdf(X["size"]) if i == 0 else law.logpmf(X["count"]) for i, law in enumerate(by_list.distributions_)
    ]
    np.testing.assert_allclose(by_list.score_samples(X), np.sum(columns, axis=0), rtol=1e-12)
    sample = by_list.sample(5, random_state=0)
    assert sample.shape == (5, 2)
    np.testing.assert_array_equal(sample[:, 1], np.round(sample[:, 1]))
    np.testing.assert_array_equal(sample, by_list.sample(5, random_state=0))


def test_fixed_for_all_or_for_each_column():
    X = np.hstack([POSITIVE, POSITIVE**2])
    one = ParametricDensity("gamma", fixed={"loc": 0.0, "a": 2.0}).fit(X)
    assert [p["a"] for p in one.params_] == [2.0, 2.0]
    assert one.n_parameters_ == 2
    assert one.params_[0]["scale"] == pytest.approx(X[:, 0].mean() / 2)
    each = ParametricDensity("gamma", fixed=[{"loc": 0.0, "a": 2.0}, None]).fit(X)
    assert each.n_parameters_ == 3
    named = ParametricDensity("gamma", fixed={"x": None, "y": {"scale": 1.0, "loc": 0}}).fit(
        pd.DataFrame(X, columns=["x", "y"])
    )
    assert named.params_[1]["scale"] == 1.0
    added = ParametricDensity("gamma", fixed={"a": 2.0}).fit(X[:, :1])
    assert added.params_ == one.params_[:1]
    assert added.free_params_ == [("scale",)]
    shifted = ParametricDensity("gamma", fixed={"loc": None}).fit(POSITIVE + 100)
    assert shifted.params_[0]["loc"] == pytest.approx(100, abs=1)


def test_multivariate_normal_takes_the_columns_jointly():
    X = load_iris().data
    density = ParametricDensity("multivariate_normal").fit(X)
    (params,) = density.params_
    np.testing.assert_allclose(params["mean"], X.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(params["cov"], np.cov(X.T, bias=True), rtol=1e-13)
    assert density.n_parameters_ == 14
    reference = stats.multivariate_normal(params["mean"], params["cov"]).logpdf(X)
    np.testing.assert_allclose(density.score_samples(X), reference, rtol=1e-11)
    assert density.sample(3, random_state=0).shape == (3, 4)


def test_chosen_by_grid_search_and_in_a_pipeline():
    families = ["expon", "gamma", "lognorm", "norm"]
    search = GridSearchCV(ParametricDensity(), {"family": families}, cv=5).fit(POSITIVE)
    scores = [cross_val_score(ParametricDensity(f), POSITIVE, cv=5).mean() for f in families]
    assert search.best_params_["family"] == families[int(np.argmax(scores))] == "gamma"
    pipeline = make_pipeline(MinMaxScaler((0.1, 0.9)), ParametricDensity("beta")).fit(POSITIVE)
    assert np.isfinite(pipeline.score(POSITIVE))


def test_input_is_not_modified_and_float32_is_read():
    X = POSITIVE.copy()
    X.flags.writeable = False
    wide = ParametricDensity("gamma").fit(X)
    narrow = ParametricDensity("gamma").fit(X.astype(np.float32))
    np.testing.assert_array_equal(X, POSITIVE)
    assert narrow.params_[0]["a"] == pytest.approx(wide.params_[0]["a"], rel=1e-5)
    column_major = ParametricDensity(["gamma", "norm"]).fit(np.asfortranarray(np.hstack([X, X])))
    assert column_major.params_[0] == wide.params_[0]


@pytest.mark.parametrize("family", ["gamma", stats.gumbel_r, "multivariate_normal"])
def test_pickle_and_clone(family):
    density = ParametricDensity(family).fit(POSITIVE)
    again = pickle.loads(pickle.dumps(density))
    np.testing.assert_array_equal(again.score_samples(POSITIVE), density.score_samples(POSITIVE))
    assert not hasattr(clone(density), "params_")


def test_a_fit_that_does_not_arrive_says_so():
    with pytest.warns(ConvergenceWarning, match=r"standard errors from a maximum after 1 steps.*increase max_iter"):
        density = ParametricDensity("weibull_min", max_iter=1, tol=1e-12).fit(POSITIVE)
    assert not density.converged_
    underdispersed = np.random.default_rng(0).binomial(10, 0.3, size=(500, 1))
    with pytest.warns(ConvergenceWarning, match="use family='poisson'"):
        ParametricDensity("nbinom").fit(underdispersed)
    with pytest.warns(ConvergenceWarning, match="use family='norm'"):
        ParametricDensity("t").fit(np.random.default_rng(2).normal(size=(500, 1)))


@pytest.mark.parametrize(
    ("settings", "X", "message"),
    [
        ({}, [[np.nan], [1.0]], "NaN"),
        ({}, [[np.inf], [1.0]], "infinity"),
        ({"family": "gamma"}, [[1.0], [-2.0]], r"X contains -2, outside the support \(0, inf\) of gamma"),
        ({"family": "beta"}, [[0.5], [1.5]], r"X contains 1.5, outside the support"),
        ({"family": "poisson"}, [[1.0], [2.5]], r"X contains 2.5, but poisson is a law of integers"),
        ({"family": "gama"}, [[1.0], [2.0]], r"family='gama' is not a distribution.*did you mean .*'gamma'"),
        ({"family": "norm"}, [[3.0], [3.0]], "X is constant"),
        ({"family": "gamma"}, [[3.0], [3.0]], "X is constant"),
        ({"family": "t"}, [[3.0], [4.0]], "X has 2 distinct values.*too few for the 3 free parameters"),
        ({"family": ["norm", "norm"]}, [[1.0], [2.0]], "family has 2 entries for 1 columns"),
        ({"family": {"a": "norm"}}, [[1.0], [2.0]], "family must have the columns of X as keys"),
        ({"family": ["multivariate_normal"]}, [[1.0], [2.0]], "takes all columns jointly"),
        ({"family": "multivariate_normal"}, [[1.0, 2.0], [2.0, 2.0], [0.0, 2.0]], "column 1 of X is constant"),
        ({"fixed": {"a": 1.0}}, [[1.0], [2.0]], "fixed names 'a', which no column.s family has"),
        ({"fixed": {"scale": -1.0}}, [[1.0], [2.0]], "fixed.'scale'.=-1.0 is outside the domain"),
        ({"tol": 0.0}, [[1.0], [2.0]], "tol must be a positive number"),
        ({"max_iter": 0}, [[1.0], [2.0]], "max_iter must be a positive integer"),
        ({"family": "gamma", "fixed": {"loc": None}}, 1 + RANDOM.exponential(size=(50, 1)) ** 2, "unbounded"),
    ],
)
def test_bad_input(settings, X, message):
    density = ParametricDensity(**settings)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        density.fit(X)
    assert not hasattr(density, "params_")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, -1.0, 1.0], r"sample_weight\[1\] is -1"),
        ([0.0, 0.0, 0.0], "zero in every row"),
        ([1.0, 1.0], "one weight for each row"),
        ([1.0, np.nan, 1.0], "NaN or infinity"),
    ],
)
def test_bad_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        ParametricDensity().fit([[1.0], [2.0], [4.0]], sample_weight=weights)


def test_a_failed_fit_leaves_the_last_one_as_it_was():
    density = ParametricDensity("gamma").fit(POSITIVE)
    before = dict(vars(density))
    with pytest.raises(ValueError, match="outside the support"):
        density.fit(-POSITIVE)
    assert density.params_ == before["params_"]


def test_other_columns_than_in_fit():
    density = ParametricDensity().fit(pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 4.0]}))
    with pytest.raises(ValueError, match="feature names"):
        density.score_samples(pd.DataFrame({"a": [1.0], "c": [2.0]}))
    with pytest.raises(ValueError, match="3 features"):
        ParametricDensity().fit([[1.0, 2.0], [2.0, 3.0]]).score_samples([[1.0, 2.0, 3.0]])


def test_wrong_types():
    with pytest.raises(TypeError, match="not one frozen at its parameters"):
        ParametricDensity(stats.norm(0, 1)).fit(POSITIVE)
    with pytest.raises(TypeError, match="fixed must be None, a dict"):
        ParametricDensity(fixed=3).fit(POSITIVE)
    with pytest.raises(NotFittedError):
        ParametricDensity().score(POSITIVE)
    with pytest.raises(ValueError, match="n_samples must be a positive integer"):
        ParametricDensity().fit(POSITIVE).sample(0)


def test_outside_the_support_the_log_likelihood_is_minus_infinity():
    density = ParametricDensity("gamma").fit(POSITIVE)
    assert density.score_samples([[-1.0]])[0] == -np.inf
    assert density.score([[-1.0], [1.0]]) == -np.inf


def test_at_a_limit_the_density_is_the_distribution_found_there():
    x = stats.logistic().rvs((1000, 1), random_state=1)
    norm = ParametricDensity("norm").fit(x)
    with pytest.warns(ConvergenceWarning, match="a -> inf, where the distribution is norm") as caught:
        density = ParametricDensity("gamma", fixed={"loc": None}).fit(x)
    assert len(caught) == 1
    assert (density.status_, density.converged_) == ("limit", False)
    assert density.params_ == [{"a": np.inf, "loc": -np.inf, "scale": 0.0}]
    assert density.limits_ == [{"family": "norm", "params": norm.params_[0], "reflected": False}]
    assert density.log_likelihood_ == norm.log_likelihood_
    assert (density.score(x), density.aic(x), density.bic(x)) == (norm.score(x), norm.aic(x), norm.bic(x))
    assert_allclose(density.score_samples(x), norm.score_samples(x))
    assert_allclose(density.sample(5, random_state=0), norm.sample(5, random_state=0))
    assert_allclose(density.distributions_[0].logpdf(x), norm.distributions_[0].logpdf(x))
    assert norm.status_ == "maximum"
    assert norm.limits_ == [None]


def test_a_status_for_each_column():
    x = np.column_stack([stats.gamma(2).rvs(300, random_state=0), stats.binom(20, 0.5).rvs(300, random_state=0)])
    with pytest.warns(ConvergenceWarning, match="column 1 of X .*poisson"):
        density = ParametricDensity(["gamma", "nbinom"]).fit(x)
    assert density.status_ == ["maximum", "limit"]


def test_the_joint_limit_is_the_normal_family():
    x = np.random.default_rng(0).uniform(size=(500, 3))
    norm = ParametricDensity("multivariate_normal").fit(x)
    with pytest.warns(ConvergenceWarning, match="where the distribution is multivariate_normal"):
        density = ParametricDensity("multivariate_t").fit(x)
    assert density.status_ == "limit"
    assert density.params_[0]["df"] == np.inf
    assert density.bic(x) == norm.bic(x)
    assert_allclose(density.distributions_[0].logpdf(x), density.score_samples(x))


@pytest.mark.parametrize(
    ("family", "x"),
    [
        ("poisson", stats.poisson(1e12).rvs(1000, random_state=0)),
        ("nbinom", stats.nbinom(3, 3e-12).rvs(1000, random_state=0)),
        ("gumbel_r", 1e13 + stats.gumbel_r().rvs(300, random_state=0)),
        ("moyal", 1e13 + stats.moyal().rvs(300, random_state=0)),
        ("nakagami", np.append(stats.gamma(2).rvs(999, random_state=0), 5e-324)),
        ("gamma", np.append(stats.gamma(2).rvs(999, random_state=0), 5e-324)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_log_likelihood_of_large_and_tiny_values(family, x):
    X = x[:, None].astype(float)
    density = ParametricDensity(family).fit(X)
    assert density.converged_
    assert density.log_likelihood_ == pytest.approx(len(X) * density.score(X), rel=1e-12)


def test_log_likelihood_of_large_counts_to_thirty_digits():
    x = stats.poisson(1e14).rvs(200, random_state=0)
    density = ParametricDensity("poisson").fit(x[:, None].astype(float))
    with mpmath.workdps(40):
        mu = mpmath.mpf(density.params_[0]["mu"])
        right = sum(int(k) * mpmath.log(mu) - mu - mpmath.loggamma(int(k) + 1) for k in x)
    assert density.log_likelihood_ == pytest.approx(float(right), rel=1e-11)


# --- what is said of columns


FRAME = pd.DataFrame(
    {
        "fine": [1.0, 2.0, 3.0],
        "colour": ["red", "blue", "red"],
        "when": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-04"]),
        "gaps": [np.nan, np.nan, 1.0],
        "end": [1.0, np.inf, 2.0],
    }
)


@pytest.mark.parametrize("estimator", [ParametricDensity(), FamilySearch(["norm"])])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("colour", "X contains strings: 3 in column 'colour'; encode them"),
        ("when", "X contains dates or times: 3 in column 'when'; turn them into numbers"),
        ("gaps", "X contains NaN: 2 in column 'gaps'; impute them or leave those rows out"),
        ("end", "X contains infinity: 1 in column 'end'; replace them"),
    ],
)
def test_columns_that_hold_no_numbers_are_named_and_counted(estimator, name, message):
    for columns in ([name], ["fine", name]):
        with pytest.raises(ValueError, match=message):
            clone(estimator).fit(FRAME[columns])
    if name != "when":
        with pytest.raises(ValueError, match=message.replace(repr(name), "1")):
            clone(estimator).fit(FRAME[["fine", name]].to_numpy())


def test_many_columns_with_the_same_trouble_are_one_warning():
    X = np.random.default_rng(0).binomial(20, 0.4, size=(200, 12))
    with pytest.warns(ConvergenceWarning) as caught:
        ParametricDensity("nbinom").fit(X)
    (warning,) = caught
    assert str(warning.message).startswith(
        "12 columns have the same trouble (column 0 of X, column 1 of X, column 2 of X and 9 more): the likelihood of"
    )
    assert warning.filename == __file__


def test_degrees_are_asked_about():
    x = np.rad2deg(stats.vonmises(2.7, loc=1.5).rvs((60, 1), random_state=3)) % 360
    with pytest.warns(
        UserWarning, match=r"column 0 of X: .* turns of vonmises, which takes radians. Are they in degrees"
    ) as caught:
        ParametricDensity("vonmises").fit(x)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        degrees = ParametricDensity("vonmises", fixed={"scale": 180 / np.pi}).fit(x)
        radians = ParametricDensity("vonmises").fit(np.deg2rad(x))
    assert degrees.params_[0]["kappa"] == pytest.approx(radians.params_[0]["kappa"], rel=1e-6)


@pytest.mark.parametrize("n_samples", [True, 0, 1.5, "2"])
def test_numbers_of_samples_that_are_none(n_samples):
    with pytest.raises(ValueError, match="n_samples must be a positive integer"):
        ParametricDensity().fit(POSITIVE).sample(n_samples)
