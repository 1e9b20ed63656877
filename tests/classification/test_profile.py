"""Profile-likelihood intervals."""

import numpy as np
import pytest
from scipy import optimize, sparse, stats
from sklearn.exceptions import ConvergenceWarning

from skinfo import LogLossClassifier


def problem(n=80, p=2, K=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    logits = X @ rng.normal(size=(p, K)) + rng.normal(size=K)
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def fit(X, y, **given):
    return LogLossClassifier(C=np.inf, tol=1e-11).fit(X, y, **given)


def profile(model, X, y, level=0.95, **given):
    return model.confint(level, "profile", X=X, y=y, **given)


def test_published_figures():
    """Budworm data of Venables and Ripley (2002), Modern Applied Statistics with S, by R's MASS::confint."""
    dead = np.array([1, 4, 9, 13, 18, 20, 0, 2, 6, 10, 12, 16]) / 20
    X = np.column_stack([np.arange(12) > 5, np.arange(12) < 6, np.tile(np.arange(6), 2)]).astype(float)
    y, weights = np.column_stack([1 - dead, dead]), np.full(12, 20.0)
    model = LogLossClassifier(C=np.inf, fit_intercept=False, tol=1e-10).fit(X, y, sample_weight=weights)
    expected = [[-4.4581438, -2.613736], [-3.1728745, -1.655117], [0.8228708, 1.339058]]
    # R interpolates profiles by a spline: four digits.
    np.testing.assert_allclose(profile(model, X, y, sample_weight=weights)[0], expected, atol=3e-4)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_is_where_fits_beside_a_given_contrast_have_lost_enough(level):
    X, y = problem()
    offset = np.linspace(-1.0, 1.0, len(y))
    model = fit(X, y, offset=offset)
    ends = profile(model, X, y, level, offset=offset)[0]
    estimates, design = np.append(model.intercept_, model.coef_), np.column_stack([np.ones(len(y)), X])
    for j, rest in enumerate([[1, 2], [0, 2], [0, 1]]):

        def lost(value, j=j, rest=rest):
            part = LogLossClassifier(C=np.inf, fit_intercept=False, tol=1e-11)
            part.fit(design[:, rest], y, offset=offset + value * design[:, j])
            return 2.0 * (model.log_likelihood_ - part.log_likelihood_) - stats.chi2.ppf(level, 1)

        reach = 8.0 * model.standard_errors_[0, j]
        for end, side in zip(ends[j], (-1, 1)):
            expected = optimize.brentq(lost, estimates[j], estimates[j] + side * reach, xtol=1e-12)
            assert abs(end - expected) <= 1e-7 * model.standard_errors_[0, j]


@pytest.mark.parametrize("bias_reduction", [False, True])
def test_agrees_with_a_constrained_maximum(bias_reduction):
    X, y = problem(K=3)
    model = LogLossClassifier(C=np.inf, tol=1e-11, bias_reduction=bias_reduction).fit(X, y)
    ends = profile(model, X, y)
    design = np.column_stack([np.ones(len(y)), X])

    def minus(flat):
        logits = np.column_stack([np.zeros(len(y)), design @ flat.reshape(2, 3).T])
        log_q = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
        value = -log_q[np.arange(len(y)), y].sum()
        if bias_reduction:
            q = np.exp(log_q)[:, 1:]
            curvature = q[:, :, None] * np.eye(2) - q[:, :, None] * q[:, None, :]
            information = np.einsum("nab,ni,nj->aibj", curvature, design, design).reshape(6, 6)
            value -= 0.5 * np.linalg.slogdet(information)[1]
        return value

    raw = np.column_stack([model.intercept_, model.coef_])
    best = (raw[1:] - raw[:1]).ravel()
    ceiling = minus(best) + 0.5 * stats.chi2.ppf(0.95, 1)
    for at in range(6):
        end = ends.reshape(6, 2)[at, 1]

        def inner(rest, at=at, end=end):
            return minus(np.insert(rest, at, end))

        found = optimize.minimize(inner, np.delete(best, at), method="BFGS", options={"gtol": 1e-6})
        assert found.fun == pytest.approx(ceiling, abs=2e-6)


@pytest.mark.parametrize("K", [2, 4])
def test_tends_to_wald_as_rows_grow(K):
    off = []
    for n in (500, 50_000):
        X, y = problem(n, K=K)
        model = fit(X, y)
        off.append(np.abs((profile(model, X, y) - model.confint()) / model.standard_errors_[..., None]).max())
    assert off[1] < 0.3 * off[0] < 0.1


def test_weights_are_repeats_and_units_do_not_matter():
    X, y = problem(K=3)
    counts = np.random.default_rng(1).integers(0, 4, len(y))
    repeated = np.repeat(X, counts, axis=0), np.repeat(y, counts)
    expected = profile(fit(*repeated), *repeated)
    model = fit(X, y, sample_weight=counts)
    np.testing.assert_allclose(profile(model, X, y, sample_weight=counts), expected, rtol=1e-7)
    rare = sparse.csr_matrix(X)
    np.testing.assert_allclose(profile(fit(rare, y, sample_weight=counts), rare, y, sample_weight=counts), expected)
    scaled = X * [1e-6, 1e7] + [1.0, 1e9]
    ends = profile(fit(scaled, y, sample_weight=counts), scaled, y, sample_weight=counts)
    np.testing.assert_allclose(ends[:, 1:] * [[1e-6], [1e7]], expected[:, 1:], rtol=1e-5)


def test_what_rows_do_not_determine_is_nan():
    X, y = problem()
    wide = np.column_stack([X, X[:, 0], np.ones(len(y))])
    ends = profile(fit(wide, y), wide, y)[0]
    np.testing.assert_array_equal(np.isnan(ends).all(axis=1), [False, True, False, True, True])
    np.testing.assert_allclose(ends[[0, 2]], profile(fit(X, y), X, y)[0, [0, 2]], rtol=1e-8)


def test_separable_labels_have_the_ends_that_there_are():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=60), rng.integers(0, 2, 60)])
    y = np.where(X[:, 1] == 1, 1, rng.integers(0, 2, 60))
    with pytest.warns(ConvergenceWarning, match="quasi-complete"):
        model = fit(X, y)
    ends = profile(model, X, y)[0]
    np.testing.assert_array_equal(np.isposinf(ends), [[False, False], [False, False], [False, True]])
    # Rows of the group say nothing of the others' line.
    others = X[:, 1] == 0
    alone = fit(X[others, :1], y[others])
    np.testing.assert_allclose(ends[:2], profile(alone, X[others, :1], y[others])[0], atol=1e-5)

    def lost(value):
        part = fit(X[:, :1], y, offset=value * X[:, 1])
        return 2.0 * (alone.log_likelihood_ - part.log_likelihood_) - stats.chi2.ppf(0.95, 1)

    assert ends[2, 0] == pytest.approx(optimize.brentq(lost, -5.0, 20.0), abs=1e-5)


@pytest.mark.parametrize("K", [2, 3])
def test_complete_separation(K):
    X = np.random.default_rng(0).normal(size=(60, 1))
    y = np.digitize(X[:, 0], np.linspace(-0.5, 0.5, K - 1) if K > 2 else [0.0])
    with pytest.warns(ConvergenceWarning, match="complete separation"):
        model = fit(X, y)
    ends = profile(model, X, y)
    # The order of the classes is sure, and how far from it is not.
    assert np.isposinf(ends[:, 1, 1]).all()
    assert (np.diff(ends[:, 1, 0]) > 0).all()
    assert (ends[:, 1, 0] > 0).all()


def test_refusals():
    X, y = problem()
    model = fit(X, y)
    with pytest.raises(ValueError, match="needs the rows of the fit, which keeps none: pass X and y"):
        model.confint(method="profile")
    with pytest.raises(ValueError, match="must be those of the fit"):
        profile(model, X + 1.0, y)
    with pytest.raises(ValueError, match="covariance is for method='wald'"):
        profile(model, X, y, covariance=model.covariance_)
    with pytest.warns(ConvergenceWarning):
        stopped = LogLossClassifier(C=np.inf, max_iter=1, tol=1e-12).fit(X, y)
    with pytest.raises(ValueError, match="needs a maximum"):
        profile(stopped, X, y)
