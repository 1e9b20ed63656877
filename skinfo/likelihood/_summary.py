"""Few weighted values in place of a column: what candidates are compared on."""

from __future__ import annotations

from collections.abc import Mapping

from skinfo.families import Family
from skinfo.likelihood._check import check_values
from skinfo.likelihood._climb import COMPRESSED_ROWS, singular_points
from skinfo.measures import Rows, compress


def why_not_held(family: Family, rows: Rows, given: Mapping[str, float], column: str = "X") -> str:
    """Why a family can't have these values.

    Parameters
    ----------
    family : Family
        The family.
    rows : Rows
        One column.
    given : dict
        Parameters not to estimate.
    column : str, default="X"
        What messages call the data.

    Returns
    -------
    str
        Empty where a fit would not refuse them.
    """
    try:
        check_values(family, rows, given, column)
    except ValueError as error:
        return str(error)
    return ""


def summarise(family: Family, rows: Rows, given: Mapping[str, float]) -> Rows:
    """Weighted values whose log-likelihood is that of the rows: their table for families of integers, else nodes.

    Parameters
    ----------
    family : Family
        The family; where it is not smooth all nodes are kept, which is nearly exact.
    rows : Rows
        One column.
    given : dict
        Parameters not to estimate.

    Returns
    -------
    Rows
        The rows themselves where they are few. Made once for all families of a kind.
    """
    if family.discrete:
        return rows.table()
    if len(rows) < COMPRESSED_ROWS:
        return rows
    sample = compress(rows, *singular_points(family, rows, dict(given)))
    return sample.nodes() if family.smooth else sample.fine()
