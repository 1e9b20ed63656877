"""Johnson's bounded law: the logit is normal."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import logit

from skinfo.families._base import UNIT_INTERVAL
from skinfo.families._divergences import johnsons, sharing
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._normal_means import mean_log_cosh
from skinfo.families._registry import register
from skinfo.measures import LOG, Statistic


@dataclass(frozen=True)
class _Logit(Statistic):
    """A power, the first or second, of the logit less a centre."""

    centre: float
    power: int

    def __call__(self, v):
        y = np.log(v.z / (1 - v.z))
        y -= self.centre
        return y if self.power == 1 else y * y


def _moments(rows, loc, scale):
    """Some logits' mean, and the first two moments of all logits about it, which don't cancel; mean of log z."""
    centre = float(rows.subsample(1_000).expect(lambda x: logit((x - loc) / scale)))
    first, second = _Logit(centre, 1), _Logit(centre, 2)
    means = rows.means([LOG, first, second], loc, scale)
    return centre, float(means[first]), float(means[second]), float(means[LOG])


class _JohnsonSB(NonlinearFamily):
    """Where the interval is given, the moments of the logits are enough."""

    def needs_rows(self, names):
        return not {"loc", "scale"}.isdisjoint(names)

    def mean_log_prob(self, p, theta):
        a, b, scale = theta["a"], theta["b"], theta["scale"]
        centre, mean, square, mean_log = _moments(p, theta["loc"], scale)
        at_centre = a + b * centre
        quadratic = at_centre**2 + 2 * at_centre * b * mean + b**2 * square
        # log z + log(1 - z) is 2 log z less the logit
        jacobian = 2 * mean_log - (centre + mean)
        return math.log(b) - 0.5 * math.log(2 * math.pi) - 0.5 * quadratic - jacobian - math.log(scale)

    def mean_score(self, p, theta, names):
        if self.needs_rows(names):
            return super().mean_score(p, theta, names)
        a, b = theta["a"], theta["b"]
        centre, mean, square, _ = _moments(p, theta["loc"], theta["scale"])
        pull = a + b * centre + b * mean
        b_score = 1 / b - centre * pull - (a + b * centre) * mean - b * square
        return np.array([{"a": -pull, "b": b_score}[name] for name in names])


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


def _derivatives(z, a, b):
    y = logit(z)
    pull = a + b * y
    return {"z": (2 * z - 1 - b * pull) / (z * (1 - z)), "a": -pull, "b": 1 / b - y * pull}


def _start(rows, loc):
    """The maximum where the scale is one; otherwise for a scale a little more than the data's range."""
    scale = 1.0 if rows.highest - loc < 1 else 1.05 * (rows.highest - loc)
    centre, first, second, _ = _moments(rows, loc, scale)
    b = 1 / math.sqrt(second - first**2)
    return {"a": -(centre + first) * b, "b": b, "scale": scale}


def _entropy(a, b):
    """That of the normal variable v = logit(x), and the mean of the logarithm of dx / dv, -2 log(2 cosh(v / 2))."""
    return 0.5 * math.log(2 * math.pi * math.e) - math.log(b) - 2 * mean_log_cosh(-a / b, 1 / b)


JOHNSONSB = register(
    _JohnsonSB(
        name="johnsonsb",
        distribution=stats.johnsonsb,
        support=UNIT_INTERVAL,
        shapes={"a": "real", "b": "positive"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        entropy=_entropy,
        divergence=sharing("loc", "scale", of=johnsons),
        examples=(
            {"a": 0.5, "b": 1.2},
            {"a": -1.0, "b": 0.3, "loc": -1.0, "scale": 3.0},
            {"a": 30.0, "b": 20.0},
            {"a": 0.0, "b": 100.0},
        ),
    )
)
