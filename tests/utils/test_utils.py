"""Blocks of rows, checks of weights and probabilities, optional dependencies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse

from skinfo.utils import check_probabilities, check_weights, import_extra, index_blocks, row_blocks


@given(n=st.integers(0, 300_000), width=st.integers(0, 10**6))
def test_blocks_cover_every_row_once_in_order(n, width):
    blocks = list(row_blocks(n, width))
    ends = [0, *(b.stop for b in blocks)]
    assert [b.start for b in blocks] == ends[:-1]
    assert ends[-1] == n
    assert all(b.stop > b.start for b in blocks)
    assert all(b.step is None for b in blocks)


def test_blocks_fit_in_cache_but_are_not_tiny():
    for width in (1, 8, 64, 10_000):
        (first, *_) = row_blocks(10**7, width)
        assert first.stop >= 256
        assert first.stop == 256 or first.stop * width * 8 <= 2**20


@given(shape=st.lists(st.integers(0, 40), min_size=1, max_size=4), entries=st.integers(1, 500))
def test_blocks_of_arrays_cover_every_vector_once(shape, entries):
    seen = np.zeros(shape, dtype=int)
    for at in index_blocks(tuple(shape), entries):
        assert seen[at].size <= max(entries, shape[-1])
        seen[at] += 1
    assert (seen == 1).all()


# --- weights


def test_weights_are_doubles():
    assert check_weights(None, 3) is None
    for given_weights in ([1, 2, 0], (1.0, 2.0, 0.0), np.array([1, 2, 0], dtype=np.float32)):
        weights = check_weights(given_weights, 3)
        assert weights.dtype == np.float64
        assert_array_equal(weights, [1, 2, 0])
    assert_array_equal(check_weights(2, 3), [2.0, 2.0, 2.0])
    own = np.ones(3)
    assert check_weights(own, 3) is own


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, -2.5, 1.0], r"sample_weight must not be negative; sample_weight\[1\] is -2\.5"),
        ([1.0, np.nan, 1.0], "sample_weight contains NaN or infinity"),
        ([1.0, np.inf, 1.0], "sample_weight contains NaN or infinity"),
        ([0.0, 0.0, 0.0], "sample_weight is zero in every row"),
        (0.0, "sample_weight is zero in every row"),
        ([1.0, 1.0], r"sample_weight\.shape == \(2,\), expected \(3,\)"),
        (np.ones((3, 1)), r"Sample weights must be 1D array or scalar: sample_weight has shape \(3, 1\)"),
        (["a", "b", "c"], "sample_weight must be numbers; got list"),
        ([[1.0], [1.0, 2.0], [1.0]], "sample_weight must be numbers"),
        ("balanced", "sample_weight must be numbers"),
        (10**400, "sample_weight must be numbers; got int: int too large"),
        ([1.0, 10**400, 1.0], "sample_weight must be numbers; got list: int too large"),
        (np.array([1j, 1.0, 1.0]), "sample_weight must be numbers; got ndarray: an array of complex128"),
        (np.full(3, np.datetime64("2020-01-01")), "sample_weight must be numbers; got ndarray: an array of datetime"),
        (sparse.csr_matrix(np.eye(3)), "sample_weight must be numbers; got csr_matrix"),
    ],
)
def test_bad_weights_are_said(weights, message):
    with pytest.raises(ValueError, match=message):
        check_weights(weights, 3)


def test_the_name_of_the_argument_is_in_the_message():
    for weights in ([-1.0], [np.nan], [0.0], [1.0, 1.0], [[1.0]], "x"):
        with pytest.raises(ValueError, match="frequencies"):
            check_weights(weights, 1, name="frequencies")


# --- probabilities


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_are_kept_as_they_are(dtype):
    p = np.array([[0.25, 0.75], [1.0, 0.0]], dtype=dtype)
    assert check_probabilities(p, name="p") is p
    assert_array_equal(check_probabilities(p.T, name="p", axis=0), p.T)
    assert check_probabilities([1, 0], name="p").dtype == np.float64
    off = np.array([0.5, 0.5 + 9e-7])
    assert check_probabilities(off, name="p")[1] == off[1]  # not renormalised


@pytest.mark.parametrize(
    ("p", "message"),
    [
        ([0.5, -0.1, 0.6], r"q must be probabilities: it contains -0\.1"),
        ([0.5, np.nan], r"q must be probabilities: it contains NaN"),
        ([0.5, np.inf], r"q must sum to one along axis -1: one sum is inf"),
        ([1, 2, 3], r"q must sum to one along axis -1: one sum is 6\. Divide by the sums"),
        ([0.5, 0.5 + 3e-6], r"one sum is 1\.000003"),
        (1.0, r"q must be an array of probabilities; its shape is \(\)"),
        ([], r"q must hold at least one probability; its shape is \(0,\)"),
        (np.ones((3, 0)), r"its shape is \(3, 0\)"),
        (["a"], "q must be an array of probabilities; got list"),
        ([[0.5, 0.5], [1.0]], "q must be an array of probabilities; got list"),
        (None, "q must"),
        (np.array([0.5 + 1j, 0.5]), "q must be an array of probabilities; got ndarray"),
        (np.array(["1970-01-02"], dtype="M8[D]"), "q must be an array of probabilities; got ndarray of datetime64"),
        (np.ones(1, dtype=[("a", float)]), "q must be an array of probabilities; got ndarray of"),
        ([10**400, 0], "q must be probabilities: it contains a number beyond the range of floats"),
    ],
)
def test_bad_probabilities_are_said(p, message):
    with pytest.raises(ValueError, match=message):
        check_probabilities(p, name="q")


def test_the_worst_of_many_rows_is_found():
    p = np.full((100_000, 4), 0.25)
    assert check_probabilities(p, name="p") is p
    p[77_777] *= 2
    with pytest.raises(ValueError, match="one sum is 2"):
        check_probabilities(p, name="p")


# --- optional dependencies


def test_extras_are_imported_or_named():
    assert import_extra("math", "plot").sqrt(4) == 2
    with pytest.raises(ImportError, match=r"this needs no_such_module: pip install 'skinfo\[plot\]'") as caught:
        import_extra("no_such_module.inner", "plot")
    assert isinstance(caught.value.__cause__, ImportError)
