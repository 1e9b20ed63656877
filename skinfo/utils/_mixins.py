"""Classes that lend methods to estimators."""

from types import FunctionType
from typing import TypeVar

Class = TypeVar("Class", bound=type)


def mixin(cls: Class) -> Class:
    """Let the methods of a private class go by their own names, so that no error shows the class's.

    Parameters
    ----------
    cls : type
        The class.

    Returns
    -------
    type
        The same.
    """
    for member in vars(cls).values():
        if isinstance(member, FunctionType):
            member.__qualname__ = member.__name__
    return cls
