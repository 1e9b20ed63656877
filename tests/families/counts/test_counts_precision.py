"""Laws of counts against textbook formulae of fifty digits: log probabilities, scores, and fits without a maximum."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo.families import get_family
from skinfo.likelihood import fit_marginal
from skinfo.measures import LOG, LOG_SQUARE, Rows


def _log_binomial(n, x):
    return mpmath.loggamma(n + 1) - mpmath.loggamma(x + 1) - mpmath.loggamma(n - x + 1)


def _log_beta(a, b):
    return mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)


def _log_nbinom(x, n, p):
    rising = mpmath.loggamma(x + n) - mpmath.loggamma(n) - mpmath.loggamma(x + 1)
    return rising + n * mpmath.log(p) + x * mpmath.log1p(-p)


def _log_poisson(x, mu):
    return x * mpmath.log(mu) - mu - mpmath.loggamma(x + 1)


def _inflated(log_probability):
    def density(x, *shapes):
        *rest, pi = shapes
        return mpmath.log((pi if x == 0 else 0) + (1 - pi) * mpmath.exp(log_probability(x, *rest)))

    return density


def _log_skellam(x, mu1, mu2):
    bessel = mpmath.besseli(abs(x), 2 * mpmath.sqrt(mu1 * mu2))
    return -(mu1 + mu2) + x / 2 * mpmath.log(mu1 / mu2) + mpmath.log(bessel)


DENSITIES = {
    "bernoulli": lambda x, p: mpmath.log(p) if x else mpmath.log1p(-p),
    "betabinom": lambda x, n, a, b: _log_binomial(n, x) + _log_beta(x + a, n - x + b) - _log_beta(a, b),
    "binom": lambda x, n, p: _log_binomial(n, x) + x * mpmath.log(p) + (n - x) * mpmath.log1p(-p),
    "logser": lambda x, p: x * mpmath.log(p) - mpmath.log(x) - mpmath.log(-mpmath.log1p(-p)),
    "nbinom": _log_nbinom,
    "skellam": _log_skellam,
    "zero_inflated_nbinom": _inflated(_log_nbinom),
    "zero_inflated_poisson": _inflated(_log_poisson),
    "zipf": lambda x, a: -a * mpmath.log(x) - mpmath.log(mpmath.zeta(a)),
}
CASES = [
    ("bernoulli", (0.3,), (0, 1)),
    ("bernoulli", (1e-12,), (0, 1)),
    ("bernoulli", (1 - 1e-10,), (0, 1)),
    ("betabinom", (12, 2.5, 4.0), (0, 4, 11, 12)),
    ("betabinom", (5, 0.05, 0.2), (0, 1, 4, 5)),
    ("betabinom", (400, 3000.0, 0.7), (133, 399, 400)),
    ("betabinom", (50, 1e-6, 1e-3), (0, 16, 50)),
    ("betabinom", (50, 1e7, 3e7), (0, 12, 50)),
    ("binom", (12, 0.3), (0, 3, 12)),
    ("binom", (1000, 0.9), (0, 901, 1000)),
    ("binom", (3000, 1e-6), (0, 1, 2999)),
    ("logser", (0.6,), (1, 3, 1000)),
    ("logser", (1e-3,), (1, 2, 30)),
    ("logser", (0.999999,), (1, 72000, 10_000_000)),
    ("nbinom", (2.5, 0.3), (0, 6, 1000)),
    ("nbinom", (0.05, 0.01), (0, 1, 5000)),
    ("nbinom", (3e5, 0.99999), (0, 3, 50)),
    ("skellam", (3.0, 2.0), (-40, -1, 0, 1, 60)),
    ("skellam", (0.02, 0.5), (-39, 0, 1, 40)),
    ("skellam", (300.0, 40.0), (-1, 0, 40, 262, 700)),
    ("skellam", (2000.0, 2500.0), (-3000, -501, -432, 0, 100)),
    ("skellam", (1e5, 1e3), (0, 98682, 110_000)),
    ("skellam", (30.0, 1e-3), (0, 29, 90)),
    ("skellam", (1e-8, 1e-3), (-3, 0, 2)),
    ("zero_inflated_nbinom", (4.0, 0.4, 0.3), (0, 6, 1000)),
    ("zero_inflated_nbinom", (0.5, 0.05, 0.2), (0, 3, 1000)),
    ("zero_inflated_nbinom", (1e-3, 0.2, 0.1), (0, 1, 40)),
    ("zero_inflated_poisson", (3.0, 0.4), (0, 3, 100)),
    ("zero_inflated_poisson", (2.0, 1e-8), (0, 1, 10)),
    ("zero_inflated_poisson", (1000.0, 0.9), (0, 1001, 3000)),
    *(("zipf", (a,), (1, 2, 3, 1000, 10**12)) for a in (1.0001, 1.05, 2.0, 3.7, 20.0, 50.0)),
]


def _margin(family, name, value):
    """Distance to the nearest end of a parameter's domain."""
    return {"unit": min(value, 1 - value), "above_one": value - 1}.get(family.domain(name), value)


@pytest.mark.parametrize(
    ("name", "shapes", "values"), CASES, ids=lambda v: str(v) if isinstance(v, str | tuple) else None
)
def test_log_probabilities_and_scores(name, shapes, values):
    family, density = get_family(name), DENSITIES[name]
    theta = dict(zip(family.shapes, map(float, shapes))) | {"loc": 0.0}
    with mpmath.workdps(50):
        for x in values:
            exact = [mpf(v) for v in shapes]
            # what is added up may be larger than the sum
            size = (10 + sum(v * mpmath.log1p(v) for v in shapes if name != "skellam")) * 1e-16
            found = family.log_prob(np.array([float(x)]), theta)[0]
            expected = density(mpf(x), *exact)
            assert abs(found - expected) <= 1e-12 * abs(expected) + size, (x, found)
            for i, shape in enumerate(family.shapes):
                if family.domain(shape) == "integer":
                    continue
                step = _margin(family, shape, exact[i]) * mpf(10) ** -15
                up, down = ([v + s * step * (i == j) for j, v in enumerate(exact)] for s in (1, -1))
                score = (density(mpf(x), *up) - density(mpf(x), *down)) / (2 * step)
                (found,) = family.mean_score(Rows(np.array([float(x)])), theta, (shape,))
                # next to the value whose score is zero, to the same part of the information's unit
                unit = 1e-15 / float(_margin(family, shape, exact[i]))
                assert abs(found - score) <= 1e-12 * abs(score) + unit, (shape, x, found, float(score))


def test_skellam_of_large_means_is_a_law():
    k = np.arange(-200_000, 200_001.0)
    for mu1, mu2 in ((1e8, 1e8), (3e7, 5e6)):
        log_prob = get_family("skellam").log_prob(k + (mu1 - mu2), {"mu1": mu1, "mu2": mu2, "loc": 0.0})
        assert_allclose(np.exp(log_prob).sum(), 1, rtol=1e-13)


@pytest.mark.parametrize("a", [1.0001, 1.3, 2.0, 4.5, 30.0])
def test_zeta_law_mean_logarithms(a):
    family = get_family("zipf")
    with mpmath.workdps(40):
        zeta = mpmath.zeta(mpf(a))
        assert_allclose(family.expectation(LOG, {"a": a}), float(-mpmath.zeta(mpf(a), 1, 1) / zeta), rtol=1e-13)
        assert_allclose(family.expectation(LOG_SQUARE, {"a": a}), float(mpmath.zeta(mpf(a), 1, 2) / zeta), rtol=1e-13)


# --- laws that SciPy does not have


@pytest.mark.parametrize("name", ["zero_inflated_poisson", "zero_inflated_nbinom"])
def test_zero_inflated_distributions(name):
    for theta in get_family(name).examples:
        law = get_family(name).distribution(**theta)
        shapes = {n: v for n, v in theta.items() if n not in ("pi", "loc")}
        base = law.dist.law(**shapes)
        k = np.arange(base.ppf(0.9999) + 20) + theta.get("loc", 0)
        assert_allclose(np.exp(law.logpmf(k)), law.pmf(k), rtol=1e-11, atol=1e-300)
        assert_allclose(np.cumsum(law.pmf(k)), law.cdf(k), rtol=1e-11)
        assert_allclose(law.sf(k), 1 - law.cdf(k), atol=1e-14)
        assert (law.ppf(law.cdf(k)[:5] - 1e-14) == k[:5])[law.pmf(k)[:5] > 1e-10].all()
        wide = np.arange(base.ppf(1 - 1e-14) * 4 + 100) + theta.get("loc", 0)
        mean = (wide * law.pmf(wide)).sum()
        moments = [(law.pmf(wide) * (wide - mean) ** j).sum() for j in (2, 3, 4)]
        expected = mean, moments[0], moments[1] / moments[0] ** 1.5, moments[2] / moments[0] ** 2 - 3
        assert_allclose(law.stats(moments="mvsk"), expected, rtol=1e-8)
        draws = law.rvs(20_000, random_state=0)
        assert abs(draws.mean() - mean) < 5 * law.std() / math.sqrt(20_000)
        assert np.isnan(law.dist(**{**theta, "pi": 1.0}).pmf(0))


# --- where the maximum is


def _fit(name, x, **options):
    return fit_marginal(get_family(name), Rows(np.asarray(x, dtype=float)), **options)


@pytest.mark.parametrize(
    ("name", "x", "fixed", "message"),
    [
        ("bernoulli", [1, 1], None, "boundary of its parameters: p would be 1"),
        ("bernoulli", [1, 2], None, r"contains 2, outside the support \[0, 1\] of bernoulli"),
        ("binom", [1, 2], None, r"n of binom is an integer and is not estimated: give it"),
        (
            "binom",
            [1, 7],
            {"n": 5, "loc": 0},
            "contain 7, more than the n=5 trials of binom with loc=0; give a larger n",
        ),
        ("binom", [0, 0], {"n": 5, "loc": 0}, "p would be 0"),
        ("betabinom", [1, 7], {"n": 5, "loc": 0}, "contain 7, more than the n=5 trials of betabinom"),
        (
            "betabinom",
            [0, 5, 5],
            {"n": 5, "loc": 0},
            "are 0 or n=5 only: the likelihood of betabinom increases as a, b -> 0",
        ),
        ("betabinom", [0, 1, 1], {"n": 1, "loc": 0}, "n=1 trial has one parameter"),
        ("logser", [1, 1], None, "boundary of its parameters"),
        ("zipf", [1, 1], None, "boundary of its parameters"),
        ("zipf", [0, 1], None, r"contains 0, outside the support \[1, inf\) of zipf"),
    ],
)
def test_counts_without_a_maximum(name, x, fixed, message):
    with pytest.raises(ValueError, match=message):
        _fit(name, x, given=fixed)


@pytest.mark.parametrize(
    ("name", "x", "fixed", "message"),
    [
        ("betabinom", [3, 4, 4, 5], {"n": 8, "loc": 0}, "-> inf, where the law is binom"),
        ("skellam", [3, 4, 4, 5], None, "mu2 -> 0, where the law is poisson: use family='poisson'"),
        ("skellam", [-3, -4, -4, -5], None, "still increases as mu1 -> 0"),
        ("zero_inflated_poisson", [0, 2, 1, 4, 1], None, "pi -> 0, where the law is poisson"),
        ("zero_inflated_nbinom", [0, 0, 0, 0, 2, 3, 2, 4], None, "n -> inf, where the law is zero_inflated_poisson"),
        ("zero_inflated_nbinom", [0, 1, 1, 4, 1, 9, 2], None, "pi -> 0, where the law is nbinom"),
    ],
)
def test_counts_whose_best_law_is_a_simpler_one(name, x, fixed, message):
    found = _fit(name, x, given=fixed)
    assert not found.converged
    assert message in found.message


def test_closed_forms():
    x = np.array([0, 3, 2, 5, 1, 0, 4])
    found = _fit("binom", x, given={"n": 6, "loc": 0})
    p = x.mean() / 6
    assert_allclose(found.params["p"], p, rtol=1e-14)
    assert_allclose(found.standard_errors["p"], math.sqrt(p * (1 - p) / 42), rtol=1e-14)
    assert_allclose(found.log_likelihood, stats.binom(6, p).logpmf(x).sum(), rtol=1e-13)
    assert found.converged
    found = _fit("zero_inflated_poisson", [0, 0, 0, 0, 0, 2, 3, 1, 4])
    assert found.n_iter <= 1  # the start is the maximum
