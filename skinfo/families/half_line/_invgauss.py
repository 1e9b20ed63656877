"""The inverse Gaussian law."""

import math

from scipy import stats
from scipy.special import exp1, hyperu

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._divergences import excess, log_ratio, scales, sharing
from skinfo.families._elementary import exponential
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, ONE, SQUARE, Exp, Power, X

_RECIPROCAL = Power(-1.0)


def _start(rows, loc):
    """The maximum: 1 / scale = mean(1/x) - 1/mean(x), as a mean of positive terms (Tweedie 1957)."""
    mean = rows.moments()[0] - loc
    inverse = float(rows.expect(lambda x: ((x - loc - mean) / mean) ** 2 / (x - loc)))
    return {"mu": mean * inverse, "scale": 1 / inverse}


def _scaled_exp1(x):
    """Compute exp(x) E_1(x), which is U(1, 1, x); SciPy's U holds only ten digits for x about 10."""
    if x > 1e16:
        return 1 / x
    return math.exp(x) * float(exp1(x)) if x < 100 else float(hyperu(1, 1, x))


def _mean_log(mu):
    return math.log(mu) - _scaled_exp1(2 / mu)  # Tweedie (1957)


def _divergence(p, q):
    """In the shape, which is the scale here, and the mean: two terms that are never negative."""
    r = p["mu"] * p["scale"] / q["scale"]  # the first mean, in units of the second shape
    return 0.5 * (excess(-scales(p, q)) + math.expm1(log_ratio(p["mu"], q["mu"]) + scales(p, q)) ** 2 / r)


def _exp_mean(t, mu):
    under_root = 1 - 2 * mu * mu * t.rate
    return exponential(2 * mu * t.rate / (1 + math.sqrt(under_root))) if under_root >= 0 else math.inf


INVGAUSS = register(
    ExponentialFamily(
        name="invgauss",
        distribution=stats.invgauss,
        support=POSITIVE_LINE,
        shapes={"mu": "positive"},
        terms=lambda mu: {LOG: -1.5, X: -0.5 / mu**2, _RECIPROCAL: -0.5, ONE: 1 / mu - 0.5 * math.log(2 * math.pi)},
        shape_scores={"mu": lambda mu: {X: mu**-3, ONE: -(mu**-2)}},
        start=_start,
        limits={("mu", "0"): Limit("norm", {"loc": -math.inf, "scale": math.inf})},
        expectations={
            X: lambda _, mu: mu,
            SQUARE: lambda _, mu: mu**2 + mu**3,
            LOG: lambda _, mu: _mean_log(mu),
            _RECIPROCAL: lambda _, mu: 1 + 1 / mu,
            Exp: _exp_mean,
        },
        entropy=lambda mu: 1.5 * _mean_log(mu) + 0.5 * math.log(2 * math.pi * math.e),
        divergence=sharing("loc", of=_divergence),
        examples=(
            {"mu": 0.7, "scale": 4.0},
            {"mu": 0.001, "scale": 1000.0},
            {"mu": 50.0, "loc": -2.0},
        ),
    )
)
