"""One law and its fixed parameters for each column, from one for all, a list, or a dict by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from skinfo.families import get_family
from skinfo.likelihood import given_of


def families_of(family: Any, names: list[Any]) -> list[Any]:
    """Return the law of each column; one that takes all columns jointly is there for each of them.

    Parameters
    ----------
    family : str, scipy.stats distribution, list or dict
        As the estimator's parameter.
    names : list
        Names of the columns.

    Returns
    -------
    list of Family
        By column.
    """
    if not isinstance(family, Mapping | list | tuple):
        return [get_family(family)] * len(names)
    families = [get_family(f) for f in _by_column(family, names, "family", isinstance(family, Mapping))]
    if any(f.joint for f in families):
        raise ValueError(
            "family must be one name where it takes all columns jointly; a list or dict is one law per column"
        )
    return families


def fixed_of(fixed: Any, names: list[Any], families: list[Any]) -> list[Any]:
    """Return the parameters of each column that are not estimated, the natural support's among them.

    Parameters
    ----------
    fixed : dict, list, dict of dict or None
        As the estimator's parameter.
    names : list
        Names of the columns.
    families : list of Family
        Their laws.

    Returns
    -------
    list of dict
        By column; the same object where family and fixed parameters are the same.
    """
    have = list(dict.fromkeys(p for f in families for p in f.parameters))
    columns, shared = fixed_by_column(fixed, names, have)
    given: dict[tuple[int, int], dict[str, float]] = {}
    for family, own in zip(families, columns):
        if (key := (id(family), id(own))) not in given:
            theirs = {k: v for k, v in own.items() if k in family.parameters} if shared and own else own
            given[key] = given_of(family, theirs)
    return [given[id(family), id(own)] for family, own in zip(families, columns)]


def fixed_by_column(fixed: Any, names: list[Any], have: list[str]) -> tuple[list[Any], bool]:
    """Return what is fixed in each column, and whether that is one dict for all of them.

    Parameters
    ----------
    fixed : dict, list, dict of dict or None
        As the estimators' parameter.
    names : list
        Names of the columns.
    have : list of str
        Parameters that there are.

    Returns
    -------
    columns : list of (dict or None)
        By column.
    shared : bool
        A name then need not be a parameter of every column's family, but of one.
    """
    if fixed is not None and not isinstance(fixed, Mapping | list | tuple):
        raise TypeError(f"fixed must be None, a dict, or one dict per column; got {fixed!r}")
    by_name = isinstance(fixed, Mapping) and (
        any(isinstance(v, Mapping) for v in fixed.values())
        or (set(fixed) == set(names) and not set(fixed) <= set(have))
    )
    shared = isinstance(fixed, Mapping) and not by_name
    columns = _by_column(fixed, names, "fixed", by_name)
    wrong = next((own for own in columns if not (own is None or isinstance(own, Mapping))), None)
    if wrong is not None:
        raise TypeError(f"fixed must be None, a dict, or one dict per column; got {wrong!r} for a column")
    unknown = [name for name in columns[0] if name not in have] if shared else []
    if unknown:
        raise ValueError(f"fixed names {unknown[0]!r}, which no column's family has; there are {', '.join(have)}")
    return columns, shared


def alike(families: list[Any], fixed: list[Any]) -> Iterator[tuple[Any, Any, list[int]]]:
    """Columns of the same law with the same fixed parameters.

    Parameters
    ----------
    families : list of Family
        By column.
    fixed : list of dict
        By column.

    Yields
    ------
    family : Family
        A law.
    fixed : dict
        What is fixed.
    columns : list of int
        The columns.
    """
    groups: dict[tuple[int, int], list[int]] = {}
    for j, (family, given) in enumerate(zip(families, fixed)):
        groups.setdefault((id(family), id(given)), []).append(j)
    for columns in groups.values():
        yield families[columns[0]], fixed[columns[0]], columns


def _by_column(value: Any, names: list[Any], argument: str, by_name: bool) -> list[Any]:
    if by_name:
        missing, extra = set(names) - set(value), set(value) - set(names)
        if missing or extra:
            raise ValueError(f"{argument} must have the columns of X as keys, {names}; got {list(value)}")
        return [value[name] for name in names]
    if isinstance(value, list | tuple):
        if len(value) != len(names):
            raise ValueError(f"{argument} has {len(value)} entries for {len(names)} columns of X; pass one per column")
        return list(value)
    return [value] * len(names)
