"""Counts, numbers of few digits, several axes: how vectors and tables are read."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skinfo import (
    alpha_divergence,
    conditional_entropy,
    cross_entropy,
    entropy,
    mutual_information,
    renyi_divergence,
)
from tests.information.test_labels import PAIRS

COUNTS, OTHERS = np.array([[3, 1, 4], [1, 5, 9]]), np.array([[2, 7, 1], [8, 2, 8]])


def shares(n):
    return n / n.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("function", PAIRS)
def test_counts_are_normalised_on_request(function):
    expected = function(shares(COUNTS), shares(OTHERS))
    assert_allclose(function(COUNTS, OTHERS, normalize=True), expected, rtol=1e-14)
    assert_allclose(function(COUNTS.T, OTHERS.T, axis=0, normalize=True), expected, rtol=1e-14)
    assert_allclose(function(sparse.csr_array(COUNTS), OTHERS, normalize=True), expected, rtol=1e-13)
    whole = function(shares(COUNTS.ravel()), shares(OTHERS.ravel()))
    assert_allclose(function(COUNTS, OTHERS, axis=(0, 1), normalize=True), whole, rtol=1e-14)
    with pytest.raises(ValueError, match=r"one sum is 15\. Pass normalize=True .*entropy_from_counts"):
        function(COUNTS, OTHERS)
    with pytest.raises(ValueError, match="q must have positive and finite sums along axis -1; one is 0"):
        function(COUNTS, OTHERS * [[1], [0]], normalize=True)
    with pytest.raises(TypeError, match="normalize must be True or False; got 'no'"):
        function(COUNTS, OTHERS, normalize="no")


@pytest.mark.parametrize("function", [mutual_information, conditional_entropy])
def test_tables_of_counts(function):
    expected = function(COUNTS / COUNTS.sum())
    assert_allclose(function(COUNTS, normalize=True), expected, rtol=1e-14)
    assert_allclose(function(sparse.csr_array(COUNTS), normalize=True), expected, rtol=1e-13)
    with pytest.raises(ValueError, match=r"its sum is 23\. Pass normalize=True"):
        function(COUNTS)
    with pytest.raises(ValueError, match="joint must have a positive and finite sum; it is 0"):
        function(0 * COUNTS, normalize=True)
    with pytest.raises(ValueError, match="joint must be counts or other masses: it contains -9"):
        function(-COUNTS, normalize=True)


def test_bad_counts_are_named():
    for counts, message in [([3, -1], "it contains -1"), ([3, math.nan], "contains NaN"), ([1e308] * 2, "one is inf")]:
        with pytest.raises(ValueError, match=message):
            entropy(counts, normalize=True)


def test_sums_of_half_precision():
    """Their sums are off by the rounding of the entries, which dividing in half precision does not change."""
    p = np.full(1000, 1e-3, dtype=np.float16)
    assert_allclose(entropy(p), math.log(1000), rtol=1e-14)
    assert_allclose(entropy(np.stack([p, p])), math.log(1000), rtol=1e-14)
    assert_allclose(mutual_information(np.full((2, 2), 0.25, dtype=np.float16)), 0, atol=1e-15)
    with pytest.raises(ValueError, match=r"one sum is 1\.09"):
        entropy(np.full(1000, 1.1e-3, dtype=np.float16))


class Tensor:
    """What torch has of interest here."""

    dtype = "torch.bfloat16"

    def detach(self):
        return self

    cpu = detach

    def float(self):
        return np.array([0.5, 0.49609375], dtype=np.float32)

    def __array__(self, *_, **__):
        raise TypeError("Got unsupported ScalarType BFloat16")


def test_tensors_of_bfloat16():
    assert_allclose(entropy(Tensor()), math.log(2), rtol=1e-4)


def test_axes():
    p = np.full((2, 3, 2), 0.25)
    assert_allclose(entropy(p, axis=(0, 2)), [math.log(4)] * 3)
    assert_array_equal(entropy(p, axis=(-1, 0)), entropy(p, axis=(0, 2)))
    for axis in (None, "a", 0.5, [0]):
        with pytest.raises(TypeError, match=r"axis must be an integer or a tuple of integers.*pass axis=\(0, 1, 2\)"):
            entropy(p, axis=axis)
    for axis in ((0, 0), ()):
        with pytest.raises(ValueError, match="axis must name axes once each"):
            entropy(p, axis=axis)
    with pytest.raises(ValueError, match="axis 3 is out of bounds"):
        entropy(p, axis=(0, 3))
    with pytest.raises(ValueError, match="sparse rows have their outcomes along axis -1; got axis=None"):
        entropy(sparse.csr_array([[0.5, 0.5]]), axis=None)


@pytest.mark.parametrize("alpha", [0.3, 0.5, 0.9, 1.5, 2.0, 3.0])
def test_negative_zero_is_zero(alpha):
    p, zero, negative = [0.5, 0.25, 0.25], [0.0, 0.5, 0.5], [-0.0, 0.5, 0.5]
    for function in (renyi_divergence, alpha_divergence):
        assert function(p, negative, alpha) == function(p, zero, alpha)
        assert function(negative, p, alpha) == function(zero, p, alpha)
    assert cross_entropy(p, negative) == math.inf
    assert mutual_information([[-0.0, 0.5], [0.5, 0.0]]) == mutual_information([[0.0, 0.5], [0.5, 0.0]])


@pytest.mark.parametrize("alpha", [1e-300, 1e-310, 1e-320, 5e-324, -5e-324])
def test_alpha_divergence_of_denormal_order(alpha):
    p, q = [0.5, 0.25, 0.25], [0.2, 0.3, 0.5]
    assert_allclose(alpha_divergence(p, q, alpha), alpha_divergence(p, q, 0), rtol=1e-15)
    assert_allclose(renyi_divergence(p, q, abs(alpha)), 0, atol=1e-299)


def test_orders_beyond_floats_are_named():
    for function in (renyi_divergence, alpha_divergence):
        with pytest.raises(ValueError, match="alpha must be a number within the range of floats"):
            function([0.5, 0.5], [0.5, 0.5], 10**400)


class Foreign:
    """A distribution of another library."""

    def log_prob(self, x):
        return x


def test_distributions_of_other_libraries_are_named():
    with pytest.raises(TypeError, match=r"p must be a frozen scipy\.stats distribution.*got .*Foreign"):
        entropy(Foreign())
