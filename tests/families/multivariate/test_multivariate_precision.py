"""Laws of vectors against textbook formulae of forty digits, and what every one of them promises of its fit."""

import math
import pickle

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from skinfo import ParametricDensity
from skinfo.families import get_family, registered_families
from skinfo.families.multivariate._dirichlet import _denominator
from skinfo.families.multivariate._vonmises_fisher import _log_height
from skinfo.likelihood import fit_joint
from skinfo.measures import Rows
from skinfo.utils._bessel import bessel_ratio

SHAPE = np.array([[2.0, 0.7, -0.3], [0.7, 1.0, 0.2], [-0.3, 0.2, 0.5]])
EXAMPLES = {  # more than one column; ordinary ones first
    "multivariate_normal": [{"mean": [1.0, 2.0, 3.0], "cov": SHAPE}, {"mean": [1e3, 0.0], "cov": np.diag([1e-8, 1e6])}],
    "multivariate_normal_diagonal": [{"mean": [1.0, 2.0, 3.0], "cov": np.diag([1.0, 2.0, 3.0])}],
    "multivariate_t": [
        {"loc": [1.0, 2.0, 3.0], "shape": SHAPE, "df": 4.0},
        {"loc": [0.0, 0.0, 0.0], "shape": SHAPE, "df": 0.3},
        {"loc": [5.0, 0.0, 0.0], "shape": SHAPE * 1e-6, "df": 3e5},
    ],
    "dirichlet": [{"alpha": [1.0, 2.0, 3.0]}, {"alpha": [0.1, 0.02, 0.5, 1.0]}, {"alpha": [1e6, 2e6, 5e5]}],
    "multinomial": [{"n": 7, "p": [0.2, 0.3, 0.5]}, {"n": 10_000, "p": [0.01, 0.98, 0.01]}],
    "vonmises_fisher": [
        {"mu": [0.6, 0.0, 0.8], "kappa": 5.0},
        {"mu": [0.0, 1.0], "kappa": 0.5},
        {"mu": [0.0, 0.0, 0.0, 1.0], "kappa": 1e6},
    ],
}
JOINT = [name for name in registered_families() if get_family(name).joint]
CASES = [(name, i) for name in JOINT for i in range(len(EXAMPLES[name]))]


def draw(name, n, i=0, seed=0):
    family, theta = get_family(name), {k: np.asarray(v) for k, v in EXAMPLES[name][i].items()}
    x = family.freeze(theta).rvs(n, random_state=seed).astype(np.float64)
    return family, {k: np.asarray(v, dtype=np.float64) for k, v in theta.items()}, x


def fit(name, x, weights=None, **options):
    return fit_joint(get_family(name), Rows(np.asarray(x, dtype=float), weights), **options)


# --- log probabilities


def _log_det_and_distance(matrix, d):
    m = mpmath.matrix(matrix.tolist())
    solved = mpmath.lu_solve(m, mpmath.matrix(d))
    return mpmath.log(mpmath.det(m)), mpmath.fsum(a * b for a, b in zip(d, solved))


def _normal(x, mean, cov):
    log_det, distance = _log_det_and_distance(cov, [a - mpf(float(b)) for a, b in zip(x, mean)])
    return -(len(x) * mpmath.log(2 * mpmath.pi) + log_det + distance) / 2


def _student(x, loc, shape, df):
    log_det, distance = _log_det_and_distance(shape, [a - mpf(float(b)) for a, b in zip(x, loc)])
    df, p = mpf(float(df)), len(x)
    constant = mpmath.loggamma((df + p) / 2) - mpmath.loggamma(df / 2) - p * mpmath.log(df * mpmath.pi) / 2
    return constant - log_det / 2 - (df + p) / 2 * mpmath.log1p(distance / df)


def _dirichlet(x, alpha):
    alpha = [mpf(float(a)) for a in alpha]
    total = mpmath.fsum(x)  # of which doubles leave 1e-16
    value = mpmath.loggamma(mpmath.fsum(alpha)) - mpmath.fsum(map(mpmath.loggamma, alpha))
    return value + mpmath.fsum((a - 1) * mpmath.log(v / total) for a, v in zip(alpha, x))


def _multinomial(x, n, p):
    value = mpmath.loggamma(mpf(float(n)) + 1)
    return value + mpmath.fsum(v * mpmath.log(mpf(float(q))) - mpmath.loggamma(v + 1) for v, q in zip(x, p))


def _directions(x, mu, kappa):
    norms = [mpmath.sqrt(mpmath.fsum(v * v for v in u)) for u in (x, list(map(mpf, map(float, mu))))]
    cosine = mpmath.fsum(v * mpf(float(m)) for v, m in zip(x, mu)) / norms[0] / norms[1]
    kappa, nu = mpf(float(kappa)), mpf(len(x)) / 2 - 1
    bessel = mpmath.besseli(nu, kappa, maxterms=10**6)
    return nu * mpmath.log(kappa) - (nu + 1) * mpmath.log(2 * mpmath.pi) - mpmath.log(bessel) + kappa * cosine


FORMULAE = {
    "multivariate_normal": _normal,
    "multivariate_normal_diagonal": _normal,
    "multivariate_t": _student,
    "dirichlet": _dirichlet,
    "multinomial": _multinomial,
    "vonmises_fisher": _directions,
}


@pytest.mark.parametrize(("name", "i"), CASES)
def test_log_probabilities(name, i):
    family, theta, x = draw(name, 4, i)
    if "loc" in theta:
        x = np.vstack([x, x[:1] * 1e6])
    found = family.log_prob(x, theta)
    # counts of 10,000 draws: log gamma functions of 1e5 are added up
    allowed = 1e-10 if name == "multinomial" else 1e-12
    with mpmath.workdps(40):
        for row, value in zip(x, found):
            expected = FORMULAE[name]([mpf(float(v)) for v in row], *theta.values())
            assert abs(value - expected) <= allowed * (1 + abs(expected))
    if (name, i) != ("vonmises_fisher", 2):
        law = family.freeze(theta)
        reference = (law.logpmf if name == "multinomial" else law.logpdf)(x.T if name == "dirichlet" else x)
        assert_allclose(found, reference, rtol=1e-7)


@pytest.mark.parametrize("p", [2, 3, 7, 50, 81, 1000])
@pytest.mark.parametrize("kappa", [1e-8, 0.5, 20.0, 39.9, 40.1, 3e2, 1e6])
def test_bessel_functions_of_directions(p, kappa):
    with mpmath.workdps(40):
        nu, k = mpf(p) / 2 - 1, mpf(kappa)
        low, high = (mpmath.besseli(nu + j, k, maxterms=10**6) for j in (0, 1))
        height = nu * mpmath.log(k) + k - p * mpmath.log(2 * mpmath.pi) / 2 - mpmath.log(low)
        assert abs(_log_height(kappa, p) - height) <= 1e-14 * (1 + abs(height))
        ratio = high / low
        gap, _, slope = bessel_ratio(p / 2 - 1, kappa)
        assert abs(gap - (1 - ratio)) <= 2e-14 * (1 - ratio)
        assert abs(slope - (1 - ratio**2 - (p - 1) * ratio / k)) <= 1e-8 * slope  # a difference: kappa digits of it


@pytest.mark.parametrize("alpha", [[0.01, 0.02], [1, 2, 3], [30, 0.5, 1e3], [19.9, 20.1], [1e10, 1e9, 3]])
def test_the_determinant_of_dirichlet_information(alpha):
    with mpmath.workdps(40):
        exact = 1 / mpmath.polygamma(1, mpmath.fsum(map(mpf, alpha)))
        exact -= mpmath.fsum(1 / mpmath.polygamma(1, mpf(a)) for a in alpha)
        assert abs(_denominator(np.array(alpha, dtype=float)) / exact - 1) < 1e-12


@pytest.mark.parametrize(
    ("name", "outside"),
    [
        ("dirichlet", [[0.5, 0.5, 0.5], [0.5, 0.5, 0.0], [1.2, -0.1, -0.1]]),
        ("multinomial", [[1, 2, 3], [8, -1, 0], [0.5, 0.5, 6]]),
        ("vonmises_fisher", [[1, 1, 0], [0, 0, 0]]),
    ],
)
def test_outside_the_support(name, outside):
    family, theta, _ = draw(name, 1)
    assert (family.log_prob(np.array(outside, dtype=float), theta) == -np.inf).all()


# --- fits


def _scores(family, x, theta, free):
    """Derivatives of the mean log-likelihood at the estimates along ordinary directions, which are all zero there."""
    random = np.random.default_rng(3)
    for _ in range(5):
        move = {}
        for name in free:
            value = theta[name]
            d = random.normal(size=value.shape) * (np.abs(value).max() * 1e-4)
            if name in ("shape", "cov"):
                root = np.linalg.cholesky(value)
                d = root @ (lambda a: (a + a.T) * 1e-4)(random.normal(size=value.shape)) @ root.T
                d = np.diag(np.diag(d)) if "diagonal" in family.name else d
            if name == "alpha":
                d = value * random.normal(size=value.shape) * 1e-4
            if name == "p":
                d = d * value
                d -= value * d.sum()
            if name == "mu":
                d -= value * (d @ value)
            move[name] = d

        def value(t, move=move):
            at = theta | {n: theta[n] + t * move[n] for n in move}
            if "mu" in move:
                at["mu"] = at["mu"] / np.linalg.norm(at["mu"])
            return family.log_prob(x, at).mean()

        yield (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / 12, 2 * value(0) - value(1) - value(-1)


@pytest.mark.parametrize(("name", "i"), CASES)
def test_the_estimates_are_a_maximum(name, i):
    family, theta, x = draw(name, 400, i)
    found = fit(name, x)
    if (name, i) == ("multivariate_t", 2) and not found.converged:
        assert "df -> inf, where the distribution is multivariate_normal" in found.message
        return
    assert found.converged
    assert found.newton_decrement <= 1e-6
    assert found.log_likelihood >= family.log_prob(x, theta).sum()
    for slope, curvature in _scores(family, x, found.params, found.free):
        assert curvature > 0
        assert abs(slope) < 1e-5 * math.sqrt(curvature / 400) + 1e-11
    for parameter, error in found.standard_errors.items():
        assert error.shape == found.params[parameter].shape
        assert (np.abs(found.params[parameter] - theta[parameter]) <= 5.5 * error + 1e-15).all()


@pytest.mark.parametrize("name", JOINT)
def test_weights_are_frequencies(name):
    _, _, x = draw(name, 120)
    counts = np.random.default_rng(1).integers(0, 4, 120)
    weighted, repeated = fit(name, x, counts.astype(float)), fit(name, np.repeat(x, counts, axis=0))
    assert_allclose(weighted.log_likelihood, repeated.log_likelihood, rtol=1e-11)
    for parameter in weighted.free:
        error = repeated.standard_errors[parameter]
        assert (np.abs(weighted.params[parameter] - repeated.params[parameter]) <= 2e-6 * error + 1e-15).all()
        assert_allclose(weighted.standard_errors[parameter], error, rtol=1e-5, atol=1e-15)


@pytest.mark.parametrize("name", JOINT)
def test_what_is_given_stays(name):
    _, theta, x = draw(name, 300)
    family = get_family(name)
    free = fit(name, x)
    for parameter in family.parameters:
        found = fit(name, x, fixed={parameter: theta[parameter]})
        assert_array_equal(found.params[parameter], theta[parameter])
        assert parameter not in found.free
        assert found.converged
        assert found.log_likelihood <= free.log_likelihood + 1e-9
        for slope, curvature in _scores(family, x, found.params, found.free):
            assert abs(slope) < 1e-5 * math.sqrt(max(curvature, 0) / 300) + 1e-11
        assert len(found.covariance) == sum(
            math.comb(len(found.params[n]) + 1, 2) if n in family.symmetric else found.params[n].size
            for n in found.free
        )
    everything = fit(name, x, fixed=theta)
    assert everything.free == ()
    assert everything.n_parameters == 0
    assert_allclose(everything.log_likelihood, family.log_prob(x, theta).sum(), rtol=1e-12)


@pytest.mark.parametrize("name", JOINT)
def test_as_an_estimator(name):
    family, _, x = draw(name, 200)
    density = ParametricDensity(name).fit(x)
    assert_allclose(density.score_samples(x), family.log_prob(x, density.params_[0]), rtol=1e-13)
    assert density.sample(5, random_state=0).shape == x[:5].shape
    assert density.n_parameters_ > 0
    again = pickle.loads(pickle.dumps(density))
    assert_array_equal(again.score_samples(x), density.score_samples(x))
    assert pickle.loads(pickle.dumps(family)) is family
    assert get_family(name) is family
    assert ParametricDensity(family).fit(x).log_likelihood_ == density.log_likelihood_
    assert math.isfinite(ParametricDensity(name).fit(x.astype(np.float32)).log_likelihood_)


# --- Student's law


def test_student_of_one_column_is_the_univariate_one():
    x = stats.t(3).rvs((300, 1), random_state=0)
    joint, marginal = fit("multivariate_t", x), ParametricDensity("t").fit(x)
    assert_allclose(joint.log_likelihood, marginal.log_likelihood_, rtol=1e-12)
    errors = marginal.standard_errors_[0]
    assert abs(joint.params["df"] - marginal.params_[0]["df"]) < 2e-6 * errors["df"]
    assert abs(joint.params["loc"][0] - marginal.params_[0]["loc"]) < 2e-6 * errors["loc"]


def test_student_covariance_is_the_inverse_of_the_information():
    family, _, x = draw("multivariate_t", 40_000)
    found = fit("multivariate_t", x)
    upper = np.triu_indices(3)

    def log_likelihood(v):
        shape = np.zeros((3, 3))
        shape[upper] = v[3:9]
        shape = shape + shape.T - np.diag(np.diag(shape))
        return family.log_prob(x, {"loc": v[:3], "shape": shape, "df": v[9]}).sum()

    at = np.concatenate([found.params["loc"], found.params["shape"][upper], [found.params["df"]]])
    steps = 1e-3 * np.diag(np.maximum(np.abs(at), 0.3))
    information = np.zeros((10, 10))
    for i, a in enumerate(steps):
        for j, b in enumerate(steps):
            corners = [log_likelihood(at + s * a + t * b) for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
            information[i, j] = -(corners[0] - corners[1] - corners[2] + corners[3]) / (4 * a.sum() * b.sum())
    inverse = np.linalg.inv(information)
    errors = np.sqrt(np.diag(inverse))
    assert np.abs((found.covariance - inverse) / np.outer(errors, errors)).max() < 0.02  # expected against observed


def test_student_of_fifty_columns():
    factor = np.random.default_rng(0).normal(size=(50, 50))
    law = stats.multivariate_t(np.arange(50.0), factor @ factor.T, 5)
    x = law.rvs(1500, random_state=0)
    found = fit("multivariate_t", x)
    assert found.converged
    assert found.n_iter < 40
    assert found.log_likelihood > law.logpdf(x).sum()
    assert found.n_parameters == 50 + 1275 + 1
    assert abs(found.params["df"] - 5) < 5 * found.standard_errors["df"]


def test_student_of_gross_outliers_and_units():
    random = np.random.default_rng(0)
    x = np.vstack([random.normal(size=(300, 2)), 1e8 * random.normal(size=(30, 2))])
    found, moved = fit("multivariate_t", x), fit("multivariate_t", x * [1e-6, 1e6] + [0, 3.0])
    assert found.converged
    assert moved.converged
    assert_allclose(moved.params["df"], found.params["df"], rtol=1e-6)
    assert_allclose(moved.log_likelihood, found.log_likelihood, rtol=1e-9)


def test_student_far_from_zero_converges_as_far_as_its_location_is_representable():
    x = stats.multivariate_t([0, 0], np.eye(2), 4).rvs(2000, random_state=0) * 1e-3 + 1e6
    found = fit("multivariate_t", x)
    assert found.converged
    assert found.newton_decrement < 1e-4


def test_student_of_few_rows_has_no_maximum():
    x = np.random.default_rng(1).standard_cauchy(size=(7, 5)) ** 3
    with pytest.raises(ValueError, match=r"unbounded for 7 rows of 5 columns: .* below 0\.833 it has no maximum"):
        fit("multivariate_t", x)
    assert fit("multivariate_t", x, fixed={"df": 3.0}).converged


# --- normal laws


def test_normal_laws_with_an_estimated_covariance():
    from sklearn.base import clone
    from sklearn.covariance import EmpiricalCovariance, LedoitWolf

    from skinfo.families.multivariate import MultivariateNormal

    x = np.random.default_rng(0).normal(size=(20, 30))
    with pytest.raises(ValueError, match=r"covariance of the 30 columns of X is singular.*LedoitWolf"):
        ParametricDensity("multivariate_normal").fit(x)
    family = MultivariateNormal(covariance=LedoitWolf())
    density = clone(ParametricDensity(family)).fit(x)
    expected = LedoitWolf().fit(x)
    assert_allclose(density.params_[0]["cov"], expected.covariance_)
    assert_allclose(density.params_[0]["mean"], x.mean(axis=0))
    assert math.isnan(density.newton_decrement_)
    assert np.isnan(density.standard_errors_[0]["cov"]).all()
    assert density.converged_
    counts = np.random.default_rng(1).integers(0, 3, 20).astype(float)
    weighted, repeated = (
        density.fit(x, sample_weight=counts),
        fit_joint(family, Rows(np.repeat(x, counts.astype(int), 0))),
    )
    assert_allclose(weighted.params_[0]["cov"], repeated.params["cov"])
    with pytest.raises(ValueError, match=r"sample_weight must be whole numbers.*LedoitWolf"):
        density.fit(x, sample_weight=np.full(20, 0.5))
    about = fit_joint(family, Rows(x), fixed={"mean": np.ones(30)})
    assert_allclose(about.params["cov"], LedoitWolf(assume_centered=True).fit(x - 1).covariance_)
    wide = np.random.default_rng(0).normal(size=(200, 3))
    same = fit_joint(MultivariateNormal(EmpiricalCovariance()), Rows(wide))
    assert_allclose(same.log_likelihood, fit("multivariate_normal", wide).log_likelihood, rtol=1e-12)
    assert pickle.loads(pickle.dumps(family)).name == "multivariate_normal"
    assert repr(family) == "MultivariateNormal(covariance=LedoitWolf())"
    for wrong in ("spherical", 3, None):
        with pytest.raises(ValueError, match=r"covariance must be 'full', 'diagonal' or an estimator"):
            MultivariateNormal(covariance=wrong)


def test_the_diagonal_normal_law_is_a_product():
    x = np.random.default_rng(0).normal(size=(200, 3)) * [1, 10, 100]
    joint, product = ParametricDensity("multivariate_normal_diagonal").fit(x), ParametricDensity("norm").fit(x)
    assert_allclose(joint.log_likelihood_, product.log_likelihood_, rtol=1e-13)
    assert joint.n_parameters_ == product.n_parameters_ == 6
    assert_allclose(np.diag(joint.params_[0]["cov"]), x.var(axis=0))


# --- where there is no maximum, or no such law


@pytest.mark.parametrize(
    ("name", "x", "fixed", "message"),
    [
        ("multivariate_t", np.eye(3), None, "n_samples=3 is too few for the shape of multivariate_t of 3 columns"),
        ("multivariate_t", np.c_[np.arange(9), np.ones(9)], None, "column 1 of X is constant"),
        ("multivariate_t", np.c_[np.arange(9), np.arange(9)], None, "unbounded: its shape becomes singular"),
        ("multivariate_t", np.vstack([np.zeros((9, 2)), np.eye(2)]), {"df": -1}, "outside the domain of df: positive"),
        ("multivariate_t", np.eye(3), {"shape": -np.eye(3)}, "shape must be symmetric and positive definite"),
        ("multivariate_normal", np.eye(3), {"cov": -np.eye(3)}, "cov must be symmetric and positive definite"),
        ("multivariate_normal_diagonal", np.ones((3, 2)), None, "column 0 of X is constant"),
        ("dirichlet", [[0.5, 0.5], [0.2, 0.9]], None, r"row 1 of X has the sum 1\.1.*divide each row by its sum"),
        (
            "dirichlet",
            [[0.5, 0.5], [0.0, 1.0]],
            None,
            "row 1 of X contains 0, but the shares of dirichlet are positive",
        ),
        ("dirichlet", [[0.5, 0.5], [0.5, 0.5]], None, "rows of X are the same"),
        ("dirichlet", [[1.0]], None, "two columns or more"),
        ("dirichlet", [[0.5, 0.5]], {"alpha": [1, 0]}, "outside the domain of alpha: positive"),
        ("multinomial", [[1, 2], [2, 2]], None, r"row 1 of X has the sum 4 and not n=3.*fit rows of each sum apart"),
        ("multinomial", [[1, 2], [2, 1.5]], None, r"row 1 of X contains 1\.5, but multinomial is a law of counts"),
        ("multinomial", [[3, 0], [3, 0]], None, "column 1 of X is always 0"),
        ("multinomial", [[1, 2]], {"n": 4}, "has the sum 3 and not n=4.*or fix another n"),
        ("multinomial", [[1, 2]], {"n": 2.5}, "outside the domain of n: positive integers"),
        ("multinomial", [[1, 2]], {"p": [0.5, 0.6]}, "must be positive probabilities with sum 1"),
        ("multinomial", [[0, 0]], None, "are all zero"),
        (
            "vonmises_fisher",
            [[1, 0], [1, 1]],
            None,
            r"row 1 of X has the length 1\.41421.*divide each row by its length",
        ),
        ("vonmises_fisher", [[1, 0], [1, 0]], None, "rows of X are the same"),
        ("vonmises_fisher", [[1, 0], [-1, 0]], None, "have the mean zero"),
        ("vonmises_fisher", [[1, 0], [0, 1]], {"mu": [-1, 0]}, "kappa would be 0; fix another mu"),
        ("vonmises_fisher", [[1, 0], [0, 1]], {"mu": [2, 0]}, r"fixed\['mu'\] has the length 2"),
        ("vonmises_fisher", [[1, 0], [0, 1]], {"kappa": 0}, "outside the domain of kappa: positive"),
        ("vonmises_fisher", [[1, 0], [0, 1]], {"k": 0}, "fixed names 'k', which vonmises_fisher does not have"),
    ],
)
def test_errors_of_joint_fits(name, x, fixed, message):
    with pytest.raises(ValueError, match=message):
        fit(name, x, fixed=fixed)


def test_fits_that_do_not_arrive_say_so():
    _, _, x = draw("multivariate_t", 300)
    found = fit("multivariate_t", x, max_iter=3)
    assert not found.converged
    assert found.n_iter == 3
    assert "standard errors from a maximum after 3 steps (tol=1e-06); increase max_iter" in found.message
    found = fit("multivariate_t", np.random.default_rng(0).uniform(size=(300, 3)))
    assert not found.converged
    assert "df -> inf, where the distribution is multivariate_normal: use family='multivariate_normal'" in found.message
    normal = fit("multivariate_normal", np.random.default_rng(0).uniform(size=(300, 3)))
    assert_allclose(found.log_likelihood, normal.log_likelihood, rtol=1e-5)
    found = fit("dirichlet", draw("dirichlet", 300)[2], max_iter=1)
    assert not found.converged
    found = fit("vonmises_fisher", draw("vonmises_fisher", 300)[2], max_iter=1, tol=1e-12)
    assert not found.converged
