"""Entropies and divergences of probability vectors against arbitrary precision and their own identities."""

import math
import tracemalloc

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from skinfo.information._vectors import (
    vector_cross_entropy,
    vector_entropy,
    vector_js_divergence,
    vector_kl_divergence,
)

PAIRS = [vector_cross_entropy, vector_kl_divergence, vector_js_divergence]


def exact(function, p, q=None):
    """The definition, of the very numbers given, with more digits than 1 + 5e-324 has."""
    with mpmath.workdps(400):
        p = [mpmath.mpf(float(v)) for v in p]
        q = p if q is None else [mpmath.mpf(float(v)) for v in q]
        relative = lambda a, b: mpmath.fsum(x * mpmath.log(x / y) for x, y in zip(a, b) if x)  # noqa: E731
        if function in (vector_entropy, vector_cross_entropy):
            return float(-mpmath.fsum(x * mpmath.log(y) for x, y in zip(p, q) if x))
        if function is vector_kl_divergence:
            return float(relative(p, q) - mpmath.fsum(p) + mpmath.fsum(q))
        middle = [(x + y) / 2 for x, y in zip(p, q)]
        return float((relative(p, middle) + relative(q, middle)) / 2)


def with_tiny(*entries):
    """A vector with these entries and one that completes the sum."""
    return [*entries, 1.0 - math.fsum(entries)]


VECTORS = [
    ([0.2, 0.3, 0.5], [0.5, 0.3, 0.2]),
    ([1.0, 0.0, 0.0], [0.25, 0.25, 0.5]),
    ([0.0, 0.5, 0.5], [0.0, 0.25, 0.75]),
    (with_tiny(1e-300, 0.25), with_tiny(0.25, 1e-300)),
    (with_tiny(5e-324, 1e-310), with_tiny(0.5, 0.25)),
    (with_tiny(0.5, 0.25), with_tiny(5e-324, 1e-310)),
    (with_tiny(5e-324, 1e-310), with_tiny(1e-310, 5e-324)),
    (with_tiny(1e-10), with_tiny(1e-12)),
    ([0.5, 0.5], [0.5 + 2.0**-30, 0.5 - 2.0**-30]),
    ([0.5, 0.5], [0.5 + 2.0**-53, 0.5 - 2.0**-53]),
    ([0.5, 0.5], [0.5 * 1.28, 0.5 * 0.72]),
    ([0.5, 0.5], [0.5 * 1.29, 0.5 * 0.71]),
    ([0.5, 0.25, 0.25], [0.5, 0.25 + 2.0**-20, 0.25 - 2.0**-20]),
    (np.full(1000, 1e-3), np.linspace(0.9e-3, 1.1e-3, 1000)),
]


@pytest.mark.parametrize("function", PAIRS)
@pytest.mark.parametrize(("p", "q"), VECTORS)
def test_pairs_agree_with_arbitrary_precision(function, p, q):
    for left, right in [(p, q), (q, p)]:
        if function is not vector_js_divergence and any(b == 0 < a for a, b in zip(left, right)):
            assert function(left, right) == math.inf
        else:
            assert_allclose(function(left, right), exact(function, left, right), rtol=1e-12, atol=1e-320)


@pytest.mark.parametrize("p", [vector for pair in VECTORS for vector in pair])
def test_entropy_agrees_with_arbitrary_precision(p):
    assert_allclose(vector_entropy(p), exact(vector_entropy, p), rtol=1e-12, atol=1e-320)


@pytest.mark.parametrize("distance", 10.0 ** np.arange(-15, 0))
@pytest.mark.parametrize("function", [vector_kl_divergence, vector_js_divergence])
def test_divergence_of_close_vectors_keeps_its_digits(function, distance):
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(30))
    q = p * (1 + distance * rng.choice([-1.0, 1.0], 30) * rng.random(30))
    q /= q.sum()
    assert_allclose(function(p, q), exact(function, p, q), rtol=1e-12)


def test_closed_forms():
    assert vector_entropy(np.full(8, 0.125), base=2) == 3.0
    assert_allclose(vector_entropy(np.full(10, 0.1)), math.log(10), rtol=1e-15)
    assert vector_entropy([0.0, 1.0, 0.0]) == 0.0
    assert math.copysign(1.0, vector_entropy([1.0])) == 1.0
    assert_allclose(vector_kl_divergence([1.0, 0.0], [0.3, 0.7]), -math.log(0.3), rtol=1e-15)
    assert vector_js_divergence([1.0, 0.0], [0.0, 1.0], base=2) == 1.0
    assert_allclose(vector_cross_entropy([0.2, 0.8], [0.5, 0.5], base=10), math.log10(2), rtol=1e-15)


def test_mass_where_q_has_none_is_infinite_and_silent(recwarn):
    for function in (vector_cross_entropy, vector_kl_divergence):
        assert function([0.5, 0.5], [1.0, 0.0]) == math.inf
        assert function([5e-324, 1.0], [0.0, 1.0]) == math.inf
        assert_array_equal(np.isinf(function([[0.5, 0.5], [1.0, 0.0]], [1.0, 0.0])), [True, False])
    assert vector_js_divergence([0.5, 0.5], [1.0, 0.0]) < math.log(2)
    assert not recwarn.list


def test_divergence_of_a_vector_from_itself_is_exactly_zero():
    p = np.random.default_rng(0).dirichlet(np.full(7, 0.3), 500)
    p[:, 0] = 0.0
    p /= p.sum(axis=1, keepdims=True)
    assert_array_equal(vector_kl_divergence(p, p), np.zeros(500))
    assert_array_equal(vector_js_divergence(p, p), np.zeros(500))


def test_kl_is_that_of_the_normalised_vectors_where_float32_sums_are_not_one():
    rng = np.random.default_rng(1)
    p, q = rng.dirichlet(np.ones(20), (2, 200)).astype(np.float32)
    assert np.abs(p.sum(axis=1, dtype=float) - 1).max() > 1e-9
    wide, other = (a.astype(float) / a.sum(axis=1, keepdims=True, dtype=float) for a in (p, q))
    assert_allclose(vector_kl_divergence(p, q), vector_kl_divergence(wide, other), rtol=1e-6)
    nearly = np.nextafter(p, np.float32(1))
    assert (vector_kl_divergence(p, nearly) >= 0).all()
    assert vector_kl_divergence(p, nearly).max() < 1e-13


WEIGHTS = st.sampled_from([0.0, 5e-324, 1e-300, 1e-9]) | st.floats(1e-3, 1.0)


@st.composite
def vectors(draw, size, positive=False):
    values = draw(arrays(float, size, elements=st.floats(1e-3, 1.0) if positive else WEIGHTS))
    values[draw(st.integers(0, size - 1))] = 1.0
    return values / values.sum()


@st.composite
def pairs(draw, positive=False):
    size = draw(st.integers(1, 12))
    return draw(vectors(size)), draw(vectors(size, positive))


@given(pairs())
def test_divergences_are_never_negative_and_js_is_symmetric_and_bounded(pair):
    p, q = pair
    assert vector_kl_divergence(p, q) >= 0
    assert 0 <= vector_js_divergence(p, q) <= math.log(2) * (1 + 1e-12)
    assert vector_js_divergence(p, q) == vector_js_divergence(q, p)


@given(pairs(positive=True))
def test_cross_entropy_is_entropy_and_kl(pair):
    p, q = pair
    assert_allclose(vector_cross_entropy(p, q), vector_entropy(p) + vector_kl_divergence(p, q), rtol=1e-13, atol=1e-14)
    assert_allclose(vector_cross_entropy(p, p), vector_entropy(p), rtol=1e-15)


@given(pairs(positive=True))
def test_js_is_the_mean_divergence_from_the_middle(pair):
    p, q = pair
    middle = (p + q) / 2
    expected = (vector_kl_divergence(p, middle) + vector_kl_divergence(q, middle)) / 2
    assert_allclose(vector_js_divergence(p, q), expected, rtol=1e-12, atol=1e-15)


@given(pairs(), st.randoms(use_true_random=False))
def test_order_of_outcomes_does_not_matter(pair, random):
    p, q = pair
    order = random.sample(range(len(p)), len(p))
    for function in PAIRS:
        assert_allclose(function(p[order], q[order]), function(p, q), rtol=1e-13, atol=1e-300)


@given(pairs(positive=True))
def test_chain_rule_of_independent_pairs(pair):
    p, q = pair
    for function in (vector_cross_entropy, vector_kl_divergence):
        joint = function(np.outer(p, p).ravel(), np.outer(q, q).ravel())
        assert_allclose(joint, 2 * function(p, q), rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_axes_and_types(axis, dtype):
    rng = np.random.default_rng(2)
    p, q = (np.moveaxis(rng.dirichlet(np.ones(4), (3, 5)), -1, axis).astype(dtype) for _ in range(2))
    rows = lambda a: np.moveaxis(a, axis, -1).reshape(-1, 4)  # noqa: E731
    for function in PAIRS:
        result = function(p, q, axis=axis)
        assert result.dtype == np.float64
        expected = [exact(function, a, b) for a, b in zip(rows(p), rows(q))]
        assert_allclose(result.ravel(), expected, rtol=1e-12)
    assert_allclose(vector_entropy(p, axis=axis).ravel(), [exact(vector_entropy, a) for a in rows(p)], rtol=1e-12)


def test_broadcasting():
    rng = np.random.default_rng(3)
    p, q = rng.dirichlet(np.ones(3), (4, 1)), rng.dirichlet(np.ones(3), 5)
    for function in PAIRS:
        table = function(p, q)
        assert table.shape == (4, 5)
        assert_allclose(table, [[function(a[0], b) for b in q] for a in p], rtol=1e-14)
        assert function(q[0], q).shape == function(q, q[0]).shape == (5,)
        assert type(function(q[0].tolist(), q[1].tolist())) is float
    assert type(vector_entropy(q[0])) is float
    assert vector_entropy(np.empty((0, 3))).shape == (0,)


def test_tall_arrays_are_walked_in_blocks():
    rng = np.random.default_rng(4)
    p, q = rng.dirichlet(np.ones(10), (2, 200_000))
    for function in PAIRS:
        tracemalloc.start()
        result = function(p, q)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # The result and the checks' sums take 1.6 MB each; one temporary of p's size would take 16 MB.
        assert peak < 10e6
        assert_allclose(result[::20_000], [function(a, b) for a, b in zip(p[::20_000], q[::20_000])], rtol=1e-14)


def peak_memory(call):
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_arrays_of_any_layout_are_walked_in_blocks():
    rng = np.random.default_rng(4)
    p, q = rng.dirichlet(np.ones(10), (2, 200_000))
    layouts = [
        (p[None], q[None], -1),  # one long axis behind a short one
        (np.ascontiguousarray(p.T), q.T, 0),
        (p.reshape(2, 100_000, 10).swapaxes(1, 2), q.reshape(2, 100_000, 10).swapaxes(1, 2), 1),
        (p, q[0], -1),
        (p.astype(np.float32)[::-1], q[::-1], -1),
    ]
    for left, right, axis in layouts:
        for function in PAIRS:
            assert peak_memory(lambda: function(left, right, axis=axis)) < 5e6  # noqa: B023
    expected = vector_kl_divergence(p, q)
    assert_allclose(vector_kl_divergence(*layouts[1][:2], axis=0), expected, rtol=1e-13)
    assert_allclose(vector_kl_divergence(*layouts[2][:2], axis=1).ravel(), expected, rtol=1e-13)


def test_long_vectors_are_walked_in_blocks():
    p, q = np.random.default_rng(0).exponential(size=(2, 3, 500_000))
    p /= p.sum(axis=1, keepdims=True)
    q /= q.sum(axis=1, keepdims=True)
    q[1] = p[1] * (1 + 1e-9 * np.tile([-1.0, 1.0], 250_000))
    q[2, :10] += p[2, :10]
    p[2, :10] = 0.0
    p[2] /= p[2].sum()
    q[2] /= q[2].sum()
    for function in PAIRS:
        assert peak_memory(lambda: function(p, q)) < 3e6  # noqa: B023
    far = [vector_kl_divergence(p[0], q[0]), (p[0] * np.log(p[0] / q[0]) - p[0] + q[0]).sum()]
    assert_allclose(far[0], far[1], rtol=1e-12)
    assert_allclose(vector_kl_divergence(p[1], q[1]), 5e-19, rtol=1e-3)
    with pytest.raises(ValueError, match=r"q must sum to one along axis -1: one sum is 0\.5"):
        vector_kl_divergence(p[0], q[0] / 2)


def test_divergences_of_all_sizes_in_one_array():
    """Rows near and far, with zeros on either side, infinite and overflowing, in one block."""
    rows = [pair for pair in VECTORS if len(pair[0]) == 3]
    p, q = (np.array([pair[i] for pair in rows] * 50) for i in (0, 1))
    for function in PAIRS:
        together = function(p, q)
        assert_array_equal(together, [function(a, b) for a, b in zip(p, q)])


def test_many_outcomes_keep_their_digits():
    p = np.random.default_rng(6).random(100_000)
    p /= p.sum()
    q = np.full(100_000, 1e-5)
    terms = -p * np.log(p)
    assert_allclose(vector_entropy(p), math.fsum(terms), rtol=1e-14)
    assert_allclose(vector_cross_entropy(p, q), math.log(1e5) * math.fsum(p), rtol=1e-14)


@pytest.mark.parametrize("base", [0, -2, 1, math.nan, math.inf, "2", 1j, True])
def test_bad_base(base):
    for call in (
        lambda: vector_entropy([0.5, 0.5], base=base),
        lambda: vector_kl_divergence([1.0], [1.0], base=base),
    ):
        with pytest.raises(ValueError, match="base must be a positive number other than 1"):
            call()


@pytest.mark.parametrize("function", PAIRS)
def test_bad_arguments_are_named(function):
    good = [0.5, 0.5]
    with pytest.raises(ValueError, match="p must sum to one"):
        function([0.5, 0.6], good)
    with pytest.raises(ValueError, match=r"q must be probabilities: it contains -0\.1"):
        function(good, [-0.1, 1.1])
    with pytest.raises(ValueError, match="q must be probabilities: it contains NaN"):
        function(good, [math.nan, 1.0])
    with pytest.raises(ValueError, match=r"as many outcomes along axis -1: p has shape \(2,\) and q has shape \(3,\)"):
        function(good, [0.5, 0.25, 0.25])
    with pytest.raises(ValueError, match=r"broadcast .*: p has shape \(2, 2\) and q has shape \(3, 2\)"):
        function([good] * 2, [good] * 3)
    with pytest.raises(ValueError, match="axis 1 is out of bounds"):
        function(good, good, axis=1)


@settings(max_examples=30)
@given(pairs(positive=True), st.floats(1.1, 50))
def test_base_is_a_unit(pair, base):
    for function in PAIRS:
        assert_allclose(function(*pair, base=base) * math.log(base), function(*pair), rtol=1e-14)
