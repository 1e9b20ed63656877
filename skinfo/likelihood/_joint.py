"""The maximum likelihood fit of a multivariate family."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.families._joint import JointFamily
from skinfo.likelihood._check import check_range
from skinfo.likelihood._state import NamesItsFamily
from skinfo.measures import Rows


@dataclass
class JointFit(NamesItsFamily):
    """Estimates of one law of all columns and what certifies them.

    Parameters
    ----------
    family : JointFamily
        The law.
    params : dict
        All parameters.
    free : tuple of str
        The names that were estimated.
    n_columns : int
        Number of columns.
    total : float
        Sum of the weights.
    log_likelihood : float
        Weighted total, in nats.
    newton_decrement : float
        Distance to the optimum in standard errors, 0 for closed forms; nan where the law asks for no maximum.
    n_iter : int
        Steps.
    message : str
        What is wrong where the estimates are not those that the law asks for; empty otherwise.
    limit : tuple of (JointFamily, dict, tuple of str) or None
        The family found at a limit, which this fit then is, its parameters, and those that were estimated.
    """

    family: JointFamily
    params: dict[str, NDArray]
    free: tuple[str, ...]
    n_columns: int
    total: float
    log_likelihood: float
    newton_decrement: float
    n_iter: int
    message: str
    limit: tuple[JointFamily, dict[str, NDArray], tuple[str, ...]] | None = None

    @property
    def converged(self) -> bool:
        """Whether the estimates are those that the family asks for."""
        return not self.message

    @property
    def status(self) -> str:
        """How the fit ended: "maximum", "limit" or "max_iter"."""
        return "maximum" if self.converged else "max_iter" if self.limit is None else "limit"

    @property
    def limit_found(self) -> dict[str, Any] | None:
        """The family found at a limit, with its parameters; None where this is no limit."""
        return (
            None if self.limit is None else {"family": self.limit[0].name, "params": self.limit[1], "reflected": False}
        )

    @property
    def n_parameters(self) -> int:
        """Number of free numbers of the distribution that is found."""
        family, _, free = self._found
        return family.n_parameters(self.n_columns, free)

    @cached_property
    def covariance(self) -> NDArray:
        """Covariance of the estimates, made when asked for: it may have p^4 / 4 entries."""
        found = self.family.covariance(self.params, self.total, self.free)
        return found if self.limit is None else np.full_like(found, np.nan)

    @cached_property
    def standard_errors(self) -> dict[str, NDArray]:
        """Standard errors in the shapes of the parameters."""
        found = self.family.standard_errors(self.params, self.total, self.free)
        return found if self.limit is None else {name: np.full_like(error, np.nan) for name, error in found.items()}

    @cached_property
    def distribution(self) -> Any:
        """SciPy's frozen distribution."""
        return self.family.freeze(self.params)

    def log_prob(self, x: NDArray) -> NDArray:
        """Log probability of each row."""
        family, params, _ = self._found
        return family.log_prob(x, params)

    @property
    def _found(self) -> tuple[JointFamily, dict[str, Any], tuple[str, ...]]:
        """Family, parameters and names of the free ones of the distribution that is found."""
        return self.limit or (self.family, self.params, self.free)


@np.errstate(all="ignore")
def fit_joint(
    family: JointFamily,
    rows: Rows,
    *,
    fixed: Mapping[str, Any] | None = None,
    tol: float = 1e-6,
    max_iter: int = 100,
) -> JointFit:
    """Minimise the cross entropy from the rows over a multivariate family.

    Parameters
    ----------
    family : JointFamily
        The law.
    rows : Rows
        Shape (n, p).
    fixed : dict, optional
        Values not to estimate.
    tol : float, default=1e-6
        Newton decrement to reach.
    max_iter : int, default=100
        Steps at most, where there is no closed form.

    Returns
    -------
    JointFit
        The estimates.

    Raises
    ------
    ValueError
        If a fixed parameter is unknown or of the wrong shape, rows are outside the support, or the likelihood has no
        maximum.
    """
    p = rows.x.shape[1]
    if fixed is not None and not isinstance(fixed, Mapping):
        raise TypeError(f"fixed must be None or a dict, as {family.name} takes all columns jointly; got {fixed!r}")
    for j, (low, high) in enumerate(zip(rows.x.min(axis=0).tolist(), rows.x.max(axis=0).tolist())):
        check_range(low, high, f"column {j} of X")
    given = {name: _array(name, value) for name, value in (fixed or {}).items()}
    shapes = family.shapes(p)
    for name, value in given.items():
        if name not in shapes:
            raise ValueError(
                f"fixed names {name!r}, which {family.name} does not have; it has {', '.join(family.parameters)}"
            )
        if value.shape != shapes[name] or not np.isfinite(value).all():
            raise ValueError(f"fixed[{name!r}] must be finite, of shape {shapes[name]}; got shape {value.shape}")
    family.check(rows, given)
    found = family.estimate(rows, given, tol=tol, max_iter=max_iter)
    params = {name: given.get(name, found.params[name]) for name in family.parameters}
    there, at, _ = found.limit or (family, params, ())
    log_likelihood = rows.total * float(rows.expect(lambda x: there.log_prob(x, at), width=4 * p))
    if not math.isfinite(log_likelihood):
        raise ValueError(f"X has rows where {family.name} has no density at the estimates; check the data")
    return JointFit(
        family=family,
        params=params,
        free=tuple(name for name in family.parameters if name not in given and name not in family.observed),
        n_columns=p,
        total=rows.total,
        log_likelihood=log_likelihood,
        newton_decrement=found.decrement,
        n_iter=found.n_iter,
        message=found.message,
        limit=found.limit,
    )


def _array(name: str, value: Any) -> NDArray:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"fixed[{name!r}] must be numbers, got {value!r}") from error
