"""How far the law of one table is from that of another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skinfo.information._samples import kl_divergence_from_samples
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
        Rows that may have another law, with the same columns in any order. Numbers, none missing.
    k : int, default=3
        Neighbours.
    n_subsamples : int, default=16
        Parts of the rows from whose estimates the standard errors are made; 0 for none.
    n_permutations : int, default=199
        Of the test that both have one law; 0 for none.
    base : float, default=None
        Base of the logarithm; None means nats.
    random_state : int, RandomState or None
        Where randomness comes from.

    Returns
    -------
    DataFrame
        Of the library of ``reference``: a row for each column and, where there are several, a last one for all of them
        jointly, named "(all columns)". Its columns are ``column``, ``kl_divergence``, D(current||reference),
        ``standard_error`` and ``pvalue``.

    Raises
    ------
    ImportError
        If the tables are not of pandas and narwhals is not installed.
    TypeError
        If one is no DataFrame, or a column is not of numbers.
    ValueError
        If the columns differ, there are none or too few rows, values are missing, or an argument is out of range.

    See Also
    --------
    kl_divergence_from_samples : The estimate and its test.

    Notes
    -----
    The p-values are those of separate tests: the smallest of many is small by chance. The table's last row tests all
    columns at once, and finds changes of dependence, at the price of more bias.

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
    x = {name: x[name] for name in columns}
    random = check_random_state(random_state)
    options: dict[str, Any] = {"k": k, "n_subsamples": n_subsamples, "n_permutations": n_permutations, "base": base}
    pairs = [(name, x[name], y[name]) for name in columns]
    if len(columns) > 1:
        pairs.append((_ALL, np.column_stack([*x.values()]), np.column_stack([*y.values()])))
    found = {name: kl_divergence_from_samples(a, b, random_state=random, **options) for name, a, b in pairs}
    table = {
        "column": list(found),
        "kl_divergence": [float(d) for d in found.values()],
        "standard_error": [d.standard_error for d in found.values()],
        "pvalue": [d.pvalue for d in found.values()],
    }
    if _of_pandas(reference):
        return import_extra("pandas", "frames").DataFrame(table)
    narwhals = import_extra("narwhals", "frames")
    return narwhals.from_dict(table, backend=narwhals.get_native_namespace(reference)).to_native()


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
    return {c: _numbers(values, c, name) for c, values in columns.items()}, list(columns)


def _numbers(values: Any, column: Any, name: str) -> NDArray:
    array = np.asarray(values.to_numpy())
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"column {column!r} of {name} is not of numbers (dtype {array.dtype}, where missing integers also end up); "
            "encode or drop it"
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"column {column!r} of {name} has missing or infinite values; drop or impute those rows")
    return array
