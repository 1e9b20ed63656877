"""Entropy from the counts of a discrete variable's values."""

import math

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

from skinfo import entropy, entropy_from_counts


def test_entropy_from_counts():
    p = np.random.default_rng(0).dirichlet(np.ones(50))
    truth = entropy(p)
    found = {m: [] for m in ("plug-in", "miller-madow", "grassberger", "chao-wang-jost")}
    for seed in range(200):
        counts = np.random.default_rng(seed).multinomial(200, p)
        for method, values in found.items():
            values.append(entropy_from_counts(counts, method=method))
    bias = {m: np.mean(v) - truth for m, v in found.items()}
    assert bias["plug-in"] < -0.08
    assert abs(bias["miller-madow"]) < 0.3 * abs(bias["plug-in"])
    assert abs(bias["grassberger"]) < 0.15 * abs(bias["plug-in"])
    assert abs(bias["chao-wang-jost"]) < 0.15 * abs(bias["plug-in"])
    spread = np.std(found["plug-in"])
    assert_allclose(np.mean([h.standard_error for h in found["plug-in"]]), spread, rtol=0.2)
    assert_allclose(entropy_from_counts([3, 0, 1], method="plug-in"), entropy([0.75, 0.25]), rtol=1e-14)


def test_grassberger_numbers():
    # G(1) = -gamma - log 2, G(2) = 2 - gamma - log 2, G(2n+1) = G(2n), G(2n+2) = G(2n) + 2 / (2n+1)
    g = [-np.euler_gamma - math.log(2)]
    g.append(g[0] + 2)
    for n in range(3, 9):
        g.append(g[-1] + (2 / (n - 1) if n % 2 == 0 else 0))
    for n in range(1, 9):
        expected = math.log(2 * n) - g[n - 1]
        assert_allclose(entropy_from_counts([n, n], method="grassberger"), expected, rtol=1e-12)


@pytest.mark.parametrize("method", ["grassberger", "chao-wang-jost", "miller-madow", "plug-in"])
@pytest.mark.parametrize("n", [1, 2, 3, 11, 1000])
def test_one_value_has_no_entropy(n, method):
    h = entropy_from_counts([n], method=method)
    assert (h, h.standard_error) == (0, 0)


@pytest.mark.parametrize("counts", [[5, 1], [1, 1, 1], [4, 2, 1, 1], [300, 2, 2, 1, 1, 1, 1], [900, 98, 2, 1, 1]])
def test_chao_wang_jost_numbers(counts):
    n, once, twice = sum(counts), counts.count(1), counts.count(2)
    with mpmath.workdps(60):
        first = sum(mpmath.mpf(c) / n * (mpmath.harmonic(n - 1) - mpmath.harmonic(c - 1)) for c in counts)
        if twice:
            a = mpmath.mpf(2 * twice) / ((n - 1) * once + 2 * twice)
        else:
            a = mpmath.mpf(2) / ((n - 1) * (once - 1) + 2)
        tail = (-mpmath.log(a) - sum((1 - a) ** r / r for r in range(1, n))) * (1 - a) ** (1 - n) if a < 1 else 0
        expected = float(first + mpmath.mpf(once) / n * tail)
    assert_allclose(entropy_from_counts(counts, method="chao-wang-jost"), expected, rtol=1e-12)


def test_values_as_frequent_have_a_standard_error():
    assert_allclose(entropy_from_counts([50] * 4).standard_error, math.sqrt(3 / 2) / 200, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: entropy_from_counts([1, 2], method="mm"), "method must be one of"),
        (lambda: entropy_from_counts([1, 2], method=np.ones(2)), "method must be one of"),
        (lambda: entropy_from_counts([1, 10**400]), "counts must be whole numbers: .* beyond the range of floats"),
        (lambda: entropy_from_counts([1, 2j]), "counts must be an array of whole numbers; got list"),
        (lambda: entropy_from_counts([1, -2]), "one is -2"),
        (lambda: entropy_from_counts([0.5, 0.5]), "for probabilities use entropy"),
        (lambda: entropy_from_counts([0, 0]), "counts are all zero"),
        (lambda: entropy_from_counts([[1, 2]]), r"counts must have shape \(K,\)"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
