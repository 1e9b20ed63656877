"""What a reliability diagram draws, and that its band holds what it says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom

from skinfo import LogLossClassifier
from skinfo.inspection import ReliabilityDisplay

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_frequencies_and_bands_of_few_values():
    rng = np.random.default_rng(0)
    q = np.repeat([0.2, 0.5, 0.9], 2000)
    y = np.where(rng.random(6000) < q, "yes", "no")
    display = ReliabilityDisplay.from_predictions(y, q, n_bins=3, random_state=0, color="C3")
    assert_allclose(display.predicted, [0.2, 0.5, 0.9])
    assert_allclose(display.observed, (y == "yes").reshape(3, -1).mean(axis=1))
    exact = [binom.ppf([[0.05], [0.95]], 2000, [0.2, 0.5, 0.9]) / 2000]
    assert_allclose(display.band, exact[0], atol=0.003)
    assert display.line_.get_color() == "C3"
    assert display.ax_.get_xlabel().endswith("(Positive class: yes)")


def test_band_covers_calibrated_predictions_at_its_level():
    rng = np.random.default_rng(1)
    inside = []
    _, ax = plt.subplots()
    for _ in range(40):
        q = rng.random(400)
        display = ReliabilityDisplay.from_predictions(rng.random(400) < q, q, n_simulations=200, random_state=0, ax=ax)
        inside.append((display.band[0] <= display.observed) & (display.observed <= display.band[1]))
    assert abs(np.mean(inside) - 0.9) < 0.05


def test_estimator_of_three_classes():
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(90, 2)), np.arange(90) % 3
    model = LogLossClassifier().fit(X, y)
    display = ReliabilityDisplay.from_estimator(model, X, y, pos_label=2, n_simulations=50)
    assert_allclose(display.predicted.mean(), model.predict_proba(X)[:, 2].mean())
    with pytest.raises(ValueError, match="pass one of"):
        ReliabilityDisplay.from_estimator(model, X, y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bins": 0}, "n_bins must be a positive integer"),
        ({"level": 1.0}, "level must be between 0 and 1"),
        ({"y_true": [0, 1, 2]}, "pass pos_label="),
        ({"y_proba": [0.1, 0.2, 1.2]}, "y_proba must be probabilities"),
    ],
)
def test_mistakes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        ReliabilityDisplay.from_predictions(**{"y_true": [0, 1, 1], "y_proba": [0.1, 0.2, 0.3], **options})


def test_band_is_that_of_rows_drawn_one_by_one():
    rng = np.random.default_rng(3)
    q = rng.random(40)
    display = ReliabilityDisplay.from_predictions(rng.random(40) < q, q, n_bins=4, n_simulations=20_000, random_state=0)
    rows = rng.integers(40, size=(20_000, 40))
    drawn, bins = rng.random(rows.shape) < q[rows], np.argsort(np.argsort(q)) // 10
    with np.errstate(invalid="ignore"):
        frequencies = [(drawn & (bins[rows] == b)).sum(axis=1) / (bins[rows] == b).sum(axis=1) for b in range(4)]
    assert_allclose(display.band, np.nanquantile(frequencies, [0.05, 0.95], axis=1), atol=0.02)


def test_a_bin_that_no_simulation_draws_has_no_band():
    y, q = np.arange(20) % 2, np.linspace(0.01, 0.99, 20)
    display = ReliabilityDisplay.from_predictions(y, q, n_bins=20, n_simulations=1, random_state=0)
    assert np.isnan(display.band).any()
