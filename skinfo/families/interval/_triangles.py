"""The best triangle, where its ends are estimated: its mode is one of the values, whatever they are."""

import math

import numpy as np
from scipy.special import xlogy

_COARSE = 500  # values on which ends are tried
_GAPS = np.geomspace(1e-4, 10.0, 10)  # distances of an end from the data, in units of their range
_STARTS, _ROUNDS, _MODES, _STEPS, _HALVINGS, _POLISH = 2, 30, 8, 100, 40, 3
_LOST, _LAST = 1e-10, 1e-12  # nats for each row: not worth a round of modes; another step


def best_triangle(rows, given):
    """Ends and mode of largest likelihood.

    For given ends the mode is one of the values (Oliver 1972). For a given mode the likelihood is smooth in the ends:
    a Newton step tells for all modes at once how much their ends may gain, and the most hopeful ones are climbed.

    Parameters
    ----------
    rows : Rows
        The data.
    given : dict
        loc or scale, where one of them is given.

    Returns
    -------
    low, mode, high : float
        The triangle.
    """
    whole = _Triangles(rows.distinct(), given)
    few = _Triangles(rows.subsample(_COARSE).distinct(), given, whole.x[[0, -1]])
    tried = sorted(few.some_ends(), key=lambda ends: few.values(ends).max())
    _, _, low, high = max(few.climb(ends) for ends in tried[-_STARTS:])
    tops = [whole.climb((low, high))]
    # a mode at an extreme is an end of the triangle too
    tops += [whole.climb_ends(r, (low, high)) for r in (0, len(whole.x) - 1)]
    _, mode, low, high = max(tops)
    return low, float(whole.x[mode]), high


class _Triangles:
    """Triangles with their mode at one of the values."""

    def __init__(self, rows, given, extremes=None):
        self.x, self.w = rows.x, np.ones(len(rows)) if rows.weights is None else rows.weights
        self.low, self.high = (self.x[0], self.x[-1]) if extremes is None else extremes
        self.total = rows.total
        self.below = np.cumsum(self.w) - self.w
        self.above = np.cumsum(self.w[::-1])[::-1] - self.w
        self.loc, self.scale = given.get("loc"), given.get("scale")

    def some_ends(self):
        """Ends to start from."""
        gaps = _GAPS * (self.high - self.low)
        if self.loc is not None:
            return [(self.loc, self.high + gap) for gap in gaps]
        if self.scale is not None:
            room = self.scale - (self.high - self.low)
            shares = _GAPS[_GAPS < 0.5]
            return [(high - self.scale, high) for high in self.high + room * np.concatenate([shares, 1 - shares])]
        return [(self.low - a, self.high + b) for a in gaps for b in gaps]

    def values(self, ends):
        """Log-likelihood with the mode at each value."""
        low, high = ends
        left, right = self.w * np.log(self.x - low), self.w * np.log(high - self.x)
        rise = np.cumsum(left) - left - self.below * np.log(self.x - low)
        fall = right.sum() - np.cumsum(right) - self.above * np.log(high - self.x)
        return rise + fall + self.total * math.log(2 / (high - low))

    def climb(self, ends):
        """Climb in turns: the mode, by what its ends may gain, and the ends of that mode."""
        best = (-math.inf, 0, *ends)
        for _ in range(_ROUNDS):
            before, gains = best[0], self._gains(best[2:])
            hopes = self.values(best[2:]) + gains
            hopes[[0, -1]] = -math.inf
            for r in np.argsort(hopes)[::-1][:_MODES].tolist():
                if hopes[r] + 0.1 * gains[r] < best[0]:
                    break
                best = max(best, self.climb_ends(r, best[2:]))
            if not best[0] > before + _LOST * self.total:
                break
        return best

    def _gains(self, ends):
        """What a Newton step of the ends adds to the likelihood of each mode, if it is short and uphill."""
        (low, high), width = ends, ends[1] - ends[0]
        left, right = 1 / (self.x - low), 1 / (high - self.x)

        def below(v):
            return np.cumsum(self.w * v) - self.w * v

        def above(v):
            return (self.w * v).sum() - np.cumsum(self.w * v)

        slope = np.stack(
            [
                self.total / width - below(left) + self.below * left,
                -self.total / width + above(right) - self.above * right,
            ],
            axis=-1,
        )
        curvature = np.full((len(self.x), 2, 2), -self.total / width**2)
        curvature[:, 0, 0] = self.total / width**2 - below(left**2) + self.below * left**2
        curvature[:, 1, 1] = self.total / width**2 - above(right**2) + self.above * right**2
        moves = self._moves()
        steps, regular = _newton_steps(slope @ moves, moves.T @ curvature @ moves)
        steps = steps @ moves.T
        short = (np.abs(steps) < [(self.low - low) / 2, (high - self.high) / 2]).all(axis=1)
        return np.where(regular & short, 0.5 * (slope * steps).sum(axis=1), 0.0)

    def _moves(self):
        """Directions in which the ends may move: apart, one of them, or both together."""
        return (
            np.array([[0.0], [1.0]])
            if self.loc is not None
            else np.ones((2, 1))
            if self.scale is not None
            else np.eye(2)
        )

    def climb_ends(self, r, ends):
        """Best ends for a mode, by Newton's method: log-likelihood, mode, and ends."""
        ends, moves = np.array(ends), self._moves()
        at_low, at_high = r == 0 and self.loc is None, r == len(self.x) - 1
        if at_low or at_high:  # the mode is an end
            ends[1 - at_low] = self.x[r]
            if self.scale is not None:
                ends[int(at_low)] = self.x[r] + (self.scale if at_low else -self.scale)
            moves = np.eye(2)[:, [int(at_low)]] if self.loc is None and self.scale is None else np.empty((2, 0))
        value, last = self._value(r, ends), 0
        for _ in range(_STEPS if moves.size else 0):
            slope, curvature = self._derivatives(r, ends)
            size, axes = np.linalg.eigh(moves.T @ curvature @ moves)
            step = moves @ (axes @ ((axes.T @ (moves.T @ slope)) / np.abs(size)))
            if not slope @ step > _LAST * self.total:  # values are rounded, steps are not
                last += 1
                ends = ends + step
                if last == _POLISH:
                    break
                continue
            for there in [ends + step / 2**halving for halving in range(_HALVINGS)]:
                if (found := self._value(r, there)) > value:
                    ends, value = there, found
                    break
            else:
                break
        return self._value(r, ends), r, float(ends[0]), float(ends[1])

    def _value(self, r, ends):
        low, high = ends
        if (
            low > self.low
            or high < self.high
            or (low == self.low and r > 0)
            or (high == self.high and r < len(self.x) - 1)
        ):
            return -math.inf
        x, w = self.x, self.w
        rise = w[:r] @ np.log(x[:r] - low) - xlogy(self.below[r], x[r] - low)
        fall = w[r + 1 :] @ np.log(high - x[r + 1 :]) - xlogy(self.above[r], high - x[r])
        return float(rise + fall + self.total * math.log(2 / (high - low)))

    def _derivatives(self, r, ends):
        (low, high), width = ends, ends[1] - ends[0]
        left, right = 1 / (self.x[:r] - low), 1 / (high - self.x[r + 1 :])
        peak = [self.below[r] and 1 / (self.x[r] - low), self.above[r] and 1 / (high - self.x[r])]
        slope, curvature = [], np.full((2, 2), -self.total / width**2)
        for i, (sign, v, w, mass) in enumerate(
            [(1, left, self.w[:r], self.below[r]), (-1, right, self.w[r + 1 :], self.above[r])]
        ):
            slope.append(sign * (self.total / width - w @ v + mass * peak[i]))
            curvature[i, i] = self.total / width**2 - w @ (v * v) + mass * peak[i] ** 2
        return np.array(slope), curvature


def _newton_steps(slopes, curvatures):
    """Newton steps of one or two coordinates, and where they are steps to a maximum."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if slopes.shape[1] == 1:
            return -slopes / curvatures[..., 0], curvatures[:, 0, 0] < 0
        a, b, c = curvatures[:, 0, 0], curvatures[:, 0, 1], curvatures[:, 1, 1]
        determinant = a * c - b * b
        steps = np.stack([b * slopes[:, 1] - c * slopes[:, 0], b * slopes[:, 0] - a * slopes[:, 1]], axis=-1)
        return steps / determinant[:, None], (a < 0) & (determinant > 0)
