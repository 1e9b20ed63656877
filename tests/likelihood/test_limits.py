"""Likelihoods that increase to a limit of their family, and maxima that only look as if they did."""

import math
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.families import Limit, get_family, registered_families
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
    assert f"where the distribution is {limit}: use family='{limit}' (" in found.message
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
    assert found.converged or "-> inf, where the distribution is" in found.message, found.message
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


def test_a_limit_without_a_name():
    x = stats.gumbel_r(0, 1).rvs(400, random_state=0)
    found = fit("jf_skew_t", x)
    assert (found.status, found.limit) == ("limit", "")
    assert found.message == (
        "the likelihood of jf_skew_t for X still increases as a -> inf; fix it, or choose another family"
    )
    assert found.params["a"] == math.inf
    assert_allclose(found.log_prob(x).sum(), found.log_likelihood, rtol=1e-12)


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


GAMMAS = {seed: stats.gamma(300).rvs(1000, random_state=seed) for seed in range(6)}


@pytest.mark.parametrize("seed", GAMMAS)
def test_nearly_symmetric_values_have_a_maximum_far_out(seed):
    x = GAMMAS[seed]
    found = fit("gamma", x, given={})
    grid = [fit("gamma", x, given={"a": a}).log_likelihood for a in np.geomspace(30, 1e5, 60)]
    assert found.log_likelihood >= max(*grid, fit("norm", x).log_likelihood) - 1e-9
    assert found.status == ("maximum" if stats.skew(x) > 0 else "limit")


def test_published_maximum_of_nearly_symmetric_values():
    found = fit("gamma", GAMMAS[1], given={})  # Pearson's type III, which is regular at its limit, has the same
    assert found.converged
    assert_allclose([found.log_likelihood, found.params["a"]], [-4311.54315, 314], rtol=1e-3)
    chi2 = fit("chi2", GAMMAS[1], given={})
    assert_allclose([chi2.log_likelihood, chi2.params["df"] / 2], [found.log_likelihood, found.params["a"]], rtol=1e-6)


LOGISTIC = stats.logistic().rvs(1000, random_state=1)
LEFT = -stats.expon().rvs(300, random_state=0)
AT_LIMITS = {
    "gamma": (LOGISTIC, {}, {"a": math.inf, "loc": -math.inf, "scale": 0.0}, "norm"),
    "lognorm": (LOGISTIC, {}, {"s": 0.0, "loc": -math.inf, "scale": math.inf}, "norm"),
    "invgauss": (LOGISTIC, {}, {"mu": 0.0, "loc": -math.inf, "scale": math.inf}, "norm"),
    "t": (np.linspace(-2, 2, 99), None, {"df": math.inf, "loc": 0.0}, "norm"),
    "weibull_min": (stats.gumbel_l().rvs(500, random_state=1), {}, {"c": math.inf, "loc": -math.inf}, "gumbel_l"),
    "genlogistic": (LEFT, None, {"c": 0.0, "scale": 0.0, "loc": LEFT.max()}, "-expon"),
    "skewnorm": (-np.abs(NORMAL), None, {"a": -math.inf, "loc": -np.abs(NORMAL).min()}, "-halfnorm"),
    "beta": (np.random.default_rng(0).gamma(6, size=400), {}, {"b": math.inf, "scale": math.inf}, "gamma"),
    "nbinom": (np.random.default_rng(0).binomial(20, 0.5, 300), None, {"n": math.inf, "p": 1.0}, "poisson"),
    "skellam": ([-3, -4, -4, -5], None, {"mu1": 0.0, "mu2": 4.0}, "-poisson"),
    "f": (np.random.default_rng(0).uniform(size=400), {"loc": 0.0}, {"dfd": math.inf}, "gamma"),
}


@pytest.mark.parametrize("name", AT_LIMITS)
def test_a_fit_at_a_limit_is_the_distribution_found_there(name):
    x, given, params, limit = AT_LIMITS[name]
    x = np.asarray(x, dtype=float)
    found = fit(name, x, given=given)
    assert (found.status, found.limit) == ("limit", limit)
    assert_allclose([found.params[key] for key in params], list(params.values()), atol=1e-9)
    assert list(found.params) == list(get_family(name).parameters)
    side, of = (-1, limit[1:]) if limit.startswith("-") else (1, limit)
    there = fit(of, side * x, given={} if given == {} else None if get_family(of).natural_fixed else {})
    if of in ("expon", "halfnorm"):
        there = fit(of, side * x, given={})
    assert_allclose(found.log_likelihood, there.log_likelihood, rtol=1e-12)
    assert_allclose(found.log_prob(x), there.log_prob(side * x), rtol=1e-12)
    assert found.n_parameters == there.n_parameters
    frozen = pickle.loads(pickle.dumps(found)).distribution
    log_prob = frozen.logpmf if there.family.discrete else frozen.logpdf
    assert_allclose(log_prob(x), found.log_prob(x), rtol=1e-9)
    assert_allclose(frozen.mean(), side * there.distribution.mean(), rtol=1e-12)
    assert_allclose(frozen.cdf(np.median(x)), 1 - frozen.sf(np.median(x)), rtol=1e-12)
    assert frozen.rvs(5, random_state=0).shape == (5,)
    assert np.isnan(list(found.standard_errors.values())).all()


def test_every_limit_declares_what_becomes_of_the_other_parameters():
    for family in map(get_family, registered_families()):
        for (shape, _), limits in (getattr(family, "limits", None) or {}).items():
            for limit in [limits] if isinstance(limits, Limit) else limits:
                there = get_family(limit.family.lstrip("-"))
                others = (
                    set(family.parameters) - {shape} - {n for n in family.parameters if family.domain(n) == "integer"}
                )
                assert others <= limit.params.keys() | set(there.parameters), (family.name, shape)
