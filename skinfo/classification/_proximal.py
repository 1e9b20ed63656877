"""Proximal Newton steps on a working set, for l1 and elastic-net penalties, along a path of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from skinfo.classification._duality import Dual, Penalty
from skinfo.classification._l1_metric import L1Metric, Model, curvature_bound, slope_noise
from skinfo.classification._lbfgs import Point
from skinfo.classification._objective import Objective

# The working set takes coefficients whose slope is more than this share of the penalty's: those of the next
# few penalties of a path.
_AHEAD = 0.5
# Coefficients in a working set at most. Where more are wanted, those that promise most go first, and a set is left
# when a step foresees this share of what its first one did.
_MOST = 2000
_LEFT = 0.01
# A penalty smaller than the last by more than this factor is come to in stages, each solved to this relative gap.
_STAGE = 10.0
_STAGE_GAP = 1e-3
# A metric is taken anew where a step leaves more than this share of the decrease that the one before foresaw.
_SLOW = 0.05
# Steps end where the decrease that one foresees is this share of the gap that is asked for.
_SHARE = 0.5
_TIE = 64 * np.finfo(np.float64).eps
# A step of this length, in changes of logits, hardly changes the Hessian: where it is slow, rows were too few.
_NEAR = 0.03
_SUFFICIENT = 1e-4
_ROUNDING = 16 * np.finfo(np.float64).eps


def without_ridge(objective: Objective) -> Objective:
    """Return the mean loss alone, with one row of parameters for each logit: what a l1 penalty is of.

    Parameters
    ----------
    objective : Objective
        Over the same rows.

    Returns
    -------
    Objective
        For `minimise_l1` and `l1_path`.
    """
    return Objective(
        objective.rows,
        objective.loss,
        ridge=0.0,
        fit_intercept=objective.fit_intercept,
        counter=objective.counter,
        basis=np.eye(objective.loss.n_logits),
        offset=objective.offset,
    )


def minimise_l1(
    objective: Objective,
    theta: NDArray | None,
    l1: float,
    ridge: float = 0.0,
    *,
    tol: float,
    max_iter: int,
    rng: np.random.RandomState,
) -> Point:
    """Minimise a mean loss plus ``l1 * sum(abs(W)) + ridge / 2 * sum(W**2)``, W in the units of X.

    The last point of a path; see `l1_path`.
    """
    (point,) = l1_path(objective, theta, [(l1, ridge)], tol=tol, max_iter=max_iter, rng=rng)
    return point


def l1_path(
    objective: Objective,
    theta: NDArray | None,
    penalties: Iterable[tuple[float, float]],
    *,
    tol: float,
    max_iter: int,
    rng: np.random.RandomState,
) -> Iterator[Point]:
    r"""Minimise a mean loss under one l1 or elastic-net penalty after the other.

    Parameters
    ----------
    objective : Objective
        The mean loss over all rows, as `without_ridge` returns it.
    theta : ndarray or None
        Where to start; by default where all coefficients are zero.
    penalties : iterable of (float, float)
        Factors l1 (positive) and ridge of each, best from the largest to the smallest.
    tol : float
        Stop where the root of twice the duality gap is at most this.
    max_iter : int
        Steps at most for each penalty.
    rng : RandomState
        Draws subsamples for metrics.

    Yields
    ------
    Point
        The end for each penalty, coefficients of exactly zero included. Its value and gradient are the mean
        loss's, without the penalty; its norm is the root of twice the duality gap, which bounds
        :math:`\sqrt{2 (f - \min f)}`.

    Notes
    -----
    Working sets come from the strong rules of Tibshirani et al. (2012), Strong rules for discarding predictors
    in lasso-type problems, J. R. Statist. Soc. B 74, 245-266; every end is checked on all columns. Steps are
    those of Lee, Sun and Saunders (2014), Proximal Newton-type methods for minimizing composite functions,
    SIAM J. Optim. 24, 1420-1443, in the metric of a Hessian that is kept for as long as it contracts.
    """
    solver = _Solver(objective, rng)
    last = _largest(objective, solver.gradient) if theta is None else 0.0
    if theta is not None:
        solver.move(theta)
    least = np.finfo(np.float64).eps * last  # below it, a penalty's own decades make no difference
    for l1, ridge in penalties:
        n_iter = 0
        while max(l1, least) * _STAGE < last and n_iter < max_iter:
            last /= _STAGE
            stage = np.sqrt(2.0 * _STAGE_GAP * solver.value)
            n_iter = solver.minimise(last, ridge, stage, n_iter, max_iter).n_iter
        yield solver.minimise(l1, ridge, tol, n_iter, max_iter)
        last = l1


def largest_l1(objective: Objective) -> float:
    """Return the least l1 that leaves all coefficients zero: where a path begins."""
    solver = _Solver(objective, np.random.RandomState(0))
    if objective.offset is not None:
        # No slope is steeper than the root of its column's second moment.
        columns = objective.rows.columns
        kept = columns.inverse_scale > 0
        steepest = np.sqrt(columns.second_moment[kept]) / columns.inverse_scale[kept]
        solver.minimise(float(np.max(steepest, initial=1.0)), 0.0, 1e-8, 0, 100)
    return _largest(objective, solver.gradient)


def _null(objective: Objective) -> NDArray:
    """Return the best parameters whose coefficients are zero, if there is no offset."""
    theta = np.zeros(objective.shape)
    if objective.fit_intercept:
        log_mass = np.log(objective.loss.class_mass())
        theta[:, 0] = log_mass[1] - log_mass[0] if log_mass.size == 2 else log_mass - log_mass.mean()
    return theta


def _largest(objective: Objective, gradient: NDArray) -> float:
    scale = objective.rows.columns.inverse_scale
    steepest = np.abs(gradient[:, objective.n_intercepts :]).max(axis=0)
    return float(np.max(steepest[scale > 0] / scale[scale > 0], initial=0.0))


class _Solver:
    """Where a path is, with what is known there.

    Parameters
    ----------
    objective : Objective
        The mean loss.
    rng : RandomState
        Draws subsamples.
    """

    def __init__(self, objective: Objective, rng: np.random.RandomState):
        self.objective, self._rng = objective, rng
        self._first = objective.n_intercepts
        self.move(_null(objective))
        plain = self.gradient
        if objective.offset is not None:
            plain = objective.over(objective.rows, objective.loss, None)(self.theta)[1]
        self._dual = Dual(objective, plain[:, self._first :].copy())
        self._pairs = np.zeros((objective.shape[0], objective.rows.n_columns), dtype=bool)
        self._columns = np.empty(0, dtype=np.intp)
        self._walker, self._is_part = objective, False
        self._metric: L1Metric | None = None
        self._model: Model
        self._foreseen = np.inf
        self._age, self._generosity = 0, 1.0

    def move(self, theta: NDArray) -> None:
        """Go there and look, in one walk over all rows and columns."""
        self.theta = theta
        self.value, self.gradient = self.objective(theta)

    def minimise(self, l1: float, ridge: float, tol: float, n_iter: int, max_iter: int) -> Point:
        """Minimise under one penalty, from where the last one ended."""
        scale = self.objective.rows.columns.inverse_scale
        penalty = Penalty(l1 * scale, ridge * scale**2)
        limit = 0.5 * tol**2
        goal, keep, stalled, idle = _SHARE * limit, False, False, False
        while True:
            grown = self._admit(penalty, keep=keep)
            if keep and (not grown or idle):
                if stalled:
                    break
                # The model thought better of its end than the gap does.
                goal *= _SLOW**2
            before = n_iter
            n_iter, stalled = self._descend(penalty, goal, n_iter, max_iter)
            idle = self._is_part and n_iter == before
            self._sparsify(penalty)
            gap = self._gap(penalty, limit)
            if gap <= limit or n_iter >= max_iter:
                break
            keep = True
        if not gap <= limit:
            local = self.theta[:, self._local()]
            gap = min(gap, self._dual.gap(self._walker, local, self._coef, self.gradient, penalty))
        return Point(self.theta, self.value, self.gradient, float(np.sqrt(2.0 * gap)), n_iter, stalled)

    @property
    def _coef(self) -> NDArray:
        """Coefficients of standardised columns, a view."""
        return self.theta[:, self._first :]

    @property
    def _slopes(self) -> NDArray:
        """Derivatives of the mean loss in them, a view."""
        return self.gradient[:, self._first :]

    def _gap(self, penalty: Penalty, enough: float) -> float:
        """Return the duality gap here, from the residuals that the quadratic model has at its minimiser.

        Those have slopes that the penalty allows, in the working set, and a divergence from the residuals
        here that is of second order in the step. The other slopes change by no more than the Cauchy-Schwarz
        inequality says. Where they may be too steep still, the residuals are scaled down: a dual value is no less
        than the share of it that is left.
        """
        assert self._metric is not None
        local, objective = self._local(), self.objective
        step, slopes, length = self._model
        margin = length * np.sqrt(self._metric.inflation * curvature_bound(objective)[self._first :])
        margin = np.where(self._pairs, 0.0, margin)
        forecast = self._slopes + np.copysign(margin, self._slopes)
        forecast[:, self._columns] = np.where(self._pairs[:, self._columns], slopes, forecast[:, self._columns])
        # The minimiser's slopes are those that the penalty wants there, where they are as near as rounding lets them
        # be: a step that made them so would be of the size of rounding, and the gap of its square.
        ends = self._coef.copy()
        ends[:, self._columns] += step[:, self._first :]
        wanted = penalty.nearest(ends, forecast)
        near = slope_noise(objective, self.theta, penalty.l1) + _TIE * penalty.l1
        forecast = np.where(np.abs(forecast - wanted) <= near, wanted, forecast)
        scale = penalty.shrinkage(forecast)
        gap = penalty.gap(self._coef, forecast) + (1.0 - scale) * (self.value + penalty(self._coef))
        # Coefficients that are left for another working set.
        gap += 2.0 * float(np.sum(margin * np.abs(self._coef)))
        if gap <= enough:
            gap += self._metric.divergence(self.theta[:, local], step)
        # Many slopes that rounding excuses may add up to a descent that it does not.
        return max(gap, 0.5 * self._foreseen)

    def _local(self) -> NDArray | slice:
        """Return where the walker's parameters are among all."""
        if self._walker is self.objective:
            return slice(None)
        return np.concatenate([np.arange(self._first), self._first + self._columns])

    def _admit(self, penalty: Penalty, *, keep: bool) -> bool:
        """See to it that the working set has every coefficient that is or should be other than zero.

        Return whether it had to change.
        """
        coef, slopes = self._coef, self._slopes
        wanted = (coef != 0) | (penalty.excess(coef, slopes) > 0)
        if self._metric is not None and not np.any(wanted & ~self._pairs):
            return False
        likely = np.abs(slopes + penalty.ridge * coef) > _AHEAD * penalty.l1
        larger = wanted | likely | (self._pairs & keep)
        if larger.size <= _MOST and np.count_nonzero(larger) > larger.size // 2:
            larger[:] = penalty.l1 > 0
        self._pairs = larger if np.count_nonzero(larger) <= _MOST else wanted
        self._is_part = bool(np.count_nonzero(wanted) > _MOST)
        if self._is_part:
            self._pairs = self._promising(penalty)
        self._columns = np.flatnonzero(self._pairs.any(axis=0))
        n_columns = self._pairs.shape[1]
        if self._columns.size > n_columns // 2:
            self._columns = np.arange(n_columns)
            self._walker = self.objective
        else:
            self._walker = self.objective.restrict(self._columns)
            if self._is_part:
                # The coefficients left out are an offset.
                rest = self.theta.copy()
                rest[:, self._local()] = 0.0
                offset = self.objective.changes(rest)
                self._walker.offset = offset if self.objective.offset is None else offset + self.objective.offset
        self._metric = None
        return True

    def _promising(self, penalty: Penalty) -> NDArray:
        """Return the coefficients from which a step of their own would gain most."""
        coef, slopes = self._coef, self._slopes
        pull = np.where(
            coef != 0,
            np.abs(slopes + penalty.ridge * coef + penalty.l1 * np.sign(coef)),
            np.maximum(penalty.excess(coef, slopes), 0.0),
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = pull**2 / (curvature_bound(self.objective)[self._first :] + penalty.ridge)
        gain = np.where(pull > 0, gain, 0.0)
        chosen = np.zeros(coef.size, dtype=bool)
        chosen[np.argpartition(gain, -_MOST, axis=None)[-_MOST:]] = True
        return chosen.reshape(coef.shape) & (gain > 0)

    def _descend(self, penalty: Penalty, goal: float, n_iter: int, max_iter: int) -> tuple[int, bool]:
        """Take steps on the working set until a step foresees little; return their count and whether they stalled."""
        walker, local = self._walker, self._local()
        pairs = self._pairs[:, self._columns]
        penalty = penalty[self._columns]
        theta, gradient, loss = self.theta[:, local], self.gradient[:, local], self.value
        value, stalled, foreseen, start = loss + penalty(theta[:, self._first :]), False, np.inf, n_iter
        while True:
            if self._metric is None:
                self._metric = L1Metric(walker, theta, pairs, penalty.l1, self._generosity, self._rng)
                self._age = 0
            self._model = self._metric.model(theta, gradient, penalty)
            target = theta + self._model.step
            pull = gradient.copy()
            pull[:, self._first :] += penalty.slopes(theta[:, self._first :], target[:, self._first :])
            self._foreseen = decrease = -float(np.vdot(pull, self._model.step))
            if self._is_part and n_iter == start:
                goal = max(goal, _LEFT * decrease)
            if not decrease > goal or n_iter >= max_iter:
                stalled = not decrease > 0
                break
            slow = self._age > 0 and decrease > _SLOW * foreseen
            found = None if slow else self._search(theta, target, value, decrease, penalty)
            if found is None:
                newest = self._age == 0 or (slow and self._age == 1 and decrease <= _ROUNDING)
                if newest and self._metric.inflation == 1:
                    # Rounding hides any further decrease.
                    stalled = True
                    break
                if self._age == 0 or (self._age <= 2 and self._model.length < _NEAR):
                    self._generosity *= 4.0
                self._metric, foreseen = None, np.inf
                continue
            theta, loss, gradient, value = found
            n_iter += 1
            self._age += 1
            foreseen = decrease
        if n_iter > start:
            self._arrive(theta, loss, gradient)
        return n_iter, stalled

    def _search(
        self, theta: NDArray, target: NDArray, value: float, decrease: float, penalty: Penalty
    ) -> tuple[NDArray, float, NDArray, float] | None:
        """Backtrack from the target until the value is lower by enough."""
        length, candidate = 1.0, target
        for _ in range(30):
            with np.errstate(over="ignore", invalid="ignore"):
                loss, gradient = self._walker(candidate)
                new = loss + penalty(candidate[:, self._first :])
            if new <= value - _SUFFICIENT * length * decrease + _ROUNDING * (1.0 + abs(value)):
                return candidate, loss, gradient, new
            length *= 0.5
            candidate = theta + length * (target - theta)
        return None

    def _arrive(self, theta: NDArray, loss: float, gradient: NDArray) -> None:
        """Take over where the walker has come to, and look at the other columns."""
        if self._walker is self.objective:
            self.theta, self.value, self.gradient = theta, loss, gradient
            return
        whole = self.theta.copy()
        whole[:, self._local()] = theta
        self.move(whole)

    def _sparsify(self, penalty: Penalty) -> None:
        """Choose the sparsest of coefficients that the objective cannot tell apart.

        Adding a number to a column's coefficients of all classes changes no probability. Where there is no ridge
        and the classes' number is even, the sum of absolute values may not change either, up to where one
        of the middle two is zero.
        """
        n_logits = self.theta.shape[0]
        if n_logits < 4 or n_logits % 2 or np.any(penalty.ridge > 0):
            return
        middle = np.sort(self._coef, axis=0)[n_logits // 2 - 1 : n_logits // 2 + 1]
        free = (middle[0] < 0) & (middle[1] > 0)
        if free.any():
            shift = np.where(middle[1] < -middle[0], middle[1], middle[0])
            self.theta = self.theta.copy()
            self._coef[:, free] -= shift[free]
