"""Checks of choices and switches, with messages that name the argument."""

import numbers
from collections.abc import Collection
from typing import Any

import numpy as np

_MOST_JOBS = 10_000


def check_choice(name: str, value: Any, options: Collection) -> None:
    """Refuse what is none of the options.

    Parameters
    ----------
    name : str
        What messages call the argument.
    value : object
        Anything; arrays are no options, though they compare with them.
    options : collection
        Scalars that are allowed.

    Raises
    ------
    ValueError
        If the value is another one.
    """
    if getattr(value, "ndim", 0) or value not in list(options):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, options))}; got {value!r}")


def check_switch(name: str, value: Any) -> None:
    """Refuse what is neither True nor False.

    Parameters
    ----------
    name : str
        What messages call the argument.
    value : object
        Anything.

    Raises
    ------
    TypeError
        If the value is no bool.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {value!r}")


def check_n_jobs(value: Any) -> None:
    """Refuse what is no number of processes.

    Parameters
    ----------
    value : object
        Anything.

    Raises
    ------
    TypeError, ValueError
        If the value is neither None nor an integer that joblib takes.
    """
    if value is None:
        return
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"n_jobs must be None or an integer; got {value!r}")
    if not 0 < abs(int(value)) <= _MOST_JOBS:
        raise ValueError(f"n_jobs must not be 0, and at most {_MOST_JOBS}; got {value!r}: -1 is one for each core")
