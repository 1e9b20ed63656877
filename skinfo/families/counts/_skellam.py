"""The Skellam law: the difference of two Poisson counts."""

import math

import numpy as np
from scipy import stats
from scipy.special import gammaln, ive

from skinfo.families._base import NonlinearFamily, Support
from skinfo.families._registry import register
from skinfo.measures import SQUARE, X
from skinfo.utils._bessel import DEBYE, debye
from skinfo.utils._gamma import deviance

_SERIES = 24


class _Bessel:
    """The law at k >= 0 (swap the means for the others), by Debye's expansion or, near, Bessel functions."""

    def __init__(self, k, mu1, mu2):
        self.k, self.mu1, self.mu2 = k, mu1, mu2
        x = 2 * math.sqrt(mu1) * math.sqrt(mu2)
        self.near = np.hypot(k, x) < DEBYE
        self.r, self.u, self.w = debye(k, x)
        # the Poisson means that make k the expected value and keep the product: a - b = k, a b = mu1 mu2
        self.a = (self.r + k) / 2
        gap, difference = k - (mu1 - mu2), k + (mu1 - mu2)
        share = difference / (self.r + (mu1 + mu2))
        self.above, self.below = gap / 2 * (1 + share), gap / 2 * (share - 1)  # a - mu1, b - mu2
        self.x, self.q = x, mu1 * mu2
        self.few = np.where(self.near, k, 0.0)

    def log_probability(self):
        far = -deviance(self.above, self.mu1) - deviance(self.below, self.mu2) - 0.5 * np.log(2 * np.pi * self.r)
        far += np.log(self.u)
        if not self.near.any():
            return far
        k = self.few
        near = -self.mu1 - self.mu2 + k * math.log(self.mu1) - gammaln(k + 1)
        if self.x > 2:  # then nothing underflows
            half = self.x / 2
            near += np.log(ive(k, self.x)) + self.x - k * math.log(half) + gammaln(k + 1)
        else:
            near += np.log(self._series(k))
        return np.where(self.near, near, far)

    def ratio_up(self):
        """P(k + 1) / P(k) - 1 and P(k - 1) / P(k) - 1: the scores of mu2 and mu1."""
        shift = 2 * self.w / (self.u * self.r)
        with np.errstate(over="ignore", invalid="ignore"):
            up = -self.above / self.a + self.mu1 * shift
            down = self.above / self.mu1 + self.mu2 * shift
        if not self.near.any():
            return up, down
        k = self.few
        if self.x > 2:
            ratio = math.sqrt(self.mu1 / self.mu2) * ive(k + 1, self.x) / ive(k, self.x)
        else:
            ratio = self.mu1 / (k + 1) * self._series(k + 1) / self._series(k)
        return np.where(self.near, ratio - 1, up), np.where(self.near, (k + self.mu2 * ratio) / self.mu1 - 1, down)

    def _series(self, k):
        total = np.ones_like(k)
        for j in range(_SERIES, 0, -1):
            total = 1 + total * self.q / (j * (k + j))
        return total


def _sides(z, mu1, mu2):
    """Both sides of zero, each as the side of positive values of its own law."""
    z = np.asarray(z, dtype=np.float64)
    return z >= 0, _Bessel(np.maximum(z, 0.0), mu1, mu2), _Bessel(np.maximum(-z, 0.0), mu2, mu1)


def _log_density(z, mu1, mu2):
    positive, right, left = _sides(z, mu1, mu2)
    return np.where(positive, right.log_probability(), left.log_probability())


def _score(which):
    def score(z, mu1, mu2):
        positive, right, left = _sides(z, mu1, mu2)
        # on the left mu2 plays mu1's part
        return np.where(positive, right.ratio_up()[1 - which], left.ratio_up()[which])

    return score


def _start(rows, loc):
    """Moments; where the variance is hardly more than the mean, one side nearly empty."""
    mean, variance = rows.moments()
    mean -= loc
    size = max(variance, abs(mean) * 1.02, 0.01)
    return {"mu1": (size + mean) / 2, "mu2": (size - mean) / 2}


SKELLAM = register(
    NonlinearFamily(
        name="skellam",
        distribution=stats.skellam,
        support=Support(-math.inf, math.inf),
        shapes={"mu1": "positive", "mu2": "positive"},
        standard=_log_density,
        slope=lambda z, **_: np.full_like(z, np.nan),  # never asked for: loc is an integer
        shape_scores={"mu1": _score(0), "mu2": _score(1)},
        start=_start,
        limits={("mu2", "0"): "poisson", ("mu1", "0"): "poisson"},  # or that of -x
        expectations={
            X: lambda _, mu1, mu2: mu1 - mu2,
            SQUARE: lambda _, mu1, mu2: mu1 + mu2 + (mu1 - mu2) ** 2,
        },
        examples=(
            {"mu1": 3.0, "mu2": 2.0},
            {"mu1": 0.02, "mu2": 0.5},
            {"mu1": 300.0, "mu2": 40.0, "loc": -2},
            {"mu1": 2000.0, "mu2": 2500.0},
        ),
    )
)
