"""Checks of a column and of fixed parameters against a family, before any work."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

from skinfo.families import Family, Support
from skinfo.measures import Rows

Asked = ParamSpec("Asked")
Fit = TypeVar("Fit")
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
                at = ", ".join(f"{name}={given[name]:g}" for name in ("loc", "scale") if name in given)
                raise ValueError(
                    f"{column} contains {value:.6g}, outside the support {support} of {family.name} with {at}; "
                    f"remove such values, choose another family{_or_move(family, rows)}"
                )
    elif "scale" in given and rows.highest - rows.lowest > given["scale"] * (family.support.high - family.support.low):
        raise ValueError(
            f"{column} contains {rows.lowest:.6g} and {rows.highest:.6g}, further apart than the support of "
            f"{family.name} with scale={given['scale']:g} is wide; free the scale, or fix a larger one"
        )


def support_for(family: Family, low: float, high: float) -> dict[str, float | None]:
    """What to pass as ``fixed`` so that the support holds an interval.

    Parameters
    ----------
    family : Family
        The family.
    low, high : float
        Ends of the interval, or infinite.

    Returns
    -------
    dict
        Round numbers where the support is not estimated, None for a location that can be; empty where nothing helps.
    """
    support, natural = family.support, family.natural_fixed
    if family.discrete:
        wide = math.isinf(low) or high - low > support.high - support.low
        return {} if wide else {"loc": math.floor(low - support.low)}
    if "loc" not in natural:
        return {}
    if "scale" not in natural:
        return {"loc": None}
    ends = [end for end in (low, high) if math.isfinite(end)]
    unit = 10.0 ** math.ceil(math.log10(max(map(abs, ends), default=1.0) or 1.0))
    for pad in (0.0, 0.01 * unit):
        for bottom, top in ((0.0, unit), (-unit, 0.0), (-unit, unit)):
            loc, scale = bottom - pad, top - bottom + 2 * pad
            there = support.at(loc, scale)
            if len(ends) == 2 and not (there.excludes_low(low) or there.excludes_high(high)):
                return {"loc": loc} if math.isinf(support.high) else {"loc": loc, "scale": scale}
    return {}


def _or_move(family: Family, rows: Rows) -> str:
    fixed = support_for(family, rows.lowest, rows.highest)
    what = "estimate where the support begins" if None in fixed.values() else "say where the support is"
    return f", or {what}, as in fixed={fixed}" if fixed else ""


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
    if family.ends is not None and (family.shapes or {}).keys() <= given.keys():
        support = family.standard_support(family.shape_values(given))
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
    check_range(float(some.min()), float(some.max()), column)


def check_range(low: float, high: float, column: str) -> None:
    """Raise where the squares of deviations are no floating-point numbers.

    Parameters
    ----------
    low, high : float
        Smallest and largest value.
    column : str
        What messages call the data.

    Raises
    ------
    ValueError
        If they are too large or too close to each other.
    """
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
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.complexfloating)
        if not number or not abs(value) < math.inf:
            raise ValueError(f"fixed[{name!r}] must be a finite number, got {value!r}")
        if not family.in_domain(name, value):
            raise ValueError(f"fixed[{name!r}]={value!r} is outside the domain of {name}: {family.domain(name)}")
        if abs(value) > LARGEST or (name != "loc" and 0 < abs(value) < 1 / LARGEST):
            raise ValueError(
                f"fixed[{name!r}]={value if abs(value) > 1e300 else f'{value:g}'} has a square out of the range of "
                f"floating-point numbers; give a number of a size between {1 / LARGEST:g} and {LARGEST:g}"
            )
    for name in free:
        if family.domain(name) == "integer" or (name == "loc" and family.discrete):
            raise ValueError(
                f"{name} of {family.name} is an integer and is not estimated: give it, as in fixed={{{name!r}: ...}}"
            )


def in_words(fit: Callable[Asked, Fit]) -> Callable[Asked, Fit]:
    """Say in words where a fit leaves the range of floating-point numbers.

    Parameters
    ----------
    fit : callable
        ``fit(family, rows, *, given, column, ...)``.

    Returns
    -------
    callable
        The same; it raises ValueError in place of ArithmeticError.
    """

    @wraps(fit)
    def said(*args: Asked.args, **options: Asked.kwargs) -> Fit:
        try:
            return fit(*args, **options)
        except ArithmeticError as error:
            family: Any = args[0]
            raise ValueError(
                f"{family.name} can't be computed for {options.get('column', 'X')} within the range of floating-point "
                f"numbers ({error}) with fixed={options.get('given')}; fix less extreme values, or change the unit"
            ) from error

    return said


def _distinct(rows: Rows, wanted: int) -> int:
    """Number of distinct values, looked for no further than it takes."""
    found = len(np.unique(rows.x[:_HEAD]))
    return found if found >= wanted or len(rows) <= _HEAD else len(np.unique(rows.x))
