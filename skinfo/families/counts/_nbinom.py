"""The negative binomial law, its size n real."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import COUNTS, Limit
from skinfo.families._divergences import bernoullis, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import AT_ZERO, LOG_FACTORIAL, ONE, SQUARE, DigammaGap, LogRising, X
from skinfo.utils._gamma import LARGE, deviance, factorial_rest, stirling_remainder


def _start(rows, loc):
    """Moments; the likelihood has a maximum only where the variance exceeds the mean (Levin and Reeds 1977)."""
    mean, variance = rows.moments()
    mean -= loc
    n = mean**2 / (variance - mean) if variance > mean * (1 + 1e-6) else 1e6 * mean
    return {"n": n, "p": n / (n + mean)}


def _far(z, n, p):
    if max(n, n * (1 - p) / p) < LARGE:
        return None
    total = n + z
    gap = n * (1 - p) - p * z
    spread = deviance(gap, total * p) + deviance(-gap, total * (1 - p)) + 0.5 * np.log1p(z / n)
    return stirling_remainder(total) - stirling_remainder(n) - factorial_rest(z) - spread


NBINOM = register(
    ExponentialFamily(
        name="nbinom",
        distribution=stats.nbinom,
        support=COUNTS,
        shapes={"n": "positive", "p": "unit"},
        terms=lambda n, p: {
            X: math.log1p(-p),
            ONE: n * math.log(p),
            **({LOG_FACTORIAL: -1.0, LogRising(n): 1.0} if n != 1 else {}),  # one statistic, which cancels
        },
        shape_scores={
            "n": lambda n, p: {DigammaGap(n): 1.0, ONE: math.log(p)},
            "p": lambda n, p: {X: -1 / (1 - p), ONE: n / p},
        },
        moving_statistics=True,
        start=_start,
        limits={("n", "inf"): Limit("poisson", {"p": 1.0})},
        expectations={
            X: lambda _, n, p: n * (1 - p) / p,
            SQUARE: lambda _, n, p: n * (1 - p) / p**2 + (n * (1 - p) / p) ** 2,
            AT_ZERO: lambda _, n, p: p**n,
        },
        far=_far,
        divergence=sharing("loc", "n", of=lambda p, q: p["n"] * bernoullis(p["p"], q["p"]) / p["p"]),
        examples=(
            {"n": 2.5, "p": 0.3},
            {"n": 0.05, "p": 0.01},
            {"n": 1.0, "p": 0.5},
            {"n": 3000.0, "p": 0.9, "loc": 4},
        ),
    )
)
