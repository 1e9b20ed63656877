"""Johnson's bounded law: the logit is normal."""

import math

import numpy as np
from scipy import stats
from scipy.special import logit

from skinfo.families._base import UNIT_INTERVAL, NonlinearFamily
from skinfo.families._registry import register


def _log_density(z, a, b):
    out = logit(z)
    out *= b
    out += a
    out *= out
    out *= -0.5
    out -= np.log(z)
    out -= np.log1p(-z)
    out += math.log(b) - 0.5 * math.log(2 * math.pi)
    return out


def _slope(z, a, b):
    return (2 * z - 1 - b * (a + b * logit(z))) / (z * (1 - z))


def _b_score(z, a, b):
    y = logit(z)
    return 1 / b - y * (a + b * y)


def _start(rows, loc):
    """The maximum where the scale is one; otherwise for a scale a little more than the data's range."""
    scale = 1.0 if rows.highest - loc < 1 else 1.05 * (rows.highest - loc)
    mean = float(rows.expect(lambda x: logit((x - loc) / scale)))
    b = 1 / math.sqrt(rows.expect(lambda x: (logit((x - loc) / scale) - mean) ** 2))
    return {"a": -mean * b, "b": b, "scale": scale}


JOHNSONSB = register(
    NonlinearFamily(
        name="johnsonsb",
        distribution=stats.johnsonsb,
        support=UNIT_INTERVAL,
        shapes={"a": "real", "b": "positive"},
        standard=_log_density,
        slope=_slope,
        shape_scores={"a": lambda z, a, b: -(a + b * logit(z)), "b": _b_score},
        start=_start,
        examples=(
            {"a": 0.5, "b": 1.2},
            {"a": -1.0, "b": 0.3, "loc": -1.0, "scale": 3.0},
            {"a": 30.0, "b": 20.0},
            {"a": 0.0, "b": 100.0},
        ),
    )
)
