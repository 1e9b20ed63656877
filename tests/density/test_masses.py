"""Probabilities of recorded values: exact in the tails, at kinks and ends, and for families of integers."""

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.density._masses import log_masses, too_coarse, unit_of
from skinfo.families import get_family
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows


def distribution(name, **params):
    """A fit with nothing left to estimate."""
    family = get_family(name)
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **params}
    inside = np.unique(family.freeze(theta).ppf([0.3, 0.5, 0.7]))
    return fit_marginal(family, Rows(inside), given=theta)


def exact(cdf, sf, x, unit):
    low, high = mpf(x) - mpf(unit) / 2, mpf(x) + mpf(unit) / 2
    return float(mpmath.log(max(cdf(high) - cdf(low), sf(low) - sf(high))))


CASES = {
    "norm": ({"loc": 100.0, "scale": 8.0}, lambda x: mpmath.ncdf((x - 100) / 8), lambda x: mpmath.ncdf((100 - x) / 8)),
    "expon": ({"scale": 7.0}, lambda x: 1 - mpmath.exp(-max(x, 0) / 7), lambda x: mpmath.exp(-max(x, 0) / 7)),
    "laplace": (
        {"loc": 3.2, "scale": 6.0},
        lambda x: mpmath.exp((x - mpf(3.2)) / 6) / 2 if x < 3.2 else 1 - mpmath.exp((mpf(3.2) - x) / 6) / 2,
        lambda x: mpmath.exp((mpf(3.2) - x) / 6) / 2 if x > 3.2 else 1 - mpmath.exp((x - mpf(3.2)) / 6) / 2,
    ),
    "gamma": (
        {"a": 0.2, "scale": 30.0},
        lambda x: mpmath.gammainc(mpf(0.2), 0, max(x, 0) / 30, regularized=True),
        lambda x: mpmath.gammainc(mpf(0.2), max(x, 0) / 30, regularized=True),
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("unit", [1.0, 1e-6])
def test_masses_agree_with_many_digits(name, unit):
    params, cdf, sf = CASES[name]
    x = np.array([0.0, 1.0, 3.0, 40.0, 101.0, 250.0, 1000.0])
    x = x[x > 0] if name == "gamma" or unit < 1 else x
    with mpmath.workdps(60):
        expected = [exact(cdf, sf, value, unit) for value in x]
    assert_allclose(log_masses(distribution(name, **params), x, unit), expected, rtol=1e-9)


@pytest.mark.parametrize("unit", [1.0, 2.0, 5.0, 50.0])
def test_masses_of_integers_are_sums(unit):
    law, x = stats.poisson(300.0), 300 + unit * np.arange(-2.0, 3.0)
    counted = [np.arange(np.floor(v - unit / 2) + 1, v + unit / 2 + (unit % 2 == 0) * 0.5) for v in x]
    expected = [np.log(law.pmf(k).sum()) for k in counted]
    assert_allclose(log_masses(distribution("poisson", mu=300.0), x, unit), expected, rtol=1e-9)


def test_masses_that_underflow_are_finite():
    assert np.isfinite(log_masses(distribution("poisson", mu=1000.0), np.array([1e5, 2e5]), 1000.0)).all()
    assert np.isfinite(log_masses(distribution("norm"), np.array([-1e4, 1e4]), 1000.0)).all()


@pytest.mark.parametrize(
    ("x", "unit"),
    [
        ([3, 9, 15], 6.0),
        ([1000, 3000, 8000], 1000.0),
        ([-4, 7, 8], 1.0),
        ([5, 5], 0.0),
        ([0.5, 1], 0.0),
        ([2e16, 1], 0.0),
    ],
)
def test_units_are_greatest_common_divisors_of_differences(x, unit):
    assert unit_of(Rows(np.array(x, dtype=float))) == unit


def test_whole_numbers_that_are_too_coarse():
    x = np.random.default_rng(0).normal(0, 6, 500).round()
    assert too_coarse(Rows(x), 1.0) == ""
    assert "less than 5 units of 2" in too_coarse(Rows(2 * (x / 2).round()), 2.0)
    assert "9 distinct values" in too_coarse(Rows(np.arange(9.0) * 100), 1.0)
