"""The negative binomial law with extra zeros."""

import math

from scipy import stats

from skinfo.families._base import COUNTS, Limit
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.families.counts._nbinom import NBINOM
from skinfo.families.counts._zero_inflation import ZeroInflated, inflated, inflated_score, pi_score
from skinfo.measures import AT_ZERO, SQUARE, X


class ZeroInflatedNegativeBinomial(ZeroInflated):
    """Zero with probability pi, else a negative binomial count."""

    law = stats.nbinom


def _log_zero(n, p):
    return n * math.log(p)


def _start(rows, loc):
    """Moments at several shares of the zeros explained by pi: the likelihood may have a maximum at more than one."""
    mean, variance = rows.moments()
    mean -= loc
    second = variance + mean**2
    zeros = 1 - float(rows.expect(lambda x: x != loc))
    starts = []
    for pi in {max(share * zeros, 0.001) for share in (0.02, 0.3, 0.6, 0.9)}:
        m = mean / (1 - pi)
        excess = second / (1 - pi) - m - m * m
        n = m * m / excess if excess > 1e-4 * m * m else 1e4
        starts.append({"n": n, "p": n / (n + m), "pi": pi})
    return starts


ZERO_INFLATED_NBINOM = register(
    ExponentialFamily(
        name="zero_inflated_nbinom",
        distribution=ZeroInflatedNegativeBinomial(name="zero_inflated_nbinom", shapes="n, p, pi"),
        support=COUNTS,
        shapes={"n": "positive", "p": "unit", "pi": "unit"},
        terms=lambda n, p, pi: inflated(NBINOM.terms(n, p), _log_zero(n, p), pi),
        shape_scores={
            "n": lambda n, p, pi: inflated_score(NBINOM.shape_scores["n"](n, p), math.log(p), _log_zero(n, p), pi),
            "p": lambda n, p, pi: inflated_score(NBINOM.shape_scores["p"](n, p), n / p, _log_zero(n, p), pi),
            "pi": lambda n, p, pi: pi_score(_log_zero(n, p), pi),
        },
        moving_statistics=True,
        start=_start,
        limits={("pi", "0"): Limit("nbinom"), ("n", "inf"): Limit("zero_inflated_poisson", {"p": 1.0})},
        expectations={
            X: lambda _, n, p, pi: (1 - pi) * n * (1 - p) / p,
            SQUARE: lambda _, n, p, pi: (1 - pi) * (n * (1 - p) / p**2 + (n * (1 - p) / p) ** 2),
            AT_ZERO: lambda _, n, p, pi: pi + (1 - pi) * p**n,
        },
        examples=(
            {"n": 4.0, "p": 0.4, "pi": 0.3},
            {"n": 0.5, "p": 0.05, "pi": 0.2},
            {"n": 300.0, "p": 0.9, "pi": 0.9, "loc": 4},
        ),
    )
)
