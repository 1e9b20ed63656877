"""Log densities, scores and entropies of laws on the line against textbook formulas of forty digits."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from skinfo.families import Law, NonlinearFamily, get_family
from skinfo.measures import Rows

log, exp, log1p, sqrt, pi = mpmath.log, mpmath.exp, mpmath.log1p, mpmath.sqrt, mpmath.pi
gamma, digamma, loggamma, euler = mpmath.gamma, mpmath.digamma, mpmath.loggamma, mpmath.euler


def log_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def log_ndtr(t):
    return log(mpmath.erfc(-t / sqrt(2)) / 2)


def bessel_k1(w):
    if not 1 < w < 300:
        return mpmath.besselk(1, w)
    # sum over an infinite trapezoid, which converges as fast as the integrand decays (DLMF 10.32.9)
    step = mpf(1) / 64
    reach = int(mpmath.acosh(150 / w + 1) / step)
    terms = [exp(-w * mpmath.cosh(k * step)) * mpmath.cosh(k * step) for k in range(1, reach)]
    return step * (exp(-w) / 2 + mpmath.fsum(terms))


def extreme_value(z, c):
    y = -log1p(-c * z) / c if c else z
    return -exp(-y) - y * (1 - c)


LOG_DENSITIES = {
    "cauchy": lambda z: -log(pi * (1 + z * z)),
    "exponnorm": lambda z, K: -log(K) + 1 / (2 * K**2) - z / K + log_ndtr(z - 1 / K),
    "genextreme": extreme_value,
    "genlogistic": lambda z, c: log(c) - z - (c + 1) * log1p(exp(-z)),
    "gennorm": lambda z, b: log(b / 2) - loggamma(1 / b) - abs(z) ** b,
    "gumbel_l": lambda z: z - exp(z),
    "gumbel_r": lambda z: -z - exp(-z),
    "hypsecant": lambda z: log(mpmath.sech(z) / pi),
    "jf_skew_t": lambda z, a, b: (
        (a + mpf(1) / 2) * log(1 + z / sqrt(a + b + z * z))
        + (b + mpf(1) / 2) * log(1 - z / sqrt(a + b + z * z))
        - (a + b - 1) * log(2)
        - log_beta(a, b)
        - log(a + b) / 2
    ),
    "johnsonsu": lambda z, a, b: log(b) - log(1 + z * z) / 2 - (a + b * mpmath.asinh(z)) ** 2 / 2 - log(2 * pi) / 2,
    "laplace_asymmetric": lambda z, k: (-z * k if z > 0 else z / k) - log(k + 1 / k),
    "moyal": lambda z: -(z + exp(-z)) / 2 - log(2 * pi) / 2,
    "norminvgauss": lambda z, a, b: (
        log(a / pi) + log(bessel_k1(a * sqrt(1 + z * z)) / sqrt(1 + z * z)) + sqrt(a * a - b * b) + b * z
    ),
    "skewnorm": lambda z, a: log(2) - z * z / 2 - log(2 * pi) / 2 + log_ndtr(a * z),
}

ENTROPIES = {
    "cauchy": lambda: log(4 * pi),
    "genextreme": lambda c: 1 + euler * (1 - c),
    "genlogistic": lambda c: -log(c) + digamma(c) + euler + 1 + 1 / c,
    "gennorm": lambda b: 1 / b - log(b / 2) + loggamma(1 / b),
    "gumbel_l": lambda: 1 + euler,
    "gumbel_r": lambda: 1 + euler,
    "hypsecant": lambda: log(2 * pi),
    "jf_skew_t": lambda a, b: (
        log_beta(a, b)
        + log(a + b) / 2
        - 2 * log(2)
        + (a + mpf(1) / 2) * (digamma(a + b) - digamma(a))
        + (b + mpf(1) / 2) * (digamma(a + b) - digamma(b))
    ),
    "laplace_asymmetric": lambda k: 1 + log(k + 1 / k),
    "moyal": lambda: (euler + log(2) + 1) / 2 + log(2 * pi) / 2,
}

SHAPES = {  # more than the examples
    "exponnorm": [(1e-5,), (1e-3,), (0.11,), (0.5,), (1e4,)],
    "genextreme": [(c,) for c in (-20.0, 1e-9, -0.01, -1e-6, 0.0, 1e-3, 0.05, 0.99, 1.5)],
    "genlogistic": [(1e-6,), (1.0,), (1e6,)],
    "gennorm": [(0.02,), (1.0,), (2.0,), (1e5,)],
    "jf_skew_t": [(1e6, 0.7), (1e-3, 1e-3), (0.01, 1e4), (19.0, 25.0), (21.0, 25.0), (1e5, 1e5)],
    "johnsonsu": [(0.0, 1e4), (-20.0, 1.0)],
    "laplace_asymmetric": [(0.05,), (1e-6,), (1.0,), (1e6,)],
    "norminvgauss": [
        (0.05, -0.02),
        (20.0, 19.0),
        (300.0, -40.0),
        (1e-6, 9e-7),
        (1e5, 0.0),
        (1e4, 9999.0),
        (2.0, -1.9999999),
    ],
    "skewnorm": [(0.0,), (-1e6,), (1e-9,)],
}
LEVELS = [1e-3, 0.05, 0.3, 0.5, 0.8, 0.99, 1 - 1e-6]
FAR = [-1e6, -300.0, -30.0, -1.5, -1e-9, 0.0, 1e-4, 2.0, 25.0, 500.0, 1e8]


def points():
    for name in LOG_DENSITIES:
        family = get_family(name)
        for shapes in [*(tuple(e[s] for s in family.shapes or {}) for e in family.examples), *SHAPES.get(name, [])]:
            yield name, shapes


POINTS = list(dict.fromkeys(points()))


def partial(f, at, i):
    """Derivative in the i-th argument, by differences of which thirty digits are left."""
    step = mpf(10) ** -12 * max(abs(at[i]), mpf(10) ** -12)
    up, down = ([v + sign * step * (j == i) for j, v in enumerate(at)] for sign in (1, -1))
    return (f(*up) - f(*down)) / (2 * step)


def agrees(found, f, at):
    """To 1e-12, and what rounding the arguments alone would move the value by."""
    exact = f(*at)
    rounding = sum(abs(v * partial(f, at, i)) for i, v in enumerate(at))
    return abs(found - exact) <= 1e-12 * abs(exact) + 1e-15 * rounding + 1e-15


@pytest.mark.parametrize(("name", "shapes"), POINTS, ids=str)
def test_log_density_and_scores(name, shapes):
    family, density = get_family(name), LOG_DENSITIES[name]
    theta = dict(zip(family.shapes or {}, shapes)) | {"loc": 0.0, "scale": 1.0}
    low, high = family.standard_support(family.shape_values(theta))[:2]
    if name == "norminvgauss":  # whose quantiles SciPy does not always find
        tilt = shapes[1] / math.sqrt(shapes[0] ** 2 - shapes[1] ** 2)
        inside = [tilt + k * (1 + abs(tilt)) / math.sqrt(shapes[0]) for k in (-3.0, 0.0, 0.5)]
    else:
        with np.errstate(all="ignore"):
            inside = family.distribution(*shapes).ppf(LEVELS).tolist()
    z = [v for v in dict.fromkeys([*inside, *FAR]) if low < v < high and abs(v) < 1e15]
    with mpmath.workdps(60), np.errstate(all="ignore"):
        for v in z:
            at, one = [mpf(v), *map(mpf, shapes)], Rows(np.array([v]))
            found = float(family.log_prob(one.x, theta)[0])
            if found == -math.inf:
                assert density(*at) < -1e290, v
                continue
            assert agrees(found, density, at), v
            for i, parameter in enumerate(["loc", *(family.shapes or {})]):
                if parameter == "loc" and (name == "laplace_asymmetric" or (name == "gennorm" and v == 0)):
                    continue  # which has no score, or a cusp
                (found,) = family.mean_score(one, theta, (parameter,))
                sign = -1 if parameter == "loc" else 1
                assert agrees(sign * found, lambda *u, i=i: partial(density, u, i), at), (parameter, v)


def known_entropy(name, theta):
    family = get_family(name)
    if isinstance(family, NonlinearFamily):
        return family.entropy(**family.shape_values(theta))
    return -family.mean_log_prob(Law(family, theta), theta)


@pytest.mark.parametrize(("name", "shapes"), [(n, s) for n, s in POINTS if n in ENTROPIES], ids=str)
def test_entropy(name, shapes):
    theta = dict(zip(get_family(name).shapes or {}, shapes)) | {"loc": 0.0, "scale": 1.0}
    with mpmath.workdps(60):
        exact = float(ENTROPIES[name](*map(mpf, shapes)))
    assert known_entropy(name, theta) == pytest.approx(exact, rel=1e-12, abs=1e-14)
