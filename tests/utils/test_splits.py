"""Splits of rows: what is none is refused, in words that name cv."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.model_selection import KFold, PredefinedSplit

from skinfo.utils import read_splits

X = np.zeros((6, 1))
HALVES = [(np.arange(3), np.arange(3, 6)), (np.arange(3, 6), np.arange(3))]


@pytest.mark.parametrize(
    "cv",
    [
        *(2, KFold(2), HALVES, iter(HALVES), PredefinedSplit([0, 0, 0, 1, 1, 1])),
        [(np.arange(6) < 3, np.arange(6) >= 3), (np.arange(6) >= 3, [0, 1, 2])],
        [([-6, -5, -4], [3, 4, -1]), ([3, 4, 5], np.arange(3, dtype=np.uint8))],
    ],
)
def test_splits_are_indices(cv):
    splits = read_splits(cv, X, np.zeros(6))
    assert all(rows.dtype == np.intp for split in splits for rows in split)
    assert sorted(test.tolist() for _, test in splits) == [[0, 1, 2], [3, 4, 5]]
    assert_array_equal(np.sort(np.concatenate(splits[0])), np.arange(6))


@pytest.mark.parametrize(
    "cv",
    [
        *(True, 0.5, "no", [], [1, 2], ["ab"], [(1, 2)], [([0], [1], [2])], [([0], [])], [([0.5], [1.0])]),
        *([([0], [6])], [([0], [-7])], [([0], [[1]])], [([0], [[1], [1, 2]])], {1, 2}, {"a": 1}, object(), len),
        *(np.array(2.0), np.ones((2, 2, 2)), np.zeros((3, 2)), np.full((3, 2), 1j), np.full(3, np.datetime64("NaT"))),
        *(np.zeros(2, dtype=[("a", float)]), sparse.csr_matrix(np.eye(3)), pd.DataFrame({"a": [1.0]})),
        [(np.ones(5, dtype=bool), [0])],
    ],
)
def test_what_is_no_split_is_named(cv):
    with pytest.raises(ValueError, match="cv"):
        read_splits(cv, X, np.zeros(6))
