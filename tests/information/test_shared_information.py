"""Mutual information in many columns, given others, normalized, and its test."""

import math
from functools import partial

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.feature_selection import SelectFdr
from sklearn.metrics import normalized_mutual_info_score

from skinfo import conditional_mutual_information_from_samples as conditional
from skinfo import mutual_information_from_samples as information


def pair(seed, n, columns, rho):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, columns))
    return x, rho * x + math.sqrt(1 - rho**2) * random.normal(size=(n, columns))


# --- many columns


@pytest.mark.parametrize("margin", [lambda v: v, np.exp, lambda v: np.sign(v) * np.expm1(np.abs(v))])
def test_many_normal_columns_of_any_margins(margin):
    truth = -2.5 * math.log(0.64)
    found = [information(*map(margin, pair(s, 800, 5, 0.6)), random_state=0) for s in range(3)]
    assert abs(np.mean(found) - truth) < 0.12  # neighbours alone miss a third of it
    assert all(abs(i - truth) < 4 * i.standard_error for i in found)


def test_many_columns_that_are_independent_or_not_normal():
    found = [information(*pair(s, 500, 5, 0.0), n_subsamples=0) for s in range(5)]
    assert abs(np.mean(found)) < 0.06
    random = np.random.default_rng(0)
    both = 4 * random.integers(2, size=(1000, 1))
    x, y = random.normal(size=(2, 1000, 5)) + both
    assert abs(information(x, y, n_subsamples=0) - math.log(2)) < 0.03  # entropies alone miss most of it


def test_collinear_columns_are_no_error():
    x = np.random.default_rng(0).normal(size=(200, 3))
    assert math.isfinite(information(np.hstack([x, x]), x[:, :1] + x[:, 1:2]))
    assert math.isfinite(information(x[:7], x[7:14]))


# --- where other variables are known


@pytest.mark.parametrize("label", [False, True])
def test_conditional_information_of_normal_variables(label):
    random = np.random.default_rng(0)
    z = random.integers(3, size=3000) if label else random.normal(size=3000)
    noise = random.normal(size=3000)
    x, y = z + noise, z + 0.6 * noise + 0.8 * random.normal(size=3000)
    i = conditional(x, y, z, random_state=0)
    assert abs(i + math.log(0.64) / 2) < 4 * i.standard_error
    assert conditional(y, x, z, n_subsamples=0) == i
    i = conditional(x, z + random.normal(size=3000), z, random_state=0)
    assert abs(i) < 4 * i.standard_error


def test_conditional_information_of_labels():
    random = np.random.default_rng(0)
    x, y = random.random((2, 2000)) < 0.5
    i = conditional(x, y, x ^ y)
    assert abs(i - math.log(2)) < 0.005
    assert_allclose(information(x, y), 0, atol=0.005)
    assert_allclose(conditional(x, y, np.zeros(2000)), information(x, y), atol=1e-12)


def test_nothing_known_makes_no_difference():
    x, y = pair(0, 300, 1, 0.6)
    assert_allclose(conditional(x, y, np.ones(300), n_subsamples=0), information(x, y, n_subsamples=0), rtol=1e-12)


# --- normalized


@pytest.mark.parametrize("mean", ["min", "geometric", "arithmetic", "max"])
def test_normalized_as_scikit_learn_has_it(mean):
    random = np.random.default_rng(0)
    x = random.integers(4, size=5000)
    y = np.where(random.random(5000) < 0.7, x // 2, random.integers(3, size=5000))
    i = information(x, y, normalized=mean)
    assert_allclose(i, normalized_mutual_info_score(x, y, average_method=mean), atol=1e-3)
    found = [information(x[s::20], y[s::20], normalized=mean) for s in range(20)]
    assert 0.6 < np.mean([j.standard_error for j in found]) / np.std(found) < 1.6
    assert information(x, y, normalized=mean, base=2) == i
    assert_allclose(information(x, x, normalized=mean), 1)
    assert information(np.ones(9), np.ones(9), discrete=True, normalized=mean) == 1
    assert information(x, np.ones(5000), normalized=mean) == 0


def test_numbers_are_normalized_by_labels():
    random = np.random.default_rng(0)
    label = random.integers(2, size=500)
    x = random.normal(size=500) + 20 * label
    assert_allclose(information(x, label, normalized="min"), 1, atol=0.02)
    with pytest.raises(ValueError, match="normalized='max' takes entropies of labels"):
        information(x, label, normalized="max")
    with pytest.raises(ValueError, match="normalized must be one of None, 'min', 'geometric'"):
        information(x, label, normalized="mean")
    with pytest.raises(ValueError, match="normalized must be one of None"):
        information(x, label, normalized=[])


# --- the test


def test_permutations():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 100))
    assert information(x, x**2 + y, n_permutations=99, random_state=0).pvalue == 0.01
    small = sum(information(*random.normal(size=(2, 30)), n_permutations=9).pvalue <= 0.1 for _ in range(60))
    assert small <= 13  # 6 expected


def test_pvalues_for_a_selector():
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(150, 3)), columns=list("abc"))
    score = partial(information, n_permutations=99, random_state=0)
    selector = SelectFdr(score, alpha=0.05).fit(X, X["b"] ** 2 > 0.5)
    assert selector.get_feature_names_out().tolist() == ["b"]
