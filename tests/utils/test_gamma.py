"""Functions put together from gamma functions, and what the gamma and beta laws owe to them, against sixty digits."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose

from skinfo.families import get_family
from skinfo.measures import LOG, LOG1M, Power, Rows
from skinfo.utils._gamma import (
    digamma_rise,
    gamma_ratio,
    log_beta,
    log_minus_digamma,
    log_power_over_gamma,
    stirling_remainder,
)

log, lg, psi = mpmath.log, mpmath.loggamma, mpmath.digamma
ANY = [1e-3, 0.3, 7.0, 14.9, 15.1, 100.0, 1e4, 1e8]


@pytest.mark.parametrize("a", [*ANY, 1e15])
def test_of_one_argument(a):
    with mpmath.workdps(60):
        b = mpf(a)
        assert_allclose(log_minus_digamma(a), float(log(b) - psi(b)), rtol=1e-14)
        assert_allclose(log_power_over_gamma(a), float(b * log(b) - lg(b)), rtol=1e-14)
        if a > 15:
            exact = lg(b) - (b - mpf(1) / 2) * log(b) + b - log(2 * mpmath.pi) / 2
            assert_allclose(stirling_remainder(a), float(exact), rtol=1e-14)


@pytest.mark.parametrize("a", ANY)
@pytest.mark.parametrize("k", [-2.0, -0.3, -0.001, 0.001, 0.5, 1.0, 1.7, 7.25])
def test_ratio_of_gamma_functions(a, k):
    with mpmath.workdps(60):
        exact = float(mpmath.exp(lg(mpf(a) + k) - lg(mpf(a)))) if a + k > 0 else math.inf
    assert_allclose(gamma_ratio(a, k), exact, rtol=1e-13)
    assert get_family("gamma").expectation(Power(k), {"a": a}) == gamma_ratio(a, k)


@pytest.mark.parametrize("a", ANY)
@pytest.mark.parametrize("b", ANY)
def test_of_two_arguments(a, b):
    with mpmath.workdps(60):
        x, y = mpf(a), mpf(b)
        rise, other = psi(x + y) - psi(x), psi(x + y) - psi(y)
        log_function = lg(x) + lg(y) - lg(x + y)
    assert_allclose(digamma_rise(a, b), float(rise), rtol=1e-12)
    assert_allclose(log_beta(a, b), float(log_function), rtol=1e-13)
    beta, shapes = get_family("beta"), {"a": a, "b": b}
    assert_allclose(beta.expectation(LOG, shapes), -float(rise), rtol=1e-12)
    assert_allclose(beta.expectation(LOG1M, shapes), -float(other), rtol=1e-12)
    z = 0.25
    (score,) = beta.mean_score(Rows(np.array([z])), shapes | {"loc": 0.0, "scale": 1.0}, ("a",))
    assert abs(score - float(rise + log(mpf(z)))) < 1e-12 * (float(rise) + abs(math.log(z)))
