"""Finding a family by its SciPy name or distribution object."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

from scipy import stats

from skinfo.families._names import own_name

_FAMILIES: dict[str, Any] = {}
_SYNONYMS = {"reciprocal": "loguniform"}  # SciPy's second names


def import_laws(room: str, path: Iterable[str]) -> None:
    """Import every file of a room, so that each registers its laws.

    Parameters
    ----------
    room : str
        Name of the package.
    path : iterable of str
        Its ``__path__``.
    """
    for module in pkgutil.iter_modules(path):
        importlib.import_module(f"{room}.{module.name}")


def register(family: Any) -> Any:
    """Make a family known under its name.

    Parameters
    ----------
    family : Family or MultivariateFamily
        The family.

    Returns
    -------
    Family or MultivariateFamily
        The same object.
    """
    _FAMILIES[family.name] = family
    return family


def is_registered(family: Any) -> bool:
    """Whether this very family is the one known under its name.

    Parameters
    ----------
    family : Family
        The family.

    Returns
    -------
    bool
        So that its name is enough to find it again.
    """
    return _FAMILIES.get(family.name) is family


def registered_families() -> list[str]:
    """Names of the families in the catalogue, sorted.

    Returns
    -------
    list of str
        The names.
    """
    return sorted(_FAMILIES)


def reference(family: Any) -> Any:
    """What `get_family` finds a family by: its name where that is enough, as for files that hold no code.

    Parameters
    ----------
    family : Family
        The family.

    Returns
    -------
    str, scipy.stats distribution or Family
        The distribution of one that is not in the catalogue or SciPy, such as a user's own.
    """
    if is_registered(family) or getattr(stats, family.name, None) is family.distribution:
        return family.name
    return family if family.joint else family.distribution


def get_family(family: Any) -> Any:
    """The family for a name, a `scipy.stats` distribution, or a family itself.

    Parameters
    ----------
    family : str, scipy.stats distribution or Family
        What to look up: SciPy's name, or one that is used elsewhere, such as "gaussian" or "negative binomial"; a law
        outside the catalogue takes the generic path.

    Returns
    -------
    Family or MultivariateFamily
        The family.

    Raises
    ------
    ValueError
        If there is no such name, or several families have it; the message gives the closest ones, or these.
    TypeError
        If the argument is something else, such as a frozen distribution.
    """
    from skinfo.families._generic import generic_family  # it builds on the contract, which registers laws here

    name = family if isinstance(family, str) else getattr(family, "name", None)
    if (first := _SYNONYMS.get(name or "")) and family in (name, getattr(stats, str(name))):
        return _FAMILIES[first]
    for known in _FAMILIES.values():
        if family is known or family is known.distribution:
            return known
    if isinstance(family, str) and not _is_univariate(getattr(stats, family, None)):
        family = own_name(family, registered_families())
    distribution = getattr(stats, family, None) if isinstance(family, str) else family
    univariate = _is_univariate(distribution)
    if isinstance(family, str):
        if family in _FAMILIES:
            return _FAMILIES[family]
        if not univariate:
            known = registered_families() + [name for name in dir(stats) if _is_univariate(getattr(stats, name))]
            close = difflib.get_close_matches(family.lower(), set(known), n=3, cutoff=0.5)
            names = " or ".join(map(repr, close))
            hint = f"did you mean {names}?" if close else "see registered_families()"
            raise ValueError(f"family={family!r} is not a distribution of scipy.stats or of this catalogue; {hint}")
    known_family = _FAMILIES.get(getattr(distribution, "name", "") or "")
    if known_family is not None and type(known_family.distribution) is type(distribution):
        return known_family
    if univariate:
        return generic_family(distribution)
    if _is_univariate(getattr(family, "distribution", None)):
        return family
    if getattr(family, "joint", False) and not isinstance(family, type):  # as MultivariateNormal(covariance=...)
        return family
    raise TypeError(
        f"family must be a name, a scipy.stats distribution or a Family; got {family!r}"
        + (". Pass the distribution, not one frozen at its parameters" if hasattr(family, "dist") else "")
    )


def _is_univariate(distribution: Any) -> bool:
    return isinstance(distribution, stats.rv_continuous | stats.rv_discrete)
