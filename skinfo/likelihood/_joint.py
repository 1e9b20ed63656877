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
from skinfo.measures import Rows


@dataclass
class JointFit:
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
    converged : bool
        Whether the estimates are those that the law asks for.
    message : str
        What is wrong where they are not; empty otherwise.
    """

    family: JointFamily
    params: dict[str, NDArray]
    free: tuple[str, ...]
    n_columns: int
    total: float
    log_likelihood: float
    newton_decrement: float
    n_iter: int
    converged: bool
    message: str

    def __getstate__(self):
        return {k: v for k, v in self.__dict__.items() if k != "distribution"}  # SciPy's frozen ones may not pickle

    @property
    def n_parameters(self) -> int:
        """Number of free numbers."""
        return self.family.n_parameters(self.n_columns, self.free)

    @cached_property
    def covariance(self) -> NDArray:
        """Covariance of the estimates, made when asked for: it may have p^4 / 4 entries."""
        return self.family.covariance(self.params, self.total, self.free)

    @cached_property
    def standard_errors(self) -> dict[str, NDArray]:
        """Standard errors in the shapes of the parameters."""
        return self.family.standard_errors(self.params, self.total, self.free)

    @cached_property
    def distribution(self) -> Any:
        """SciPy's frozen distribution."""
        return self.family.freeze(self.params)

    def log_prob(self, x: NDArray) -> NDArray:
        """Log probability of each row."""
        return self.family.log_prob(x, self.params)


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
    given = {name: np.asarray(value, dtype=np.float64) for name, value in (fixed or {}).items()}
    shapes = family.shapes(p)
    for name, value in given.items():
        if name not in shapes:
            raise ValueError(
                f"fixed names {name!r}, which {family.name} does not have; it has {', '.join(family.parameters)}"
            )
        if value.shape != shapes[name] or not np.isfinite(value).all():
            raise ValueError(f"fixed[{name!r}] must be finite, of shape {shapes[name]}; got shape {value.shape}")
    family.check(rows, given)
    params, decrement, n_iter, message = family.estimate(rows, given, tol=tol, max_iter=max_iter)
    params = {name: given.get(name, params[name]) for name in family.parameters}
    log_likelihood = rows.total * float(rows.expect(lambda x: family.log_prob(x, params), width=4 * p))
    if not math.isfinite(log_likelihood):
        raise ValueError(f"X has rows where {family.name} has no density at the estimates; check the data")
    return JointFit(
        family=family,
        params=params,
        free=tuple(name for name in family.parameters if name not in given and name not in family.observed),
        n_columns=p,
        total=rows.total,
        log_likelihood=log_likelihood,
        newton_decrement=decrement,
        n_iter=n_iter,
        converged=not message,
        message=message,
    )
