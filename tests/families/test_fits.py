"""Every univariate law's maximum likelihood: optimal, exact to many digits, equivariant, a function of frequencies."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import optimize, stats

from skinfo.families import get_family
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows


def numbers_given(family):
    """Integer shapes, which are not estimated, and one that few rows hardly tell: those of the first example."""
    integers = ["p"] if family.name == "genhyperbolic" else []
    integers += [n for n, domain in (family.shapes or {}).items() if domain == "integer"]
    return {n: family.examples[0][n] for n in integers} if family.examples else {}


def fit(name, x, weights=None, **options):
    family = get_family(name)
    if counted := numbers_given(family):
        options["given"] = family.natural_fixed | counted | (options.get("given") or {})
    result = fit_marginal(family, Rows(np.asarray(x), weights), **options)
    assert result.converged, result.message
    assert result.newton_decrement <= options.get("tol", 1e-6)
    return result


def assert_same(found, expected, errors=2e-6):
    """Estimates agree to some part of a standard error; edges of the support to rounding."""
    assert found.free == expected.free
    for name, error in expected.standard_errors.items():
        a, b = found.params[name], expected.params[name]
        assert abs(a - b) <= (errors * error if math.isfinite(error) else 1e-12 * abs(b)), name
    assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=1e-10)


def nelder_mead(family, x, start, free, weights=None):
    """Largest log-likelihood that a simplex search finds with SciPy's density, restarted until it settles."""
    law = family.distribution
    density = law.logpmf if family.discrete else law.logpdf

    def loss(u):
        theta = start | dict(zip(free, u.tolist()))
        if not all(family.in_domain(n, theta[n]) for n in free):
            return math.inf
        with np.errstate(all="ignore"):
            value = -np.sum(density(x, **theta) * (1 if weights is None else weights))
        return value if math.isfinite(value) else math.inf

    u, options = np.array([start[n] for n in free]), {"xatol": 1e-9, "fatol": 1e-11, "maxfev": 600}
    for _ in range(2 if free else 0):
        u = optimize.minimize(loss, u, method="Nelder-Mead", options=options).x
    return -loss(u)


# Regular fits with more parameters free than the natural support leaves free.
FREED = {
    "beta": ({"a": 4.0, "b": 5.0, "loc": 1.0, "scale": 2.0}, {}),
    "beta ": ({"a": 4.0, "b": 5.0, "loc": 0.0, "scale": 2.0}, {"loc": 0.0}),
    "expon": ({"loc": 3.0, "scale": 2.0}, {}),
    "gamma": ({"a": 6.0, "loc": 3.0, "scale": 2.0}, {}),
    "invgauss": ({"mu": 0.2, "loc": -5.0, "scale": 9.0}, {}),
    "lognorm": ({"s": 0.3, "loc": 10.0, "scale": 5.0}, {}),
    "pareto": ({"b": 3.0, "loc": 4.0, "scale": 2.0}, {"scale": 2.0}),
    "pareto ": ({"b": 3.0, "loc": 4.0, "scale": 2.0}, {}),
    "weibull_min": ({"c": 4.0, "loc": -2.0, "scale": 2.0}, {}),
    "t": ({"df": 3.0, "loc": 1.0, "scale": 2.0}, {"df": 3.0}),
    "uniform": ({"loc": 1.0, "scale": 2.0}, {}),
}


# --- optimality


def test_nothing_better_is_near_the_truth(typical):
    x = typical.draw(500)
    given = typical.family.natural_fixed | numbers_given(typical.family)
    free = tuple(n for n in typical.family.parameters if n not in given)
    found = fit(typical.name, x)
    best = nelder_mead(typical.family, x, typical.theta, free)
    assert found.free == free
    assert found.log_likelihood >= best - 1e-12 * abs(best)
    assert_allclose(found.log_likelihood, typical.family.log_prob(x, found.params).sum(), rtol=1e-12)


@pytest.mark.parametrize("case", FREED)
def test_nothing_better_is_near_the_truth_when_more_is_free(case):
    family, (theta, fixed) = get_family(case.strip()), FREED[case]
    x = family.freeze(theta).rvs(500, random_state=1)
    found = fit(case.strip(), x, given=fixed)
    best = nelder_mead(family, x, theta, [n for n in family.parameters if n not in fixed])
    assert found.log_likelihood >= best - 1e-11 * abs(best)


GENERIC = {  # none of them in the catalogue
    "loggamma": ((2.0,), {"loc": 2.0, "scale": 3.0}, None),
    "geninvgauss": ((2.3, 1.5), {"loc": 0.0, "scale": 3.0}, None),
    "powernorm": ((4.0,), {"loc": 2.0, "scale": 3.0}, None),
    "recipinvgauss": ((1.5,), {"loc": 0.0, "scale": 3.0}, None),
    "nchypergeom_wallenius": ((40, 12, 9, 1.7), {"loc": 0.0}, {"M": 40, "n": 12, "N": 9, "loc": 0}),
    "planck": ((0.7,), {"loc": 0.0}, None),
}


@pytest.mark.parametrize("name", GENERIC)
def test_laws_outside_the_catalogue(name):
    shapes, rest, fixed = GENERIC[name]
    family = get_family(name)
    theta = dict(zip(family.shapes, shapes)) | rest
    x = family.freeze(theta).rvs(300, random_state=3).astype(float)
    found = fit(name, x, given=fixed)
    best = nelder_mead(family, x, theta | (fixed or {}), found.free)
    assert found.log_likelihood >= best - 1e-10 * abs(best)
    if name == "planck":
        assert abs(found.params["lambda_"] - np.log1p(1 / x.mean())) <= 1e-6 * found.standard_errors["lambda_"]


# --- digits

SMALL = {
    "beta": [0.11, 0.32, 0.5, 0.07, 0.64, 0.43, 0.81, 0.22, 0.38, 0.97, 0.55, 0.29, 0.46, 0.15, 0.72],
    "gamma": [0.31, 2.2, 0.74, 5.1, 1.3, 0.08, 1.9, 3.7, 0.55, 2.6, 1.1, 7.9, 0.92, 1.6, 0.42],
    "invgauss": [0.31, 2.2, 0.74, 5.1, 1.3, 0.28, 1.9, 3.7, 0.55, 2.6, 1.1, 7.9, 0.92, 1.6, 0.42],
    "logistic": [-1.2, 0.4, 2.9, 0.1, -0.7, 5.6, 1.3, 0.9, -3.4, 0.6, 1.8, -0.2, 2.1, 0.3, 1.1],
    "lognorm": [0.31, 2.2, 0.74, 5.1, 1.3, 0.08, 1.9, 3.7, 0.55, 2.6, 1.1, 7.9, 0.92, 1.6, 0.42],
    "nbinom": [0, 3, 7, 1, 0, 2, 12, 4, 1, 0, 5, 9, 2, 0, 3, 1, 6, 22, 2, 1],
    "t": [-1.2, 0.4, 9.9, 0.1, -0.7, 5.6, 1.3, 0.9, -7.4, 0.6, 1.8, -0.2, 2.1, 0.3, 1.1],
    "weibull_min": [0.31, 2.2, 0.74, 5.1, 1.3, 0.08, 1.9, 3.7, 0.55, 2.6, 1.1, 7.9, 0.92, 1.6, 0.42],
}


def exact_log_density(name):
    """Log density of mpf values: f(x, *free parameters)."""
    log, exp, gamma, pi = mpmath.log, mpmath.exp, mpmath.loggamma, mpmath.pi
    return {
        "beta": lambda x, a, b: (a - 1) * log(x) + (b - 1) * log(1 - x) + gamma(a + b) - gamma(a) - gamma(b),
        "gamma": lambda x, a, s: (a - 1) * log(x / s) - x / s - gamma(a) - log(s),
        "invgauss": lambda x, m, s: (
            -((x / s - m) ** 2) / (2 * x / s * m**2) - 1.5 * log(x / s) - log(2 * pi) / 2 - log(s)
        ),
        "logistic": lambda x, m, s: -(x - m) / s - 2 * log(1 + exp(-(x - m) / s)) - log(s),
        "lognorm": lambda x, s, c: -(log(x / c) ** 2) / (2 * s**2) - log(x * s) - log(2 * pi) / 2,
        "nbinom": lambda x, n, p: gamma(x + n) - gamma(n) - gamma(x + 1) + n * log(p) + x * log(1 - p),
        "t": lambda x, n, m, s: (
            gamma((n + 1) / 2) - gamma(n / 2) - log(n * pi) / 2 - log(s) - (n + 1) / 2 * log(1 + ((x - m) / s) ** 2 / n)
        ),
        "weibull_min": lambda x, c, s: log(c / s) + (c - 1) * log(x / s) - (x / s) ** c,
    }[name]


@pytest.mark.parametrize("name", SMALL)
def test_estimates_agree_with_sixty_digits(name, maximise):
    found = fit(name, SMALL[name])
    density = exact_log_density(name)
    with mpmath.workdps(60):
        x = [mpf(float(v)) for v in SMALL[name]]

        def log_likelihood(*u):
            return mpmath.fsum(density(v, *u) for v in x)

        estimates = [found.params[n] for n in found.free]
        exact = maximise(log_likelihood, estimates)
        there = log_likelihood(*map(mpf, estimates))
        assert log_likelihood(*exact) >= there
        for parameter, a, b in zip(found.free, estimates, exact):
            assert abs(a - b) < 1e-6 * found.standard_errors[parameter], parameter
        assert abs(found.log_likelihood - there) < 1e-12 * abs(there)


@pytest.mark.parametrize("spread", [0.1, 1e-2, 1e-3, 1e-4, 1e-5])
def test_narrow_gammas_are_as_near_to_the_maximum_as_they_say(spread):
    x = 1 + spread * np.random.default_rng(0).uniform(-1, 1, 40)
    found = fit_marginal(get_family("gamma"), Rows(x))
    if spread > 1e-4:
        assert found.status in ("maximum", "rounding")
    errors = {"maximum": 2e-6, "rounding": 1e-3}.get(found.status, max(10 * found.newton_decrement, 1e-4))
    assert found.converged or "lost in rounding" in found.message
    with mpmath.workdps(60):
        values = [mpf(float(v)) for v in x]
        mean = mpmath.fsum(values) / 40
        gap = mpmath.log(mean) - mpmath.fsum(mpmath.log(v) for v in values) / 40
        a = mpmath.findroot(lambda a: mpmath.log(a) - mpmath.digamma(a) - gap, mpf(found.params["a"]))
        assert abs(found.params["a"] - a) < errors * found.standard_errors["a"]
        assert abs(found.params["scale"] - mean / a) < errors * found.standard_errors["scale"]


# --- units, order, frequencies


@settings(max_examples=8, deadline=None)
@given(power=st.integers(-40, 40), shift=st.integers(-(2**20), 2**20))
@pytest.mark.parametrize("name", ["gamma", "invgauss", "lognorm", "weibull_min", "expon", "pareto"])
def test_half_line_estimates_scale_with_the_data(name, power, shift):
    x = 0.5 + np.random.default_rng(2).gamma(2.0, 1.5, 60)
    found, moved = fit(name, x), fit(name, math.ldexp(1.0, power) * x)
    unit = math.ldexp(1.0, power)
    for key in found.free:
        factor = unit if key == "scale" else 1.0
        assert abs(moved.params[key] / factor - found.params[key]) <= 2e-6 * found.standard_errors.get(key, 0) or (
            math.isnan(found.standard_errors[key]) and moved.params[key] == found.params[key] * factor
        )
    assert_allclose(moved.log_likelihood, found.log_likelihood - 60 * math.log(unit), rtol=1e-10, atol=1e-9)
    if name in ("expon",):
        moved = fit(name, x + shift, given={"loc": shift})
        assert_allclose(moved.params["scale"], found.params["scale"], rtol=1e-9)


@settings(max_examples=8, deadline=None)
@given(power=st.integers(-20, 20), shift=st.integers(-(2**20), 2**20))
@pytest.mark.parametrize("name", ["norm", "laplace", "logistic", "t", "uniform"])
def test_whole_line_estimates_move_with_the_data(name, power, shift):
    z = np.random.default_rng(4).standard_t(3, 80)
    z = np.round(z * 2**20) / 2**20  # so that shifts and units are exact
    unit, fixed = math.ldexp(1.0, power), {} if name == "uniform" else None
    found, moved = fit(name, z, given=fixed), fit(name, unit * (z + shift), given=fixed)
    for key in found.free:
        error = found.standard_errors[key]
        expected = found.params[key] * (unit if key != "df" else 1) + (unit * shift if key == "loc" else 0)
        rounding = 1e-15 * abs(expected)
        tolerance = 0 if math.isnan(error) else 4e-6 * error * (unit if key != "df" else 1)
        assert abs(moved.params[key] - expected) <= tolerance + rounding, key
    assert_allclose(moved.log_likelihood, found.log_likelihood - 80 * math.log(unit), rtol=1e-9, atol=1e-8)


def test_integer_weights_repeat_rows(typical):
    random = np.random.default_rng(5)
    x = typical.draw(80)
    counts = random.integers(0, 4, 80)
    counts[[x.argmin(), x.argmax()]] = 1
    weighted = fit(typical.name, x, counts.astype(float))
    assert_same(fit(typical.name, np.repeat(x, counts)), weighted)
    for name, error in fit(typical.name, np.repeat(x, counts)).standard_errors.items():
        assert_allclose(weighted.standard_errors[name], error, rtol=1e-4)


def test_scaled_weights_move_nothing_but_the_precision(typical):
    x, weights = typical.draw(80), np.random.default_rng(6).uniform(0.1, 2, 80)
    one, many = fit(typical.name, x, weights), fit(typical.name, x, 100 * weights)
    for name, error in one.standard_errors.items():
        assert_allclose(many.params[name], one.params[name], rtol=0, atol=2e-6 * np.nan_to_num(error) + 1e-12)
        assert_allclose(many.standard_errors[name], error / 10, rtol=1e-4)
    assert_allclose(many.log_likelihood, 100 * one.log_likelihood, rtol=1e-10)


def test_order_does_not_matter(typical):
    x, random = typical.draw(200), np.random.default_rng(7)
    weights, order = random.uniform(0, 2, 200), random.permutation(200)
    assert_same(fit(typical.name, x[order], weights[order]), fit(typical.name, x, weights))


def test_rows_of_no_weight_do_not_matter(typical):
    x = typical.draw(100)
    padded = np.concatenate([[-1e9 - 0.5, 1e9], x, [-3.25]])  # outside every support but the line's
    weights = np.concatenate([[0.0, 0.0], np.ones(100), [0.0]])
    assert_same(fit(typical.name, padded, weights), fit(typical.name, x))


def test_float32_and_strided_columns(typical):
    table = np.column_stack([typical.draw(90), np.full(90, np.nan)]).astype(np.float32)
    if not typical.family.smooth:  # any point between the two middle values is a median
        table = table[:-1]
    assert_same(fit(typical.name, table[:, 0]), fit(typical.name, table[:, 0].astype(np.float64)))


# --- fixed parameters


BOUNDS = [("pareto", "scale"), ("loguniform", "b"), ("truncexpon", "b"), ("truncnorm", "a"), ("truncnorm", "b")]
KINKED = [("triang", "c")]  # a given mode moves with the ends: the likelihood has a kink wherever it meets a value


def test_fixed_parameters_stay_and_the_others_are_best(typical):
    x, natural = typical.draw(150), typical.family.natural_fixed | numbers_given(typical.family)
    free = [n for n in typical.family.parameters if n not in natural]
    for name in free if len(free) > 1 else []:
        value = typical.theta[name] * (0.9 if name in (typical.family.shapes or {}) else 1.1)
        start = typical.theta | {name: value}
        if not np.isfinite(typical.log_density(x)).all() or (typical.name, name) in BOUNDS + KINKED:
            continue  # a larger bound would lose rows
        found = fit(typical.name, x, given=natural | {name: value})
        assert found.params[name] == value
        assert name not in found.free
        best = nelder_mead(typical.family, x, start, found.free)
        assert found.log_likelihood >= best - 1e-11 * abs(best)


def test_nothing_left_to_estimate(typical):
    x = typical.draw(50)
    found = fit(typical.name, x, given=typical.theta)
    assert found.params == typical.theta
    assert found.free == ()
    assert found.standard_errors == {}
    assert found.covariance.shape == (0, 0)
    assert_allclose(found.log_likelihood, typical.log_density(x).sum(), rtol=1e-10)


@pytest.mark.parametrize("name", ["t", "logistic", "weibull_min"])
def test_many_rows_take_the_pilot_and_are_exact_all_the_same(name):
    x = getattr(stats, name)(*([2.5] if name != "logistic" else [])).rvs(70_000, random_state=8)
    weights = np.ones(70_000)
    weights[::7] = 2.0
    found = fit(name, x, weights)
    family = get_family(name)
    score = family.mean_score(Rows(x, weights), found.params, found.free)
    decrement = math.sqrt(weights.sum() ** 2 * score @ found.covariance @ score)
    assert decrement <= 1.1e-6
