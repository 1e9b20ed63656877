"""Many columns fitted at once: each as by itself, and those that can't be, by themselves."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skinfo import ParametricDensity
from skinfo.families import get_family, registered_families
from skinfo.likelihood import fit_columns

TOGETHER = [name for name in registered_families() if getattr(get_family(name), "column_starts", None)]


def draw(name, n=40, p=30):
    family = get_family(name)
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **family.examples[0]}
    return family.freeze(theta).rvs((n, p), random_state=5).astype(float)


def assert_each_is_as_by_itself(together, X, weights=None, **options):
    for j in range(X.shape[1]):
        alone = ParametricDensity(**options).fit(X[:, [j]], sample_weight=weights)
        for key, error in alone.standard_errors_[0].items():
            assert abs(together.params_[j][key] - alone.params_[0][key]) <= 2e-6 * error
            assert_allclose(together.standard_errors_[j][key], error, rtol=1e-6)
        assert_allclose(together._fits[j].log_likelihood, alone.log_likelihood_, rtol=1e-10)
        assert list(together.params_[j]) == list(alone.params_[0])


@pytest.mark.parametrize("name", TOGETHER)
@pytest.mark.parametrize("weighted", [False, True])
def test_each_column_is_as_by_itself(name, weighted):
    X = draw(name)
    weights = np.random.default_rng(0).integers(0, 4, len(X)).astype(float) if weighted else None
    found = fit_columns(get_family(name), X, weights, None, list(range(30)), tol=1e-6)
    assert all(found)
    together = ParametricDensity(name).fit(X, sample_weight=weights)
    assert together.converged_
    assert_each_is_as_by_itself(together, X, weights, family=name)


def test_fixed_parameters_and_laws_by_column():
    X = draw("gamma", p=24)
    together = ParametricDensity("gamma", fixed={"a": 2.0, "loc": 0.0}).fit(X)
    assert_each_is_as_by_itself(together, X, family="gamma", fixed={"a": 2.0, "loc": 0.0})
    laws = ["norm", "gamma", "lognorm"] * 8
    mixed = ParametricDensity(laws).fit(X)
    for j, law in enumerate(laws):
        alone = ParametricDensity(law).fit(X[:, [j]])
        assert_allclose(list(mixed.params_[j].values()), list(alone.params_[0].values()), rtol=1e-7)
    assert (
        fit_columns(get_family("norm"), X, None, {"loc": 0.0, "scale": 1.0}, list(range(24)), tol=1e-6) == [None] * 24
    )


def test_columns_of_any_size():
    X = draw("gamma", n=200, p=20) * np.logspace(-100, 100, 20)
    assert_each_is_as_by_itself(ParametricDensity("gamma").fit(X), X, family="gamma")
    X = np.random.default_rng(0).normal(size=(200, 20)) + np.logspace(0, 12, 20)
    assert_each_is_as_by_itself(ParametricDensity("norm").fit(X), X, family="norm")


def test_columns_that_need_care_get_it():
    X = draw("gamma", p=12)
    X[:, 3] = 1 + 1e-9 * X[:, 3]  # concentrated
    found = fit_columns(get_family("gamma"), X, None, None, list(range(12)), tol=1e-6)
    assert found[3] is None
    X[:, 3] = 2.0
    with pytest.raises(ValueError, match="column 3 of X is constant"):
        ParametricDensity("gamma").fit(X)
    X[0, 3] = -1.0
    with pytest.raises(ValueError, match=r"column 3 of X contains -1, outside the support \(0, inf\) of gamma"):
        ParametricDensity("gamma").fit(X)
    counts = draw("poisson", p=12)
    counts[2, 5] = 0.5
    with pytest.raises(ValueError, match=r"column 5 of X contains 0\.5, but poisson is a law of integers"):
        ParametricDensity("poisson").fit(counts)
