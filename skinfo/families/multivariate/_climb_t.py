"""Climbing the likelihood of the multivariate t law: a pass's score, steps of EM, and L-BFGS in a chart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, cholesky, solve_triangular
from scipy.special import polygamma

from skinfo.measures import Rows
from skinfo.utils._gamma import digamma_gap, log_rising

LIMIT = 1e6  # degrees of freedom from which on the law is its limit
_PILOT_ROWS = 1 << 12  # a subsample that is climbed first, where there are four times as many rows
_MEMORY = 12
_MAX_STEP = 2.0  # in coordinates in which one is a factor of e
_ROUNDING = 1e-13


class Point(NamedTuple):
    """Parameters: location, Cholesky factor of the shape and degrees of freedom."""

    loc: NDArray
    factor: NDArray
    df: float


class Score(NamedTuple):
    """Mean log-likelihood and its derivatives, in coordinates where the shape is the identity.

    ``shape`` is G with a differential of sum of G * A, where the shape moves by L A L'; ``weight`` the mean of the
    rows' weights (df + p) / (df + distance^2).
    """

    value: float
    loc: NDArray
    shape: NDArray
    df: float
    weight: float


def factor_of(shape: NDArray) -> NDArray:
    try:
        return cholesky(shape, lower=True)
    except LinAlgError as error:
        raise ValueError("shape must be symmetric and positive definite") from error


def log_normaliser(df: float, p: int) -> float:
    return float(log_rising(df / 2, p / 2)) - p / 2 * math.log(df / 2) - p / 2 * math.log(2 * math.pi)


def df_information(df: float, p: int) -> float:
    """Expected information of df; the difference of trigammas cancels at large df, where its series is taken."""
    if df > 1e3 * p:
        return p * (p + 6) / (2 * df**4)
    gap = float(polygamma(1, df / 2) - polygamma(1, (df + p) / 2)) / 4
    return gap - p * (df + p + 4) / (2 * df * (df + p) * (df + p + 2))


def start(rows: Rows, given: Mapping[str, NDArray]) -> Point:
    some = rows.subsample(10_000)
    columns = [Rows(some.x[:, j], some.weights) for j in range(rows.x.shape[1])]
    quartiles = np.array([column.quantiles([0.25, 0.5, 0.75]) for column in columns])
    loc = given.get("loc", quartiles[:, 1])
    scales = (quartiles[:, 2] - quartiles[:, 0]) / 1.4
    if not scales.all():
        variances = rows.expect(lambda x: ((x - loc) ** 2).T, width=3 * len(loc))
        scales = np.where(scales > 0, scales, np.sqrt(variances))
        if not scales.all():
            raise ValueError(
                f"column {int(np.argmin(scales))} of X is constant: multivariate_t has no maximum; drop it"
            )
    factor = factor_of(given["shape"]) if "shape" in given else np.diag(scales)
    return Point(np.asarray(loc), factor, float(given.get("df", 4.0)))


def _score(rows: Rows, point: Point, *, of_df: bool) -> Score:
    """One pass over the rows."""
    loc, factor, df = point
    p = len(loc)
    value = of_tail = weight = 0.0
    first, second = np.zeros(p), np.zeros((p, p))
    for block, w in rows.blocks(width=4 * p):
        z = solve_triangular(factor, (block - loc).T, lower=True, check_finite=False)
        distance = np.einsum("ij,ij->j", z, z)
        log = np.log1p(distance / df)
        pull = (df + p) / (df + distance)
        pull_w = pull if w is None else pull * w
        value += float(log.sum() if w is None else w @ log)
        weight += float(pull_w.sum())
        first += z @ pull_w
        second += (z * pull_w) @ z.T
        if of_df:
            # -log(1 + u)/2 + (df + p)/2 u/(df + distance), what the normaliser's derivative is set against
            part = pull * (distance / df) - log
            of_tail += float(part.sum() if w is None else w @ part)
    n = rows.total
    df_score = 0.0
    if of_df:
        df_score = 0.5 * (_digamma_term(df, p) + of_tail / n)
    value = log_normaliser(df, p) - float(np.log(np.diag(factor)).sum()) - (df + p) / 2 * value / n
    return Score(value, first / n, (second / n - np.eye(p)) / 2, df_score, weight / n)


def _digamma_term(df: float, p: int) -> float:
    """Compute psi((df + p) / 2) - psi(df / 2) - p / df."""
    return float(digamma_gap(df / 2, p / 2)) - p / df


def pilot_rows(rows: Rows) -> Rows:
    """Some rows, where they are enough to come near to the maximum of all."""
    size = max(_PILOT_ROWS, 40 * rows.x.shape[1])
    return rows.subsample(size) if len(rows) >= 4 * size else rows


def rounding(point: Point, total: float) -> float:
    """How far from the maximum, in standard errors, the spacing of floating-point numbers may leave a location."""
    spacing = np.finfo(float).eps * np.abs(point.loc)
    return math.sqrt(total) * float(np.linalg.norm(solve_triangular(point.factor, np.diag(spacing), lower=True)))


def em_step(rows: Rows, point: Point, free: tuple[str, ...]) -> Point:
    """Move loc and shape to the weighted mean and covariance; the shape's sum is over the weights'."""
    score = _score(rows, point, of_df=False)
    loc, factor, df = point
    shift = score.loc / score.weight if "loc" in free else np.zeros(len(loc))
    if "shape" in free:
        moved = (2 * score.shape + np.eye(len(loc))) / score.weight
        if "loc" in free:
            moved -= np.outer(shift, shift)
        try:
            turned = cholesky(moved, lower=True)
        except LinAlgError:
            turned = np.zeros_like(factor)  # singular: a collapse
        return Point(loc + factor @ shift, factor @ turned, df)
    return Point(loc + factor @ shift, factor, df)


class _Chart:
    """Coordinates about a point: the shape is L T T' L', T lower triangular with the logarithms of its diagonal.

    Parameters
    ----------
    base : Point
        Where all coordinates are zero.
    free : tuple of str
        Parameters that move.
    """

    def __init__(self, base: Point, free: tuple[str, ...]):
        self.base, self.free = base, free
        self.p = p = len(base.loc)
        self.rows, self.columns = np.tril_indices(p, -1)
        self.diagonal = np.arange(p)
        df = base.df
        self.ratio = (df + p) / (df + p + 2)
        # log-diagonal and log df share information: 2 c I - 2 d 11', -2 df / ((df + p)(df + p + 2)), df^2 i(df)
        dense = np.zeros((p + 1, p + 1))
        dense[:p, :p] = 2 * self.ratio * np.eye(p) - 2 / (df + p + 2)
        dense[:p, p] = dense[p, :p] = -2 * df / ((df + p) * (df + p + 2))
        dense[p, p] = df * df * df_information(df, p)
        if "shape" not in free:
            dense[:p, :], dense[:, :p] = 0.0, 0.0
            dense[self.diagonal, self.diagonal] = 1.0
        if "df" not in free:
            dense[p, :], dense[:, p] = 0.0, 0.0
            dense[p, p] = 1.0
        size = np.sqrt(np.diag(dense))
        self.size, self.dense = size, cho_factor(dense / np.outer(size, size))

    def split(self, u: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """Location, the factor's part below the diagonal, and its log-diagonal with log df last."""
        p = self.p
        return u[:p], u[p : -(p + 1)], u[-(p + 1) :]

    def point(self, u: NDArray) -> tuple[Point, NDArray]:
        """Parameters, and T."""
        loc, below, rest = self.split(u)
        turned = np.diag(np.exp(rest[:-1]))
        turned[self.rows, self.columns] = below
        base = self.base
        df = base.df * math.exp(rest[-1])
        return Point(base.loc + base.factor @ loc, base.factor @ turned, df), turned

    def gradient(self, score: Score, turned: NDArray, df: float) -> NDArray:
        """Score in these coordinates, zero for what is given."""
        loc = solve_triangular(turned, score.loc, lower=True, trans="T")
        shape = 2 * solve_triangular(turned, score.shape, lower=True, trans="T")
        below, diagonal = shape[self.rows, self.columns], shape[self.diagonal, self.diagonal] * np.diag(turned)
        return np.concatenate(
            [
                loc * ("loc" in self.free),
                below * ("shape" in self.free),
                diagonal * ("shape" in self.free),
                [score.df * df * ("df" in self.free)],
            ]
        )

    def solve(self, gradient: NDArray) -> NDArray:
        """Inverse expected information at the base, applied."""
        loc, below, rest = self.split(gradient)
        return np.concatenate(
            [loc / self.ratio, below / self.ratio, cho_solve(self.dense, rest / self.size) / self.size]
        )


def climb(rows: Rows, base: Point, free: tuple[str, ...], tol: float, max_iter: int) -> tuple[Point, float, int]:
    """L-BFGS from a point, the expected information there the first guess of the Hessian.

    Returns the last point, its decrement with the expected information of that point, and the number of steps; the
    caller starts again from there where it is not yet small.
    """
    chart = _Chart(base, free)
    u = np.zeros(2 * chart.p + 1 + len(chart.rows))

    def evaluate(u: NDArray) -> tuple[float, NDArray, Point]:
        point, turned = chart.point(u)
        score = _score(rows, point, of_df="df" in free)
        return score.value, chart.gradient(score, turned, point.df), point

    value, gradient, point = evaluate(u)
    pairs: list[tuple[NDArray, NDArray]] = []
    steps = 0
    merit = _decrement(chart, gradient, rows.total)
    first = merit
    while merit > tol / 2 and steps < max_iter and not ("df" in free and point.df >= 0.999 * LIMIT):
        step = _two_loop(chart, gradient, pairs)
        step *= min(1.0, _MAX_STEP / np.abs(step).max())
        slope = float(gradient @ step)
        if not slope > 0:
            step, pairs = chart.solve(gradient), []
            step *= min(1.0, _MAX_STEP / np.abs(step).max())
            slope = float(gradient @ step)
        for halving in range(30):
            trial = u + 0.5**halving * step
            with np.errstate(all="ignore"):
                new_value, new_gradient, new_point = evaluate(trial)
            if not math.isfinite(new_value):
                continue
            noise = _ROUNDING * (1 + abs(value))
            if new_value >= value + 1e-4 * 0.5**halving * slope and slope > noise:
                break
            if new_value >= value - noise and _decrement(chart, new_gradient, rows.total) < 0.9 * merit:
                break
        else:
            break
        s, y = trial - u, gradient - new_gradient
        if s @ y > 1e-12 * math.sqrt(float(s @ s) * float(y @ y)):
            pairs = [*pairs[-_MEMORY + 1 :], (s, y)]
        u, value, gradient, point = trial, new_value, new_gradient, new_point
        merit = _decrement(chart, gradient, rows.total)
        steps += 1
        if np.abs(u).max() > 3 * _MAX_STEP or (steps >= 20 and merit < 1e-3 * first and steps % 20 == 0):
            break  # coordinates about another point serve better from here
    here = _Chart(point, free)
    score = _score(rows, point, of_df="df" in free)
    return point, _decrement(here, here.gradient(score, np.eye(chart.p), point.df), rows.total), steps


def _decrement(chart: _Chart, gradient: NDArray, total: float) -> float:
    return math.sqrt(max(total * float(gradient @ chart.solve(gradient)), 0.0))


def _two_loop(chart: _Chart, gradient: NDArray, pairs: list[tuple[NDArray, NDArray]]) -> NDArray:
    """Nocedal's recursion, for a maximum."""
    q, factors = gradient.copy(), []
    for s, y in reversed(pairs):
        alpha = float(s @ q) / float(s @ y)
        factors.append(alpha)
        q -= alpha * y
    step = chart.solve(q)
    for (s, y), alpha in zip(pairs, reversed(factors)):
        step += (alpha - float(y @ step) / float(s @ y)) * s
    return step
