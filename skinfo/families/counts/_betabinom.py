"""The beta-binomial law of n trials, n given."""

import math

from scipy import stats

from skinfo.families._base import COUNTS, Limit
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.families.counts._binom import check_trials
from skinfo.measures import AT_ZERO, SQUARE, X
from skinfo.utils._gamma import digamma_gap, log_binomial, log_rising


def _log_density(z, n, a, b):
    if a < b:
        z, a, b = n - z, b, a
    coefficient = log_binomial(n, z) + log_rising(b, n - z)
    if b < n:  # the ratio of beta functions, in what is left after their large terms cancel
        return coefficient + log_rising(a, b) - log_rising(a + z, n - z + b)
    return coefficient + log_rising(a, z) - log_rising(a + b, n)


def _score(z, n, a, b):
    if b < min(a, n):
        return digamma_gap(a, b) - digamma_gap(a + z, n - z + b)
    return digamma_gap(a, z) - digamma_gap(a + b, n)


def _start(rows, loc):
    """Moments at a few n, which is not told here: a tight law and a wide one each."""
    mean, high = max(rows.moments()[0] - loc, 0.1), max(rows.highest - loc, 1.0)
    shares = [mean / (n + 1) for n in (high, 30 * high)]
    return [{"a": s * p, "b": s * (1 - p)} for p in shares for s in (1.0, 30.0)]


def _edges(rows, given):
    """Nothing; n is known here, and with it whether there is a maximum."""
    n, loc = given["n"], given["loc"]
    check_trials("betabinom", rows, n, loc)
    low, high = rows.lowest - loc, rows.highest - loc
    if n == 1 and not {"a", "b"} & given.keys():
        raise ValueError("betabinom of n=1 trial has one parameter, a / (a + b): use bernoulli, or fix a or b")
    if (low == high and low in (0, n)) or bool(rows.expect(lambda x: (x != loc) & (x != loc + n)) == 0):
        raise ValueError(
            f"the data are 0 or n={n:g} only: the likelihood of betabinom increases as a, b -> 0, where the law is "
            "n times bernoulli: choose that, or fix a or b"
        )
    return {}


BETABINOM = register(
    NonlinearFamily(
        name="betabinom",
        distribution=stats.betabinom,
        support=COUNTS,
        ends=lambda n, **_: (0.0, n),
        shapes={"n": "integer", "a": "positive", "b": "positive"},
        standard=_log_density,
        shape_scores={
            "a": _score,
            "b": lambda z, n, a, b: _score(n - z, n, b, a),
        },
        start=_start,
        edges=_edges,
        limits={("a", "inf"): Limit("binom", {"b": math.inf}), ("b", "inf"): Limit("binom", {"a": math.inf})},
        expectations={
            X: lambda _, n, a, b: n * a / (a + b),
            SQUARE: lambda _, n, a, b: n * a / (a + b) * (1 + (n - 1) * (a + 1) / (a + b + 1)),
            AT_ZERO: lambda _, n, a, b: math.exp(_log_density(0.0, n, a, b)),
        },
        examples=(
            {"n": 12, "a": 2.5, "b": 4.0},
            {"n": 5, "a": 0.05, "b": 0.2},
            {"n": 400, "a": 3000.0, "b": 0.7, "loc": 4},
            {"n": 30, "a": 50.0, "b": 2000.0},
        ),
    )
)
