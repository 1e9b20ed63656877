"""FamilySearch: the right family, the criteria as they are defined, failures told, an estimator like others."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from skinfo import FamilySearch, ParametricDensity, kl_divergence
from skinfo.families import get_family
from skinfo.metrics import log_likelihood_scorer

POSITIVE = ["expon", "gamma", "lognorm", "weibull_min", "norm"]


@parametrize_with_checks([FamilySearch(), FamilySearch(["norm", "t"], criterion="cross_entropy")])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("n", [400, 30_000])
@pytest.mark.parametrize("name", ["gamma", "lognorm", "weibull_min"])
def test_the_family_that_the_rows_came_from(name, n):
    family = get_family(name)
    law = family.freeze(family.examples[0])
    search = FamilySearch(POSITIVE).fit(law.rvs((n, 1), random_state=0))
    assert search.best_family_ == name
    assert search.best_estimator_.converged_
    assert search.params_ == search.best_estimator_.params_
    assert search.n_parameters_ == 2


@pytest.mark.parametrize("criterion", ["bic", "aic", "aicc"])
def test_criteria_are_those_of_a_fit_to_the_rows(criterion):
    x = stats.gamma(2.5).rvs((20_000, 1), random_state=1)
    weights = np.random.default_rng(0).integers(0, 3, len(x)).astype(float)
    search = FamilySearch(POSITIVE, criterion=criterion).fit(x, sample_weight=weights)
    table = pd.DataFrame(search.results_).set_index("family")
    n = weights.sum()
    for name in POSITIVE:
        density, row = ParametricDensity(name).fit(x, sample_weight=weights), table.loc[name]
        k = density.n_parameters_
        assert_allclose(row.log_likelihood, density.log_likelihood_, atol=1e-6, rtol=1e-12)
        assert_allclose(row.aic, density.aic(x, sample_weight=weights), rtol=1e-11)
        assert_allclose(row.bic, density.bic(x, sample_weight=weights), rtol=1e-11)
        assert_allclose(row.aicc, row.aic + 2 * k * (k + 1) / (n - k - 1), rtol=1e-12)
        assert row.n_parameters == k
    assert_allclose(table.difference, table[criterion] - table[criterion].min())
    assert_allclose(table.weight.sum(), 1)
    assert table["rank"].sort_values().tolist() == [1, 2, 3, 4, 5]
    assert search.best_family_ == table["rank"].idxmin()
    assert_allclose(
        search.bic(x, sample_weight=weights), table.bic.min() if criterion == "bic" else search.bic(x, weights)
    )


@pytest.mark.parametrize("n", [300, 20_000])
def test_held_out_cross_entropy_is_that_of_a_cross_validation(n):
    x = stats.weibull_min(1.5).rvs((n, 1), random_state=2)
    folds = KFold(4, shuffle=True, random_state=0)
    search = FamilySearch(POSITIVE, criterion="cross_entropy", cv=folds).fit(x)
    table = pd.DataFrame(search.results_).set_index("family")
    for name in POSITIVE:
        scores = cross_val_score(ParametricDensity(name), x, cv=folds, scoring=log_likelihood_scorer)
        assert_allclose(table.loc[name].cross_entropy, -scores.mean(), rtol=1e-6)
    assert search.best_family_ == "weibull_min"
    assert np.isnan(FamilySearch(POSITIVE).fit(x).results_["cross_entropy"]).all()


def test_a_held_out_row_outside_the_support_costs_infinity():
    x = np.append(stats.norm.rvs(size=20_000, random_state=0), 50.0)[:, None]
    search = FamilySearch(["norm", get_family("gamma")], criterion="cross_entropy").fit(x)
    (message,) = (m for f, m in zip(search.results_["family"], search.results_["message"]) if f == "gamma")
    assert "outside the support" in message
    bounded = FamilySearch(["pareto", "lognorm"], criterion="cross_entropy", cv=2).fit(np.exp(np.sort(x, axis=0)[::-1]))
    assert dict(zip(bounded.results_["family"], bounded.results_["cross_entropy"]))["pareto"] == math.inf
    assert bounded.best_family_ == "lognorm"


def test_candidates_are_what_holds_the_column():
    frame = pd.DataFrame(
        {
            "line": stats.norm.rvs(size=300, random_state=0),
            "half": stats.gamma(2.0).rvs(300, random_state=0),
            "unit": stats.beta(2, 3).rvs(300, random_state=0),
            "count": stats.poisson(4).rvs(300, random_state=0),
        }
    )
    search = FamilySearch().fit(frame)
    results = pd.DataFrame(search.results_)
    tried = results[results["time"] > 0].groupby("column")["family"].agg(set)
    reasons = results.set_index(["column", "family"])["message"]
    assert "outside the support (0, inf) of gamma" in reasons["line", "gamma"]
    assert reasons["half", "chi"] == "the same distributions as nakagami"
    assert reasons["count", "binom"].startswith("n is an integer that is not estimated; give it, as in fixed={'n': ")
    assert reasons["count", "norm"].startswith("continuous, and column 'count' of X holds whole numbers with ")
    assert reasons["line", "vonmises"] == "for angles; name it in families"
    assert "gamma" not in tried["line"]
    assert {"norm", "t", "gamma", "lognorm"} <= tried["half"]
    assert "beta" not in tried["half"]
    assert {"beta", "gamma", "norm"} <= tried["unit"]
    assert {"poisson", "nbinom"} <= tried["count"]
    assert not {"norm", "gamma", "geom"} & tried["count"]
    assert len(search.best_family_) == 4
    assert search.score_samples(frame).shape == (300,)
    assert_allclose(search.score_samples(frame), search.best_estimator_.score_samples(frame))
    assert search.sample(7, random_state=0).shape == (7, 4)
    assert list(search.feature_names_in_) == list(frame.columns)


def test_columns_in_parallel_give_the_same():
    X = load_breast_cancer().data[:, :4]
    one, two = FamilySearch(POSITIVE).fit(X), FamilySearch(POSITIVE, n_jobs=2).fit(X)
    assert one.best_family_ == two.best_family_
    for key in ("family", "bic", "rank"):
        np.testing.assert_array_equal(one.results_[key], two.results_[key])


def test_a_failure_does_not_end_the_search():
    x = np.random.default_rng(0).normal(size=(50, 1))
    search = FamilySearch(["gamma", "poisson", "norm"]).fit(x)
    messages = dict(zip(search.results_["family"], search.results_["message"]))
    assert "outside the support (0, inf) of gamma" in messages["gamma"]
    assert "poisson is a law of integers" in messages["poisson"]
    assert messages["norm"] == ""
    assert search.best_family_ == "norm"
    with pytest.raises(
        ValueError, match=r"no family can be fitted to column 0 of X; pass others.* gamma: column 0 of X"
    ):
        FamilySearch(["gamma"]).fit(x)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"criterion": "mse"}, "criterion must be one of 'bic', 'aic', 'aicc', 'cross_entropy'; got 'mse'"),
        ({"families": "all"}, "families must be 'auto', 'continuous', 'discrete' or a list of families; got 'all'"),
        ({"families": []}, "families is empty"),
        ({"families": ["gama"]}, "did you mean 'gamma'"),
        ({"families": ["multivariate_normal"]}, "takes all columns jointly"),
        ({"cv": 1, "criterion": "cross_entropy"}, "cv=1 folds need at least 2"),
        (
            {"cv": [([], [0])], "criterion": "cross_entropy"},
            "cv must give rows to fit and rows to hold out; fold 0 has 0",
        ),
        ({"fixed": {"q": 1}}, "fixed names 'q', which no column's family has"),
    ],
)
def test_settings_that_make_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        FamilySearch(**options).fit(np.arange(1.0, 9.0)[:, None] ** 1.1)


@pytest.mark.parametrize("families", [None, 3])
def test_families_that_are_no_list(families):
    with pytest.raises(TypeError, match=f"families must be 'auto', .* or a list of families; got {families}"):
        FamilySearch(families).fit(np.arange(1.0, 9.0)[:, None])


FLOWS = np.array(
    [
        *(212, 213, 222, 161, 173, 183, 108, 152, 193, 230, 177),
        *(243, 195, 268, 193, 82, 112, 135, 149, 118, 162, 130),
    ]
)


@pytest.mark.parametrize("unit", [1.0, 2.0, 1000.0])
def test_whole_numbers_that_are_recorded_real_ones(unit):
    search = FamilySearch().fit(unit * FLOWS[:, None])
    table = pd.DataFrame(search.results_).set_index("family")
    assert search.best_family_ == "weibull_min"
    assert {"skellam", "nbinom", "norm", "lognorm"} <= set(table.index[table.message == ""])
    law = ParametricDensity("norm").fit(unit * FLOWS[:, None]).distributions_[0]
    masses = np.log(law.cdf(unit * (FLOWS + 0.5)) - law.cdf(unit * (FLOWS - 0.5))).sum()
    assert_allclose(table.log_likelihood["norm"], masses, rtol=1e-9)
    same = pd.DataFrame(FamilySearch(["norm", "lognorm"]).fit(unit * FLOWS[:, None]).results_).set_index("family")
    assert_allclose(same.log_likelihood["norm"], law.logpdf(unit * FLOWS).sum(), rtol=1e-9)  # of one kind: by densities
    if unit == 1:
        skellam = ParametricDensity("skellam").fit(FLOWS[:, None])
        assert_allclose(table.log_likelihood["skellam"], skellam.log_likelihood_, rtol=1e-9)


def test_masses_held_out():
    x = np.random.default_rng(0).normal(100, 8, size=(300, 1)).round()
    search = FamilySearch(["norm", "poisson"], criterion="cross_entropy", cv=3).fit(x)
    table = pd.DataFrame(search.results_).set_index("family")
    losses = []
    for train, test in KFold(3).split(x):
        law = ParametricDensity("norm").fit(x[train]).distributions_[0]
        losses.append(-np.log(law.cdf(x[test] + 0.5) - law.cdf(x[test] - 0.5)).mean())
    assert_allclose(table.cross_entropy["norm"], np.mean(losses), rtol=1e-8)
    assert search.best_family_ == "norm"


def test_the_kind_of_family_can_be_chosen():
    x = np.random.default_rng(0).poisson(4, size=(300, 1))
    kinds = {kind: FamilySearch(kind).fit(x).results_["family"] for kind in ("continuous", "discrete")}
    assert {"norm", "gamma"} <= set(kinds["continuous"])
    assert not {"poisson", "geom"} & set(kinds["continuous"])
    assert {"poisson", "geom"} <= set(kinds["discrete"])
    assert not {"norm", "gamma"} & set(kinds["discrete"])


def test_a_uniform_law_is_found_wherever_it_is():
    x = np.random.default_rng(0).uniform(2, 7, size=(300, 1))
    assert FamilySearch().fit(x).best_family_ == "uniform"


def test_fixed_in_every_candidate_that_has_it():
    x = 5 + np.random.default_rng(0).gamma(2.0, size=(400, 1))
    search = FamilySearch(["gamma", "lognorm", "norm"], fixed={"loc": 5.0, "s": 1.0}).fit(x)
    table = pd.DataFrame(search.results_).set_index("family")
    assert {params["loc"] for params in table.params} == {5.0}
    assert table.params["lognorm"]["s"] == 1.0
    assert table.n_parameters.to_dict() == {"gamma": 2, "lognorm": 1, "norm": 1}
    assert search.best_family_ == "gamma"
    assert search.best_estimator_.free_params_ == [("a", "scale")]
    counts = np.random.default_rng(0).binomial(9, 0.3, size=(400, 1))
    assert FamilySearch(fixed={"n": 9}).fit(counts).best_family_ == "binom"
    by_column = FamilySearch(["expon"], fixed=[None, {"loc": None}]).fit(np.hstack([x, x]))
    assert by_column.best_estimator_.params_[0]["loc"] == 0
    assert by_column.best_estimator_.params_[1]["loc"] == x.min()
    chis = pd.DataFrame(FamilySearch(fixed={"scale": 1.0}).fit(x).results_).set_index("family").message
    assert "same" not in chis["chi"]


def test_cv_that_is_not_used_is_said():
    with pytest.warns(UserWarning, match=r"cv is not used: criterion='bic' holds no rows out"):
        FamilySearch(["norm"], cv=5).fit(np.arange(9.0)[:, None])


def test_it_is_an_estimator(capsys):
    x = stats.lognorm(0.5).rvs((200, 1), random_state=3)
    search = clone(FamilySearch(POSITIVE, verbose=1)).fit(x)
    printed = capsys.readouterr().out
    assert printed.count("[FamilySearch] column 0 of X, ") == 5
    again = pickle.loads(pickle.dumps(search))
    assert_allclose(again.score(x), search.score(x))
    pipeline = make_pipeline(FunctionTransformer(np.log), FamilySearch(["norm", "t"])).fit(x)
    assert pipeline[-1].best_family_ == "norm"
    assert math.isfinite(pipeline.score(x))
    assert kl_divergence(search, stats.lognorm(0.5)) < 0.1
    with pytest.raises(AttributeError, match="after fit"):
        _ = FamilySearch().params_


def test_own_distributions_are_candidates():
    class Triangle(stats.rv_continuous):
        def _logpdf(self, x):
            return np.log(2 * x)

    own = Triangle(a=0.0, b=1.0, name="triangle")
    x = np.sqrt(np.random.default_rng(0).uniform(size=(500, 1)))
    search = FamilySearch([own, "uniform"]).fit(x)
    assert search.best_family_ == "triangle"


def test_callbacks_see_every_candidate():
    callback = pytest.importorskip("sklearn.callback")
    seen = []

    class Count:
        def setup(self, estimator, context):
            seen.append("setup")

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context):
            seen.append(context.task_name)

        def teardown(self, estimator, context):
            seen.append("teardown")

    assert isinstance(Count(), callback.FitCallback)
    FamilySearch(POSITIVE).set_callbacks(Count()).fit(np.arange(1.0, 99.0)[:, None] ** 1.1)
    assert seen == ["setup", *["candidate"] * 5, "fit", "teardown"]


def test_columns_of_extreme_size():
    x = np.random.default_rng(0).gamma(2.0, size=(100, 1))
    assert FamilySearch(["gamma", "norm"]).fit(1e140 * x).best_family_ == "gamma"
    assert (
        "norm" in FamilySearch().fit(1e140 * x).results_["family"]
    )  # no counts, though every such float is an integer
    with pytest.raises(
        ValueError, match="whose squares are out of the range of floating-point numbers; change the unit"
    ):
        FamilySearch().fit(1e-300 * x)
