"""Reading of frozen distributions: once for each object, without keeping it alive, and again if it is changed."""

import gc
import warnings
import weakref

import numpy as np
import pytest
from scipy import stats

from skinfo import entropy, kl_divergence
from skinfo.information._laws import _READ, as_law


def test_a_frozen_law_is_read_once():
    law = stats.gamma(2.5, scale=3.0)
    assert as_law(law, "p") is as_law(law, "p")
    assert as_law(law, "p") is not as_law(stats.gamma(2.5, scale=3.0), "p")


def test_a_law_that_is_changed_is_read_again():
    law = stats.gamma(2.5, scale=3.0)
    before = kl_divergence(law, stats.expon())
    law.kwds["scale"] = 4.0
    assert kl_divergence(law, stats.expon()) == kl_divergence(stats.gamma(2.5, scale=4.0), stats.expon()) != before


def test_laws_are_not_kept_alive():
    law = stats.gamma(2.5)
    entropy(law)
    kl_divergence(law, stats.lognorm(0.5))
    seen, known = weakref.ref(law), len(_READ)
    del law
    gc.collect()
    assert seen() is None
    assert len(_READ) < known


def test_what_is_remembered_of_a_law_does_not_grow():
    law = stats.norm()
    for centre in np.linspace(-3, 3, 300):
        kl_divergence(law, stats.laplace(centre))
    assert len(as_law(law, "p").known) < 100


def test_warnings_are_not_remembered():
    class Rough(stats.rv_continuous):
        def _logpdf(self, x):
            return np.where(np.sin(x * 1e13) > 0, 0.0, np.log(0.5)) - np.log(0.75)

        def _ppf(self, u):
            return u

    law = Rough(a=0, b=1)()
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="did not converge"):
            entropy(law)


def test_circular_laws():
    """An angle is a location; SciPy's law repeats itself, and its entropy does not depend on the angle."""
    p, q = stats.vonmises(2.0, loc=0.5), stats.vonmises(3.0, loc=6.0)
    assert entropy(p) == pytest.approx(stats.vonmises(2.0).entropy(), rel=1e-12)
    assert kl_divergence(p, q) == pytest.approx(
        kl_divergence(stats.vonmises(2.0), stats.vonmises(3.0, loc=5.5)), rel=1e-12
    )
    flat = stats.uniform(-np.pi, 2 * np.pi)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kl_divergence(p, flat) == pytest.approx(np.log(2 * np.pi) - entropy(p), rel=1e-11)
        small = stats.vonmises(1e-6, loc=2.0)  # where the closed form cancels
        assert kl_divergence(small, flat) == pytest.approx(2.5e-13, rel=1e-3)
    around = stats.vonmises_fisher([np.cos(0.5), np.sin(0.5)], 2.0)
    other = stats.vonmises_fisher([np.cos(6.0), np.sin(6.0)], 3.0)
    assert kl_divergence(p, q) == pytest.approx(kl_divergence(around, other), rel=1e-12)
    assert kl_divergence(stats.norm(), p) == np.inf  # beyond one turn
