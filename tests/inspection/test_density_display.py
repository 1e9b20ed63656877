"""What a density display draws."""

import sys

import numpy as np
import pandas as pd
import pytest

from skinfo import ParametricDensity
from skinfo.inspection import DensityDisplay

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")


@pytest.fixture
def columns():
    random = np.random.default_rng(0)
    return pd.DataFrame({"size": random.gamma(2.5, size=400), "count": random.poisson(3.0, size=400)})


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_density_of_a_named_column(columns):
    density = ParametricDensity(["gamma", "poisson"]).fit(columns)
    display = DensityDisplay.from_estimator(density, columns, color="C3")
    np.testing.assert_allclose(display.line_.get_ydata(), density.distributions_[0].pdf(display.grid))
    assert display.ax_.get_xlabel() == "size"
    assert display.line_.get_color() == "C3"


def test_probabilities_of_counts_on_given_axes(columns):
    density = ParametricDensity(["gamma", "poisson"]).fit(columns)
    _, ax = plt.subplots()
    display = DensityDisplay.from_estimator(density, columns, column=1, ax=ax)
    assert display.ax_ is ax
    assert ax.get_ylabel() == "probability"
    bars = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(bars, np.bincount(columns["count"], minlength=len(bars)) / len(columns))


def test_no_such_column_and_joint_laws(columns):
    with pytest.raises(ValueError, match="column=2 is not a column of X"):
        DensityDisplay.from_estimator(ParametricDensity(["gamma", "poisson"]).fit(columns), columns, column=2)
    with pytest.raises(ValueError, match="jointly"):
        DensityDisplay.from_estimator(ParametricDensity("multivariate_normal").fit(columns), columns)


def test_without_matplotlib_the_extra_is_named(columns, monkeypatch):
    density = ParametricDensity("norm").fit(columns)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"skinfo\[plot\]"):
        DensityDisplay.from_estimator(density, columns)
