"""Labels decide which outcome is which, and names which column."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.mixture import GaussianMixture

from skinfo import (
    ParametricDensity,
    alpha_divergence,
    cross_entropy,
    entropy,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    renyi_divergence,
    total_variation,
)

PAIRS = [
    *(cross_entropy, kl_divergence, js_divergence, jeffreys_divergence, total_variation, hellinger_distance),
    js_distance,
    lambda p, q, **options: renyi_divergence(p, q, 2, **options),
    lambda p, q, **options: alpha_divergence(p, q, 3, **options),
]
P = pd.Series({"x": 0.8, "y": 0.15, "z": 0.05})
Q = pd.Series({"z": 0.5, "x": 0.2, "y": 0.3})
ROWS, OTHERS = (pd.DataFrame([s, s[::-1].set_axis(s.index)], index=["i", "j"]) for s in (P, Q))


@pytest.mark.parametrize("function", PAIRS)
def test_series_and_frames_are_aligned(function):
    expected = function(P.to_numpy(), Q[P.index].to_numpy())
    assert function(P, Q) == expected
    assert function(P, Q.to_numpy()) == function(P.to_numpy(), Q.to_numpy())  # one alone has no say
    table = function(ROWS.to_numpy(), OTHERS[P.index].to_numpy())
    assert_array_equal(function(ROWS, OTHERS), table)
    assert_array_equal(function(ROWS, OTHERS[::-1]), table)  # rows too
    assert_array_equal(function(ROWS.T, OTHERS.T[::-1], axis=0), table)
    assert_array_equal(function(ROWS.T, Q, axis=0), function(ROWS.to_numpy(), Q[P.index].to_numpy()))
    assert_array_equal(function(pl.from_pandas(ROWS), pl.from_pandas(OTHERS)), table)
    assert_array_equal(function(ROWS, pl.from_pandas(OTHERS)), table)


def test_counts_of_categories():
    seen, now = (pd.Series(list(values)).value_counts() for values in ("xxxxxxxxyy", "xxyyyyyyyy"))
    assert_allclose(kl_divergence(seen, now, normalize=True), 0.6 * math.log(4), rtol=1e-14)
    bins = pd.cut(np.arange(10), [-1, 3, 6, 20])
    missing = pd.Series(["a", None, "b", "a"]).value_counts(dropna=False)
    for counts in (pd.Series(bins).value_counts(), missing):
        assert kl_divergence(counts, counts[::-1], normalize=True) == 0


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        (P, Q.rename({"x": "w"}), "labels of p and q differ: p alone has 'x' and q alone has 'w'. Reindex both"),
        (P, Q.reset_index(drop=True), "p alone has 'x', 'y', 'z' and q alone has 0, 1, 2"),
        (ROWS, OTHERS.set_axis([0, 1]), "p alone has 'i', 'j' and q alone has 0, 1"),
        (P, pd.Series([0.5, 0.25, 0.25], index=["x", "x", "y"]), "p alone has 'z'"),
        (P.set_axis(["x", "x", "y"]), Q.set_axis(["y", "x", "x"]), "repeat, and are not in one order"),
        (pl.DataFrame({"a": [1.0]}), pl.DataFrame({"b": [1.0]}), "p alone has 'a' and q alone has 'b'"),
    ],
)
def test_labels_that_differ_are_refused(p, q, message):
    with pytest.raises(ValueError, match=message):
        kl_divergence(p, q)


@pytest.fixture(scope="module")
def frame():
    random = np.random.default_rng(0)
    return pd.DataFrame({"a": random.gamma(2.0, size=200), "b": random.gamma(5.0, size=200) + 3})


@pytest.mark.parametrize("family", ["gamma", "multivariate_normal"])
def test_fitted_densities_with_named_columns(frame, family):
    p, q = (ParametricDensity(family).fit(X) for X in (frame, frame[["b", "a"]]))
    assert abs(kl_divergence(p, q)) < 1e-20
    assert_allclose(cross_entropy(p, q), entropy(p), rtol=1e-14)
    with pytest.raises(ValueError, match="the columns of p and q differ: p alone has 'a' and q alone has 'c'"):
        kl_divergence(p, ParametricDensity(family).fit(frame.rename(columns={"a": "c"})))


@pytest.mark.filterwarnings("error")
def test_density_estimators_with_named_columns(frame):
    p, q = (GaussianMixture(2, random_state=0).fit(X) for X in (frame, frame[["b", "a"]]))
    assert kl_divergence(p, q, random_state=0) < 1e-25
    assert js_divergence(p, q, random_state=0) < 1e-25
    h = entropy(p, random_state=0)
    assert abs(cross_entropy(p, q, random_state=0) - h) < 6 * h.standard_error
    other = GaussianMixture(1).fit(frame.rename(columns={"a": "c"}))
    with pytest.raises(ValueError, match="columns of p and q differ"):
        kl_divergence(p, other)
    assert kl_divergence(p, ParametricDensity("gamma").fit(frame[["b", "a"]])) == math.inf


def test_unnamed_columns_are_compared_by_position(frame):
    p, q = ParametricDensity("gamma").fit(frame), ParametricDensity("gamma").fit(frame[["b", "a"]].to_numpy())
    assert kl_divergence(p, q) > 1
    assert kl_divergence(stats.norm(), stats.norm()) == 0
