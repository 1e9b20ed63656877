"""Maximum likelihood, cross entropy and Kullback-Leibler divergence of densities are one thing."""

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from skinfo import ParametricDensity, cross_entropy, entropy, kl_divergence

CANCER = load_breast_cancer().data[:, [3]]
PROLINE = load_wine().data[:, [12]]
DIABETES = load_diabetes(scaled=False).data[:, [2]]
RANDOM = np.random.default_rng(7)

# law, random rows from it, real rows that it can describe
CASES = {
    "norm": (RANDOM.normal(3, 2, 200), DIABETES),
    "lognorm": (RANDOM.lognormal(1, 0.5, 200), CANCER),
    "expon": (RANDOM.exponential(3, 200), CANCER),
    "gamma": (RANDOM.gamma(2.5, 2, 200), CANCER),
    "invgauss": (RANDOM.wald(2, 3, 200), CANCER),
    "beta": (RANDOM.beta(2, 3, 200), CANCER / 5000),
    "weibull_min": (2 * RANDOM.weibull(1.5, 200), PROLINE),
    "pareto": (3 * (1 + RANDOM.pareto(2.5, 200)), CANCER),
    "laplace": (RANDOM.laplace(1, 2, 200), DIABETES),
    "logistic": (RANDOM.logistic(1, 2, 200), DIABETES),
    "t": (RANDOM.standard_t(4, 200), np.diff(CANCER, axis=0)),
    "uniform": (RANDOM.uniform(0, 1, 200), CANCER / 5000),
    "poisson": (RANDOM.poisson(4, 200), np.round(DIABETES)),
    "geom": (RANDOM.geometric(0.3, 200), np.round(CANCER)),
    "nbinom": (RANDOM.negative_binomial(3, 0.4, 200), np.round(CANCER)),
}
EVERY_CASE = [pytest.param(f, c[i], id=f"{f}-{('random', 'real')[i]}") for f, c in CASES.items() for i in (0, 1)]


def fitted(family, data):
    X = np.reshape(data, (-1, 1)).astype(float)
    return X, ParametricDensity(family, fixed={"loc": None, "scale": None} if family == "uniform" else None).fit(X)


def log_likelihood(family, params, X):
    law = getattr(stats, family)(**params)
    return (law.logpmf if hasattr(law.dist, "pmf") else law.logpdf)(X).sum()


@pytest.mark.parametrize(("family", "data"), EVERY_CASE)
def test_mean_negative_log_likelihood_is_the_cross_entropy_from_rows(family, data):
    X, density = fitted(family, data)
    mean = -density.log_likelihood_ / len(X)
    assert cross_entropy(X, density) == pytest.approx(mean, rel=1e-13)
    assert cross_entropy(X, density) == pytest.approx(-density.score(X), rel=1e-14)
    assert cross_entropy(X, density.distributions_[0]) == pytest.approx(mean, rel=1e-12)
    assert -log_likelihood(family, density.params_[0], X) / len(X) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize(("family", "data"), EVERY_CASE)
def test_maximum_likelihood_is_least_cross_entropy(family, data):
    X, density = fitted(family, data)
    least = cross_entropy(X, density)
    (params,), (free,), (errors,) = density.params_, density.free_params_, density.standard_errors_
    for name in free:
        # where the theory has no standard error, the estimate is the data's edge: try a thousandth of its value
        size = errors[name] if np.isfinite(errors[name]) else 1e-3 * (1 + abs(params[name]))
        for step in (-1.0, -0.01, 0.01, 1.0):
            elsewhere = params | {name: params[name] + step * size}
            if name != "loc" and elsewhere[name] <= 0:
                continue
            assert -log_likelihood(family, elsewhere, X) / len(X) > least - 1e-14 * abs(least), (name, step)


@pytest.mark.parametrize(("family", "data"), EVERY_CASE)
def test_divergence_is_cross_entropy_minus_entropy(family, data):
    """For a fitted p, and the q whose last parameter is a standard error off."""
    _, density = fitted(family, data)
    (params,), (free,), (errors,) = density.params_, density.free_params_, density.standard_errors_
    name = free[-1]
    size = errors[name] if np.isfinite(errors[name]) else 0.1 * params[name]
    p = density.distributions_[0]
    q = getattr(stats, family)(**(params | {name: params[name] + size}))
    divergence = kl_divergence(p, q)
    assert divergence > 0
    assert divergence == pytest.approx(cross_entropy(p, q) - entropy(p), rel=1e-8, abs=1e-13)


def test_divergence_of_continuous_laws_from_each_other():
    laws = {f: fitted(f, CANCER)[1] for f in ("gamma", "lognorm", "invgauss", "weibull_min")}
    for p in laws.values():
        for q in laws.values():
            gap = cross_entropy(p, q) - entropy(p)
            assert kl_divergence(p, q) == pytest.approx(gap, abs=1e-10)
        assert cross_entropy(p, p) == pytest.approx(entropy(p), rel=1e-12)
        assert kl_divergence(p, p) == pytest.approx(0, abs=1e-12)


def test_divergence_of_discrete_laws_and_their_vectors():
    p, q = stats.poisson(3.0), stats.nbinom(4, 0.5)
    k = np.arange(200)
    assert entropy(p) == pytest.approx(entropy(p.pmf(k)), rel=1e-12)
    assert cross_entropy(p, q) == pytest.approx(cross_entropy(p.pmf(k), q.pmf(k)), rel=1e-12)
    assert kl_divergence(p, q) == pytest.approx(kl_divergence(p.pmf(k), q.pmf(k)), rel=1e-11)
    assert kl_divergence(p, q) == pytest.approx(cross_entropy(p, q) - entropy(p), rel=1e-11)


@pytest.mark.parametrize(
    "X", [load_wine().data, RANDOM.normal(size=(60, 3)) @ RANDOM.normal(size=(3, 3))], ids=["real", "random"]
)
def test_multivariate_normal(X):
    density = ParametricDensity("multivariate_normal").fit(X)
    p = density.distributions_[0]
    # at the maximum the mean negative log-likelihood is the law's own entropy
    assert cross_entropy(X, density) == pytest.approx(p.entropy(), rel=1e-12)
    assert entropy(density) == pytest.approx(p.entropy(), rel=1e-12)
    q = stats.multivariate_normal(p.mean + 0.1 * X.std(axis=0), 1.1 * p.cov)
    assert kl_divergence(p, q) == pytest.approx(cross_entropy(p, q) - entropy(p), rel=1e-10)


@pytest.mark.parametrize("family", ["norm", "expon", "gamma", "beta", "lognorm", "laplace", "pareto", "geom"])
def test_at_the_maximum_the_cross_entropy_is_the_entropy_of_the_law(family):
    """Where every statistic but the constant has a free coefficient its mean is matched, so H(data, q) = H(q)."""
    X, density = fitted(family, CASES[family][0])
    assert cross_entropy(X, density) == pytest.approx(entropy(density), abs=1e-6)
