"""Likelihoods that increase to a limit of their family, and maxima that only look as if they did."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.families import get_family
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows


def fit(name, x, **options):
    return fit_marginal(get_family(name), Rows(np.asarray(x, dtype=float)), **options)


NORMAL = np.random.default_rng(3).normal(size=300)  # skewed to the left by chance


@pytest.mark.parametrize(
    ("name", "x", "fixed", "limit"),
    [
        ("t", np.linspace(-1, 1, 99) ** 3 + np.linspace(-2, 2, 99), None, "norm"),
        ("johnsonsu", np.random.default_rng(1).uniform(size=300), None, "norm"),
        ("gamma", NORMAL, {}, "norm"),
        ("invgamma", NORMAL, {}, "norm"),
        ("nakagami", NORMAL, {}, "norm"),
        ("lognorm", NORMAL, {}, "norm"),
        ("burr12", stats.weibull_min.ppf((np.arange(200) + 0.5) / 200, 2.5), None, "weibull_min"),
        ("lomax", np.random.default_rng(0).gamma(2.0, size=200), None, "expon"),
        ("rice", np.random.default_rng(0).gamma(1.0, size=200), None, "rayleigh"),
        ("nbinom", np.random.default_rng(0).binomial(20, 0.5, 300), None, "poisson"),
    ],
)
def test_the_law_at_the_limit_is_named_and_as_good(name, x, fixed, limit):
    found = fit(name, x, given=fixed)
    assert not found.converged
    assert found.limit == limit
    assert f"where the law is {limit}: use family='{limit}' (" in found.message
    law = get_family(limit)
    free = {} if fixed == {} or not law.natural_fixed else None
    best = fit(limit, x, given=free).log_likelihood
    assert best >= found.log_likelihood - 1e-9 * abs(best)
    assert_allclose(found.log_likelihood, best, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "x", "fixed"),
    [
        # a law held to the half line can't get to one of the line, however narrow it is
        ("rice", 1e7 + NORMAL, None),
        ("gamma", 1e3 + NORMAL, None),
        ("nakagami", 1e3 + NORMAL, None),
        ("invgauss", 1e3 + NORMAL, None),
        # large terms hide the value, not the score
        ("chi2", stats.chi2(2e5, loc=7, scale=0.001).rvs(200, random_state=2), {"loc": 7.0, "scale": 0.001}),
        ("chi2", stats.chi2(1e8).rvs(200, random_state=0), {"loc": 0.0, "scale": 1.0}),
        # a ridge that one-sided differences are too coarse for
        ("gengamma", stats.gengamma(20, 0.7).rvs(200, random_state=0), None),
        # a maximum well on the way to the limit, and better than it by little
        ("betaprime", stats.betaprime(500, 3, -1, 1e-6).rvs(200, random_state=2), {"loc": -1}),
        ("f", stats.f(3, 5000).rvs(200, random_state=4), None),
    ],
)
def test_maxima_next_to_a_limit_are_maxima(name, x, fixed):
    found = fit(name, x, given=fixed)
    assert found.converged or "-> inf, where the law is" in found.message, found.message
    if found.converged:
        assert found.limit is None
    else:
        best = fit(found.limit, x, given={k: v for k, v in found.params.items() if k in ("loc",)})
        assert best.log_likelihood >= found.log_likelihood - 1e-9 * abs(found.log_likelihood)


def test_what_is_given_is_given_at_the_limit_too():
    x = [3.0, 4, 4, 5]
    found = fit("betabinom", x, given={"n": 8, "loc": 0})
    assert found.limit == "binom"
    expected = fit("binom", x, given={"n": 8, "loc": 0})
    assert f"p={expected.params['p']:.4g}" in found.message
    found = fit("t", NORMAL, given={"loc": 0.0, "df": 2.0})
    assert found.converged


def test_a_limit_without_a_law():
    found = fit("skellam", [-3, -4, -4, -5])
    assert found.limit == ""
    assert found.message == (
        "the likelihood of skellam for X still increases as mu1 -> 0; fix it, or choose another family"
    )


def test_a_point_on_the_way_to_a_limit_beats_a_lower_stationary_one():
    x = stats.skewnorm(100.0).rvs(20, random_state=2004)  # at a = 0 every sample has a stationary point
    found, limit = fit("skewnorm", x), fit("halfnorm", x, given={})
    assert found.limit == "halfnorm"
    assert_allclose(found.log_likelihood, limit.log_likelihood, rtol=1e-4)


def test_a_scale_that_goes_to_zero_on_the_way_to_a_limit_is_no_spike():
    for seed in range(8):
        x = np.random.default_rng(seed).exponential(size=20)
        found = fit("exponnorm", x)
        if not found.converged:
            assert found.limit == "expon"
            assert found.log_likelihood <= fit("expon", x, given={}).log_likelihood + 1e-9
