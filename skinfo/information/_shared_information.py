"""Mutual information of variables that were observed together, by nearest neighbours and by counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from skinfo.information._columns import read_columns
from skinfo.information._dependence import MEANS, Shared
from skinfo.information._estimate import Estimate
from skinfo.information._subsamples import check_number, estimate, exchange_pvalue
from skinfo.information._vectors import log_of_base
from skinfo.utils import check_choice


def mutual_information_from_samples(
    X: ArrayLike,
    Y: ArrayLike,
    *,
    k: int = 3,
    discrete: Any = "auto",
    normalized: str | None = None,
    n_subsamples: int = 16,
    n_permutations: int = 0,
    base: float | None = None,
    random_state: Any = None,
) -> Estimate | NDArray | tuple[NDArray, NDArray]:
    """Mutual information of variables observed together, by nearest neighbours and by counts.

    Parameters
    ----------
    X : array-like of shape (n, p) or (n,), or DataFrame
        Rows of the first variables: numbers or labels, which are strings, booleans and categories.
    Y : array-like of shape (n, q) or (n,), or DataFrame
        The second variables in the same rows.
    k : int, default=3
        Neighbours. More of them mean less variance and more bias.
    discrete : "auto", bool, or a pair of these or of masks of columns, default="auto"
        Whether the numbers of X and of Y are labels, whose values mean nothing. By default they are where there are
        few of them: ``4 (k + 1)`` rows each and more on average, and if all is labels, two rows and more for a
        combination. Renaming them has no say in this.
    normalized : {"min", "geometric", "arithmetic", "max"}, default=None
        Divide the information by this mean of the entropies of X and Y, which must be labels, as the ``average_method``
        of `sklearn.metrics.normalized_mutual_info_score`; by "min" one of them may be numbers.
    n_subsamples : int, default=16
        Parts of the rows from whose estimates the standard error is made; 0 for none.
    n_permutations : int, default=0
        Random exchanges of the rows of Y, of a test that X and Y are independent; 0 for none.
    base : float, default=None
        Base of the logarithm; None means nats.
    random_state : int, RandomState or None
        Which row is in which part, and the exchanges; it has no say in the estimate.

    Returns
    -------
    Estimate or ndarray of shape (p,) or a pair of these
        A float with a ``standard_error``, a ``confint`` and, where it was asked for, the ``pvalue`` of the test, below
        zero at times where the variables are about independent. Infinite where one number grows with the other without
        exception. Where X has shape (n, p) and Y (n,), as score functions get a table and a target, an array: the
        information that each column of X has about Y, without standard errors; with ``n_permutations`` also the
        p-values, as score functions return them. Pass Y with shape (n, 1) for the information of all columns together.

    Raises
    ------
    ValueError
        If rows are not finite or too few, X and Y have different numbers of them, or an argument is out of range.
    TypeError
        If a column is neither of numbers nor of labels.

    See Also
    --------
    conditional_mutual_information_from_samples : Where other variables are known.
    mutual_information : Of a table of joint probabilities.
    sklearn.feature_selection.mutual_info_classif : By the estimator of Ross alone.

    Notes
    -----
    Information is the same after any increasing transformation of a column, and so is the estimate: numbers are
    replaced by their ranks, and these by normal scores. Repeated numbers get different ranks, always by the same draws,
    which changes the information neither.

    Numbers: the first estimator of Kraskov, Stoegbauer and Grassberger (2004), eq. 8, in the largest of the distances
    between coordinates. Its bias is next to nothing for independent variables; strong dependence is
    underestimated: it takes about exp(I) rows a neighbour to see an information of I. With five columns and more
    the entropies of X and Y less the joint one are estimated, too, with a normal start as in
    `entropy_from_samples`, and taken if the information is larger by two standard errors of the difference: both
    miss dependence. For 1,000 rows of ten normal columns, those of Y correlated 0.6 with one of X each, I = 1.12 is
    missed by 0.34 by the one and by 0.01 by the other.

    Labels and numbers: the same with neighbours in rows of the same labels, which is the estimator of Ross (2014);
    those whose labels have no ``k`` other rows count by their labels alone. Labels alone: the entropies of Chao, Wang
    and Jost, for which see `entropy_from_counts`.

    The standard error of labels alone is the delta method's, to first order, or second where that is more. For others
    see `entropy_from_samples`; with less than ``192 (k + 1)`` rows for a combination of labels it is that of the mean
    of the terms, and an eighth more, as neighbours depend on each other.

    References
    ----------
    A. Kraskov, H. Stoegbauer and P. Grassberger, Estimating mutual information, Physical Review E 69 (2004).
    B. C. Ross, Mutual information between discrete and continuous data sets, PLoS ONE 9 (2014).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.feature_selection import SelectKBest
    >>> from skinfo import mutual_information_from_samples
    >>> random = np.random.default_rng(0)
    >>> x = random.normal(size=2000)
    >>> y = 0.6 * x + 0.8 * random.normal(size=2000)  # I = -log(1 - 0.6^2) / 2 = 0.223
    >>> i = mutual_information_from_samples(x, y, random_state=0)
    >>> bool(abs(i - 0.223) < 3 * i.standard_error)
    True
    >>> X = np.column_stack([random.normal(size=2000), x, random.normal(size=2000)])
    >>> SelectKBest(mutual_information_from_samples, k=1).fit(X, y).get_support()
    array([False,  True, False])
    """
    unit = log_of_base(base)
    _check(k, n_subsamples, n_permutations)
    check_choice(normalized, (None, *MEANS), name="normalized")
    (x, y), (of_x, of_y) = _read({"X": X, "Y": Y}, discrete)
    random = check_random_state(random_state)

    def between(a: list[NDArray], of_a: list[Any], subsamples: int) -> Estimate:
        shared = Shared.of([a, y], [of_a, of_y], k, normalized)
        value, variance, dof = shared.estimate(subsamples, random)
        test = exchange_pvalue(value, lambda order: shared.exchanged(order).value(), len(y[0]), n_permutations, random)
        return estimate(value, variance, dof, 1.0 if normalized else unit, test)

    if np.ndim(X) == 2 and np.ndim(Y) == 1:
        found = [between([column], [of], 0) for column, of in zip(x, of_x)]
        return (np.array(found), np.array([i.pvalue for i in found])) if n_permutations else np.array(found)
    return between(x, of_x, n_subsamples)


def conditional_mutual_information_from_samples(
    X: ArrayLike,
    Y: ArrayLike,
    Z: ArrayLike,
    *,
    k: int = 3,
    discrete: Any = "auto",
    n_subsamples: int = 16,
    base: float | None = None,
    random_state: Any = None,
) -> Estimate:
    """Mutual information of variables where others are known, by nearest neighbours and by counts.

    Parameters
    ----------
    X : array-like of shape (n, p) or (n,), or DataFrame
        Rows of the first variables.
    Y : array-like of shape (n, q) or (n,), or DataFrame
        The second variables in the same rows.
    Z : array-like of shape (n, r) or (n,), or DataFrame
        What is known of these rows.
    k : int, default=3
        Neighbours. More of them mean less variance and more bias.
    discrete : "auto", bool, or a list of three of these or of masks of columns, default="auto"
        What of X, Y and Z is labels, as in `mutual_information_from_samples`.
    n_subsamples : int, default=16
        Parts of the rows from whose estimates the standard error is made; 0 for none.
    base : float, default=None
        Base of the logarithm; None means nats.
    random_state : int, RandomState or None
        Which row is in which part; it has no say in the estimate.

    Returns
    -------
    Estimate
        A float with a ``standard_error`` and a ``confint``, below zero at times where the variables are about
        independent given Z.

    Raises
    ------
    ValueError
        If rows are not finite or too few, there are different numbers of them, or an argument is out of range.
    TypeError
        If a column is neither of numbers nor of labels.

    See Also
    --------
    mutual_information_from_samples : Where nothing is known, and for how it is estimated.

    Notes
    -----
    Frenzel and Pompe's (2007) extension of the estimator of Kraskov, Stoegbauer and Grassberger, with labels as Mesner
    and Shalizi (2021) have them in mixtures; or, in many columns, the entropies of (X, Z) and (Y, Z) less those of Z
    and (X, Y, Z). The variables of Z take up rows as those of X and Y do: dependence is missed if they are many.

    References
    ----------
    S. Frenzel and B. Pompe, Partial mutual information for coupling analysis of multivariate time series, Physical
    Review Letters 99 (2007). O. C. Mesner and C. R. Shalizi, Conditional mutual information estimation for mixed,
    discrete and continuous data, IEEE Transactions on Information Theory 67 (2021).

    Examples
    --------
    >>> import numpy as np
    >>> from skinfo import conditional_mutual_information_from_samples, mutual_information_from_samples
    >>> random = np.random.default_rng(0)
    >>> z = random.normal(size=2000)
    >>> x, y = z + random.normal(size=2000), z + random.normal(size=2000)
    >>> i = mutual_information_from_samples(x, y, random_state=0)  # log(4 / 3) / 2 = 0.144
    >>> given = conditional_mutual_information_from_samples(x, y, z, random_state=0)  # 0
    >>> bool(i > 0.1), bool(abs(given) < 3 * given.standard_error)
    (True, True)
    """
    unit = log_of_base(base)
    _check(k, n_subsamples, 0)
    columns, kinds = _read({"X": X, "Y": Y, "Z": Z}, discrete)
    shared = Shared.of(columns, kinds, k)
    return estimate(*shared.estimate(n_subsamples, check_random_state(random_state)), unit)


def _check(k: Any, n_subsamples: Any, n_permutations: Any) -> None:
    check_number("k", k, 1)
    check_number("n_subsamples", n_subsamples, 0)
    check_number("n_permutations", n_permutations, 0)


def _read(given: dict[str, Any], discrete: Any) -> tuple[list[list[NDArray]], list[list[Any]]]:
    """Columns of variables, and for each column True, False or "auto"."""
    columns = [read_columns(variable, name) for name, variable in given.items()]
    names, n = list(given), [len(of[0]) for of in columns]
    for name, rows in zip(names, n):
        if rows != n[0]:
            raise ValueError(f"{names[0]} has {n[0]} rows and {name} has {rows}; pass the same rows of both")
    if isinstance(discrete, (str, bool, np.bool_)):
        discrete = [discrete] * len(given)
    if not isinstance(discrete, (list, tuple)) or len(discrete) != len(given):
        raise ValueError(
            f"discrete must be 'auto', a bool, or a list with one for each of {', '.join(given)}; got {discrete!r}"
        )
    return columns, [_kinds(kind, name, len(of)) for kind, name, of in zip(discrete, names, columns)]


def _kinds(discrete: Any, name: str, columns: int) -> list[Any]:
    if isinstance(discrete, (bool, np.bool_)) or (isinstance(discrete, str) and discrete == "auto"):
        return [discrete if isinstance(discrete, str) else bool(discrete)] * columns
    mask = np.asarray(discrete)
    if mask.dtype != bool or mask.shape != (columns,):
        raise ValueError(
            f"discrete must be 'auto', True, False or a mask of shape ({columns},) for {name}; got {discrete!r}"
        )
    return mask.tolist()
