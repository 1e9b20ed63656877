"""Checks of a column and of fixed parameters against a family, before any work."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from skinfo.families import Family, Support
from skinfo.measures import Rows

_HEAD = 1000
LARGEST = 1e150  # whose square is a floating-point number


def given_of(family: Family, fixed: Mapping[str, float | None] | None) -> dict[str, float]:
    """Parameters that are not estimated: those that fix the natural support, and what a user adds or frees.

    Parameters
    ----------
    family : Family
        The family.
    fixed : dict, optional
        As the estimators' argument: values to fix, None where one that the natural support fixes is estimated.

    Returns
    -------
    dict
        Names and values.

    Raises
    ------
    ValueError
        If a name is unknown.
    TypeError
        If it is no dictionary.
    """
    if not isinstance(fixed, Mapping | None):
        raise TypeError(f"fixed must be a dictionary from names of parameters to values, or None; got {fixed!r}")
    for name in fixed or {}:
        check_name(family, name)
    return {name: value for name, value in (family.natural_fixed | dict(fixed or {})).items() if value is not None}


def check_name(family: Family, name: str) -> None:
    """Raise where a fixed parameter is none of the family's.

    Parameters
    ----------
    family : Family
        The family.
    name : str
        The parameter.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if name not in family.parameters:
        raise ValueError(
            f"fixed names {name!r}, which {family.name} does not have; it has {', '.join(family.parameters)}"
        )


def given_and_free(family: Family, given: Mapping[str, float] | None) -> tuple[dict[str, float], tuple[str, ...]]:
    """Parameters that are not estimated, and those that are.

    Parameters
    ----------
    family : Family
        The law.
    given : dict, optional
        All values not to estimate; None for those that fix the natural support.

    Returns
    -------
    given : dict
        A copy, with its values.
    free : tuple of str
        In the family's order.
    """
    given = dict(family.natural_fixed if given is None else given)
    return given, tuple(name for name in family.parameters if name not in given)


def check_data(family: Family, rows: Rows, given: Mapping[str, float], free: tuple[str, ...], column: str) -> None:
    """Raise where the family cannot be fitted to the rows.

    Parameters
    ----------
    family : Family
        The law.
    rows : Rows
        One column, finite.
    given : dict
        Parameters not to estimate.
    free : tuple of str
        The others.
    column : str
        What messages call the data.

    Raises
    ------
    ValueError
        If a fixed parameter is unknown or out of its domain, data are outside the support, or there are fewer distinct
        values than free parameters.
    """
    check_given(family, given, free)
    check_values(family, rows, given, column)
    distinct = _distinct(rows, len(free))
    if distinct < len(free):
        constant = "is constant" if distinct == 1 else f"has {distinct} distinct values"
        raise ValueError(
            f"{column} {constant} ({len(rows)} rows{', n_samples=1' if len(rows) == 1 else ''}), too few for the "
            f"{len(free)} free parameters of {family.name} ({', '.join(free)}); pass more data or fix parameters"
        )


def check_values(family: Family, rows: Rows, given: Mapping[str, float], column: str) -> None:
    """Raise where a value can't be one of the family's, or can't be computed with.

    Parameters
    ----------
    family : Family
        The law.
    rows : Rows
        One column, finite.
    given : dict
        Parameters not to estimate.
    column : str
        What messages call the data.

    Raises
    ------
    ValueError
        If data are outside the support, no integers for a law of those, or beyond what squares of floats can hold.
    """
    _check_magnitude(rows, column)
    if family.discrete:
        fraction = next((b[b != np.floor(b)][0] for b, _ in rows.blocks(4) if (b != np.floor(b)).any()), None)
        if fraction is not None:
            raise ValueError(
                f"{column} contains {fraction:.6g}, but {family.name} is a law of integers; round, or choose another"
            )
    if "loc" in given:
        support = widest_support(family, given)
        for value, outside in ((rows.lowest, support.excludes_low), (rows.highest, support.excludes_high)):
            if outside(value):
                raise ValueError(
                    f"{column} contains {value:.6g}, outside the support {support} of {family.name} with "
                    f"loc={given['loc']:g}; remove such values, choose another family, or free the support "
                    f"with fixed={freed_support(family)}"
                )
    elif "scale" in given and rows.highest - rows.lowest > given["scale"] * (family.support.high - family.support.low):
        raise ValueError(
            f"{column} contains {rows.lowest:.6g} and {rows.highest:.6g}, further apart than the support of "
            f"{family.name} with scale={given['scale']:g} is wide; free the scale, or fix a larger one"
        )


def freed_support(family: Family) -> dict[str, None]:
    """What to pass as ``fixed`` so that the support may be anywhere.

    Parameters
    ----------
    family : Family
        The family.

    Returns
    -------
    dict
        None for the location and scale that the natural support fixes.
    """
    return {name: None for name in ("loc", "scale") if name in family.natural_fixed}


def widest_support(family: Family, given: Mapping[str, float]) -> Support:
    """Where values may be, whatever a free scale is.

    Parameters
    ----------
    family : Family
        The law.
    given : dict
        Parameters not to estimate, loc among them.

    Returns
    -------
    Support
        Of x.
    """
    support = family.support
    if "scale" in family.parameters and "scale" not in given:  # a free scale moves an end that is not at loc
        support = support._replace(
            low=min(support.low, 0.0),
            high=math.inf if support.high > 0 else support.high,
            closed_low=support.closed_low and support.low == 0,
        )
    return support.at(given["loc"], given.get("scale", 1.0))


def _check_magnitude(rows: Rows, column: str) -> None:
    """Squares of deviations must be floating-point numbers."""
    some = rows.x[: _HEAD * 10]
    low, high = float(some.min()), float(some.max())
    if max(abs(low), abs(high)) > LARGEST or 0 < high - low < 1 / LARGEST:
        raise ValueError(
            f"{column} has values from {low:.3g} to {high:.3g}, whose squares are out of the range of floating-point "
            "numbers; change the unit"
        )


def check_given(family: Family, given: Mapping[str, float], free: tuple[str, ...]) -> None:
    """Raise where a parameter can't be fixed at its value, or can't be estimated.

    Parameters
    ----------
    family : Family
        The law.
    given : dict
        Parameters not to estimate.
    free : tuple of str
        The others.

    Raises
    ------
    ValueError
        If a name is unknown, a value outside its domain, or an integer parameter free.
    """
    for name, value in given.items():
        check_name(family, name)
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value):
            raise ValueError(f"fixed[{name!r}] must be a finite number, got {value!r}")
        if not family.in_domain(name, value):
            raise ValueError(f"fixed[{name!r}]={value!r} is outside the domain of {name}: {family.domain(name)}")
    for name in free:
        if family.domain(name) == "integer" or (name == "loc" and family.discrete):
            raise ValueError(
                f"{name} of {family.name} is an integer and is not estimated: give it, as in fixed={{{name!r}: ...}}"
            )


def _distinct(rows: Rows, wanted: int) -> int:
    """Number of distinct values, looked for no further than it takes."""
    found = len(np.unique(rows.x[:_HEAD]))
    return found if found >= wanted or len(rows) <= _HEAD else len(np.unique(rows.x))
