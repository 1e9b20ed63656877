"""Closed forms against textbook formulas at sixty digits, over the whole range of parameters, near and far."""

import math

import mpmath as mp
import numpy as np
import pytest
from mpmath import mpf
from scipy import stats

from skinfo import cross_entropy, entropy, kl_divergence
from tests.information.textbook import LAWS, log_beta
from tests.information.textbook import cross_entropy as textbook

DIGITS = 60
FIXED_SCALE = ("beta", "betaprime", "zipf", "geom")
RANGES = {  # decimal exponents of the shapes
    "expon": (),
    "gengamma": ((-3, 8), (-1, 2)),
    "geom": ((-8, -0.001),),
    "halfnorm": (),
    "invweibull": ((-2, 3),),
    "levy": (),
    "lognorm": ((-3, 1),),
    "maxwell": (),
    "norm": (),
    "rayleigh": (),
    "uniform": (),
    "weibull_min": ((-2, 3),),
    "zipf": ((-3, 1.5),),
    **dict.fromkeys(("beta", "betaprime"), ((-3, 8), (-3, 8))),
}
STEPS = (1e-9, 1e-4, 0.3, None)  # relative ones of the parameters, and another draw


def draw(name, random):
    """Shapes, and a scale where the law has one; two shapes that divergences share come first."""
    shapes = [10 ** random.uniform(*r) for r in RANGES.get(name, ((-3, 8),))]
    if name == "zipf":
        shapes[0] += 1
    if name == "norm":
        shapes.append(random.normal() * 10 ** random.uniform(-3, 8))
    return np.array(shapes + ([] if name in FIXED_SCALE else [10 ** random.uniform(-3, 3)]))


def step_from(name, v, step, random):
    """Parameters of another member of the same exponential family, whose support holds that of the first."""
    w = draw(name, random) if step is None else v * (1 + step * random.normal(size=len(v)))
    w = np.where(np.arange(len(w)) == 0, w, abs(w)) if name == "norm" else abs(w)
    match name:
        case "gengamma":
            w[1] = v[1]
        case "weibull_min" | "invweibull":
            w[0] = v[0]
        case "pareto":
            w[-1] = min(w[-1], v[-1])
        case "powerlaw" | "uniform":
            w[-1] = max(w[-1], v[-1])
        case "geom":
            w[0] = min(w[0], 0.9999)
        case "zipf":
            w[0] = max(w[0], 1.001)
    return w


def frozen(name, v):
    if name == "norm" or name in FIXED_SCALE:
        return getattr(stats, name)(*v)
    return getattr(stats, name)(*v[:-1], scale=v[-1])


def exact(v):
    return [mpf(float(x)) for x in v]


def close(value, expected, absolute=1e-15):
    if value == math.inf:
        assert expected > 1e308
        return
    assert abs(mpf(value) - expected) <= 1e-12 * abs(expected) + absolute, (value, mp.nstr(expected, 17))


@pytest.mark.parametrize("name", LAWS)
def test_laws_of_one_exponential_family(name):
    """22 laws, 24 pairs of each, and three values of a pair."""
    random = np.random.default_rng(len(name))
    with mp.workdps(DIGITS):
        for _ in range(6):
            v = draw(name, random)
            p, p_exact = frozen(name, v), exact(v)
            own = textbook(name, name, p_exact, p_exact)
            close(entropy(p), own)
            for step in STEPS:
                w = step_from(name, v, step, random)
                q, cross = frozen(name, w), textbook(name, name, p_exact, exact(w))
                divergence = kl_divergence(p, q)
                assert divergence >= 0
                close(divergence, cross - own, 0.0)
                close(cross_entropy(p, q), cross)


def bernoulli(p, q):
    return p * mp.log(p / q) + (1 - p) * mp.log((1 - p) / (1 - q))


def logser(p, q):
    mean = -p / ((1 - p) * mp.log(1 - p))
    return mean * mp.log(p / q) + mp.log(mp.log(1 - q) / mp.log(1 - p))


def cauchy(m, s, n, t):
    return mp.log(((s + t) ** 2 + (m - n) ** 2) / (4 * s * t))


def laplace(m, s, n, t):
    gap = abs(m - n)
    return mp.log(t / s) + (gap + s * mp.exp(-gap / s)) / t - 1


def vonmises(k, m, other, n):
    ratio = mp.besseli(1, k) / mp.besseli(0, k)
    return k * ratio - other * ratio * mp.cos(m - n) + mp.log(mp.besseli(0, other) / mp.besseli(0, k))


def johnson(a, b, c, d):  # a normal variable of mean -a / b and deviation 1 / b, through a function that both have
    return mp.log(b / d) + (d**2 / b**2 + (c - a * d / b) ** 2) / 2 - mpf(1) / 2


def gap(a, b):
    return mp.digamma(b) - mp.digamma(a)


ENTROPIES = {  # of laws with one or two shapes, all over their range
    "fisk": lambda c: 2 - mp.log(c),
    "lomax": lambda c: 1 + 1 / c - mp.log(c),
    "pareto": lambda b: 1 + 1 / b - mp.log(b),
    "powerlaw": lambda a: 1 - 1 / a - mp.log(a),
    "genpareto": lambda c: 1 + c,
    "gennorm": lambda b: 1 / b - mp.log(b / 2) + mp.loggamma(1 / b),
    "invweibull": lambda c: 1 + mp.euler + mp.euler / c - mp.log(c),
    "t": lambda v: (v + 1) / 2 * gap(v / 2, (v + 1) / 2) + mp.log(v) / 2 + log_beta(v / 2, mpf(1) / 2),
    "f": lambda a, b: (
        mp.log(b / a)
        + log_beta(a / 2, b / 2)
        + (1 - a / 2) * mp.digamma(a / 2)
        - (1 + b / 2) * mp.digamma(b / 2)
        + (a + b) / 2 * mp.digamma((a + b) / 2)
    ),
    "burr12": lambda c, d: (1 - 1 / c) * (mp.digamma(d) + mp.euler) + 1 + 1 / d - mp.log(c * d),
}


@pytest.mark.parametrize("name", ENTROPIES)
def test_entropies(name):
    random = np.random.default_rng(len(name))
    formula, law = ENTROPIES[name], getattr(stats, name)
    with mp.workdps(DIGITS):
        for _ in range(30):
            shapes = 10 ** random.uniform(-3, 8, formula.__code__.co_argcount)
            close(entropy(law(*shapes)), formula(*exact(shapes)), 1e-14)


def test_entropies_of_counts():
    """In series of the variance (Evans and Boersma 1988), whose next terms are below rounding."""
    for mu in (1e4, 1e6, 1e8):
        series = -1 / (12 * mu) - 1 / (24 * mu**2) - 19 / (360 * mu**3)
        assert entropy(stats.poisson(mu)) == pytest.approx(
            0.5 * math.log(2 * math.pi * math.e * mu) + series, rel=1e-14
        )
    variance = 1e8 * 0.3 * 0.7
    series = (4 * 0.21 - 1) / (12 * variance)
    assert entropy(stats.binom(10**8, 0.3)) == pytest.approx(
        0.5 * math.log(2 * math.pi * math.e * variance) + series, rel=1e-14
    )


PAIRS = [(p, q) for p in LAWS for q in LAWS if p != q and (p in ("zipf", "geom")) == (q in ("zipf", "geom"))]


@pytest.mark.parametrize("p", LAWS)
def test_pairs_across_families(p):
    """Wherever the textbook knows the means, of parameters whose answer is within reach of floats."""
    random = np.random.default_rng(len(p))
    with mp.workdps(DIGITS):
        for q in (second for first, second in PAIRS if first == p):
            v, w = draw(p, random), draw(q, random)
            try:
                cross = textbook(p, q, exact(v), exact(w))
            except (KeyError, ZeroDivisionError):
                continue
            own = textbook(p, p, exact(v), exact(v))
            law, other = frozen(p, v), frozen(q, w)
            if not (
                abs(cross) < 1e10 and other.support()[0] <= law.support()[0] and law.support()[1] <= other.support()[1]
            ):
                continue
            close(cross_entropy(law, other), cross, 1e-12)
            divergence = kl_divergence(law, other)
            assert abs(mpf(divergence) - (cross - own)) <= 1e-11 * (cross - own)


DIVERGENCES = {  # a law of two numbers, or of one; the divergence; decimal exponents of the numbers
    "bernoulli": (stats.bernoulli, bernoulli, ((-9, -0.001),)),
    "binom": (lambda p: stats.binom(1_000_000, p), lambda p, q: 1_000_000 * bernoulli(p, q), ((-9, -0.001),)),
    "nbinom": (lambda p: stats.nbinom(2.5, p), lambda p, q: mpf("2.5") / p * bernoulli(p, q), ((-9, -0.001),)),
    "poisson": (stats.poisson, lambda m, n: m * mp.log(m / n) - m + n, ((-3, 8),)),
    "logser": (stats.logser, logser, ((-6, -0.001),)),
    "lomax": (stats.lomax, lambda c, d: mp.log(c / d) + d / c - 1, ((-3, 8),)),
    "gumbel_r": (lambda m: stats.gumbel_r(m, 2), lambda m, n: mp.exp((n - m) / 2) - 1 - (n - m) / 2, ((-3, 2),)),
    "gumbel_l": (lambda m: stats.gumbel_l(m, 2), lambda m, n: mp.exp((m - n) / 2) - 1 - (m - n) / 2, ((-3, 2),)),
    "moyal": (lambda m: stats.moyal(m, 2), lambda m, n: (mp.exp((n - m) / 2) - 1 - (n - m) / 2) / 2, ((-3, 2),)),
    "gennorm": (
        lambda s: stats.gennorm(2.5, scale=s),
        lambda s, t: ((s / t) ** mpf("2.5") - 1) / mpf("2.5") - mp.log(s / t),
        ((-3, 8),),
    ),
    "cauchy": (stats.cauchy, cauchy, ((-3, 8), (-3, 8))),
    "laplace": (stats.laplace, laplace, ((-3, 8), (-3, 8))),
    "johnsonsu": (stats.johnsonsu, johnson, ((-2, 2), (-2, 2))),
    "johnsonsb": (stats.johnsonsb, johnson, ((-2, 2), (-2, 2))),
    "vonmises": (stats.vonmises, vonmises, ((-3, 3), (-2, 0.4))),
}


@pytest.mark.parametrize("name", DIVERGENCES)
def test_divergences_by_their_own_formulas(name):
    law, formula, ranges = DIVERGENCES[name]
    random = np.random.default_rng(len(name))
    with mp.workdps(DIGITS):
        for _ in range(8):
            v = np.array([10 ** random.uniform(*r) for r in ranges])
            for step in STEPS:
                other = np.array([10 ** random.uniform(*r) for r in ranges])
                w = other if step is None else v * (1 + step * random.normal(size=len(v)))
                w = np.minimum(abs(w), 10 ** np.array([r[1] for r in ranges]))
                close(kl_divergence(law(*v), law(*w)), formula(*exact(v), *exact(w)), 0.0)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (stats.arcsine(), stats.gumbel_r(1000, 0.1)),
        (stats.lognorm(0.01, 0, 1e6), stats.gumbel_l(1000, 0.1)),
        (stats.pareto(0.1), stats.gumbel_l(1000, 0.1)),
        (stats.loguniform(2, 2.2, -1, 1000), stats.gumbel_l(1000, 0.1)),
        (stats.levy(0, 2), stats.norm(3, 0.5)),
        (stats.invgamma(8e7, scale=0.8), stats.invweibull(53.7, scale=0.005)),
    ],
    ids=lambda law: law.dist.name,
)
def test_a_density_that_is_zero_for_all_that_floats_can_tell(p, q):
    """Coefficients that over- or underflowed were an error, or left out."""
    assert kl_divergence(p, q) == cross_entropy(p, q) == math.inf


def test_extremes():
    """Infinite where the value is beyond the range of floats, and no error on the way."""
    assert kl_divergence(stats.norm(0, 1e-150), stats.norm(0, 1e-310)) == math.inf
    assert kl_divergence(stats.gumbel_r(0), stats.gumbel_r(1e4)) == math.inf
    assert kl_divergence(stats.invgauss(1e-300, scale=1e300), stats.invgauss(1e-3, scale=1e-300)) >= 0
    assert kl_divergence(stats.laplace(0, 1e-300), stats.laplace(1, 1e100)) == pytest.approx(920.03403719762, rel=1e-12)
    assert kl_divergence(stats.cauchy(0, 1e300), stats.cauchy(0, 1e-300)) == pytest.approx(
        600 * math.log(10) - math.log(4), rel=1e-14
    )
