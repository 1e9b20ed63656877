"""The contract of a law of all columns jointly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skinfo.families._registry import get_family, is_registered
from skinfo.measures import Rows

Arrays = dict[str, NDArray]


class Estimate(NamedTuple):
    """Estimates and what certifies them.

    Parameters
    ----------
    params : dict of str to ndarray
        All parameters, those given among them.
    decrement : float
        Distance to the optimum in standard errors; 0 for a closed form, nan where no maximum was asked for.
    n_iter : int
        Steps taken.
    message : str
        What is wrong where it did not end at the maximum.
    limit : tuple of (JointFamily, dict, tuple of str), optional
        Where the likelihood increases to a limit the family found there, its parameters, and those that were estimated.
    """

    params: Arrays
    decrement: float = 0.0
    n_iter: int = 0
    message: str = ""
    limit: tuple[Any, Arrays, tuple[str, ...]] | None = None


class JointFamily:
    """A law of p columns.

    Attributes
    ----------
    name : str
        SciPy's name of the distribution, or the catalogue's.
    distribution : scipy.stats multivariate distribution
        Draws samples and evaluates what is not the likelihood.
    parameters : tuple of str
        Their names in SciPy's order.
    symmetric : tuple of str
        The parameters that are symmetric matrices; covariances of estimates have their upper triangles, by rows.
    observed : tuple of str
        The parameters that are read off the rows, not estimated.
    """

    joint: ClassVar[bool] = True
    discrete: ClassVar[bool] = False
    name: str
    distribution: Any
    parameters: tuple[str, ...]
    symmetric: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (get_family, (self.name,)) if is_registered(self) else super().__reduce_ex__(protocol)

    def shapes(self, p: int) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter's array for p columns."""
        raise NotImplementedError

    def check(self, rows: Rows, given: Mapping[str, NDArray]) -> None:
        """Raise where rows are outside the support, or a given value is outside its domain."""

    def estimate(self, rows: Rows, given: Mapping[str, NDArray], *, tol: float, max_iter: int) -> Estimate:
        """Maximum likelihood estimates of what is not given.

        Parameters
        ----------
        rows : Rows
            Shape (n, p), checked.
        given : dict
            Values not to estimate, checked.
        tol : float
            Decrement to reach.
        max_iter : int
            Steps at most.

        Returns
        -------
        Estimate
            All parameters, and how far from the maximum they are.
        """
        raise NotImplementedError

    def log_prob(self, x: NDArray, theta: Mapping[str, NDArray]) -> NDArray:
        """Log probability of each row ``(n, p)``, in nats; minus infinity outside the support."""
        raise NotImplementedError

    def covariance(self, theta: Mapping[str, NDArray], total: float, free: tuple[str, ...]) -> NDArray:
        """Covariance of the free estimates, in that order, from the expected information of ``total`` rows."""
        raise NotImplementedError

    def standard_errors(self, theta: Mapping[str, NDArray], total: float, free: tuple[str, ...]) -> Arrays:
        """Standard errors of the free estimates, in the shapes of the parameters."""
        errors = np.sqrt(np.maximum(np.diag(self.covariance(theta, total, free)), 0.0))
        out, at = {}, 0
        for name in free:
            value = np.asarray(theta[name])
            if name in self.symmetric:
                i, j = np.triu_indices(len(value))
                out[name] = np.empty(value.shape)
                out[name][i, j] = out[name][j, i] = errors[at : at + len(i)]
                at += len(i)
            else:
                out[name] = errors[at : at + value.size].reshape(value.shape)
                at += value.size
        return out

    def n_parameters(self, p: int, free: tuple[str, ...]) -> int:
        """Number of free numbers among the named parameters of p columns."""
        shapes = self.shapes(p)
        sizes = {name: math.prod(shapes[name]) for name in free}
        return sum(p * (p + 1) // 2 if name in self.symmetric else size for name, size in sizes.items())

    def freeze(self, theta: Mapping[str, NDArray]) -> Any:
        """SciPy's frozen distribution at these parameters."""
        return self.distribution(**theta)


def stack(blocks: list[NDArray]) -> NDArray:
    """Block diagonal matrix.

    Parameters
    ----------
    blocks : list of ndarray
        Square matrices.

    Returns
    -------
    ndarray
        Zero between them.
    """
    size = sum(len(b) for b in blocks)
    out, at = np.zeros((size, size)), 0
    for b in blocks:
        out[at : at + len(b), at : at + len(b)] = b
        at += len(b)
    return out


def stopped(name: str, decrement: float, n_iter: int, tol: float) -> str:
    """What to say of an iteration that did not arrive.

    Parameters
    ----------
    name : str
        The law's.
    decrement : float
        Where it ended, in standard errors from the maximum.
    n_iter : int
        Steps taken.
    tol : float
        Asked for.

    Returns
    -------
    str
        Empty where it did arrive.
    """
    if decrement <= tol:
        return ""
    return (
        f"the fit of {name} stopped {decrement:.2g} standard errors from a maximum after {n_iter} steps (tol={tol:g}); "
        "increase max_iter, fix a parameter, or choose another family"
    )
