"""How far the distribution of one table is from that of another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.utils import check_random_state

from skinfo.information._columns import are_labels, read_column
from skinfo.information._estimate import Estimate
from skinfo.information._samples import divergence_of_columns
from skinfo.utils import import_extra

_ALL = "(all columns)"


def drift(
    reference: Any,
    current: Any,
    *,
    k: int = 3,
    n_subsamples: int = 16,
    n_permutations: int = 199,
    base: float | None = None,
    random_state: Any = None,
) -> Any:
    """Divergence of a table's rows from those of a reference table, by column and jointly.

    Parameters
    ----------
    reference : DataFrame of shape (m, p)
        Rows of the past, say: of pandas, or of polars or another library that narwhals, if installed, can read.
    current : DataFrame of shape (n, p)
        Rows that may have another distribution, with the same columns in any order: numbers, or labels, which are
        strings, booleans and categories; none missing.
    k : int, default=3
        Neighbours.
    n_subsamples : int, default=16
        Parts of the rows from whose estimates the standard errors are made; 0 for none.
    n_permutations : int, default=199
        Of the test that both have one distribution; 0 for none.
    base : float, default=None
        Base of the logarithm; None means nats.
    random_state : int, RandomState or None
        Where randomness comes from.

    Returns
    -------
    DataFrame
        Of the library of ``reference``: a row for each column and, where there are several, a last one for all of them
        jointly, named "(all columns)". Its columns are ``column``, ``kl_divergence``, D(current||reference),
        ``standard_error`` and ``pvalue``: of the permutation test, and for a column of labels of the chi-square test of
        their table of counts.

    Raises
    ------
    ImportError
        If the tables are not of pandas and narwhals is not installed.
    TypeError
        If one is no DataFrame, a column is of labels in one and of numbers in the other, or of neither.
    ValueError
        If the columns differ, there are none or too few rows, values are missing, or an argument is out of range.

    See Also
    --------
    kl_divergence_from_samples : The estimate and its test.

    Notes
    -----
    The p-values are those of separate tests: the smallest of many is small by chance. The table's last row tests all
    columns at once, and finds changes of dependence, at the price of more bias. A divergence is infinite where the
    current rows show values that the reference can hardly have: new labels, or another constant.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skinfo import drift
    >>> random = np.random.default_rng(0)
    >>> past = pd.DataFrame(random.normal(size=(500, 2)), columns=["age", "income"])
    >>> now = pd.DataFrame(random.normal([0.0, 1.0], size=(400, 2)), columns=["age", "income"])
    >>> table = drift(past, now, random_state=0)
    >>> table.loc[table["pvalue"] <= 0.01, "column"].tolist()
    ['income', '(all columns)']
    """
    (y, columns), (x, others) = _read(reference, "reference"), _read(current, "current")
    if set(columns) != set(others) or len(columns) != len(others):
        odd = [repr(c) for c in [*columns, *others] if (c in columns) != (c in others)]
        raise ValueError(f"reference and current must have the same columns; {', '.join(odd)} is in one of them only")
    random = check_random_state(random_state)
    options: dict[str, Any] = {"k": k, "n_subsamples": n_subsamples, "base": base, "random_state": random}
    pairs = [(name, [x[name]], [y[name]]) for name in columns]
    if len(columns) > 1:
        pairs.append((_ALL, [x[name] for name in columns], [y[name] for name in columns]))
    names, found, pvalues = [], [], []
    for name, a, b in pairs:
        counted = name in x and are_labels(a[0])
        names.append(name)
        found.append(_divergence(name, a, b, n_permutations=0 if counted else n_permutations, **options))
        pvalues.append(_chi_square(a[0], b[0]) if counted else found[-1].pvalue)
    table = {
        "column": names,
        "kl_divergence": [float(d) for d in found],
        "standard_error": [d.standard_error for d in found],
        "pvalue": pvalues,
    }
    if _of_pandas(reference):
        return import_extra("pandas", "frames").DataFrame(table)
    narwhals = import_extra("narwhals", "frames")
    return narwhals.from_dict(table, backend=narwhals.get_native_namespace(reference)).to_native()


def _divergence(name: Any, a: list[NDArray], b: list[NDArray], **options: Any) -> Estimate:
    try:
        return divergence_of_columns(a, b, **options)
    except TypeError as error:
        raise TypeError(f"column {name!r} has labels in one table and numbers in the other; encode it alike") from error


def _chi_square(a: NDArray, b: NDArray) -> float:
    """P-value of the test that two samples of labels have one distribution."""
    kinds, index = np.unique(np.concatenate([a.astype(str), b.astype(str)]), return_inverse=True)
    if len(kinds) == 1:
        return 1.0
    counts = [np.bincount(part, minlength=len(kinds)) for part in (index[: len(a)], index[len(a) :])]
    return float(stats.chi2_contingency(counts, correction=False).pvalue)


def _of_pandas(table: Any) -> bool:
    return type(table).__module__.partition(".")[0] == "pandas"


def _read(table: Any, name: str) -> tuple[dict[Any, NDArray], list[Any]]:
    """Columns as float64, by name, and the names in order."""
    if not hasattr(type(table), "columns"):
        raise TypeError(
            f"{name} must be a DataFrame, got {type(table).__name__}; for arrays use kl_divergence_from_samples"
        )
    if _of_pandas(table):
        names = list(table.columns)
        if len(set(names)) < len(names):
            raise ValueError(f"{name} has two columns of one name; rename one of them")
        columns = {c: table[c] for c in names}
    else:
        try:
            frame = import_extra("narwhals", "frames").from_native(table, eager_only=True)
        except TypeError as error:
            raise TypeError(f"{name} must be a DataFrame in memory, got {type(table).__name__}; collect it") from error
        columns = {c: frame[c] for c in frame.columns}
    if not columns or not len(table):
        raise ValueError(f"{name} must have rows and columns; its shape is {(len(table), len(columns))}")
    return {c: read_column(values, f"column {c!r} of {name}") for c, values in columns.items()}, list(columns)
