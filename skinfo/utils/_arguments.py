"""Checks of choices and switches, with messages that name the argument."""

from collections.abc import Collection
from typing import Any

import numpy as np


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
