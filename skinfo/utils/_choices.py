"""Checks of arguments that are one of a few words."""

from collections.abc import Iterable
from typing import Any


def check_choice(value: Any, choices: Iterable[str | None], *, name: str) -> None:
    """Refuse a value that is none of some words.

    Parameters
    ----------
    value : object
        Anything; arrays are not compared with the words.
    choices : iterable of str or None
        The words, None among them where it is one.
    name : str
        What the message calls the argument.

    Raises
    ------
    ValueError
        With the words.
    """
    words = list(choices)
    if not (isinstance(value, str | None) and value in words):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, words))}; got {value!r}")
