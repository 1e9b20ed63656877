"""What is said where there is no maximum likelihood, and standard errors where there is one."""

import math

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.families import get_family
from skinfo.likelihood import fit_joint, fit_marginal
from skinfo.measures import Rows


def fit(name, x, weights=None, **options):
    return fit_marginal(get_family(name), Rows(np.asarray(x), weights), **options)


def draw(law, n=200, seed=0):
    return law.rvs(n, random_state=seed).astype(np.float64)


# --- data that a law cannot have


@pytest.mark.parametrize(
    ("name", "x", "options", "message"),
    [
        ("gamma", [1.0, -2.5, 3.0], {}, r"X contains -2\.5, outside the support \(0, inf\) of gamma with loc=0"),
        ("gamma", [1.0, 0.0, 3.0], {}, r"X contains 0, outside the support \(0, inf\) of gamma"),
        ("lognorm", [1.0, 2.0], {"given": {"loc": 1.0}}, r"X contains 1, outside the support \(1, inf\)"),
        ("expon", [1.0, -1e-9], {}, r"X contains -1e-09, outside the support \[0, inf\) of expon"),
        ("beta", [0.5, 1.0, 0.2], {}, r"X contains 1, outside the support \(0, 1\) of beta"),
        ("beta", [0.5, 0.0, 0.2], {}, r"X contains 0, outside the support \(0, 1\) of beta"),
        ("uniform", [0.5, 1.5], {}, r"X contains 1\.5, outside the support \[0, 1\] of uniform"),
        ("uniform", [0.5, 2.5], {"given": {"loc": 1.0}}, r"X contains 0\.5, outside the support"),
        ("pareto", [0.5, -2.0], {}, r"X contains -2, outside the support"),
        ("pareto", [0.5, 2.0], {"given": {"loc": 0, "scale": 1}}, r"X contains 0\.5, .*\[1, inf\) of pareto"),
        ("poisson", [1, -2], {}, r"X contains -2, outside the support \[0, inf\) of poisson"),
        ("geom", [1, 0], {}, r"X contains 0, outside the support \[1, inf\) of geom"),
        ("nakagami", [1.0, -1.0, 2.0], {}, r"X contains -1, outside the support"),
    ],
)
def test_values_outside_the_support(name, x, options, message):
    with pytest.raises(ValueError, match=message):
        fit(name, x, **options)


def test_the_column_is_named_and_the_way_out_too():
    with pytest.raises(ValueError, match=r"^column 'age' contains -1, .*free the support with fixed=\{'loc': None\}"):
        fit("gamma", [-1.0, 2.0], column="column 'age'")


@pytest.mark.parametrize("name", ["poisson", "geom", "nbinom", "binom"])
def test_fractions_are_no_counts(name):
    fixed = {"n": 9, "loc": 0} if name == "binom" else None
    with pytest.raises(ValueError, match=rf"X contains 2\.5, but {name} is a law of integers"):
        fit(name, [1.0, 2.5, 4.0], given=fixed)


# --- fixed parameters


@pytest.mark.parametrize(
    ("name", "fixed", "message"),
    [
        ("gamma", {"alpha": 1.0}, "fixed names 'alpha', which gamma does not have; it has a, loc, scale"),
        ("poisson", {"scale": 1.0}, "fixed names 'scale', which poisson does not have; it has mu, loc"),
        ("gamma", {"a": -1.0}, r"fixed\['a'\]=-1\.0 is outside the domain of a: positive"),
        ("norm", {"scale": 0.0}, r"fixed\['scale'\]=0\.0 is outside the domain of scale: positive"),
        ("geom", {"p": 1.5}, r"fixed\['p'\]=1\.5 is outside the domain of p: unit"),
        ("geom", {"p": 0}, r"fixed\['p'\]=0 is outside the domain of p: unit"),
        ("gamma", {"a": math.nan}, r"fixed\['a'\] must be a finite number, got nan"),
        ("gamma", {"a": math.inf}, r"fixed\['a'\] must be a finite number, got inf"),
        ("gamma", {"a": "2"}, r"fixed\['a'\] must be a finite number, got '2'"),
        ("gamma", {"a": None}, r"fixed\['a'\] must be a finite number, got None"),
        ("gamma", {"a": True}, r"fixed\['a'\] must be a finite number, got True"),
        ("poisson", {}, r"loc of poisson is an integer and is not estimated: give it, as in fixed=\{'loc': "),
        ("binom", None, r"n of binom is an integer and is not estimated: give it, as in fixed=\{'n': "),
        ("nakagami", {"nu": -1.0, "loc": 0.0}, r"fixed\['nu'\]=-1\.0 is outside the domain of nu: positive"),
        ("pareto", {}, "fixed must give loc or scale of pareto"),
    ],
)
def test_fixed_parameters_that_make_no_sense(name, fixed, message):
    with pytest.raises(ValueError, match=message):
        fit(name, [1.0, 2.0, 4.0, 5.0], given=fixed)


@pytest.mark.parametrize("name", ["geom", "nbinom"])
def test_a_probability_of_one_is_no_law_to_estimate_with(name):
    with pytest.raises(ValueError, match=r"fixed\['p'\]=1.0 is outside the domain of p"):
        fit(name, [1.0, 2.0, 5.0], given={"p": 1.0, "loc": 0.0})


# --- too little data


@pytest.mark.parametrize("name", ["norm", "laplace", "logistic", "t", "gamma", "beta", "lognorm", "weibull_min"])
def test_constant_columns(name):
    with pytest.raises(ValueError, match=rf"X is constant \(30 rows\), too few for the \d free parameters of {name}"):
        fit(name, np.full(30, 0.7))
    with pytest.raises(ValueError, match=r"is constant \(1 rows, n_samples=1\)"):
        fit(name, [0.7])


def test_too_few_distinct_values():
    message = r"X has 2 distinct values \(40 rows\), too few for the 3 free parameters of t \(df, loc, scale\)"
    with pytest.raises(ValueError, match=message):
        fit("t", [1.0, 2.0] * 20)
    late = np.full(5000, 1.0)
    late[-1] = 2.0
    assert fit("norm", late).converged  # the second value is far down
    with pytest.raises(ValueError, match="X has 2 distinct values"):
        fit("gamma", late, given={})


def test_one_parameter_needs_one_value():
    for name, x, parameter, value in [
        ("expon", 2.0, "scale", 2.0),
        ("poisson", 3, "mu", 3.0),
        ("geom", 4, "p", 0.25),
    ]:
        found = fit(name, [x])
        assert found.converged
        assert_allclose(found.params[parameter], value, rtol=1e-12)


# --- no maximum


@pytest.mark.parametrize(
    ("name", "x"),
    [("poisson", np.zeros(9)), ("geom", np.ones(9)), ("expon", np.zeros(9)), ("nbinom", np.zeros(9))],
)
def test_maxima_at_the_boundary(name, x):
    with pytest.raises(ValueError, match=r"is at the boundary of its parameters|too few for the"):
        fit(name, x)


@pytest.mark.parametrize(
    ("name", "law"),
    [("gamma", stats.gamma(0.5)), ("weibull_min", stats.weibull_min(0.5)), ("beta", stats.beta(0.4, 0.5))],
)
@pytest.mark.parametrize("seed", range(3))
def test_likelihoods_that_a_free_location_makes_unbounded(name, law, seed):
    with pytest.raises(ValueError, match=rf"the likelihood of {name} for X is unbounded: .*Fix that parameter"):
        fit(name, draw(law, seed=seed), given={})


@pytest.mark.parametrize("repeats", [60, 95])
def test_repeated_values_make_a_spike(repeats):
    x = np.concatenate([np.zeros(repeats), np.random.default_rng(0).normal(size=100 - repeats)])
    with pytest.raises(ValueError, match="likelihood of t for X is unbounded: scale approaches 0"):
        fit("t", x)


@pytest.mark.parametrize("seed", range(3))
def test_counts_less_spread_than_poisson(seed):
    x = draw(stats.binom(20, 0.4), seed=seed)
    found = fit("nbinom", x)
    assert not found.converged
    assert "the likelihood of nbinom for X still increases as n -> inf" in found.message
    limit = fit("poisson", x).log_likelihood
    assert found.message.endswith(f"use family='poisson' (mu={x.mean():.4g}, loc=0, log-likelihood {limit:.6g})")
    assert_allclose(found.log_likelihood, limit, rtol=1e-5)
    assert found.log_likelihood <= limit


@pytest.mark.parametrize("seed", range(5))
def test_student_of_normal_data(seed):
    x = np.random.default_rng(seed).standard_normal(500)
    found, normal = fit("t", x), fit("norm", x)
    if found.converged:
        assert found.params["df"] < 1e5
        assert found.log_likelihood > normal.log_likelihood
    else:
        assert "df -> inf, where the law is norm: use family='norm' (loc=" in found.message
    assert found.log_likelihood >= normal.log_likelihood - 1e-3


def test_an_iteration_cut_short_is_said():
    found = fit("t", draw(stats.t(3)), max_iter=1)
    assert not found.converged
    assert found.newton_decrement > 1e-6
    assert "standard errors from a maximum after 1 steps (tol=1e-06); increase max_iter" in found.message


@pytest.mark.parametrize("name", ["beta", "uniform"])
def test_an_interval_too_narrow_for_the_data_is_said(name):
    with pytest.raises(ValueError, match=rf"X (contains|has values where).*{name}.*"):
        fit(name, [1.0, 2.0, 9.0], given={"scale": 0.5})


# --- standard errors

CASES = {
    "norm": (stats.norm(3, 2), None),
    "gamma": (stats.gamma(2.5, scale=3), None),
    "gamma, all free": (stats.gamma(8.0, 1.0, 3.0), {}),
    "beta": (stats.beta(2, 3), None),
    "beta, scale free": (stats.beta(4, 5, 0, 2), {"loc": 0.0}),
    "beta, all free": (stats.beta(4, 5, 1, 2), {}),
    "weibull_min": (stats.weibull_min(1.5, scale=2), None),
    "lognorm": (stats.lognorm(0.5, scale=2), None),
    "lognorm, all free": (stats.lognorm(0.3, 10, 5), {}),
    "invgauss": (stats.invgauss(0.7, scale=2), None),
    "logistic": (stats.logistic(1, 2), None),
    "t": (stats.t(4, 1, 2), None),
    "expon": (stats.expon(scale=2), None),
    "nbinom": (stats.nbinom(2.5, 0.3), None),
    "geom": (stats.geom(0.3), None),
    "poisson": (stats.poisson(4), None),
    "gumbel_r": (stats.gumbel_r(1, 2), None),
}


@pytest.mark.parametrize("case", CASES)
def test_covariance_is_the_inverse_observed_information(case):
    law, fixed = CASES[case]
    name, x = law.dist.name, draw(law, 500, seed=3)
    weights = np.random.default_rng(4).uniform(0.5, 1.5, len(x))
    found = fit(name, x, weights, given=fixed)
    assert found.converged
    density = found.family.distribution
    density = density.logpmf if found.family.discrete else density.logpdf
    k, errors = len(found.free), np.array([found.standard_errors[n] for n in found.free])

    def log_likelihood(u):
        moved = {n: found.params[n] + float(s * e) for n, s, e in zip(found.free, u, errors)}
        return math.fsum(weights * density(x, **(found.params | moved)))

    h, eye = 0.02, np.eye(k)  # of a standard error; Richardson's extrapolation of second differences

    def second(i, j, h):
        corners = [(s * t) * log_likelihood(h * (s * eye[i] + t * eye[j])) for s in (1, -1) for t in (1, -1)]
        return math.fsum(corners) / (4 * h * h)

    hessian = [[(4 * second(i, j, h) - second(i, j, 2 * h)) / 3 for j in range(k)] for i in range(k)]
    expected = np.linalg.inv(-np.array(hessian)) * np.outer(errors, errors)
    assert_allclose(found.covariance / np.outer(errors, errors), expected / np.outer(errors, errors), atol=1e-4)


def test_closed_forms():
    x = draw(stats.norm(3, 2))
    found, n = fit("norm", x), len(x)
    scale = x.std()
    assert_allclose(found.covariance, [[scale**2 / n, 0], [0, scale**2 / (2 * n)]], rtol=1e-7, atol=1e-12)
    counts = draw(stats.poisson(4))
    assert_allclose(fit("poisson", counts).standard_errors["mu"], math.sqrt(counts.mean() / n), rtol=1e-7)
    found = fit("expon", np.abs(x))
    assert_allclose(found.standard_errors["scale"], found.params["scale"] / math.sqrt(n), rtol=1e-7)
    found = fit("lognorm", np.exp(x))
    assert_allclose(found.standard_errors["s"], scale / math.sqrt(2 * n), rtol=1e-6)


def test_gamma_standard_errors_to_fifteen_digits_of_trigamma():
    found = fit("gamma", draw(stats.gamma(2.5, scale=3), 300))
    a, scale = found.params["a"], found.params["scale"]
    with mpmath.workdps(30):
        trigamma = float(mpmath.psi(1, a))
    information = 300 * np.array([[trigamma, 1 / scale], [1 / scale, a / scale**2]])
    assert_allclose(found.covariance, np.linalg.inv(information), rtol=1e-6)


def test_edges_have_no_standard_error_or_their_own():
    x = 1 + draw(stats.pareto(3))
    found, n = fit("pareto", x), len(x)
    assert found.params["scale"] == x.min()
    assert math.isnan(found.standard_errors["scale"])
    assert_allclose(found.standard_errors["b"], found.params["b"] / math.sqrt(n), rtol=1e-7)
    found = fit("uniform", x, given={})
    assert found.params == {"loc": x.min(), "scale": x.max() - x.min()}
    assert np.isnan(list(found.standard_errors.values())).all()
    assert found.covariance.shape == (2, 2)
    found = fit("expon", x, given={})
    assert found.params["loc"] == x.min()
    assert math.isnan(found.standard_errors["loc"])
    assert_allclose(found.standard_errors["scale"], found.params["scale"] / math.sqrt(n), rtol=1e-7)
    found = fit("laplace", x)
    assert_allclose(found.standard_errors["loc"], found.params["scale"] / math.sqrt(n), rtol=1e-12)
    assert_allclose(found.standard_errors["scale"], found.params["scale"] / math.sqrt(n), rtol=1e-7)


# --- multivariate


def joint(x, **options):
    return fit_joint(get_family("multivariate_normal"), Rows(np.asarray(x, dtype=float)), **options)


@pytest.mark.parametrize(
    ("x", "fixed", "message"),
    [
        (np.eye(3), {"mu": np.zeros(3)}, "fixed names 'mu', which multivariate_normal does not have; it has mean, cov"),
        (np.eye(3), {"mean": np.zeros(2)}, r"fixed\['mean'\] must be finite, of shape \(3,\); got shape \(2,\)"),
        (np.eye(3), {"mean": [0, 0, math.nan]}, r"fixed\['mean'\] must be finite, of shape \(3,\)"),
        (np.ones((1, 2)), None, "n_samples=1 is too few for the covariance"),
        (np.column_stack([np.arange(9), np.ones(9)]), None, "column 1 of X is constant"),
        (np.arange(9)[:, None] * [1, 2, 3], None, "covariance of the 3 columns of X is singular"),
        (np.random.default_rng(0).normal(size=(3, 4)), None, "covariance of the 4 columns of X is singular"),
    ],
)
def test_joint_fits_that_have_no_maximum(x, fixed, message):
    with pytest.raises(ValueError, match=message):
        joint(x, fixed=fixed)


def test_joint_fit():
    x = np.random.default_rng(1).normal(size=(400, 3)) @ [[1, 0.5, 0], [0, 2, 1], [0, 0, 1e-3]] + [1e6, 0, -3]
    found = joint(x)
    assert_allclose(found.params["mean"], x.mean(axis=0), rtol=1e-13)
    assert_allclose(found.params["cov"], np.cov(x.T, bias=True), rtol=1e-10)
    expected = stats.multivariate_normal(found.params["mean"], found.params["cov"]).logpdf(x).sum()
    assert_allclose(found.log_likelihood, expected, rtol=1e-8)
    assert found.n_parameters == 9
    assert found.covariance.shape == (9, 9)
    errors = np.concatenate([found.standard_errors["mean"], found.standard_errors["cov"][np.triu_indices(3)]])
    assert_allclose(np.sqrt(np.diag(found.covariance)), errors, rtol=1e-12)
    about = joint(x, fixed={"mean": [1e6, 0, -3]})
    assert_allclose(about.params["cov"], (x - [1e6, 0, -3]).T @ (x - [1e6, 0, -3]) / 400, rtol=1e-10)
    assert about.free == ("cov",)
