"""Laws of several columns: closed forms at forty digits, close laws, and SciPy's own entropies and densities."""

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import integrate, stats

from skinfo import ParametricDensity, cross_entropy, entropy, js_divergence, kl_divergence
from skinfo.information._student import StudentT
from skinfo.information._student import cross_entropy as student_cross_entropy

RNG = np.random.default_rng(3)


def covariance(p, scale=1.0):
    a = RNG.normal(size=(p, p))
    return scale * (a @ a.T + 0.5 * np.eye(p))


def moved(cov, step):
    """A covariance that is nearly another one."""
    e = RNG.normal(size=cov.shape)
    return cov + step * np.abs(cov).max() * (e + e.T)


def mp_matrix(a):
    return mp.matrix([[mpf(float(x)) for x in row] for row in a])


def mp_normal(p_mean, p_cov, q_mean, q_cov):
    a, b = mp_matrix(p_cov), mp_matrix(q_cov)
    inverse, gap = b**-1, mp.matrix([mpf(float(x)) - mpf(float(y)) for x, y in zip(p_mean, q_mean)])
    trace = mp.fsum((inverse * a)[i, i] for i in range(len(p_mean)))
    return (trace - len(p_mean) + mp.log(mp.det(b) / mp.det(a)) + (gap.T * inverse * gap)[0]) / 2


def mp_wishart(p, q, df, other):
    k, a, b = len(p), mpf(df) / 2, mpf(other) / 2
    p, q = mp_matrix(p), mp_matrix(q)
    product = q**-1 * p
    log_gamma = lambda s: mp.fsum(mp.loggamma(s - mpf(j) / 2) for j in range(k))  # noqa: E731
    psi = mp.fsum(mp.digamma(a - mpf(j) / 2) for j in range(k))
    trace = mp.fsum(product[i, i] for i in range(k))
    return -b * mp.log(mp.det(product)) + a * (trace - k) + log_gamma(b) - log_gamma(a) + (a - b) * psi


def mp_dirichlet(a, b):
    a, b = ([mpf(float(x)) for x in v] for v in (a, b))
    log_beta = lambda v: mp.fsum(map(mp.loggamma, v)) - mp.loggamma(sum(v))  # noqa: E731
    return log_beta(b) - log_beta(a) + mp.fsum((x - y) * (mp.digamma(x) - mp.digamma(sum(a))) for x, y in zip(a, b))


STEPS = (1e-9, 1e-5, 0.1)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("p", [2, 5])
def test_close_normals(step, p):
    mean, cov = RNG.normal(size=p), covariance(p, 7.0)
    other_mean, other = mean + step * RNG.normal(size=p), moved(cov, 0.1 * step)
    with mp.workdps(50):
        exact = mp_normal(mean, cov, other_mean, other)
    value = kl_divergence(stats.multivariate_normal(mean, cov), stats.multivariate_normal(other_mean, other))
    assert_allclose(value, float(exact), rtol=1e-12)


@pytest.mark.parametrize(("df", "other"), [(2.5, 2.5000001), (7.0, 30.0), (1e8, 1e8 + 1), (1e6, 3.0)])
@pytest.mark.parametrize("step", STEPS)
def test_wisharts(df, other, step):
    scale = covariance(3)
    second = moved(scale, 0.1 * step)
    with mp.workdps(50):
        exact = float(mp_wishart(scale, second, df, other))
        inverse = float(mp_wishart(second, scale, df, other))  # scales of the inverse matrices, up to similarity
    assert_allclose(kl_divergence(stats.wishart(df, scale), stats.wishart(other, second)), exact, rtol=1e-12)
    assert_allclose(kl_divergence(stats.invwishart(df, scale), stats.invwishart(other, second)), inverse, rtol=1e-12)


@pytest.mark.parametrize("p", [2, 3, 50])
def test_dirichlets(p):
    for exponents, step in itertools.product([(-3, 8), (0, 2), (7, 8)], (1e-9, 1e-4, 1.0)):
        alpha = 10 ** RNG.uniform(*exponents, p)
        beta = alpha * np.exp(step * RNG.normal(size=p))
        with mp.workdps(50):
            exact = mp_dirichlet(alpha, beta)
        assert_allclose(kl_divergence(stats.dirichlet(alpha), stats.dirichlet(beta)), float(exact), rtol=1e-12)


@pytest.mark.parametrize("p", [2, 3, 10, 101])
def test_directions(p):
    mu, nu = (v / np.linalg.norm(v) for v in RNG.normal(size=(2, p)))
    for kappa, other in [(1e-3, 2e-3), (2.0, 2.0 + 1e-9), (2.0, 700.0), (50.0, 1e3), (3e3, 3.0001e3)]:
        with mp.workdps(60):
            k, h, n = mpf(kappa), mpf(other), mpf(p) / 2 - 1
            ratio = mp.besseli(n + 1, k) / mp.besseli(n, k)
            log_height = lambda s, n=n: n * mp.log(s) - mp.log(mp.besseli(n, s))  # noqa: E731
            gap = mp.fsum((mpf(x) - mpf(y)) ** 2 for x, y in zip(mu.tolist(), nu.tolist())) / 2
            same = log_height(k) - log_height(h) + (k - h) * ratio
            exact, about = same + h * ratio * gap, -log_height(k) - k * ratio + mpf(p) / 2 * mp.log(2 * mp.pi)
        law = stats.vonmises_fisher(mu, kappa)
        assert_allclose(kl_divergence(law, stats.vonmises_fisher(nu, other)), float(exact), rtol=2e-12)
        assert_allclose(kl_divergence(law, stats.vonmises_fisher(mu, other)), float(same), rtol=2e-12)
        assert_allclose(entropy(law), float(about), rtol=1e-12, atol=1e-12)
    # as kappa grows, kappa times one minus the cosine becomes a gamma variable of shape (p - 1) / 2
    near = kl_divergence(stats.vonmises_fisher(mu, 1e8), stats.vonmises_fisher(mu, 2e8))
    assert_allclose(near, (p - 1) / 2 * (1 - math.log(2)), rtol=1e-5)


def test_multinomials():
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])
    rows = np.array([k for k in itertools.product(range(8), repeat=3) if sum(k) == 7])
    mass, other = (stats.multinomial(7, v).pmf(rows) for v in (p, q))
    assert_allclose(entropy(stats.multinomial(7, p)), -(mass @ np.log(mass)), rtol=1e-13)
    assert_allclose(
        kl_divergence(stats.multinomial(7, p), stats.multinomial(7, q)), mass @ np.log(mass / other), rtol=1e-13
    )
    assert kl_divergence(stats.multinomial(7, p), stats.multinomial(8, p)) == math.inf
    assert kl_divergence(stats.multinomial(7, [0.5, 0.0, 0.5]), stats.multinomial(7, p)) > 0
    assert kl_divergence(stats.multinomial(7, p), stats.multinomial(7, [0.5, 0.0, 0.5])) == math.inf
    assert entropy(stats.multinomial(7, [0.0, 1.0])) == 0
    # a binomial law in other words, and the normal limit
    assert_allclose(entropy(stats.multinomial(40, [0.3, 0.7])), entropy(stats.binom(40, 0.3)), rtol=1e-12)
    limit = 0.5 * (2 * math.log(2 * math.pi * math.e * 1e9) + np.log(p).sum())
    assert_allclose(entropy(stats.multinomial(10**9, p)), limit, rtol=1e-9)


@pytest.mark.parametrize(
    "law",
    [
        stats.dirichlet([0.3, 2.0, 5.0]),
        stats.wishart(4.5, [[2.0, 0.3], [0.3, 1.0]]),
        stats.vonmises_fisher([0.6, 0.8], 3.0),
        stats.multivariate_t([0.0, 1.0], [[2.0, 0.3], [0.3, 1.0]], 3),
        stats.multinomial(6, [0.2, 0.3, 0.5]),
    ],
    ids=lambda law: type(law).__name__,
)
def test_entropies_are_scipys(law):
    assert_allclose(entropy(law), law.entropy(), rtol=1e-12)
    assert_allclose(cross_entropy(law, law), entropy(law), rtol=1e-11)
    assert abs(kl_divergence(law, law)) == 0


def test_entropy_of_inverse_wisharts():
    """In one column an inverse gamma law; SciPy's own is 2 log 2 too large there, by the factor of the mean log."""
    assert_allclose(entropy(stats.invwishart(5.0, 3.0)), entropy(stats.invgamma(2.5, scale=1.5)), rtol=1e-13)
    assert_allclose(entropy(stats.wishart(5.0, 3.0)), entropy(stats.gamma(2.5, scale=6.0)), rtol=1e-13)
    law = stats.invwishart(9.0, covariance(3))
    logs = -law.logpdf(np.moveaxis(law.rvs(20_000, random_state=0), 0, -1))
    assert abs(entropy(law) - logs.mean()) < 4 * logs.std() / math.sqrt(len(logs))


def test_large_degrees_of_freedom():
    with mp.workdps(50):
        for df in (3.0, 1e4, 1e8):
            a = [mpf(df) / 2 - mpf(j) / 2 for j in range(2)]
            log_gamma, psi = mp.fsum(map(mp.loggamma, a)) + mp.log(mp.pi) / 2, mp.fsum(map(mp.digamma, a))
            exact = 3 * mp.log(2) + log_gamma - (mpf(df) - 3) / 2 * psi + mpf(df)
            assert_allclose(entropy(stats.wishart(df, np.eye(2))), float(exact), rtol=1e-12)


# --- Student laws


def test_student_laws_of_one_column_are_univariate():
    p, q = stats.multivariate_t([0.5], [[4.0]], 3), stats.multivariate_t([0.0], [[1.0]], 7)
    assert_allclose(kl_divergence(p, q), kl_divergence(stats.t(3, 0.5, 2), stats.t(7)), rtol=1e-10)
    assert_allclose(cross_entropy(stats.norm(1, 2), q), cross_entropy(stats.norm(1, 2), stats.t(7)), rtol=1e-10)


@pytest.mark.parametrize("df", [0.3, 3.0, 50.0])
def test_student_laws_about_one_centre(df):
    """Where the shapes are proportional, the divergence is an integral over the radius."""
    p, other, ratio = 3, 5.0, 2.5
    law, q = (stats.multivariate_t(np.zeros(p), s * np.eye(p), f) for s, f in ((1.0, df), (ratio, other)))

    def radial(s):
        r = math.exp(s)
        x = np.array([r, 0.0, 0.0])
        log_density = law.logpdf(x)
        return 4 * math.pi * r**3 * math.exp(log_density) * (log_density - q.logpdf(x))

    low, high = -15.0, 40.0 / min(df, 1.0)
    expected = integrate.quad(radial, low, high, epsabs=1e-12, epsrel=1e-12, limit=1000, points=[0.0])[0]
    assert_allclose(kl_divergence(law, q), expected, rtol=1e-8)


def test_student_and_normal_laws():
    cov = covariance(3)
    normal, t = stats.multivariate_normal(np.ones(3), cov), stats.multivariate_t(np.zeros(3), 2 * cov, 6)
    rows = normal.rvs(100_000, random_state=0)
    gap = normal.logpdf(rows) - t.logpdf(rows)
    assert abs(kl_divergence(normal, t) - gap.mean()) < 4 * gap.std() / math.sqrt(len(rows))
    assert_allclose(cross_entropy(t, normal), cross_entropy(stats.multivariate_normal(np.zeros(3), 3 * cov), normal))
    assert kl_divergence(stats.multivariate_t(np.zeros(3), cov, 2), normal) == math.inf
    limit = stats.multivariate_t(np.ones(3), cov, 1e9)
    assert_allclose(kl_divergence(limit, t), kl_divergence(normal, t), rtol=1e-7)
    assert kl_divergence(stats.multivariate_t(np.ones(3), cov, np.inf), t) == kl_divergence(normal, t)
    assert 0 < kl_divergence(limit, stats.multivariate_t(np.ones(3), cov * 1.001, 1e9)) < 1e-5


# --- fitted densities, rows, and what is refused


def test_fitted_joint_densities():
    rows = stats.dirichlet([2.0, 3.0, 4.0]).rvs(400, random_state=0)
    density = ParametricDensity("dirichlet").fit(rows)
    assert_allclose(cross_entropy(rows, density), -density.score(rows), rtol=1e-13)
    assert_allclose(cross_entropy(rows, density.distributions_[0]), -density.score(rows), rtol=1e-13)
    assert 0 < kl_divergence(stats.dirichlet([2.0, 3.0, 4.0]), density) < 0.05
    counts = stats.multinomial(9, [0.2, 0.3, 0.5]).rvs(50, random_state=0)
    law = stats.multinomial(9, [0.3, 0.3, 0.4])
    assert_allclose(cross_entropy(counts, law), -law.logpmf(counts).mean(), rtol=1e-12)


@pytest.mark.parametrize(
    ("p", "q", "error", "match"),
    [
        (stats.dirichlet([1, 2, 3.0]), stats.multivariate_t(np.zeros(3)), TypeError, "Dirichlet law .* Student law"),
        (stats.wishart(5, np.eye(2)), stats.invwishart(5, np.eye(2)), TypeError, "no closed form compares them"),
        (stats.dirichlet([1, 2.0]), stats.dirichlet([1, 2, 3.0]), ValueError, "2 columns and q has 3"),
        (stats.norm(), stats.dirichlet([1, 2.0]), ValueError, "1 column and q has 2"),
        (
            stats.multivariate_normal([0, 0], [[1, 1], [1, 1]], allow_singular=True),
            stats.multivariate_t([0, 0]),
            ValueError,
            "subspace",
        ),
    ],
)
def test_laws_that_cannot_be_compared(p, q, error, match):
    for function in (cross_entropy, kl_divergence):
        with pytest.raises(error, match=match):
            function(p, q)
    with pytest.raises((TypeError, ValueError)):
        js_divergence(p, q)


@pytest.mark.parametrize(
    ("law", "match"),
    [
        (stats.multinomial([3, 4], [[0.5, 0.5], [0.5, 0.5]]), "arrays of parameters"),
        (stats.multinomial(-1, [0.5, 0.5]), "out of range"),
        (stats.multivariate_t([0, 0], [[1, 1], [1, 1]], allow_singular=True), "singular shape"),
    ],
)
def test_laws_out_of_range(law, match):
    with pytest.raises(ValueError, match=match):
        entropy(law)


def test_student_laws_at_extremes():
    """Of one column they are univariate, where quadrature is another one."""
    for df, scale, other in [(0.5, 1.0, 1e3), (5.0, 1e-12, 5.0), (5.0, 1e12, 0.5), (1e6, 1.0, 0.1)]:
        p, q = (stats.multivariate_t(np.zeros(2), s * np.eye(2), f) for s, f in ((scale, df), (1.0, other)))
        value = kl_divergence(p, q)
        rows = p.rvs(20_000, random_state=0)
        log_ratio = p.logpdf(rows) - q.logpdf(rows)
        assert abs(value - log_ratio.mean()) < 5 * log_ratio.std() / math.sqrt(len(rows))


def test_few_degrees_of_freedom():
    """The univariate law has its own quadrature; some of the mass is beyond 1e100 here."""
    for df in (0.05, 0.3, 5.0):
        expected = cross_entropy(stats.t(df), stats.t(7.0, 1, 2))
        p, q = StudentT(np.zeros(1), np.eye(1), df), StudentT(np.ones(1), 4 * np.eye(1), 7.0)
        assert_allclose(student_cross_entropy(p, q), expected, rtol=1e-10)


def test_matrices_are_no_rows():
    with pytest.raises(TypeError, match="rows"):
        cross_entropy(np.zeros((3, 2)), stats.wishart(5, np.eye(2)))
