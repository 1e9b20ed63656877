"""Laws of the half line that are gamma, Weibull, logistic or normal in disguise, against forty digits."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.families import ExponentialFamily, Law, get_family
from skinfo.likelihood import fit_marginal
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Abs, Power, Rows, Values, X

log, exp, lg, psi, pi = mpmath.log, mpmath.exp, mpmath.loggamma, mpmath.digamma, mpmath.pi
HUGE = [1e-3, 0.5, 3.5, 100.0, 1e8]
CENTRES = [1e-6, 0.01, 2.0, 40.0, 1e3, 1e6]

# Shapes to try, the textbook log density, its entropy, and where its values are.
LAWS = {
    "chi": (
        HUGE,
        lambda z, k: (k - 1) * log(z) - z * z / 2 - (k / 2 - 1) * log(2) - lg(k / 2),
        lambda k: lg(k / 2) + (k - log(2) - (k - 1) * psi(k / 2)) / 2,
        lambda k: math.sqrt(k),
    ),
    "chi2": (
        HUGE,
        lambda z, k: (k / 2 - 1) * log(z) - z / 2 - k / 2 * log(2) - lg(k / 2),
        lambda k: k / 2 + log(2) + lg(k / 2) + (1 - k / 2) * psi(k / 2),
        lambda k: k,
    ),
    "fisk": (
        [1e-3, 0.3, 1.0, 2.5, 40.0, 1e6],
        lambda z, c: log(c) + (c - 1) * log(z) - 2 * log(1 + z**c),
        lambda c: 2 - log(c),
        lambda c: 1.0,
    ),
    "foldnorm": (
        CENTRES,
        lambda z, c: log(2 / pi) / 2 + log(mpmath.cosh(c * z)) - (z * z + c * c) / 2,
        None,
        lambda c: 1 + c,
    ),
    "halfcauchy": ([], lambda z: log(2 / pi) - log(1 + z * z), lambda: log(2 * pi), lambda: 1.0),
    "halflogistic": ([], lambda z: log(2) - z - 2 * log(1 + exp(-z)), lambda: 2 - log(2), lambda: 1.0),
    "halfnorm": ([], lambda z: log(2 / pi) / 2 - z * z / 2, lambda: log(pi / 2) / 2 + mpf(1) / 2, lambda: 1.0),
    "invgamma": (
        HUGE,
        lambda z, a: -(a + 1) * log(z) - 1 / z - lg(a),
        lambda a: a + lg(a) - (1 + a) * psi(a),
        lambda a: 1 / a,
    ),
    "invweibull": (
        [1e-3, 0.3, 1.0, 2.5, 40.0, 1e6],
        lambda z, c: log(c) - (c + 1) * log(z) - z**-c,
        lambda c: 1 + mpmath.euler * (1 + 1 / c) - log(c),
        lambda c: 1.0,
    ),
    "maxwell": (
        [],
        lambda z: log(2 / pi) / 2 + 2 * log(z) - z * z / 2,
        lambda: log(2 * pi) / 2 + mpmath.euler - mpf(1) / 2,
        lambda: 1.5,
    ),
    "nakagami": (
        HUGE,
        lambda z, m: log(2) + m * log(m) - lg(m) + (2 * m - 1) * log(z) - m * z * z,
        lambda m: lg(m) - log(2) - log(m) / 2 + m - (m - mpf(1) / 2) * psi(m),
        lambda m: 1.0,
    ),
    "rayleigh": ([], lambda z: log(z) - z * z / 2, lambda: 1 - log(2) / 2 + mpmath.euler / 2, lambda: 1.0),
    "rice": (
        CENTRES,
        lambda z, b: log(z) - (z * z + b * b) / 2 + log(mpmath.besseli(0, b * z)),
        None,
        lambda b: 1 + b,
    ),
}
CASES = [(name, shape) for name, (shapes, *_) in LAWS.items() for shape in (shapes or [None])]
FACTORS = [1e-30, 1e-3, 0.5, 0.9, 0.999, 1.0, 1.001, 1.1, 2.0, 1e3, 1e30]


def point(case):
    """A family, its shapes as floats and in forty digits, and values from one far tail to the other."""
    name, shape = case
    family = get_family(name)
    shapes = dict(zip(family.shapes or {}, [shape]))
    middle = LAWS[name][3](*shapes.values())
    near = [shape + d for d in (-5.0, -1.0, 0.0, 0.5, 3.0)] if name in ("foldnorm", "rice") else []
    z = np.array([middle * f for f in FACTORS] + [v for v in near if v > 0])
    return family, shapes, [mpf(v) for v in shapes.values()], z


def sizes(family, terms, z):
    """Sizes of the terms of an exponential law, which cancel where its shape is large; zero for the others."""
    if not isinstance(family, ExponentialFamily):
        return 0.0
    with np.errstate(all="ignore"):
        return float(sum(abs(c * t(Values(np.array([z])))[0]) for t, c in terms.items()))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_log_density(case):
    family, shapes, exact_shapes, z = point(case)
    values = family.log_prob(z, shapes | {"loc": 0.0, "scale": 1.0})
    with mpmath.workdps(90):
        for v, value in zip(z, values):
            exact = float(_exact_log_density(case[0], mpf(v), exact_shapes))
            size = abs(exact) + (
                sizes(family, family.terms(**shapes), v) if isinstance(family, ExponentialFamily) else 0
            )
            assert value == exact or abs(value - exact) < 1e-12 * size, (v, value, exact)


@pytest.mark.parametrize("case", [case for case in CASES if case[1]], ids=str)
def test_score_of_the_shape(case):
    family, shapes, exact_shapes, z = point(case)
    (name,), (shape,) = shapes, exact_shapes
    for v in z:
        with np.errstate(all="ignore"):
            (value,) = family.mean_score(Rows(np.array([v])), shapes | {"loc": 0.0, "scale": 1.0}, (name,))
        with mpmath.workdps(150):
            step = shape * mpf(10) ** -25
            up, down = (_exact_log_density(case[0], mpf(v), [shape + s]) for s in (step, -step))
            exact = float((up - down) / (2 * step))
        if not math.isfinite(value):
            assert abs(exact) > 1e300
            continue
        size = abs(exact)
        if isinstance(family, ExponentialFamily):
            size += sizes(family, family.shape_scores[name](**shapes), v)
        else:
            size += min(shapes[name], 1 / shapes[name])  # of terms that do cancel, in foldnorm and rice
        assert abs(value - exact) <= 1e-12 * size, (v, value, exact)


def _exact_log_density(name, z, shapes):
    if name == "fisk" and abs(shapes[0] * log(z)) > 300:  # the power is out of reach even here
        power = shapes[0] * log(z)
        return log(shapes[0]) - log(z) - abs(power)
    if name == "foldnorm" and shapes[0] * z > 300:
        return -((z - shapes[0]) ** 2) / 2 - log(2 * pi) / 2
    if name == "rice" and shapes[0] * z > 1e6:
        u = 1 / (8 * shapes[0] * z)  # DLMF 10.40.1
        series = mpmath.fsum(
            u**k * mpmath.fprod((2 * j - 1) ** 2 for j in range(1, k + 1)) / mpmath.factorial(k) for k in range(9)
        )
        return log(z) - (z - shapes[0]) ** 2 / 2 - log(2 * pi * shapes[0] * z) / 2 + log(series)
    return LAWS[name][1](z, *shapes)


@pytest.mark.parametrize("case", [case for case in CASES if LAWS[case[0]][2]], ids=str)
def test_entropy(case):
    family, shapes, exact_shapes, _ = point(case)
    with mpmath.workdps(40):
        exact = float(LAWS[case[0]][2](*exact_shapes))
    if isinstance(family, ExponentialFamily):
        theta = shapes | {"loc": 0.0, "scale": 1.0}
        terms, law = family.terms(**shapes), Law(family, theta)
        size = sum(abs(c * m) for c, m in zip(terms.values(), law.means(terms).values()))
        assert abs(-family.mean_log_prob(law, theta) - exact) < 1e-12 * (abs(exact) + size)
    else:
        assert_allclose(family.entropy(**shapes), exact, rtol=1e-14)


# --- expectations


@pytest.mark.parametrize("b", [1e-6, 0.03, 1.0, 5.0, 30.0, 1e6])
def test_means_of_the_rice_law(b):
    rice = get_family("rice")
    with mpmath.workdps(40):
        t = mpf(b) ** 2 / 2
        mean = mpmath.sqrt(pi / 2) * mpmath.hyp1f1(-mpf(1) / 2, 1, -t)
        mean_log = log(mpf(b)) + mpmath.e1(t) / 2
    assert_allclose(rice.expectation(X, {"b": b}), float(mean), rtol=1e-13)
    assert_allclose(rice.expectation(LOG, {"b": b}), float(mean_log), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        *(("fisk", {"c": 2.5}), ("halfcauchy", {}), ("halflogistic", {}), ("halfnorm", {}), ("foldnorm", {"c": 0.8})),
        *(("invgamma", {"a": 3.5}), ("invweibull", {"c": 3.5}), ("maxwell", {}), ("nakagami", {"nu": 0.8})),
        *(("rayleigh", {}), ("chi", {"df": 2.3}), ("chi2", {"df": 2.3})),
    ],
)
def test_means(name, shapes):
    family = get_family(name)
    functions = {
        X: lambda z: z,
        SQUARE: lambda z: z * z,
        LOG: log,
        LOG_SQUARE: lambda z: log(z) ** 2,
        Power(0.4): lambda z: z ** mpf(0.4),
        Power(1.0): lambda z: z,
        Power(-0.4): lambda z: z ** mpf(-0.4),
        Abs(-2.0): lambda z: z + 2,
        Abs(0.7): lambda z: abs(z - mpf(0.7)),
        Abs(50.0): lambda z: abs(z - 50),
    }
    known = 0
    with mpmath.workdps(20):
        a = [mpf(v) for v in shapes.values()]
        for statistic, h in functions.items():
            value = family.expectation(statistic, shapes)
            if value is None or math.isinf(value):
                continue
            known += 1
            points = [-400, -100, -30, -8, -3, -1, log(mpf(0.7)), 0.7, 1.5, 3, log(mpf(50)), 8, 30, 100, 400]
            integral = mpmath.quad(
                lambda s, h=h: h(exp(s)) * exp(LAWS[name][1](exp(s), *a) + s) if s < 7 or name in HEAVY else mpf(0),
                points,
            )
            assert_allclose(value, float(integral), rtol=1e-12, atol=1e-20, err_msg=str(statistic))
    assert known >= 4


HEAVY = ("fisk", "halfcauchy", "invgamma", "invweibull")


# --- fits


@pytest.mark.parametrize("name", ["invweibull", "weibull_min"])
@pytest.mark.parametrize("unit", [1.0, 1e4, 1e-30])
def test_powers_out_of_range_in_the_units_of_the_data(name, unit):
    x = unit * getattr(stats, name)(200.0).rvs(400, random_state=0)
    found = fit_marginal(get_family(name), Rows(x))
    assert found.converged
    assert abs(found.params["c"] - 200) < 4 * found.standard_errors["c"]
    assert abs(found.params["scale"] / unit - 1) < 4e-2 / 200


@pytest.mark.parametrize("name", ["chi", "chi2"])
def test_degrees_of_freedom_from_one_value(name):
    found = fit_marginal(get_family(name), Rows(np.array([5.0])))
    power = 2 if name == "chi" else 1
    with mpmath.workdps(30):
        exact = mpmath.findroot(lambda k: psi(k / 2) + log(2) - power * log(5), found.params["df"])
    assert_allclose(found.params["df"], float(exact), rtol=1e-6)


@pytest.mark.parametrize(("name", "shape", "limit"), [("rice", "b", "rayleigh"), ("foldnorm", "c", "halfnorm")])
def test_the_fold_that_is_not_there(name, shape, limit):
    """Where the fourth moment is large and nothing better is away from zero, the limit; else a maximum."""
    family = get_family(name)
    for seed in range(20):
        x = 3.0 * getattr(stats, name)(0.7).rvs(100, random_state=seed)
        found, at_zero = fit_marginal(family, Rows(x)), fit_marginal(get_family(limit), Rows(x))
        assert found.converged == (limit not in found.message)
        if found.converged:
            assert found.log_likelihood > at_zero.log_likelihood
        grid = [fit_marginal(family, Rows(x), given={shape: float(v), "loc": 0.0}) for v in np.geomspace(0.1, 5, 15)]
        best = max(fit.log_likelihood for fit in grid)
        assert (found if found.converged else at_zero).log_likelihood >= best - 1e-9
