"""Rows that are not finite numbers: the column and the count are named."""

import datetime

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator

from skinfo.utils import validate_rows


class Rows(BaseEstimator):
    """Any estimator."""


HOLES = np.array([[1.0, 2.0, np.nan], [np.nan, 4.0, 5.0], [6.0, 7.0, np.nan]])
FRAME = pd.DataFrame({"age": [1.0, 2.0], "when": pd.to_datetime(["2020-01-01", "2021-01-01"])})


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (HOLES, "NaN: 1 in column 0, 2 in column 2; impute"),
        (HOLES.astype(np.float32), "NaN: 1 in column 0, 2 in column 2"),
        (sparse.csr_matrix(HOLES), "NaN: 1 in column 0, 2 in column 2"),
        (pd.DataFrame(HOLES, columns=["a", "b", "c"]), "NaN: 1 in column 'a', 2 in column 'c'"),
        (pd.DataFrame({"n": pd.array([1, None, 3], dtype="Int64")}), "NaN: 1 in column 'n'"),
        ([[1.0, None], [2.0, 3.0]], "NaN: 1 in column 1"),
        (np.where(np.isnan(HOLES), np.inf, HOLES), "infinity: 1 in column 0, 2 in column 2; replace"),
        (np.full((2, 8), np.nan), "NaN: .*, 2 in column 4 and more in 3 other columns; impute"),
        ([[1.0, "low"], [2.0, "3"]], "strings: 1 in column 1; encode"),
        (pd.DataFrame({"n": [1.0, 2.0], "level": ["low", "high"]}), "strings: 2 in column 'level'"),
        (FRAME, "dates or times: 2 in column 'when'; turn them into numbers"),
        (FRAME[["when"]], "dates or times: 2 in column 'when'"),
        (FRAME[["when"]].to_numpy(), "dates or times: 2 in column 0"),
        ([[datetime.date(2020, 1, 1)], [datetime.timedelta(1)]], "dates or times: 2 in column 0"),
    ],
)
def test_columns_are_named(X, message):
    with pytest.raises(ValueError, match=f"Input X contains {message}"):
        validate_rows(Rows(), X, accept_sparse="csr", dtype=(np.float64, np.float32))


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        *((X, TypeError) for X in ([[{}]], {"a": 1.0}, object(), datetime.date(2020, 1, 1), len)),
        *((X, ValueError) for X in ("no", b"no", ["a"], [[10**400]], 10**400, [[1.0, 2.0], [3.0]])),
    ],
)
def test_what_is_no_number_is_said(X, kind):
    with pytest.raises(kind, match="X must be rows of numbers; "):
        validate_rows(Rows(), X, dtype=np.float64)


def test_sums_of_rows_may_overflow():
    X = np.array([[1e308, -1e308], [1e308, -1e308]])
    np.testing.assert_array_equal(validate_rows(Rows(), X, dtype=np.float64), X)


def test_other_errors_are_scikit_learns():
    with pytest.raises(ValueError, match="Complex data not supported"):
        validate_rows(Rows(), np.array([[1j]]), dtype=np.float64)
    with pytest.raises(ValueError, match=r"0 feature\(s\) \(shape=\(2, 0\)\)"):
        validate_rows(Rows(), FRAME[[]], dtype=np.float64)
