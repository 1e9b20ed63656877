"""The part of the vocabulary that laws of integers are written in: functions of the gamma function, and zeros."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from skinfo.measures._statistics import Statistic
from skinfo.utils._gamma import digamma_gap, log_binomial, log_rising


@dataclass(frozen=True)
class LogGamma(Statistic):
    """The log gamma function log Gamma(z + offset)."""

    offset: float

    def __call__(self, v):
        return gammaln(v.z + self.offset)


@dataclass(frozen=True)
class Digamma(Statistic):
    """The digamma function psi(z + offset)."""

    offset: float

    def __call__(self, v):
        return digamma(v.z + self.offset)


@dataclass(frozen=True)
class LogRising(Statistic):
    """The log rising factorial log Gamma(z + offset) - log Gamma(offset)."""

    offset: float

    def __call__(self, v):
        return log_rising(self.offset, v.z)


@dataclass(frozen=True)
class DigammaGap(Statistic):
    """The difference psi(z + offset) - psi(offset), the derivative of a log rising factorial in its offset."""

    offset: float

    def __call__(self, v):
        return digamma_gap(self.offset, v.z)


@dataclass(frozen=True)
class LogBinomial(Statistic):
    """The log binomial coefficient log(n over z)."""

    n: float

    def __call__(self, v):
        return log_binomial(self.n, v.z)


@dataclass(frozen=True)
class _AtZero(Statistic):
    """The indicator of zero."""

    def __call__(self, v):
        return (v.z == 0).astype(np.float64)

    def scaled(self, s):  # noqa: ARG002 - zero has no units
        return {self: 1.0}


LOG_FACTORIAL = LogGamma(1.0)
AT_ZERO = _AtZero()
