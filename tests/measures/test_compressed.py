"""Compressed samples: smooth sums to rounding, whatever the range, the weights and the batches."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skinfo.families import get_family, registered_families
from skinfo.likelihood._climb import singular_points
from skinfo.measures import CompressedSample, Rows, compress
from skinfo.measures._grid import BITS, Piece, choose_grid

UNIVARIATE = [get_family(name) for name in registered_families() if not get_family(name).joint]
SMOOTH = [family for family in UNIVARIATE if family.smooth and not family.discrete]


def positive(n=20_000, seed=0):
    return np.random.default_rng(seed).gamma(2.5, 3.0, n)


# --- sums


@pytest.mark.parametrize("family", SMOOTH, ids=lambda family: family.name)
def test_sums_of_log_densities_and_scores_are_those_of_the_rows(family):
    theta = {"loc": 0.0, "scale": 1.0, **family.examples[0]}
    x = family.freeze(theta).rvs(30_000, random_state=1)
    weights = np.random.default_rng(1).integers(1, 4, len(x)).astype(float)
    rows = Rows(x, weights)
    sample = CompressedSample.of(rows, *singular_points(family, rows, family.natural_fixed))
    spread = np.subtract(*np.quantile(x, [0.75, 0.25]))
    names = [n for n in family.parameters if family.domain(n) != "integer" and n not in family.natural_fixed]
    for name, factor in [(None, 1), *((name, 1.1) for name in family.shapes or {}), ("loc", None)]:
        if name == "loc" and (math.isfinite(family.support.low) or math.isfinite(family.support.high)):
            continue
        value = None if name is None else theta[name] + 0.3 * spread if name == "loc" else theta[name] * factor
        at = theta if name is None else theta | {name: value}
        if family.ends_move:
            support = family.standard_support(family.shape_values(at)).at(at["loc"], at["scale"])
            if min(x.min() - support.low, support.high - x.max()) < spread:
                continue  # the density is not smooth so near its end: the rows have the last word there
        log_probs = family.log_prob(x, at)
        if not np.isfinite(log_probs).all():
            continue
        size = np.abs(log_probs) @ weights
        with np.errstate(all="ignore"):
            scores = family.mean_score(rows, at, tuple(names))
        for nodes in (sample.fine(), sample.nodes()):
            assert abs(family.log_prob(nodes.x, at) @ nodes.weights - log_probs @ weights) <= 1e-13 * size
            with np.errstate(all="ignore"):
                found = family.mean_score(Rows(nodes.x, nodes.weights), at, tuple(names))
            assert_allclose(found, scores, rtol=1e-9, atol=1e-11 * (1 + np.abs(scores).max(initial=0.0)))


@pytest.mark.parametrize(
    ("x", "low", "high"),
    [
        (positive(), 0.0, math.inf),
        (-positive(), -math.inf, 0.0),
        (positive() ** 8, 0.0, math.inf),
        (1e4 + positive(), 0.0, math.inf),
        (1e9 + positive(), -math.inf, math.inf),
        (np.random.default_rng(0).standard_cauchy(20_000), -math.inf, math.inf),
        (np.random.default_rng(0).beta(0.3, 0.4, 20_000).clip(1e-300, 1 - 1e-16), 0.0, 1.0),
        (0.5 + 1e-4 * np.random.default_rng(0).normal(size=20_000), 0.0, 1.0),
        (np.repeat([1.0, 2.0, 3.5], 7000), 0.0, math.inf),
        (np.round(positive(), 1), 0.0, math.inf),
    ],
)
def test_nodes_have_the_moments_of_the_rows_and_lie_among_them(x, low, high):
    sample = CompressedSample.of(Rows(x), low, high)
    centre, spread = np.median(x), x.std()
    for nodes in (sample.fine(), sample.nodes()):
        assert (nodes.weights > 0).all()
        assert nodes.x.min() >= x.min() == nodes.lowest
        assert nodes.x.max() <= x.max() == nodes.highest
        assert_allclose(nodes.total, len(x), rtol=1e-13)
        for k in range(1, 4):
            moment = ((x - centre) / spread) ** k
            found = nodes.weights @ ((nodes.x - centre) / spread) ** k
            rounding = np.finfo(float).eps * abs(centre) / spread  # of the nodes themselves
            assert abs(found - moment.sum()) < (1e-12 + rounding) * np.abs(moment).sum()
    assert len(sample.nodes()) < 6000


def test_few_values_are_kept_as_they_are():
    x = np.repeat([0.0, 1e-300, 5e-324, 0.1, 1.0, 2.5, 1e300], [3, 5, 7, 11, 13, 17, 19])
    for nodes in (CompressedSample.of(Rows(x), 0.0).fine(), CompressedSample.of(Rows(x), 0.0).nodes()):
        order = np.argsort(nodes.x)
        assert_allclose(nodes.x[order], np.unique(x), rtol=1e-15)
        assert_allclose(nodes.weights[order], [3, 7, 5, 11, 13, 17, 19], rtol=1e-14)


def test_logarithms_of_values_down_to_the_smallest():
    x = np.exp(np.random.default_rng(0).uniform(-690, 600, 20_000))
    nodes = CompressedSample.of(Rows(x), 0.0).nodes()
    assert abs(np.log(nodes.x) @ nodes.weights - np.log(x).sum()) < 1e-13 * np.abs(np.log(x)).sum()


# --- additivity


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 5000), max_size=6), st.booleans(), st.integers(0, 2**32 - 1))
def test_batches_add_up_to_the_whole(sizes, weighted, seed):
    random = np.random.default_rng(seed)
    x = random.standard_t(2, 6000)
    weights = random.uniform(0.1, 3, len(x)) if weighted else None
    whole = CompressedSample.of(Rows(x, weights))
    streamed, merged = CompressedSample(whole.grid), CompressedSample(whole.grid)
    cuts = np.minimum(np.cumsum(sizes, dtype=int), len(x))
    for index in np.split(np.arange(len(x)), np.unique(cuts)):
        if not len(index):
            continue
        batch = Rows(x[index], None if weights is None else weights[index])
        streamed.add(batch)
        part = CompressedSample(whole.grid)
        part.add(batch)
        merged.merge(part)
    expected = whole.fine()
    for sample in (streamed, merged):
        assert_allclose(sample.total, whole.total, rtol=1e-13)
        assert (sample.lowest, sample.highest) == (whole.lowest, whole.highest)
        found = sample.fine()
        for f in (np.arctan, np.cos, lambda v: np.log1p(v * v)):
            assert_allclose(f(found.x) @ found.weights, f(expected.x) @ expected.weights, rtol=1e-12, atol=1e-10)


def test_rows_far_outside_the_first_ones():
    first, rest = positive(100), positive(20_000, seed=1) * 1e6
    sample = CompressedSample.of(Rows(first), 0.0)
    sample.add(Rows(rest))
    x, nodes = np.concatenate([first, rest]), sample.nodes()
    assert abs(np.log(nodes.x) @ nodes.weights - np.log(x).sum()) < 1e-13 * np.abs(np.log(x)).sum()
    assert_allclose(nodes.x @ nodes.weights, x.sum(), rtol=1e-14)


def test_weights_are_frequencies():
    x, counts = positive(3000), np.random.default_rng(2).integers(0, 4, 3000)
    weighted = CompressedSample.of(Rows(x, counts.astype(float)), 0.0)
    repeated = CompressedSample(weighted.grid)
    repeated.add(Rows(np.repeat(x, counts)))
    assert_allclose(weighted.nodes().x, repeated.nodes().x, rtol=1e-6)
    assert_allclose(np.log(weighted.nodes().x) @ weighted.nodes().weights, np.log(np.repeat(x, counts)).sum())


def test_other_grids_do_not_add_up():
    with pytest.raises(ValueError, match="different grids don't add up"):
        CompressedSample.of(Rows(positive())).merge(CompressedSample.of(Rows(positive(seed=1))))


def test_a_sample_is_made_once():
    rows = Rows(positive())
    sample = compress(rows, 0.0)
    assert compress(rows, 0.0) is sample
    assert compress(rows) is sample  # a law that is smooth everywhere takes what there is
    assert compress(rows, -1.0) is not sample
    assert sample.nodes() is sample.nodes()
    before = sample.nodes()
    sample.add(Rows(positive(5)))
    assert sample.nodes() is not before


# --- grids


@pytest.mark.parametrize("piece", [Piece(0.0, 1), Piece(1.0, -1), Piece(3.0, 0, 2.0)])
def test_bins_are_where_they_say(piece):
    x = (
        np.random.default_rng(0).uniform(-5, 1, 1000)
        if piece.side < 0
        else np.random.default_rng(0).uniform(1, 9, 1000)
    )
    keys, u = piece.locate(x)
    assert (np.abs(u) <= 1).all()
    assert_allclose(piece.values(keys, u), x, rtol=1e-13)
    assert_array_equal(x, np.sort(x)[np.argsort(np.argsort(x))])
    inner = piece.values(keys, np.zeros(len(x)))
    assert_array_equal(piece.locate(inner)[0], keys)
    far = 1.0 if piece.side == 0 else 0.0
    for value in x[:5]:
        assert 0.4 < piece.width(value) * 2**BITS / (far * piece.unit + abs(value - piece.anchor)) <= 1


@pytest.mark.parametrize(
    ("quartiles", "low", "high", "anchors"),
    [
        ([-1, 0, 1], -math.inf, math.inf, [0]),
        ([1, 2, 4], 0, math.inf, [0]),
        ([-4, -2, -1], -math.inf, 0, [0]),
        ([0.2, 0.5, 0.7], 0, 1, [0, 1]),
        ([999, 1000, 1001], 0, math.inf, [0, 1000]),
        ([-1001, -1000, -999], -math.inf, 0, [-1000, 0]),
        ([499, 500, 501], 0, 1000, [0, 500, 1000]),
        ([3, 3, 3], -math.inf, math.inf, [3]),
    ],
)
def test_grids_suit_the_data(quartiles, low, high, anchors):
    grid = choose_grid(np.array(quartiles, dtype=float), low, high)
    assert [piece.anchor for piece in grid.pieces] == anchors
    assert list(grid.cuts) == sorted(grid.cuts)
    assert len(grid.cuts) == len(grid.pieces) - 1
