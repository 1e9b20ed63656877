"""Entropy, cross entropy and divergence of density estimators, which answer for log densities and draws only."""

from __future__ import annotations

import copy
import inspect
import math
import numbers
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skinfo.information._estimate import Estimate
from skinfo.information._labels import order_of_columns
from skinfo.information._laws import JointLaw, Univariate, as_law, check_fitted, is_estimator
from skinfo.utils._gamma import deviance

_FIRST, _MOST = 1 << 12, 1 << 20  # draws: how many before the first look, and in all
_BATCH = 1 << 16
_NEAR = 0.02
_REACH = 2.0 ** np.arange(-20, 11)  # beyond an end, in units of what is near it
_SERIES = [1 / math.factorial(k) for k in range(2, 8)]  # of exp(d) - 1 - d, over d^2

Draw = Callable[[int], NDArray]


def is_sampled(value: Any) -> bool:
    """Whether a value is an estimator whose density is of no known law."""
    return is_estimator(value) and not hasattr(value, "distributions_")


def entropy(p: Any, rtol: float, random_state: Any, unit: float) -> Estimate:
    """H(p), the mean of -log p over draws."""
    random = _checked(rtol, random_state)
    log_p = log_prob(p, "p")
    return _mean([_draw(p, "p", random)], lambda x: -log_p(x), rtol, 1.0, unit)


def cross_entropy(p: Any, q: Any, rtol: float, random_state: Any, unit: float) -> Estimate:
    """H(p, q), the mean of -log q over draws from p."""
    random = _checked(rtol, random_state)
    log_p, log_q = log_prob(p, "p"), _in_order_of(p, q)
    draw = _draw(p, "p", random)
    row = _check_columns("p", draw, "q", log_q)
    if _escapes(log_p, q, row, order_of_columns(p, q)):
        return Estimate(math.copysign(math.inf, unit), 0.0)
    return _mean([draw], lambda x: -log_q(x), rtol, 1.0, unit)


def kl_divergence(p: Any, q: Any, rtol: float, random_state: Any, unit: float) -> Estimate:
    """D(p||q) by draws from p and as many from q.

    With m = (p + q) / 2, D is the mean under m of (p log(p / q) - p + q) / m: not negative, small where p is near q,
    at most 2 where q is larger than p, and right where the two have different supports.
    """
    return _mean_of_log_ratio(p, q, _excess_over_middle, rtol, random_state, unit, beyond=math.inf)


def js_divergence(p: Any, q: Any, rtol: float, random_state: Any, unit: float) -> Estimate:
    """Jensen-Shannon divergence by draws from p and as many from q, which are draws from their mixture m.

    It is half the mean under m of (p log(p / m) + q log(q / m)) / m, between 0 and log 2.
    """
    return _mean_of_log_ratio(p, q, _spread_about_middle, rtol, random_state, unit)


def _mean_of_log_ratio(
    p: Any,
    q: Any,
    f: Callable[[NDArray], NDArray],
    rtol: float,
    random_state: Any,
    unit: float,
    beyond: float | None = None,
) -> Estimate:
    """Mean under (p + q) / 2 of a function of log(q / p); ``beyond`` where p has mass outside the support of q."""
    random = _checked(rtol, random_state)
    log_p, log_q = log_prob(p, "p"), _in_order_of(p, q)
    draws = [_draw(p, "p", random), _draw(q, "q", random)]
    if (order := order_of_columns(p, q)) is not None:
        of_q = draws[1]
        draws[1] = lambda n: of_q(n)[:, order]
    row = _check_columns("p", draws[0], "q", log_q)
    _check_columns("q", draws[1], "p", log_p)
    if beyond is not None and _escapes(log_p, q, row, order):
        return Estimate(math.copysign(beyond, unit), 0.0)
    return _mean(draws, lambda x: f(log_q(x) - log_p(x)), rtol, 0.0, unit)


def _spread_about_middle(d: NDArray) -> NDArray:
    """Half of (1 - t) log(1 - t) + (1 + t) log(1 + t), p / m = 1 - t and q / m = 1 + t, for log ratios of q to p."""
    t = np.tanh(d / 2)
    return (deviance(t, 1.0) + deviance(-t, 1.0)) / 2


def _excess_over_middle(d: NDArray) -> NDArray:
    """Compute 2 (exp(d) - 1 - d) / (1 + exp(d)) for log ratios of q to p, which may be infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        decay = np.exp(-np.abs(d))
        up = -np.expm1(-d) - np.where(decay > 0, d * decay, 0.0)  # times exp(-d)
        down = np.expm1(d) - d
    t = np.clip(d, -_NEAR, _NEAR)
    series = t * t * np.polynomial.polynomial.polyval(t, _SERIES)
    near = np.abs(d) < _NEAR
    large = np.where(near, np.where(d > 0, series * decay, series), np.where(d > 0, up, down))
    return 2 * large / (1 + decay)


def _mean(draws: list[Draw], f: Callable[[NDArray], NDArray], rtol: float, floor: float, unit: float) -> Estimate:
    """Mean of f over equally many draws of each kind, in units of ``unit``, until its standard error is small enough.

    That is ``rtol`` times the mean, or times ``floor`` where this is larger.
    """
    moments = [(0, 0.0, 0.0)] * len(draws)
    wanted = _FIRST
    while True:
        while moments[0][0] < wanted:
            n = min(_BATCH, wanted - moments[0][0])
            moments = [_added(moment, f(draw(n))) for moment, draw in zip(moments, draws)]
        value = math.fsum(mean for _, mean, _ in moments) / len(draws)
        if math.isinf(value):
            return Estimate(value / unit, 0.0)
        if math.isnan(value):
            raise ValueError("a log density is NaN at rows drawn from p or q; an estimator's score_samples is broken")
        error = math.sqrt(math.fsum(square / (n * (n - 1)) for n, _, square in moments)) / len(draws)
        estimate = Estimate(value / unit, error / abs(unit))
        if error <= rtol * max(abs(value), floor):
            return estimate
        if wanted >= _MOST:
            warnings.warn(
                f"the standard error is {error:.2g} after {wanted} draws, and rtol={rtol:g} asks for less; raise rtol",
                ConvergenceWarning,
                stacklevel=4,
            )
            return estimate
        wanted *= 2


def _added(moment: tuple[int, float, float], values: NDArray) -> tuple[int, float, float]:
    """Number, mean and sum of squared deviations with further values (Chan, Golub and LeVeque 1983)."""
    n, mean, square = moment
    k, own = len(values), float(values.mean())
    if math.isinf(own) or math.isinf(mean):
        return n + k, math.inf, 0.0
    gap = own - mean
    total = n + k
    square += float(((values - own) ** 2).sum()) + gap * gap * n * k / total
    return total, mean + gap * k / total, square


def _checked(rtol: float, random_state: Any) -> np.random.RandomState:
    if not (isinstance(rtol, numbers.Real) and 0 < rtol < math.inf):
        raise ValueError(f"rtol must be a positive number, got {rtol!r}")
    return check_random_state(random_state)


def log_prob(value: Any, name: str) -> Callable[[NDArray], NDArray]:
    """Log density of rows under an estimator or a distribution.

    Parameters
    ----------
    value : object
        What has a density.
    name : str
        What messages call it.

    Returns
    -------
    callable
        Of rows ``(n, p)``.

    Raises
    ------
    NotFittedError
        If it is an estimator that has not been fitted.
    TypeError
        If it has no log density.
    ValueError
        If it is a discrete law, which estimators are not.
    """
    if is_estimator(value):
        check_fitted(value, name)
        if not hasattr(value, "score_samples"):
            raise TypeError(f"{name} is a {type(value).__name__}, which is no density estimator: no score_samples")
        return lambda x: _unnamed(value.score_samples, x)
    law = as_law(value, name)
    if getattr(law, "discrete", False):
        raise ValueError(f"{name} is discrete and the other one a density estimator: use two laws of one kind")
    if isinstance(law, Univariate):
        return lambda x: law.log_prob(_one_column(x))
    return law.log_prob if isinstance(law, JointLaw) else lambda x: np.atleast_1d(value.logpdf(x))


def _unnamed(method: Callable[..., Any], x: NDArray) -> Any:
    """Call an estimator's method with draws, which have not the names of the columns that it was fitted to."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names", UserWarning)
        return method(x)


def _in_order_of(p: Any, q: Any) -> Callable[[NDArray], NDArray]:
    """Log density under q of rows with the columns of p."""
    log_q, order = log_prob(q, "q"), order_of_columns(p, q)
    if order is None:
        return log_q
    back = np.argsort(order)
    return lambda x: log_q(x[:, back])


def _escapes(log_p: Callable[[NDArray], NDArray], q: Any, row: NDArray, order: NDArray | None) -> bool:
    """Whether p has a density outside the support of q, at points about the ends of that.

    ``row`` is one that both have. The supports of laws are known, those of estimators show in draws only.
    """
    if is_sampled(q):
        return False
    law = as_law(q, "q")
    columns = law if isinstance(law, list) else [law]
    points = []
    for j, column in enumerate(columns):
        if not isinstance(column, Univariate):
            return False
        at = j if order is None else int(np.flatnonzero(order == j)[0])
        for end, side in zip(column.ends, (-1, 1)):
            if math.isfinite(end):
                outside = np.tile(row, (len(_REACH), 1))
                outside[:, at] = end + side * _REACH * max(column.scale, abs(end), abs(row[0, at] - end))
                points.append(outside)
    return bool(points) and bool(np.isfinite(log_p(np.concatenate(points))).any())


def _one_column(x: NDArray) -> NDArray:
    if x.shape[1] != 1:
        raise ValueError(f"it is a distribution of one column, and the rows have {x.shape[1]}")
    return x[:, 0]


def _draw(value: Any, name: str, random: np.random.RandomState) -> Draw:
    """Draw rows from an estimator or a distribution, which keeps its own random state."""
    if not is_estimator(value):
        return lambda n: np.reshape(_variates(value, n, random), (n, -1))
    if not hasattr(value, "sample"):
        raise TypeError(
            f"{name} is a {type(value).__name__}, which draws no samples; pass one that has sample(n_samples), or "
            "rows: cross_entropy(X, q)"
        )
    twin, options = value, {}
    if "random_state" in inspect.signature(value.sample).parameters:
        options = {"random_state": random}
    elif hasattr(value, "random_state"):
        twin = copy.copy(value)
        twin.random_state = random

    def draw(n: int) -> NDArray:
        try:
            rows = twin.sample(n, **options)
        except NotImplementedError as error:
            kernel = f" with kernel={value.kernel!r}" if hasattr(value, "kernel") else ""
            raise TypeError(
                f"{name} is a {type(value).__name__}{kernel}, which draws no samples; a KernelDensity does with kernel "
                "'gaussian' or 'tophat', and rows need none: cross_entropy(X, q)"
            ) from error
        return rows[0] if isinstance(rows, tuple) else rows  # mixtures give the labels too

    return draw


def _variates(value: Any, n: int, random: np.random.RandomState) -> NDArray:
    if hasattr(value, "rvs"):
        return value.rvs(size=n, random_state=random)
    return value.sample(shape=n, rng=np.random.default_rng(random.randint(1 << 31)))


def _check_columns(name: str, draw: Draw, other: str, log_density: Callable[[NDArray], NDArray]) -> NDArray:
    """Try one density on a row from the other, which is returned, for an error before any work."""
    row = draw(1)
    try:
        log_density(row)
    except (ValueError, IndexError) as error:
        raise ValueError(
            f"{name} draws rows of {row.shape[1]} column{'s' * (row.shape[1] > 1)}, and {other} takes none: {error}"
        ) from error
    return row
