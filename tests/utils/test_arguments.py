"""Choices and switches: values that compare with nothing, or entry by entry, are refused in words."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skinfo.utils import check_choice, check_switch

STRANGE = [
    *(np.array(["a", "b"]), np.array(["a"]), np.empty(0), np.zeros(2, dtype=[("a", float)]), pd.Series(["a"])),
    *(pd.DataFrame({"a": [1.0]}), sparse.csr_matrix(np.eye(2)), ["a"], {"a"}, {"a": 1}, b"a", 7, object()),
]


def test_choices_compare_as_scalars_do():
    check_choice("method", "a", ("a", "b"))
    check_choice("method", None, (None, "a"))
    check_choice("reference", np.int64(1), [0, 1])
    check_choice("reference", np.array("b"), ["a", "b"])


@pytest.mark.parametrize("value", [*STRANGE, "c", None])
def test_other_choices_are_named(value):
    with pytest.raises(ValueError, match="method must be one of 'a', 'b'; got"):
        check_choice("method", value, ("a", "b"))


@pytest.mark.parametrize("value", [*STRANGE, "True", 1, None])
def test_switches_are_bools(value):
    check_switch("normalize", np.True_)
    with pytest.raises(TypeError, match="normalize must be True or False; got"):
        check_switch("normalize", value)
