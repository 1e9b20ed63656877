"""Divergences between two tables, by column and jointly."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from skinfo import drift, kl_divergence_from_samples


def test_drift():
    random = np.random.default_rng(0)
    past = pd.DataFrame({"a": random.normal(size=300), "b": random.integers(0, 5, 300)})
    now = pd.DataFrame({"b": random.integers(2, 7, 250), "a": random.normal(size=250)})
    table = drift(past, now, n_permutations=99, random_state=0)
    assert table.columns.tolist() == ["column", "kl_divergence", "standard_error", "pvalue"]
    assert table["column"].tolist() == ["a", "b", "(all columns)"]
    assert table["pvalue"][0] > 0.05
    assert table["pvalue"][1] == table["pvalue"][2] == 0.01
    d = kl_divergence_from_samples(now["b"], past["b"])
    assert_allclose(table["kl_divergence"][1], d)


@pytest.mark.parametrize(
    ("reference", "current", "error", "message"),
    [
        ([[1.0]], pd.DataFrame({"a": [1.0]}), TypeError, "reference must be a DataFrame, got list"),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]}), ValueError, "'a', 'b' is in one of them only"),
        (
            pd.DataFrame({"a": ["x"]}),
            pd.DataFrame({"a": [1.0]}),
            TypeError,
            "column 'a' has labels in one table and numbers in the other",
        ),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [np.nan]}), ValueError, "column 'a' of current has missing"),
        (pd.DataFrame({"a": []}), pd.DataFrame({"a": [1.0]}), ValueError, "reference must have rows and columns"),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [1.0]}), ValueError, "k=3 neighbours take 4 rows"),
    ],
)
def test_drift_refuses(reference, current, error, message):
    with pytest.raises(error, match=message):
        drift(reference, current)


def test_drift_of_another_library():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": stats.norm.rvs(size=50, random_state=0)})
    table = drift(frame, frame, n_permutations=9, random_state=0)
    assert isinstance(table, polars.DataFrame)
    assert table["column"].to_list() == ["a"]
    with pytest.raises(TypeError, match="current must be a DataFrame in memory, got LazyFrame; collect it"):
        drift(frame, frame.lazy())


@pytest.mark.parametrize("dtype", ["Float64", "float32", "Int64", "float64[pyarrow]"])
def test_drift_of_columns_of_other_types(dtype):
    past = pd.DataFrame({"a": np.arange(40.0) ** 2})
    d = drift(past.astype({"a": dtype}), past * 2, n_permutations=0, n_subsamples=0)
    assert_allclose(d["kl_divergence"], kl_divergence_from_samples(past["a"] * 2, past["a"], n_subsamples=0), rtol=1e-5)


def test_drift_of_labels_and_constants():
    random = np.random.default_rng(0)

    def table(n, p, constant):
        label = random.choice(list("abc"), size=n, p=p)
        columns = {"label": label, "kind": pd.Categorical(label), "flag": label == "a", "constant": constant}
        return pd.DataFrame({**columns, "x": random.normal(size=n)})

    past, now, new = table(300, [0.5, 0.5, 0], 1), table(200, [0.3, 0.7, 0], 1), table(200, [0.3, 0.4, 0.3], 2)
    found = drift(past, now, n_permutations=19, random_state=0).set_index("column")
    counts = pd.crosstab(np.repeat([0, 1], [300, 200]), np.concatenate([past["label"], now["label"]]))
    for name in ("label", "kind", "flag"):
        assert_allclose(found.pvalue[name], stats.chi2_contingency(counts, correction=False).pvalue)
        assert_allclose(found.kl_divergence[name], found.kl_divergence["label"])
    assert found.kl_divergence["constant"] == 0
    assert found.pvalue["constant"] == 1
    found = drift(past, new, n_permutations=19, random_state=0).set_index("column")
    assert np.isinf(found.kl_divergence[["label", "kind", "constant", "(all columns)"]]).all()
    assert (found.pvalue[["label", "kind", "constant", "(all columns)"]] <= 0.05).all()
    assert np.isfinite(found.kl_divergence[["flag", "x"]]).all()


def test_drift_of_labels_of_another_library():
    polars = pytest.importorskip("polars")
    past, now = (polars.DataFrame({"a": list("xy" * 20), "b": ["x"] * n + ["y"] * (40 - n)}) for n in (20, 30))
    assert_allclose(drift(past, now, n_subsamples=0, n_permutations=9)["pvalue"][0], 1)
    categories = [frame.with_columns(polars.col("b").cast(polars.Categorical)) for frame in (past, now)]
    assert_allclose(
        drift(*categories, n_permutations=9)["pvalue"][1], stats.chi2_contingency([[20, 20], [30, 10]], False)[1]
    )
