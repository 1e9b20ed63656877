"""What a display of a search draws."""

import numpy as np
import pandas as pd
import pytest

from skinfo import FamilySearch
from skinfo.inspection import FamilySearchDisplay

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("agg")
FAMILIES = ["expon", "gamma", "lognorm", "weibull_min", "norm"]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def search():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"size": random.gamma(2.5, size=400), "line": random.normal(size=400)})
    return FamilySearch(FAMILIES).fit(frame)


def test_the_best_is_on_top_and_bars_are_differences(search):
    display = FamilySearchDisplay.from_estimator(search, n_best=3, color="C2")
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    table = pd.DataFrame(search.results_).query("column == 'size'").sort_values("rank")
    assert names == table["family"].tolist()[:3]
    assert names[0] == search.best_family_[0]
    np.testing.assert_allclose([bar.get_width() for bar in display.bars_], table["difference"][:3])
    assert display.ax_.yaxis_inverted()
    assert display.ax_.get_xlabel() == "BIC above the best one's"
    assert display.ax_.get_title() == "size"


def test_what_was_not_ranked_is_left_out(search):
    _, ax = plt.subplots()
    display = FamilySearchDisplay.from_estimator(search, column=1, ax=ax)
    assert display.ax_ is ax
    assert display.families == ["norm"]
    with pytest.raises(ValueError, match="column=2 is not a column of X, which has 2"):
        FamilySearchDisplay.from_estimator(search, column=2)
