import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.special import gammaln
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skinfo import LogLossClassifier, likelihood_ratio_test


def problem(n=300, p=3, K=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    logits = X @ rng.normal(size=(p, K)) + rng.normal(size=K)
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def fit(X, y, sample_weight=None, **settings):
    return LogLossClassifier(C=np.inf, tol=1e-10, **settings).fit(X, y, sample_weight=sample_weight)


def bundled(name):
    statsmodels = pytest.importorskip("statsmodels.api")
    data = getattr(statsmodels.datasets, name).load_pandas()
    if name == "fair":
        return statsmodels, data.exog, (data.endog > 0).astype(int)
    return statsmodels, data.exog, data.endog.astype(int)


@pytest.mark.parametrize("name", ["spector", "fair", "anes96"])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_agrees_with_statsmodels(name, fit_intercept):
    statsmodels, X, y = bundled(name)
    design = statsmodels.add_constant(X) if fit_intercept else X
    model = statsmodels.Logit if y.nunique() == 2 else statsmodels.MNLogit
    theirs = model(y, design).fit(method="newton", tol=1e-14, maxiter=100, disp=0)
    robust = model(y, design).fit(method="newton", tol=1e-14, maxiter=100, disp=0, cov_type="HC0")
    errors = np.atleast_2d(np.asarray(theirs.bse).T)
    ours = fit(X, y, fit_intercept=fit_intercept)
    table = ours.summary()
    np.testing.assert_allclose(ours.standard_errors_, errors, rtol=1e-6)
    off = (table["coefficient"] - np.ravel(np.asarray(theirs.params).T)) / errors.ravel()
    assert np.abs(off).max() < 1e-6
    np.testing.assert_allclose(ours.covariance_, theirs.cov_params(), rtol=1e-5, atol=1e-6 * errors.min() ** 2)
    np.testing.assert_allclose(table["pvalue"], np.ravel(np.asarray(theirs.pvalues).T), rtol=1e-4)
    interval = np.asarray(theirs.conf_int()).reshape(*errors.shape, 2)
    np.testing.assert_allclose(ours.confint(), interval, rtol=1e-6, atol=1e-6 * errors.min())
    for key, value in {"log_likelihood": theirs.llf, "aic": theirs.aic, "bic": theirs.bic}.items():
        assert table.attrs[key] == pytest.approx(value, rel=1e-10)
    assert ours.explained_entropy_ == pytest.approx(theirs.prsquared, rel=1e-8)
    assert table.attrs["n_samples"] == len(y)
    sandwich = ours.robust_covariance(X, y)
    np.testing.assert_allclose(np.sqrt(np.diag(sandwich)), np.ravel(np.asarray(robust.bse).T), rtol=1e-6)
    assert (
        table.index.get_level_values("feature") == ["const", *X.columns][1 - fit_intercept :] * len(errors)
    ).sum() == (len(table) - fit_intercept * len(errors))


@pytest.mark.parametrize("K", [2, 3])
def test_weights_are_frequencies_and_rows_may_be_sparse(K):
    X, y = problem(K=K)
    counts = np.random.default_rng(1).integers(0, 4, len(y))
    weighted, repeated = fit(X, y, counts), fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    np.testing.assert_allclose(weighted.covariance_, repeated.covariance_, rtol=1e-8, atol=1e-12)
    expected = repeated.robust_covariance(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    np.testing.assert_allclose(weighted.robust_covariance(X, y, counts), expected, rtol=1e-8, atol=1e-12)
    rare = sparse.csr_matrix(X)
    np.testing.assert_allclose(fit(rare, y, counts).covariance_, weighted.covariance_, rtol=1e-8, atol=1e-12)
    assert weighted.summary().attrs["n_samples"] == counts.sum()


@pytest.mark.parametrize("K", [2, 4])
def test_soft_labels_and_class_weights(K):
    X, y = problem(K=K)
    soft = 0.8 * np.eye(K)[y] + 0.2 / K
    model = fit(X, soft, class_weight={0: 2.0})
    mass = soft * np.where(np.arange(K) == 0, 2.0, 1.0)
    q = model.predict_proba(X)
    design = np.column_stack([np.ones(len(X)), X])
    # Both sides written out: curvature diag(q) - q q' and scores y - q, times the rows.
    curvature = (q[:, :, None] * np.eye(K) - q[:, :, None] * q[:, None, :])[:, 1:, 1:] * mass.sum(axis=1)[:, None, None]
    size = (K - 1) * design.shape[1]
    hessian = np.einsum("nab,ni,nj->aibj", curvature, design, design).reshape(size, size)
    np.testing.assert_allclose(model.covariance_, np.linalg.inv(hessian), rtol=1e-7, atol=1e-11)
    scores = ((mass - mass.sum(axis=1, keepdims=True) * q)[:, 1:, None] * design[:, None, :]).reshape(len(X), -1)
    expected = np.linalg.inv(hessian) @ (scores.T @ scores) @ np.linalg.inv(hessian)
    np.testing.assert_allclose(model.robust_covariance(X, soft), expected, rtol=1e-7, atol=1e-11)


@pytest.mark.parametrize("K", [2, 3])
def test_units_and_places_of_columns(K):
    X, y = problem(K=K)
    scale = np.array([1e-6, 1.0, 1e5])
    expected = fit(X, y).standard_errors_
    model = fit(X * scale + 1e3 * scale, y)
    np.testing.assert_allclose(model.standard_errors_[:, 1:] * scale, expected[:, 1:], rtol=1e-7)
    moved = fit(X, y).covariance_
    shift = np.concatenate([[1.0], np.full(3, -1e3)])
    block = moved[:4, :4]
    assert model.standard_errors_[0, 0] == pytest.approx(np.sqrt(shift @ block @ shift), rel=1e-6)


def test_what_rows_do_not_determine_is_nan():
    X, y = problem()
    model = fit(np.column_stack([X, X[:, 0], np.ones(len(X))]), y)
    expected = fit(X, y)
    undetermined = np.isnan(model.standard_errors_)
    np.testing.assert_array_equal(undetermined, [[False, True, False, False, True, True]] * 2)
    np.testing.assert_allclose(model.standard_errors_[:, [0, 2, 3]], expected.standard_errors_[:, [0, 2, 3]], rtol=1e-7)
    assert model.n_parameters_ == expected.n_parameters_ == 8
    assert model.status_ == "dependent"
    assert model.converged_


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_dependent_columns_are_named_with_those_they_depend_on(K, fit_intercept):
    X, y = problem(K=K)
    columns = pd.DataFrame(X, columns=["a", "b", "c"])
    columns["sum"], columns["far"], columns["none"] = columns["a"] - 2 * columns["b"] + 3, 1e6 * columns["c"], 0.0
    columns["one"] = 1.0
    intercept = " and the intercept" if fit_intercept else ""
    said = [
        f"column 'sum' is a linear combination of the columns 'a', 'b'{intercept}",
        "column 'far' is a linear combination of the column 'c';",
        f"column 'none' is {'constant' if fit_intercept else 'zero'}",
        "column 'one' is constant"
        if fit_intercept
        else "column 'one' is a linear combination of the columns 'a', 'b', 'sum'",
    ]
    with pytest.warns(UserWarning, match="do not determine the coefficients") as caught:
        fit(columns, y, fit_intercept=fit_intercept)
    (message,) = (str(each.message) for each in caught)
    assert all(part in message for part in said[(not fit_intercept) :]), message


def test_independent_columns_are_not(recwarn):
    X, y = problem()
    fit(X + np.array([0.0, 1e6, -1e4]), y)
    fit(np.column_stack([X, X[:, 0] + 1e-4 * np.random.default_rng(1).normal(size=len(y))]), y)
    assert not [str(each.message) for each in recwarn]


@pytest.mark.parametrize("unit", [1e-150, 1e-165, 1e-220])
def test_standard_errors_of_tiny_units(unit):
    X, y = problem()
    scale = np.array([unit, 1.0, 1.0])
    expected, model = fit(X, y), fit(X * scale, y)
    assert model.log_likelihood_ == pytest.approx(expected.log_likelihood_, rel=1e-12)
    np.testing.assert_allclose(model.standard_errors_[:, 1:] * scale, expected.standard_errors_[:, 1:], rtol=1e-7)


def test_intervals_cover_as_they_say():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(300):
        X = rng.normal(size=(400, 1))
        y = (X[:, 0] + rng.logistic(size=400) > 0).astype(int)
        low, high = fit(X, y).confint(0.9)[0, 1]
        covered.append(low <= 1.0 <= high)
    assert abs(np.mean(covered) - 0.9) < 4 * np.sqrt(0.09 / 300)


def test_separating_columns_are_named():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"noise": rng.normal(size=60), "dose": np.arange(60.0), "other": rng.normal(size=60)})
    with pytest.warns(ConvergenceWarning, match="complete separation by the columns 'dose', 'other'"):
        model = fit(X, X["dose"] > 30)
    assert np.isposinf(model.standard_errors_).all()
    assert model.summary()[["z", "pvalue"]].isna().all().all()
    with pytest.raises(ValueError, match="maximum of the likelihood"):
        model.robust_covariance(X, X["dose"] > 30)
    group = rng.integers(0, 2, 300)
    X = pd.DataFrame({"noise": rng.normal(size=300), "group": group})
    with pytest.warns(ConvergenceWarning, match="quasi-complete separation by the column 'group'"):
        model = fit(X, np.where(group == 1, 1, rng.integers(0, 2, 300)))
    np.testing.assert_array_equal(np.isposinf(model.standard_errors_), [[False, False, True]])
    assert np.isfinite(model.standard_errors_[0, 1])


def test_no_inference_where_there_is_none():
    X, y = problem()
    with pytest.raises(NotFittedError):
        LogLossClassifier().confint()
    assert not hasattr(LogLossClassifier(), "standard_errors_")
    model = LogLossClassifier().fit(X, y)
    for name in ("standard_errors_", "covariance_", "n_parameters_", "explained_entropy_"):
        with pytest.raises(AttributeError, match=f"{name} is there after a fit with C=np.inf"):
            getattr(model, name)
    for call in (model.confint, model.summary, lambda: model.robust_covariance(X, y)):
        with pytest.raises(AttributeError, match="had a penalty"):
            call()


def test_too_many_parameters_are_left_to_who_asks(monkeypatch):
    X, y = problem()
    expected = fit(X, y)
    monkeypatch.setattr("skinfo.classification._information.MAX_PARAMETERS", 3)
    model = fit(X, y)
    with pytest.raises(AttributeError, match=r"standard_errors_.*8 parameters.*robust_covariance"):
        _ = model.standard_errors_
    robust = model.robust_covariance(X, y)
    np.testing.assert_allclose(robust, expected.robust_covariance(X, y), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(model.confint(covariance=robust), expected.confint(covariance=robust), rtol=1e-8)


def test_bad_arguments():
    X, y = problem()
    model = fit(X, y)
    with pytest.raises(ValueError, match="level must be between 0 and 1; got 95"):
        model.confint(95)
    with pytest.raises(TypeError, match="level must be a number"):
        model.confint("0.9")
    with pytest.raises(ValueError, match="method must be one of 'wald', 'profile'; got 'score'"):
        model.confint(method="score")
    with pytest.raises(ValueError, match=r"covariance must have shape \(8, 8\)"):
        model.confint(covariance=np.eye(3))
    with pytest.raises(ValueError, match="must be those of the fit"):
        model.robust_covariance(X + 1.0, y)
    with pytest.raises(ValueError, match="y must be that of the fit"):
        model.robust_covariance(X, y + 1)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).confint(), model.confint())


def test_grouped_counts_agree_with_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    data = sm.datasets.star98.load_pandas()
    counts, X = data.endog.to_numpy(dtype=float), data.exog.to_numpy(dtype=float)
    total = counts.sum(axis=1)
    model = LogLossClassifier(C=np.inf, tol=1e-10).fit(X, counts[:, ::-1] / total[:, None], sample_weight=total)
    # The columns are products of each other and their condition number is above 1e10: standardised for the other.
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    peer = sm.GLM(counts, sm.add_constant((X - mean) / deviation), family=sm.families.Binomial()).fit(tol=1e-14)
    estimates = np.append(model.intercept_[0] + model.coef_[0] @ mean, model.coef_[0] * deviation)
    assert np.abs((estimates - peer.params) / peer.bse).max() <= 1e-6
    np.testing.assert_allclose(model.standard_errors_[0, 1:] * deviation, peer.bse[1:], rtol=1e-6)
    combinations = float(np.sum(gammaln(total + 1) - gammaln(counts + 1).sum(axis=1)))
    assert model.log_likelihood_ + combinations == pytest.approx(peer.llf, rel=1e-10)


def test_any_class_is_the_reference():
    """Against the fit whose first class it is: soft labels' columns are in any order."""
    X, y = problem(K=4)
    model, order = fit(X, y), [2, 0, 1, 3]
    named = pd.DataFrame(np.eye(4)[y][:, order], columns=order)
    other = fit(X, named)
    table, expected = model.summary(reference=2), other.summary()
    assert table.attrs["reference_class"] == 2
    assert table.index.equals(expected.index)
    np.testing.assert_allclose(table, expected, rtol=1e-6, atol=1e-8)
    robust, theirs = model.robust_covariance(X, y), other.robust_covariance(X, named)
    np.testing.assert_allclose(
        model.confint(reference=2, covariance=robust), other.confint(covariance=theirs), rtol=1e-6, atol=1e-8
    )
    ends = model.confint(method="profile", reference=2, X=X, y=y)
    np.testing.assert_allclose(ends, other.confint(method="profile", X=X, y=named), atol=1e-5)
    with pytest.raises(ValueError, match=r"reference must be one of 0, 1, 2, 3; got 'a'"):
        model.confint(reference="a")


def test_the_other_of_two_classes_is_the_reference():
    X, y = problem(K=2)
    model = fit(X, y)
    for ends in ({}, {"method": "profile", "X": X, "y": y}):
        np.testing.assert_allclose(model.confint(reference=1, **ends), -model.confint(**ends)[..., ::-1])


def test_the_null_model():
    """Intercepts alone: the classes' frequencies, whatever form no columns have."""
    X, y = problem()
    frequencies = np.bincount(y) / len(y)
    for none in (X[:, :0], pd.DataFrame(X)[[]], sparse.csr_matrix((len(y), 0)), X[:, :0].astype(np.float32)):
        model = fit(none, y)
        np.testing.assert_allclose(model.predict_proba(none)[0], frequencies, rtol=1e-6)
    assert model.log_likelihood_ == pytest.approx(np.log(frequencies[y]).sum())
    assert model.explained_entropy_ == pytest.approx(0.0, abs=1e-12)
    assert model.aic() == pytest.approx(2 * 2 - 2 * model.log_likelihood_)
    assert model.bic() == pytest.approx(2 * np.log(len(y)) - 2 * model.log_likelihood_)
    np.testing.assert_allclose(model.standard_errors_[:, 0] ** 2, 1 / np.bincount(y)[0] + 1 / np.bincount(y)[1:])
    assert likelihood_ratio_test(model, fit(X, y)).df == 6
    for settings in ({}, {"C": np.inf, "fit_intercept": False}):
        with pytest.raises(ValueError, match=r"0 feature\(s\)"):
            LogLossClassifier(**settings).fit(X[:, :0], y)
