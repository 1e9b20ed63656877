"""Laws of an interval, and the normal law cut off at two ends, against forty digits of the textbook formulas."""

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.families import ExponentialFamily, Law, get_family
from skinfo.families.interval._kumaraswamy import kumaraswamy
from skinfo.likelihood import fit_marginal
from skinfo.measures import SQUARE, Rows, X

log, log1p, psi, pi = mpmath.log, mpmath.log1p, mpmath.digamma, mpmath.pi


def mass(a, b):
    """Of the standard normal law between two points."""
    if a > 0:
        a, b = -b, -a
    return mpmath.erfc(-b / mpmath.sqrt(2)) / 2 - mpmath.erfc(-a / mpmath.sqrt(2)) / 2


def truncnorm_entropy(a, b):
    return log(mpmath.sqrt(2 * pi) * mass(a, b)) + _truncnorm_square(a, b) / 2


def _truncnorm_square(a, b):
    return 1 + (a * mpmath.npdf(a) - b * mpmath.npdf(b)) / mass(a, b)


# Shapes, the textbook log density and entropy.
LAWS = {
    "arcsine": ([()], lambda z: -log(pi) - log(z * (1 - z)) / 2, lambda: log(pi / 4)),
    "johnsonsb": (
        [(0.5, 1.2), (-1.0, 0.3), (30.0, 20.0), (0.0, 1e4), (-50.0, 1e-3)],
        lambda z, a, b: log(b) - log(z * (1 - z)) - (a + b * log(z / (1 - z))) ** 2 / 2 - log(2 * pi) / 2,
        None,
    ),
    "kumaraswamy": (
        [(2.0, 3.5), (0.3, 0.6), (50.0, 20.0), (0.5, 1e6), (1e3, 1e-3), (1.0, 1.0)],
        lambda z, a, b: log(a * b) + (a - 1) * log(z) + (b - 1) * log1p(-(z**a)),
        lambda a, b: 1 - 1 / b - log(a * b) + (1 - 1 / a) * (psi(b + 1) + mpmath.euler),
    ),
    "powerlaw": (
        [(2.5,), (1e-3,), (1e6,)],
        lambda z, a: log(a) + (a - 1) * log(z),
        lambda a: 1 - 1 / a - log(a),
    ),
    "triang": (
        [(0.31,), (1e-6,), (0.9999,)],
        lambda z, c: log(2) + (log(z / c) if z < c else log((1 - z) / (1 - c))),
        lambda c: mpf(1) / 2 - log(2),
    ),
    "truncnorm": (
        [(-2.5, 2.0), (0.5, 30.0), (-40.0, -20.0), (-8.0, 9.0), (1e3, 1e3 + 1e-3), (-1e-6, 2e-6), (3.0, 3.1), (-1, 50)],
        lambda z, a, b: -z * z / 2 - log(2 * pi) / 2 - log(mass(a, b)),
        truncnorm_entropy,
    ),
}
CASES = [(name, *shapes) for name, (cases, *_) in LAWS.items() for shapes in cases]
LEVELS = np.array([1e-100, 1e-9, 0.01, 0.3, 0.5, 0.8, 0.99, 1 - 1e-9, 1 - 1e-15])


def point(case):
    """A family, its parameters, and values from one end of the support to the other."""
    family = get_family(case[0])
    theta = {**dict(zip(family.shapes or {}, map(float, case[1:]))), "loc": 0.0, "scale": 1.0}
    low, high = family.standard_support(family.shape_values(theta))[:2]
    return family, theta, np.unique(low + (high - low) * LEVELS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_log_density_and_scores(case):
    family, theta, z = point(case)
    shapes, density = family.shape_values(theta), LAWS[case[0]][1]
    for v in z:
        with mpmath.workdps(700 if abs(v) > 100 or case[0] == "truncnorm" else 120):
            at = [mpf(s) for s in shapes.values()]
            exact = density(mpf(float(v)), *at)
            value = float(family.log_prob(np.array([v]), theta)[0])
            tolerance = 1e-12 * (abs(exact) + (v * v if case[0] == "truncnorm" else 0))
            assert abs(value - exact) <= tolerance + 2e-15, (v, value, float(exact))
            for i, name in enumerate(shapes):
                step = (abs(at[i]) or 1) * mpf(10) ** -25
                up, down = (density(mpf(float(v)), *at[:i], at[i] + s, *at[i + 1 :]) for s in (step, -step))
                exact = (up - down) / (2 * step)
                (value,) = family.mean_score(Rows(np.array([v])), theta, (name,))
                assert abs(value - exact) <= 1e-12 * abs(exact) + 2e-15 / abs(at[i] or 1), (
                    name,
                    v,
                    value,
                    float(exact),
                )


@pytest.mark.parametrize("case", [case for case in CASES if LAWS[case[0]][2]], ids=str)
def test_entropy(case):
    family, theta, _ = point(case)
    with mpmath.workdps(700):
        exact = float(LAWS[case[0]][2](*map(mpf, family.shape_values(theta).values())))
    if isinstance(family, ExponentialFamily):
        value = -family.mean_log_prob(Law(family, theta), theta)
    else:
        value = family.entropy(**family.shape_values(theta))
    size = 1 + abs(exact) + (max(map(abs, case[1:])) ** 2 if case[0] == "truncnorm" else 0)
    assert abs(value - exact) <= 1e-13 * size, (value, exact)


@pytest.mark.parametrize("case", [case for case in CASES if case[0] == "truncnorm"], ids=str)
def test_moments_of_the_truncated_normal_law(case):
    family, theta, _ = point(case)
    shapes = family.shape_values(theta)
    with mpmath.workdps(700):
        a, b = map(mpf, shapes.values())
        mean = float((mpmath.npdf(a) - mpmath.npdf(b)) / mass(a, b))
        square = float(_truncnorm_square(a, b))
    assert_allclose(family.expectation(X, shapes), mean, rtol=1e-12, atol=1e-15)
    assert_allclose(family.expectation(SQUARE, shapes), square, rtol=1e-12)


# --- Kumaraswamy's law for SciPy


@pytest.mark.parametrize(("a", "b"), [(2.0, 3.5), (0.3, 0.6), (50.0, 20.0), (0.5, 1e6)])
def test_kumaraswamy_distribution(a, b):
    law = kumaraswamy(a, b)
    with mpmath.workdps(60):
        for q in (1e-12, 0.01, 0.5, 0.99):
            low = float((1 - (1 - mpf(q)) ** (1 / mpf(b))) ** (1 / mpf(a)))
            high = float((1 - mpf(q) ** (1 / mpf(b))) ** (1 / mpf(a)))
            assert_allclose(law.ppf(q), low, rtol=1e-12)
            assert_allclose(law.isf(q), high, rtol=1e-12)
            assert_allclose(law.cdf(low), q, rtol=1e-11)
            assert_allclose(law.sf(low), 1 - q, rtol=1e-11)
        moments = [float(b * mpmath.beta(1 + mpf(k) / a, b)) for k in (1, 2)]
    assert_allclose([law.moment(1), law.moment(2)], moments, rtol=1e-11)
    assert_allclose(law.entropy(), get_family("kumaraswamy").entropy(a=a, b=b), rtol=1e-12)
    assert law.pdf(-0.1) == law.pdf(1.1) == 0.0


# --- modes


@pytest.mark.parametrize("weighted", [False, True])
def test_mode_of_the_triangular_law_is_the_best_value(weighted):
    family = get_family("triang")
    random = np.random.default_rng(0)
    x = np.round(random.triangular(0, 0.2, 1, 60), 2) + 0.001
    rows = Rows(x, random.integers(0, 4, 60).astype(float) if weighted else None)
    found = fit_marginal(family, rows)
    best = max(family.mean_log_prob(rows, {"c": float(c), "loc": 0.0, "scale": 1.0}) for c in np.unique(x))
    assert_allclose(found.log_likelihood, best * rows.total, rtol=1e-14)
    grid = [
        family.mean_log_prob(rows, {"c": float(c), "loc": 0.0, "scale": 1.0}) for c in np.linspace(0.001, 0.999, 997)
    ]
    assert found.log_likelihood >= max(grid) * rows.total


# --- ends


@pytest.mark.parametrize(
    ("name", "fixed"), [("arcsine", {}), ("powerlaw", {"scale": 1.0}), ("triang", {"loc": 0.0}), ("loguniform", {})]
)
def test_ends_that_cannot_be_estimated(name, fixed):
    with pytest.raises(ValueError, match="loc"):
        fit_marginal(get_family(name), Rows(np.linspace(0.1, 0.9, 20)), given=fixed)


def test_ends_of_the_truncated_normal_law_that_are_given():
    x = stats.truncnorm(0, 3).rvs(300, random_state=0)
    found = fit_marginal(get_family("truncnorm"), Rows(x), given={"a": 0.0, "b": 3.0, "loc": 0.0})
    assert found.converged
    assert abs(found.params["scale"] - 1) < 4 * found.standard_errors["scale"]
    assert x.max() <= found.distribution.support()[1]
    with pytest.raises(ValueError, match="fix loc too"):
        fit_marginal(get_family("truncnorm"), Rows(x), given={"a": 0.0})


def test_truncated_normal_law_of_flat_data():
    x = np.concatenate([np.linspace(0, 1, 50), [0.01, 0.02, 0.98, 0.99]])  # a little more at the ends
    with pytest.raises(ValueError, match="scale -> inf"):
        fit_marginal(get_family("truncnorm"), Rows(x))
    found = fit_marginal(get_family("truncnorm"), Rows(np.append(x, np.linspace(0.3, 0.7, 40))))
    assert found.converged
    low, high = found.distribution.support()
    assert_allclose([low, high], [0, 1], atol=1e-14)


@pytest.mark.parametrize("seed", range(12))
def test_the_mode_of_a_triangular_law_is_the_best_of_the_values(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(3, 400))
    x = stats.triang(random.uniform(0.001, 0.999)).rvs(n, random_state=seed).clip(1e-12, 1 - 1e-12)
    x = x.round(2).clip(0.01, 0.99) if seed % 3 == 0 else x
    weights = random.integers(1, 4, n).astype(float) if seed % 2 else np.ones(n)
    family = get_family("triang")
    best = max(weights @ family.log_prob(x, {"c": c, "loc": 0.0, "scale": 1.0}) for c in x)
    assert fit_marginal(family, Rows(x, weights)).log_likelihood >= best - 1e-10
