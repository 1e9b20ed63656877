"""The maximum likelihood fit of a univariate family to rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.families import Edge, Family, get_family
from skinfo.families._base import Theta
from skinfo.families._generic import NumericalFamily
from skinfo.likelihood._check import check_data, given_and_free
from skinfo.likelihood._climb import NEAR_COLLAPSE, PILOT_ROWS, Climb, Limit, collapsed, ladder
from skinfo.likelihood._coordinates import Coordinates
from skinfo.likelihood._newton import Optimum
from skinfo.likelihood._numerical import fit_numerical
from skinfo.measures import Rows


@dataclass
class MarginalFit:
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
    converged : bool
        Whether the decrement is at most the tolerance, or what the rounding of the parameters leaves.
    message : str
        What is wrong where it is not; empty otherwise.
    limit : str or None
        The law at the limit of the family that the likelihood increases to; empty if it is not one of the catalogue.
    """

    family: Family
    params: Theta
    free: tuple[str, ...]
    log_likelihood: float
    covariance: NDArray
    newton_decrement: float
    n_iter: int
    converged: bool
    message: str
    limit: str | None = None

    @property
    def n_parameters(self) -> int:
        """Number of free parameters."""
        return len(self.free)

    @cached_property
    def standard_errors(self) -> Theta:
        """Standard error of each free parameter."""
        with np.errstate(invalid="ignore"):
            return dict(zip(self.free, np.sqrt(np.diag(self.covariance)).tolist()))

    @cached_property
    def distribution(self) -> Any:
        """SciPy's frozen distribution."""
        return self.family.freeze(self.params)

    def log_prob(self, x: NDArray) -> NDArray:
        """Log probability of each value."""
        return self.family.log_prob(x, self.params)


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
    edges = family.edges(rows, given) if family.edges else {}
    given |= {name: edge.value for name, edge in edges.items()}
    smooth = tuple(name for name in sorted(free, key=_loc_first) if name not in edges)
    coordinates = Coordinates(family, rows, smooth)
    steps = ladder(coordinates, given, compression)
    starts = _starts(coordinates, steps.samples[0] if steps.compressed else rows, given, column)
    theta = starts[0]
    limit = None
    decrement, n_iter, covariance, message = 0.0, 0, np.full((len(smooth), len(smooth)), np.nan), ""
    if coordinates.moving:
        limiting = _LimitingFits(family, {name: v for name, v in given.items() if name not in edges}, max_iter)
        climb = Climb(
            coordinates,
            given,
            limiting.limits([name for _, name in coordinates.moving]),
            limiting.value,
            tol=tol,
            max_iter=max_iter,
        )
        optimum, limit = climb(starts, steps)
        theta = coordinates.theta(optimum.u, given)
        if limit is None or not limit.law:  # a scale may go to 0 on the way to a limit whose law is known
            message = _trouble(coordinates, theta, optimum, tol, column)
        if limit is not None:
            message = limiting.message(limit, rows, column)
        decrement, n_iter = optimum.decrement, optimum.n_iter
        covariance = _covariance(coordinates, theta, optimum, rows.total)
    for name, edge in edges.items():
        if edge.law:
            limit, message = Limit(name, f"{edge.value:g}", edge.law), _ended_at(name, edge, family, column)
    theta = {name: theta[name] for name in family.parameters}
    exact = steps.samples[-2] if steps.compressed and not message else rows  # its sums are those of the rows
    return MarginalFit(
        family=family,
        params=theta,
        free=free,
        log_likelihood=rows.total * _check_density(family, exact, theta, column),
        covariance=_with_edges(covariance, smooth, edges, free, rows.total),
        newton_decrement=decrement,
        n_iter=n_iter,
        converged=not message,
        message=message,
        limit=None if limit is None else limit.law,
    )


NEAR_LIMIT = 1e-6  # of a mean log-likelihood


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
    message, limit = found.message, None
    if found.limit is not None:
        limit, limiting = "", _LimitingFits(family, given, max_iter)
        for known in limiting.limits([found.limit[0]]):
            if known.end == found.limit[1] and limiting.value(known.law, rows) >= found.log_likelihood - NEAR_LIMIT:
                limit, message = known.law, limiting.message(known, rows, column)
    return MarginalFit(
        family=family,
        params=found.theta,
        free=free,
        log_likelihood=rows.total * found.log_likelihood,
        covariance=found.covariance / rows.total,
        newton_decrement=found.decrement,
        n_iter=found.n_iter,
        converged=not message,
        message=message,
        limit=limit,
    )


def _ended_at(name: str, edge: Edge, family: Family, column: str) -> str:
    return (
        f"the likelihood of {family.name} for {column} still increases as {name} -> {edge.value:g}, beyond which it is "
        f"unbounded; the law is {edge.law} there: use family={edge.law!r}"
    )


def _loc_first(name: str) -> int:
    return {"loc": 0, "scale": 1}.get(name, 2)


def _starts(coordinates: Coordinates, rows: Rows, given: Theta, column: str) -> list[Theta]:
    family, smooth = coordinates.family, coordinates.names
    loc = given.get("loc")
    if loc is None:  # only half lines and intervals need one before the rest can be estimated
        loc = coordinates.rows.lowest - 0.1 * math.sqrt(rows.moments()[1]) if math.isfinite(family.support.low) else 0.0
    with np.errstate(all="ignore"):
        try:
            starts = family.start(rows, loc) if smooth else {}
        except (ZeroDivisionError, OverflowError) as error:
            raise _boundary(family, column) from error
    candidates = [{"loc": loc} | s | given for s in (starts if isinstance(starts, list) else [starts])]
    candidates = [theta | coordinates.ends(theta) for theta in candidates]
    some = rows.subsample(PILOT_ROWS) if family.needs_rows(smooth) else rows
    usable = [theta for theta in candidates if not _out_of_domain(family, theta, smooth)]
    if not usable:
        name = _out_of_domain(family, candidates[0], smooth)
        raise _boundary(family, column, f": {name} would be {candidates[0].get(name, math.nan):g}")
    finite = [theta for theta in usable if math.isfinite(family.mean_log_prob(some, theta))]
    if not finite:
        _check_density(family, some, usable[0], column)
    return finite


def _out_of_domain(family: Family, theta: Theta, names: tuple[str, ...]) -> str:
    """The first parameter that is not in the interior of its domain; empty where all are."""
    return next((name for name in names if not family.in_domain(name, theta.get(name, math.nan))), "")


def _check_density(family: Family, rows: Rows, theta: Theta, column: str) -> float:
    """Mean log-likelihood, which must be finite."""
    mean = family.mean_log_prob(rows, theta)
    if not math.isfinite(mean):
        raise ValueError(
            f"{column} has values where {family.name} with {_show(theta)} has no density; check the data, or give "
            "starting points a chance by fixing loc or scale in fixed"
        )
    return mean


def _boundary(family: Family, column: str, detail: str = "") -> ValueError:
    return ValueError(
        f"the maximum of the likelihood of {family.name} for {column} is at the boundary of its parameters{detail}; "
        "the law is degenerate there: choose another family or fix the parameter"
    )


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


class _LimitingFits:
    """Fits of the laws at a family's limits, with the location, scale and integers that are given there too."""

    def __init__(self, family: Family, given: Theta, max_iter: int):
        self.family, self.given, self.max_iter = family, given, max_iter

    def limits(self, names: list[str]) -> list[Limit]:
        """The limits that these parameters can go to."""
        return [
            Limit(name, end, law)
            for (name, end), laws in (self.family.limits or {}).items()
            for law in ([laws] if isinstance(laws, str) else laws)
            if name in names and self._fixed(law) is not None
        ]

    def value(self, law: str, rows: Rows) -> float:
        """Mean log-likelihood; minus infinity where the law can't be fitted."""
        found = self._fit(law, rows)
        return -math.inf if found is None else found.log_likelihood / rows.total

    def message(self, limit: Limit, rows: Rows, column: str) -> str:
        """What is said of a likelihood that increases to a limit."""
        rises = f"the likelihood of {self.family.name} for {column} still increases as {limit.name} -> {limit.end}"
        if not limit.law:
            return f"{rises}; fix it, or choose another family"
        found = self._fit(limit.law, rows)
        there = f" ({_show(found.params)}, log-likelihood {found.log_likelihood:.6g})" if found else ""
        side, family = _reflected(limit.law)
        what = "the law" if side > 0 else "the law of minus the values"
        return f"{rises}, where {what} is {family.name}: use family={family.name!r}{' for those' * (side < 0)}{there}"

    def _fit(self, law: str, rows: Rows) -> MarginalFit | None:
        fixed = self._fixed(law) or {}
        key = law, tuple(sorted(fixed.items()))
        if key not in rows.fits:
            side, family = _reflected(law)
            there = rows if side > 0 else rows.reflected()
            try:
                rows.fits[key] = fit_marginal(family, there, given=fixed, max_iter=self.max_iter)
            except (ValueError, NotImplementedError):
                rows.fits[key] = None
        return rows.fits[key]

    def _fixed(self, law: str) -> Theta | None:
        """What is fixed at the limit; None where a law that is held to a half line can't get to one of the line."""
        side, limit = _reflected(law)
        integers = {name for name, domain in (self.family.shapes or {}).items() if domain == "integer"}
        fixed = {}
        for name, value in self.given.items():
            if name in ("loc", "scale") and name in limit.parameters:
                if name in self.family.natural_fixed and name not in limit.natural_fixed:
                    return None
                fixed[name] = side * value if name == "loc" else value
            elif name in integers and name in limit.parameters:
                fixed[name] = value
        return fixed


def _covariance(coordinates: Coordinates, theta: Theta, optimum: Optimum, total: float) -> NDArray:
    jacobian = coordinates.jacobian(theta)
    if not math.isfinite(optimum.decrement):
        return np.full((len(jacobian), len(jacobian)), np.nan)
    with np.errstate(all="ignore"):
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


def _reflected(law: str) -> tuple[int, Family]:
    """Whether a limit's law is that of the values or of minus them, and the law."""
    return (-1, get_family(law[1:])) if law.startswith("-") else (1, get_family(law))


def _show(theta: Mapping[str, float]) -> str:
    return ", ".join(f"{name}={value:.4g}" for name, value in theta.items())
