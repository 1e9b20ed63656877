"""Hostile arguments of every public callable end in a result, or in an error whose words name the argument."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

_SPEC = importlib.util.spec_from_file_location("calls", Path(__file__).with_name("calls.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
calls = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(calls)


@pytest.mark.parametrize("name", calls.CALLS)
def test_one_argument(name):
    _, arguments = calls.CALLS[name]
    found = {(a, v): calls.problem(name, {a: v}) for a in arguments for v in calls.VALUES}
    assert not {which: what for which, what in found.items() if what}


@st.composite
def two_arguments(draw):
    name = draw(st.sampled_from(sorted(calls.CALLS)))
    arguments = draw(st.lists(st.sampled_from(calls.CALLS[name][1]), min_size=2, max_size=2))
    return name, {argument: draw(st.sampled_from(sorted(calls.VALUES))) for argument in arguments}


@settings(max_examples=1000, derandomize=True, database=None)
@given(two_arguments())
def test_two_arguments(case):
    assert calls.problem(*case) == ""
