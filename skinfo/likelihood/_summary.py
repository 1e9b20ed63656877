"""Few weighted values in place of a column: what candidates are compared on."""

from __future__ import annotations

from skinfo.families import Family
from skinfo.likelihood._check import check_values
from skinfo.likelihood._climb import COMPRESSED_ROWS, singular_points
from skinfo.measures import Rows, compress


def can_hold(family: Family, rows: Rows) -> bool:
    """Whether all values are in the family's natural support.

    Parameters
    ----------
    family : Family
        The law.
    rows : Rows
        One column.

    Returns
    -------
    bool
        Whether a fit would not refuse them.
    """
    try:
        check_values(family, rows, family.natural_fixed, "X")
    except ValueError:
        return False
    return True


def summarise(family: Family, rows: Rows) -> Rows:
    """Weighted values whose log-likelihood is that of the rows: their table for laws of integers, else nodes.

    Parameters
    ----------
    family : Family
        The law; where it is not smooth all nodes are kept, which is nearly exact.
    rows : Rows
        One column.

    Returns
    -------
    Rows
        The rows themselves where they are few. Made once for all laws of a kind.
    """
    if family.discrete:
        return rows.table()
    if len(rows) < COMPRESSED_ROWS:
        return rows
    sample = compress(rows, *singular_points(family, rows, family.natural_fixed))
    return sample.nodes() if family.smooth else sample.fine()
