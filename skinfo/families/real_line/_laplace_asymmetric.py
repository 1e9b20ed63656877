"""The asymmetric Laplace law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import REAL_LINE, Edge
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import ONE, SQUARE, Abs, Excess, Exp, Rows, X

_ABOVE, _BELOW = Excess(1.0), Excess(-1.0)
_NEWTON_STEPS = 30
_FEW, _MARGIN, _BINS = 1 << 12, 64, 1 << 12
_NOTHING = (0.0, 0.0, 0.0)  # mass of rows outside, its mean excess over a point, and how far that is


def _start(rows, loc):
    """The maximum, given loc: kappa^4 is the ratio of the mean excess below and above (Kotz et al. 2001, 3.5)."""
    means = rows.means([_ABOVE, _BELOW], loc)
    above, below = means[_ABOVE], means[_BELOW]
    kappa = (below / above) ** 0.25
    return {"kappa": kappa, "scale": kappa * above + below / kappa}


def _edges(rows, given):
    """The data point of largest likelihood: profiled over the rest, it is convex in loc between data points."""
    if "loc" in given:
        return {}
    kappa, scale = given.get("kappa"), given.get("scale")

    def loss(above, below):
        if kappa is not None:
            return kappa * above + below / kappa
        if scale is None:
            return np.sqrt(above) + np.sqrt(below)
        k = _kappa(above / scale, below / scale)
        return np.log(k + 1 / k) + (k * above + below / k) / scale

    x, above, below = _candidates(rows, loss)
    best = int(np.argmin(loss(above, below)))
    loc, above, below = float(x[best]), float(above[best]), float(below[best])
    error = math.nan
    if kappa is not None:
        error = scale or kappa * above + below / kappa
    elif scale is not None:
        error = _standard_error(float(_kappa(above / scale, below / scale)), scale, scale_given=True)
    elif above and below:
        kappa = (below / above) ** 0.25
        error = _standard_error(kappa, kappa * above + below / kappa, scale_given=False)
    return {"loc": Edge(loc, error)}


def _candidates(rows, loss):
    """Data points among which the least loss is, in order, and the mean excess above and below each.

    Where rows are many, those are left out that lie in bins with nothing to offer: the excess above is at least that
    above the bin's upper end, the excess below at least that below its lower end, and the loss increases in both.
    """
    if len(rows) <= _FEW or rows.lowest == rows.highest:
        return _with_excesses(rows, rows.total)
    some = rows.subsample(_FEW)
    x, above, below = _with_excesses(some, some.total)
    nothing, least = np.zeros(len(x)), np.min(loss(above, below))
    inside = np.flatnonzero((loss(above, nothing) <= least) & (loss(nothing, below) <= least))
    low, high = x[max(inside[0] - _MARGIN, 0)], x[min(inside[-1] + _MARGIN, len(x) - 1)]
    if low == high:
        return _with_excesses(rows, rows.total)
    width = (high - low) / _BINS
    mass, offset = np.zeros((2, _BINS + 2))  # offset: from the bin's lower end, in the first, unbounded, its upper
    for block, w in rows.blocks():
        t = (block - low) * (1 / width)
        key = np.clip(np.floor(t), -1, _BINS)
        t -= np.maximum(key, 0)
        place = key.astype(np.intp) + 1
        mass += np.bincount(place, w, _BINS + 2)
        offset += np.bincount(place, t if w is None else t * w, _BINS + 2)
    mass, offset = mass / rows.total, offset * (width / rows.total)
    own = mass[1:-1] * width - offset[1:-1]
    below_ends = np.cumsum([-offset[0], *(np.cumsum(mass[:-2]) * width + own)])
    above_ends = np.cumsum([offset[-1], *(np.cumsum(mass[:1:-1]) * width + offset[-2:0:-1])])[::-1]
    bound = loss(np.append(above_ends, 0.0), np.append(0.0, below_ends))
    (bins,) = np.nonzero(bound <= np.min(loss(above_ends, below_ends)))
    first, last = int(bins[0]), int(bins[-1])
    start, stop = first - 1 if first else -math.inf, last if last <= _BINS else math.inf
    parts = []
    for block, w in rows.blocks():
        t = (block - low) * (1 / width)
        here = np.flatnonzero((t >= start) & (t < stop))
        parts.append((block[here], None if w is None else w[here]))
    some = Rows(
        np.concatenate([x for x, _ in parts]),
        None if rows.weights is None else np.concatenate([w for _, w in parts if w is not None]),
    )
    if not len(some):  # differences lost in rounding
        return _with_excesses(rows, rows.total)
    beneath = beyond = _NOTHING
    if first:
        gap = some.lowest - low - (first - 1) * width
        beneath = float(mass[:first].sum()), float(below_ends[first - 1]), gap
    if last <= _BINS:
        gap = last * width - (some.highest - low)
        beyond = float(mass[last + 1 :].sum()), float(above_ends[last]), gap
    return _with_excesses(some, rows.total, beneath, beyond)


def _with_excesses(rows, total, beneath=_NOTHING, beyond=_NOTHING):
    """Values in order with the mean excesses above and below each, and what is to be said of rows outside them."""
    order = np.argsort(rows.x, kind="stable")
    x = rows.x[order].astype(np.float64)
    w = (np.full(len(x), 1.0) if rows.weights is None else rows.weights[order]) / total
    return x, _excess(-x[::-1], w[::-1], *beyond)[::-1], _excess(x, w, *beneath)


def _excess(x, w, mass, excess, gap):
    """Mean of max(x_i - x, 0) over the rows, for each of sorted x_i: a sum of positive terms."""
    steps = np.diff(x, prepend=x[0])
    steps[0] = gap
    return excess + np.cumsum((mass + np.cumsum(w) - w) * steps)


def _kappa(above, below):
    """Newton for the best kappa given the mean excesses: tanh t + above e^t - below e^-t = 0, which increases in t."""
    t = 0.5 * (np.log1p(below) - np.log1p(above))
    for _ in range(_NEWTON_STEPS):
        value = np.tanh(t) + above * np.exp(t) - below * np.exp(-t)
        slope = 1 / np.cosh(t) ** 2 + above * np.exp(t) + below * np.exp(-t)
        t -= np.clip(value / slope, -1.0, 1.0)
    return np.exp(t)


def _standard_error(kappa, scale, *, scale_given):
    """Of loc, for one row, kappa unknown: the two are correlated, as loc and scale are not."""
    total = kappa + 1 / kappa
    slant = (1 - kappa**-2) / total
    information = np.array(
        [  # of loc / scale, kappa and log scale
            [1.0, -2 / (1 + kappa**2), 0.0],
            [-2 / (1 + kappa**2), 2 / kappa**2 - slant**2, slant],
            [0.0, slant, 1.0],
        ]
    )
    if scale_given:
        information = information[:2, :2]
    return scale * math.sqrt(np.linalg.inv(information)[0, 0])


def _mean_excess(t, kappa):
    """Mean of the distance beyond a centre: exponential tails on either side of 0."""
    k = kappa if t.sign > 0 else 1 / kappa
    centre = t.sign * t.centre
    tail = 1 / (k * (1 + k * k))  # of the distance beyond 0
    if centre >= 0:
        return tail * math.exp(-k * centre)
    return 1 / k - k - centre + k**3 / (1 + k * k) * math.exp(centre / k)


LAPLACE_ASYMMETRIC = register(
    ExponentialFamily(
        name="laplace_asymmetric",
        distribution=stats.laplace_asymmetric,
        support=REAL_LINE,
        shapes={"kappa": "positive"},
        terms=lambda kappa: {_ABOVE: -kappa, _BELOW: -1 / kappa, ONE: -math.log(kappa + 1 / kappa)},
        shape_scores={
            "kappa": lambda kappa: {_ABOVE: -1.0, _BELOW: kappa**-2, ONE: (1 - kappa**2) / (kappa * (1 + kappa**2))}
        },
        start=_start,
        edges=_edges,
        smooth=False,
        expectations={
            X: lambda _, kappa: 1 / kappa - kappa,
            SQUARE: lambda _, kappa: 2 * (kappa**-2 - 1 + kappa**2),
            Excess: _mean_excess,
            Abs: lambda t, kappa: sum(_mean_excess(Excess(side, t.centre), kappa) for side in (1.0, -1.0)),
            Exp: lambda t, kappa: (
                1 / ((1 - t.rate / kappa) * (1 + t.rate * kappa)) if -1 / kappa < t.rate < kappa else math.inf
            ),
        },
        examples=(
            {"kappa": 1.6, "loc": -1.0, "scale": 0.7},
            {"kappa": 0.3},
            {"kappa": 4.0, "scale": 1000.0},
        ),
    )
)
