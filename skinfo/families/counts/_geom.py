"""The geometric law on 1, 2, ..."""

import math

from scipy import stats

from skinfo.families._base import Support
from skinfo.families._divergences import bernoullis, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import ONE, SQUARE, X

GEOM = register(
    ExponentialFamily(
        name="geom",
        distribution=stats.geom,
        support=Support(1.0, math.inf, closed_low=True),
        shapes={"p": "unit"},
        terms=lambda p: {X: math.log1p(-p), ONE: math.log(p) - math.log1p(-p)},
        shape_scores={"p": lambda p: {X: -1 / (1 - p), ONE: 1 / p + 1 / (1 - p)}},
        start=lambda rows, loc: {"p": 1 / (rows.moments()[0] - loc)},
        expectations={X: lambda _, p: 1 / p, SQUARE: lambda _, p: (2 - p) / p**2},
        divergence=sharing("loc", of=lambda p, q: bernoullis(p["p"], q["p"]) / p["p"]),
        examples=(
            {"p": 0.2},
            {"p": 0.0001},
            {"p": 0.999, "loc": 2},
        ),
    )
)
