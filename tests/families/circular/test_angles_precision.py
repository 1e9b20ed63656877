"""The von Mises law at forty digits, and what its angles are: the same after any number of turns."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.families import Law, get_family
from skinfo.information import cross_entropy, entropy, kl_divergence
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows

FAMILY = get_family("vonmises")


@pytest.mark.parametrize("kappa", [1e-8, 1e-3, 0.7, 10.0, 49.0, 51.0, 300.0, 1e4, 1e6, 1e9])
def test_log_density_scores_and_entropy(kappa):
    theta = {"kappa": kappa, "loc": 0.0, "scale": 1.0}
    with mpmath.workdps(40):
        k = mpf(kappa)
        ratio = mpmath.besseli(1, k) / mpmath.besseli(0, k)
        log_normaliser = mpmath.log(2 * mpmath.pi * mpmath.besseli(0, k))
        for z in [*(np.array([0.0, 0.3, 1.0, 2.5]) / max(1, math.sqrt(kappa))).tolist(), 3.0, -2.0]:
            one = Rows(np.array([z]))
            exact = float(k * mpmath.cos(mpf(z)) - log_normaliser)
            assert_allclose(FAMILY.log_prob(one.x, theta), exact, rtol=1e-12, atol=1e-14)
            score = FAMILY.mean_score(one, theta, ("kappa", "loc"))
            exact = [float(mpmath.cos(mpf(z)) - ratio), float(k * mpmath.sin(mpf(z)))]
            assert_allclose(score, exact, rtol=1e-12, atol=1e-15 / max(1, kappa))
        exact = float(log_normaliser - k * ratio)
    assert_allclose(-FAMILY.mean_log_prob(Law(FAMILY, theta), theta), exact, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kappa", [0.05, 0.5, 2.0, 30.0, 1e6])
def test_estimates_are_the_mean_direction_and_the_inverse_of_the_bessel_ratio(kappa):
    x = stats.vonmises(kappa, loc=2.9).rvs(400, random_state=1)
    found = fit_marginal(FAMILY, Rows(x))
    assert found.converged
    sine, cosine = np.sin(x).mean(), np.cos(x).mean()
    assert abs(found.params["loc"] - math.atan2(sine, cosine)) < 1e-6 * found.standard_errors["loc"]
    with mpmath.workdps(40):
        length = mpmath.hypot(*(mpmath.fsum(f(mpf(v)) for v in x.tolist()) / 400 for f in (mpmath.sin, mpmath.cos)))
        ratio = lambda k: mpmath.besseli(1, k) / mpmath.besseli(0, k) - length  # noqa: E731
        exact = mpmath.findroot(ratio, mpf(found.params["kappa"]), tol=1e-50)
    assert abs(found.params["kappa"] - float(exact)) < 1e-6 * found.standard_errors["kappa"]


def test_turns_do_not_matter():
    x = stats.vonmises(3.0, loc=0.5).rvs(300, random_state=2)
    turned = x + 2 * math.pi * np.random.default_rng(0).integers(-3, 4, 300)
    found, again = (fit_marginal(FAMILY, Rows(v)) for v in (x, turned))
    assert_allclose(again.log_likelihood, found.log_likelihood, rtol=1e-12)
    for name in found.free:
        assert abs(again.params[name] - found.params[name]) < 1e-5 * found.standard_errors[name]
    assert_allclose(found.log_prob(turned), found.log_prob(x), rtol=1e-12)


def test_divergences_know_the_angle():
    p, q = stats.vonmises(2.0, loc=0.3), stats.vonmises(1.0, loc=1.0)
    with mpmath.workdps(30):
        a = mpmath.besseli(1, 2) / mpmath.besseli(0, 2)
        own = mpmath.log(2 * mpmath.pi * mpmath.besseli(0, 2)) - 2 * a
        cross = mpmath.log(2 * mpmath.pi * mpmath.besseli(0, 1)) - a * mpmath.cos(mpf("0.7"))
    assert_allclose(entropy(p), float(own), rtol=1e-11)
    assert_allclose(cross_entropy(p, q), float(cross), rtol=1e-11)
    assert_allclose(kl_divergence(p, q), float(cross - own), rtol=1e-11)
