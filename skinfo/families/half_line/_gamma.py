"""The gamma law."""

import math

import numpy as np
from scipy import stats
from scipy.special import digamma, gammaln, poch

from skinfo.families._base import POSITIVE_LINE, ExponentialFamily
from skinfo.families._registry import register
from skinfo.measures import LOG, ONE, SQUARE, Power, X


def _start(rows, loc):
    """Minka's (2002) first guess from log(mean) - mean(log)."""
    mean = rows.moments()[0] - loc
    gap = math.log(mean) - rows.means([LOG], loc)[LOG]
    if gap < 1e-6:  # concentrated: the difference cancels, its expansion about the mean does not
        gap = float(rows.expect(lambda x: (d := (x - loc - mean) / mean) - np.log1p(d)))
    a = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    return {"a": a, "scale": mean / a}


def _column_starts(columns, loc):
    mean = columns.mean - loc
    gap = np.log(mean) - columns.means([LOG], loc)[LOG]
    a = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * np.where(gap < 1e-6, np.nan, gap))
    return {"a": a, "scale": mean / a}


GAMMA = register(
    ExponentialFamily(
        name="gamma",
        distribution=stats.gamma,
        support=POSITIVE_LINE,
        shapes={"a": "positive"},
        terms=lambda a: {LOG: a - 1, X: -1.0, ONE: -gammaln(a)},
        shape_scores={"a": lambda a: {LOG: 1.0, ONE: -digamma(a)}},
        start=_start,
        column_starts=_column_starts,
        expectations={
            X: lambda _, a: a,
            SQUARE: lambda _, a: a * (a + 1),
            LOG: lambda _, a: digamma(a),
            Power: lambda t, a: poch(a, t.exponent) if a + t.exponent > 0 else np.inf,
        },
        examples=(
            {"a": 2.5, "scale": 3.0},
            {"a": 0.05},
            {"a": 100000.0, "loc": 7.0, "scale": 0.001},
        ),
    )
)
