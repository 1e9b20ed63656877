"""What a display of log losses draws."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit

from skinfo import LogLossClassifier
from skinfo.inspection import LogLossDecompositionDisplay
from skinfo.metrics import log_loss_decomposition

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    z = rng.normal(size=400)
    return rng.random(400) < expit(z), z


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_bars_of_several_models_are_the_parts(data):
    y, z = data
    models = {"calibrated": expit(z), "sure": expit(4 * z)}
    _, ax = plt.subplots()
    display = LogLossDecompositionDisplay.from_predictions(y, models, ax=ax)
    assert display.ax_ is ax
    assert [label.get_text() for label in ax.get_yticklabels()] == list(models)
    for i, proba in enumerate(models.values()):
        parts = log_loss_decomposition(y, proba)
        lower, upper = display.bars_["refinement"][i], display.bars_["calibration"][i]
        assert_allclose([lower.get_width(), upper.get_width()], [parts.refinement, parts.calibration])
        assert_allclose(upper.get_x(), parts.refinement)
        assert ax.texts[i].get_text() == f"{parts.cross_entropy:.3f}"
    assert_allclose(display.line_.get_xdata(), log_loss_decomposition(y, expit(z)).label_entropy)


def test_estimators_and_soft_labels(data):
    y, z = data
    model = LogLossClassifier().fit(z[:, None], y)
    display = LogLossDecompositionDisplay.from_estimator(model, z[:, None], y, method="temperature")
    assert list(display.decompositions) == ["LogLossClassifier"]
    assert display.decompositions["LogLossClassifier"].method == "temperature"
    soft = 0.8 * np.column_stack([~y, y]) + 0.1
    display = LogLossDecompositionDisplay.from_estimator({"a": model, "b": model}, z[:, None], soft)
    assert_allclose(display.bars_["row entropy"][0].get_width(), display.decompositions["b"].row_entropy)


def test_an_infinite_loss_is_written(data):
    y, z = data
    display = LogLossDecompositionDisplay.from_predictions(y, np.where(z > 0, expit(z), 0.0), name="zeros")
    assert display.ax_.texts[0].get_text() == "∞"
    display.figure_.canvas.draw()
