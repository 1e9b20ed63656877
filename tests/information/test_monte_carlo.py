"""Entropies and divergences of density estimators by draws: right within their standard errors, and reproducible."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import KernelDensity

from skinfo import ParametricDensity, cross_entropy, entropy, js_divergence, kl_divergence
from skinfo.information import Estimate
from skinfo.information._monte_carlo import _excess_over_middle

ROWS = np.random.default_rng(0).normal(size=(500, 2)) * [1.0, 3.0]
ONE = GaussianMixture(1, random_state=0).fit(ROWS)
LAW = stats.multivariate_normal(ONE.means_[0], ONE.covariances_[0])
OTHER = stats.multivariate_normal([0.3, 0.0], [[1.0, 0.5], [0.5, 9.0]])


@pytest.mark.parametrize(
    ("function", "arguments", "exact"),
    [
        (entropy, (ONE,), (LAW,)),
        (cross_entropy, (ONE, OTHER), (LAW, OTHER)),
        (cross_entropy, (OTHER, ONE), (OTHER, LAW)),
        (kl_divergence, (ONE, OTHER), (LAW, OTHER)),
        (kl_divergence, (OTHER, ONE), (OTHER, LAW)),
    ],
)
def test_standard_errors_are_what_estimates_are_off_by(function, arguments, exact):
    estimates = [function(*arguments, rtol=0.1, random_state=seed) for seed in range(60)]
    assert all(isinstance(e, Estimate) for e in estimates)
    z = (np.array(estimates) - function(*exact)) / [e.standard_error for e in estimates]
    assert abs(z.mean()) < 0.5
    assert 0.7 < z.std() < 1.4


def test_accuracy_asked_for():
    for rtol in (0.1, 0.003):
        e = kl_divergence(ONE, OTHER, rtol=rtol, random_state=0)
        assert 0 < e.standard_error <= rtol * e
        h = entropy(ONE, rtol=rtol, random_state=0)
        assert h.standard_error <= rtol * h
        assert abs(h - entropy(LAW)) < 5 * h.standard_error
    with pytest.warns(ConvergenceWarning, match="raise rtol"):
        assert math.isfinite(entropy(ONE, rtol=1e-6, random_state=0))
    bits, nats = (kl_divergence(ONE, OTHER, base=base, random_state=0) for base in (2, None))
    assert_allclose([bits, bits.standard_error], np.array([nats, nats.standard_error]) / math.log(2), rtol=1e-14)


@pytest.mark.parametrize("step", [1e-8, 1e-3])
def test_close_laws_keep_their_relative_accuracy(step):
    other = GaussianMixture(1).fit(ROWS)
    other.means_ = np.add(ONE.means_, [[step, 0.0]])
    exact = kl_divergence(LAW, stats.multivariate_normal(other.means_[0], other.covariances_[0]))
    e = kl_divergence(ONE, other, random_state=0)
    assert 0 < e.standard_error < 0.01 * e
    assert abs(e - exact) < 5 * e.standard_error


@pytest.mark.parametrize("scale", [0.2, 5.0])
def test_tails_much_lighter_or_heavier(scale):
    """The ratio of the two densities has no variance under the narrower one."""
    e = kl_divergence(ONE, stats.multivariate_normal([0.0, 0.0], scale**2 * np.diag([1.0, 9.0])), random_state=0)
    exact = kl_divergence(LAW, stats.multivariate_normal([0.0, 0.0], scale**2 * np.diag([1.0, 9.0])))
    assert abs(e - exact) < 4 * e.standard_error


def test_jensen_shannon():
    one, law = GaussianMixture(1).fit(ROWS[:, :1]), stats.norm(1.0, 2.0)
    exact = js_divergence(stats.norm(one.means_[0, 0], math.sqrt(one.covariances_[0, 0, 0])), law)
    estimates = [js_divergence(one, law, rtol=0.1, random_state=seed) for seed in range(40)]
    z = (np.array(estimates) - exact) / [e.standard_error for e in estimates]
    assert abs(z.mean()) < 0.6
    assert 0.6 < z.std() < 1.5
    far = js_divergence(one, stats.norm(100, 1), base=2)
    assert far == pytest.approx(1, abs=1e-12)
    near = GaussianMixture(1).fit(ROWS[:, :1])
    near.means_ = one.means_ + 1e-7
    assert js_divergence(one, near, random_state=0) == pytest.approx(1e-14 / 8 / one.covariances_[0, 0, 0], rel=0.05)


def test_supports_that_differ():
    narrow = KernelDensity(kernel="tophat", bandwidth=0.2).fit(ROWS[:20])
    assert kl_divergence(ONE, narrow) == cross_entropy(ONE, narrow) == math.inf
    assert kl_divergence(ONE, narrow).standard_error == 0
    uniform = KernelDensity(kernel="tophat", bandwidth=1.0).fit([[0.0]])
    e = kl_divergence(stats.uniform(-0.5, 1), uniform, random_state=0)  # log 2, half of q's mass outside p
    assert abs(e - math.log(2)) <= max(4 * e.standard_error, 1e-12)


def test_integrand_where_the_log_ratio_is_small_large_or_infinite():
    d = np.array([-np.inf, -800.0, -0.3, -1e-9, 0.0, 1e-12, 0.3, 800.0, np.inf])
    expected = [np.inf, 1598.0, 0.0468954428403594, 5.000000000833334e-19, 0.0, 5e-25, 0.0422886, 2.0, 2.0]
    found = _excess_over_middle(d)
    assert_allclose(np.delete(found, 6), np.delete(expected, 6), rtol=1e-11)
    edge = np.nextafter(0.02, [0, 1])
    assert_allclose(*_excess_over_middle(edge), rtol=1e-12)
    assert_allclose(found[6], 2 * (math.exp(0.3) - 1.3) / (1 + math.exp(0.3)), rtol=1e-13)


@pytest.mark.parametrize(
    "model", [GaussianMixture(2, random_state=3), BayesianGaussianMixture(n_components=2, random_state=3, tol=0.1)]
)
def test_any_estimator_and_its_random_state(model):
    model.fit(ROWS)
    first, second, third = (entropy(model, rtol=0.05, random_state=seed) for seed in (0, 0, 1))
    assert first == second != third
    assert model.random_state == 3
    e = entropy(model, random_state=0)  # its own seed would repeat one batch
    assert abs(e + model.score(model.sample(100_000)[0])) < 6 * e.standard_error


def test_with_distributions_and_fitted_densities():
    kernel = KernelDensity(bandwidth=0.5).fit(ROWS[:50])
    density = ParametricDensity("norm").fit(ROWS)
    assert isinstance(kl_divergence(density, kernel, rtol=0.2, random_state=0), Estimate)
    assert isinstance(kl_divergence(kernel, density, rtol=0.2, random_state=0), Estimate)
    assert type(kl_divergence(density, density)) is float
    one = GaussianMixture(1).fit(ROWS[:, :1])
    for law in (stats.norm(), stats.Normal(), stats.truncate(stats.Normal(), -1, 2)):
        assert kl_divergence(law, one, random_state=0) > 0
    assert_allclose(
        kl_divergence(stats.Normal(mu=1.0), one, random_state=0),
        kl_divergence(stats.norm(1), stats.norm(one.means_[0, 0], math.sqrt(one.covariances_[0, 0, 0]))),
        rtol=0.05,
    )


@pytest.mark.parametrize(
    ("p", "q", "error", "match"),
    [
        (stats.norm(), ONE, ValueError, "p draws rows of 1 column"),
        (stats.multivariate_normal(np.zeros(3)), ONE, ValueError, "p draws rows of 3 columns"),
        (ONE, stats.norm(), ValueError, "one column, and the rows have 2"),
        (stats.poisson(3), ONE, ValueError, "p is discrete"),
        (ONE, GaussianMixture(), NotFittedError, "not fitted"),
        (PCA(1).fit(ROWS), ONE, TypeError, "draws no samples"),
    ],
)
def test_what_is_refused(p, q, error, match):
    with pytest.raises(error, match=match):
        kl_divergence(p, q)
    for rtol in (0, -1, math.nan, "a"):
        with pytest.raises(ValueError, match="rtol"):
            entropy(ONE, rtol=rtol)


@pytest.mark.parametrize("kernel", ["epanechnikov", "exponential", "linear", "cosine"])
def test_kernels_that_draw_nothing_are_named(kernel):
    density = KernelDensity(kernel=kernel).fit(ROWS[:20])
    for call in (lambda: entropy(density), lambda: kl_divergence(density, density)):
        with pytest.raises(TypeError, match=f"p is a KernelDensity with kernel='{kernel}', which draws no samples"):
            call()


def test_infinite_by_the_supports_however_unlikely_a_draw_outside_is():
    far = KernelDensity(bandwidth=0.1).fit(np.linspace(100, 101, 50)[:, None])
    product = ParametricDensity("gamma").fit(np.random.default_rng(0).gamma(100.0, size=(50, 2)))
    for kernel, q in [
        (far, stats.gamma(100)),
        (far, stats.uniform(-1e6, 2e6)),
        (far, ParametricDensity("lognorm").fit(np.linspace(90, 110, 50)[:, None])),
        (KernelDensity().fit(np.full((3, 2), 100.0)), product),
    ]:
        assert kl_divergence(kernel, q, random_state=0) == cross_entropy(kernel, q, random_state=0) == math.inf
        assert js_divergence(kernel, q, random_state=0) < math.log(2)
    assert kl_divergence(far, stats.norm(100), random_state=0) < math.inf
    inside = KernelDensity(bandwidth=0.1, kernel="tophat").fit(np.linspace(100, 101, 50)[:, None])
    assert kl_divergence(inside, stats.gamma(100), random_state=0) < math.inf
