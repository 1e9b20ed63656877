"""The asymmetric Laplace law."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import REAL_LINE, Edge, ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import ONE, SQUARE, Excess, X

_ABOVE, _BELOW = Excess(1.0), Excess(-1.0)
_NEWTON_STEPS = 30


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
    order = np.argsort(rows.x, kind="stable")
    x = rows.x[order].astype(np.float64)
    w = (np.full(len(x), 1.0) if rows.weights is None else rows.weights[order]) / rows.total
    below, above = _excess(x, w), _excess(-x[::-1], w[::-1])[::-1]
    kappa, scale = given.get("kappa"), given.get("scale")
    if scale is None and kappa is None:
        best = int(np.argmin(np.sqrt(above) + np.sqrt(below)))
    else:
        if kappa is None:
            k = _kappa(above / scale, below / scale)
            loss = np.log(k + 1 / k) + (k * above + below / k) / scale
        else:
            loss = kappa * above + below / kappa
        best = int(np.argmin(loss))
    error = math.nan
    if kappa is not None:
        error = float(scale or kappa * above[best] + below[best] / kappa)
    elif scale is not None:
        error = _standard_error(float(k[best]), scale, scale_given=True)
    elif above[best] and below[best]:
        kappa = float((below[best] / above[best]) ** 0.25)
        error = _standard_error(kappa, float(kappa * above[best] + below[best] / kappa), scale_given=False)
    return {"loc": Edge(float(x[best]), error)}


def _excess(x, w):
    """Mean of max(x_i - x, 0) over the rows, for each of sorted x_i: a sum of positive terms."""
    return np.concatenate([[0.0], np.cumsum(np.cumsum(w)[:-1] * np.diff(x))])


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
        },
        examples=(
            {"kappa": 1.6, "loc": -1.0, "scale": 0.7},
            {"kappa": 0.3},
            {"kappa": 4.0, "scale": 1000.0},
        ),
    )
)
