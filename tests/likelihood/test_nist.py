"""NIST's Statistical Reference Datasets NumAcc1 to NumAcc4, fitted by a normal law.

Certified standard deviations divide by n - 1, maximum likelihood by n. The decimal data are not all doubles: reading
1000000.1 rounds it by up to 6e-11, which is what limits the digits that any program can have of the certified values.
The fit is held to the moments of the doubles themselves, in rational arithmetic.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skinfo.families import get_family
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows


def alternating(first, low, high):
    return [first, *[low, high] * 500]


DATA = {  # values, certified mean, certified standard deviation (n - 1), digits of it that the doubles still hold
    "NumAcc1": ([10000001, 10000003, 10000002], "10000002", "1", 15),
    "NumAcc2": (alternating("1.2", "1.1", "1.3"), "1.2", "0.1", 14),
    "NumAcc3": (alternating("1000000.2", "1000000.1", "1000000.3"), "1000000.2", "0.1", 9),
    "NumAcc4": (alternating("10000000.2", "10000000.1", "10000000.3"), "10000000.2", "0.1", 8),
}


def of_doubles(x):
    """Mean and maximum likelihood standard deviation of the doubles, correctly rounded."""
    values = [Fraction(v) for v in x.tolist()]
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    return float(mean), math.sqrt(variance)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("order", ["as published", "sorted", "weighted"])
def test_normal_fit(name, order):
    values, certified_mean, certified_deviation, digits = DATA[name]
    x = np.array([float(v) for v in values])
    n, (mean, deviation) = len(x), of_doubles(x)
    weights = None
    if order == "sorted":
        x = np.sort(x)
    if order == "weighted":
        x, weights = np.unique(x, return_counts=True)
        weights = weights.astype(float)
    fit = fit_marginal(get_family("norm"), Rows(x, weights))
    assert fit.converged
    assert abs(fit.params["loc"] - mean) <= np.spacing(mean)
    assert_allclose(fit.params["scale"], deviation, rtol=1e-13)
    assert_allclose(fit.params["loc"], float(certified_mean), rtol=4e-16)
    unbiased = fit.params["scale"] * math.sqrt(n / (n - 1))
    assert_allclose(unbiased, float(certified_deviation), rtol=10.0**-digits)
    assert_allclose(fit.standard_errors["loc"], deviation / math.sqrt(n), rtol=1e-5)


@pytest.mark.parametrize("name", DATA)
def test_mean_is_the_nearest_double(name):
    x = np.array([float(v) for v in DATA[name][0]])
    fit = fit_marginal(get_family("norm"), Rows(x))
    assert fit.params["loc"] == of_doubles(x)[0]


@pytest.mark.parametrize("name", DATA)
def test_other_laws_of_the_same_data(name):
    """The exponential law's scale is the mean; the lognormal's is that of the logarithms."""
    x = np.array([float(v) for v in DATA[name][0]])
    mean, deviation = of_doubles(x)
    fit = fit_marginal(get_family("expon"), Rows(x))
    assert_allclose(fit.params["scale"], mean, rtol=1e-14)
    # A gamma law as narrow as NumAcc1, 3 and 4 has a score that rounding hides: it may only say so.
    fit = fit_marginal(get_family("gamma"), Rows(x))
    assert fit.converged or (name != "NumAcc2" and "standard errors" in fit.message)
    assert fit.newton_decrement <= 1e-6 or not fit.converged
    assert_allclose(fit.params["a"] * fit.params["scale"], mean, rtol=1e-12)
    assert_allclose(fit.params["a"], (mean / deviation) ** 2, rtol=0.1)
