import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, sparse, special
from sklearn import datasets
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skinfo.classification import LogLossClassifier, LogLossClassifierCV
from skinfo.classification._lbfgs import Point
from skinfo.classification._separation import Separation


@parametrize_with_checks(
    [
        LogLossClassifier(),
        LogLossClassifier(l1_ratio=0.5),
        LogLossClassifier(l1_ratio=1.0),
        LogLossClassifier(C=np.inf, bias_reduction=True),
    ]
)
@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("default::RuntimeWarning")
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def softmax_data(n=400, p=4, K=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    logits = X @ rng.normal(size=(p, K)) + rng.normal(size=K)
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def soft_labels(n, K, seed=1):
    return np.random.default_rng(seed).dirichlet(np.ones(K), n)


@pytest.mark.parametrize("load", ["iris", "wine", "breast_cancer", "digits"])
def test_agrees_with_logistic_regression_in_raw_units(load):
    X, y = getattr(datasets, f"load_{load}")(return_X_y=True)
    ours = LogLossClassifier(tol=1e-9, random_state=0).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(X, y)
    assert ours.converged_
    assert ours.coef_.shape == theirs.coef_.shape
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-7)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-7)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize(
    "convert",
    [
        np.asfortranarray,
        sparse.csr_matrix,
        sparse.csc_array,
        lambda X: pd.DataFrame(X, columns=list("abcd")),
        lambda X: X.astype(np.float32),
    ],
    ids=["F", "csr", "csc", "DataFrame", "float32"],
)
def test_formats_of_rows_agree(convert, K, fit_intercept):
    X, y = softmax_data(K=K)
    X = np.round(np.where(np.abs(X) < 0.5, 0.0, X), 2).astype(np.float32).astype(np.float64)
    dense = LogLossClassifier(fit_intercept=fit_intercept).fit(X, y)
    other = LogLossClassifier(fit_intercept=fit_intercept).fit(convert(X), y)
    tol = {"rtol": 1e-10} if other.coef_.dtype == np.float64 else {"rtol": 1e-6, "atol": 1e-7}
    np.testing.assert_allclose(other.coef_, dense.coef_, **tol)
    np.testing.assert_allclose(other.intercept_, dense.intercept_, **tol)
    np.testing.assert_allclose(other.predict_proba(convert(X)), dense.predict_proba(X), atol=1e-7)


@pytest.mark.parametrize("solver", ["newton", "subsampled-newton", "newton-cg", "lbfgs"])
@pytest.mark.parametrize("convert", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
def test_solvers_agree(solver, convert):
    X, y = softmax_data()
    expected = LogLossClassifier().fit(X, y).coef_
    model = LogLossClassifier(solver=solver, tol=1e-9, max_iter=500).fit(convert(X), y)
    assert model.solver_ == solver
    np.testing.assert_allclose(model.coef_, expected, atol=1e-6)


@pytest.mark.parametrize("K", [2, 4])
@pytest.mark.parametrize("C", [1.0, np.inf])
def test_one_hot_labels_are_labels(K, C):
    X, y = softmax_data(K=K)
    hard = LogLossClassifier(C=C).fit(X, y)
    soft = LogLossClassifier(C=C).fit(X, np.eye(K)[y])
    np.testing.assert_allclose(soft.coef_, hard.coef_, atol=1e-9)
    assert soft.log_likelihood_ == pytest.approx(hard.log_likelihood_, rel=1e-12)


@pytest.mark.parametrize("K", [2, 3])
def test_soft_labels_are_repeated_weighted_rows(K):
    X, _ = softmax_data(K=K)
    q = soft_labels(len(X), K)
    weights = np.random.default_rng(2).uniform(0.1, 3, len(X))
    soft = LogLossClassifier().fit(X, q, sample_weight=weights)
    repeated = LogLossClassifier().fit(
        np.repeat(X, K, axis=0), np.tile(np.arange(K), len(X)), sample_weight=(q * weights[:, None]).ravel()
    )
    np.testing.assert_allclose(soft.coef_, repeated.coef_, atol=1e-9)
    np.testing.assert_allclose(soft.intercept_, repeated.intercept_, atol=1e-9)


def test_soft_labels_are_named_by_columns():
    X, _ = softmax_data()
    y = pd.DataFrame(soft_labels(len(X), 3), columns=["low", "mid", "high"])
    model = LogLossClassifier().fit(X, y)
    assert list(model.classes_) == ["low", "mid", "high"]
    assert set(model.predict(X)) <= {"low", "mid", "high"}
    assert list(LogLossClassifier().fit(X, y.to_numpy()).classes_) == [0, 1, 2]


@pytest.mark.parametrize("K", [2, 3])
def test_class_weights_multiply_label_mass(K):
    X, y = softmax_data(K=K)
    factors = {0: 2.0, 1: 0.5}
    weights = np.array([factors.get(c, 1.0) for c in y])
    by_row = LogLossClassifier().fit(X, y, sample_weight=weights)
    for labels in (y, np.eye(K)[y]):
        by_class = LogLossClassifier(class_weight=factors).fit(X, labels)
        np.testing.assert_allclose(by_class.coef_, by_row.coef_, atol=1e-9)
        assert by_class.log_likelihood_ == pytest.approx(by_row.log_likelihood_)
    balanced = LogLossClassifier(class_weight="balanced").fit(X, y)
    weights = len(y) / (K * np.bincount(y)[y])
    np.testing.assert_allclose(balanced.coef_, LogLossClassifier().fit(X, y, sample_weight=weights).coef_, atol=1e-9)


def test_class_weights_of_soft_labels_are_row_masses():
    X, _ = softmax_data()
    q, factors = soft_labels(len(X), 3), np.array([3.0, 1.0, 0.2])
    model = LogLossClassifier(class_weight=dict(enumerate(factors))).fit(X, q)
    mass = q * factors
    total = mass.sum(axis=1)
    same = LogLossClassifier().fit(X, mass / total[:, None], sample_weight=total)
    np.testing.assert_allclose(model.coef_, same.coef_, atol=1e-9)


def test_rows_of_weight_zero_are_not_there():
    X, y = softmax_data()
    weights = np.ones(len(y))
    weights[::3] = 0
    X_odd = X.copy()
    X_odd[::3] *= 1e6
    labels = np.where(weights == 0, 7, y)
    model = LogLossClassifier().fit(X_odd, labels, sample_weight=weights)
    kept = LogLossClassifier().fit(X[weights > 0], y[weights > 0])
    assert list(model.classes_) == list(kept.classes_)
    np.testing.assert_allclose(model.coef_, kept.coef_, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("K", [3, 4])
def test_hard_labels_of_class_weight_zero_are_not_there(K):
    X, y = softmax_data(K=K)
    weights = np.random.default_rng(0).uniform(0, 2, len(y))
    kept = y != 1
    expected = LogLossClassifier(class_weight="balanced").fit(X[kept], y[kept], weights[kept])
    by_row = LogLossClassifier(class_weight="balanced").fit(X, y, np.where(kept, weights, 0.0))
    np.testing.assert_allclose(by_row.coef_, expected.coef_, rtol=1e-9)
    factors = {0: 0.5, 1: 0, 2: 3.0, 9: 4.0}
    model = LogLossClassifier(class_weight=factors).fit(X, y, weights)
    assert list(model.classes_) == [k for k in range(K) if k != 1]
    same = LogLossClassifier(class_weight=factors).fit(X[kept], y[kept], weights[kept])
    np.testing.assert_allclose(model.coef_, same.coef_, rtol=1e-9)
    with pytest.raises(ValueError, match=r"class_weight gives no mass to the classes \[1\]"):
        LogLossClassifier(class_weight=factors).fit(X, np.eye(K)[y])


def test_class_weights_may_name_what_labels_lack():
    X, y = softmax_data(K=2)
    expected = LogLossClassifier(class_weight={0: 2.0}).fit(X, y)
    model = LogLossClassifier(class_weight={0: 2.0, 7: 5.0}).fit(X, y)
    np.testing.assert_array_equal(model.coef_, expected.coef_)
    with pytest.warns(UserWarning, match=r"class_weight has weights for \['0'\], none of which is in y") as caught:
        LogLossClassifier(class_weight={"0": 2.0}).fit(X, y)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("K", [2, 3])
def test_score_of_soft_labels_is_expected_accuracy(K):
    X, _ = softmax_data(K=K)
    y, weights = soft_labels(len(X), K), np.arange(len(X)) % 3
    model = LogLossClassifier().fit(X, y)
    predicted = model.predict(X)
    mass = y[np.arange(len(y)), predicted]
    assert model.score(X, y) == pytest.approx(mass.mean())
    assert model.score(X, y, weights) == pytest.approx(np.average(mass, weights=weights))
    assert model.score(X, np.eye(K)[predicted]) == model.score(X, predicted) == 1.0
    # Columns are told by name; a class that they lack has no mass.
    named = pd.DataFrame(np.column_stack([y[:, ::-1] / 2, np.full(len(y), 0.5)]), columns=[*range(K)[::-1], "new"])
    assert model.score(X, named) == pytest.approx(mass.mean() / 2)
    with pytest.raises(ValueError, match=f"y must have a column for each of the {K} classes; it has 5"):
        model.score(X, soft_labels(len(X), 5))
    with pytest.raises(ValueError, match=r"np.column_stack\(\[1 - p, p\]\)"):
        model.score(X, y[:, 1])


def test_select_from_model_keeps_the_columns_of_a_l1_fit():
    X, y = datasets.load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    for model in (LogLossClassifier(l1_ratio=1.0, C=0.1), LogLossClassifierCV(Cs=[0.1], l1_ratios=[1.0], cv=3)):
        selector = SelectFromModel(model).fit(X, y)
        assert selector.estimator_.penalty == "l1"
        np.testing.assert_array_equal(selector.get_support(), selector.estimator_.coef_[0] != 0)
    assert LogLossClassifier().penalty == "l2"
    assert LogLossClassifier(l1_ratio=0.5).penalty == "elasticnet"
    assert LogLossClassifier(C=np.inf, l1_ratio=1.0).penalty is None
    assert not hasattr(LogLossClassifierCV(), "penalty")


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("C", [1.0, np.inf])
def test_shifted_columns_change_nothing(K, C):
    X, y = softmax_data(K=K)
    moved = X + np.array([1e6, -1e6, 0.0, 100.0])
    expected, model = LogLossClassifier(C=C).fit(X, y), LogLossClassifier(C=C).fit(moved, y)
    assert model.converged_
    np.testing.assert_allclose(model.predict_proba(moved), expected.predict_proba(X), atol=1e-8)


def test_far_columns_lose_only_what_their_numbers_lost():
    X, y = softmax_data()
    far = X + 1e12
    model = LogLossClassifier().fit(far, y)
    assert model.converged_
    np.testing.assert_allclose(model.coef_, LogLossClassifier().fit(far - 1e12, y).coef_, atol=1e-8)


@pytest.mark.parametrize("K", [2, 3])
def test_units_change_nothing_without_penalty(K):
    X, y = softmax_data(K=K)
    scale = np.array([1e-9, 1e9, 1.0, 1e-3])
    expected = LogLossClassifier(C=np.inf).fit(X, y)
    model = LogLossClassifier(C=np.inf).fit(X * scale, y)
    assert model.converged_
    np.testing.assert_allclose(model.coef_ * scale, expected.coef_, rtol=1e-8)


@pytest.mark.parametrize("C", [1.0, 1e8, np.inf])
def test_collinear_and_constant_columns(C):
    X, y = softmax_data(n=200)
    wide = np.column_stack([X, X[:, 0], X[:, 1] + X[:, 2], np.full(len(X), 0.1)])
    model = LogLossClassifier(C=C).fit(wide, y)
    assert model.converged_
    np.testing.assert_array_equal(model.coef_[:, -1], 0.0)
    if np.isinf(C):
        expected = LogLossClassifier(C=C).fit(X, y).predict_proba(X)
        np.testing.assert_allclose(model.predict_proba(wide), expected, atol=1e-7)


@pytest.mark.parametrize("K", [2, 3])
def test_more_columns_than_rows(K):
    X, y = softmax_data(n=30, p=60, K=K)
    model = LogLossClassifier().fit(X, y)
    theirs = LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=500).fit(X, y)
    np.testing.assert_allclose(model.coef_, theirs.coef_, atol=1e-7)


@pytest.mark.parametrize("K", [2, 3])
def test_maximum_likelihood_against_a_general_optimiser(K):
    X, _ = softmax_data(n=300, K=K)
    q = soft_labels(len(X), K)
    design = np.column_stack([np.ones(len(X)), X])

    def loss(flat):
        logits = np.column_stack([np.zeros(len(X)), design @ flat.reshape(K - 1, -1).T])
        residual = special.softmax(logits, axis=1) - q
        return -np.sum(q * special.log_softmax(logits, axis=1)), (residual[:, 1:].T @ design).ravel()

    best = optimize.minimize(loss, np.zeros((K - 1) * 5), jac=True, method="BFGS", options={"gtol": 1e-9})
    model = LogLossClassifier(C=np.inf).fit(X, q)
    theta = np.column_stack([model.intercept_, model.coef_])
    if K > 2:
        np.testing.assert_allclose(theta.sum(axis=0), 0.0, atol=1e-12)
        theta = theta[1:] - theta[0]
    np.testing.assert_allclose(theta.ravel(), best.x, atol=1e-7)
    assert model.log_likelihood_ == pytest.approx(-best.fun, rel=1e-12)


def test_log_likelihood_and_probabilities_are_consistent():
    X, y = softmax_data()
    weights = np.random.default_rng(0).uniform(size=len(y))
    model = LogLossClassifier(C=0.1).fit(X, y, sample_weight=weights)
    log_proba = model.predict_log_proba(X)
    np.testing.assert_allclose(np.exp(log_proba), model.predict_proba(X), atol=1e-15)
    assert model.log_likelihood_ == pytest.approx(weights @ log_proba[np.arange(len(y)), y])
    # Log probabilities are finite where probabilities underflow.
    assert np.isfinite(model.predict_log_proba(1e5 * X)).all()
    assert (model.predict_proba(1e5 * X) == 0).any()


def test_gradient_norm_measures_the_gap():
    X, y = softmax_data(n=3000)
    best = LogLossClassifier(C=np.inf).fit(X, y)
    loose = LogLossClassifier(C=np.inf, tol=3e-2, solver="lbfgs").fit(X, y)
    gap = (best.log_likelihood_ - loose.log_likelihood_) / len(y)
    assert loose.gradient_norm_ <= 3e-2
    assert 0.2 < np.sqrt(2 * gap) / loose.gradient_norm_ < 5


def test_few_passes_over_ill_conditioned_rows():
    rng = np.random.default_rng(0)
    n, p, K = 60_000, 12, 5
    X = np.sqrt(0.9) * rng.normal(size=(n, 1)) + np.sqrt(0.1) * rng.normal(size=(n, p))
    logits = X @ rng.normal(size=(p, K))
    y = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    model = LogLossClassifier(random_state=0).fit(X * np.exp(np.linspace(-3, 3, p)), y)
    assert model.converged_
    assert model.n_passes_ <= 16, model.n_passes_


def test_rare_columns_and_classes():
    rng = np.random.default_rng(0)
    n = 60_000
    X = np.column_stack([rng.normal(size=n), rng.uniform(size=n) < 5e-4, 2000 * rng.uniform(size=n)])
    logits = np.column_stack([np.zeros(n), X[:, 0], 2 * X[:, 1] - 3.0])
    y = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    model = LogLossClassifier(C=np.inf, random_state=0).fit(X, y)
    assert model.converged_
    assert model.n_passes_ <= 25


@pytest.mark.parametrize("K", [2, 3])
def test_complete_separation_is_named(K):
    X = np.arange(4.0 * K)[:, None]
    with pytest.warns(ConvergenceWarning, match="complete separation.*finite C"):
        model = LogLossClassifier(C=np.inf).fit(X, np.repeat(np.arange(K), 4))
    assert not model.converged_
    assert model.status_ == "limit"


def test_quasi_complete_separation_is_named():
    x = np.array([0.0, 1, 2, 3, 3, 3, 4, 5, 6])
    y = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    with pytest.warns(ConvergenceWarning, match="quasi-complete separation"):
        model = LogLossClassifier(C=np.inf).fit(x[:, None], y)
    assert not model.converged_
    # One cell of a table is empty: in a model of three classes too.
    rng = np.random.default_rng(0)
    group = rng.integers(0, 2, 300)
    y = np.where(group == 1, rng.integers(0, 2, 300), rng.integers(0, 3, 300))
    with pytest.warns(ConvergenceWarning, match="quasi-complete separation"):
        LogLossClassifier(C=np.inf).fit(np.column_stack([group, rng.normal(size=300)]), y)


def test_soft_labels_separate_where_mass_lies_on_one_side():
    x = np.array([0.0, 1, 2, 3, 4, 5])[:, None]
    mixed = np.array([[1, 0], [1, 0], [0.5, 0.5], [0.5, 0.5], [0, 1], [0, 1]])
    assert LogLossClassifier(C=np.inf).fit(x, mixed).converged_
    # Two classes share every row of their side.
    shared = np.array([[0.5, 0.5, 0]] * 3 + [[0, 0, 1]] * 3)
    with pytest.warns(ConvergenceWarning, match="separable"):
        LogLossClassifier(C=np.inf).fit(x, shared)


def test_a_penalty_makes_separable_labels_fit():
    X = np.arange(8.0)[:, None]
    assert LogLossClassifier(C=10.0).fit(X, X[:, 0] > 3).converged_


def test_large_logits_that_overlap_are_no_separation():
    rng = np.random.default_rng(0)
    x = rng.normal(size=2000) * 40
    y = (x + rng.logistic(size=2000) > 0).astype(int)
    assert LogLossClassifier(C=np.inf).fit(x[:, None], y).converged_


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"C": 0}, ValueError, "C must be a positive number; got 0"),
        ({"C": float("nan")}, ValueError, "C must be a positive number"),
        ({"C": "1"}, TypeError, "C must be a positive number"),
        ({"l1_ratio": 1.5}, ValueError, "l1_ratio must be a number from 0 to 1; got 1.5"),
        ({"l1_ratio": None}, TypeError, "l1_ratio must be a number from 0 to 1; got None"),
        ({"tol": -1.0}, ValueError, "tol must be a positive number; got -1"),
        ({"max_iter": 0}, ValueError, "max_iter must be an integer, at least 1; got 0"),
        ({"max_iter": 2.5}, TypeError, "max_iter must be an integer"),
        ({"solver": "sag"}, ValueError, "solver must be one of .*'lbfgs'.*got 'sag'"),
        ({"C": 10**400}, ValueError, "C is an integer beyond what a float holds"),
        ({"fit_intercept": "no"}, TypeError, "fit_intercept must be True or False; got 'no'"),
        ({"warm_start": 1}, TypeError, "warm_start must be True or False; got 1"),
        ({"random_state": "now"}, ValueError, "random_state must be None, an integer .* got 'now'"),
        ({"class_weight": {0: -1.0}}, ValueError, r"class_weight\[0\] must be a finite number, not negative"),
        ({"class_weight": {0: None}}, ValueError, r"class_weight\[0\] must be a finite number, .* got None"),
        ({"class_weight": {0: 10**400}}, ValueError, r"class_weight\[0\] must be a finite number"),
        ({"class_weight": {0: 0, 1: 0}}, ValueError, r"only 1 class with weight, \[2\]"),
        ({"class_weight": "even"}, ValueError, "class_weight must be a dict, 'balanced' or None"),
    ],
)
def test_bad_arguments(arguments, error, message):
    X, y = softmax_data(n=40)
    with pytest.raises(error, match=message):
        LogLossClassifier(**arguments).fit(X, y)


def test_bad_data():
    X, y = softmax_data(n=40)
    model = LogLossClassifier()
    with pytest.raises(ValueError, match="only 1 class"):
        model.fit(X, np.zeros(40))
    for lone in (np.linspace(0, 1, 40), np.linspace(0, 1, 40)[:, None]):
        with pytest.raises(ValueError, match=r"Unknown label type.*np.column_stack\(\[1 - p, p\]\)"):
            model.fit(X, lone)
    with pytest.raises(ValueError, match="Unknown label type"):
        model.fit(X, np.linspace(0, 9, 40))
    with pytest.raises(
        ValueError, match=r"y must sum to one.*row 0 sums to 2. Divide .*, and pass the sums as sample_weight"
    ):
        model.fit(X, np.ones((40, 2), dtype=int))
    with pytest.raises(ValueError, match="y must be probabilities"):
        model.fit(X, np.tile([1.5, -0.5], (40, 1)))
    with pytest.raises(ValueError, match=r"y gives no mass to the classes \[2\]"):
        model.fit(X, np.tile([0.5, 0.5, 0.0], (40, 1)))
    with pytest.raises(ValueError, match="sample_weight must not be negative"):
        model.fit(X, y, sample_weight=-np.ones(40))
    with pytest.raises(ValueError, match=r"sample_weight is up to 1e.308, too large to be summed"):
        model.fit(X, y, sample_weight=np.full(40, 1e308))
    with pytest.raises(ValueError, match=r"y, times sample_weight, gives no mass to the classes \[1\]"):
        model.fit(X, np.eye(2)[np.arange(40) % 2], sample_weight=np.arange(40) % 2 == 0)
    with pytest.raises(ValueError, match="NaN: 40 in column 0, 40 in column 1"):
        model.fit(np.full_like(X, np.nan), y)
    with pytest.raises(TypeError, match=r"^predict\(\) got an unexpected keyword argument"):
        model.predict(X, offsets=0)
    with pytest.raises(ValueError, match="too large to be squared"):
        model.fit(X * 1e200, y)
    with pytest.warns(DataConversionWarning):
        model.fit(X, y[:, None])


def test_stopping_early_is_said():
    X, y = softmax_data()
    with pytest.warns(ConvergenceWarning, match="stopped after 1 iterations.*increase max_iter"):
        model = LogLossClassifier(max_iter=1, solver="lbfgs").fit(X, y)
    assert not model.converged_
    assert model.status_ == "max_iter"
    assert model.n_iter_ == 1


def test_a_maximum_as_near_as_rounding_allows_is_one():
    X, y = softmax_data()
    model = LogLossClassifier().fit(X, y)
    assert model.status_ == "maximum"
    for norm, stalled, status in [(1e-8, True, "rounding"), (1e-8, False, "max_iter"), (1e-5, True, "max_iter")]:
        point = Point(np.zeros(1), 0.5, np.zeros(1), norm, 9, stalled)
        assert model.set_params(tol=1e-9)._status(point, Separation("none")) == status


def test_inputs_are_not_modified_and_a_failed_refit_changes_nothing():
    X, _ = softmax_data()
    q, weights = soft_labels(len(X), 3), np.ones(len(X))
    before = [a.copy() for a in (X, q, weights)]
    for a in (X, q, weights):
        a.flags.writeable = False
    model = LogLossClassifier(class_weight="balanced").fit(X, q, sample_weight=weights)
    for a, b in zip((X, q, weights), before):
        np.testing.assert_array_equal(a, b)
    state = {name: pickle.dumps(value) for name, value in vars(model).items()}
    with pytest.raises(ValueError, match="1 class"):
        model.fit(pd.DataFrame(X[:, :2], columns=["a", "b"]), np.zeros(len(X)))
    assert {name: pickle.dumps(value) for name, value in vars(model).items()} == state


def test_warm_start_takes_few_iterations():
    X, y = softmax_data(n=3000)
    model = LogLossClassifier(warm_start=True).fit(X, y)
    cold, coef = model.n_iter_, model.coef_
    model.fit(X, y)
    assert model.n_iter_ < cold
    np.testing.assert_allclose(model.coef_, coef, atol=1e-9)
    model.fit(X[:, :2], y)
    assert model.coef_.shape == (3, 2)


def test_pickle_and_clone():
    X, y = softmax_data()
    labels = np.array(["a", "b", "c"])[y]
    model = LogLossClassifier(C=2.0).fit(X, labels)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    assert clone(model).get_params() == model.get_params()


@pytest.mark.parametrize("C", [1.0, 1e4, np.inf])
def test_columns_that_are_nearly_dependent(C):
    rng = np.random.default_rng(0)
    X, y = softmax_data(n=200, K=3)
    nearly = X[:, :1] + 1e-7 * rng.normal(size=(len(y), 1))
    model = LogLossClassifier(C=C).fit(np.hstack([X, nearly]), y)
    assert model.converged_
    # The same span by columns that are not.
    if np.isinf(C):
        apart = LogLossClassifier(C=C).fit(np.hstack([X, 1e7 * (nearly - X[:, :1])]), y)
        assert model.log_likelihood_ == pytest.approx(apart.log_likelihood_, rel=1e-9)


@pytest.mark.parametrize("value", [0.1, 1e12])
def test_a_stored_constant_column_is_constant(value):
    X, y = softmax_data(n=300)
    constant = sparse.csr_matrix(np.column_stack([X, np.full(len(y), value)]))
    model = LogLossClassifier(C=np.inf).fit(constant, y)
    assert model.converged_
    np.testing.assert_array_equal(model.coef_[:, -1], 0.0)
    np.testing.assert_allclose(model.coef_[:, :-1], LogLossClassifier(C=np.inf).fit(X, y).coef_, atol=1e-9)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize(
    "load", [datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits]
)
def test_agrees_with_logistic_regression_in_units_of_standard_errors(load, C):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)  # raw columns are too much for the other's solvers
    model = LogLossClassifier(C=C, tol=1e-10).fit(X, y)
    theirs = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-14, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where rounding stops its line search
        theirs.fit(X, y)
    design = np.column_stack([np.ones(len(y)), X])
    q = model.predict_proba(X)
    for k in range(len(model.coef_)):
        curvature = q[:, k if len(model.classes_) > 2 else 1]
        hessian = design.T @ (design * (curvature * (1 - curvature))[:, None])
        hessian += np.diag([0.0] + [1.0 / C] * X.shape[1])
        errors = np.sqrt(np.diagonal(np.linalg.pinv(hessian, hermitian=True)))
        difference = np.append(model.intercept_[k] - theirs.intercept_[k], model.coef_[k] - theirs.coef_[k])
        varies = np.concatenate([[True], X.std(axis=0) > 0])
        assert np.abs(difference / errors)[varies].max() <= 1e-6


@pytest.mark.parametrize("K", [2, 4])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("convert", [np.asarray, np.asfortranarray, np.float32])
def test_the_row_space_holds_the_optimum(K, fit_intercept, convert):
    X, y = softmax_data(n=60, p=150, K=K)
    rng = np.random.default_rng(0)
    X = X * np.exp(rng.normal(size=150)) + 10.0 * rng.normal(size=150)
    X[:, 3], X[5] = 2.0, X[6]  # a column that is constant, a row that stands twice
    fit = {"sample_weight": rng.integers(0, 3, 60), "offset": rng.normal(size=(60, K))}
    arguments = {"C": 0.1, "fit_intercept": fit_intercept}
    model = LogLossClassifier(solver="row-space", **arguments).fit(convert(X), y, **fit)
    assert model.converged_
    other = LogLossClassifier(solver="newton-cg", tol=1e-10, max_iter=500, **arguments).fit(convert(X), y, **fit)
    np.testing.assert_allclose(model.coef_, other.coef_, atol=1e-7)
    again = LogLossClassifier(solver="row-space", warm_start=True, **arguments).fit(convert(X), y, **fit)
    assert again.fit(convert(X), y, **fit).n_iter_ <= 2


def test_the_row_space_needs_a_penalty():
    X, y = softmax_data(n=60, p=3000)
    assert LogLossClassifier(max_iter=500).fit(X, y).solver_ == "row-space"
    X = X[:, :150]
    with pytest.raises(ValueError, match=r"solver='row-space' is for dense rows, .* and a finite C"):
        LogLossClassifier(C=np.inf, solver="row-space").fit(X, y)


@pytest.mark.parametrize("solver", ["newton", "subsampled-newton", "newton-cg", "lbfgs"])
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_stored_columns_far_from_zero(solver, l1_ratio):
    X, y = softmax_data(n=400)
    X = np.round(X * 2**20) / 2**20  # so that a shift rounds nothing
    moved = sparse.csr_matrix(X + np.array([1e6, 0.0, -1e6, 100.0]))
    arguments = {"C": 0.5, "l1_ratio": l1_ratio, "solver": solver, "tol": 1e-8}
    model = LogLossClassifier(**arguments).fit(moved, y)
    assert model.converged_
    apart = LogLossClassifier(**arguments).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(moved), apart.predict_proba(X), atol=1e-7)


def test_entries_stored_twice_are_summed():
    X, y = softmax_data(n=200)
    plain = sparse.csr_matrix(X)
    halves = sparse.csr_matrix((np.repeat(plain.data / 2, 2), np.repeat(plain.indices, 2), 2 * plain.indptr), X.shape)
    model = LogLossClassifier().fit(halves, y)
    np.testing.assert_allclose(model.coef_, LogLossClassifier().fit(X, y).coef_, atol=1e-9)
    assert not halves.has_canonical_format  # the input is left as it is


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_score_refuses_labels_that_are_missing(missing):
    model = LogLossClassifier().fit([[0.0], [1.0]], [0.0, 1.0])
    with pytest.raises(ValueError, match="y contains NaN or infinity"):
        model.score([[0.0], [1.0]], [0.0, missing])
