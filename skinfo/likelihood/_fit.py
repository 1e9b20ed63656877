"""The maximum likelihood fit of a univariate family to rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.families import Edge, Family, Limit, NumericalFamily
from skinfo.families._base import Theta
from skinfo.likelihood._check import check_data, given_and_free, in_words
from skinfo.likelihood._climb import NEAR_COLLAPSE, Climb, collapsed, ladder
from skinfo.likelihood._coordinates import Coordinates
from skinfo.likelihood._ends import end_at_data
from skinfo.likelihood._limits import AtLimit, LimitingFits
from skinfo.likelihood._newton import Optimum
from skinfo.likelihood._numerical import fit_numerical
from skinfo.likelihood._starts import mean_log_prob, starts_of
from skinfo.likelihood._state import NamesItsFamily
from skinfo.measures import Rows

_NEAR_LIMIT = 1e-6  # of a mean log-likelihood: how much lower a numerical fit on the way to a limit may think it is


@dataclass
class MarginalFit(NamesItsFamily):
    """Estimates of one law and what certifies them.

    Parameters
    ----------
    family : Family
        The law.
    params : dict
        All parameters in SciPy's order, fixed ones included.
    free : tuple of str
        The names that were estimated.
    log_likelihood : float
        Weighted total, in nats.
    covariance : ndarray of shape (k, k)
        Inverse observed information of the whole sample, in the order of ``free``; nan where theory gives none.
    newton_decrement : float
        Distance to the optimum in standard errors.
    n_iter : int
        Newton steps.
    message : str
        What is wrong where it is not; empty otherwise.
    tol : float
        The decrement that was asked for.
    limit : str or None
        The family at the limit that the likelihood increases to, after a minus where it is that of minus the values;
        empty if it is not one of the catalogue.
    limiting : AtLimit or None
        The distribution there, which this fit then is: its log-likelihood, log probabilities and number of parameters.
    """

    family: Family
    params: Theta
    free: tuple[str, ...]
    log_likelihood: float
    covariance: NDArray
    newton_decrement: float
    n_iter: int
    message: str
    tol: float = 1e-6
    limit: str | None = None
    limiting: AtLimit | None = None

    @property
    def converged(self) -> bool:
        """Whether this is a maximum, to the tolerance or what rounding leaves."""
        return not self.message

    @property
    def status(self) -> str:
        """How the fit ended: "maximum", "rounding", "limit" or "max_iter"."""
        if self.limit is not None:
            return "limit"
        return "max_iter" if not self.converged else "maximum" if self.newton_decrement <= self.tol else "rounding"

    @property
    def limit_found(self) -> dict[str, Any] | None:
        """The family found at a limit, with its parameters; None where this is no limit."""
        if self.limiting is None:
            return None
        there = self.limiting.fit
        return {"family": there.family.name, "params": there.params, "reflected": self.limiting.side < 0}

    @property
    def n_parameters(self) -> int:
        """Number of free parameters of the distribution that is found."""
        return len(self.free) if self.limiting is None else self.limiting.fit.n_parameters

    @cached_property
    def standard_errors(self) -> Theta:
        """Standard error of each free parameter."""
        with np.errstate(invalid="ignore"):
            return dict(zip(self.free, np.sqrt(np.diag(self.covariance)).tolist()))

    @cached_property
    def distribution(self) -> Any:
        """SciPy's frozen distribution."""
        return self.family.freeze(self.params) if self.limiting is None else self.limiting.distribution

    def log_prob(self, x: NDArray) -> NDArray:
        """Log probability of each value."""
        return self.family.log_prob(x, self.params) if self.limiting is None else self.limiting.log_prob(x)


@np.errstate(all="ignore")
@in_words
def fit_marginal(
    family: Family,
    rows: Rows,
    *,
    given: Mapping[str, float] | None = None,
    compression: int | str | bool = "auto",
    tol: float = 1e-6,
    max_iter: int = 100,
    column: str = "X",
) -> MarginalFit:
    """Minimise the cross entropy from the rows over a family's free parameters.

    Parameters
    ----------
    family : Family
        The law.
    rows : Rows
        One column.
    given : dict, optional
        All values not to estimate; None for those that fix the natural support.
    compression : {"auto", False} or int
        Whether to climb on a compressed sample first, or how many bins an octave it has.
    tol : float, default=1e-6
        Newton decrement to reach.
    max_iter : int, default=100
        Newton steps at most.
    column : str, default="X"
        What messages call the data.

    Returns
    -------
    MarginalFit
        The estimates with their certificate.

    Raises
    ------
    ValueError
        If the data are outside the support, too few, or the likelihood is unbounded.
    """
    given, free = given_and_free(family, given)
    check_data(family, rows, given, free, column)
    if family.discrete:
        rows = rows.table()
    if isinstance(family, NumericalFamily):
        return _numerical(family, rows, given, free, tol, max_iter, column)
    edges = (family.edges(rows, given) if family.edges else {}) or end_at_data(family, rows, given)
    given |= {name: edge.value for name, edge in edges.items()}
    smooth = tuple(name for name in sorted(free, key=_loc_first) if name not in edges)
    coordinates = Coordinates(family, rows, smooth)
    steps = ladder(coordinates, given, compression)
    starts = starts_of(coordinates, steps.samples[0] if steps.compressed else rows, given, column)
    limiting = LimitingFits(family, {name: v for name, v in given.items() if name not in edges}, _like(tol, max_iter))
    theta, approach, message = starts[0], None, ""
    decrement, n_iter, covariance = 0.0, 0, np.full((len(smooth), len(smooth)), np.nan)
    if coordinates.moving:
        approaches = limiting.approaches([name for _, name in coordinates.moving])
        climb = Climb(coordinates, given, approaches, limiting.value, tol=tol, max_iter=max_iter)
        optimum, approach = climb(starts, steps)
        theta = coordinates.theta(optimum.u, given)
        if approach is None or approach.limit is None:  # a scale may go to 0 on the way to a limit that is known
            message = _trouble(coordinates, theta, optimum, tol, column)
        decrement, n_iter = optimum.decrement, optimum.n_iter
        covariance = _covariance(coordinates, theta, optimum, rows.total)
    theta = {name: theta[name] for name in family.parameters}
    ended = partial(MarginalFit, family=family, free=free, n_iter=n_iter, tol=tol)
    there = limiting.at(approach.limit, rows) if approach is not None and approach.limit is not None else None
    if there is None:
        smooth_sums = steps.compressed and not message and not family.ends_move
        exact = steps.samples[-2] if smooth_sums else rows  # nodes, whose sums are those of the rows
        last = next(((name, edge) for name, edge in edges.items() if edge.law), None)
        found = ended(
            params=theta,
            log_likelihood=rows.total * mean_log_prob(family, exact, theta, column),
            covariance=_with_edges(covariance, smooth, edges, free, rows.total),
            newton_decrement=decrement,
            message=_ended_at(*last, family, column) if last else message,
            limit=last[1].law if last else None,
            limiting=limiting.at(Limit(last[1].law), rows) if last else None,
        )
        if approach is None:
            return found
        there = AtLimit(found)
    assert approach is not None
    params = limiting.params(approach, theta, rows)
    return _at_limit(ended, params, there, limiting.message(approach, there, column), named=approach.limit is not None)


def _like(tol: float, max_iter: int) -> Callable[[Family, Rows, Theta], MarginalFit]:
    """Fits to the same accuracy."""
    return lambda family, rows, given: fit_marginal(family, rows, given=given, tol=tol, max_iter=max_iter)


def _at_limit(ended: partial[MarginalFit], params: Theta, there: AtLimit, message: str, *, named: bool) -> MarginalFit:
    """A fit that is the distribution found at a limit."""
    k = len(ended.keywords["free"])
    return ended(
        params=params,
        log_likelihood=there.fit.log_likelihood,
        covariance=np.full((k, k), np.nan),
        newton_decrement=there.fit.newton_decrement,
        message=message,
        limit=there.name if named else "",
        limiting=there,
    )


def _numerical(
    family: NumericalFamily,
    rows: Rows,
    given: Theta,
    free: tuple[str, ...],
    tol: float,
    max_iter: int,
    column: str,
) -> MarginalFit:
    """The fit of a family of which only the density is known."""
    found = fit_numerical(family, rows, given, free, tol=tol, max_iter=max_iter, column=column)
    result = partial(MarginalFit, family=family, free=free, n_iter=found.n_iter, tol=tol)
    if found.limit is not None:
        limiting = LimitingFits(family, given, _like(tol, max_iter))
        for approach in limiting.approaches([found.limit[0]]):
            there = limiting.at(approach.limit, rows) if approach.limit and approach.end == found.limit[1] else None
            if there and there.fit.log_likelihood >= rows.total * (found.log_likelihood - _NEAR_LIMIT):
                params = limiting.params(approach, found.theta, rows)
                return _at_limit(result, params, there, limiting.message(approach, there, column), named=True)
    return result(
        params=found.theta,
        log_likelihood=rows.total * found.log_likelihood,
        covariance=found.covariance / rows.total,
        newton_decrement=found.decrement,
        message=found.message,
        limit=None if found.limit is None else "",
    )


def _ended_at(name: str, edge: Edge, family: Family, column: str) -> str:
    there, minus = edge.law.lstrip("-"), edge.law.startswith("-")
    return (
        f"the likelihood of {family.name} for {column} still increases as {name} -> {edge.value:g}, beyond which it is "
        f"unbounded; the distribution{' of minus the values' * minus} is {there} there: use "
        f"family={there!r}{' for those' * minus}"
    )


def _loc_first(name: str) -> int:
    return {"loc": 0, "scale": 1}.get(name, 2)


def _trouble(coordinates: Coordinates, theta: Theta, optimum: Optimum, tol: float, column: str) -> str:
    """What is wrong with where an iteration ended; empty if nothing is."""
    family = coordinates.family
    near = {} if math.isfinite(optimum.decrement) else {"distance": NEAR_COLLAPSE}
    collapse = collapsed(coordinates, theta, **near)
    if collapse is not None:
        raise ValueError(
            f"the likelihood of {family.name} for {column} is unbounded: {collapse}. Fix that parameter in fixed"
        )
    if optimum.converged:
        return ""
    if tol < optimum.noise < math.inf:
        return (
            f"the values of {column} are so close to each other that the score of {family.name} is lost in rounding to "
            f"within {optimum.noise:.2g} standard errors (tol={tol:g}); raise tol, or fit norm, which it is near"
        )
    return (
        f"the fit of {family.name} to {column} stopped {optimum.decrement:.2g} standard errors from a maximum after "
        f"{optimum.n_iter} steps (tol={tol:g}); increase max_iter, fix a parameter, or choose another family"
    )


def _covariance(coordinates: Coordinates, theta: Theta, optimum: Optimum, total: float) -> NDArray:
    jacobian = coordinates.jacobian(theta)
    if not math.isfinite(optimum.decrement):
        return np.full((len(jacobian), len(jacobian)), np.nan)
    return jacobian @ np.linalg.inv(optimum.information) @ jacobian.T / total


def _with_edges(
    covariance: NDArray, smooth: tuple[str, ...], edges: Mapping[str, Edge], free: tuple[str, ...], total: float
) -> NDArray:
    """Covariance in the order of the free parameters, what edges know about theirs on the diagonal."""
    out = np.full((len(free), len(free)), np.nan)
    at = [free.index(name) for name in smooth]
    out[np.ix_(at, at)] = covariance
    for name, edge in edges.items():
        i = free.index(name)
        if math.isfinite(edge.standard_error):
            out[i, :] = out[:, i] = 0.0
        out[i, i] = edge.standard_error**2 / total
    return out
