"""The Bernoulli law on 0 and 1."""

import math

from scipy import stats

from skinfo.families._base import Support
from skinfo.families._divergences import bernoullis, sharing
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import AT_ZERO, LOG_FACTORIAL, SQUARE, LogBinomial, LogRising, X

BERNOULLI = register(
    ExponentialFamily(
        name="bernoulli",
        distribution=stats.bernoulli,
        support=Support(0.0, 1.0, closed_low=True, closed_high=True),
        shapes={"p": "unit"},
        terms=lambda p: {X: math.log(p), AT_ZERO: math.log1p(-p)},
        shape_scores={"p": lambda p: {X: 1 / p, AT_ZERO: -1 / (1 - p)}},
        start=lambda rows, loc: {"p": rows.moments()[0] - loc},
        expectations={
            X: lambda _, p: p,
            SQUARE: lambda _, p: p,
            AT_ZERO: lambda _, p: 1 - p,
            LOG_FACTORIAL: lambda *_, **__: 0.0,
            LogBinomial: lambda t, p: p * math.log(t.n),
            LogRising: lambda t, p: p * math.log(t.offset),
        },
        divergence=sharing("loc", of=lambda p, q: bernoullis(p["p"], q["p"])),
        examples=(
            {"p": 0.3},
            {"p": 0.01},
            {"p": 0.995, "loc": 2},
        ),
    )
)
