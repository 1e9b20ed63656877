"""The Poisson law with extra zeros."""

import math

from scipy import stats
from scipy.special import lambertw

from skinfo.families._base import COUNTS, Limit
from skinfo.families._exponential import ExponentialFamily
from skinfo.families._registry import register
from skinfo.families.counts._poisson import POISSON
from skinfo.families.counts._zero_inflation import ZeroInflated, inflated, inflated_score, pi_score
from skinfo.measures import AT_ZERO, SQUARE, X


class ZeroInflatedPoisson(ZeroInflated):
    """Zero with probability pi, else a Poisson count of mean mu."""

    law = stats.poisson


def _start(rows, loc):
    """The maximum: the positive values' mean is mu / (1 - exp(-mu)), their share (1 - pi)(1 - exp(-mu))."""
    mean = rows.moments()[0] - loc
    positive = float(rows.expect(lambda x: x != loc))
    above = mean / positive
    mu = above + float(lambertw(-above * math.exp(-above)).real) if above > 1.001 else 2 * (above - 1)
    pi = 1 + positive / math.expm1(-mu) if mu > 0 else 0.0
    return {"mu": mu, "pi": pi} if pi > 0.01 else {"mu": mean, "pi": 0.01}  # no extra zeros: perhaps the limit


ZERO_INFLATED_POISSON = register(
    ExponentialFamily(
        name="zero_inflated_poisson",
        distribution=ZeroInflatedPoisson(name="zero_inflated_poisson", shapes="mu, pi"),
        support=COUNTS,
        shapes={"mu": "positive", "pi": "unit"},
        terms=lambda mu, pi: inflated(POISSON.terms(mu), -mu, pi),
        shape_scores={
            "mu": lambda mu, pi: inflated_score(POISSON.shape_scores["mu"](mu), -1.0, -mu, pi),
            "pi": lambda mu, pi: pi_score(-mu, pi),
        },
        start=_start,
        limits={("pi", "0"): Limit("poisson")},
        expectations={
            X: lambda _, mu, pi: (1 - pi) * mu,
            SQUARE: lambda _, mu, pi: (1 - pi) * (mu + mu**2),
            AT_ZERO: lambda _, mu, pi: pi + (1 - pi) * math.exp(-mu),
        },
        examples=(
            {"mu": 3.0, "pi": 0.4},
            {"mu": 0.3, "pi": 0.1},
            {"mu": 1000.0, "pi": 0.9, "loc": 2},
            {"mu": 2.0, "pi": 0.01},
        ),
    )
)
