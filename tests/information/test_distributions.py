"""Entropies and divergences of laws of one variable: identities, supports, tails, SciPy's kinds of laws."""

import itertools
import math
import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import integrate, stats

from skinfo.information import cross_entropy, entropy, js_divergence, kl_divergence
from skinfo.information._expectations import InaccurateIntegralWarning
from skinfo.information._rules import integers
from skinfo.information._rules import integrate as adaptive

# --- every pair of laws: identities, and the integrals against SciPy's quadrature

CONTINUOUS = [
    stats.norm(),
    stats.norm(3, 0.5),
    stats.laplace(1, 2),
    stats.logistic(-1, 0.7),
    stats.t(3, 2, 1.5),
    stats.gamma(0.4),
    stats.gamma(6, scale=2),
    stats.expon(1, 2),
    stats.invgauss(0.6, scale=3),
    stats.lognorm(0.3),
    stats.weibull_min(0.8),
    stats.pareto(3.5, scale=2),
    stats.beta(0.5, 0.6),
    stats.beta(2, 3, 1, 2),
    stats.uniform(0.2, 0.5),
    stats.nakagami(2.0),
    stats.genextreme(0.2),
    stats.gumbel_r(),
]
DISCRETE = [
    stats.poisson(3),
    stats.geom(0.2),
    stats.nbinom(2.5, 0.3),
    stats.binom(10, 0.4),
    stats.randint(0, 10),
    stats.skellam(3, 4),
    stats.logser(0.6),
    stats.rv_discrete(values=([0, 1, 5], [0.2, 0.3, 0.5]))(),
]


def by_scipy(p, q):
    """E_p[-log q] by QUADPACK between quantiles, or by summation."""
    if hasattr(p, "pmf"):
        low, high = (int(v) for v in (max(p.support()[0], p.ppf(1e-300)), min(p.support()[1], 2000)))
        k = np.arange(low, high + 1)
        weight = p.pmf(k)
        return -(weight[weight > 1e-14] @ q.logpmf(k[weight > 1e-14]))
    levels = [1e-16, 1e-12, 1e-8, 1e-4, 0.1, 0.5]
    edges = np.sort([*p.support(), *p.ppf(levels), *p.isf(levels[:-1]), np.clip(q.median(), *p.support())])
    f = lambda x: np.nan_to_num(-p.pdf(x) * q.logpdf(x), posinf=0.0)  # noqa: E731 - 0 inf, far out
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return sum(
            integrate.quad(f, a, b, epsabs=1e-12, epsrel=1e-12, limit=200)[0] for a, b in itertools.pairwise(edges)
        )


def name_of(law):
    return f"{law.dist.name}{law.args}"


@pytest.mark.filterwarnings("ignore::skinfo.information._expectations.InaccurateIntegralWarning")
@pytest.mark.parametrize("laws", [CONTINUOUS, DISCRETE], ids=["continuous", "discrete"])
def test_identities_of_every_pair(laws):
    for p, q in itertools.product(laws, laws):
        h, cross, kl = entropy(p), cross_entropy(p, q), kl_divergence(p, q)
        label = f"{name_of(p)}, {name_of(q)}"
        assert kl >= 0, label
        assert math.isinf(kl) == math.isinf(cross), label
        if p is q:
            assert kl == 0, label
            assert cross == h, label
        elif math.isfinite(kl):
            assert_allclose(kl, cross - h, rtol=1e-9, atol=1e-9 * (1 + abs(h)), err_msg=label)


@pytest.mark.parametrize("laws", [CONTINUOUS[::3], CONTINUOUS[1::3], CONTINUOUS[2::3], DISCRETE], ids="abcd")
def test_pairs_agree_with_scipy_quadrature(laws):
    for p, q in itertools.product(laws, laws):
        (a, b), (c, d) = p.support(), q.support()
        # QUADPACK loses digits next to a pole and in a power law's tail
        hard = name_of(p) in ("gamma(0.4,)", "weibull_min(0.8,)", "beta(0.5, 0.6)", "pareto(3.5,)")
        if c <= a and b <= d and q.dist.name != "rv_sample" and not hard:
            value = cross_entropy(p, q)
            if math.isfinite(value):
                label = f"{name_of(p)}, {name_of(q)}"
                assert_allclose(value, by_scipy(p, q), rtol=1e-8, atol=1e-8, err_msg=label)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 50), st.floats(0.05, 50), st.floats(0.1, 10))
def test_gamma_divergence_of_any_shapes(a, b, scale):
    kl = kl_divergence(stats.gamma(a), stats.gamma(b, scale=scale))
    with mpmath.workdps(40):
        x, y, s = mpf(a), mpf(b), mpf(scale)
        exact = (x - y) * mpmath.digamma(x) - mpmath.loggamma(x) + mpmath.loggamma(y) + y * mpmath.log(s) + x / s - x
    assert_allclose(kl, float(exact), rtol=1e-10, atol=1e-15)
    js = js_divergence(stats.gamma(a), stats.gamma(b, scale=scale))
    assert 0 <= js <= math.log(2) * (1 + 1e-12)
    assert js <= (kl + kl_divergence(stats.gamma(b, scale=scale), stats.gamma(a))) / 4 * (1 + 1e-9)


# --- supports


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (stats.norm(), stats.expon()),
        (stats.expon(), stats.expon(1)),
        (stats.uniform(0, 2), stats.uniform()),
        (stats.gamma(2), stats.beta(2, 3)),
        (stats.pareto(2), stats.pareto(2, scale=1.5)),
        (stats.poisson(3), stats.binom(50, 0.1)),
        (stats.poisson(3), stats.geom(0.5)),
        (stats.poisson(3), stats.poisson(3, loc=1)),
        (stats.poisson(3), stats.poisson(3, loc=-0.5)),
        (
            stats.rv_discrete(values=([0, 1, 5], [0.2, 0.3, 0.5]))(),
            stats.rv_discrete(values=([0, 5], [0.2, 0.8]))(),
        ),
        (stats.poisson(2), stats.rv_discrete(values=([0, *range(2, 99)], [1 / 98] * 98))()),
        (stats.randint(0, 7), stats.rv_discrete(values=([0, 1, 5], [0.2, 0.3, 0.5]))()),
        (stats.uniform(0, 3), stats.Mixture([stats.Uniform(a=0, b=1), stats.Uniform(a=2, b=3)])),
        (
            stats.multivariate_normal([0, 0]),
            stats.multivariate_normal([0, 0], np.ones((2, 2)), allow_singular=True),
        ),
    ],
)
def test_mass_outside_the_support_is_infinite_and_silent(p, q):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cross_entropy(p, q) == math.inf
        assert kl_divergence(p, q) == math.inf


def test_ends_of_no_mass_do_not_matter():
    assert_allclose(kl_divergence(stats.uniform(), stats.beta(2, 2)), 2 - math.log(6), rtol=1e-13)
    assert math.isfinite(kl_divergence(stats.geom(0.5), stats.poisson(1)))
    assert math.isfinite(kl_divergence(stats.binom(4, 0.5), stats.randint(0, 5)))
    assert kl_divergence(stats.binom(4, 0.5), stats.randint(0, 4)) == math.inf


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (stats.t(1), stats.norm()),
        (stats.t(1), stats.norm(1)),
        (stats.t(0.5), stats.norm(1, 3)),
        (stats.t(2), stats.norm()),
        (stats.cauchy(), stats.norm(2)),
        (stats.cauchy(), stats.logistic()),
        (stats.cauchy(), stats.laplace()),
        (stats.t(0.7), stats.logistic()),
        (stats.pareto(0.5), stats.expon()),
        (stats.pareto(2), stats.norm(1)),
        (stats.burr12(2, 0.5), stats.gamma(2)),
        (stats.gamma(0.5), stats.invgauss(1)),
        (stats.genpareto(0.6), stats.rayleigh()),
        (stats.lognorm(1), stats.gumbel_l()),
        (stats.levy(), stats.weibull_min(0.5)),
        (stats.zipf(1.8), stats.poisson(2)),
    ],
)
def test_tails_too_heavy_are_infinite_and_silent(p, q):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cross_entropy(p, q) == math.inf
        assert kl_divergence(p, q) == math.inf


def test_heavy_tails_with_a_finite_answer():
    assert_allclose(entropy(stats.cauchy(3, 5)), math.log(20 * math.pi), rtol=1e-13)
    with mpmath.workdps(30):  # E x^2 = df / (df - 2)
        exact = float(mpf("2.01") / mpf("0.01") / 2 + mpmath.log(2 * mpmath.pi) / 2)
    assert_allclose(cross_entropy(stats.t(2.01), stats.norm()), exact, rtol=1e-11)
    assert_allclose(entropy(stats.genpareto(5.0)), 6.0, rtol=1e-11)
    # all of this Pareto law, of mean 2.8, is above the centre of the Laplace law
    assert_allclose(cross_entropy(stats.pareto(3.5, scale=2), stats.laplace(1, 2)), math.log(4) + 0.9, rtol=1e-12)
    # algebraic singularities at both ends
    assert_allclose(entropy(stats.arcsine()), math.log(math.pi / 4), rtol=1e-9)


# --- discrete laws


@pytest.mark.parametrize("mu", [1e-3, 0.5, 30.0, 1e3, 1e6])
def test_poisson_entropy(mu):
    if mu < 500:
        with mpmath.workdps(30):
            m = mpf(mu)
            exact = float(
                m * (1 - mpmath.log(m))
                + mpmath.exp(-m)
                * mpmath.nsum(lambda k: m**k * mpmath.loggamma(k + 1) / mpmath.factorial(k), [0, 300], method="d")
            )
    else:  # Evans and Boersma (1988)
        exact = 0.5 * math.log(2 * math.pi * math.e * mu) - 1 / (12 * mu) - 1 / (24 * mu**2) - 19 / (360 * mu**3)
    assert_allclose(entropy(stats.poisson(mu)), exact, rtol=1e-11 if mu < 1e6 else 1e-9)


def test_wide_discrete_laws_are_not_summed_one_by_one():
    # a geometric law of mean 1e9
    p = 1e-9
    assert_allclose(entropy(stats.geom(p)), 1 - math.log(p), rtol=1e-9)
    assert_allclose(
        cross_entropy(stats.geom(1e-7), stats.zipf(1.5)),
        1.5 * (7 * math.log(10) - np.euler_gamma) + math.log(float(mpmath.zeta(1.5))),
        rtol=1e-7,
    )
    js = js_divergence(stats.poisson(1e6), stats.geom(1e-7))
    assert 0.69 < js < math.log(2)


@pytest.mark.parametrize("a", [1.05, 1.5, 2.5, 4.0])
def test_zipf_entropy(a):
    with mpmath.workdps(30):
        z = mpmath.zeta(a)
        exact = float(mpmath.log(z) - a * mpmath.zeta(a, 1, 1) / z)
    assert_allclose(entropy(stats.zipf(a)), exact, rtol=1e-11)


@pytest.mark.parametrize(
    ("p", "q", "kl"),
    [
        (stats.poisson(0), stats.poisson(2), 2.0),
        (stats.geom(1), stats.geom(0.25), math.log(4)),
        (stats.binom(5, 0), stats.poisson(2), 2.0),
        (stats.t(np.inf), stats.norm(1), 0.5),
        (stats.norm(0, 1e-200), stats.norm(0, 1e200), 400 * math.log(10) - 0.5),
        (stats.norm(0, 1e200), stats.norm(0, 1e-200), math.inf),
        (stats.norm(1e9, 1), stats.norm(1e9 + 1, 1), 0.5),
        (stats.gamma(1, scale=2), stats.expon(scale=2), 0.0),
        (stats.weibull_min(1), stats.expon(), 0.0),
        (stats.beta(1, 1), stats.uniform(), 0.0),
        (stats.nbinom(1, 0.3, loc=1), stats.geom(0.3), 0.0),
        (stats.vonmises(2), stats.vonmises(2, loc=math.pi / 2), 2 * 1.5906368546373288 / 2.2795853023360673),
    ],
)
def test_parameters_at_the_edge_and_laws_of_two_names(p, q, kl):
    assert_allclose(kl_divergence(p, q), kl, rtol=1e-11, atol=1e-25)


def test_a_law_beyond_its_formulas_is_refused():
    class Half(stats.rv_continuous):
        def _logpdf(self, x):
            return np.log(0.25 * (x < 1))

        def _ppf(self, u):
            return u

    with pytest.raises(ValueError, match="total probability"):
        entropy(Half(a=0, b=2)())


def test_sum_over_integers_is_exact_for_polynomials():
    width = 32.0 * 2.0 ** np.array([0, 1, 5, 12, 3])
    start = np.array([-40.0, 3.0, 100.0, 1e4, -7.0])
    f = lambda x: np.stack([((x - 5) / 1e5) ** 15, np.ones_like(x)])  # noqa: E731
    for a, n in zip(start, width):
        direct = f(np.arange(a, a + n)).sum(axis=1)
        assert_allclose(integers(f, np.array([a]), np.array([n]))[:, 0], direct, rtol=1e-12)
    values, _, _ = adaptive(f, start, width, integers, 32)
    assert_allclose(values[1], width.sum(), rtol=1e-14)


def test_discrete_entropies_of_finite_laws_are_those_of_vectors():
    law = stats.binom(12, 0.3)
    p, q = law.pmf(np.arange(13)), stats.betabinom(12, 2, 3).pmf(np.arange(13))
    assert_allclose(entropy(law), entropy(p / p.sum()), rtol=1e-12)
    assert_allclose(kl_divergence(law, stats.betabinom(12, 2, 3)), kl_divergence(p / p.sum(), q / q.sum()), rtol=1e-12)
    assert_allclose(js_divergence(law, stats.betabinom(12, 2, 3)), js_divergence(p / p.sum(), q / q.sum()), rtol=1e-11)


# --- Jensen-Shannon


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (stats.uniform(), stats.uniform(1)),
        (stats.uniform(), stats.uniform(2)),
        (stats.expon(), stats.weibull_max(2)),
        (stats.poisson(3), stats.poisson(3, loc=0.5)),
        (stats.binom(3, 0.5), stats.randint(4, 9)),
    ],
)
def test_js_of_disjoint_supports(p, q):
    assert_allclose(js_divergence(p, q), math.log(2), rtol=1e-13)
    assert js_divergence(p, q, base=2) == pytest.approx(1, rel=1e-13)


def test_js_divergence():
    assert js_divergence(stats.uniform(), stats.uniform(2)) == math.log(2)
    assert_allclose(js_divergence(stats.uniform(), stats.uniform(0.5)), math.log(2) / 2, rtol=1e-12)
    assert js_divergence(stats.norm(1, 2), stats.norm(1, 2)) == 0
    assert js_divergence(stats.nakagami(2), stats.nakagami(2)) == 0
    # second order: JS = KL / 4
    assert_allclose(js_divergence(stats.norm(), stats.norm(1e-6)), 1e-12 / 8, rtol=1e-9)
    p, q = stats.norm(), stats.norm(1, 3)
    m = lambda x: np.logaddexp(p.logpdf(x), q.logpdf(x)) - math.log(2)  # noqa: E731
    f = lambda x: 0.5 * (p.pdf(x) * (p.logpdf(x) - m(x)) + q.pdf(x) * (q.logpdf(x) - m(x)))  # noqa: E731
    exact = integrate.quad(f, -30, 30, points=[0, 1], epsabs=1e-14)[0]
    assert_allclose(js_divergence(p, q), exact, rtol=1e-11)
    assert_allclose(js_divergence(p, q), js_divergence(q, p), rtol=1e-13)


# --- SciPy's newer infrastructure, and laws of any kind


def test_new_infrastructure():
    old, new = stats.norm(1, 2), stats.Normal(mu=1, sigma=2)
    assert entropy(new) == entropy(old)
    assert kl_divergence(new, old) == 0
    assert kl_divergence(stats.Normal(), new) == kl_divergence(stats.norm(), old)
    gamma = stats.make_distribution(stats.gamma)(a=2.5)
    assert_allclose(cross_entropy(gamma, stats.gamma(2)), cross_entropy(stats.gamma(2.5), stats.gamma(2)), rtol=1e-12)
    assert_allclose(entropy(3 * gamma + 1), entropy(stats.gamma(2.5, 1, 3)), rtol=1e-12)
    cut = stats.truncate(stats.Normal(), 0, 3)
    assert_allclose(entropy(cut), stats.truncnorm(0, 3).entropy(), rtol=1e-12)
    assert kl_divergence(stats.Normal(), cut) == math.inf
    assert_allclose(kl_divergence(cut, stats.Normal()), -math.log(stats.norm.cdf(3) - 0.5), rtol=1e-11)


def test_mixture_of_distant_peaks():
    mixture = stats.Mixture([stats.Normal(), stats.Normal(mu=1000, sigma=0.01)], weights=[0.25, 0.75])
    separate = entropy([0.25, 0.75]) + 0.25 * entropy(stats.norm()) + 0.75 * entropy(stats.norm(0, 0.01))
    assert_allclose(entropy(mixture), separate, rtol=1e-8)


@pytest.mark.skipif(not hasattr(stats, "Binomial"), reason="SciPy 1.17 has discrete laws in the new infrastructure")
def test_new_discrete_laws():
    assert_allclose(entropy(stats.Binomial(n=5, p=0.3)), entropy(stats.binom(5, 0.3)), rtol=1e-13)
    assert_allclose(
        kl_divergence(stats.Binomial(n=5, p=0.3), stats.poisson(2)),
        kl_divergence(stats.binom(5, 0.3), stats.poisson(2)),
    )


@pytest.mark.parametrize(
    "law",
    [
        stats.nakagami(2.0, 1, 3),
        stats.genextreme(0.2),
        stats.genextreme(-0.3, 5, 2),
        stats.skewnorm(3),
        stats.truncnorm(-1, 2),
        stats.triang(0.3),
        stats.burr12(2, 3),
        stats.rayleigh(2, 3),
        stats.vonmises(2.0),
        stats.rv_histogram(np.histogram([1, 2, 2, 3, 5.0], bins=4))(),
    ],
    ids=lambda law: law.dist.name,
)
def test_generic_laws(law):
    assert_allclose(entropy(law), law.entropy(), rtol=1e-8)
    assert kl_divergence(law, law) == 0


def test_a_density_that_underflows_is_said():
    class Normal(stats.rv_continuous):
        def _pdf(self, x):  # whose logarithm is taken, 0 beyond 38
            return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)

    with pytest.warns(InaccurateIntegralWarning, match="underflows"):
        assert kl_divergence(stats.expon(scale=3), Normal(name="plain")()) == math.inf


def test_an_integral_that_does_not_converge_is_said():
    class Rough(stats.rv_continuous):
        def _logpdf(self, x):
            return np.where(np.sin(x * 1e13) > 0, 0.0, np.log(0.5)) - math.log(0.75)

        def _ppf(self, u):
            return u

    with pytest.warns(RuntimeWarning, match="did not converge"):
        entropy(Rough(a=0, b=1)())
