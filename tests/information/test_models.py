"""Several columns, fitted densities, rows of data, and what is refused."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

from skinfo.density import ParametricDensity
from skinfo.information import cross_entropy, entropy, js_divergence, kl_divergence

# --- multivariate


def random_normal(seed, p):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(p, p))
    return stats.multivariate_normal(rng.normal(size=p), factor @ factor.T + 0.1 * np.eye(p))


def test_multivariate_normals_agree_with_arbitrary_precision():
    p, q = random_normal(1, 4), random_normal(2, 4)
    with mpmath.workdps(40):
        a, b = (mpmath.matrix(law.cov_object.covariance.tolist()) for law in (p, q))
        d = mpmath.matrix((p.mean - q.mean).tolist())
        inverse = b**-1
        quadratic = (d.T * inverse * d)[0] + sum((inverse * a)[i, i] for i in range(4))
        cross = (4 * mpmath.log(2 * mpmath.pi) + mpmath.log(mpmath.det(b)) + quadratic) / 2
        h = (4 * mpmath.log(2 * mpmath.pi) + mpmath.log(mpmath.det(a)) + 4) / 2
    assert_allclose(entropy(p), float(h), rtol=1e-12)
    assert_allclose(cross_entropy(p, q), float(cross), rtol=1e-12)
    assert_allclose(kl_divergence(p, q), float(cross - h), rtol=1e-12)
    assert kl_divergence(p, p) == 0


def test_multivariate_normals_close_to_each_other():
    p = random_normal(1, 3)
    cov = p.cov_object.covariance
    q = stats.multivariate_normal(p.mean, cov * (1 + 2.0**-20))
    x = 1 / (1 + mpf(2) ** -20)
    assert_allclose(kl_divergence(p, q), float(3 * (x - 1 - mpmath.log(x)) / 2), rtol=1e-8)
    assert kl_divergence(p, stats.multivariate_normal(p.mean, cov.copy())) == 0


def test_singular_normals():
    line = np.outer([1.0, 2.0], [1.0, 2.0])
    p = stats.multivariate_normal([0, 0], line, allow_singular=True)
    q = stats.multivariate_normal([1, 2], 4 * line, allow_singular=True)
    full = stats.multivariate_normal([0, 0], np.eye(2))
    assert_allclose(kl_divergence(p, q), kl_divergence(stats.norm(0, 1), stats.norm(1, 2)), rtol=1e-12)
    assert_allclose(entropy(p), p.entropy(), rtol=1e-12)
    assert kl_divergence(p, full) == math.inf  # p has no density in the plane
    assert_allclose(cross_entropy(p, full), math.log(2 * math.pi) + 2.5, rtol=1e-12)
    assert cross_entropy(full, p) == math.inf
    off = stats.multivariate_normal([0, 1], line, allow_singular=True)
    assert kl_divergence(off, p) == math.inf


def test_normal_of_one_column_is_a_normal():
    assert kl_divergence(stats.multivariate_normal([1], [[4]]), stats.norm(1, 2)) == 0
    assert_allclose(entropy(stats.multivariate_normal([1], [[4]])), entropy(stats.norm(1, 2)))


# --- fitted densities

RNG = np.random.default_rng(0)
DATA = np.column_stack([RNG.gamma(2.0, size=300), RNG.lognormal(size=300), RNG.weibull(1.5, size=300)])


def test_fitted_products_are_sums_over_columns():
    p = ParametricDensity(["gamma", "lognorm", "weibull_min"]).fit(DATA)
    q = ParametricDensity(["lognorm", "gamma", "expon"]).fit(DATA)
    pairs = list(zip(p.distributions_, q.distributions_))
    assert_allclose(entropy(p), sum(entropy(a) for a, _ in pairs), rtol=1e-14)
    assert_allclose(cross_entropy(p, q), sum(cross_entropy(a, b) for a, b in pairs), rtol=1e-14)
    assert_allclose(kl_divergence(p, q), sum(kl_divergence(a, b) for a, b in pairs), rtol=1e-14)
    assert kl_divergence(p, p) == 0
    assert kl_divergence(ParametricDensity("norm").fit(DATA), p) == math.inf


def test_fitted_density_of_one_column_is_its_law():
    p = ParametricDensity("gamma").fit(DATA[:, :1])
    assert entropy(p) == entropy(p.distributions_[0])
    assert kl_divergence(p, p.distributions_[0]) == 0
    assert_allclose(js_divergence(p, stats.norm()), js_divergence(p.distributions_[0], stats.norm()))


def test_products_against_joint_normals():
    joint = ParametricDensity("multivariate_normal").fit(DATA)
    product = ParametricDensity("norm").fit(DATA)
    cov = joint.distributions_[0].cov_object.covariance
    correlations = cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    # the product of the marginals is the projection: the divergence is the total correlation
    total = -0.5 * np.linalg.slogdet(correlations)[1]
    assert_allclose(kl_divergence(joint, product), total, rtol=1e-9)
    diagonal = stats.multivariate_normal(cov=np.diag(np.diag(cov)), mean=joint.params_[0]["mean"])
    assert_allclose(kl_divergence(product, joint), kl_divergence(diagonal, joint), rtol=1e-9)
    assert_allclose(cross_entropy(joint, product), entropy(product), rtol=1e-12)
    # other marginals: by the chain rule
    other = ParametricDensity(["norm", "logistic", "t"]).fit(DATA)
    assert_allclose(kl_divergence(joint, other), cross_entropy(joint, other) - entropy(joint), rtol=1e-8)
    product = ParametricDensity(["norm", "logistic", "gamma"], fixed={"loc": 0.0}).fit(np.abs(DATA))
    apart = stats.multivariate_normal([0.5, 1.0, 2.0], np.diag([1.0, 4.0, 9.0]))
    marginals = (stats.norm(0.5, 1), stats.norm(1, 2), stats.norm(2, 3))
    expected = sum(kl_divergence(a, b) for a, b in zip(product.distributions_, marginals))
    assert_allclose(kl_divergence(product, apart), expected, rtol=1e-11)
    rows = product.sample(100_000, random_state=0)
    log_ratio = product.score_samples(rows) - joint.distributions_[0].logpdf(rows)
    assert abs(kl_divergence(product, joint) - log_ratio.mean()) < 5 * log_ratio.std() / math.sqrt(len(rows))
    heavy = ParametricDensity(["cauchy", "norm", "norm"]).fit(DATA)
    assert kl_divergence(heavy, joint) == math.inf
    counts = ParametricDensity(["poisson", "norm", "norm"]).fit(np.column_stack([RNG.poisson(4, 300), DATA[:, :2]]))
    with pytest.raises(ValueError, match="column 0 of p is discrete"):
        kl_divergence(counts, joint)
    with pytest.raises(TypeError, match="several columns"):
        js_divergence(joint, joint)


# --- rows against models


@pytest.mark.parametrize("family", [["gamma", "lognorm", "weibull_min"], "norm", "multivariate_normal"], ids=str)
def test_rows_against_fitted_densities(family):
    q = ParametricDensity(family).fit(DATA)
    assert_allclose(cross_entropy(DATA, q), -q.score(DATA), rtol=1e-14)
    assert_allclose(cross_entropy(DATA, q, base=2), -q.score(DATA) / math.log(2), rtol=1e-14)
    rows = DATA.astype(np.float32)
    assert_allclose(cross_entropy(rows, q), -q.score(rows), rtol=1e-14)


def test_rows_against_distributions():
    x = DATA[:, 0]
    law = stats.gamma(2.0, scale=1.1)
    expected = -law.logpdf(x).mean()
    assert_allclose(cross_entropy(x, law), expected, rtol=1e-13)
    assert_allclose(cross_entropy(x[:, None], law), expected, rtol=1e-13)
    assert_allclose(cross_entropy(x.astype(np.float32), law), expected, rtol=1e-6)
    assert_allclose(cross_entropy(x.tolist(), law), expected, rtol=1e-13)
    assert_allclose(cross_entropy(x, stats.Normal(mu=1)), -stats.norm(1).logpdf(x).mean(), rtol=1e-13)
    assert_allclose(cross_entropy(x, stats.nakagami(1.5)), -stats.nakagami(1.5).logpdf(x).mean(), rtol=1e-13)
    normal = random_normal(3, 3)
    assert_allclose(cross_entropy(DATA, normal), -normal.logpdf(DATA).mean(), rtol=1e-12)
    counts = np.array([0, 3, 1, 4])
    assert_allclose(cross_entropy(counts, stats.poisson(2)), -stats.poisson(2).logpmf(counts).mean(), rtol=1e-13)
    fitted = ParametricDensity("gamma").fit(x[:, None])
    assert_allclose(cross_entropy(x, fitted), -fitted.score(x[:, None]), rtol=1e-14)


def test_rows_outside_the_support_are_infinite():
    assert cross_entropy([1.0, -1.0], stats.expon()) == math.inf
    assert cross_entropy([0.0, -1.0, 2.0], stats.gamma(0.5)) == math.inf  # one density is infinite, another zero
    assert cross_entropy([1, 2, 2.5], stats.poisson(1)) == math.inf
    assert cross_entropy([[-1.0]], ParametricDensity("gamma").fit(DATA[:, :1])) == math.inf


def test_rows_of_a_data_frame():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(DATA, columns=["a", "b", "c"])
    q = ParametricDensity({"a": "gamma", "b": "lognorm", "c": "expon"}).fit(frame)
    assert_allclose(cross_entropy(frame, q), -q.score(frame), rtol=1e-14)
    assert_allclose(cross_entropy(frame["a"], stats.expon()), DATA[:, 0].mean(), rtol=1e-13)
    assert_allclose(cross_entropy(frame, random_normal(3, 3)), cross_entropy(DATA, random_normal(3, 3)))


@pytest.mark.parametrize("model", [GaussianMixture(2, random_state=0), KernelDensity()], ids=lambda m: type(m).__name__)
def test_rows_against_any_density_estimator(model):
    with pytest.raises(NotFittedError):
        cross_entropy(DATA, model)
    model.fit(DATA)
    assert_allclose(cross_entropy(DATA, model), -model.score_samples(DATA).mean(), rtol=1e-13)


# --- what is refused


@pytest.mark.parametrize("function", [cross_entropy, kl_divergence, js_divergence])
def test_pairs_that_cannot_be_compared(function):
    with pytest.raises(ValueError, match="p is continuous and q is discrete"):
        function(stats.norm(), stats.poisson(1))
    with pytest.raises(ValueError, match="p is discrete and q is continuous"):
        function(stats.poisson(1), stats.Normal())
    with pytest.raises(ValueError, match="1 column and q has 2"):
        function(stats.norm(), stats.multivariate_normal([0, 0]))
    with pytest.raises(TypeError, match="p is a distribution and q is not"):
        function(stats.norm(), [0.5, 0.5])
    with pytest.raises(NotFittedError):
        function(stats.norm(), ParametricDensity())
    with pytest.raises(NotFittedError):
        function(ParametricDensity(), stats.norm())
    with pytest.raises(ValueError, match="base"):
        function(stats.norm(), stats.norm(1), base=1)
    counts = ParametricDensity(["gamma", "poisson"]).fit(np.column_stack([DATA[:, 0], RNG.poisson(4, 300)]))
    reals = ParametricDensity(["gamma", "norm"]).fit(DATA[:, :2])
    with pytest.raises(ValueError, match="column 1 of p"):
        function(counts, reals)


def test_rows_have_no_entropy():
    for function in (kl_divergence, js_divergence):
        with pytest.raises(TypeError, match=r"rows of a continuous variable have no entropy.*cross_entropy\(X, q\)"):
            function(DATA, ParametricDensity().fit(DATA))
        with pytest.raises(TypeError, match="have no entropy"):
            function(DATA[:, 0], stats.norm())
    with pytest.raises(ValueError, match="have no entropy"):
        entropy(DATA)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("q", [stats.norm(), stats.multivariate_normal([0.0]), "fitted"], ids=["norm", "mvn", "fitted"])
def test_rows_that_are_not_finite(value, q):
    q = ParametricDensity().fit(DATA[:, :1]) if q == "fitted" else q
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        cross_entropy([[1.0], [value]], q)


@pytest.mark.parametrize(
    ("value", "error", "match"),
    [
        (stats.norm, TypeError, "not frozen"),
        (stats.norm(0, -1), ValueError, "out of range"),
        (stats.norm([0, 1], 1), ValueError, "arrays"),
        (stats.Normal(mu=[0, 1]), ValueError, "arrays"),
        (stats.matrix_normal(), TypeError, "must be"),
    ],
)
def test_laws_that_are_refused(value, error, match):
    with pytest.raises(error, match=match):
        entropy(value)
    with pytest.raises(error, match=match):
        kl_divergence(stats.norm(), value)


def test_what_is_not_fitted_is_named():
    model = ParametricDensity()
    for call, name in (
        (lambda: entropy(model), "p"),
        (lambda: kl_divergence(stats.norm(), model), "q"),
        (lambda: cross_entropy([0.5, 0.5], model), "q"),
        (lambda: kl_divergence(KernelDensity(), stats.norm()), "p"),
    ):
        with pytest.raises(NotFittedError, match=f"^{name} is a .* not fitted yet"):
            call()


def test_columns_of_rows():
    with pytest.raises(ValueError, match="3 columns"):
        cross_entropy(DATA, stats.norm())
    with pytest.raises(ValueError, match="1 columns"):
        cross_entropy(DATA[:, 0], random_normal(1, 3))


# --- vectors and units


def test_vectors_go_where_they_went():
    p, q = np.array([[0.5, 0.5], [0.9, 0.1]]), np.array([0.25, 0.75])
    assert_allclose(entropy(p, base=2)[0], 1)
    assert kl_divergence(p, q).shape == cross_entropy(p, q).shape == js_divergence(p, q).shape == (2,)
    assert_allclose(kl_divergence(p.T, q[:, None], axis=0), kl_divergence(p, q), rtol=1e-15)


def test_units():
    p, q = stats.norm(), stats.norm(1, 2)
    for function in (cross_entropy, kl_divergence, js_divergence):
        assert_allclose(function(p, q, base=2), function(p, q) / math.log(2), rtol=1e-15)
    assert_allclose(entropy(stats.uniform(0, 8), base=2), 3, rtol=1e-15)
    assert isinstance(entropy(p), float)
    assert isinstance(cross_entropy(p, q), float)
