"""A fit that fails, or is interrupted, leaves its estimator as it was."""

import copy

import numpy as np
import pytest
import skops.io
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skinfo import FamilySearch, ParametricDensity
from skinfo.density import _parametric
from skinfo.likelihood import ColumnStream

X = np.random.default_rng(0).gamma(2.5, size=(300, 1))
ESTIMATORS = [ParametricDensity("gamma"), ParametricDensity("t"), FamilySearch(["gamma", "weibull_min"])]
BAD = {
    "infinite": np.hstack([X, -np.inf * X]),
    "constant": np.hstack([X, np.ones_like(X)]),
    "empty": X[:0],
    "words": np.full((3, 2), "a"),
}


def state(estimator):
    return {name: id(value) for name, value in vars(estimator).items()}


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
@pytest.mark.parametrize("bad", BAD)
def test_a_failed_refit_changes_nothing(estimator, bad):
    fitted = copy.deepcopy(estimator).fit(X)
    before, score = state(fitted), fitted.score(X)
    with pytest.raises(ValueError, match=r"."):
        fitted.fit(BAD[bad])
    assert state(fitted) == before
    assert fitted.score(X) == score
    with pytest.raises(ValueError, match="2 features"):
        fitted.score(np.hstack([X, X]))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_a_failed_first_fit_leaves_it_unfitted(estimator):
    unfitted = copy.deepcopy(estimator)
    before = state(unfitted)
    with pytest.raises(ValueError, match="constant"):
        unfitted.fit(np.ones_like(X))
    assert state(unfitted) == before
    for call in (lambda: unfitted.score_samples(X), lambda: unfitted.sample(3), lambda: unfitted.aic(X)):
        with pytest.raises(NotFittedError):
            call()


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_an_interrupted_fit_changes_nothing(monkeypatch, method):
    density = ParametricDensity("weibull_min").partial_fit(X)
    before = state(density)

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_parametric, "fit_marginal", interrupt)
        patch.setattr(ColumnStream, "fit", interrupt)
        with pytest.raises(KeyboardInterrupt):
            getattr(density, method)(X + 1)
    assert state(density) == before
    whole = ParametricDensity("weibull_min").fit(np.vstack([X, X + 1]))
    assert density.partial_fit(X + 1).log_likelihood_ == pytest.approx(whole.log_likelihood_, rel=1e-9)


@pytest.mark.parametrize("family", ["gamma", "norm", "t", "laplace"])
def test_a_failed_fit_keeps_the_batches_before(family):
    density = ParametricDensity(family).partial_fit(X)
    with pytest.raises(ValueError, match=r"constant|outside"):
        density.fit(np.zeros_like(X))
    with pytest.raises(ValueError, match="infinity"):
        density.partial_fit(np.full_like(X, np.inf))
    whole = ParametricDensity(family).fit(np.vstack([X, X + 1]))
    assert density.partial_fit(X + 1).log_likelihood_ == pytest.approx(whole.log_likelihood_, rel=1e-9)


def test_a_batch_whose_warning_is_an_error_is_out():
    density = ParametricDensity("gamma")
    with pytest.raises(ConvergenceWarning, match="can't be fitted yet"):
        density.partial_fit(np.ones_like(X))
    assert vars(density).keys() == density.get_params().keys()
    assert density.partial_fit(X).params_ == ParametricDensity("gamma").partial_fit(X).params_


@pytest.mark.parametrize("family", ["expon", "t", "poisson"])
def test_a_copy_streams_by_itself(family):
    x = np.floor(X)
    density = ParametricDensity(family).partial_fit(x)
    other = copy.copy(density).partial_fit(x + 1)
    again = density.partial_fit(x + 2)
    for streamed, rows in ((other, x + 1), (again, x + 2)):
        whole = ParametricDensity(family).fit(np.vstack([x, rows]))
        assert streamed.log_likelihood_ == pytest.approx(whole.log_likelihood_, rel=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_input_is_not_changed(estimator):
    x = X.copy()
    x.flags.writeable = False
    copy.deepcopy(estimator).fit(x)


FITTED = {
    "gamma": ParametricDensity("gamma").fit(X),
    "outside the catalogue": ParametricDensity("planck").fit(np.floor(X)),
    "by column": ParametricDensity(["norm", "t"]).fit(np.hstack([X, X[::-1]])),
    "jointly": ParametricDensity("multivariate_t").fit(np.hstack([X, X[::-1] ** 2])),
    "batches": ParametricDensity("weibull_min").partial_fit(X),
    "batches of counts": ParametricDensity("poisson").partial_fit(np.floor(X)),
    "search": FamilySearch(["gamma", "norm"]).fit(X),
}


@pytest.mark.parametrize("name", FITTED)
def test_files_without_code(name):
    fitted = FITTED[name]
    data = skops.io.dumps(fitted)
    types = skops.io.get_untrusted_types(data=data)
    assert len(types) <= 7
    assert all(kind.startswith("skinfo.") for kind in types)
    again = skops.io.loads(data, trusted=types)
    rows = (
        np.floor(X)
        if name in ("batches of counts", "outside the catalogue")
        else np.hstack([X] * fitted.n_features_in_)
    )
    assert np.array_equal(again.score_samples(rows), fitted.score_samples(rows))
    assert again.params_ == fitted.params_ if name != "jointly" else again.params_[0].keys() == fitted.params_[0].keys()
    if name.startswith("batches"):
        assert again.partial_fit(rows).log_likelihood_ == copy.copy(fitted).partial_fit(rows).log_likelihood_


def test_files_of_a_fit_at_a_limit():
    with pytest.warns(ConvergenceWarning, match="poisson"):
        fitted = ParametricDensity("nbinom").fit(np.random.default_rng(0).binomial(20, 0.5, (300, 1)))
    data = skops.io.dumps(fitted)
    again = skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    assert (again.status_, again.limits_) == (fitted.status_, fitted.limits_)
    assert again.score(np.floor(X)) == fitted.score(np.floor(X))
