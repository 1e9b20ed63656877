import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skinfo import LogLossClassifier, likelihood_ratio_test


def problem(n=300, K=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    logits = X @ rng.normal(size=(3, K))
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def fit(X, y, **settings):
    return LogLossClassifier(C=np.inf, tol=1e-10, **settings).fit(X, y)


def test_agrees_with_the_test_of_a_regression():
    statsmodels = pytest.importorskip("statsmodels.api")
    X, y = problem()
    theirs = statsmodels.MNLogit(y, statsmodels.add_constant(X)).fit(disp=0, tol=1e-14)
    # A constant column is no column of the model: what is left is the intercept.
    test = likelihood_ratio_test(fit(np.ones((len(y), 1)), y), fit(X, y))
    assert test.df == theirs.df_model == 6
    assert test.statistic == pytest.approx(theirs.llr, rel=1e-10)
    assert test.pvalue == pytest.approx(theirs.llr_pvalue, rel=1e-8)


def test_p_values_are_uniform_where_the_smaller_model_is_true():
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(200):
        X = rng.normal(size=(300, 3))
        y = (X[:, 0] + rng.logistic(size=300) > 0).astype(int)
        p_values.append(likelihood_ratio_test(fit(X[:, :1], y), fit(X, y)).pvalue)
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3


def test_what_is_not_nested_is_refused():
    X, y = problem()
    smaller, larger = fit(X[:, :1], y), fit(X, y)
    with pytest.raises(ValueError, match="smaller must be a special case of larger, but larger has -4"):
        likelihood_ratio_test(larger, smaller)
    with pytest.raises(ValueError, match="same labels and weights"):
        likelihood_ratio_test(smaller, fit(X[:200], y[:200]))
    with pytest.raises(AttributeError, match="had a penalty"):
        likelihood_ratio_test(LogLossClassifier().fit(X, y), larger)
    with pytest.raises(ValueError, match="smaller was fitted by partial_fit"):
        likelihood_ratio_test(LogLossClassifier(C=np.inf).partial_fit(X[:, :1], y, [0, 1, 2]), larger)


def test_other_rows_other_columns_other_offsets():
    X, y = problem()
    larger = fit(X[:, :2], y)
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match=r"columns that larger has not, or has of other rows, \[0\]"):
        likelihood_ratio_test(fit(X[:, 2:], y), larger)
    with pytest.raises(ValueError, match="of other rows"):
        likelihood_ratio_test(fit(rng.permutation(X[:, :1]) * 1.01, y), larger)
    with pytest.raises(ValueError, match="same offset"):
        likelihood_ratio_test(fit(X[:, :1], y), LogLossClassifier(C=np.inf).fit(X, y, offset=rng.normal(size=(300, 3))))
    with pytest.raises(ValueError, match="both have an intercept"):
        likelihood_ratio_test(fit(X[:, :1], y, fit_intercept=False), larger)
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    assert likelihood_ratio_test(fit(frame[["c"]], y), fit(frame[["b", "c"]], y)).df == 2
    with pytest.raises(ValueError, match=r"\['a'\]"):
        likelihood_ratio_test(fit(frame[["a"]], y), fit(frame[["b", "c"]], y))


def test_a_sum_in_place_of_one_of_its_parts():
    X, y = problem()
    total = X[:, :1] + X[:, 1:2]
    test = likelihood_ratio_test(fit(total, y), fit(np.hstack([total, X[:, 1:]]), y))
    assert test.df == 4
    assert test.statistic == pytest.approx(2 * (fit(X, y).log_likelihood_ - fit(total, y).log_likelihood_), rel=1e-8)
