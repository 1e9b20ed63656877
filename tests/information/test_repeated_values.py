"""Estimates from samples with labels, atoms, and numbers recorded to a unit."""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from skinfo import entropy, entropy_from_samples, kl_divergence, kl_divergence_from_samples
from skinfo import mutual_information_from_samples as information


def near(estimate, truth, widths=4.0, bias=0.0):
    return abs(estimate - truth) < widths * estimate.standard_error + bias


# --- divergence


def test_divergence_of_labels():
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    random = np.random.default_rng(0)
    x, y = random.choice(3, size=4000, p=p), random.choice(3, size=3000, p=q)
    d = kl_divergence_from_samples(x, y)
    assert near(d, kl_divergence(p, q))
    assert math.isinf(d.dof)
    names = np.array(["b", "a", "c"])
    for again in ((names[x], names[y]), (pd.Series(names[x], dtype="category"), names[y]), (x**3 - 1.5, y**3 - 1.5)):
        assert_allclose(kl_divergence_from_samples(*again), d, rtol=1e-12)


@pytest.mark.parametrize(("p", "q"), [(0.2, 0.5), (0.5, 0.5)])
def test_standard_error_of_a_divergence_of_labels(p, q):
    found = []
    for seed in range(200):
        random = np.random.default_rng(seed)
        found.append(kl_divergence_from_samples(random.random(300) < p, random.random(500) < q))
    error = math.sqrt(np.mean([d.standard_error**2 for d in found]))
    assert 0.85 < error / np.std(found) < 1.6


def test_mixtures_of_an_atom_and_a_density():
    def sample(random, n, atom, mean):
        return np.where(random.random(n) < atom, 0.0, random.normal(mean, 1, n))

    truth = 0.3 * math.log(0.3 / 0.6) + 0.7 * (math.log(0.7 / 0.4) + 0.5)
    found = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        x, y = sample(random, 1000, 0.3, 1.0), sample(random, 1000, 0.6, 0.0)
        found.append(kl_divergence_from_samples(x, y, random_state=0))
    assert abs(np.mean(found) - truth) < 0.03
    assert 0.7 < np.mean([d.standard_error for d in found]) / np.std(found) < 1.5


def test_labels_and_numbers_in_one_table():
    def sample(random, n, p, shift):
        label = random.random(n) < p
        return pd.DataFrame({"label": np.where(label, "a", "b"), "x": random.normal(size=n) + shift * label})

    random = np.random.default_rng(0)
    d = kl_divergence_from_samples(sample(random, 3000, 0.3, 1.0), sample(random, 3000, 0.5, 0.0), random_state=0)
    assert near(d, kl_divergence([0.3, 0.7], [0.5, 0.5]) + 0.3 / 2)


N = 150
RANDOM = np.random.default_rng(0)
SAMPLES = {
    "one": np.ones(N),
    "two": np.full(N, 2.0),
    "binary": RANDOM.integers(2, size=N),
    "digits": RANDOM.integers(10, size=N),
    "normal": RANDOM.normal(4, 2, N),
    "rounded": RANDOM.normal(4, 2, N).round(1),
    "zeros": np.where(RANDOM.random(N) < 0.3, 0, RANDOM.normal(4, 2, N)),
}


@pytest.mark.parametrize(
    ("x", "y"),
    [
        *[("one", "two"), ("one", "normal"), ("normal", "one"), ("binary", "normal"), ("normal", "binary")],
        *[("digits", "normal"), ("normal", "digits"), ("rounded", "normal"), ("normal", "rounded")],
        *[("zeros", "normal"), ("zeros", "one"), ("digits", "binary")],
    ],
)
def test_what_the_other_sample_can_hardly_have(x, y):
    d = kl_divergence_from_samples(SAMPLES[x], SAMPLES[y], n_permutations=19, random_state=0)
    assert d == math.inf
    assert math.isnan(d.standard_error)
    assert d.pvalue == 0.05


def test_samples_of_one_distribution_are_not_infinitely_far():
    draws = [
        lambda random, n: random.poisson(3, n),
        lambda random, n: random.poisson(50, n),
        lambda random, n: random.normal(size=n).round(1),
        lambda random, n: random.normal(size=n).astype(np.float16),
        lambda random, n: random.zipf(1.5, n),
        lambda random, n: np.where(random.random(n) < 0.02, 0.0, random.normal(size=n)),
    ]
    for draw in draws:
        for n, m in [(50, 50), (200, 200), (20, 2000), (2000, 20)]:
            for seed in range(8):
                random = np.random.default_rng(seed)
                assert kl_divergence_from_samples(draw(random, n), draw(random, m), n_subsamples=0) < 1


def test_recorded_numbers_have_the_divergence_of_their_distributions():
    random = np.random.default_rng(1)
    x, y = random.normal(1, 1, 4000).round(1), random.normal(0, 1, 4000).round(1)
    assert near(kl_divergence_from_samples(x, y, random_state=0), 0.5)
    far = kl_divergence_from_samples(random.normal(3, 1, 1000).round(1), random.normal(0, 1, 1000).round(1))
    assert 3 < far < 6


def test_a_few_repeats_are_no_atoms():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(500, 5)), random.normal(0.5, 1, size=(500, 5))
    d = kl_divergence_from_samples(x, y, n_subsamples=0)
    x[7, 3], y[1, 4] = x[2, 3], y[5, 4]
    x[11], y[13] = x[12], y[14]
    assert abs(kl_divergence_from_samples(x, y, n_subsamples=0) - d) < 0.01


def test_level_of_the_test_with_ties():
    small = 0
    for seed in range(60):
        x, y = np.random.default_rng(seed).poisson(3, (2, 25))
        small += kl_divergence_from_samples(x, y, n_subsamples=0, n_permutations=9, random_state=seed).pvalue <= 0.1
    assert small <= 13  # 6 expected, or less, as divergences are tied


# --- entropy


def test_entropy_of_recorded_numbers():
    x = stats.norm.rvs(size=2000, random_state=0).round(1)
    assert near(entropy_from_samples(x, random_state=0), stats.norm.entropy())
    assert_allclose(entropy_from_samples(x[::-1], n_subsamples=0), entropy_from_samples(x, n_subsamples=0), atol=0.003)


def test_an_atom_has_no_differential_entropy():
    x = np.where(np.arange(200) < 50, 0.0, stats.norm.rvs(size=200, random_state=0))
    with pytest.raises(ValueError, match=r"column 0 of X has 0 50 times: .* minus infinity"):
        entropy_from_samples(x)
    assert math.isfinite(entropy_from_samples(x[50:]))


# --- information


def test_information_of_labels():
    table = np.array([[0.3, 0.1], [0.1, 0.5]])
    at = np.random.default_rng(0).choice(4, size=4000, p=table.ravel())
    truth = kl_divergence(table.ravel(), np.outer(table.sum(1), table.sum(0)).ravel())
    assert near(information(at // 2, at % 2), truth)
    assert information(at, np.zeros(4000)) == 0
    assert near(information(at, at), entropy(table.ravel()))


def shifted(n, kinds, by, seed):
    random = np.random.default_rng(seed)
    label = random.integers(kinds, size=n)
    return random.normal(size=n) + by * label, label


@pytest.mark.parametrize(("n", "kinds", "by"), [(300, 2, 0.0), (300, 2, 1.5), (1000, 2, 1.5), (1000, 10, 0.5)])
def test_information_of_numbers_about_labels(n, kinds, by):
    def density(u):
        return stats.norm.pdf(u[:, None] - by * np.arange(kinds)).mean(axis=1)

    u = np.linspace(-8, 8 + kinds * by, 4000)
    p = density(u)
    truth = -integrate.trapezoid(p * np.log(p), u) - stats.norm.entropy()
    found = [information(*shifted(n, kinds, by, seed), random_state=0) for seed in range(40)]
    assert abs(np.mean(found) - truth) < 0.02
    assert 0.7 < np.mean([i.standard_error for i in found]) / np.std(found) < 1.5


def test_labels_have_no_order():
    x, label = shifted(300, 10, 0.5, 0)
    i = information(x, label, n_subsamples=0)
    names = np.random.default_rng(1).permutation(10)
    words = np.array(list("abcdefghij"))
    others = [names[label], names[label] ** 3 * 0.25, words[label], pd.Series(words[label], dtype="category")]
    for other in others:
        assert_allclose(information(x, other, n_subsamples=0), i, rtol=1e-12)
        assert_allclose(information(other, x, n_subsamples=0), i, rtol=1e-12)
    assert information(x, label, discrete=False, n_subsamples=0) != i
    assert information(x, label, discrete=(False, True), n_subsamples=0) == i


@pytest.mark.parametrize("n", [200, 1000])
def test_recorded_numbers_that_are_independent(n):
    found = [information(*np.random.default_rng(s).normal(size=(2, n)).round(1), n_subsamples=0) for s in range(40)]
    assert abs(np.mean(found)) < 0.02


def test_ties_are_broken_alike():
    random = np.random.default_rng(0)
    x = random.normal(size=300).round(1)
    y, order = (x + random.normal(size=300)).round(1), random.permutation(300)
    i = information(x, y, n_subsamples=0)
    assert_allclose([information(y, x, n_subsamples=0), information(x[order], y[order], n_subsamples=0)], i, rtol=1e-12)
    assert_allclose(information(np.exp(x), 3 - y, n_subsamples=0), i, atol=0.02)


def test_information_of_zeros_and_numbers():
    random = np.random.default_rng(0)
    label = random.random(4000) < 0.5
    x = np.where(random.random(4000) < np.where(label, 0.6, 0.2), 0.0, random.normal(size=4000))
    truth = entropy([0.4, 0.6]) - (entropy([0.6, 0.4]) + entropy([0.2, 0.8])) / 2
    assert near(information(x, label, random_state=0), truth)


def test_a_monotone_function_shares_infinite_information():
    x = stats.norm.rvs(size=200, random_state=0)
    for y in (x, np.exp(x), -(x**3)):
        i = information(x, y)
        assert i == math.inf
        assert math.isnan(i.standard_error)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: information([["a", None]], [1.0]), ValueError, "column 1 of X has missing values"),
        (
            lambda: information(np.array(["2020-01-01"], dtype="M8[D]"), [1]),
            TypeError,
            "X has values of type datetime64",
        ),
        (
            lambda: information(["a"] * 9, range(9), discrete=False),
            ValueError,
            "discrete is False for a column of labels",
        ),
        (lambda: information(range(9), range(9), discrete="no"), ValueError, "discrete must be 'auto', True, False"),
        (
            lambda: information(range(9), range(9), discrete=[True]),
            ValueError,
            "discrete must be 'auto', a bool, or a list",
        ),
        (lambda: kl_divergence_from_samples(["a"], [1.0]), TypeError, "column 0 is of labels in one of X and Y"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
