"""Divergences of laws of integers by summation, against sums at forty digits."""

import math

import mpmath as mp
import pytest
from mpmath import loggamma, mpf
from numpy.testing import assert_allclose
from scipy import stats

from skinfo import entropy, kl_divergence


def poisson(m):
    m = mpf(m)
    return lambda k: k * mp.log(m) - m - loggamma(k + 1)


def nbinom(n, p):
    n, p = mpf(n), mpf(p)
    return lambda k: loggamma(n + k) - loggamma(n) - loggamma(k + 1) + n * mp.log(p) + k * mp.log(1 - p)


def binom(n, p):
    p = mpf(p)
    return lambda k: mp.log(mp.binomial(n, k)) + k * mp.log(p) + (n - k) * mp.log(1 - p)


def geom(p):
    p = mpf(p)
    return lambda k: mp.log(p) + (k - 1) * mp.log(1 - p)


def logser(p):
    p = mpf(p)
    return lambda k: k * mp.log(p) - mp.log(k) - mp.log(-mp.log(1 - p))


def zipf(a):
    a = mpf(a)
    height = mp.log(mp.zeta(a))
    return lambda k: -a * mp.log(k) - height


TEXTBOOK = {"poisson": poisson, "nbinom": nbinom, "binom": binom, "geom": geom, "logser": logser, "zipf": zipf}


@pytest.mark.parametrize(
    ("p", "q", "support"),
    [
        (("poisson", 20.0), ("nbinom", 30.0, 0.6), (0, 200)),
        (("nbinom", 2.5, 0.3), ("nbinom", 4.0, 0.35), (0, 400)),
        (("nbinom", 2.5, 0.3), ("poisson", 5.0), (0, 400)),
        (("binom", 50, 0.3), ("poisson", 15.0), (0, 51)),
        (("binom", 50, 0.3), ("nbinom", 15.0, 0.5), (0, 51)),
        (("geom", 0.2), ("logser", 0.9), (1, 500)),
        (("geom", 0.2), ("zipf", 1.5), (1, 500)),
        (("logser", 0.8), ("zipf", 2.5), (1, 500)),
        (("geom", 0.2), ("poisson", 3.0), (1, 500)),
    ],
    ids=lambda law: str(law[0]),
)
def test_against_sums_term_by_term(p, q, support):
    with mp.workdps(40):
        log_p, log_q = (TEXTBOOK[name](*v) for name, *v in (p, q))
        terms = [mp.exp(log_p(k)) * (log_p(k) - log_q(k)) for k in range(*support)]
        exact = float(mp.fsum(terms))
    law, other = (getattr(stats, name)(*v) for name, *v in (p, q))
    assert_allclose(kl_divergence(law, other), exact, rtol=1e-12)


def test_millions_of_terms():
    """A variance 1 % larger costs a quarter of 1e-4, in the normal limit."""
    value = kl_divergence(stats.poisson(1e6), stats.nbinom(1e8, 1e8 / 1.01e8))
    assert_allclose(value, (math.log(1.01) + 1 / 1.01 - 1) / 2, rtol=1e-3)
    assert_allclose(
        entropy(stats.nbinom(1e6, 1e-3)), 0.5 * math.log(2 * math.pi * math.e * 1e6 * 0.999 / 1e-6), rtol=1e-7
    )


def test_tails_that_have_no_mean():
    assert kl_divergence(stats.zipf(1.5), stats.geom(0.3)) == math.inf
    assert kl_divergence(stats.zipf(3.5), stats.logser(0.999)) < math.inf
    assert kl_divergence(stats.poisson(3), stats.geom(0.3)) == math.inf  # 0 is outside
