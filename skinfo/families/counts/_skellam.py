"""The Skellam law: the difference of two Poisson counts."""

import math

import numpy as np
from scipy import stats
from scipy.special import gammaln, ive

from skinfo.families._base import Limit, Support
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, X
from skinfo.utils._bessel import DEBYE, debye
from skinfo.utils._gamma import deviance

_SERIES = 24


class _Bessel:
    """The law at k, by Debye's expansion or, near, Bessel functions; at -k it is that of the means swapped."""

    def __init__(self, z, mu1, mu2):
        z = np.asarray(z, dtype=np.float64)
        self.positive, self.k = z >= 0, np.abs(z)
        self.mu1, self.mu2 = np.where(self.positive, mu1, mu2), np.where(self.positive, mu2, mu1)
        self.x, self.q = 2 * math.sqrt(mu1) * math.sqrt(mu2), mu1 * mu2
        self.near = np.hypot(self.k, self.x) < DEBYE
        self.r, self.u, self.w = debye(self.k, self.x)
        # the Poisson means that make k the expected value and keep the product: a - b = k, a b = mu1 mu2
        self.a = (self.r + self.k) / 2
        difference = self.mu1 - self.mu2
        gap, share = (self.k - difference) / 2, (self.k + difference) / (self.r + (mu1 + mu2))
        self.above, self.below = gap * (1 + share), gap * (share - 1)  # a - mu1, b - mu2

    def log_probability(self):
        far = -deviance(self.above, self.mu1) - deviance(self.below, self.mu2) - 0.5 * np.log(2 * np.pi * self.r)
        far += np.log(self.u)
        if not self.near.any():
            return far
        k = np.where(self.near, self.k, 0.0)
        near = k * np.log(self.mu1) - (self.mu1 + self.mu2)
        if self.x > 2:  # then nothing underflows
            near += np.log(ive(k, self.x)) + self.x - k * math.log(self.x / 2)
        else:
            near += np.log(self._series(k)) - gammaln(k + 1)
        return np.where(self.near, near, far)

    def scores(self):
        """P(k - 1) / P(k) - 1 and P(k + 1) / P(k) - 1: the scores of the own mean and of the other."""
        shift = 2 * self.w / (self.u * self.r)
        with np.errstate(over="ignore", invalid="ignore"):
            own = self.above / self.mu1 + self.mu2 * shift
            other = -self.above / self.a + self.mu1 * shift
        if self.near.any():
            k = np.where(self.near, self.k, 0.0)
            if self.x > 2:
                up = np.sqrt(self.mu1 / self.mu2) * ive(k + 1, self.x) / ive(k, self.x)
            else:
                up = self.mu1 / (k + 1) * self._series(k + 1) / self._series(k)
            own = np.where(self.near, (k + self.mu2 * up) / self.mu1 - 1, own)
            other = np.where(self.near, up - 1, other)
        return {"mu1": np.where(self.positive, own, other), "mu2": np.where(self.positive, other, own)}

    def _series(self, k):
        total = np.ones_like(k)
        for j in range(_SERIES, 0, -1):
            total = 1 + total * self.q / (j * (k + j))
        return total


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
        standard=lambda z, mu1, mu2: _Bessel(z, mu1, mu2).log_probability(),
        derivatives=lambda z, mu1, mu2: _Bessel(z, mu1, mu2).scores(),
        start=_start,
        limits={
            ("mu2", "0"): Limit("poisson", {"mu1": lambda q: q["mu"]}),
            ("mu1", "0"): Limit("-poisson", {"mu2": lambda q: q["mu"]}),
        },
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
