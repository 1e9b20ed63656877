"""Quadratics with a l1 penalty, on their matrix: a semi-smooth Newton method, and coordinate descent behind it."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import enet_path

from skinfo.classification._preconditioners import Cholesky

# Newton steps before coordinate descent, and sweeps of that before Newton steps again.
_STEPS = 8
_SWEEPS = 200
# Changes of the active set at most, for each coordinate.
_CHANGES = 10
# Miss of the optimum's conditions that the next step makes up for, relative to the penalty and to the terms.
_MISSED = 1e-6
_ROUNDING = 1e-14
_FAR = 1e6
_CD_TOL = 1e-10
_JITTER = 1e-10


class L1Quadratic:
    """``d' matrix d / 2 - residual' d + sum(l1 * abs(start + d))``, to be minimised over d.

    Parameters
    ----------
    matrix : ndarray of shape (m, m)
        Positive semidefinite, its diagonal positive.
    noise : ndarray of shape (m,)
        Slopes that are nearer than this to the penalty's are at it.
    flat : ndarray of intp of shape (n_groups, size)
        Groups of coordinates whose common shift the matrix takes to zero.

    Notes
    -----
    Where support and signs are right the minimiser is the solution of a linear system. The semi-smooth
    Newton method takes support and signs from the last solution: Hintermueller, Ito and Kunisch (2002),
    The primal-dual active set strategy as a semismooth Newton method, SIAM J. Optim. 13, 865-888. It may
    cycle where it starts far away; coordinate descent never does, but is slow where columns correlate. Where
    neither is enough, as with copies of a column, an active-set method changes one coordinate at a time.
    """

    def __init__(self, matrix: NDArray, noise: NDArray, flat: NDArray):
        self._matrix, self._noise, self._flat = matrix, noise, flat
        self._diagonal = np.diagonal(matrix)
        self._signs = np.zeros(matrix.shape[0])
        self._factor = Cholesky(np.empty((0, 0)), np.empty(0))

    def minimise(self, start: NDArray, residual: NDArray, l1: NDArray) -> NDArray:
        """Return the minimiser, or where coordinate descent has not got to it a lower point.

        Parameters
        ----------
        start : ndarray of shape (m,)
            Where d is zero.
        residual : ndarray of shape (m,)
            Minus the smooth part's gradient there.
        l1 : ndarray of shape (m,)
            Positive.

        Returns
        -------
        ndarray of shape (m,)
            The step d, to its own rounding and not that of ``start``: zeros of ``start + d`` are exact.
        """
        found = self._semismooth(start, residual, l1, np.zeros_like(start))
        if found is not None:
            return found
        step = self._coordinate_descent(start, residual, l1)
        found = self._semismooth(start, residual, l1, step)
        return self._active_set(start, residual, l1, step) if found is None else found

    def _semismooth(self, start: NDArray, residual: NDArray, l1: NDArray, step: NDArray) -> NDArray | None:
        """Return the minimiser, or None if support and signs have not settled."""
        signs = None
        for _ in range(_STEPS):
            slack = residual - self._matrix @ step
            lifted = self._diagonal * (start + step) + slack
            last, signs = signs, np.where(np.abs(lifted) > l1 + self._noise, np.sign(lifted), 0.0)
            active = np.flatnonzero(signs)
            if last is not None and np.array_equal(signs, last):
                # Where the system is singular it may have no solution, or one that is far away.
                unit = np.sqrt(self._diagonal)
                length = float(unit @ np.abs(step))
                missed = np.abs(slack - l1 * signs)[active]
                solved = np.all(missed <= np.maximum(_MISSED * l1, _ROUNDING * length * unit)[active])
                return step if solved and length <= _FAR else None
            right = slack[active] - l1[active] * signs[active]
            new = np.where(signs == 0, -start, step)
            gone = np.flatnonzero(new != step)
            if gone.size:
                right -= self._matrix[np.ix_(active, gone)] @ (new - step)[gone]
            new[active] += self._solve(signs, right)
            step = new
        return None

    def _active_set(self, start: NDArray, residual: NDArray, l1: NDArray, step: NDArray) -> NDArray:
        """Go to where a coefficient changes sign, and let it go; or to the end, and let the steepest one in."""
        step, signs, unit = step.copy(), np.sign(start + step), np.sqrt(self._diagonal)
        refused = np.zeros(start.size, dtype=bool)
        for _ in range(_CHANGES * start.size):
            active = np.flatnonzero(signs)
            point = (start + step)[active]
            move = self._solve(signs, (residual - self._matrix @ step - l1 * signs)[active])
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.where(signs[active] * (point + move) < 0, -point / move, np.inf)
            length = float(share.min(initial=1.0))
            step[active] += length * move
            gone = active[share <= length]
            step[gone], signs[gone] = -start[gone], 0.0
            # One that goes as it came would come back.
            refused[:] = False if length > 0 else refused
            refused[gone] = True
            if gone.size == 0:
                slack = residual - self._matrix @ step
                steep = np.where((signs == 0) & ~refused, np.abs(slack) - l1 - self._noise, 0.0) / unit
                entering = int(steep.argmax())
                if steep[entering] <= 0:
                    break
                signs[entering] = np.sign(slack[entering])
        return step

    def _solve(self, signs: NDArray, right: NDArray) -> NDArray:
        """Solve the system of the coordinates with a sign; the last one's factor is kept."""
        if not np.array_equal(signs, self._signs):
            active = np.flatnonzero(signs)
            system = self._matrix[np.ix_(active, active)]
            # Where the penalty does not mind a shift either, none is wanted: curvature along it does no harm.
            place = np.full(signs.size, -1)
            place[active] = np.arange(active.size)
            groups = place[self._flat[(signs[self._flat] != 0).all(axis=1) & (signs[self._flat].sum(axis=1) == 0)]]
            system[groups[:, :, None], groups[:, None, :]] += self._diagonal[active][groups].mean(axis=1)[:, None, None]
            self._signs, self._factor = signs.copy(), Cholesky(system, self._diagonal[active])
        return self._factor.solve(right)

    def _coordinate_descent(self, start: NDArray, residual: NDArray, l1: NDArray) -> NDArray:
        """Sweep over the coordinates, in units in which every one has the same penalty."""
        gram = self._matrix / l1[:, None] / l1
        linear = (residual + self._matrix @ start) / l1
        # Rows that have this matrix of products, but for what rounding takes to make it one: its Cholesky factor's.
        factor = Cholesky(gram, np.diagonal(gram), jitter=_JITTER)
        gram.flat[:: l1.size + 1] *= 1.0 + factor.jitter
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            _, path, _ = enet_path(
                np.asfortranarray(factor.lower.T / factor.scale),
                linalg.solve_triangular(factor.lower, linear * factor.scale, lower=True, check_finite=False),
                l1_ratio=1.0,
                alphas=[1.0 / l1.size],
                precompute=gram,
                Xy=linear,
                coef_init=start * l1,
                check_input=False,
                tol=_CD_TOL,
                max_iter=_SWEEPS,
            )
        return path[:, 0] / l1 - start
