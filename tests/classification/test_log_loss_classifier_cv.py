"""The penalty of least held-out cross entropy."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, StratifiedKFold
from sklearn.utils.estimator_checks import parametrize_with_checks

from skinfo import LogLossClassifier, LogLossClassifierCV
from skinfo.metrics import neg_cross_entropy_scorer

CS = [0.01, 0.3, 10.0]


@parametrize_with_checks([LogLossClassifierCV(cv=3, Cs=2), LogLossClassifierCV(cv=3, Cs=2, l1_ratios=(0.5,))])
@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("default::RuntimeWarning")
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def rows(n=300, p=5, K=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * np.geomspace(0.01, 100, p)
    logits = X / np.geomspace(0.01, 100, p) @ rng.normal(size=(p, K))
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
def test_agrees_with_a_grid_search(K, l1_ratio):
    X, y = rows(K=K)
    cv = StratifiedKFold(4, shuffle=True, random_state=0)
    model = LogLossClassifierCV(Cs=CS[::-1], l1_ratios=[l1_ratio], cv=cv).fit(X, y)
    grid = GridSearchCV(LogLossClassifier(l1_ratio=l1_ratio), {"C": CS}, cv=cv, scoring=neg_cross_entropy_scorer)
    grid.fit(X, y)
    scores = np.array([grid.cv_results_[f"split{i}_test_score"] for i in range(4)])
    np.testing.assert_allclose(model.cross_entropies_[:, 0], -scores, atol=1e-4)
    assert grid.best_params_["C"] == model.C_
    np.testing.assert_allclose(model.coef_, grid.best_estimator_.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(model.predict(X), grid.predict(X))
    np.testing.assert_array_equal(model.Cs_, CS)


def test_the_best_of_a_grid_of_two():
    X, y = rows(n=120, p=20)
    X *= np.where(np.arange(20) < 3, 1.0, 0.1)
    model = LogLossClassifierCV(Cs=5, l1_ratios=[0.0, 0.5, 1.0]).fit(X, y)
    assert model.mean_cross_entropies_.shape == (3, 5)
    k, j = np.argwhere(model.mean_cross_entropies_ == model.mean_cross_entropies_.min())[0]
    assert (model.l1_ratio_, model.C_) == (model.l1_ratios_[k], model.Cs_[j])
    assert model.best_estimator_.get_params()["C"] == model.C_


@pytest.mark.parametrize("convert", [np.asarray, sparse.csr_matrix, np.float32])
def test_weights_offsets_and_soft_labels(convert):
    X, y = rows()
    rng = np.random.default_rng(0)
    weights = rng.integers(0, 3, len(y)).astype(float)
    offset = rng.normal(size=(len(y), 3))
    soft = 0.8 * np.eye(3)[y] + 0.2 / 3
    folds = list(KFold(3).split(X))
    model = LogLossClassifierCV(Cs=CS, cv=folds).fit(convert(X), soft, sample_weight=weights, offset=offset)
    for i, (train, test) in enumerate(folds):
        one = LogLossClassifier(C=CS[1]).fit(X[train], soft[train], weights[train], offset[train])
        losses = -np.sum(soft[test] * one.predict_log_proba(X[test], offset[test]), axis=1)
        assert model.cross_entropies_[i, 0, 1] == pytest.approx(np.average(losses, weights=weights[test]), abs=1e-4)
    masses = [weights[test].sum() for _, test in folds]
    np.testing.assert_allclose(model.mean_cross_entropies_, np.average(model.cross_entropies_, axis=0, weights=masses))


def test_class_weights_are_for_fits_only():
    X, y = rows()
    folds = list(KFold(3).split(X))
    model = LogLossClassifierCV(Cs=[1.0], cv=folds, class_weight={0: 5.0}).fit(X, y)
    train, test = folds[0]
    one = LogLossClassifier(class_weight={0: 5.0}).fit(X[train], y[train])
    expected = -one.predict_log_proba(X[test])[np.arange(len(test)), y[test]].mean()
    assert model.cross_entropies_[0, 0, 0] == pytest.approx(expected, abs=1e-4)


def test_no_penalty_is_the_weakest():
    X, y = rows()
    model = LogLossClassifierCV(Cs=[np.inf, 0.001], l1_ratios=[0.0, 1.0]).fit(X, y)
    assert np.inf == model.C_
    np.testing.assert_allclose(*model.mean_cross_entropies_[:, 1], atol=1e-4)
    assert np.isfinite(model.best_estimator_.standard_errors_).all()


def test_groups_stay_together():
    X, y = rows()
    groups = np.arange(len(y)) // 10
    model = LogLossClassifierCV(Cs=CS, cv=GroupKFold(3)).fit(X, y, groups=groups)
    folds = list(GroupKFold(3).split(X, y, groups))
    np.testing.assert_array_equal(
        model.cross_entropies_, LogLossClassifierCV(Cs=CS, cv=folds).fit(X, y).cross_entropies_
    )


def test_jobs_change_nothing(capsys):
    X, y = rows()
    one = LogLossClassifierCV(Cs=CS, verbose=1).fit(X, y)
    two = LogLossClassifierCV(Cs=CS, n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(one.cross_entropies_, two.cross_entropies_)
    assert capsys.readouterr().out.count("least held-out cross entropy") == 5


@pytest.mark.filterwarnings("ignore:The least populated class")
def test_a_fold_that_lacks_a_class_is_named():
    X, y = rows()
    y[:] = y > 0
    y[7] = 2
    with pytest.raises(ValueError, match=r"training rows of fold \d have no row of the classes \[2\]"):
        LogLossClassifierCV(Cs=CS).fit(X, y)


def test_fits_far_from_their_minimum_are_said():
    X, y = rows()
    with pytest.warns(ConvergenceWarning, match="of the 15 fits of folds did not come near"):
        LogLossClassifierCV(Cs=CS, max_iter=1, solver="lbfgs", tol=10.0).fit(X, y)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"Cs": 0}, "Cs must be a list of numbers, positive"),
        ({"Cs": [1.0, -1.0]}, "Cs must be a list of numbers, positive"),
        ({"Cs": [np.nan]}, "Cs must be"),
        ({"l1_ratios": []}, "l1_ratios must be a list of numbers, from 0 to 1"),
        ({"l1_ratios": [1.5]}, "l1_ratios must be"),
        ({"solver": "sag"}, "solver must be one of"),
        ({"Cs": 10**400}, "Cs must be a number of them up to 10000"),
        ({"Cs": np.array([1j, 1.0])}, "Cs must be a list of numbers, positive"),
        ({"l1_ratios": np.array([1j, 0.0])}, "l1_ratios must be a list of numbers"),
        ({"cv": []}, "cv must give at least one split"),
        ({"cv": [1, 2]}, "cv must give pairs of arrays of rows"),
        ({"cv": [([0, 1], [1e9])]}, "cv must give pairs of arrays of rows, as integers or masks"),
    ],
)
def test_bad_arguments(arguments, message):
    X, y = rows()
    model = LogLossClassifierCV(**arguments)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "n_features_in_")


def test_hard_labels_of_class_weight_zero_are_not_there():
    X, y = load_iris(return_X_y=True)
    folds = [(np.arange(150) % 3 != i, np.arange(150) % 3 == i) for i in range(3)]
    cv = [(np.flatnonzero(train), np.flatnonzero(test)) for train, test in folds]
    model = LogLossClassifierCV(Cs=[0.1, 1.0], class_weight={0: 0.0, 1: 2.0}, cv=cv).fit(X, y)
    kept = y > 0
    cv = [(np.flatnonzero(train[kept]), np.flatnonzero(test[kept])) for train, test in folds]
    same = LogLossClassifierCV(Cs=[0.1, 1.0], class_weight={1: 2.0}, cv=cv).fit(X[kept], y[kept])
    np.testing.assert_allclose(model.cross_entropies_, same.cross_entropies_, rtol=1e-9)
    np.testing.assert_array_equal(model.classes_, [1, 2])


@pytest.mark.parametrize("grid", [{"Cs": "many"}, {"Cs": [10**400]}, {"l1_ratios": [None, "x"]}, {"l1_ratios": 0.5}])
def test_grids_are_named(grid):
    with pytest.raises(ValueError, match=f"{next(iter(grid))} must be a list of numbers"):
        LogLossClassifierCV(**grid).fit([[0.0], [1.0]], [0, 1])
