"""Firth's penalised likelihood."""

import mpmath
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import OneHotEncoder

from skinfo import LogLossClassifier, likelihood_ratio_test
from skinfo.classification._firth import firth_likelihood


def problem(n=80, p=2, K=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    logits = X @ rng.normal(size=(p, K)) + rng.normal(size=K)
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def fit(X, y, *, sample_weight=None, offset=None, **settings):
    model = LogLossClassifier(C=np.inf, bias_reduction=True, tol=1e-11, **settings)
    return model.fit(X, y, sample_weight=sample_weight, offset=offset)


@pytest.mark.parametrize("K", [2, 3, 5])
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_tables_gain_half_a_count_in_each_cell(K, fit_intercept):
    """Jeffreys' prior of a multinomial law, for each group its own."""
    counts = np.random.default_rng(K).poisson(3.0, (4, K)).astype(float)
    counts[0] = np.arange(K) == 1  # one row, and of one class only
    group, label = (index.ravel() for index in np.indices(counts.shape))
    X = OneHotEncoder(sparse_output=False, drop="first" if fit_intercept else None).fit_transform(group[:, None])
    model = fit(X, label, sample_weight=counts.ravel(), fit_intercept=fit_intercept)
    expected = (counts + 0.5) / (counts + 0.5).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X)[::K], expected, rtol=1e-9)
    assert model.converged_
    assert model.log_likelihood_ == pytest.approx(np.sum(counts * np.log(expected)), rel=1e-12)
    # Cells' variances 1 / (n q), n being the rows of the group.
    variance = 1.0 / (counts.sum(axis=1)[0] * expected[0])
    assert model.standard_errors_[0, 0] == pytest.approx(np.sqrt(variance[0] + variance[1]), rel=1e-9)


@pytest.mark.parametrize("K", [2, 4])
def test_gradient(K):
    """Against differences of the penalised log-likelihood at 40 digits."""
    X, _ = problem(n=12, K=K, seed=3)
    soft = np.random.default_rng(0).dirichlet(np.ones(K), 12)
    weights = np.random.default_rng(1).uniform(0.1, 3.0, 12)
    offset = np.random.default_rng(2).normal(size=(12, K))
    objective = LogLossClassifier(C=np.inf)._read(X, soft, weights, offset, reset=True).objective
    likelihood = firth_likelihood(objective, np.zeros(objective.shape))
    at = 1.5 * np.random.default_rng(4).normal(size=likelihood.frame.shape[1])
    design, basis, frame = objective.design(objective.rows.block(slice(0, 12))), objective.basis, likelihood.frame

    def minus(flat):
        theta = (mpmath.matrix(frame.tolist()) * mpmath.matrix(flat)).T
        free, width = objective.shape
        value, side = mpmath.mpf(0), free * width
        information = mpmath.zeros(side)
        for i in range(12):
            d = [mpmath.mpf(x) for x in design[i].tolist()]
            z = [mpmath.fsum(theta[a * width + j] * d[j] for j in range(width)) for a in range(free)]
            logits = [mpmath.fsum(basis[k, a] * z[a] for a in range(free)) for k in range(basis.shape[0])]
            if K == 2:
                logits = [mpmath.mpf(0), logits[0] + offset[i, 1] - offset[i, 0]]
                maps = [[mpmath.mpf(0)], [mpmath.mpf(1)]]
            else:
                logits = [logit + added for logit, added in zip(logits, offset[i])]
                maps = basis.tolist()
            total = mpmath.fsum(mpmath.exp(logit) for logit in logits)
            q = [mpmath.exp(logit) / total for logit in logits]
            value -= mpmath.fsum(weights[i] * soft[i, k] * mpmath.log(q[k]) for k in range(K))
            mean = [mpmath.fsum(q[k] * maps[k][a] for k in range(K)) for a in range(free)]
            for a in range(free):
                for b in range(free):
                    v = mpmath.fsum(q[k] * maps[k][a] * maps[k][b] for k in range(K)) - mean[a] * mean[b]
                    for j in range(width):
                        for m in range(width):
                            information[a * width + j, b * width + m] += weights[i] * v * d[j] * d[m]
        reduced = mpmath.matrix(frame.T.tolist()) * information * mpmath.matrix(frame.tolist())
        return value - mpmath.log(mpmath.det(reduced)) / 2

    value, gradient = likelihood(at)
    with mpmath.workdps(40):
        flat = [mpmath.mpf(x) for x in at.tolist()]
        assert value == pytest.approx(float(minus(flat)), rel=1e-13)
        for j in range(0, at.size, 2):
            step = [mpmath.mpf("1e-12") * (i == j) for i in range(at.size)]
            up, down = (minus([x + sign * s for x, s in zip(flat, step)]) for sign in (1, -1))
            assert gradient[j] == pytest.approx(float((up - down) / mpmath.mpf("2e-12")), rel=1e-11, abs=1e-12)


def test_is_maximum_likelihood_of_rows_that_leverages_were_added_to():
    """Heinze and Schemper (2002), section 2: half a leverage of a row to either label."""
    X, y = problem(K=2)
    offset = np.linspace(-1.0, 1.0, len(y))
    model = fit(X, y, offset=offset)
    q = model.predict_proba(X, offset)
    design = np.column_stack([np.ones(len(y)), X])
    rooted = design * np.sqrt(q.prod(axis=1))[:, None]
    leverage = np.einsum("ij,ij->i", rooted @ np.linalg.inv(rooted.T @ rooted), rooted)
    masses = np.eye(2)[y] + 0.5 * leverage[:, None]
    mass = masses.sum(axis=1)
    again = LogLossClassifier(C=np.inf, tol=1e-11)
    again.fit(X, masses / mass[:, None], sample_weight=mass, offset=offset)
    np.testing.assert_allclose(again.coef_, model.coef_, rtol=1e-8)
    np.testing.assert_allclose(again.intercept_, model.intercept_, rtol=1e-8)
    np.testing.assert_allclose(model.covariance_, np.linalg.inv(rooted.T @ rooted), rtol=1e-8)


@pytest.mark.parametrize("K", [2, 3])
def test_separable_labels_have_estimates(K):
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = np.digitize(X[:, 0], [0.0] if K == 2 else [-0.5, 0.5])
    model = fit(X, y)
    assert model.converged_
    assert model.solver_ == "firth"
    assert np.isfinite(model.standard_errors_).all()
    assert (model.predict(X) == y).mean() > 0.95
    ends = model.confint(method="profile", X=X, y=y)
    assert ((ends[..., 0] < model.confint().mean(axis=-1)) & (model.confint().mean(axis=-1) < ends[..., 1])).all()


def test_starts_where_a_plain_fit_ran_away_to():
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = (X[:, 0] > 0).astype(int)
    model = LogLossClassifier(C=np.inf, tol=1e-11, warm_start=True)
    with pytest.warns(ConvergenceWarning, match="fit with bias_reduction=True"):
        model.fit(X, y)
    model.set_params(bias_reduction=True).fit(X, y)
    np.testing.assert_allclose(model.coef_, fit(X, y).coef_, rtol=1e-8)
    assert model.converged_


@pytest.mark.parametrize("K", [2, 3])
def test_weights_are_repeats_and_units_and_classes_order_do_not_matter(K):
    X, y = problem(K=K)
    counts = np.random.default_rng(1).integers(0, 4, len(y))
    expected = fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    model = fit(X, y, sample_weight=counts)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-8)
    np.testing.assert_allclose(model.standard_errors_, expected.standard_errors_, rtol=1e-8)
    np.testing.assert_allclose(fit(sparse.csr_matrix(X), y, sample_weight=counts).coef_, expected.coef_, rtol=1e-8)
    scaled = fit(X * [1e-6, 1e7] + [1.0, 1e9], y, sample_weight=counts)
    np.testing.assert_allclose(scaled.coef_ * [1e-6, 1e7], expected.coef_, rtol=1e-6)
    turned = fit(X @ [[0.6, -0.8], [0.8, 0.6]], y, sample_weight=counts)
    np.testing.assert_allclose(turned.log_likelihood_, expected.log_likelihood_, rtol=1e-10)
    flipped = fit(X, K - 1 - y, sample_weight=counts)
    np.testing.assert_allclose(flipped.coef_, -expected.coef_ if K == 2 else expected.coef_[::-1], rtol=1e-8)


def test_soft_labels_of_one_class_are_hard_ones():
    X, y = problem()
    np.testing.assert_allclose(fit(X, pd.get_dummies(y).astype(float)).coef_, fit(X, y).coef_, rtol=1e-9)


def test_bias_is_less():
    rng = np.random.default_rng(0)
    plain, reduced = [], []
    for _ in range(300):
        X = rng.normal(size=(60, 1))
        y = (X[:, 0] + rng.logistic(size=60) > 0).astype(int)
        plain.append(LogLossClassifier(C=np.inf).fit(X, y).coef_[0, 0])
        reduced.append(LogLossClassifier(C=np.inf, bias_reduction=True).fit(X, y).coef_[0, 0])
    noise = np.std(reduced) / np.sqrt(300)
    assert np.mean(plain) - 1.0 > 3 * noise
    assert abs(np.mean(reduced) - 1.0) < 3 * noise


def test_what_rows_do_not_determine_is_nan():
    X, y = problem()
    model = fit(np.column_stack([X, X[:, 0], np.ones(len(y))]), y)
    assert model.converged_
    np.testing.assert_array_equal(np.isnan(model.standard_errors_), [[False, True, False, True, True]] * 2)
    np.testing.assert_allclose(model.log_likelihood_, fit(X, y).log_likelihood_, rtol=1e-10)


def test_certificate_and_refusals(monkeypatch):
    X, y = problem()
    with pytest.warns(ConvergenceWarning, match="increase max_iter"):
        assert not fit(X, y, max_iter=1).converged_
    with pytest.raises(ValueError, match=r"for C=np.inf; got C=1.0: set C=np.inf"):
        LogLossClassifier(bias_reduction=True).fit(X, y)
    with pytest.raises(TypeError, match="bias_reduction must be True or False; got 'yes'"):
        LogLossClassifier(C=np.inf, bias_reduction="yes").fit(X, y)
    with pytest.raises(ValueError, match="smaller was fitted with bias_reduction=True"):
        likelihood_ratio_test(fit(X[:, :1], y), fit(X, y))
    monkeypatch.setattr("skinfo.classification._firth.MAX_PARAMETERS", 3)
    with pytest.raises(ValueError, match="all 6 parameters, at most 3: set bias_reduction=False"):
        fit(X, y)
