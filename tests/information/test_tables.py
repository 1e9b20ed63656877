"""Mutual information and conditional entropy of joint tables: identities, arbitrary precision, sparse tables."""

import math

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.metrics import mutual_info_score

import skinfo
from skinfo import conditional_entropy, entropy, entropy_from_counts, kl_divergence, mutual_information


def exact(joint):
    """I(X; Y), H(Y|X) and H(X|Y) of the very numbers given, divided by their sum."""
    with mpmath.workdps(400):
        table = [[mpmath.mpf(float(v)) for v in row] for row in joint]
        total = mpmath.fsum(map(mpmath.fsum, table))
        table = [[v / total for v in row] for row in table]
        px, py = list(map(mpmath.fsum, table)), list(map(mpmath.fsum, zip(*table)))
        cells = [(v, px[i], py[j]) for i, row in enumerate(table) for j, v in enumerate(row) if v]
        information = mpmath.fsum(v * mpmath.log(v / a / b) for v, a, b in cells)
        right, left = (mpmath.fsum(cell[0] * mpmath.log(cell[i] / cell[0]) for cell in cells) for i in (1, 2))
        return float(information), float(right), float(left)


def independent(distance):
    rng = np.random.default_rng(1)
    p, q = rng.dirichlet(np.ones(5)), rng.dirichlet(np.ones(7))
    table = np.outer(p, q) * (1 + distance * rng.uniform(-1, 1, (5, 7)))
    return table / table.sum()


TABLES = [
    np.array([[0.5, 0.0], [0.0, 0.5]]),
    np.array([[0.25, 0.0, 0.25], [0.0, 0.5, 0.0]]),
    np.array([[0.0, 0.0], [0.3, 0.7]]),
    np.array([[1 - 1e-12, 1e-12]]),
    np.array([[0.5, 1e-300], [5e-324, 0.5]]),
    np.array([[1e-200, 1e-210], [1e-220, 1.0]]),
    *(independent(d) for d in (0.9, 0.1, 1e-2, 1e-3)),
    np.random.default_rng(0).dirichlet(np.full(3000, 0.05)).reshape(50, 60),
]


@pytest.mark.parametrize("table", TABLES)
def test_tables_agree_with_arbitrary_precision(table):
    information, right, left = exact(table)
    for form in (np.asarray, sparse.csr_array, sparse.coo_array):
        assert_allclose(mutual_information(form(table)), information, rtol=1e-12, atol=1e-320)
        assert_allclose(mutual_information(form(table.T)), information, rtol=1e-12, atol=1e-320)
        for axis in (-1, 1):
            assert_allclose(conditional_entropy(form(table), axis=axis), right, rtol=1e-12, atol=1e-320)
        for axis in (0, -2):
            assert_allclose(conditional_entropy(form(table), axis=axis), left, rtol=1e-12, atol=1e-320)


@pytest.mark.parametrize("distance", [1e-4, 1e-6, 1e-8])
def test_nearly_independent_variables(distance):
    table = independent(distance)
    found, truth = mutual_information(table), exact(table)[0]
    assert abs(found - truth) <= 4e-16 * math.sqrt(truth)
    assert abs(mutual_information(sparse.csr_array(table)) - truth) <= 4e-16 * math.sqrt(truth)
    assert 0 <= mutual_information(independent(0)) < 1e-30


CELLS = arrays(
    float, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.sampled_from([0.0, 1e-12]) | st.floats(0.01, 1)
)


@given(CELLS)
def test_identities(cells):
    cells[0, -1] += 0.5
    joint = cells / cells.sum()
    px, py = joint.sum(axis=1), joint.sum(axis=0)
    px, py = px / px.sum(), py / py.sum()
    information, h = mutual_information(joint), entropy(joint.ravel())
    assert_allclose(information, kl_divergence(joint.ravel(), np.outer(px, py).ravel()), atol=1e-14)
    assert_allclose(information, entropy(px) + entropy(py) - h, atol=1e-13)
    assert_allclose(conditional_entropy(joint), h - entropy(px), atol=1e-13)
    assert_allclose(conditional_entropy(joint, axis=0), h - entropy(py), atol=1e-13)
    assert_allclose(information, entropy(py) - conditional_entropy(joint), atol=1e-13)
    assert_allclose(mutual_information(sparse.csc_array(joint), base=2), information / math.log(2), atol=1e-14)
    assert 0 <= information <= min(entropy(px), entropy(py)) + 1e-14


def test_peers_and_frames():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 4, 500), rng.integers(0, 3, 500)
    table = pd.crosstab(x, y, normalize=True)
    assert_allclose(mutual_information(table), mutual_info_score(x, y), rtol=1e-12)
    assert type(mutual_information(table)) is type(conditional_entropy(table)) is float
    counts = pd.crosstab(x, y).to_numpy()
    corrected = sum(entropy_from_counts(counts.sum(axis=a)) for a in (0, 1)) - entropy_from_counts(counts.ravel())
    assert abs(corrected) < mutual_information(table)


def test_large_sparse_tables_are_not_filled():
    n = 10**6
    diagonal = sparse.eye_array(n, format="csr") / n
    assert_allclose(mutual_information(diagonal), math.log(n), rtol=1e-12)
    assert conditional_entropy(diagonal[:, :1000] * 1000) == 0


@pytest.mark.parametrize(
    ("joint", "message"),
    [
        ([[2, 3], [1, 4]], "joint must sum to one over the whole table: its sum is 10"),
        ([[0.5, -0.5], [0.5, 0.5]], "joint must be probabilities: it contains -0.5"),
        ([[math.nan, 0.5], [0.5, 0.5]], "it contains NaN"),
        (sparse.csr_array(np.array([[0.5, -0.5]])), "it contains -0.5"),
        ([0.5, 0.5], r"joint must be a table of shape \(K, L\)"),
        ("x", "joint must be an array of probabilities"),
        ([[]], "joint must hold at least one probability"),
    ],
)
def test_refusals(joint, message):
    for function in (mutual_information, conditional_entropy):
        with pytest.raises(ValueError, match=message):
            function(joint)


def test_axes_and_names():
    for axis in (2, 0.5, np.ones(2)):
        with pytest.raises(np.exceptions.AxisError, match="axis of joint"):
            conditional_entropy([[1.0]], axis=axis)
    with pytest.raises(ValueError, match="outcomes along axis -1; got axis="):
        entropy(sparse.csr_array([[1.0]]), axis=np.ones(2))
    with pytest.raises(ValueError, match="base must be"):
        mutual_information([[1.0]], base=1)
    assert {"mutual_information", "conditional_entropy"} <= set(skinfo.__all__)
