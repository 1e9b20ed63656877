"""The skew normal law."""

import math

from scipy import stats
from scipy.special import erfcx, log_ndtr

from skinfo.families._base import REAL_LINE, Limit
from skinfo.families._elementary import exponential
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Exp, X

_FAR = 8.0  # another start, for a maximum that the moments do not show


def hazard(t):
    """The ratio of the normal density and distribution function, in either tail."""
    return math.sqrt(2 / math.pi) / erfcx(t * -math.sqrt(0.5))


def _start(rows, loc):  # noqa: ARG001 - loc is free
    """Moments (Azzalini 1985), never at a = 0, where every sample has a stationary point."""
    mean, variance = rows.moments()
    sd = math.sqrt(variance)
    skewness = float(rows.subsample(10_000).expect(lambda x: ((x - mean) / sd) ** 3))
    ratio = (2 * min(abs(skewness), 0.99) / (4 - math.pi)) ** (2 / 3)
    by_moments = math.sqrt(math.pi / 2 * ratio / (1 + ratio))
    sign = math.copysign(1.0, skewness)

    def at(delta):
        scale = sd / math.sqrt(1 - 2 / math.pi * delta**2)
        a = delta / math.sqrt(1 - delta**2)
        return {"a": a, "loc": mean - scale * delta * math.sqrt(2 / math.pi), "scale": scale}

    far = _FAR / math.hypot(1, _FAR)
    return [at(sign * min(max(by_moments, 0.3), 0.995)), at(sign * far), at(-sign * 0.7)]


def _derivatives(z, a):
    ratio = hazard(a * z)
    a_score = z * ratio
    ratio *= a
    ratio -= z
    return {"z": ratio, "a": a_score}


SKEWNORM = register(
    NonlinearFamily(
        name="skewnorm",
        distribution=stats.skewnorm,
        support=REAL_LINE,
        shapes={"a": "real"},
        standard=lambda z, a: 0.5 * math.log(2 / math.pi) - 0.5 * z * z + log_ndtr(a * z),
        derivatives=_derivatives,
        start=_start,
        limits={("a", "inf"): Limit("halfnorm"), ("a", "-inf"): Limit("-halfnorm")},
        expectations={
            X: lambda _, a: math.sqrt(2 / math.pi) * a / math.hypot(1, a),
            SQUARE: lambda _, a: 1.0,  # noqa: ARG005 - whatever a is,
            Exp: lambda t, a: 2 * exponential(t.rate * t.rate / 2 + float(log_ndtr(a / math.hypot(1, a) * t.rate))),
        },
        examples=(
            {"a": 2.0, "loc": -1.0, "scale": 0.7},
            {"a": -1.5, "scale": 1000.0},
            {"a": 100.0},
            {"a": 0.01},
        ),
    )
)
