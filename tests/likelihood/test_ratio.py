"""Likelihood-ratio tests of densities, and the pairs that are refused."""

import numpy as np
import pytest
from scipy import stats

from skinfo import LogLossClassifier, ParametricDensity, likelihood_ratio_test
from skinfo.density._nested import _SPECIAL_CASES


def rows(n=300, seed=0):
    return np.random.default_rng(seed).gamma(2.0, 1.5, (n, 1))


def fit(family, X, sample_weight=None, **settings):
    return ParametricDensity(family, **settings).fit(X, sample_weight=sample_weight)


def test_exponential_within_gamma():
    X = rows()
    test = likelihood_ratio_test(fit("expon", X), fit("gamma", X))
    a, _, scale = stats.gamma.fit(X, floc=0)
    expected = 2 * (stats.gamma.logpdf(X, a, scale=scale) - stats.expon.logpdf(X, scale=X.mean())).sum()
    assert test.statistic == pytest.approx(expected, rel=1e-7)
    assert test.df == 1
    assert test.pvalue == pytest.approx(stats.chi2.sf(expected, 1), rel=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_more_fixed_parameters(weighted):
    X = rows()
    weights = np.random.default_rng(1).integers(1, 4, len(X)) if weighted else None
    test = likelihood_ratio_test(fit("gamma", X, weights, fixed={"a": 2.0}), fit("gamma", X, weights))
    assert test.df == 1
    assert test.pvalue > 0.01
    both = likelihood_ratio_test(fit("norm", np.hstack([X, X]), fixed={"loc": 3.0}), fit("norm", np.hstack([X, X])))
    assert both.df == 2


def test_jointly_normal_columns():
    X = np.random.default_rng(0).normal(size=(200, 3))
    test = likelihood_ratio_test(fit("multivariate_normal_diagonal", X), fit("multivariate_normal", X))
    assert test.df == 3
    # Wilks' statistic of independence: minus n times the log determinant of the correlations.
    assert test.statistic == pytest.approx(-200 * np.linalg.slogdet(np.corrcoef(X.T))[1], rel=1e-8)


# What a scale of the smaller family is in the larger one's, where that is not the same.
UNITS = {("levy", "invgamma"): 0.5, ("norm", "gennorm"): 2**0.5, ("rayleigh", "nakagami"): 2**0.5}
UNITS[("rayleigh", "weibull_min")] = 2**0.5


@pytest.mark.parametrize("pair", sorted(pair for pair in _SPECIAL_CASES if _SPECIAL_CASES[pair]))
def test_special_cases_are_such(pair):
    small, large = (getattr(stats, name) for name in pair)
    shapes = {name: _SPECIAL_CASES[pair].get(name, 1.7) for name in large.shapes.split(", ")}
    x, shared = np.linspace(0.3, 3.0, 7), [1.7] if small.shapes else []
    found = large.logpdf(x, **shapes, scale=UNITS.get(pair, 1.0))
    np.testing.assert_allclose(found, small.logpdf(x, *shared), rtol=1e-9, atol=1e-12)


def test_p_values_are_uniform_where_the_smaller_model_is_true():
    rng, pvalues = np.random.default_rng(0), []
    for _ in range(200):
        X = rng.exponential(size=(200, 1))
        pvalues.append(likelihood_ratio_test(fit("expon", X), fit("weibull_min", X)).pvalue)
    assert stats.kstest(pvalues, "uniform").pvalue > 1e-3


def test_what_is_not_nested_is_refused():
    X, other = rows(), rows(seed=1)
    cases = [
        (fit("gamma", X), fit("expon", X), "larger has -1 parameters more: exchange them"),
        (fit("norm", X), fit("gamma", X), "larger has 0 parameters more"),
        (fit("expon", X), fit("lognorm", X), "expon is not known to be a special case of lognorm"),
        (fit("norm", X), fit("skewnorm", X), "norm is not known to be a special case of skewnorm"),
        (fit("expon", X), fit("gamma", other), "the same rows and weights"),
        (fit("expon", X), fit("gamma", X[:200]), "the same rows and weights"),
        (fit("expon", X), fit("gamma", X, np.full(300, 2.0)), "the same rows and weights"),
        (
            fit("norm", X, fixed={"loc": 3.0, "scale": 2.0}),
            fit("norm", X, fixed={"loc": 2.0}),
            "larger fixes loc of norm",
        ),
        (fit("expon", X), fit("gamma", X, fixed={"scale": 1.0, "loc": 0.0}), "larger has 0 parameters more"),
        (fit("expon", X), fit("expon", X, fixed={"loc": None}), "loc of expon ends its support"),
    ]
    for smaller, larger, message in cases:
        with pytest.raises(ValueError, match=message):
            likelihood_ratio_test(smaller, larger)


def test_kinds():
    X = rows()
    with pytest.raises(TypeError, match="smaller must be a LogLossClassifier or a ParametricDensity"):
        likelihood_ratio_test(1, fit("gamma", X))
    with pytest.raises(TypeError, match="two of a kind"):
        likelihood_ratio_test(fit("gamma", X), LogLossClassifier(C=np.inf).fit(X, np.arange(300) % 2))
