"""The maximum likelihood fit of a multivariate family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.measures import Rows


@dataclass
class JointFit:
    """Estimates of one law of all columns; closed form, so always at the maximum.

    Parameters
    ----------
    family : MultivariateNormal
        The law.
    params : dict
        All parameters.
    free : tuple of str
        The names that were estimated.
    total : float
        Sum of the weights.
    log_likelihood : float
        Weighted total, in nats.
    """

    family: Any
    params: dict[str, NDArray]
    free: tuple[str, ...]
    total: float
    log_likelihood: float
    newton_decrement: float = 0.0
    n_iter: int = 0
    converged: bool = True
    message: str = ""

    @property
    def n_parameters(self) -> int:
        """Number of free numbers."""
        return self.family.n_parameters(len(self.params["mean"]), self.free)

    @cached_property
    def covariance(self) -> NDArray:
        """Covariance of the estimates, made when asked for: it has p^4 / 4 entries."""
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
        """Log density of each row."""
        return self.family.log_prob(x, self.params)


def fit_joint(family: Any, rows: Rows, *, fixed: Mapping[str, NDArray] | None = None) -> JointFit:
    """Minimise the cross entropy from the rows over a multivariate family.

    Parameters
    ----------
    family : MultivariateNormal
        The law.
    rows : Rows
        Shape (n, p).
    fixed : dict, optional
        Values not to estimate.

    Returns
    -------
    JointFit
        The estimates.

    Raises
    ------
    ValueError
        If a fixed parameter is unknown or of the wrong shape, or the covariance is singular.
    """
    p = rows.x.shape[1]
    given = {name: np.asarray(value, dtype=np.float64) for name, value in (fixed or {}).items()}
    shapes = {"mean": (p,), "cov": (p, p)}
    for name, value in given.items():
        if name not in shapes:
            raise ValueError(f"fixed names {name!r}, which {family.name} does not have; it has mean, cov")
        if value.shape != shapes[name] or not np.isfinite(value).all():
            raise ValueError(f"fixed[{name!r}] must be finite, of shape {shapes[name]}; got shape {value.shape}")
    if len(rows) < 2 and "cov" not in given:
        raise ValueError(f"n_samples=1 is too few for the covariance of {family.name}; pass more rows")
    if "mean" in given or "cov" not in given:
        params = family.estimate(rows, given.get("mean")) | given
    else:
        about = rows.x[0].astype(np.float64)
        params = {"mean": about + rows.expect(lambda x: (x - about).T, width=3 * p)} | given
    params = {name: params[name] for name in family.parameters}
    log_likelihood = rows.total * float(rows.expect(lambda x: family.log_prob(x, params), width=4 * p))
    free = tuple(name for name in family.parameters if name not in given)
    return JointFit(family, params, free, rows.total, log_likelihood)
