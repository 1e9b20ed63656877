"""Fits to batches: the same as one fit to all rows, whatever the batches."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skinfo import ParametricDensity
from skinfo.families import get_family, registered_families

UNIVARIATE = [get_family(name) for name in registered_families() if not get_family(name).joint]
STREAMED = [f.name for f in UNIVARIATE if f.smooth and "integer" not in (f.shapes or {}).values()]
BATCHES = [[1, 3, 40, 900, 9000], [4000, 8000], []]


def draw(name, n=12_000):
    family = get_family(name)
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **family.examples[0]}
    return family.freeze(theta).rvs((n, 1), random_state=4).astype(float)


def assert_same(streamed, whole):
    assert whole.converged_ == streamed.converged_
    for params, expected, errors in zip(streamed.params_, whole.params_, whole.standard_errors_):
        for key, error in errors.items():
            room = 2e-6 * error if np.isfinite(error) else 1e-12 * abs(expected[key])
            assert abs(params[key] - expected[key]) <= room, key
    assert_allclose(streamed.log_likelihood_, whole.log_likelihood_, rtol=1e-9)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # of the first few rows
@pytest.mark.parametrize("cuts", BATCHES, ids=len)
@pytest.mark.parametrize("name", STREAMED)
def test_the_answer_is_that_of_one_fit(name, cuts):
    x = draw(name)
    whole, streamed = ParametricDensity(name).fit(x), ParametricDensity(name)
    for batch in np.split(x, cuts):
        streamed.partial_fit(batch)
    assert_same(streamed, whole)
    assert streamed.certified_on_ == "compressed sample"
    assert whole.certified_on_ == "rows"


def test_weights_and_columns():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.gamma(2.5, size=6000), "b": random.standard_t(4, 6000)})
    weights = random.integers(0, 3, 6000)
    laws = {"a": "weibull_min", "b": "t"}
    whole, streamed = ParametricDensity(laws).fit(frame, sample_weight=weights), ParametricDensity(laws)
    for start in range(0, 6000, 1500):
        batch = slice(start, start + 1500)
        assert streamed.partial_fit(frame[batch], sample_weight=weights[batch]) is streamed
    assert_same(streamed, whole)
    with pytest.raises(ValueError, match="feature names should match"):
        streamed.partial_fit(frame.rename(columns={"a": "c"}))


def test_fit_starts_afresh():
    x = draw("gamma")
    density = ParametricDensity("gamma").partial_fit(x).fit(x[:500]).partial_fit(x[500:1000])
    assert density.params_ == ParametricDensity("gamma").partial_fit(x[500:1000]).params_


def test_rows_too_few_to_fit_are_kept():
    with pytest.warns(ConvergenceWarning, match="the rows are kept, but can't be fitted yet: .* is constant"):
        density = ParametricDensity("norm").partial_fit([[1.0]])
    with pytest.raises(NotFittedError):
        density.score_samples([[1.0]])
    density.partial_fit([[1.0], [4.0]])
    assert_allclose(density.params_[0]["loc"], 2.0, rtol=1e-14)
    assert_allclose(density.params_[0]["scale"], np.sqrt(2), rtol=1e-14)


def test_a_batch_that_is_refused_leaves_no_trace():
    x = draw("gamma", 200)
    density = ParametricDensity("gamma").partial_fit(x)
    before = density.params_
    with pytest.raises(ValueError, match="outside the support"):
        density.partial_fit([[1.0], [-1.0]])
    assert density.params_ == before
    density.partial_fit(x[:5])
    assert_allclose(
        density.params_[0]["a"],
        ParametricDensity("gamma").partial_fit(np.vstack([x, x[:5]])).params_[0]["a"],
        rtol=1e-9,
    )
    counts = ParametricDensity("poisson").partial_fit([[1], [2]])
    with pytest.raises(ValueError, match="poisson is a law of integers"):
        counts.partial_fit([[0.5]])


@pytest.mark.parametrize(
    ("family", "fixed", "message"),
    [
        ("laplace", None, "laplace ends or has a kink at a point that is estimated.* more than 65,536 distinct"),
        (
            "gamma",
            {"loc": None},
            "gamma ends or has a kink .*Fix loc and scale of that end in fixed, round the values, or pass all",
        ),
        ("beta", {"scale": None}, "beta ends or has a kink at a point that is estimated"),
        ("multivariate_normal", None, "multivariate_normal is not fitted to batches"),
        ("gamma", {"b": 1}, "fixed names 'b'"),
    ],
)
def test_what_cannot_be_followed_is_refused(family, fixed, message):
    with pytest.raises(ValueError, match=message):
        ParametricDensity(family, fixed=fixed).partial_fit(draw("gamma", 70_000) / 100)


def test_edges_of_the_support_are_followed():
    x = stats.uniform(2, 3).rvs((5000, 1), random_state=0)
    free = {"loc": None, "scale": None}
    whole, streamed = ParametricDensity("uniform", fixed=free).fit(x), ParametricDensity("uniform", fixed=free)
    for batch in np.array_split(x, 7):
        streamed.partial_fit(batch)
    assert streamed.params_ == whole.params_


def test_memory_maps(tmp_path):
    x = draw("weibull_min", 50_000)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert_same(ParametricDensity("weibull_min").fit(mapped), ParametricDensity("weibull_min").fit(x))


@pytest.mark.parametrize("compression", ["no", True, 0, 3.5, 2000, None])
def test_compression_is_auto_or_false_or_a_number_of_bins(compression):
    with pytest.raises(ValueError, match="compression must be 'auto', False or a number of bins from 1 to 1024"):
        ParametricDensity("t", compression=compression).fit(np.arange(9.0)[:, None])


@pytest.mark.parametrize("compression", ["auto", False, 8, 64, 500])
def test_compression_does_not_change_the_answer(compression):
    x = draw("t", 20_000)
    assert_same(
        ParametricDensity("t", compression=compression).fit(x), ParametricDensity("t", compression=False).fit(x)
    )


def test_warnings_come_from_the_call_that_fitted():
    x = stats.binom(20, 0.4).rvs((500, 1), random_state=0)
    with pytest.warns(ConvergenceWarning, match="still increases as n -> inf") as caught:
        ParametricDensity("nbinom").partial_fit(x)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("family", "fixed"),
    [("laplace", None), ("gamma", {}), ("laplace_asymmetric", None), ("triang", None)],
)
def test_laws_with_moving_kinks_and_ends_are_fitted_to_rounded_values(family, fixed):
    x = stats.triang(0.3).rvs((30_000, 1), random_state=0).round(3).clip(1e-3, 0.999)
    x = x if family in ("triang", "gamma") else 10 * x
    whole, streamed = ParametricDensity(family, fixed=fixed).fit(x), ParametricDensity(family, fixed=fixed)
    for batch in np.array_split(x, 5):
        streamed.partial_fit(batch)
    assert_same(streamed, whole)
