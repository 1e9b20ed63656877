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
    found = fit("laplace_asymmetric", x, given=fixed)
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
        try:
            found = fit("genextreme", x)
            message = found.message or (found.params["c"] < 1 and "a maximum of the regular kind")
        except ValueError as error:
            message = str(error)
        assert message


def test_a_normal_inverse_gaussian_law_has_no_density_outside_its_domain():
    family = get_family("norminvgauss")
    theta = {"a": 1.0, "b": 1.0, "loc": 0.0, "scale": 1.0}
    assert family.log_prob(np.array([0.5]), theta) == -np.inf


@pytest.mark.parametrize("loc", [-6.0, 6.0])
def test_a_cauchy_law_of_fixed_scale_finds_the_higher_of_two_maxima(loc):
    rng = np.random.default_rng(1)
    x = np.concatenate([loc + rng.normal(size=70), -loc + rng.normal(size=50)])
    assert abs(fit("cauchy", x, given={"scale": 1.0}).params["loc"] - loc) < 1


def test_a_gumbel_law_bears_an_outlier_on_its_thin_side():
    x = np.append(np.random.default_rng(2).normal(size=100), -1e5)
    assert fit("gumbel_r", x).converged
    assert fit("gumbel_l", -x).converged
    assert fit("moyal", x).converged


@pytest.mark.parametrize("given", [{}, {"kappa": 1.3}, {"scale": 0.8}, {"kappa": 0.7, "scale": 0.5}], ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_kink_among_many_rows_is_the_one_that_sorting_all_of_them_finds(given, weighted):
    rng = np.random.default_rng(4)
    family = get_family("laplace_asymmetric")
    for x in (rng.laplace(size=20_000), rng.standard_cauchy(size=9000), rng.poisson(3, size=9000) * 1.0):
        weights = rng.exponential(size=len(x)) if weighted else None
        every = np.sort(x)[:: len(x) // 50]
        rows = Rows(x, weights)
        loc = family.edges(rows, given)["loc"].value
        assert loc in x

        def loss(loc, rows=rows):
            above, below = rows.expect(lambda y: (np.maximum(y - loc, 0), np.maximum(loc - y, 0)))
            kappa, scale = given.get("kappa"), given.get("scale")
            if kappa:
                return kappa * above + below / kappa
            if not scale:
                return np.sqrt(above) + np.sqrt(below)
            k = np.exp(np.linspace(-15, 15, 60_001))
            return (np.log(k + 1 / k) + (k * above + below / k) / scale).min()

        near = x[np.argsort(abs(x - loc))[:20]]
        assert loss(loc) <= min(loss(other) for other in [*every, *near]) * (1 + 1e-6)


def test_the_centre_and_shape_among_many_rows_leave_no_slope():
    x = np.random.default_rng(6).gumbel(size=30_000)
    found = fit("gennorm", x)
    beta, z = found.params["beta"], (x - found.params["loc"]) / found.params["scale"]
    slopes = beta * np.sign(z) * abs(z) ** (beta - 1)
    assert abs(slopes.mean()) < 1e-6 * slopes.std() / np.sqrt(len(x))
    assert found.newton_decrement < 1e-6


def test_a_johnson_su_law_of_gamma_values_is_seen_to_be_log_normal():
    x = np.random.default_rng(0).gamma(2.5, size=20_000)
    found = fit("johnsonsu", x)
    assert found.limit == "lognorm"
    skewed = np.abs(np.random.default_rng(0).normal(size=20_000)) * 3 + np.random.default_rng(1).normal(size=20_000)
    inside = fit("johnsonsu", skewed)
    assert inside.log_likelihood >= fit("lognorm", skewed, given={}).log_likelihood - 0.1
