"""Estimates from samples: truths in closed form, invariances, ties, intervals, tests, tables."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate, spatial, stats
from scipy.special import digamma
from sklearn.feature_selection import SelectKBest

import skinfo
from skinfo import (
    entropy_from_samples,
    kl_divergence,
    kl_divergence_from_samples,
    mutual_information_from_samples,
)
from skinfo.information import Estimate
from skinfo.information._neighbours import _Balls

SEEDS = range(6)


def near(estimate, truth, widths=4.0, bias=0.0):
    return abs(estimate - truth) < widths * estimate.standard_error + bias


# --- truths


@pytest.mark.parametrize("law", [stats.norm(3, 20), stats.expon(scale=0.01), stats.uniform(0, 3), stats.laplace()])
@pytest.mark.parametrize("seed", SEEDS)
def test_entropy_of_known_laws(law, seed):
    assert near(entropy_from_samples(law.rvs(1500, random_state=seed), random_state=seed), law.entropy())


@pytest.mark.parametrize("seed", SEEDS)
def test_entropy_in_two_columns(seed):
    law = stats.multivariate_normal([0, 1], [[1, 0.7], [0.7, 2]])
    assert near(entropy_from_samples(law.rvs(2000, random_state=seed), random_state=seed), law.entropy(), bias=0.01)


@pytest.mark.parametrize(("n", "m"), [(2000, 2000), (2000, 500), (500, 5000)])
@pytest.mark.parametrize("seed", SEEDS)
def test_divergence_with_samples_of_any_sizes(n, m, seed):
    p, q = stats.norm(math.sqrt(2), 1), stats.norm(0, 1)  # D = 1
    d = kl_divergence_from_samples(p.rvs(n, random_state=seed), q.rvs(m, random_state=seed + 100), random_state=0)
    assert near(d, kl_divergence(p, q), bias=0.05)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rho", [0.0, 0.6, 0.95])
def test_information_of_normal_variables(rho, seed):
    x, y = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).rvs(2000, random_state=seed).T
    assert near(mutual_information_from_samples(x, y, random_state=seed), -math.log(1 - rho**2) / 2)


def test_information_of_several_columns_together():
    random = np.random.default_rng(0)
    x = random.normal(size=(3000, 2))
    y = x.sum(axis=1, keepdims=True) + random.normal(size=(3000, 1))  # I = log(3) / 2
    assert near(mutual_information_from_samples(x, y, random_state=0), math.log(3) / 2, bias=0.02)


def test_formulas_by_hand():
    random = np.random.default_rng(5)
    x, y = random.normal(size=(40, 2)), random.normal(size=(30, 2))

    def log_volume(a, b, place):
        factor = np.linalg.cholesky(np.cov(b.T, bias=True))
        distance = np.sort(spatial.distance.cdist(*(np.linalg.solve(factor, z.T).T for z in (a, b))), axis=1)[:, place]
        return np.log(math.pi * distance**2).mean() + np.log(np.diag(factor)).sum()

    # With one neighbour there is nothing to see of how normal a law is.
    assert_allclose(entropy_from_samples(x, k=1), digamma(40) - digamma(1) + log_volume(x, x, 1), rtol=1e-13)
    d = log_volume(x, y, 0) - log_volume(x, x, 1) + digamma(31) - digamma(40)
    assert_allclose(kl_divergence_from_samples(x, y, k=1), d, rtol=1e-12)
    a, b = (np.abs(v[:, None] - v) for v in stats.norm.ppf((stats.rankdata(x, axis=0) - 0.5) / 40).T)
    reach = np.sort(np.maximum(a, b), axis=1)[:, 2:3]
    counts = [(gap < reach).sum(axis=1) for gap in (a, b)]  # with the row itself
    i = digamma(2) + digamma(40) - sum(digamma(c).mean() for c in counts)
    assert_allclose(mutual_information_from_samples(x[:, :1], x[:, 1:], k=2), i, rtol=1e-12)


# --- the normal start


@pytest.mark.parametrize(("centre", "radius", "tilt"), [(0.0, 0.5, 1.0), (1.5, 0.7, 0.4), (3.0, 2.0, 1.0)])
def test_tilted_volumes_are_integrals(centre, radius, tilt):
    def weight(*z):
        return math.exp(tilt * (centre**2 - sum(v * v for v in z)) / 2)

    line = integrate.quad(weight, centre - radius, centre + radius)[0]
    reach = lambda z: math.sqrt(max(0.0, radius**2 - (z - centre) ** 2))  # noqa: E731
    disc = integrate.dblquad(weight, centre - radius, centre + radius, lambda z: -reach(z), reach)[0]
    for columns, expected in [(1, line), (2, disc)]:
        balls = _Balls(np.array([centre**2]), np.array([radius]), columns)
        assert_allclose(np.exp(balls.log_tilted(tilt)), expected, rtol=1e-7)
        assert_allclose(balls.log_tilted(1e-9), balls.log_volume(), atol=1e-7)


def test_tiny_balls_have_their_volume():
    balls = _Balls(np.array([1.0]), np.array([1e-60]), 10)
    assert_allclose(balls.log_tilted(1.0), balls.log_volume())
    x = np.concatenate([np.arange(1.0, 30.0), 1e-100 * np.arange(30.0) ** 1.5])
    assert math.isfinite(entropy_from_samples(x, n_subsamples=0))


def test_normal_laws_of_five_columns_are_hardly_biased():
    random = np.random.default_rng(3)
    factor, h = random.normal(size=(5, 5)), 2.5 * math.log(2 * math.pi * math.e)
    h += np.linalg.slogdet(factor)[1]
    samples = [[random.normal(m, 1, (500, 5)) @ factor for m in (0, 0.5)] for _ in range(40)]
    entropies = [entropy_from_samples(x, n_subsamples=0) for x, _ in samples]
    divergences = [kl_divergence_from_samples(x, y, n_subsamples=0) for x, y in samples]
    assert abs(np.mean(entropies) - h) < 0.035  # about -0.09 of flat balls
    assert abs(np.mean(divergences) - 5 / 8) < 0.05  # about -0.16


def test_heavy_tails_are_not_taken_for_normal():
    x = stats.cauchy.rvs(size=1000, random_state=0)
    assert near(entropy_from_samples(x, random_state=0), math.log(4 * math.pi))
    x = stats.t(3).rvs(size=(1000, 5), random_state=0)
    assert near(entropy_from_samples(x, random_state=0), 5 * stats.t(3).entropy(), bias=0.05)


@pytest.mark.parametrize("unit", [1e-200, 1e-160, 1e160, 1e307])
def test_collinear_columns_in_any_unit(unit):
    x, y = (np.random.default_rng(i).normal(i, size=(200, 1)) @ [[1.0, 1.0]] for i in range(2))
    assert_allclose(
        entropy_from_samples(unit * x, n_subsamples=0),
        entropy_from_samples(x, n_subsamples=0) + 2 * math.log(unit),
        rtol=1e-12,
    )
    at_unit, divergence = (kl_divergence_from_samples(u * x, u * y, n_subsamples=0) for u in (unit, 1.0))
    assert_allclose(at_unit, divergence, rtol=1e-10)


def test_collinear_and_few_rows_are_no_error():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(50, 1)), random.normal(size=(40, 1))
    twice = lambda z: np.hstack([z, z])  # noqa: E731
    assert math.isfinite(kl_divergence_from_samples(twice(x), twice(y), n_subsamples=0))
    assert math.isfinite(kl_divergence_from_samples(random.normal(size=(6, 10)), random.normal(size=(5, 10))))


# --- invariances


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.floats(-6, 6), st.floats(-10, 10))
def test_units(seed, log_unit, shift):
    random, unit = np.random.default_rng(seed), 2.0 ** round(3 * log_unit)
    x, y = random.normal(size=(60, 2)), random.normal(size=(50, 2))
    moved = lambda z: (z + round(shift)) * [1.0, unit]  # noqa: E731
    options = {"n_subsamples": 0}
    d = kl_divergence_from_samples(x, y, **options)
    assert_allclose(kl_divergence_from_samples(moved(x), moved(y), **options), d, rtol=1e-9, atol=1e-9)
    h = entropy_from_samples(x[:, 1], **options) + math.log(unit)
    assert_allclose(entropy_from_samples(x[:, 1] * unit, **options), h, rtol=1e-12, atol=1e-12)
    i = mutual_information_from_samples(x[:, 0], x[:, 1], **options)
    assert_allclose(mutual_information_from_samples(x[:, 1] * unit, x[:, 0], **options), i, atol=1e-12)


@pytest.mark.parametrize("unit", [1e305, 1e200, 1e-200, 1e-310])
def test_extreme_units(unit):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(80, 2)), random.normal(size=(60, 2))
    options = {"n_subsamples": 0}
    h = entropy_from_samples(x, **options) + 2 * math.log(unit)
    assert_allclose(entropy_from_samples(x * unit, **options), h, rtol=1e-9)
    mixed = [unit, 1.0]
    d = kl_divergence_from_samples(x, y, **options)
    assert_allclose(kl_divergence_from_samples(x * mixed, y * mixed, **options), d, rtol=1e-9)
    i = mutual_information_from_samples(x[:, 0], x[:, 1], **options)
    assert_allclose(mutual_information_from_samples(x[:, 0] * unit, x[:, 1], **options), i, rtol=1e-9, atol=1e-12)
    assert math.isfinite(kl_divergence_from_samples(x * unit, y, **options))


def test_base_and_pickle():
    x = stats.norm.rvs(size=300, random_state=1)
    nats, bits = entropy_from_samples(x, random_state=0), entropy_from_samples(x, random_state=0, base=2)
    assert_allclose([bits, bits.standard_error], np.array([nats, nats.standard_error]) / math.log(2), rtol=1e-14)
    again = pickle.loads(pickle.dumps(bits))
    assert (again, again.standard_error, again.dof) == (bits, bits.standard_error, bits.dof)
    assert bits.statistic == float(bits)
    low, high = bits.confint(0.9)
    assert low < bits < high
    assert bits.confidence_interval(level=0.9) == (low, high)  # as results of scipy.stats have it
    with pytest.raises(ValueError, match="level must be between"):
        bits.confint(95)


# --- standard errors and tests


@pytest.mark.parametrize("p", [1, 2, 5])
def test_intervals_cover(p):
    inside = 0
    for seed in range(100):
        h = entropy_from_samples(np.random.default_rng(seed).normal(size=(400, p)), random_state=seed)
        low, high = h.confint(0.9)
        inside += low < p * math.log(2 * math.pi * math.e) / 2 < high
    assert 80 <= inside <= 98


def test_intervals_cover_where_rows_reach_beyond_the_others():
    inside = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        x, y = random.normal(math.sqrt(2), 1, 1000), random.normal(size=250)
        low, high = kl_divergence_from_samples(x, y, random_state=seed).confint(0.9)
        inside += low < 1 < high
    assert inside >= 46  # 54 expected; 39 from the spread over parts alone


def test_few_rows_have_no_standard_error():
    assert math.isnan(entropy_from_samples([0.0, 1.0, 3.0, 7.0, 9.0]).standard_error)
    assert math.isnan(entropy_from_samples(np.arange(1000.0) ** 1.1, n_subsamples=0).standard_error)


def test_level_of_the_permutation_test():
    small = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        x, y = random.normal(size=30), random.normal(size=20)
        d = kl_divergence_from_samples(x, y, n_subsamples=0, n_permutations=19, random_state=seed)
        small += d.pvalue <= 0.1
    assert 8 <= small <= 34  # 20 expected


# --- scikit-learn


def test_score_function_of_a_selector():
    random = np.random.default_rng(0)
    X = random.normal(size=(500, 4))
    y = X[:, 2] ** 2 + 0.1 * random.normal(size=500)
    selector = SelectKBest(mutual_information_from_samples, k=1).fit(X, y)
    assert selector.get_support().tolist() == [False, False, True, False]
    assert selector.pvalues_ is None
    alone = mutual_information_from_samples(X[:, 2], y)
    assert isinstance(alone, Estimate)
    assert_allclose(selector.scores_[2], alone, rtol=1e-12)
    assert SelectKBest(mutual_information_from_samples, k=1).fit(X, (y > 1).astype(int)).get_support()[2]


def test_scores_of_frames():
    polars = pytest.importorskip("polars")
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(300, 3)), columns=list("abc"))
    selector = SelectKBest(mutual_information_from_samples, k=1).set_output(transform="pandas").fit(X, X["b"] ** 2)
    assert selector.get_feature_names_out().tolist() == ["b"]
    again = SelectKBest(mutual_information_from_samples, k=1).fit(polars.from_pandas(X), X["b"].to_numpy() ** 2)
    assert_allclose(again.scores_, selector.scores_)


# --- what is refused

ROWS = np.arange(20.0) ** 1.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: entropy_from_samples(ROWS, k=0), "k must be a whole number, 1 at least; got 0"),
        (lambda: entropy_from_samples(ROWS[:3]), "k=3 neighbours take 4 rows at least and X has 3"),
        (lambda: entropy_from_samples([1.0, np.nan, 2.0, 3.0, 4.0]), "X contains NaN"),
        (lambda: entropy_from_samples(3.0), "X must be rows"),
        (lambda: kl_divergence_from_samples(ROWS, [[1, 2], [3]]), "Y must be rows"),
        (lambda: entropy_from_samples(ROWS, base=1), "base must be"),
        (lambda: entropy_from_samples(ROWS, n_subsamples=-1), "n_subsamples must be a whole number"),
        (lambda: entropy_from_samples(["a", "b"]), "column 0 of X is of labels, which have no differential entropy"),
        (lambda: kl_divergence_from_samples(ROWS, ROWS[:2]), "Y has 2"),
        (lambda: kl_divergence_from_samples(ROWS, ROWS.reshape(10, 2)), "X has 1 columns and Y has 2"),
        (lambda: kl_divergence_from_samples(ROWS, ROWS, n_permutations=0.5), "n_permutations must be"),
        (lambda: mutual_information_from_samples(ROWS, ROWS[:10]), "X has 20 rows and Y has 10"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_names_are_public():
    assert {"drift", "entropy_from_counts", "entropy_from_samples"} <= set(skinfo.__all__)
