"""Renyi, alpha and Jeffreys divergences, distances: arbitrary precision, limits, inequalities, sparse rows."""

import math
import tracemalloc
from functools import partial

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse, stats
from scipy.spatial.distance import jensenshannon

import skinfo
from skinfo import (
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

ORDERS = [
    1e-300,
    1e-12,
    1e-3,
    0.25,
    0.4999999,
    0.5,
    0.75,
    1 - 2.0**-53,
    1 - 1e-9,
    1 + 2.0**-52,
    1 + 1e-7,
    1.5,
    2,
    3,
    40,
    1e3,
]
DISTANCES = {
    "total_variation": total_variation,
    "hellinger_distance": hellinger_distance,
    "jeffreys_divergence": jeffreys_divergence,
    "js_distance": js_distance,
}


def terms(p, q, alpha):
    """Of the alpha divergence of the very numbers given, whose sums are not quite one."""
    a = mpmath.mpf(alpha)
    for x, y in zip(map(mpmath.mpf, map(float, p)), map(mpmath.mpf, map(float, q))):
        if not x and not y:
            continue
        if alpha == 1:
            yield (x * mpmath.log(x / y) if x else 0) - x + y
        elif not x or not y:
            yield (
                ((mpmath.mpf(0) if (x or alpha > 0) and (y or alpha < 1) else mpmath.inf) - a * x - (1 - a) * y)
                / a
                / (a - 1)
            )
        else:
            yield (x**a * y ** (1 - a) - a * x - (1 - a) * y) / (a * (a - 1))


def exact(name, p, q, alpha=None):
    with mpmath.workdps(700):
        if name == "alpha":
            return float(mpmath.fsum(terms(p, q, alpha)))
        if name == "renyi":
            a = mpmath.mpf(alpha)
            return float(mpmath.log1p(a * (a - 1) * mpmath.fsum(terms(p, q, alpha))) / (a - 1))
        pairs = [(mpmath.mpf(float(x)), mpmath.mpf(float(y))) for x, y in zip(p, q) if x or y]
        if name == "total_variation":
            return float(mpmath.fsum(abs(x - y) for x, y in pairs) / 2)
        if name == "hellinger_distance":
            return float(mpmath.sqrt(mpmath.fsum((mpmath.sqrt(x) - mpmath.sqrt(y)) ** 2 for x, y in pairs) / 2))
        if name == "jeffreys_divergence":
            return float(mpmath.fsum((x - y) * mpmath.log(x / y) for x, y in pairs))
        relative = [(z, 2 * z / (x + y)) for x, y in pairs for z in (x, y) if z]
        return float(mpmath.sqrt(mpmath.fsum(z * mpmath.log(r) for z, r in relative) / 2))


def with_tiny(*entries):
    return [*entries, 1.0 - math.fsum(entries)]


def close(distance, seed=5):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(12))
    q = p * (1 + distance * rng.uniform(-1, 1, 12))
    return p, q / q.sum()


POSITIVE = [
    ([0.2, 0.3, 0.5], [0.5, 0.3, 0.2]),
    ([0.5, 0.5], [0.5 + 2.0**-53, 0.5 - 2.0**-53]),
    (with_tiny(1e-10), with_tiny(1e-12)),
    (with_tiny(1e-300, 0.25), with_tiny(0.25, 1e-300)),
    (with_tiny(5e-324, 1e-310), with_tiny(1e-310, 5e-324)),
    (with_tiny(1e-323, 0.25), with_tiny(0.75, 1e-323)),
    *(close(d) for d in (1e-14, 1e-10, 1e-6, 1e-3, 0.01, 0.03, 0.1, 0.5, 0.99)),
]
ZEROS = [([0.0, 0.5, 0.5], [0.0, 0.25, 0.75]), ([0.0, 0.5, 0.5], [0.25, 0.25, 0.5]), ([1.0, 0.0, 0.0], [0.5, 0.5, 0.0])]


@pytest.mark.parametrize(("p", "q"), POSITIVE + ZEROS)
@pytest.mark.parametrize("alpha", ORDERS)
def test_orders_agree_with_arbitrary_precision(p, q, alpha):
    assert_allclose(renyi_divergence(p, q, alpha), exact("renyi", p, q, alpha), rtol=1e-12, atol=1e-322)
    for a in (alpha, -alpha):
        assert_allclose(alpha_divergence(p, q, a), exact("alpha", p, q, a), rtol=1e-12, atol=1e-322)


@pytest.mark.parametrize(("p", "q"), POSITIVE + ZEROS)
@pytest.mark.parametrize("name", DISTANCES)
def test_distances_agree_with_arbitrary_precision(name, p, q):
    if name == "jeffreys_divergence" and any((a == 0) != (b == 0) for a, b in zip(p, q)):
        assert DISTANCES[name](p, q) == math.inf
    else:
        assert_allclose(DISTANCES[name](p, q), exact(name, p, q), rtol=1e-12, atol=1e-322)
        assert DISTANCES[name](q, p) == pytest.approx(DISTANCES[name](p, q), rel=1e-14)


@pytest.mark.parametrize(("p", "q"), POSITIVE)
def test_large_orders(p, q):
    with mpmath.workdps(50):
        ratio = max(mpmath.log(mpmath.mpf(float(a)) / mpmath.mpf(float(b))) for a, b in zip(p, q) if b)
    assert_allclose(renyi_divergence(p, q, math.inf), float(ratio), rtol=1e-12)
    if ratio > 1e-3:
        assert_allclose(renyi_divergence(p, q, 1e8), exact("renyi", p, q, 1e8), rtol=1e-12)
        assert_allclose(renyi_divergence(p, q, 1e300), float(ratio), rtol=1e-12)
    assert_allclose(alpha_divergence(p, p, 1e300), 0, atol=0)


def test_limits_and_special_orders():
    p, q = np.random.default_rng(0).dirichlet(np.ones(6), (2, 50))
    assert_allclose(renyi_divergence(p, q, 1), kl_divergence(p, q), rtol=1e-15)
    assert_allclose(alpha_divergence(p, q, 1), kl_divergence(p, q), rtol=1e-15)
    assert_allclose(alpha_divergence(p, q, 0), kl_divergence(q, p), rtol=1e-12)
    assert_allclose(alpha_divergence(p, q, 0.5), 4 * hellinger_distance(p, q) ** 2, rtol=1e-12)
    assert_allclose(alpha_divergence(p, q, 2), ((p - q) ** 2 / q).sum(axis=1) / 2, rtol=1e-12)
    assert_allclose(renyi_divergence(p, q, 0.5), -2 * np.log(np.sqrt(p * q).sum(axis=1)), rtol=1e-11)
    assert_allclose(alpha_divergence(p, q, 0.3), alpha_divergence(q, p, 0.7), rtol=1e-12)
    assert_array_equal(renyi_divergence(p, q, 0), 0.0)
    assert renyi_divergence([0.5, 0.5, 0.0], [0.3, 0.3, 0.4], 0) == pytest.approx(-math.log(0.6), rel=1e-14)
    assert renyi_divergence([1 - 1e-12, 1e-12, 0.0], [1 - 2e-12, 1e-12, 1e-12], 0) == pytest.approx(1e-12, rel=1e-12)
    assert_allclose(jeffreys_divergence(p, q, base=2), kl_divergence(p, q, base=2) + kl_divergence(q, p, base=2))
    assert_allclose(js_distance(p, q, base=2), jensenshannon(p, q, base=2, axis=1), rtol=1e-7)
    assert_allclose(renyi_divergence(p, q, 3, base=2), renyi_divergence(p, q, 3) / math.log(2), rtol=1e-15)


@pytest.mark.parametrize("alpha", [0, 0.2, 0.5, 0.9, 1, 2, math.inf])
def test_infinities_are_exact_and_silent(alpha, recwarn):
    assert renyi_divergence([1.0, 0.0], [0.0, 1.0], alpha) == math.inf
    some = renyi_divergence([0.5, 0.5], [1.0, 0.0], alpha)
    assert math.isinf(some) == (alpha >= 1)
    if alpha != math.inf:
        assert math.isinf(alpha_divergence([0.5, 0.5], [1.0, 0.0], alpha)) == (alpha >= 1)
        assert math.isinf(alpha_divergence([1.0, 0.0], [0.5, 0.5], -alpha)) is True
    assert renyi_divergence([0.5, 0.5, 0.0], [0.5, 0.5, 0.0], alpha) == 0
    assert total_variation([1.0, 0.0], [0.0, 1.0]) == hellinger_distance([1.0, 0.0], [0.0, 1.0]) == 1
    assert not recwarn.list


# --- inequalities


@st.composite
def vectors(draw, size):
    weight = st.sampled_from([0.0, 1e-300, 1e-9]) | st.floats(1e-3, 1.0)
    values = np.array(draw(st.lists(weight, min_size=size, max_size=size)))
    values[draw(st.integers(0, size - 1))] = 1.0
    return values / values.sum()


@st.composite
def tuples(draw, n=2):
    size = draw(st.integers(1, 8))
    return [draw(vectors(size)) for _ in range(n)]


EDGE = 1 + 1e-12


@given(tuples())
def test_inequalities_between_divergences(pair):
    p, q = pair
    tv, h, kl = total_variation(p, q), hellinger_distance(p, q), kl_divergence(p, q)
    assert 2 * tv**2 <= kl * EDGE  # Pinsker
    assert tv <= math.sqrt(max(0.0, -math.expm1(-kl))) * EDGE + 1e-15  # Bretagnolle and Huber
    assert h**2 <= tv * EDGE  # Le Cam
    assert tv <= h * math.sqrt(max(0.0, 2 - h**2)) * EDGE + 1e-8
    assert 2 * h**2 <= renyi_divergence(p, q, 0.5) * EDGE
    assert js_divergence(p, q) <= math.log(2) * tv * EDGE  # Lin
    assert js_divergence(p, q) <= jeffreys_divergence(p, q) / 4 * EDGE


@given(tuples(), st.floats(0, 5), st.floats(0, 5))
def test_renyi_does_not_decrease_in_its_order(pair, a, b):
    low, high = sorted([a, b])
    values = [renyi_divergence(*pair, order) for order in (low, high, math.inf)]
    assert values[0] <= values[1] * EDGE + 1e-15
    assert values[1] <= values[2] * EDGE + 1e-15


JOINTLY_CONVEX = [
    kl_divergence,
    js_divergence,
    jeffreys_divergence,
    total_variation,
    *(partial(alpha_divergence, alpha=a) for a in (-1, 0.3, 2)),
    *(partial(renyi_divergence, alpha=a) for a in (0.3, 1)),
]


@given(tuples(4), st.floats(0, 1))
def test_joint_convexity(four, t):
    p, q, r, s = four
    for divergence in JOINTLY_CONVEX:
        mixed = divergence((1 - t) * p + t * r, (1 - t) * q + t * s)
        parts = [w * d for w, d in ((1 - t, divergence(p, q)), (t, divergence(r, s))) if w]
        assert mixed <= sum(parts) * EDGE + 1e-14


@given(tuples(), st.integers(0, 2**31))
def test_data_processing(pair, seed):
    p, q = pair
    channel = np.random.default_rng(seed).dirichlet(np.ones(3), len(p))
    for divergence in [*JOINTLY_CONVEX, hellinger_distance, partial(renyi_divergence, alpha=math.inf)]:
        assert divergence(p @ channel, q @ channel) <= divergence(p, q) * (1 + 1e-9) + 1e-14


@given(tuples(3))
def test_triangles(three):
    p, q, r = three
    for distance in (js_distance, hellinger_distance, total_variation):
        assert distance(p, r) <= (distance(p, q) + distance(q, r)) * EDGE


ALL = [
    *DISTANCES.values(),
    *(partial(renyi_divergence, alpha=a) for a in (0, 0.3, 2, math.inf)),
    partial(alpha_divergence, alpha=3),
]


# --- sparse rows


def sparse_pair(n, k, seed=0):
    rng = np.random.default_rng(seed)
    p, q = (rng.random((n, k)) * (rng.random((n, k)) < 0.1) for _ in range(2))
    q[: n // 2] = p[: n // 2] * rng.random((n // 2, k))  # some of the pairs have the same outcomes
    p[:, 0], q[:, 0] = 0.5, 0.25
    p[3], q[3] = rng.random(k), rng.random(k)
    return p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
def test_sparse_rows_are_those_they_stand_for(kind):
    p, q = sparse_pair(60, 200)
    assert_allclose(entropy(kind(p)), entropy(p), rtol=1e-13)
    for function in [*ALL, cross_entropy, kl_divergence, js_divergence]:
        expected = function(p, q)
        for left, right in [(kind(p), kind(q)), (kind(p), q), (p, kind(q))]:
            assert_allclose(function(left, right), expected, rtol=1e-12)
        assert_allclose(function(kind(p), q[3]), function(p, q[3]), rtol=1e-12)
        assert_allclose(function(kind(p[:1]), q), function(p[:1], q), rtol=1e-12)


def test_sparse_rows_of_many_outcomes_are_not_filled():
    rng = np.random.default_rng(0)
    n, k, each = 3000, 10**6, 20
    at = (np.repeat(np.arange(n), each), rng.integers(0, k, n * each))
    p = sparse.coo_array((rng.dirichlet(np.ones(each), n).ravel(), at), shape=(n, k))  # some outcomes twice
    tracemalloc.start()
    d = kl_divergence(p, p.tocsr())
    h = entropy(p)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
    assert_array_equal(d, 0)
    row = p.tocsr()[[7]]
    assert_allclose(h[7], entropy(row.data), rtol=1e-13)


def test_sparse_refusals():
    p = sparse.csr_array(np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.4]]))
    with pytest.raises(ValueError, match=r"p must sum to one along axis -1: one sum is 0\.9"):
        entropy(p)
    with pytest.raises(ValueError, match="q must be probabilities: it contains -1"):
        kl_divergence([0.5, 0.5], sparse.csr_array(np.array([[2.0, -1.0]])))
    good = p[[0]]
    with pytest.raises(ValueError, match="outcomes along axis -1; got axis=0"):
        entropy(good, axis=0)
    with pytest.raises(ValueError, match="as many outcomes"):
        kl_divergence(good, [0.5, 0.5])
    with pytest.raises(ValueError, match="as many rows, or one"):
        kl_divergence(sparse.vstack([good, good]), sparse.vstack([good] * 3))
    with pytest.raises(ValueError, match=r"q must have shape \(n, K\) beside sparse rows"):
        kl_divergence(good, np.full((2, 2, 3), 1 / 3))


# --- arrays


@pytest.mark.parametrize("function", ALL)
def test_axes_types_and_broadcasting(function):
    rng = np.random.default_rng(2)
    p, q = rng.dirichlet(np.ones(4), (3, 1)).astype(np.float32), rng.dirichlet(np.ones(4), 5)
    table = function(p, q)
    assert table.shape == (3, 5)
    assert table.dtype == np.float64
    assert_allclose(table, [[function(a[0], b) for b in q] for a in p], rtol=1e-14)
    assert_allclose(function(p.T, q.T[:, :, None], axis=0), table.T, rtol=1e-14)
    assert type(function(p[0, 0], q[0])) is float


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: renyi_divergence([1.0], [1.0], -1), ValueError, "alpha must be a number from 0 to infinity; got -1"),
        (lambda: renyi_divergence([1.0], [1.0], math.nan), ValueError, "alpha must be a number"),
        (lambda: renyi_divergence([1.0], [1.0], "2"), ValueError, "alpha must be a number"),
        (lambda: alpha_divergence([1.0], [1.0], math.inf), ValueError, "alpha must be a finite number"),
        (lambda: alpha_divergence([0.5], [1.0], 2), ValueError, "p must sum to one along axis -1: one sum is 0.5"),
        (lambda: total_variation([1.0], [1.5, -0.5]), ValueError, "p and q must have as many outcomes"),
        (
            lambda: total_variation(stats.norm(), [1.0]),
            TypeError,
            "total_variation takes arrays .* p is a distribution",
        ),
        (lambda: renyi_divergence([1.0], stats.norm(), 2), TypeError, "q is a distribution"),
        (lambda: jeffreys_divergence([1.0], stats.norm()), TypeError, "p is an array"),
        (lambda: js_distance([1.0], [1.0], base=0.5), ValueError, "base must be above 1 for a distance"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_jeffreys_of_distributions():
    p, q = stats.gamma(2), stats.gamma(3)
    assert jeffreys_divergence(p, q) == kl_divergence(p, q) + kl_divergence(q, p)
    assert js_distance(p, q) == math.sqrt(js_divergence(p, q))


def test_names_are_public():
    assert {*DISTANCES, "renyi_divergence", "alpha_divergence"} <= set(skinfo.__all__)
