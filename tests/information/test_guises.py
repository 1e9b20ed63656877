"""SciPy's newer laws, transformed, truncated, mixed and ordered, against the same laws in another guise."""

import math

import mpmath as mp
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo import cross_entropy, entropy, js_divergence, kl_divergence

NORMAL, UNIFORM = stats.Normal(), stats.Uniform(a=0.0, b=1.0)
Gamma = stats.make_distribution(stats.gamma)
PLAIN = stats.norm(0.3, 2.0)
GUISES = {
    "abs": (stats.abs(NORMAL), stats.halfnorm()),
    "exp": (stats.exp(NORMAL), stats.lognorm(1.0)),
    "log": (stats.log(Gamma(a=2.5)), stats.loggamma(2.5)),
    "truncated": (stats.truncate(NORMAL, -1.0, 2.0), stats.truncnorm(-1.0, 2.0)),
    "truncated gamma": (stats.truncate(Gamma(a=1.0), 0.0, 3.0), stats.truncexpon(3.0)),
    "ordered": (stats.order_statistic(UNIFORM, r=2, n=5), stats.beta(2, 4)),
    "least": (stats.order_statistic(NORMAL, r=1, n=2), stats.skewnorm(-1.0)),
    "shifted": (2 * Gamma(a=2.5) + 1, stats.gamma(2.5, 1, 2)),
    "reversed": (-stats.exp(NORMAL) + 3, None),
    "inverse": (1 / Gamma(a=3.0), stats.invgamma(3.0)),
    "made": (Gamma(a=2.5), stats.gamma(2.5)),
}


@pytest.mark.parametrize("name", [name for name, (_, other) in GUISES.items() if other is not None])
def test_the_same_law_in_another_guise(name):
    law, other = GUISES[name]
    assert_allclose(entropy(law), entropy(other), rtol=1e-10)
    assert_allclose(cross_entropy(law, PLAIN), cross_entropy(other, PLAIN), rtol=1e-10)
    assert_allclose(kl_divergence(law, PLAIN), kl_divergence(other, PLAIN), rtol=1e-10)
    assert abs(kl_divergence(law, other)) < 1e-13
    assert abs(kl_divergence(other, law)) < 1e-13


def test_reversed_and_shifted():
    assert_allclose(entropy(GUISES["reversed"][0]), entropy(stats.lognorm(1.0)), rtol=1e-10)


def test_truncation_is_a_constant_ratio():
    part = stats.truncate(NORMAL, -1.0, 2.0)
    assert_allclose(kl_divergence(part, NORMAL), -math.log(stats.norm.cdf(2) - stats.norm.cdf(-1)), rtol=1e-11)
    assert kl_divergence(NORMAL, part) == math.inf
    assert kl_divergence(stats.truncate(NORMAL, -2.0, 2.0), part) == math.inf


def test_mixtures_against_arbitrary_precision():
    peaks = ((0.3, -3.0, 1.0), (0.7, 3.0, 0.01))
    mixture = stats.Mixture([stats.Normal(mu=m, sigma=s) for _, m, s in peaks], weights=[w for w, _, _ in peaks])
    with mp.workdps(25):

        def density(x, laws):
            return mp.fsum(mpf(w) * mp.npdf(x, mpf(m), mpf(s)) for w, m, s in laws)

        def mean(f):
            points = sorted({mpf(m) + k * mpf(s) for _, m, s in peaks for k in range(-12, 13, 2)})
            return float(mp.quad(lambda x: density(x, peaks) * f(x), points))

        h = mean(lambda x: -mp.log(density(x, peaks)))
        cross = mean(lambda x: -mp.log(mp.npdf(x, mpf("0.3"), 2)))
    assert_allclose(entropy(mixture), h, rtol=1e-10)
    assert_allclose(cross_entropy(mixture, PLAIN), cross, rtol=1e-10)
    assert_allclose(kl_divergence(mixture, PLAIN), cross - h, rtol=1e-10)
    assert 0 < js_divergence(mixture, PLAIN) < math.log(2)


@pytest.mark.skipif(not hasattr(stats, "Binomial"), reason="SciPy 1.17 has discrete laws in the new infrastructure")
def test_discrete_laws_of_both_infrastructures():
    Poisson = stats.make_distribution(stats.poisson)
    for law, other in [(Poisson(mu=3.0), stats.poisson(3.0)), (stats.Binomial(n=10, p=0.3), stats.binom(10, 0.3))]:
        assert_allclose(entropy(law), entropy(other), rtol=1e-12)
        assert abs(kl_divergence(law, other)) < 1e-14
        assert_allclose(kl_divergence(law, stats.poisson(4.0)), kl_divergence(other, stats.poisson(4.0)), rtol=1e-11)
    assert kl_divergence(Poisson(mu=3.0), stats.Binomial(n=10, p=0.3)) == math.inf
    with pytest.raises(ValueError, match="p is discrete and q is continuous"):
        kl_divergence(Poisson(mu=3.0), NORMAL)
