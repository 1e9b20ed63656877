"""The multivariate Student t law."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import solve_triangular

from skinfo.families._joint import Estimate, JointFamily, stack, stopped
from skinfo.families._registry import register
from skinfo.families.multivariate._climb_t import (
    LIMIT,
    Point,
    climb,
    df_information,
    em_step,
    factor_of,
    log_normaliser,
    pilot_rows,
    rounding,
    start,
)
from skinfo.families.multivariate._multivariate_normal import MULTIVARIATE_NORMAL
from skinfo.measures import Rows

_COLLAPSE = 1e-12  # a scale, in units of the rows' spread
_EM_STEPS = 8  # from the start to where a quasi-Newton step is safe
_PILOT_TOL = 0.01
_PILOT_DF = 1e3  # of a subsample that looks normal: all rows may not


class MultivariateT(JointFamily):
    """Student's t law of p columns: location ``loc``, ``shape`` ``(p, p)`` and degrees of freedom ``df``.

    Fitted by a few steps of the parameter-expanded EM algorithm (Kent, Tyler and Vardi 1994; Liu, Rubin and Wu 1998)
    and then by L-BFGS, preconditioned with the expected information of Lange, Little and Taylor (1989), which is
    diagonal but for p + 1 entries in coordinates where the shape is the identity.
    """

    name = "multivariate_t"
    distribution = stats.multivariate_t
    parameters = ("loc", "shape", "df")
    symmetric = ("shape",)

    def shapes(self, p):
        """Shape of each parameter's array."""
        return {"loc": (p,), "shape": (p, p), "df": ()}

    def check(self, rows, given):
        """Raise where there are too few rows, or a given shape or df is none."""
        n, p = rows.x.shape
        if "shape" not in given and n <= p:
            raise ValueError(f"n_samples={n} is too few for the shape of {self.name} of {p} columns; pass more rows")
        if "shape" in given:
            factor_of(given["shape"])
        if "df" in given and not given["df"] > 0:
            raise ValueError(f"fixed['df']={float(given['df'])!r} is outside the domain of df: positive")

    def estimate(self, rows, given, *, tol, max_iter):
        """Maximum likelihood, ended where the Newton decrement says so.

        Parameters
        ----------
        rows : Rows
            Shape (n, p).
        given : dict
            Values not to estimate.
        tol : float
            Decrement to reach.
        max_iter : int
            Steps at most, EM's among them.

        Returns
        -------
        Estimate
            ``loc``, ``shape`` and ``df``.

        Raises
        ------
        ValueError
            If the likelihood is unbounded.
        """
        point = start(rows, given)
        spread = np.diag(point.factor).copy()
        free = tuple(name for name in self.parameters if name not in given)
        n_iter, decrement = 0, math.inf
        pilot = pilot_rows(rows)
        for _ in range(min(_EM_STEPS, max_iter) if {"loc", "shape"} & set(free) else 0):
            point = em_step(pilot, point, free)
            n_iter += 1
            self._check_collapse(point, spread)
        if pilot is not rows and n_iter < max_iter:
            point, _, steps = climb(pilot, point, free, _PILOT_TOL, max_iter - n_iter)
            n_iter += steps
            point = point._replace(df=min(point.df, _PILOT_DF) if "df" in free else point.df)
        while True:
            goal = max(tol, rounding(point, rows.total))
            point, decrement, steps = climb(rows, point, free, goal, max_iter - n_iter)
            n_iter += steps
            self._check_collapse(point, spread)
            limit = "df" in free and point.df >= 0.999 * LIMIT
            if limit or decrement <= goal or steps == 0 or n_iter >= max_iter:
                break
        self._check_bound(rows, point, free, decrement <= goal)
        if limit:
            return self._at_limit(rows, given, n_iter)
        message = stopped(self.name, decrement, n_iter, goal)
        shape = point.factor @ point.factor.T
        return Estimate({"loc": point.loc, "shape": shape, "df": np.array(point.df)}, decrement, n_iter, message)

    def _at_limit(self, rows: Rows, given: Any, n_iter: int) -> Estimate:
        """The normal family, which is found as df goes to infinity."""
        names = {"mean": "loc", "cov": "shape"}
        known = {name: given[own] for name, own in names.items() if own in given}
        found = MULTIVARIATE_NORMAL.estimate(rows, known, tol=0.0, max_iter=1).params | known
        params = {own: found[name] for name, own in names.items()} | {"df": np.array(math.inf)}
        message = (
            f"the likelihood of {self.name} still increases as df -> inf, where the distribution is "
            f"{MULTIVARIATE_NORMAL.name}: use family={MULTIVARIATE_NORMAL.name!r}"
        )
        free = tuple(name for name in names if name not in known)
        return Estimate(params, 0.0, n_iter, message, (MULTIVARIATE_NORMAL, found, free))

    def _check_collapse(self, point: Point, spread: NDArray) -> None:
        scales = np.linalg.norm(point.factor, axis=1)
        apart = np.diag(point.factor) > _COLLAPSE * scales  # from the columns before
        if not ((scales > _COLLAPSE * spread).all() and apart.all() and point.df > _COLLAPSE):
            raise ValueError(
                f"the likelihood of {self.name} is unbounded: its shape becomes singular on rows that are equal, or "
                "lie in one plane. Drop columns that are linear combinations of others, or fix shape, or a larger df"
            )

    def _check_bound(self, rows: Rows, point: Point, free: tuple[str, ...], converged: bool) -> None:
        """Raise where the iteration is on its way to a spike: at few df one row's density outgrows all others' loss."""
        share = 1 / rows.total if rows.weights is None else float(rows.weights.max()) / rows.total
        bound = len(point.loc) * share / (1 - share)
        if not converged and {"loc", "shape"} <= set(free) and point.df < bound:
            raise ValueError(
                f"the likelihood of {self.name} is unbounded for {len(rows)} rows of {len(point.loc)} columns: it "
                f"increases while df falls to {point.df:.3g}, and below {bound:.3g} it has no maximum; fix a larger "
                "df, or pass more rows"
            )

    def log_prob(self, x, theta):
        """Log density of each row, in nats."""
        factor, df = factor_of(theta["shape"]), float(theta["df"])
        z = solve_triangular(factor, (x - theta["loc"]).T, lower=True, check_finite=False)
        distance = (z * z).sum(axis=0)
        p = len(factor)
        return log_normaliser(df, p) - np.log(np.diag(factor)).sum() - (df + p) / 2 * np.log1p(distance / df)

    def covariance(self, theta, total, free):
        """Covariance of the free estimates from the expected information, the upper triangle of ``shape`` by rows."""
        shape, df = theta["shape"], float(theta["df"])
        p = len(shape)
        out = []
        ratio = (df + p) / (df + p + 2)
        if "loc" in free:
            out.append(shape / ratio)
        i, j = np.triu_indices(p)
        blocks: dict[str, NDArray] = {}
        if "shape" in free:
            # the inverse of c tr(A^2) / 2 - d tr(A)^2 / 2, as terms in the shape itself
            c, d = ratio, 1 / (df + p + 2)
            pairs = shape[np.ix_(i, i)] * shape[np.ix_(j, j)] + shape[np.ix_(i, j)] * shape[np.ix_(j, i)]
            upper = shape[i, j]
            blocks["shape"] = (pairs + 2 * d / (c - p * d) * np.outer(upper, upper)) / c
            if "df" in free:
                # b'A: the cross information is b times the trace, and the inverse applied to it a multiple of the shape
                b = -1 / ((df + p) * (df + p + 2))
                toward = 2 * b / (c - p * d) * upper
                schur = df_information(df, p) - b * 2 * b * p / (c - p * d)
                joined = np.empty((len(i) + 1, len(i) + 1))
                joined[:-1, :-1] = blocks["shape"] + np.outer(toward, toward) / schur
                joined[:-1, -1] = joined[-1, :-1] = -toward / schur
                joined[-1, -1] = 1 / schur
                blocks["shape"] = joined
        elif "df" in free:
            blocks["df"] = np.array([[1 / df_information(df, p)]])
        return stack([*out, *blocks.values()]) / total

    def freeze(self, theta):
        """SciPy's frozen distribution."""
        return self.distribution(loc=theta["loc"], shape=theta["shape"], df=float(theta["df"]))


MULTIVARIATE_T: Any = register(MultivariateT())
