"""Information in tables of joint probabilities."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse

from skinfo.information import _formulas as formulas
from skinfo.information._rows import MEND, Masses
from skinfo.information._sparse import packed_blocks, read_sparse
from skinfo.information._vectors import log_of_base
from skinfo.utils import (
    SUM_TOLERANCE,
    as_probabilities,
    check_switch,
    half_tolerance,
    index_blocks,
    outcome_sums,
    refuse_negative,
)

_CELLS = 1 << 15  # of a sparse table, that are taken at a time


def mutual_information(joint: Any, *, base: float | None = None, normalize: bool = False) -> float:
    """Mutual information of two discrete variables, from the table of their joint probabilities.

    Parameters
    ----------
    joint : array-like or sparse of shape (K, L)
        Probabilities of pairs of values, summing to one over the whole table.
    base : float, default=None
        Base of the logarithm; None means nats.
    normalize : bool, default=False
        Whether the table holds counts or other masses, to be divided by their sum.

    Returns
    -------
    float
        I(X; Y) = H(X) + H(Y) - H(X, Y) = D(joint || product of the marginals). Not negative.

    Raises
    ------
    ValueError
        If ``joint`` is no table, holds a number that is no probability, does not sum to one (without ``normalize``), or
        ``base`` is not positive and different from 1.

    See Also
    --------
    conditional_entropy : What is left of the entropy of one where the other is known.
    mutual_information_from_samples : Of continuous variables, from rows.
    sklearn.metrics.mutual_info_score : Of two labellings, from their counts.

    Notes
    -----
    The mean divergence of a row's conditional distribution from the marginal of the columns. The divergences have no
    cancellation, so the error is that of rounding the marginals, about 1e-16 times the root of I, where the
    difference of entropies has an error of 1e-16 times the entropies.

    A table of frequencies, or of counts with ``normalize=True``, gives the plug-in estimate, too large by about
    (K - 1) (L - 1) / 2n nats; the entropies of `entropy_from_counts` add up to an estimate with less bias.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), eqs. 2.28 and 2.45.

    Examples
    --------
    >>> from skinfo import mutual_information
    >>> mutual_information([[0.5, 0.0], [0.0, 0.5]], base=2)
    1.0
    >>> mutual_information([[0.25, 0.25], [0.25, 0.25]])
    0.0
    """
    unit = log_of_base(base)
    table, rows, columns = _read(joint, normalize)
    law = columns / columns.sum()
    divergences = _sparse_divergences(table, rows, law) if issparse(table) else _divergences(table, rows, law)
    return float((rows * divergences).sum()) / unit  # pairwise, which a product of BLAS is not


def conditional_entropy(joint: Any, *, axis: int = -1, base: float | None = None, normalize: bool = False) -> float:
    """Entropy of one of two discrete variables where the other is known, from the table of their joint probabilities.

    Parameters
    ----------
    joint : array-like or sparse of shape (K, L)
        Probabilities of pairs of values, summing to one over the whole table.
    axis : int, default=-1
        The axis of the variable whose entropy is asked for, as in `entropy`; the other one is known. For rows x and
        columns y, -1 or 1 gives H(Y|X), 0 gives H(X|Y).
    base : float, default=None
        Base of the logarithm; None means nats.
    normalize : bool, default=False
        Whether the table holds counts or other masses, to be divided by their sum.

    Returns
    -------
    float
        H(Y|X) = H(X, Y) - H(X). Not negative.

    Raises
    ------
    ValueError
        If ``joint`` is no table, holds a number that is no probability, does not sum to one (without ``normalize``), or
        ``base`` is not positive and different from 1.
    numpy.exceptions.AxisError
        If ``axis`` is none of the table's.

    See Also
    --------
    mutual_information : The entropy that knowing the other takes away.

    Notes
    -----
    The sum of p log(p_x / p), of terms that are not negative, where p / p_x close to 1 is told from what is left of its
    row: entropies near 0 keep their digits.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed. (2006), eq. 2.12.

    Examples
    --------
    >>> from skinfo import conditional_entropy
    >>> conditional_entropy([[0.25, 0.25], [0.0, 0.5]], base=2)
    0.5
    """
    unit = log_of_base(base)
    table = _read(joint, normalize)[0]
    if not (isinstance(axis, numbers.Integral) and -2 <= axis <= 1):
        raise np.exceptions.AxisError(
            f"axis of joint must be 0 or 1, the variable whose entropy is asked for; got {axis!r}"
        )
    if axis in (-2, 0):
        table = csr_array(table.T) if issparse(table) else table.T
    return math.fsum(float(_conditional(block).sum()) for block in _row_blocks(table)) / unit


def _read(joint: Any, normalize: bool) -> tuple[Any, NDArray, NDArray]:
    """Read a table of probabilities, dense or sparse; its sums over columns and over rows."""
    check_switch("normalize", normalize)
    half = half_tolerance(joint)
    table = read_sparse(joint, "joint") if issparse(joint) else as_probabilities(joint, name="joint")
    if table.ndim != 2:
        raise ValueError(f"joint must be a table of shape (K, L); its shape is {table.shape}")
    if table.shape[1] == 0:
        raise ValueError(f"joint must hold at least one probability; its shape is {table.shape}")
    entries: Any = table.data if issparse(table) else table
    refuse_negative(entries, name="joint", kind="counts or other masses" if normalize else "probabilities")
    with np.errstate(over="ignore"):
        total = float(entries.sum(dtype=np.float64))
    if not (normalize or abs(total - 1) <= (half or SUM_TOLERANCE)):
        raise ValueError(f"joint must sum to one over the whole table: its sum is {total:.9g}. {MEND}")
    if not 0 < total < math.inf:
        raise ValueError(f"joint must have a positive and finite sum; it is {total:g}")
    if normalize or half:
        table = table / total
    table = abs(table) if (entries == 0).any() else table  # there may be a -0.0
    rows, columns = (np.asarray(table.sum(axis=axis, dtype=np.float64)) for axis in (1, 0))
    return table, rows, columns


def _row_blocks(table: Any) -> Iterator[NDArray]:
    """Rows in dense blocks that fit in cache; of a sparse table, what they store."""
    if issparse(table):
        return (masses for _, (masses,) in packed_blocks([table], table.shape[0]))
    return (table[at].astype(np.float64, copy=False) for at in index_blocks(table.shape))


def _conditional(p: NDArray) -> NDArray:
    """Sums over rows of p log(sum / p)."""
    at = p.argmax(axis=1)[:, None]
    top = np.take_along_axis(p, at, 1)[:, 0]
    others = p.copy()
    np.put_along_axis(others, at, 0.0, 1)
    rest = outcome_sums(others)
    total = np.where(top > 0, top + rest, 1.0)
    with np.errstate(all="ignore"):
        surprise = formulas.log_ratio(np.broadcast_to(total[:, None], others.shape), others)
        terms = np.where(others > 0, others * surprise, 0.0)
    return outcome_sums(terms) - top * np.log1p(-rest / total)


def _divergences(table: NDArray, rows: NDArray, law: NDArray) -> NDArray:
    """D(row / its sum || law), 0 for a row without mass."""
    divergences = np.empty(len(rows))
    q = Masses(law, outcome_sums(law))
    for at in index_blocks(table.shape):
        block = table[at] / np.where(rows[at] > 0, rows[at], 1.0)[:, None]
        with np.errstate(all="ignore"):
            p = Masses(block, outcome_sums(block))
            divergences[at] = formulas.kl_divergence(p, Masses(np.broadcast_to(q.p, block.shape), q.sums))
    return np.where(rows > 0, divergences, 0.0)


def _sparse_divergences(table: csr_array, rows: NDArray, law: NDArray) -> NDArray:
    """D(row / its sum || law): over the cells that are stored, and the law's mass in the others."""
    row = np.repeat(np.arange(len(rows)), np.diff(table.indptr))
    terms = np.empty(table.nnz)
    for start in range(0, table.nnz, _CELLS):
        cells = slice(start, start + _CELLS)
        p = table.data[cells] / np.where(rows[row[cells]] > 0, rows[row[cells]], 1.0)
        with np.errstate(all="ignore"):
            terms[cells] = formulas.power_terms(p, law[table.indices[cells]], 1.0, 0.0)
    seen = np.bincount(row, law[table.indices], minlength=len(rows))
    whole = np.bincount(row, law[table.indices] > 0, minlength=len(rows)) == np.count_nonzero(law)
    return np.bincount(row, terms, minlength=len(rows)) + np.where(whole, 0.0, np.maximum(1.0 - seen, 0.0))
