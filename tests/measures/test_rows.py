"""Rows of data as a measure: means, moments and quantiles against plain numpy, in one block or in many."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from skinfo.measures import (
    LOG,
    LOG1M,
    LOG_SQUARE,
    ONE,
    SQUARE,
    Abs,
    LogGamma,
    Power,
    PowerLog,
    Rows,
    Values,
    X,
)

MANY = 70_001  # several blocks of any width


def data(n, kind="plain"):
    """Positive values, weights, and the same as float64."""
    random = np.random.default_rng(n)
    x = random.gamma(2.0, 1.5, n)
    weights = None if kind == "plain" else random.uniform(0.1, 2, n)
    if kind == "strided":
        x = np.column_stack([np.full(n, np.nan), x, np.full(n, -1.0)])[:, 1]
    if kind == "reversed":
        x = x[::-1]
    if kind == "float32":
        x = x.astype(np.float32)
    if kind == "integers":
        x = np.ceil(x).astype(np.int64)
    return x, weights, x.astype(np.float64)


KINDS = ["plain", "weights", "strided", "reversed", "float32", "integers"]
every_kind = pytest.mark.parametrize("kind", KINDS)
every_size = pytest.mark.parametrize("n", [1, 7, 1000, MANY])


@every_kind
@every_size
def test_expect_is_the_weighted_mean(n, kind):
    x, weights, double = data(n, kind)
    rows = Rows(x, weights)
    assert len(rows) == n
    assert_allclose(rows.total, n if weights is None else weights.sum(), rtol=1e-14)
    expected = np.average(np.stack([double, np.sin(double)]), axis=1, weights=weights)
    for width in (1, 8, 1000):
        found = rows.expect(lambda v: np.stack([v, np.sin(v)]), width=width)
        assert_allclose(found, expected, rtol=1e-12)
    assert np.ndim(rows.expect(np.cos)) == 0


def test_expect_of_several_columns():
    x = np.random.default_rng(0).normal(size=(5000, 3))
    weights = np.random.default_rng(1).uniform(0, 1, 5000)
    assert_allclose(Rows(x, weights).expect(lambda v: v.T, width=100), weights @ x / weights.sum(), rtol=1e-12)


@every_kind
def test_blocks_are_contiguous_doubles_of_all_rows(kind):
    x, weights, double = data(MANY, kind)
    blocks = list(Rows(x, weights).blocks(width=50))
    assert len(blocks) > 10
    assert all(b.dtype == np.float64 and b.flags.c_contiguous for b, _ in blocks)
    assert_array_equal(np.concatenate([b for b, _ in blocks]), double)
    if weights is None:
        assert all(w is None for _, w in blocks)
    else:
        assert_array_equal(np.concatenate([w for _, w in blocks]), weights)


def test_rows_of_weight_zero_are_left_out():
    x, weights, _ = data(1000, "weights")
    weights[::3] = 0
    padded, plain = x.copy(), weights > 0
    padded[::3] = np.nan
    rows = Rows(padded, weights)
    assert len(rows) == plain.sum()
    assert (rows.lowest, rows.highest) == (x[plain].min(), x[plain].max())
    assert rows.moments() == Rows(x[plain], weights[plain]).moments()


# --- moments


@every_kind
@every_size
@pytest.mark.parametrize("log", [False, True])
def test_moments(n, kind, log):
    x, weights, double = data(n, kind)
    for loc in (0.0, -1.5) if log else (0.0,):
        y = np.log(double - loc) if log else double
        mean = np.average(y, weights=weights)
        variance = np.average((y - mean) ** 2, weights=weights)
        assert_allclose(Rows(x, weights).moments(loc, log=log), (mean, variance), rtol=1e-12, atol=1e-15)


def exact_moments(x, weights):
    """Mean and variance of doubles in rational arithmetic."""
    x = [Fraction(float(v)) for v in x]
    weights = [Fraction(float(w)) for w in weights]
    total = sum(weights)
    mean = sum(w * v for w, v in zip(weights, x)) / total
    return float(mean), float(sum(w * (v - mean) ** 2 for w, v in zip(weights, x)) / total)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("centre", [0.0, 1e8, -1e12])
def test_moments_far_from_zero(centre, weighted):
    random = np.random.default_rng(2)
    x = centre + random.normal(size=3000)
    weights = random.integers(1, 5, 3000).astype(float) if weighted else None
    mean, variance = exact_moments(x, np.ones(3000) if weights is None else weights)
    found = Rows(x, weights).moments()
    assert_allclose(found, (mean, variance), rtol=1e-13, atol=1e-16)
    if centre:
        assert abs(found[0] - mean) <= np.spacing(abs(mean))


def test_merged_blocks_far_from_zero_and_drifting():
    x = 1e8 + np.repeat([0.0, 1.0, 5.0, 2.0], 50_000) + np.random.default_rng(3).normal(size=200_000)
    shifted = x - 1e8  # exact
    mean, variance = Rows(x).moments()
    assert_allclose(mean, 1e8 + shifted.mean(), rtol=2e-16)
    assert_allclose(variance, shifted.var(), rtol=1e-12)


def test_constant_rows_have_no_variance():
    for value in (0.1, 1e100, -7e-200):
        mean, variance = Rows(np.full(MANY, value)).moments()
        assert_allclose(mean, value, rtol=1e-15)
        assert variance <= (1e-15 * abs(value)) ** 2


# --- means of statistics

STATISTICS = [ONE, X, SQUARE, LOG, LOG_SQUARE, Abs(), Abs(0.7), Power(-0.5), PowerLog(1.5), LogGamma(1.5)]


@every_kind
@pytest.mark.parametrize(("loc", "scale"), [(0.0, 1.0), (-2.0, 1.0), (-0.5, 3.5), (0.0, 1e-3)])
def test_means_of_statistics(kind, loc, scale):
    x, weights, double = data(MANY if kind == "weights" else 500, kind)
    rows = Rows(x, weights)
    z = (double - loc) / scale
    expected = {t: np.average(t(Values(z)), weights=weights) for t in STATISTICS}
    for _ in range(2):  # the second time from the cache
        found = rows.means(STATISTICS, loc, scale)
        assert found.keys() == expected.keys()
        for t in STATISTICS:
            assert_allclose(found[t], expected[t], rtol=1e-10, atol=1e-12, err_msg=str(t))


def test_means_take_no_second_pass(monkeypatch):
    rows = Rows(data(100)[0])
    first = rows.means(STATISTICS, 0.0, 1.0)
    monkeypatch.setattr(Rows, "blocks", lambda *a, **k: pytest.fail("another pass over the rows"))
    assert rows.means(STATISTICS, 0.0, 1.0) == first
    rows.means([X, SQUARE, LOG, Power(-0.5), PowerLog(1.5), Abs()], 0.0, 7.0)


def test_many_means_do_not_pile_up():
    rows = Rows(data(50)[0])
    for exponent in np.linspace(0.1, 5, 300):
        t = Power(float(exponent))
        assert_allclose(rows.means([t])[t], np.mean(rows.x**exponent), rtol=1e-12)
    assert len(rows._means) < 200


def test_log1m():
    x = np.random.default_rng(4).uniform(size=MANY)
    assert_allclose(Rows(x).means([LOG1M], -0.1, 1.5)[LOG1M], np.log1p(-(x + 0.1) / 1.5).mean(), rtol=1e-12)


# --- quantiles, subsamples, tables


@every_kind
def test_quantiles(kind):
    x, _, double = data(1000, kind)
    levels = [0.0, 0.1, 0.25, 0.5, 0.9, 1.0]
    assert_allclose(Rows(x).quantiles(levels), np.quantile(double, levels), rtol=1e-6 if kind == "float32" else 1e-14)


@given(
    x=arrays(np.float64, st.shared(st.integers(1, 30), key="n"), elements=st.integers(-5, 5)),
    counts=arrays(np.float64, st.shared(st.integers(1, 30), key="n"), elements=st.integers(1, 4)),
    level=st.sampled_from([0.0, 0.25, 0.5, 0.625, 1.0]),
)
def test_weighted_quantiles_are_those_of_repeated_rows(x, counts, level):
    repeated = np.repeat(x, counts.astype(int))
    expected = np.quantile(repeated, level, method="averaged_inverted_cdf")
    assert Rows(x, counts).quantiles([level])[0] == expected


@pytest.mark.parametrize("size", [1, 10, 999, 1000, 10_000])
def test_subsample(size):
    x, weights, _ = data(1000, "weights")
    part = Rows(x, weights).subsample(size)
    assert min(size, 1000) <= len(part) <= 2 * size
    step = max(1, 1000 // size)
    assert_array_equal(part.x, x[::step])
    assert_array_equal(part.weights, weights[::step])
    assert Rows(x).subsample(size).weights is None


@pytest.mark.parametrize("kind", ["few", "negative", "wide", "float32", "int64", "blocks"])
@pytest.mark.parametrize("weighted", [False, True])
def test_table_is_the_same_measure_on_distinct_values(kind, weighted):
    random = np.random.default_rng(5)
    n = MANY if kind == "blocks" else 400
    x = random.poisson(6, n).astype(np.float64)
    if kind == "negative":
        x -= 20
    if kind == "wide":
        x[:5] = [1e15, -(2.0**60), 1e300, 7, 2.0**53]
    if kind in ("float32", "int64"):
        x = x.astype(kind)
    weights = random.integers(0, 3, n).astype(float) if weighted else None
    table = Rows(x, weights).table()
    values = np.unique(x if weights is None else x[weights > 0])
    expected = [np.sum((x == v) * (1 if weights is None else weights)) for v in values]
    assert_array_equal(table.x, values.astype(np.float64))
    assert_array_equal(table.weights, expected)
    assert table.x.dtype == table.weights.dtype == np.float64
    assert table.total == Rows(x, weights).total


@given(
    x=arrays(np.float64, st.integers(2, 60), elements=st.floats(-1e6, 1e6, width=32)),
    cut=st.integers(1, 59),
)
def test_two_halves_make_the_whole(x, cut):
    cut = min(cut, len(x) - 1)
    (m, v), (m1, v1), (m2, v2) = (Rows(part).moments() for part in (x, x[:cut], x[cut:]))
    share = cut / len(x)
    scale = np.abs(x).max() + 1e-300
    assert abs(m - (share * m1 + (1 - share) * m2)) < 1e-13 * scale
    together = share * v1 + (1 - share) * v2 + share * (1 - share) * (m1 - m2) ** 2
    assert abs(v - together) <= 1e-13 * scale**2


@pytest.mark.parametrize("levels", [[0.5], [0.0, 1.0], [0.001, 0.25, 0.999]])
@pytest.mark.parametrize("ordered", [False, True])
def test_quantiles_of_many_rows_are_those_of_all_sorted(levels, ordered):
    random = np.random.default_rng(0)
    x = random.standard_t(2, 200_001).round(2)
    weights = random.integers(1, 5, len(x)).astype(float)
    if ordered:
        x = np.sort(x)
    assert_allclose(Rows(x).quantiles(levels), np.quantile(x, levels), rtol=1e-15)
    repeated = Rows(np.repeat(x, weights.astype(int)))
    expected = [
        np.sort(repeated.x)[min(int(np.ceil(v * len(repeated.x))) - 1, len(repeated.x) - 1)] for v in levels if v
    ]
    found = Rows(x, weights).quantiles([v for v in levels if v])
    assert_allclose(found, expected, rtol=1e-12)
