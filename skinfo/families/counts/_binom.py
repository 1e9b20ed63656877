"""The binomial law of n trials, n given."""

import math

import numpy as np
from scipy import stats

from skinfo.families._base import COUNTS, Edge
from skinfo.families._divergences import bernoullis, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import AT_ZERO, ONE, SQUARE, LogBinomial, X
from skinfo.utils._gamma import LARGE, deviance, factorial_rest


def check_trials(name, rows, n, loc):
    """Raise where there are more successes than trials: n is given, so the support is."""
    if rows.highest - loc > n:
        raise ValueError(
            f"the data contain {rows.highest:.6g}, more than the n={n:g} trials of {name} with loc={loc:g}; "
            "give a larger n in fixed"
        )


def _edges(rows, given):
    """The mean over n, a closed form that the start, which is not told n, cannot give."""
    n, loc = given["n"], given["loc"]
    check_trials("binom", rows, n, loc)
    if "p" in given:
        return {}
    p = (rows.moments()[0] - loc) / n
    if not 0 < p < 1:
        raise ValueError(
            f"the maximum of the likelihood of binom is at the boundary of its parameters: p would be {p:g}; "
            "the law is degenerate there: choose another family or fix the parameter"
        )
    return {"p": Edge(p, math.sqrt(p * (1 - p) / n))}


def _far(z, n, p):
    if n < LARGE:
        return None
    failures = n - z
    spread = deviance(z - n * p, n * p) + deviance(failures - n * (1 - p), n * (1 - p))
    inside = (z >= 0) & (failures >= 0)
    return np.where(inside, factorial_rest(n) - factorial_rest(z) - factorial_rest(failures) - spread, -np.inf)


BINOM = register(
    ExponentialFamily(
        name="binom",
        distribution=stats.binom,
        support=COUNTS,
        ends=lambda n, **_: (0.0, n),
        shapes={"n": "integer", "p": "unit"},
        terms=lambda n, p: {X: math.log(p) - math.log1p(-p), LogBinomial(n): 1.0, ONE: n * math.log1p(-p)},
        shape_scores={"p": lambda n, p: {X: 1 / (p * (1 - p)), ONE: -n / (1 - p)}},
        start=lambda *_: {},
        edges=_edges,
        expectations={
            X: lambda _, n, p: n * p,
            SQUARE: lambda _, n, p: n * p * (1 - p) + (n * p) ** 2,
            AT_ZERO: lambda _, n, p: math.exp(n * math.log1p(-p)),
        },
        far=_far,
        divergence=sharing("loc", "n", of=lambda p, q: p["n"] * bernoullis(p["p"], q["p"])),
        examples=(
            {"n": 12, "p": 0.3},
            {"n": 1, "p": 0.01},
            {"n": 3000, "p": 0.9, "loc": 4},
        ),
    )
)
