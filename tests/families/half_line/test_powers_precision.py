"""Laws of the half line with heavy tails, powers or cut ends, against sixty digits of the textbook formulas."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.families import ExponentialFamily, Law, get_family
from skinfo.likelihood import fit_marginal
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Power, Rows, X

log, log1p, exp, lg, psi = mpmath.log, mpmath.log1p, mpmath.exp, mpmath.loggamma, mpmath.digamma


def lbeta(a, b):
    return lg(a) + lg(b) - lg(a + b)


def betaprime(z, a, b):
    return (a - 1) * log(z) - (a + b) * log1p(z) - lbeta(a, b)


def betaprime_entropy(a, b):
    return lbeta(a, b) - (a - 1) * (psi(a) - psi(b)) + (a + b) * (psi(a + b) - psi(b))


def mean_gompertz(c):
    return exp(c) * mpmath.e1(c)


# Shapes, the textbook log density and entropy, and the middle of the values.
LAWS = {
    "betaprime": (
        [(0.8, 1.5), (1e-3, 0.2), (500.0, 3.0), (2.0, 1e6), (1e6, 0.5), (300.0, 400.0), (1.0, 1.0)],
        betaprime,
        betaprime_entropy,
        lambda a, b: a / b,
    ),
    "burr": (
        [(3.0, 0.7), (0.5, 3.0), (40.0, 1e-3), (2.0, 1e6), (1e-3, 0.2), (1e6, 1e-6)],
        lambda z, c, d: log(c * d) - (c + 1) * log(z) - (d + 1) * log1p(z**-c),
        lambda c, d: 1 + 1 / d - log(c * d) + (1 + 1 / c) * (psi(d) + mpmath.euler),
        lambda c, d: d ** (1 / c),
    ),
    "burr12": (
        [(3.0, 0.7), (0.5, 3.0), (40.0, 1e-3), (2.0, 1e6), (1e-3, 0.2), (1e6, 1e-6), (1.0, 2.0)],
        lambda z, c, d: log(c * d) + (c - 1) * log(z) - (d + 1) * log1p(z**c),
        lambda c, d: 1 + 1 / d - log(c * d) + (1 - 1 / c) * (psi(d) + mpmath.euler),
        lambda c, d: d ** (-1 / c) if c > 0.01 else 1.0,
    ),
    "exponweib": (
        [(2.5, 1.5), (0.1, 0.8), (0.5, 30.0), (200.0, 0.7), (1e6, 0.3), (1e-6, 1e3)],
        lambda z, a, c: log(a * c) + (a - 1) * log(-mpmath.expm1(-(z**c))) - z**c + (c - 1) * log(z),
        None,
        lambda a, c: max(1.0, math.log(1 + a)) ** (1 / c),
    ),
    "f": (
        [(2.0, 3.0), (0.5, 0.7), (1000.0, 6.0), (3.0, 1e6), (1e6, 1.0), (300.0, 400.0)],
        lambda z, n, m: betaprime(n / m * z, n / 2, m / 2) + log(n / m),
        lambda n, m: betaprime_entropy(n / 2, m / 2) - log(n / m),
        lambda n, m: 1.0,
    ),
    "gengamma": (
        [(2.0, 1.5), (1.5, -2.0), (0.2, 8.0), (20.0, 0.7), (3000.0, 0.02), (0.01, 50.0), (14.9, -0.1), (1e6, 3.0)],
        lambda z, a, c: log(abs(c)) + (c * a - 1) * log(z) - z**c - lg(a),
        lambda a, c: lg(a) - log(abs(c)) + a + psi(a) * (1 / c - a),
        lambda a, c: a ** (1 / c),
    ),
    "genpareto": (
        [(0.2,), (-0.3,), (1e-9,), (-1e-9,), (0.0,), (5.0,), (-0.99,), (-1.5,), (1e3,), (1e-3,)],
        lambda z, c: -(1 + 1 / c) * log1p(c * z) if c else -z,
        lambda c: 1 + c,
        lambda c: min(1.0, -0.5 / c) if c < 0 else 1.0,
    ),
    "gompertz": (
        [(0.3,), (1e-20,), (200.0,), (1e6,), (99.0,), (1e-300,)],
        lambda z, c: log(c) + z - c * mpmath.expm1(z),
        lambda c: 1 - log(c) - mean_gompertz(c),
        lambda c: math.log1p(1 / c),
    ),
    "levy": (
        [()],
        lambda z: -log(2 * mpmath.pi) / 2 - 1.5 * log(z) - 1 / (2 * z),
        lambda: (1 + 3 * mpmath.euler + log(16 * mpmath.pi)) / 2,
        lambda: 1.0,
    ),
    "loguniform": (
        [(0.5, 20.0), (2.0, 2.2), (1e-8, 1e6), (1.0, 1.0 + 1e-12), (1e-300, 1e300)],
        lambda z, a, b: -log(z) - log(log(b) - log(a)),
        lambda a, b: (log(a) + log(b)) / 2 + log(log(b) - log(a)),
        lambda a, b: math.sqrt(a) * math.sqrt(b),
    ),
    "lomax": (
        [(2.5,), (0.1,), (3000.0,), (1e6,)],
        lambda z, c: log(c) - (c + 1) * log1p(z),
        lambda c: 1 + 1 / c - log(c),
        lambda c: 1 / c,
    ),
    "truncexpon": (
        [(3.0,), (40.0,), (0.5,), (1e-6,), (1e3,)],
        lambda z, b: -z - log(-mpmath.expm1(-b)),
        lambda b: 1 + log(-mpmath.expm1(-b)) - b / mpmath.expm1(b),
        lambda b: b / 2,
    ),
}
CASES = [(name, *shapes) for name, (cases, *_) in LAWS.items() for shapes in cases]
FACTORS = [1e-100, 1e-9, 0.1, 0.7, 0.95, 1.0, 1.05, 1.5, 1.9, 10.0, 1e9, 1e100]


def point(case):
    """A family, its parameters, and values from one far tail to the other, inside the support."""
    name, *values = case
    family = get_family(name)
    theta = {**dict(zip(family.shapes or {}, values)), "loc": 0.0, "scale": 1.0}
    z = LAWS[name][3](*values) * np.array(FACTORS)
    if name == "exponweib":
        z = z[values[1] * np.log(z) < 50]  # beyond, the tail is out of reach of mpmath
    low, high = family.standard_support(family.shape_values(theta))[:2]
    return family, theta, z[(z > low) & (z < high) & (z > 1e-300) & (z < (700.0 if name == "gompertz" else 1e300))]


def size(family, terms, z):
    """Size of the terms that add up in an exponential law."""
    means = Rows(np.array([z])).means(terms)
    return sum(abs(c * means[t]) for t, c in terms.items())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_log_density_and_scores(case):
    family, theta, z = point(case)
    shapes = family.shape_values(theta)
    density = LAWS[case[0]][1]
    power = max(map(abs, case[1:])) if case[0].startswith("burr") else 0.0
    for v in z:
        with mpmath.workdps(400 if abs(math.log(v)) > 3 else 120):
            at = [mpf(float(s)) for s in case[1:]]
            exact = density(mpf(float(v)), *at)
            if abs(exact) > 1e300:
                continue
            terms = size(family, family.terms(**shapes), v) if isinstance(family, ExponentialFamily) else 0.0
            value = float(family.log_prob(np.array([v]), theta)[0])
            tolerance = 1e-12 * (abs(exact) + terms) + 1e-15 * (1 + power * abs(math.log(v)))
            assert abs(value - exact) <= tolerance, (v, value, float(exact))
            for i, name in enumerate(shapes):
                step = (abs(at[i]) or 1) * mpf(10) ** -25
                if v * step > 1:
                    continue  # the end of a support that depends on the shape
                up, down = (density(mpf(float(v)), *at[:i], at[i] + s, *at[i + 1 :]) for s in (step, -step))
                exact = (up - down) / (2 * step)
                with np.errstate(all="ignore"):
                    (value,) = family.mean_score(Rows(np.array([v])), theta, (name,))
                terms = 1 / abs(at[i] or 1)  # of the constant, which cancels
                if case[0] == "gengamma":
                    terms = 1 + at[0] * abs(log(v))  # a small part of the score's spread
                assert abs(value - exact) <= 1e-12 * abs(exact) + 2e-15 * terms, (name, v, value, float(exact))


@pytest.mark.parametrize("case", [case for case in CASES if LAWS[case[0]][2]], ids=str)
def test_entropy(case):
    family, theta, _ = point(case)
    with mpmath.workdps(60):
        exact = float(LAWS[case[0]][2](*map(mpf, case[1:])))
    if isinstance(family, ExponentialFamily):
        value = -family.mean_log_prob(Law(family, theta), theta)
    else:
        value = family.entropy(**family.shape_values(theta))
    assert abs(value - exact) <= 1e-12 * (1 + abs(exact)), (value, exact)


# --- expectations


MOMENTS = {
    "betaprime": lambda k, a, b: mpmath.gammaprod([a + k, b - k], [a, b]),
    "burr": lambda k, c, d: mpmath.gammaprod([1 - k / c, d + k / c], [d]),
    "burr12": lambda k, c, d: mpmath.gammaprod([1 + k / c, d - k / c], [d]),
    "f": lambda k, n, m: (m / n) ** k * mpmath.gammaprod([n / 2 + k, m / 2 - k], [n / 2, m / 2]),
    "gengamma": lambda k, a, c: mpmath.gammaprod([a + k / c], [a]),
    "genpareto": lambda k, c: (
        mpmath.gammaprod([k + 1, 1 / c - k], [1 / c + 1]) / c ** (k + 1)
        if c > 0
        else mpmath.gammaprod([k + 1, -1 / c + 1], [k + 1 - 1 / c]) / (-c) ** k
        if c < 0
        else mpmath.gamma(k + 1)
    ),
    "lomax": lambda k, c: mpmath.gammaprod([1 + k, c - k], [c]),
    "truncexpon": lambda k, b: mpmath.gammainc(k + 1, 0, b) / -mpmath.expm1(-b),
}


@pytest.mark.parametrize("case", [case for case in CASES if case[0] in MOMENTS], ids=str)
def test_moments(case):
    family, theta, _ = point(case)
    shapes, moment = family.shape_values(theta), MOMENTS[case[0]]
    with mpmath.workdps(120):
        at = [mpf(s) for s in shapes.values()]
        for k, statistic in {1.0: X, 2.0: SQUARE, -0.3: Power(-0.3), 1.7: Power(1.7), 0.01: Power(0.01)}.items():
            value = family.expectation(statistic, shapes)
            if 0 < value < 1e300:
                assert_allclose(value, float(moment(mpf(k), *at)), rtol=2e-12, err_msg=str(k))
        step = mpf(10) ** -20
        first, middle, last = (log(moment(k, *at)) for k in (-step, mpf(0), step))
        mean, variance = (last - first) / (2 * step), (first - 2 * middle + last) / step**2
        assert_allclose(family.expectation(LOG, shapes), float(mean), rtol=1e-12, atol=1e-14)
        square = family.expectation(LOG_SQUARE, shapes)
        if square is not None:
            assert_allclose(square, float(variance + mean**2), rtol=1e-12)


# --- fits


def fit(name, x, **fixed):
    return fit_marginal(get_family(name), Rows(x), given={"loc": 0.0} | fixed)


@pytest.mark.parametrize("seed", range(5))
def test_short_tails_of_the_generalised_pareto_law_end_in_the_uniform_one(seed):
    """The best law with c >= -1, below which the likelihood is unbounded."""
    x = stats.genpareto(-0.8).rvs(8, random_state=seed)
    found = fit("genpareto", x)
    assert found.log_likelihood >= -8 * math.log(x.max()) - 1e-12
    assert found.converged == (found.params["c"] > -1)
    if not found.converged:
        assert found.limit == "uniform"
        assert (
            "still increases as c -> -1, beyond which it is unbounded; the distribution is uniform there"
            in found.message
        )
        assert found.params["scale"] == x.max()
        grid = [fit("genpareto", x, c=c).log_likelihood for c in np.linspace(-0.95, 1, 40)]
        assert found.log_likelihood >= max(grid)


def test_generalised_pareto_law_of_either_sign_and_none():
    x = np.random.default_rng(0).exponential(3.0, 400)
    found, exponential = fit("genpareto", x), fit("genpareto", x, c=0.0)
    assert found.log_likelihood >= exponential.log_likelihood
    assert_allclose(exponential.params["scale"], x.mean(), rtol=1e-8)
    assert abs(found.params["c"]) < 4 * found.standard_errors["c"]


@pytest.mark.parametrize("n", [9_000, 100_000])
def test_generalised_pareto_law_whose_end_is_next_to_the_data(n):
    x = np.random.default_rng(0).gamma(2.5, size=n)
    found = fit("genpareto", x)
    assert found.converged
    # the maximum among laws of one c / scale is that in c alone (Grimshaw 1993)
    slope = found.params["c"] / found.params["scale"]
    assert_allclose(found.params["c"], np.log1p(slope * x).mean(), rtol=1e-9)
    for factor in (-1e-3, 1e-3):
        other = slope + factor * (slope + 1 / x.max())
        c = np.log1p(other * x).mean()
        assert n * (math.log(other / c) - c - 1) < found.log_likelihood


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_generalised_gamma_law_of_either_sign(sign):
    x = stats.gengamma(2.0, 1.5).rvs(500, random_state=0) ** sign
    found = fit("gengamma", x)
    assert found.converged
    assert found.params["c"] * sign > 0
    others = [fit(name, x).log_likelihood for name in ("gamma", "weibull_min", "lognorm", "invgamma", "invweibull")]
    assert found.log_likelihood >= max(others) - 1e-9


def test_what_is_next_to_another_law_says_so():
    random = np.random.default_rng(0)
    symmetric = np.exp(2 * stats.norm.ppf((np.arange(300) + 0.5) / 300))
    with pytest.raises(ValueError, match="lognorm"):
        fit("gengamma", symmetric)
    with pytest.raises(ValueError, match="gumbel_l"):
        fit("gompertz", random.normal(1000, 0.1, 100))
    with pytest.raises(ValueError, match="uniform"):
        fit("truncexpon", random.uniform(1, 2, 100))
    with pytest.raises(ValueError, match="leaves some out"):
        fit("loguniform", random.uniform(1, 2, 100), scale=1.0, b=1.5)
