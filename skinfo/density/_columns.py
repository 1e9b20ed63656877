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
    if fixed is not None and not isinstance(fixed, Mapping | list | tuple):
        raise TypeError(f"fixed must be None, a dict, or one dict per column; got {fixed!r}")
    have = list(dict.fromkeys(p for f in families for p in f.parameters))
    by_name = isinstance(fixed, Mapping) and (
        any(isinstance(v, Mapping) for v in fixed.values())
        or (set(fixed) == set(names) and not set(fixed) <= set(have))
    )
    if isinstance(fixed, Mapping) and not by_name:
        unknown = [name for name in fixed if name not in have]
        if unknown:
            raise ValueError(f"fixed names {unknown[0]!r}, which no column's family has; there are {', '.join(have)}")
        by_family = {id(f): given_of(f, {k: v for k, v in fixed.items() if k in f.parameters}) for f in families}
        return [by_family[id(f)] for f in families]
    columns = _by_column(fixed, names, "fixed", by_name)
    given: dict[tuple[int, int], dict[str, float]] = {}
    for family, own in zip(families, columns):
        if (key := (id(family), id(own))) not in given:
            given[key] = given_of(family, own)
    return [given[id(family), id(own)] for family, own in zip(families, columns)]


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
