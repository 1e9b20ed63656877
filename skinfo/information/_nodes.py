"""A law of one variable as a measure that a family can be fitted to: weighted nodes, and exact means."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.families import Law, UnknownExpectationError
from skinfo.information._expectations import _chart, _no_nan, expect
from skinfo.information._laws import Function, Univariate
from skinfo.information._rules import _NODES, _WEIGHTS, LEAF, _integer_rule
from skinfo.measures import LOG, SQUARE, Rows, Statistic, Values, X

_RANGE = 100.0  # nats below the largest weight: what is left out is for the exact means and the certificate
_LARGEST = 1e140
_GRID = 1025
_PANELS = 64
_TOLERANCE = 1e-15  # of the whole, by which a panel may differ from its halves
_MAX_NODES = 1 << 14
_DOUBLINGS = 400

Panels = Callable[[NDArray, NDArray], list[tuple[NDArray, NDArray]]]


class LawRows(Rows):
    """A law as rows: expectations over nodes; means of statistics and quantiles are the law's own.

    Parameters
    ----------
    law : Univariate
        The law.
    """

    has_atoms = False

    def __init__(self, law: Univariate):
        law = replace(law, ppf=_remembered(law.ppf))
        y, weights = _nodes(law)
        x, (low, high) = law.loc + law.scale * y, law.ends
        if not law.discrete:  # next to an end x may have lost the distance that y has
            x, weights = x[(x > low) & (x < high)], weights[(x > low) & (x < high)]
        super().__init__(x, weights / weights.sum())
        self.law = law

    def exact(self, h: Callable[[NDArray], NDArray]) -> float:
        """Mean of a function of x by adaptive quadrature."""
        p = self.law

        def of_y(y: NDArray) -> NDArray:
            with np.errstate(all="ignore"):
                return h(p.loc + p.scale * y)

        return expect(p, of_y, np.empty(0))

    def centred_moments(self, loc: float = 0.0, log: bool = False) -> tuple[float, float, float]:
        """Mean and variance of x, or of log(x - loc); those of the nodes where the law has none."""
        key = (loc if log else 0.0, log)
        if key not in self._moments and all(map(math.isfinite, own := self._own_moments(loc, log))):
            self._moments[key] = 0.0, *own
        return super().centred_moments(loc, log)

    def _own_moments(self, loc: float, log: bool) -> tuple[float, float]:
        mean = self._exact_mean(LOG, loc) if log else self._exact_mean(X, 0.0)
        if not math.isfinite(mean):
            return mean, math.inf
        return mean, self.exact(lambda x: (np.log(x - loc) - mean) ** 2) if log else self._exact_mean(SQUARE, mean)

    def quantiles(self, levels: Any) -> NDArray:
        """Quantiles of the law."""
        found = self.law.loc + self.law.scale * self.law.ppf(np.asarray(levels, dtype=np.float64))
        return np.where(np.isfinite(found), found, super().quantiles(levels))

    def table(self) -> Rows:
        """The measure itself: nodes are distinct."""
        return self

    def _collect(self, pending: list[tuple[Statistic, float, float]]) -> None:
        self._means.update({(t, loc, s): self._exact_mean(t, loc, s) for t, loc, s in pending})

    def _exact_mean(self, statistic: Statistic, loc: float, scale: float = 1.0) -> float:
        p = self.law
        if p.family is not None:
            law = Law(p.family, p.theta)
            try:
                known = law.means([statistic], loc, scale)[statistic]
                if not math.isnan(known):
                    return float(known)
            except (UnknownExpectationError, OverflowError, ZeroDivisionError):
                pass
        return self.exact(lambda x: statistic(Values((x - loc) / scale)))


class ExactLaw(LawRows):
    """The same law where every expectation is by adaptive quadrature: what a fit to nodes is checked with.

    Parameters
    ----------
    rows : LawRows
        The law.
    """

    def __init__(self, rows: LawRows):
        self.__dict__.update(rows.__dict__ | {"_moments": {}})

    def centred_moments(self, loc: float = 0.0, log: bool = False) -> tuple[float, float, float]:
        """Mean and variance of x, or of log(x - loc); infinite where the law has none."""
        key = (loc if log else 0.0, log)
        if key not in self._moments:
            self._moments[key] = 0.0, *self._own_moments(loc, log)
        return self._moments[key]

    def expect(self, f: Callable[[NDArray], Any], width: int = 8) -> NDArray:  # noqa: ARG002 - as rows have it
        """Mean of a vectorised function of x, or of each of a tuple of them."""
        parts = f(self.x[:1])
        if isinstance(parts, tuple):

            def part(i: int) -> Function:
                return lambda x: f(x)[i]

            return np.array([self.exact(part(i)) for i in range(len(parts))])
        return np.asarray(self.exact(f))


def _remembered(ppf: Function) -> Function:
    """Quantiles that are asked for time and again, and cost a search in some laws."""
    known: dict[bytes, NDArray] = {}

    def remembered(u: NDArray) -> NDArray:
        levels = np.asarray(u, dtype=np.float64)
        key = levels.tobytes() + bytes(levels.ndim)
        if key not in known:
            known[key] = ppf(levels)
        return known[key]

    return remembered


def _nodes(p: Univariate) -> tuple[NDArray, NDArray]:
    """Nodes y of the standard form of a law and their weights."""
    if p.atoms is not None:
        mass = np.exp(p.log_density(p.atoms))
        return p.atoms[mass > 0], mass[mass > 0]
    if p.discrete:
        start, width = _integer_panels(p)
        y, weights = _refined(lambda k: np.exp(_no_nan(p.log_density(k))), start, width, _integers, LEAF)
    else:
        chart = _chart(p)
        log_weight = lambda s: _no_nan(p.log_density(chart.y(s))) + chart.log_slope(s)  # noqa: E731
        with np.errstate(all="ignore"):
            points = chart.s(p.outline(p))
        points = points[(points > chart.low) & (points < chart.high)]
        s = np.union1d(np.linspace(chart.low, chart.high, _GRID), points)
        values = log_weight(s)
        found = np.flatnonzero((values > values.max() - _RANGE) & (np.abs(chart.y(s)) < _LARGEST))
        low, high = s[max(found[0] - 1, 0)], s[min(found[-1] + 1, len(s) - 1)]
        edges = np.union1d(np.linspace(low, high, _PANELS + 1), points[(points > low) & (points < high)])
        s, weights = _refined(lambda s: np.exp(log_weight(s)), edges[:-1], np.diff(edges), _gauss, 0.0)
        y = chart.y(s)
    kept = (weights > weights.max() * math.exp(-_RANGE)) & (np.abs(y) < _LARGEST)
    order = np.argsort(y[kept])
    return y[kept][order], weights[kept][order]


def _integer_panels(p: Univariate) -> tuple[NDArray, NDArray]:
    """Panels that double outward from the median, to where next to no mass is left."""
    middle = float(np.rint(np.clip(np.nan_to_num(p.ppf(np.array(0.5))), p.low, p.high)))
    width = LEAF * 2.0 ** np.arange(_DOUBLINGS)
    near = middle + width - LEAF, middle - 1 - (width - LEAF)
    largest = max(float(p.log_density(np.array([middle]))[0]), -700.0)
    starts, widths = [], []
    for side, first in ((near[0][near[0] <= p.high], 0.0), (near[1][near[1] >= p.low], 1.0)):
        n = width[: len(side)]
        log_mass = _no_nan(p.log_density(side)) + np.log(n)
        kept = int(np.flatnonzero(log_mass > largest - _RANGE).max(initial=-1)) + 1
        starts.append(side[:kept] - first * (n[:kept] - 1))
        widths.append(n[:kept])
    return np.concatenate(starts), np.concatenate(widths)


def _gauss(start: NDArray, width: NDArray) -> list[tuple[NDArray, NDArray]]:
    return [(a + w * _NODES, w * _WEIGHTS) for a, w in zip(start, width)]


def _integers(start: NDArray, width: NDArray) -> list[tuple[NDArray, NDArray]]:
    rules = [_integer_rule(round(math.log2(n / LEAF))) for n in width]
    return [(a + offsets, weights) for a, (offsets, weights) in zip(start, rules)]


def _refined(
    density: Callable[[NDArray], NDArray], start: NDArray, width: NDArray, panels: Panels, smallest: float
) -> tuple[NDArray, NDArray]:
    """Halve panels until the mass in each, and its centre, are those of its halves; the nodes of all."""
    origin, scale = float(start.min()), float((start + width).max() - start.min())

    def evaluate(start: NDArray, width: NDArray) -> tuple[list[tuple[NDArray, NDArray]], NDArray]:
        rule = panels(start, width)
        masses = np.split(density(np.concatenate([x for x, _ in rule])), np.cumsum([len(x) for x, _ in rule])[:-1])
        weighted = [(x, w * d) for (x, w), d in zip(rule, masses)]
        return weighted, np.array([[m.sum(), m @ ((x - origin) / scale)] for x, m in weighted])

    done: list[tuple[NDArray, NDArray]] = []
    rule, sums = evaluate(start, width)
    total, count = float(np.abs(sums[:, 0]).sum()), 0
    while len(start):
        exact = width <= smallest
        done += [pair for pair, e in zip(rule, exact) if e]
        start, width, sums = start[~exact], width[~exact] / 2, sums[~exact]
        if not len(start):
            break
        halves, fine = evaluate(np.concatenate([start, start + width]), np.concatenate([width, width]))
        n = len(start)
        count = sum(len(x) for x, _ in done) + sum(len(x) for x, _ in halves)
        good = (np.abs(fine[:n] + fine[n:] - sums) <= _TOLERANCE * total).all(axis=1) | (count > _MAX_NODES // 2)
        both = np.tile(good, 2)
        done += [pair for pair, g in zip(halves, both) if g]
        start, width = np.concatenate([start, start + width])[~both], np.tile(width, 2)[~both]
        rule, sums = [pair for pair, g in zip(halves, both) if not g], fine[~both]
    return np.concatenate([x for x, _ in done]), np.concatenate([m for _, m in done])
