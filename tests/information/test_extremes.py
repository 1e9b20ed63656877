"""Entropies and cross entropies at shapes from 1e-12 to 1e20, where terms cancel or powers overflow."""

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo import cross_entropy, entropy, js_divergence, kl_divergence
from tests.information.test_closed_forms import ENTROPIES, FIXED_SCALE, close, exact, frozen
from tests.information.textbook import cross_entropy as textbook

NORMAL = 0.5 * math.log(2 * math.pi * math.e)
SHAPES = [1e-12, 1e-3, 2.0, 1e5, 1e12, 1e20]
MANY = ("gamma", "invgamma", "chi", "chi2", "nakagami", "beta", "betaprime", "pareto", "powerlaw", "invgauss")


@pytest.mark.parametrize("name", MANY)
def test_families_with_textbook_formulas(name):
    count = 2 if name in ("beta", "betaprime") else 1
    with mp.workdps(110):
        for v, w in zip(itertools.product(SHAPES, repeat=count), itertools.product(SHAPES[::-1], repeat=count)):
            v, w = (x if name in FIXED_SCALE else (*x, scale) for x, scale in ((v, 3.0), (w, 3.0)))
            p, q = frozen(name, v), frozen(name, w)
            own, cross = textbook(name, name, exact(v), exact(v)), textbook(name, name, exact(v), exact(w))
            close(entropy(p), own)
            close(cross_entropy(p, q), cross)
            close(kl_divergence(p, q), cross - own, 0.0)


@pytest.mark.parametrize("name", ENTROPIES)
def test_entropies_of_any_shape(name):
    formula = ENTROPIES[name]
    with mp.workdps(110):
        for shapes in itertools.product(SHAPES, repeat=formula.__code__.co_argcount):
            close(entropy(getattr(stats, name)(*shapes)), formula(*exact(shapes)), 1e-14)


def mean_log_cosh(m, s):
    """Mean of log(2 cosh(v / 2)), v normal."""
    cuts = {mpf(t) for t in (-38, -20, -8, -3, 0, 3, 8, 20, 38)}
    cuts |= {t for k in (-60, -20, -6, -2, 0, 2, 6, 20, 60) if -38 < (t := (k - m) / s) < 38}

    def integrand(t):
        v = abs(m + s * t)
        return (v / 2 + mp.log(1 + mp.exp(-v))) * mp.npdf(t)

    return mp.quad(integrand, sorted(cuts))


@pytest.mark.parametrize(("a", "b"), [(0.6, 1.7), (0, 1e-12), (-1e3, 1e-3), (1e8, 1e12), (-1e20, 3)])
def test_johnsons(a, b):
    with mp.workdps(30):
        x, y, normal = mpf(a), mpf(b), mp.log(2 * mp.pi * mp.e) / 2
        close(entropy(stats.johnsonsu(a, b)), normal - mp.log(2 * y) + mean_log_cosh(-2 * x / y, 2 / y), 1e-14)
        close(entropy(stats.johnsonsb(a, b)), normal - mp.log(y) - 2 * mean_log_cosh(-x / y, 1 / y), 1e-14)


@pytest.mark.parametrize("c", [1e-12, 0.5, 5.0, 1e3])
def test_folded_normal(c):
    with mp.workdps(50):
        m = 2 * mpf(c) ** 2
        close(entropy(stats.foldnorm(c)), mp.log(2 * mp.pi * mp.e) / 2 - mean_log_cosh(m, 2 * mpf(c)) + m / 2, 1e-14)


@pytest.mark.parametrize(
    ("a", "b"), [(3, 5), (30, 50), (1e-12, 1e20), (25, 1e12), (1e20, 1e3), (1e8, 1e8 + 1), (1e20, 1e20)]
)
def test_skew_student(a, b):
    with mp.workdps(60):
        x, y = mpf(a), mpf(b)
        pulls = [(k + mpf(1) / 2) * (mp.digamma(x + y) - mp.digamma(k)) for k in (x, y)]
        beta = mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)
        close(entropy(stats.jf_skew_t(a, b)), mp.fsum(pulls) + beta + mp.log(x + y) / 2 - mp.log(4), 1e-14)


@pytest.mark.parametrize("a", [1e-8, 1e-3, 0.1, 2.5, 1e3, 1e20])
@pytest.mark.parametrize("c", [1e-6, 1.5, 1e6])
def test_exponentiated_weibull(a, c):
    with mp.workdps(25):
        x, y = mpf(a), mpf(c)
        top = mp.log(mp.log(x)) if a > 50 else mpf(0)
        spread = 1 / mp.log(x) if a > 50 else mpf(1)

        def integrand(u):
            w = mp.exp(u)
            log_t = mp.log(-mp.expm1(-w))
            return mp.exp(mp.log(x) + (x - 1) * log_t - w + u) * (u - log_t)

        rest = mp.quad(integrand, [-60, -30, -10, *(top + spread * k for k in (-6, -3, -1, 0, 1, 3, 6)), mp.log(150)])
        exact_value = 1 - mp.log(x * y) - 1 / (x * y) + mp.digamma(x + 1) + mp.euler - (1 - 1 / y) * rest
        close(entropy(stats.exponweib(a, c)), exact_value, 1e-12)


@pytest.mark.parametrize(
    ("a", "b"), [(0.5, 4), (5, 5.9), (5, 50), (1e3, 2e3), (1e4, 1e4 + 5e-4), (1e8, 1e9), (1e20, 2e20)]
)
def test_normal_cut_far_out(a, b):
    with mp.workdps(40):
        x, width = mpf(a), mpf(b) - mpf(a)
        cuts = [t for k in (0, 1, 4, 20, 90) if (t := k / x) < width] + [width] * (width < 90 / x)
        energy = lambda u: (2 * x * u + u * u) / 2  # noqa: E731
        mass = mp.quad(lambda u: mp.exp(-energy(u)), cuts)
        expected = mp.log(mass) + mp.quad(lambda u: energy(u) * mp.exp(-energy(u)), cuts) / mass
    close(entropy(stats.truncnorm(a, b)), expected, 1e-13)
    assert entropy(stats.truncnorm(-b, -a)) == entropy(stats.truncnorm(a, b))


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (stats.t(1e60), NORMAL),
        (stats.t(1e300), NORMAL),
        (stats.foldnorm(1e20), NORMAL),
        (stats.lognorm(1e160), NORMAL + 160 * math.log(10)),
        (stats.invgauss(1e-200), NORMAL - 300 * math.log(10)),
        (stats.nbinom(1e20, 1e-12), NORMAL + 22 * math.log(10)),
        (stats.nbinom(1e8, 1e-12), NORMAL + 16 * math.log(10)),
        *((stats.poisson(mu), NORMAL + 0.5 * math.log(mu) - 1 / (12 * mu)) for mu in (1e10, 3e10, 1e17, 1e20)),
    ],
)
def test_shapes_whose_powers_overflow(law, expected):
    assert_allclose(entropy(law), expected, rtol=1e-9 if law.dist.name == "nbinom" else 1e-13)
    assert cross_entropy(law, law) == entropy(law)


def test_divergences_where_powers_overflow():
    assert_allclose(kl_divergence(stats.t(1e100), stats.norm()), 0, atol=1e-12)
    assert kl_divergence(stats.lognorm(1e160), stats.lognorm(2e160)) == pytest.approx(math.log(2) - 3 / 8, rel=1e-14)
    for mu in (3e10, 1e15, 1e17):
        # of normal laws a deviation apart, at means for which SciPy has no quantiles
        assert js_divergence(stats.poisson(mu), stats.poisson(mu + math.sqrt(mu))) == pytest.approx(0.11142, rel=1e-4)


@pytest.mark.parametrize("c", [9e5, 1e6, 1e8, 1e12, 1e16])
@pytest.mark.parametrize("p", [stats.levy(), stats.weibull_min(2.0), stats.lognorm(1), stats.invgamma(2.0)])
def test_powers_beyond_floats_where_the_density_is_next_to_nothing(p, c):
    """The mean of (x / scale)^-c is too large for a float, if it is finite."""
    for scale in (1e-3, 1.0, 1e3):
        q = stats.invweibull(c, scale=scale)
        assert cross_entropy(p, q) == kl_divergence(p, q) == math.inf
    q = stats.invweibull(c, scale=0.5)
    assert_allclose(cross_entropy(stats.pareto(2), q), (c + 1) * (0.5 + math.log(2)) - math.log(2 * c), rtol=1e-12)


def test_a_mean_that_quadrature_cannot_see():
    with pytest.warns(RuntimeWarning, match="may be off by"):
        cross_entropy(stats.invweibull(3.0), stats.invweibull(1e4, scale=0.1))  # 3e297
    assert cross_entropy(stats.levy(), stats.invweibull(165)) == math.inf


def test_cross_entropies_that_cancel():
    """Closed forms in which the entropy and the divergence are large, and opposite."""
    for a in (1e-3, 1e-8, 1e-12):
        assert_allclose(cross_entropy(stats.gamma(a), stats.gamma(1)), a, rtol=1e-14)
    for a, b in [(2, 3), (1e-8, 1e-8), (1e8, 1e8), (1e15, 1e15), (1e8, 1)]:
        for other in (stats.uniform(), stats.beta(1, 1)):
            assert cross_entropy(stats.beta(a, b), other) == 0
    for p, q in itertools.product([stats.uniform(), stats.beta(1, 1)], repeat=2):
        assert kl_divergence(p, q) == js_divergence(p, q) == 0


def test_histograms_and_lists_of_values_need_no_call():
    counts, edges = np.histogram(np.random.default_rng(0).normal(size=500), 20)
    p = counts[counts > 0] / counts.sum()
    expected = -np.sum(p * np.log(p / np.diff(edges)[counts > 0]))
    histogram = stats.rv_histogram((counts, edges))
    assert_allclose([entropy(histogram), entropy(histogram())], expected, rtol=1e-9)
    assert_allclose(entropy(stats.rv_discrete(values=([1, 2], [0.5, 0.5]))), math.log(2), rtol=1e-15)
    with pytest.raises(TypeError, match=r"p is not frozen at its parameters: pass stats.beta\(a, b\), called"):
        entropy(stats.beta)


def test_no_raw_errors_of_formulas():
    """Of a wrapped density without a closed form, and a logarithm of a share that rounds to 0."""
    assert_allclose(entropy(stats.vonmises(0.5, scale=2.0)), entropy(stats.vonmises(0.5)) + math.log(2), rtol=1e-9)
    p, q = stats.jf_skew_t(25, 30), stats.jf_skew_t(1e20, 21.0)
    assert cross_entropy(p, q) > 0
