"""Parts of the log loss: identities, known truths, the bias that bins have, and what recalibration can't touch."""

import math
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import expit, softmax, xlogy
from scipy.stats import entropy, norm
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, ShuffleSplit

from skinfo.metrics import cross_entropy_loss, kl_divergence_loss, log_loss_decomposition
from skinfo.metrics._recalibration import equal_mass_bins, isotonic, read_folds, temperature

METHODS = ["auto", "temperature", "isotonic", "binned"]


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def values(parts):
    return [getattr(parts, f.name) for f in fields(parts) if f.name != "method"] + [parts.resolution]


def draw(rng, q):
    """Labels of which the rows of q are the probabilities."""
    return (rng.random((len(q), 1)) > q.cumsum(axis=1)[:, :-1]).sum(axis=1)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.sampled_from(METHODS), st.booleans(), st.booleans())
def test_identities(seed, n_classes, method, soft, weighted):
    rng = np.random.default_rng(seed)
    q = rng.dirichlet(np.ones(n_classes), 60)
    p = rng.dirichlet(np.ones(n_classes), 60) if soft else rng.integers(0, n_classes, 60)
    options = {"labels": range(n_classes), "sample_weight": rng.random(60) if weighted else None}
    parts = log_loss_decomposition(p, q, method=method, **options)
    assert parts.cross_entropy == pytest.approx(parts.calibration + parts.refinement, rel=1e-14)
    assert parts.cross_entropy == pytest.approx(parts.row_entropy + parts.divergence, rel=1e-13)
    assert parts.cross_entropy == pytest.approx(cross_entropy_loss(p, q, **options), rel=1e-14)
    assert parts.divergence == pytest.approx(kl_divergence_loss(p, q, **options), rel=1e-13)
    assert parts.resolution == parts.label_entropy - parts.refinement
    assert np.isfinite(values(parts)).all()
    assert parts.refinement > parts.row_entropy - 1e-14
    assert parts.row_entropy <= parts.label_entropy + 1e-14
    if method != "auto":
        assert parts.method == method
    if not soft:
        assert parts.row_entropy == 0
        one_hot = np.eye(n_classes)[p]
        assert_allclose(values(log_loss_decomposition(one_hot, q, method=method, **options)), values(parts), rtol=1e-14)
        assert_allclose(parts.cross_entropy, log_loss(p, q, **options), rtol=1e-13)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from(METHODS))
def test_scale_of_the_weights_and_unit_do_not_matter(seed, method):
    rng = np.random.default_rng(seed)
    q, y, w = rng.random(50), np.arange(50) % 2, rng.integers(0, 4, 50)
    parts = log_loss_decomposition(y, q, method=method, sample_weight=w)
    scaled = log_loss_decomposition(y, q, method=method, sample_weight=2.0**-10 * w, base=2)
    assert_allclose(np.array(values(scaled)) * math.log(2), values(parts), rtol=1e-9, atol=1e-12)
    without = log_loss_decomposition(y[w > 0], q[w > 0], method=method, sample_weight=w[w > 0])
    assert without == parts


def truth_of_overconfidence(factor):
    """Cross entropy and refinement where y has log odds z ~ N(0, 1) and the prediction factor times these."""

    def mean(f):
        return quad(lambda z: norm.pdf(z) * f(z), -10, 10)[0]

    loss = mean(lambda z: np.logaddexp(0, factor * z) - expit(z) * factor * z)
    return loss, mean(lambda z: entropy([expit(z), expit(-z)]))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factor", [1.0, 3.0, 0.3])
def test_recovers_the_calibration_of_two_classes(method, factor, rng):
    z = rng.normal(size=40_000)
    y = rng.random(40_000) < expit(z)
    parts = log_loss_decomposition(y, expit(factor * z), method=method)
    loss, refinement = truth_of_overconfidence(factor)
    assert_allclose(parts.refinement, refinement, atol=0.006)
    assert_allclose(parts.calibration, loss - refinement, atol=0.006 if factor == 1.0 else 0.012)
    assert_allclose(parts.label_entropy, math.log(2), atol=1e-3)


@pytest.mark.parametrize("method", ["auto", "temperature", "isotonic"])
def test_recovers_the_calibration_of_four_classes(method, rng):
    z = 1.5 * rng.normal(size=(30_000, 4))
    calibrated = softmax(z, axis=1)
    y = draw(rng, calibrated)
    parts = log_loss_decomposition(y, softmax(2.5 * z, axis=1), method=method)
    known = cross_entropy_loss(y, calibrated)
    # One map for each class can't undo a temperature exactly.
    assert_allclose(parts.refinement, known, atol=0.002 if method != "isotonic" else 0.03)
    assert parts.calibration == pytest.approx(parts.cross_entropy - known, abs=0.03)


def test_a_shift_of_the_log_odds_takes_isotonic_regression(rng):
    z = rng.normal(size=20_000)
    y = rng.random(20_000) < expit(z)
    shifted = expit(z + 2)
    known = cross_entropy_loss(y, expit(z))
    assert log_loss_decomposition(y, shifted).method == "isotonic"
    assert_allclose(log_loss_decomposition(y, shifted).refinement, known, atol=0.004)
    assert log_loss_decomposition(y, shifted, method="temperature").refinement > known + 0.05


def test_bins_find_calibration_where_there_is_none_and_folds_do_not(rng):
    """The bias that the docstring states, and a mean of the honest estimate that is not above zero."""
    honest, biased = [], []
    for _ in range(200):
        q = rng.choice(np.arange(1, 20) / 20, 500)  # few values: no loss by what varies within a bin
        y = rng.random(500) < q
        biased.append(log_loss_decomposition(y, q, method="binned", n_bins=100).calibration)
        honest.append(log_loss_decomposition(y, q, method="temperature", cv=2).calibration)
    assert_allclose(np.mean(biased), (19 - 1 + 1) / (2 * 500), rtol=0.12)  # all 19 frequencies are free
    assert np.mean(honest) < 3 * np.std(honest) / math.sqrt(200)
    assert_allclose(np.mean(honest), -1 / 500, atol=0.002)


def test_worthless_predictions_have_the_label_entropy_left(rng):
    y = np.arange(2000) % 4 == 0
    parts = log_loss_decomposition(y, rng.random(2000))
    assert_allclose(parts.refinement, entropy([0.25, 0.75]), atol=0.01)
    assert abs(parts.resolution) < 0.01
    assert parts.calibration > 0.3


def test_probability_zero_of_a_label_is_infinite_and_silent(recwarn, rng):
    q = rng.random(100)
    q[:5] = 0.0
    y = np.r_[True, rng.random(99) < q[1:]]
    for method in METHODS:
        parts = log_loss_decomposition(y, q, method=method)
        assert parts.cross_entropy == parts.calibration == parts.divergence == math.inf
        assert (parts.refinement == math.inf) == (method == "temperature")
        assert math.isfinite(log_loss_decomposition(y, q, method=method, sample_weight=np.arange(100)).cross_entropy)
    assert not recwarn.list


def test_nothing_that_a_fold_lacks_makes_the_refinement_infinite():
    q = np.full((12, 3), 1 / 3)
    y = [0] * 10 + [1, 2]  # a class with one row is in no fold's training rows and its test rows
    for method in METHODS:
        assert math.isfinite(log_loss_decomposition(y, q, method=method).refinement)
    z = np.linspace(-3, 3, 40)  # separated: any fold's isotonic map would have ends of 0 and 1
    parts = log_loss_decomposition(z > 0, expit(z))
    assert 0 < parts.refinement < 0.25


def test_one_hot_predictions_have_no_temperature():
    y = np.arange(30) % 3
    parts = log_loss_decomposition(y, np.eye(3)[y], method="temperature")
    assert parts.cross_entropy == parts.calibration == parts.refinement == 0


def test_predictions_that_are_worse_than_none_become_uniform(rng):
    q = rng.dirichlet(np.ones(3), 90)
    parts = log_loss_decomposition(q.argmin(axis=1), q, method="temperature", labels=[0, 1, 2])
    assert_allclose(parts.refinement, math.log(3), rtol=1e-12)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 0.1, 1.0, 30.0]))
def test_temperature_is_the_minimum(seed, factor):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(200, 3))
    p, w = np.eye(3)[draw(rng, softmax(z, axis=1))], rng.random(200) + 0.1
    q = softmax(factor * z, axis=1)
    row = w.mean()
    prior = (w @ p + row / 3) / (w.sum() + row)
    smooth = (p + prior / 200) / (1 + 1 / 200)

    def loss(b):
        return -w @ (smooth * np.log(softmax(b * factor * z, axis=1))).sum(axis=1)

    best = minimize_scalar(loss, bounds=(0, 3 / factor), method="bounded", options={"xatol": 1e-9 / factor})
    ours = temperature(q, p, w)(q)
    assert -w @ (smooth * np.log(ours)).sum(axis=1) <= best.fun * (1 + 1e-12)


def test_temperature_of_extreme_predictions(rng):
    y = rng.random(400) < 0.5
    likely = y ^ (rng.random(400) < 0.1)
    q = np.where(likely, [[1e-300], [1.0]], [[1.0], [1e-300]]).T
    parts = log_loss_decomposition(y, q, method="temperature")
    share = np.mean(y != likely)
    assert_allclose(parts.cross_entropy, share * 300 * math.log(10), rtol=1e-12)
    assert_allclose(parts.refinement, entropy([share, 1 - share]), atol=0.01)


def test_isotonic_map_is_monotone_and_positive(rng):
    q = rng.random((300, 1))
    q = np.column_stack([1 - q, q])
    p = np.eye(2)[(rng.random(300) < q[:, 1] ** 2).astype(int)]
    grid = np.linspace(0, 1, 101)
    out = isotonic(q, p, np.ones(300))(np.column_stack([1 - grid, grid]))
    assert (np.diff(out[:, 1]) >= 0).all()
    assert ((out > 0) & (out < 1)).all()
    assert_allclose(out.sum(axis=1), 1, rtol=1e-15)


def test_binned_is_the_frequency_in_the_bin():
    q = np.array([0.1, 0.1, 0.1, 0.1, 0.8, 0.8, 0.8, 0.8])
    y = [0, 0, 0, 1, 1, 1, 0, 1]
    parts = log_loss_decomposition(y, q, method="binned", n_bins=2)
    assert_allclose(parts.refinement, entropy([0.25, 0.75]), rtol=1e-14)
    kl = (xlogy(0.25, 0.25 / 0.1) + xlogy(0.75, 0.75 / 0.9) + xlogy(0.75, 0.75 / 0.8) + xlogy(0.25, 0.25 / 0.2)) / 2
    assert_allclose(parts.calibration, kl, rtol=1e-13)
    assert log_loss_decomposition(y, q, method="binned", n_bins=1).refinement == parts.label_entropy


def test_bins_have_equal_mass():
    values, weights = np.arange(100.0), np.r_[np.full(50, 3.0), np.ones(50)]
    assert np.bincount(equal_mass_bins(values, None, 10)).tolist() == [10] * 10
    masses = np.bincount(equal_mass_bins(values, weights, 8), weights)
    assert np.abs(masses - 25).max() <= 3
    assert not equal_mass_bins(np.zeros(5), None, 10).any()


def test_folds_deal_out_the_classes():
    y = np.repeat([0, 1], [40, 10])
    folds = read_folds(5, np.eye(2)[y])
    assert [np.bincount(y[test]).tolist() for _, test in folds] == [[8, 2]] * 5
    assert all(set(train) | set(test) == set(range(50)) and not set(train) & set(test) for train, test in folds)


def test_folds_of_ones_own(rng):
    q, y = rng.random(40), np.arange(40) % 2
    splitter = KFold(4)
    pairs = list(splitter.split(q))
    assert log_loss_decomposition(y, q, cv=splitter) == log_loss_decomposition(y, q, cv=pairs)


def test_frames_and_names(rng):
    p, q = rng.dirichlet(np.ones(3), (2, 40))
    frame = pd.DataFrame(p, columns=["a", "b", "c"])
    swapped = log_loss_decomposition(frame[["c", "a", "b"]], q, labels=["a", "b", "c"])
    assert swapped == log_loss_decomposition(frame, q)
    y = np.array(["no", "yes"] * 20)
    positive = rng.random(40)
    assert log_loss_decomposition(y, positive) == log_loss_decomposition(y == "yes", positive)


def test_float32_and_frozen(rng):
    q = rng.dirichlet(np.ones(3), 100).astype(np.float32)
    y = np.arange(100) % 3
    parts = log_loss_decomposition(y, q)
    assert_allclose(values(parts), values(log_loss_decomposition(y, q.astype(float))), rtol=1e-5, atol=1e-6)
    assert all(type(v) is float for v in values(parts))
    with pytest.raises(FrozenInstanceError):
        parts.refinement = 0.0


Q = np.linspace(0.1, 0.9, 12)
Y = np.arange(12) % 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "platt"}, "method must be one of 'auto', 'temperature', 'isotonic', 'binned'; got 'platt'"),
        ({"n_bins": 0}, "n_bins must be a positive integer; got 0"),
        ({"n_bins": 2.5}, "n_bins must be a positive integer; got 2.5"),
        ({"cv": 1}, "cv=1 must be at least 2"),
        ({"cv": 13}, "cv=13 .* at most the number of rows with weight, 12"),
        ({"cv": ShuffleSplit(3)}, "hold out each row exactly once"),
        ({"base": 1}, "base must be a positive number"),
        ({"sample_weight": np.zeros(12)}, "at least one weight must be positive"),
        ({"labels": [0, 1, 2]}, "the number of labels is 3"),
    ],
)
def test_mistakes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        log_loss_decomposition(Y, Q, **options)
