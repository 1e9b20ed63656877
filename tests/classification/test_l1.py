import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skinfo.classification import LogLossClassifier
from skinfo.classification._duality import Penalty
from skinfo.classification._proximal import l1_path, largest_l1, minimise_l1
from tests.classification.losses import mean_loss, rng, soft_labels, softmax_data


def total_objective(model, X, y):
    """Objective of `LogisticRegression` at its own or our parameters."""
    log_proba = model.predict_log_proba(X)
    loss = -log_proba[np.arange(len(y)), np.searchsorted(model.classes_, y)].sum()
    ratio = model.l1_ratio
    return model.C * loss + 0.5 * (1 - ratio) * np.sum(model.coef_**2) + ratio * np.abs(model.coef_).sum()


def scaled(load, n_rows=None):
    X, y = getattr(datasets, f"load_{load}")(return_X_y=True)
    return StandardScaler().fit_transform(X[:n_rows]), y[:n_rows]


@pytest.mark.parametrize(
    ("load", "n_rows", "C", "l1_ratio"),
    [
        ("iris", None, 1.0, 1.0),
        ("iris", None, 1.0, 0.5),
        ("wine", None, 0.1, 1.0),
        ("wine", None, 0.3, 0.3),
        ("breast_cancer", None, 0.1, 1.0),
        ("breast_cancer", None, 0.1, 0.7),
        ("digits", 120, 0.05, 1.0),
    ],
)
def test_agrees_with_saga(load, n_rows, C, l1_ratio):
    X, y = scaled(load, n_rows)
    model = LogLossClassifier(C=C, l1_ratio=l1_ratio, tol=1e-9).fit(X, y)
    penalty = {"l1_ratio": l1_ratio, "penalty": "elasticnet"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        saga = LogisticRegression(C=C, solver="saga", tol=1e-11, max_iter=5000, random_state=0, **penalty).fit(X, y)
    assert model.converged_
    assert model.solver_ == "proximal"
    np.testing.assert_allclose(model.coef_, saga.coef_, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(X), saga.predict_proba(X), atol=1e-6)
    assert total_objective(model, X, y) <= total_objective(saga, X, y) * (1 + 1e-13)
    np.testing.assert_array_equal(model.coef_ == 0, np.abs(saga.coef_) < 1e-7)


def test_agrees_with_liblinear_without_an_intercept():
    X, y = scaled("breast_cancer")
    model = LogLossClassifier(C=1.0, l1_ratio=1.0, fit_intercept=False, tol=1e-9).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = LogisticRegression(
            penalty="l1", l1_ratio=1.0, C=1.0, solver="liblinear", fit_intercept=False, tol=1e-10, max_iter=10000
        ).fit(X, y)
    np.testing.assert_allclose(model.coef_, theirs.coef_, atol=1e-6)
    assert total_objective(model, X, y) <= total_objective(theirs, X, y) * (1 + 1e-13)


@pytest.mark.parametrize("K", [2, 3, 4])
@pytest.mark.parametrize("l1_ratio", [1.0, 0.5, 1e-3])
@pytest.mark.parametrize("intercept", [True, False])
def test_conditions_of_the_optimum_in_raw_units(K, l1_ratio, intercept):
    X, y = softmax_data(K=K)
    X = X * np.array([1e-3, 1.0, 1e3, 1.0, 30.0, 1.0, 0.1, 1.0])
    model = LogLossClassifier(C=0.3, l1_ratio=l1_ratio, fit_intercept=intercept, tol=1e-9).fit(X, y)
    residual = model.predict_proba(X) - np.eye(K)[y]
    residual = residual[:, 1:] if K == 2 else residual
    slopes = 0.3 * residual.T @ X + (1 - l1_ratio) * model.coef_
    zero = model.coef_ == 0
    size = np.abs(X).sum(axis=0)
    assert np.all(np.abs(slopes)[zero] <= l1_ratio + 1e-6)
    assert np.all((np.abs(slopes + l1_ratio * np.sign(model.coef_)) / size)[~zero] < 1e-8)
    if intercept:
        np.testing.assert_allclose(residual.sum(axis=0), 0.0, atol=1e-6)
        assert K == 2 or model.intercept_.sum() == pytest.approx(0.0, abs=1e-10)
    else:
        np.testing.assert_array_equal(model.intercept_, 0.0)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("intercept", [True, False])
def test_sparse_rows_are_dense_rows(K, intercept):
    X, y = softmax_data(K=K)
    X = np.where(np.abs(X) < 1.0, 0.0, X)
    dense = LogLossClassifier(C=0.2, l1_ratio=0.9, fit_intercept=intercept, tol=1e-9).fit(X, y)
    other = LogLossClassifier(C=0.2, l1_ratio=0.9, fit_intercept=intercept, tol=1e-9).fit(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(other.coef_, dense.coef_, atol=1e-7)
    np.testing.assert_allclose(other.intercept_, dense.intercept_, atol=1e-7)


@pytest.mark.parametrize("K", [2, 3])
def test_soft_labels_are_repeated_weighted_rows(K):
    X, _ = softmax_data(K=K)
    q = soft_labels(len(X), K)
    weights = np.random.default_rng(2).uniform(0.1, 3, len(X))
    settings = {"C": 0.2, "l1_ratio": 1.0, "tol": 1e-9}
    soft = LogLossClassifier(**settings).fit(X, q, sample_weight=weights)
    hard = LogLossClassifier(**settings).fit(
        np.repeat(X, K, axis=0), np.tile(np.arange(K), len(X)), sample_weight=(q * weights[:, None]).ravel()
    )
    np.testing.assert_allclose(soft.coef_, hard.coef_, atol=1e-7)
    np.testing.assert_array_equal(soft.coef_ == 0, hard.coef_ == 0)


@pytest.mark.parametrize("K", [2, 3])
def test_shifted_columns_change_nothing(K):
    X, y = softmax_data(K=K)
    moved = X + np.array([1e6, -1e6, 0.0, 100.0] * 2)
    expected, model = (LogLossClassifier(C=0.3, l1_ratio=1.0).fit(rows, y) for rows in (X, moved))
    assert model.converged_
    np.testing.assert_allclose(model.predict_proba(moved), expected.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize("K", [2, 3])
def test_a_strong_penalty_leaves_the_shares_of_the_classes(K):
    X, y = softmax_data(K=K)
    largest = largest_l1(mean_loss(X, y))
    above = LogLossClassifier(C=0.999 / (largest * len(y)), l1_ratio=1.0).fit(X, y)
    np.testing.assert_array_equal(above.coef_, 0.0)
    assert above.converged_
    np.testing.assert_allclose(above.predict_proba(X[:1])[0], np.bincount(y) / len(y), rtol=1e-12)
    below = LogLossClassifier(C=1.01 / (largest * len(y)), l1_ratio=1.0, tol=1e-9).fit(X, y)
    assert 1 <= np.count_nonzero(below.coef_) <= 2


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("C", [0.1, 1e3])
def test_duplicate_constant_and_opposite_columns(K, C):
    X, y = softmax_data(n=150, K=K)
    wide = np.column_stack([X, X[:, 0], -X[:, 1], np.full(len(X), 0.1), X[:, 2] * 1e6])
    model = LogLossClassifier(C=C, l1_ratio=1.0).fit(wide, y)
    assert model.converged_
    np.testing.assert_array_equal(model.coef_[:, 10], 0.0)
    # The copy in larger units costs less: it stands in for the other.
    np.testing.assert_array_equal(model.coef_[:, 2], 0.0)
    X = np.column_stack([np.delete(X, 2, axis=1), X[:, 2] * 1e6])
    narrow = LogLossClassifier(C=C, l1_ratio=1.0).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(wide), narrow.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("scales", [3, 12])
def test_columns_of_extreme_units(K, scales):
    X, y = softmax_data(K=K)
    X = X * 10.0 ** np.linspace(-scales, scales, 8)
    model = LogLossClassifier(l1_ratio=1.0).fit(X, y)
    assert model.converged_
    np.testing.assert_array_equal(model.coef_[:, 0], 0.0)
    residual = model.predict_proba(X) - np.eye(K)[y]
    slopes = (residual[:, 1:] if K == 2 else residual).T @ X
    size = np.abs(X).sum(axis=0)
    assert np.all(np.abs(slopes)[model.coef_ == 0] <= (1.0 + 1e-6 * size)[np.nonzero(model.coef_ == 0)[1]])
    assert np.all((np.abs(slopes + np.sign(model.coef_)) / size)[model.coef_ != 0] < 1e-5)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("l1_ratio", [1.0, 0.5])
def test_more_columns_than_rows_and_separable(K, l1_ratio):
    X, y = softmax_data(n=40, p=120, K=K)
    for C in (0.1, 1e4):
        model = LogLossClassifier(C=C, l1_ratio=l1_ratio).fit(X, y)
        assert model.converged_
        assert l1_ratio < 1 or np.count_nonzero(model.coef_.any(axis=0)) <= (K - 1) * 40


def test_an_infinite_c_has_no_penalty():
    X, y = softmax_data()
    model, plain = LogLossClassifier(C=np.inf, l1_ratio=1.0).fit(X, y), LogLossClassifier(C=np.inf).fit(X, y)
    assert model.solver_ == plain.solver_
    np.testing.assert_array_equal(model.coef_, plain.coef_)
    assert model.standard_errors_.shape == (2, 9)


def test_no_l1_is_the_ridge():
    X, y = softmax_data()
    ridge = LogLossClassifier(tol=1e-9).fit(X, y)
    nearly = LogLossClassifier(l1_ratio=1e-9, tol=1e-9).fit(X, y)
    np.testing.assert_allclose(nearly.coef_, ridge.coef_, atol=1e-7)


@pytest.mark.parametrize("K", [2, 4])
def test_a_path_is_its_fits(K):
    X, y = softmax_data(p=30, K=K)
    objective = mean_loss(X, y)
    largest = largest_l1(objective)
    values = largest * np.geomspace(1, 1e-3, 12)
    points = list(l1_path(objective, None, [(v, 0.1 * v) for v in values], tol=1e-9, max_iter=100, rng=rng()))
    assert not points[0].theta[:, 1:].any()
    counts = [np.count_nonzero(point.theta[:, 1:]) for point in points]
    assert counts[-1] > counts[1] > 0
    for value, point in zip(values[1::3], points[1::3]):
        assert point.norm <= 1e-7
        alone = minimise_l1(objective, None, value, 0.1 * value, tol=1e-9, max_iter=100, rng=rng())
        np.testing.assert_allclose(point.theta, alone.theta, atol=1e-5)


def test_a_path_walks_the_rows_less_than_its_fits():
    X, y = softmax_data(n=500, p=30, K=2)
    values = 0.2 * np.geomspace(1, 1e-2, 20)
    objective, alone = mean_loss(X, y), mean_loss(X, y)
    list(l1_path(objective, None, [(v, 0.0) for v in values], tol=1e-6, max_iter=100, rng=rng()))
    for v in values:
        minimise_l1(alone, None, v, tol=1e-6, max_iter=100, rng=rng())
    assert objective.counter.count < 0.6 * alone.counter.count


def test_an_even_number_of_classes_gets_the_sparsest_solution():
    X, y = softmax_data(n=2000, p=3, K=4)
    model = LogLossClassifier(C=1.0, l1_ratio=1.0, tol=1e-9).fit(X, y)
    assert np.all((model.coef_ == 0).any(axis=0))


def test_subsampled_metrics_end_where_exact_ones_do(monkeypatch):
    X, y = softmax_data(n=6000, p=20, K=3)
    exact = LogLossClassifier(C=0.01, l1_ratio=1.0, tol=1e-9).fit(X, y)
    monkeypatch.setattr("skinfo.classification._l1_metric._WORK", 0.0)
    monkeypatch.setattr("skinfo.classification._l1_metric._ROWS_PER_PARAMETER", 0)
    model = LogLossClassifier(C=0.01, l1_ratio=1.0, tol=1e-9).fit(X, y)
    assert model.converged_
    np.testing.assert_allclose(model.coef_, exact.coef_, atol=1e-7)


def test_nothing_to_fit():
    X, y = softmax_data(K=2)
    model = LogLossClassifier(C=1e-6, l1_ratio=1.0, fit_intercept=False).fit(X, y)
    assert model.converged_
    np.testing.assert_array_equal(model.coef_, 0.0)


@pytest.mark.parametrize("K", [2, 3])
def test_an_offset_of_a_column_takes_its_place(K):
    X, y = softmax_data(K=K)
    plain = mean_loss(X, y)
    theta = np.zeros(plain.shape)
    theta[:, 1] = np.arange(1.0, 1.0 + len(theta))
    moved = plain.over(plain.rows, plain.loss, plain.changes(theta))
    penalty = Penalty(0.02 * plain.rows.columns.inverse_scale, 0.0 * plain.rows.columns.inverse_scale)
    point = minimise_l1(moved, None, 0.02, tol=1e-9, max_iter=100, rng=rng())
    assert point.norm <= 1e-9
    # The slopes are the plain loss's where the offset is a part of the parameters.
    _, gradient = plain(point.theta + theta)
    assert np.all(np.abs(gradient[:, 1:]) <= penalty.l1 + 1e-9)
    np.testing.assert_allclose(gradient, point.gradient, atol=1e-12)
    largest = largest_l1(moved)
    assert not minimise_l1(moved, None, 1.0001 * largest, tol=1e-9, max_iter=100, rng=rng()).theta[:, 1:].any()
    assert minimise_l1(moved, None, 0.999 * largest, tol=1e-9, max_iter=100, rng=rng()).theta[:, 1:].any()


def test_stopping_early_is_said():
    X, y = softmax_data()
    with pytest.warns(ConvergenceWarning, match="stopped after 1 iterations.*increase max_iter"):
        model = LogLossClassifier(l1_ratio=1.0, max_iter=1).fit(X, y)
    assert not model.converged_
    assert np.isfinite(model.gradient_norm_)
    best = LogLossClassifier(l1_ratio=1.0).fit(X, y)
    assert total_objective(model, X, y) - total_objective(best, X, y) <= 0.5 * model.gradient_norm_**2 * len(y)


@pytest.mark.parametrize("l1_ratio", [1.0, 0.5])
def test_a_warm_start_takes_few_iterations(l1_ratio):
    X, y = softmax_data(p=30)
    model = LogLossClassifier(C=0.3, l1_ratio=l1_ratio, warm_start=True).fit(X, y)
    cold, coef = model.n_iter_, model.coef_
    model.set_params(C=0.31).fit(X, y)
    assert model.n_iter_ < cold
    model.set_params(C=0.3).fit(X, y)
    np.testing.assert_allclose(model.coef_, coef, atol=1e-5)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("l1_ratio", [1.0, 0.5])
@pytest.mark.parametrize("convert", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
def test_working_sets_that_are_too_small(K, l1_ratio, convert, monkeypatch):
    X, y = softmax_data(p=40, K=K)
    X = np.where(np.abs(X) < 0.7, 0.0, X)
    expected = LogLossClassifier(C=0.3, l1_ratio=l1_ratio, tol=1e-9).fit(X, y)
    monkeypatch.setattr("skinfo.classification._proximal._MOST", 12)
    model = LogLossClassifier(C=0.3, l1_ratio=l1_ratio, tol=1e-5, max_iter=2000).fit(convert(X), y)
    assert np.count_nonzero(expected.coef_) > 15
    assert model.converged_
    np.testing.assert_allclose(model.coef_, expected.coef_, atol=1e-4)
    np.testing.assert_array_equal(model.coef_ == 0, expected.coef_ == 0)


@pytest.mark.parametrize("l1_ratio", [0.5, 1.0])
@pytest.mark.parametrize("K", [3, 4])
def test_penalties_below_the_rounding_of_slopes(K, l1_ratio):
    """In units in which a penalty is nothing a coefficient is as good as free: rounding of its slope is no gap."""
    X, y = softmax_data(K=K)
    X = X * 10.0 ** np.array([11, 8, 4, 0, 1, 9, 11, -3])
    model = LogLossClassifier(C=1e4, l1_ratio=l1_ratio).fit(X, y)
    assert model.converged_
    free = [0, 1, 2, 5, 6]
    residual = np.eye(K)[y] - model.predict_proba(X)
    slopes = residual.T @ ((X - X.mean(axis=0)) / X.std(axis=0)) / len(X)
    assert np.abs(slopes[:, free]).max() <= 1e-6


def test_sparse_columns_far_from_zero_with_a_vanishing_penalty():
    """Centred after the products: slopes have the rounding of terms as large as the mean."""
    X, y = softmax_data(K=4)
    X = (X + np.array([0, 1e5, 0, 4e5, 0, 0, 0, 0])) * 10.0 ** np.array([9, 9, 3, 5, 0, 0, 8, 2])
    dense, rows = (LogLossClassifier(C=1e4, l1_ratio=0.5).fit(form(X), y) for form in (np.asarray, sparse.csr_matrix))
    assert dense.converged_
    assert rows.converged_
    np.testing.assert_allclose(rows.predict_proba(X), dense.predict_proba(X), atol=1e-6)


def test_near_copies_in_units_without_a_penalty_are_named():
    """Slopes that rounding excuses one by one add up where large coefficients nearly cancel: no gap may hide that."""
    random = np.random.default_rng(0)
    Z, y = random.normal(size=(200, 3)), random.integers(0, 2, 200)
    X = np.column_stack([Z.astype(np.float32) * 1e12, (Z * np.float32(1.1e3)).astype(np.float32) * 1e6, Z[:, 0]])
    with pytest.warns(ConvergenceWarning, match=r"columns 0, 1, .* all but depend on each other.*scale X"):
        early = LogLossClassifier(C=1e4, l1_ratio=0.5, max_iter=20).fit(X, y)
    with pytest.warns(ConvergenceWarning):
        late = LogLossClassifier(C=1e4, l1_ratio=0.5, max_iter=60).fit(X, y)
    excess = (total_objective(early, X, y) - total_objective(late, X, y)) / early.C / len(X)
    # Curvature below the metric's rounding leaves a factor.
    assert excess <= 20 * early.gradient_norm_**2 / 2
