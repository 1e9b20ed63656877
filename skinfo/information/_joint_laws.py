"""Laws of several columns with their entropies and divergences in closed form: shares, counts, directions, matrices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from skinfo.families import get_family
from skinfo.families._divergences import bregman, directions, dirichlets, excess, log_ratio
from skinfo.information._expectations import expect
from skinfo.information._laws import READERS, JointLaw, univariate
from skinfo.information._spreads import log_determinant, log_ratios
from skinfo.utils._bessel import bessel_ratio
from skinfo.utils._gamma import (
    deviance,
    dirichlet_entropy,
    factorial_rest,
    log_minus_digamma,
    stirling_remainder,
    trigamma_excess,
)

_LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True, eq=False)
class Dirichlet(JointLaw):
    """The Dirichlet law of shares with concentrations ``alpha`` ``(p,)``."""

    alpha: NDArray
    kind: ClassVar[str] = "a Dirichlet law of shares"

    @property
    def columns(self) -> int:
        """Number of shares."""
        return len(self.alpha)

    def entropy(self) -> float:
        """Entropy of all shares but one, which the others determine."""
        return dirichlet_entropy(self.alpha)

    def divergence(self, q: Dirichlet) -> float:
        """Divergence."""
        return dirichlets(self.alpha, q.alpha)

    def log_prob(self, x: NDArray) -> NDArray:
        """Log density of each row."""
        return get_family("dirichlet").log_prob(x, {"alpha": self.alpha})


@dataclass(frozen=True, eq=False)
class Multinomial(JointLaw):
    """The multinomial law of counts of ``n`` draws with probabilities ``p``."""

    n: int
    p: NDArray
    kind: ClassVar[str] = "a multinomial law of counts"

    @property
    def columns(self) -> int:
        """Number of categories."""
        return len(self.p)

    def entropy(self) -> float:
        """Entropy, by sums over each category's binomial law.

        With Stirling's formula log n! - sum of log x! + sum of x log p is, but for small terms, minus the deviances of
        the counts x from n p: nothing cancels.
        """
        n = float(self.n)
        if n == 0 or self.p.max() == 1:
            return 0.0
        p, categories = np.unique(self.p[self.p > 0], return_counts=True)
        means = [
            expect(univariate(stats.binom(self.n, share)), _spread_about(n * share), np.array([n * share]))
            for share in p.tolist()
        ]
        return float(categories @ means) - float(factorial_rest(np.array(n)))

    def divergence(self, q: Multinomial) -> float:
        """Divergence; infinite where the numbers of draws differ."""
        if self.n == 0 and q.n == 0:
            return 0.0
        if self.n != q.n or (self.p > 0)[q.p == 0].any():
            return math.inf
        both = q.p > 0
        return self.n * math.fsum(deviance(self.p[both] - q.p[both], q.p[both]))

    def log_prob(self, x: NDArray) -> NDArray:
        """Log probability of each row."""
        return get_family("multinomial").log_prob(x, {"n": np.array(self.n), "p": self.p})


def _spread_about(mean: float) -> Any:
    return lambda k: deviance(k - mean, mean) + factorial_rest(k)


@dataclass(frozen=True, eq=False)
class Directions(JointLaw):
    """The von Mises-Fisher law of directions about ``mu`` ``(p,)``, concentration ``kappa``."""

    mu: NDArray
    kappa: float
    kind: ClassVar[str] = "a von Mises-Fisher law of directions"

    @property
    def columns(self) -> int:
        """Number of dimensions."""
        return len(self.mu)

    def entropy(self) -> float:
        """Entropy on the sphere."""
        gap = bessel_ratio(self.columns / 2 - 1, self.kappa)[0]
        return self.kappa * gap - float(self.log_prob(self.mu[None])[0])

    def divergence(self, q: Directions) -> float:
        """Divergence."""
        return directions(self.kappa, q.kappa, 0.5 * float(((self.mu - q.mu) ** 2).sum()), self.columns)

    def log_prob(self, x: NDArray) -> NDArray:
        """Log density of each row."""
        return get_family("vonmises_fisher").log_prob(x, {"mu": self.mu, "kappa": np.array(self.kappa)})


@dataclass(frozen=True, eq=False)
class Wishart(JointLaw):
    """The Wishart law of matrices, ``df`` degrees of freedom and ``scale`` ``(p, p)``."""

    df: float
    scale: NDArray
    kind: ClassVar[str] = "a Wishart law of matrices"

    @property
    def columns(self) -> int:
        """Size of the matrices."""
        return len(self.scale)

    @property
    def _halves(self) -> NDArray:
        """Shapes of the gamma laws that the determinant is a product of (Bartlett 1933)."""
        return (self.df - np.arange(self.columns)) / 2

    def entropy(self) -> float:
        """Entropy of the elements on and above the diagonal."""
        p, a = self.columns, self._halves
        freedom = (self.df - p - 1) / 2
        # Stirling's formula in log Gamma and psi: the large terms cancel
        parts = np.arange(p, 0, -1) / 2 * np.log(a) + stirling_remainder(a) + 0.5 * _LOG_2PI
        pulls = [freedom * log_minus_digamma(half) for half in a.tolist()]
        constant = p * (p + 1) / 2 * math.log(2) + p * (p - 1) / 4 * (math.log(math.pi) + 1)
        return (p + 1) / 2 * log_determinant(self.scale) + constant + math.fsum([*parts, *pulls])

    def mean_log_determinant(self) -> float:
        """Mean of the logarithm of the determinant."""
        a = self._halves.tolist()
        logs = math.fsum(math.log(half) - log_minus_digamma(half) for half in a)
        return log_determinant(self.scale) + len(a) * math.log(2) + logs

    def divergence(self, q: Wishart) -> float:
        """Divergence."""
        return _wisharts(self.df, q.df, log_ratios(self.scale, q.scale))


@dataclass(frozen=True, eq=False)
class InverseWishart(JointLaw):
    """The law of the inverse of a Wishart matrix, ``df`` degrees of freedom and ``scale`` ``(p, p)``."""

    df: float
    scale: NDArray
    kind: ClassVar[str] = "an inverse Wishart law of matrices"

    @property
    def columns(self) -> int:
        """Size of the matrices."""
        return len(self.scale)

    def entropy(self) -> float:
        """Entropy of the elements on and above the diagonal."""
        of_inverse = Wishart(self.df, np.eye(self.columns))
        p, log_scale = self.columns, log_determinant(self.scale)
        # that of the inverse matrix, of scale^-1, and the Jacobian |X|^-(p + 1)
        return of_inverse.entropy() - (p + 1) * of_inverse.mean_log_determinant() + (p + 1) / 2 * log_scale

    def divergence(self, q: InverseWishart) -> float:
        """Divergence, which is that of the inverse matrices."""
        return _wisharts(self.df, q.df, -log_ratios(self.scale, q.scale))


def _wisharts(df: float, other: float, spreads: NDArray) -> float:
    """Divergence of a Wishart law from another, by way of the law of the first mean and the other df.

    ``spreads`` are the logarithms of the eigenvalues of one scale over the other.
    """
    j = np.arange(len(spreads)) / 2
    shift = (len(spreads) - 1) / 2  # where the multivariate log gamma function is singular

    def curvature(u: NDArray) -> NDArray:
        s = u[..., None] + (shift - j)
        return (trigamma_excess(s) + j / ((s + j) * s)).sum(axis=-1)

    apart = float(bregman(curvature, df / 2 - shift, other / 2 - shift, (other - df) / 2))
    step = log_ratio(df, other)
    return apart + other / 2 * math.fsum(excess(step + u) for u in spreads.tolist())


def _read_multinomial(d: Any) -> Multinomial:
    if np.ndim(d.n) or np.ndim(d.p) != 1:
        raise ValueError("a multinomial law is frozen at arrays of parameters; pass one distribution at a time")
    if np.any(d.npcond):
        raise ValueError(f"a multinomial law has parameters out of range: n={d.n}, p={d.p}")
    return Multinomial(int(d.n), np.asarray(d.p, dtype=np.float64))


READERS.update(
    {
        type(stats.dirichlet([1.0, 1.0])): lambda d: Dirichlet(np.asarray(d.alpha, dtype=np.float64)),
        type(stats.multinomial(1, [1.0])): _read_multinomial,
        type(stats.vonmises_fisher([1.0, 0.0], 1.0)): lambda d: Directions(np.asarray(d.mu), float(d.kappa)),
        type(stats.wishart(1, 1.0)): lambda d: Wishart(float(d.df), np.asarray(d.scale)),
        type(stats.invwishart(1, 1.0)): lambda d: InverseWishart(float(d.df), np.asarray(d.scale)),
    }
)
