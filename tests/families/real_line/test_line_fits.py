"""Fits on the line that need more than Newton's iteration: kinks, cusps, boundaries, several maxima."""

import numpy as np
import pytest
from scipy import optimize, stats

from skinfo.families import get_family
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows


def fit(name, x, **options):
    return fit_marginal(get_family(name), Rows(np.asarray(x, dtype=float)), **options)


def best_over_locs(name, x, start, locs, fixed):
    """Largest log-likelihood of the other parameters, in logarithms, for each loc tried."""
    family, free = get_family(name), [n for n in start if n not in fixed]

    def loss(u, loc):
        theta = {"loc": loc, **fixed, **dict(zip(free, np.exp(u).tolist()))}
        return -family.log_prob(x, theta).sum()

    first = np.log([start[n] for n in free])
    if not free:
        return max(-loss(first, loc) for loc in locs)
    return max(-optimize.minimize(loss, first, args=(loc,), method="Nelder-Mead").fun for loc in locs)


@pytest.mark.parametrize("fixed", [{}, {"kappa": 1.3}, {"scale": 0.8}, {"kappa": 0.7, "scale": 0.5}], ids=str)
def test_the_kink_of_an_asymmetric_laplace_law_is_the_best_data_point(fixed):
    x = stats.laplace_asymmetric(1.6, scale=0.7).rvs(60, random_state=3)
    found = fit("laplace_asymmetric", x, fixed=fixed)
    assert found.params["loc"] in x
    best = best_over_locs("laplace_asymmetric", x, {"kappa": 1.5, "scale": 0.7}, [*x, *(x[:20] + 1e-3)], fixed)
    assert found.log_likelihood >= best - 1e-7


def test_an_asymmetric_laplace_law_with_one_side_is_said_to_be_degenerate():
    with pytest.raises(ValueError, match="boundary"):
        fit("laplace_asymmetric", np.random.default_rng(0).exponential(size=50))


@pytest.mark.parametrize("beta", [0.7, 1.0, 1.4, 2.0, 6.0])
def test_the_centre_of_a_generalised_normal_law_is_where_it_is_best(beta):
    x = stats.gennorm(beta, loc=2.0).rvs(400, random_state=5)
    found = fit("gennorm", x)
    assert found.converged
    near = found.params["loc"] + np.linspace(-1, 1, 41) * found.standard_errors["loc"]
    locs = [*near, *x[np.argsort(abs(x - found.params["loc"]))[:20]]]
    best = best_over_locs("gennorm", x, {"beta": beta, "scale": 1.0}, locs, {})
    assert found.log_likelihood >= best - 1e-6


def test_a_generalised_normal_law_of_uniform_data():
    found = fit("gennorm", np.arange(50.0))
    assert not found.converged
    assert "uniform" in found.message


def test_an_extreme_value_law_of_unbounded_likelihood_is_not_claimed():
    for seed in range(5):
        x = stats.genextreme(1.5).rvs(200, random_state=seed)
        found = fit("genextreme", x)
        assert found.message or found.params["c"] < 1


def test_a_normal_inverse_gaussian_law_has_no_density_outside_its_domain():
    family = get_family("norminvgauss")
    theta = {"a": 1.0, "b": 1.0, "loc": 0.0, "scale": 1.0}
    assert family.log_prob(np.array([0.5]), theta) == -np.inf


@pytest.mark.parametrize("loc", [-6.0, 6.0])
def test_a_cauchy_law_of_fixed_scale_finds_the_higher_of_two_maxima(loc):
    rng = np.random.default_rng(1)
    x = np.concatenate([loc + rng.normal(size=70), -loc + rng.normal(size=50)])
    assert abs(fit("cauchy", x, fixed={"scale": 1.0}).params["loc"] - loc) < 1


def test_a_gumbel_law_bears_an_outlier_on_its_thin_side():
    x = np.append(np.random.default_rng(2).normal(size=100), -1e5)
    assert fit("gumbel_r", x).converged
    assert fit("gumbel_l", -x).converged
    assert fit("moyal", x).converged
