"""Fits of families that are known by their density alone: kinks, edges, limits, units, time."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.optimize import brentq

from skinfo.families import get_family
from skinfo.families._generic import generic_family
from skinfo.likelihood import _numerical as numerical
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows


def fit(distribution, x, given=None, weights=None):
    return fit_marginal(get_family(distribution), Rows(np.asarray(x, dtype=float), weights), given=given)


def test_what_probes_tell_of_a_density():
    assert generic_family(stats.loglaplace).kinks == (1.0,)
    assert generic_family(stats.dgamma).kinks == (0.0,)
    assert generic_family(stats.trapezoid).kinks == ("c", "d")
    assert generic_family(stats.halfgennorm).smooth
    pareto = generic_family(stats.truncpareto)
    assert pareto.shapes["c"] == "highest"
    assert pareto.ends(b=1.0, c=4.0) == (1.0, 4.0)
    assert generic_family(stats.levy_stable).in_domain("alpha", 2.0)
    assert not generic_family(stats.skewcauchy).in_domain("a", -1.0)


@pytest.mark.parametrize("unit", [1e-5, 1e5])
@pytest.mark.parametrize(
    ("name", "shapes"), [("geninvgauss", (2.3, 1.5)), ("weibull_max", (2.9,)), ("loggamma", (0.4,))]
)
def test_units_do_not_matter(name, shapes, unit):
    x = getattr(stats, name)(*shapes).rvs(150, random_state=7)
    one, other = fit(name, x), fit(name, unit * x)
    assert one.converged
    assert other.converged
    assert_allclose(other.log_likelihood, one.log_likelihood - 150 * math.log(unit), rtol=1e-10)
    for parameter in one.free:
        factor = unit if parameter in ("loc", "scale") else 1.0
        error = one.standard_errors[parameter]
        assert abs(other.params[parameter] / factor - one.params[parameter]) < 1e-4 * error
        assert_allclose(other.standard_errors[parameter] / factor, error, rtol=1e-3)


def test_truncated_pareto_ends_at_the_extremes():
    """Aban, Meerschaert and Panorska (2006), equation 6."""
    t = stats.truncpareto(0.5, 100, scale=0.1).rvs(300, random_state=0)
    r = t.min() / t.max()
    slope = lambda b: 300 / b + 300 * r**b * math.log(r) / (1 - r**b) - np.log(t / t.min()).sum()  # noqa: E731
    found = fit("truncpareto", t)
    assert found.converged
    assert_allclose(found.params["b"], brentq(slope, 0.01, 5), rtol=1e-7)
    assert_allclose(found.params["scale"], t.min(), rtol=1e-9)
    assert_allclose(found.params["scale"] * found.params["c"], t.max(), rtol=1e-9)
    assert math.isnan(found.standard_errors["scale"])


def test_a_kink_sits_on_a_value():
    x = stats.loglaplace(3.2).rvs(101, random_state=1)
    found = fit("loglaplace", x)
    assert found.converged
    assert_allclose(found.params["scale"], np.median(x), rtol=1e-12)
    assert_allclose(found.params["c"], 1 / np.abs(np.log(x / np.median(x))).mean(), rtol=1e-6)


def test_the_best_gap_for_a_hole():
    x = stats.dgamma(2.5, loc=1.0, scale=2.0).rvs(60, random_state=3)
    found = fit("dgamma", x)
    assert found.converged
    s = np.sort(x)

    def best_given(loc):
        y = np.abs(x - loc)
        shape, _, scale = stats.gamma.fit(y, floc=0)
        return stats.gamma(shape, scale=scale).logpdf(y).sum() - 60 * math.log(2)

    grid = (s[1:, None] + np.linspace(0.1, 0.9, 3) * (s[:-1] - s[1:])[:, None]).ravel()
    assert found.log_likelihood >= max(map(best_given, grid)) - 1e-9


def test_an_edge_that_belongs_to_the_parameters():
    x = np.abs(stats.cauchy().rvs(100, random_state=2))
    found = fit("foldcauchy", x)
    half = fit("halfcauchy", x)
    assert found.converged
    assert found.log_likelihood >= half.log_likelihood - 1e-9
    if found.params["c"] == 0:
        assert math.isnan(found.standard_errors["c"])


def test_a_given_width_leaves_little_room():
    x = 1e5 * stats.semicircular().rvs(200, random_state=2)
    found = fit("semicircular", x, given={"scale": 1e5})
    assert found.converged
    assert found.log_likelihood >= stats.semicircular(scale=1e5).logpdf(x).sum()


def test_what_the_data_do_not_determine_is_named():
    """Where the tail of crystalball starts beyond the data."""
    x = stats.norm().rvs(200, random_state=5)
    found = fit("crystalball", x)
    assert not found.converged
    assert "X does not determine" in found.message
    assert_allclose(found.log_likelihood, fit("norm", x).log_likelihood, rtol=1e-8)


def test_a_limit_is_said():
    found = fit("ncx2", stats.ncx2(0.01, 20).rvs(100, random_state=1) + 1e-3)
    assert found.converged or "still increases as df -> 0" in found.message


def test_a_slow_density_ends_with_the_best_found(monkeypatch):
    monkeypatch.setattr(numerical, "SECONDS", 1.0)
    x = stats.levy_stable(1.6, 0).rvs(60, random_state=3)
    found = fit("levy_stable", x)
    assert not found.converged
    assert "was ended after 1 s at the best parameters found" in found.message
    assert_allclose(found.log_likelihood, found.log_prob(x).sum(), rtol=1e-9)


def test_a_density_of_a_user():
    class Own(stats.rv_continuous):
        def _logpdf(self, x, k):
            return np.log(k) + (k - 1) * np.log(x) - x**k

    own = Own(a=0.0, name="own", shapes="k")
    x = stats.weibull_min(1.7).rvs(150, random_state=1)
    found, expected = fit(own, x, given={"loc": 0.0}), fit("weibull_min", x)
    assert found.converged
    assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=1e-9)


def test_weights_are_frequencies():
    x = stats.genhalflogistic(0.8).rvs(60, random_state=1)
    counts = np.random.default_rng(0).integers(1, 4, 60)
    weighted, repeated = (
        fit("genhalflogistic", x, weights=counts.astype(float)),
        fit("genhalflogistic", np.repeat(x, counts)),
    )
    assert_allclose(weighted.log_likelihood, repeated.log_likelihood, rtol=1e-9)
