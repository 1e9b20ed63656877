"""Many columns fitted at once, where a law's likelihood needs the means of a few statistics of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from skinfo.families import ExponentialFamily
from skinfo.families._base import Theta
from skinfo.likelihood._check import LARGEST, check_given, given_and_free
from skinfo.likelihood._fit import MarginalFit
from skinfo.measures import ONE, Columns, Terms

_FEWEST = 8  # columns that are worth it
_CELLS = 1 << 18  # of a table of columns, in cache
_MAX_ITER = 20
_STEP = 2.0**-10  # of the fourth-order differences of the score; a power of two, as the unit, so as to be exact

# The maps of `DOMAINS` to the whole line and back, and the latter's derivative, of arrays.
_MAPS: dict[str, Any] = {
    "positive": (np.log, np.exp, lambda v: v),
    "unit": (logit, expit, lambda v: v * (1 - v)),
}


@np.errstate(all="ignore")
def fit_columns(
    family: Any,
    x: NDArray,
    weights: NDArray | None,
    given: Mapping[str, float] | None,
    which: list[int],
    *,
    tol: float,
) -> list[MarginalFit | None]:
    """Minimise the cross entropy from each column over a family's free parameters, all columns together.

    Parameters
    ----------
    family : Family
        The law.
    x : ndarray of shape (n, p)
        The columns.
    weights : ndarray of shape (n,), optional
        Frequencies of the rows.
    given : dict, optional
        All values not to estimate; None for those that fix the natural support.
    which : list of int
        The columns of this law.
    tol : float
        Newton decrement to reach.

    Returns
    -------
    list of (MarginalFit or None)
        By column of the law; None where it has to be fitted by itself: the law is not one for this, the column is not
        in its support or nearly constant, or its Newton iteration has not converged.
    """
    given, free = given_and_free(family, given)
    together = isinstance(family, ExponentialFamily) and family.column_starts and not family.needs_rows(free)
    if not together or len(which) < _FEWEST or not free or (family.edges and "loc" in free):
        return [None] * len(which)
    check_given(family, given, free)
    if weights is not None and not weights.all():
        x, weights = x[weights > 0], weights[weights > 0]
    size = max(_FEWEST, _CELLS // len(x))
    tables = (Columns(x[:, which[i : i + size]], weights) for i in range(0, len(which), size))
    return [fit for table in tables for fit in _Batch(family, table, given, free).fit(tol)]


class _Batch:
    """The Newton iteration for the columns of a table, in the coordinates of `Coordinates`."""

    def __init__(self, family: Any, columns: Columns, given: Theta, free: tuple[str, ...]):
        self.family, self.columns, self.given, self.free = family, columns, given, free
        self.unit = np.ldexp(1.0, np.frexp(np.sqrt(columns.variance))[1])

    def fit(self, tol: float) -> list[MarginalFit | None]:
        good = self._regular()
        u = self._free(self.family.column_starts(self.columns, self.given.get("loc", 0.0)) | self.given)
        n_iter = np.zeros(len(u), dtype=int)
        for _ in range(_MAX_ITER):
            gradient = self._gradient(u)
            information = self._information(u)
            good &= np.isfinite(gradient).all(axis=1) & np.isfinite(information).all(axis=(1, 2))
            information[~good] = np.eye(len(self.free))
            good &= np.linalg.eigvalsh(information)[:, 0] > 0
            information[~good] = np.eye(len(self.free))
            step = np.linalg.solve(information, gradient[..., None])[..., 0]
            decrement = np.sqrt(self.columns.total * np.maximum((gradient * step).sum(axis=1), 0.0))
            pending = good & ~(decrement <= tol)
            if not pending.any():
                break
            u[pending] += np.clip(step[pending], -2.0, 2.0)
            n_iter += pending
        good &= decrement <= tol
        return self._results(u, information, decrement, n_iter, good, tol)

    def _regular(self) -> NDArray:
        """Columns inside the support that have as many values as parameters, none of a size that overflows."""
        columns, given = self.columns, self.given
        spread = columns.highest - columns.lowest
        size = np.maximum(np.abs(columns.lowest), np.abs(columns.highest))
        good = (size < LARGEST) & ((spread > 1e-7 * size) if len(self.free) > 1 else (spread >= 0))
        if "loc" in given:
            support = self.family.support.at(given["loc"], given.get("scale", 1.0))
            good &= np.array([not support.excludes_low(v) for v in columns.lowest.tolist()])
            good &= np.array([not support.excludes_high(v) for v in columns.highest.tolist()])
        if self.family.discrete:
            good &= (columns.x == np.floor(columns.x)).all(axis=1)
        return good

    def _free(self, theta: Mapping[str, Any]) -> NDArray:
        return np.stack([self._coordinate(name, np.asarray(theta[name], dtype=float)) for name in self.free], axis=1)

    def _coordinate(self, name: str, value: NDArray) -> NDArray:
        return value / self.unit if name == "loc" else _MAPS[self.family.domain(name)][0](value)

    def _theta(self, u: NDArray) -> dict[str, Any]:
        theta: dict[str, Any] = dict(self.given)
        for name, value in zip(self.free, u.T):
            theta[name] = value * self.unit if name == "loc" else _MAPS[self.family.domain(name)][1](value)
        return theta

    def _slopes(self, theta: Mapping[str, Any]) -> NDArray:
        """Derivatives of the parameters in their coordinates."""
        slopes = [self.unit if n == "loc" else _MAPS[self.family.domain(n)][2](theta[n]) for n in self.free]
        return np.stack(slopes, axis=1)

    def _gradient(self, u: NDArray) -> NDArray:
        theta = self._theta(u)
        shapes = {name: theta[name] for name in self.family.shapes or {}}
        loc, scale = theta["loc"], theta.get("scale", 1.0)

        def mean(terms: Terms) -> Any:
            means = self.columns.means(terms, loc, scale)
            return sum((c * means[t] for t, c in terms.items()), start=np.zeros(len(u)))

        terms = self.family.terms(**shapes)
        scores = []
        for name in self.free:
            if name == "loc":
                scores.append(-sum(c * mean(t.slope) for t, c in terms.items()) / scale)
            elif name == "scale":
                scores.append(-(1 + sum(c * mean(t.radial) for t, c in terms.items())) / scale)
            else:
                scores.append(mean(self.family.shape_scores[name](**shapes)))
        return np.stack(scores, axis=1) * self._slopes(theta)

    def _information(self, u: NDArray) -> NDArray:
        columns = []
        for i in range(len(self.free)):
            step = np.zeros(len(self.free))
            step[i] = _STEP
            near = self._gradient(u + step) - self._gradient(u - step)
            far = self._gradient(u + 2 * step) - self._gradient(u - 2 * step)
            columns.append((8 * near - far) / (12 * _STEP))
        information = -np.stack(columns, axis=2)
        return (information + information.transpose(0, 2, 1)) / 2

    def _results(
        self, u: NDArray, information: NDArray, decrement: NDArray, n_iter: NDArray, good: NDArray, tol: float
    ) -> list[MarginalFit | None]:
        theta, total = self._theta(u), self.columns.total
        slopes = self._slopes(theta)
        covariance = np.linalg.inv(information) * slopes[:, :, None] * slopes[:, None, :] / total
        terms = self.family.terms(**{name: theta[name] for name in self.family.shapes or {}})
        means = self.columns.means(terms, theta["loc"], theta.get("scale", 1.0))
        log_prob = sum((c * means[t] for t, c in terms.items() if t is not ONE), start=np.zeros(len(u)))
        log_prob = total * (log_prob + terms.get(ONE, 0.0) - np.log(theta.get("scale", 1.0)))
        good &= np.isfinite(log_prob)
        names = self.family.parameters
        values = zip(*(np.broadcast_to(np.asarray(theta[n], dtype=float), len(u)).tolist() for n in names))
        return [
            MarginalFit(
                family=self.family,
                params=dict(zip(names, params)),
                free=self.free,
                log_likelihood=value,
                covariance=covariance[i],
                newton_decrement=distance,
                n_iter=steps,
                message="",
                tol=tol,
            )
            if fine
            else None
            for i, (params, value, distance, steps, fine) in enumerate(
                zip(values, log_prob.tolist(), decrement.tolist(), n_iter.tolist(), good.tolist())
            )
        ]
