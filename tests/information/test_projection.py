"""Projections: moment conditions, members onto their own family, least divergence, what is refused."""

import math
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import digamma
from sklearn.exceptions import ConvergenceWarning

from skinfo import ParametricDensity, cross_entropy, kl_divergence, project
from skinfo.families import get_family, registered_families
from skinfo.information._laws import as_law
from skinfo.information._nodes import LawRows

MIXTURE = stats.Mixture([stats.Normal(mu=-1, sigma=0.5), stats.Normal(mu=2, sigma=1)], weights=[0.3, 0.7])


# --- exponential families: means of the statistics agree


@pytest.mark.parametrize("s", [0.05, 0.5, 2.0])
def test_gamma_nearest_a_lognormal(s):
    p = stats.lognorm(s, scale=3)
    q = project(p, "gamma")
    a, scale = q.kwds["a"], q.kwds["scale"]
    assert_allclose(a * scale, p.mean(), rtol=1e-12)
    assert_allclose(digamma(a) + math.log(scale), math.log(3), rtol=1e-10)


@pytest.mark.parametrize("p", [MIXTURE, stats.t(5, 1, 2), stats.t(2.2), stats.gamma(1e5), stats.gumbel_r(1e6, 1e-3)])
def test_normal_has_mean_and_variance(p):
    q = project(p, "norm")
    variance = p.variance() if p is MIXTURE else p.var()
    assert_allclose([q.mean(), q.std()], [p.mean(), math.sqrt(variance)], rtol=1e-12)


def test_exponential_nearest_a_weibull_law():
    q = project(stats.weibull_min(2.5, scale=3), "expon")
    assert_allclose(q.mean(), 3 * math.gamma(1.4), rtol=1e-13)


def test_counts():
    assert_allclose(project(stats.nbinom(3, 0.2), "poisson").mean(), 12, rtol=1e-12)
    assert_allclose(project(stats.nbinom(1e3, 1e-3), "poisson").mean(), 999_000, rtol=1e-10)
    law = stats.rv_discrete(values=([0, 1, 5], [0.2, 0.3, 0.5]))()
    assert_allclose(project(law, "poisson").mean(), 2.8, rtol=1e-12)


def test_laplace_has_the_median():
    q = project(stats.gamma(3), "laplace")
    assert_allclose(q.kwds["loc"], stats.gamma(3).median(), rtol=1e-12)
    assert_allclose(q.kwds["scale"], stats.gamma(3).expect(lambda x: abs(x - q.kwds["loc"])), rtol=1e-7)


# --- any family: a member is its own projection, and no neighbour is nearer

# ends that floating-point numbers near them can't be told from, slow quantiles, limits next door, and densities that
# are searched or have a hole
_HARD = {"genextreme", "kumaraswamy", "truncnorm", "norminvgauss", "pearson3", "kappa4", "genhyperbolic", "dweibull"}
LAWS = [name for name in registered_families() if not get_family(name).joint and name not in _HARD]


@pytest.mark.parametrize("name", LAWS)
def test_members_are_their_own_projections(name):
    family = get_family(name)
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **family.examples[0]}
    kept = {*family.natural_fixed, *(n for n in family.parameters if family.domain(n) == "integer")}
    if name == "triang":  # of whose ends there is no information
        kept |= {"loc", "scale"}
    if family.discrete:
        kept.add("loc")
    q = project(family.freeze(theta), name, fixed={n: theta[n] for n in kept})
    assert_allclose([q.kwds[n] for n in family.parameters], [theta[n] for n in family.parameters], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("p", "family"),
    [
        (stats.weibull_min(2.0), "lognorm"),
        (stats.gamma(2), "weibull_min"),
        (stats.gamma(2), "genextreme"),
        (stats.t(3), "logistic"),
        (MIXTURE, "skewnorm"),
        (stats.lognorm(1), "burr12"),
        (stats.norm(1, 2), "laplace_asymmetric"),
        (stats.beta(0.5, 0.7), "kumaraswamy"),
        (stats.poisson(3), "skellam"),
        (stats.zipf(3.5), "poisson"),
        (stats.norm(), "crystalball"),
    ],
)
def test_no_neighbour_is_nearer(p, family):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if family in ("crystalball", "skellam") else "error")
        q = project(p, family)
    law = get_family(q.dist)  # where the least divergence is at a limit, the family found there
    least = cross_entropy(p, q)
    for name in set(law.parameters) - law.natural_fixed.keys():
        for step in (-1e-4, 1e-4):
            theta = {**q.kwds, name: q.kwds[name] + step * (1 + abs(q.kwds[name]))}
            if law.in_domain(name, theta[name]):
                assert cross_entropy(p, law.freeze(theta)) > least - 1e-12


def test_limit_of_the_fit_to_rows():
    rows = stats.lognorm(0.5).rvs(200_000, random_state=0)[:, None]
    fit, q = ParametricDensity("gamma").fit(rows), project(stats.lognorm(0.5), "gamma")
    for name, error in fit.standard_errors_[0].items():
        assert abs(fit.params_[0][name] - q.kwds[name]) < 6 * error


def test_a_fitted_density_and_fixed_parameters():
    density = ParametricDensity("lognorm").fit(np.array([[0.5], [1.0], [4.0]]))
    q = project(density, "gamma", fixed={"loc": 0, "a": 2})
    assert_allclose(q.mean(), density.distributions_[0].mean(), rtol=1e-12)
    q = project(stats.uniform(1, 2), "expon", fixed={"loc": None})
    assert_allclose([q.kwds["loc"], q.kwds["scale"]], [1, 1], rtol=1e-12)


def test_divergences_of_a_right_triangle():
    p, r = stats.lognorm(0.7), stats.gamma(1.3, scale=2)
    q = project(p, "gamma")  # Pythagoras in an exponential family
    assert_allclose(kl_divergence(p, r), kl_divergence(p, q) + kl_divergence(q, r), rtol=1e-10)


# --- nodes


@pytest.mark.parametrize("p", [stats.norm(3, 2), stats.gamma(0.05), stats.beta(0.3, 4), MIXTURE, stats.poisson(1e6)])
def test_nodes_have_the_law_s_moments(p):
    rows = LawRows(as_law(p, "p"))
    assert len(rows) < 1 << 14
    assert (rows.weights > 0).all()
    variance = p.variance() if p is MIXTURE else p.var()
    mean = float(rows.expect(lambda x: x))
    assert_allclose(mean, p.mean(), rtol=1e-12)
    assert_allclose(rows.expect(lambda x: (x - mean) ** 2), variance, rtol=1e-9)


# --- what is said


def test_limits_are_named():
    with pytest.warns(ConvergenceWarning, match="where the distribution is norm"):
        project(stats.norm(), "t")
    with pytest.warns(ConvergenceWarning, match="where the distribution is poisson"):
        project(stats.poisson(3), "nbinom")


@pytest.mark.parametrize(
    ("p", "family", "error", "message"),
    [
        (stats.cauchy(), "norm", ValueError, "no finite mean of what their log densities need"),
        (stats.pareto(2), "norm", ValueError, "choose a family of wider support or heavier tails"),
        (stats.norm(), "genextreme", ValueError, "it has mass where the members have none"),
        (stats.norm(), "gamma", ValueError, "distribution lives on .*choose another family$"),
        (stats.poisson(3), "norm", ValueError, "distribution is discrete and norm is continuous"),
        (stats.norm(), "poisson", ValueError, "distribution is continuous and poisson is discrete"),
        ([1.0, 2.0], "norm", TypeError, "distribution must be a frozen"),
        (stats.norm(), "multivariate_normal", TypeError, "a law of several columns"),
        (stats.multivariate_normal([0, 0]), "norm", TypeError, "distribution has several columns"),
        (stats.norm(), "nromal", ValueError, "family='nromal' is not a distribution"),
    ],
)
def test_refusals(p, family, error, message):
    with pytest.raises(error, match=message):
        project(p, family)


@pytest.mark.parametrize("fixed", [3, np.ones(2), "loc"])
def test_fixed_is_a_dictionary(fixed):
    with pytest.raises(TypeError, match="fixed must be a dictionary"):
        project(stats.norm(), "norm", fixed=fixed)
