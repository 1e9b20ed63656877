"""The multivariate Student law: its entropy in closed form, cross entropies by quadrature over its mixing variable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import cholesky, eigh, solve_triangular

from skinfo.families import get_family
from skinfo.information._expectations import expect
from skinfo.information._laws import READERS, JointLaw, Law, Normal, as_law, univariate
from skinfo.information._spreads import log_determinant
from skinfo.utils import row_blocks
from skinfo.utils._gamma import digamma_gap

_STEP = 0.25  # of the trapezoid rule in log t, whose error falls like exp(-pi^2 / step)
_LATE = 3.7  # log t from where exp(-t) is less than rounding
_EARLY = -40.0  # and where t Q is
_SMALLEST = 1e-250  # precision next to the sizes, below which log(1 + Q) is log(Q)


@dataclass(frozen=True, eq=False)
class StudentT(JointLaw):
    """Student's t law of p columns: ``loc`` ``(p,)``, ``shape`` ``(p, p)`` and ``df``."""

    loc: NDArray
    shape: NDArray
    df: float
    kind: ClassVar[str] = "a Student law"

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.loc)

    @property
    def height(self) -> float:
        """Log density at the location."""
        return float(self.log_prob(self.loc[None])[0])

    def entropy(self) -> float:
        """Entropy (Kotz and Nadarajah 2004, section 1.8)."""
        df, p = self.df, self.columns
        return (df + p) / 2 * float(digamma_gap(df / 2, p / 2)) - self.height

    def log_prob(self, x: NDArray) -> NDArray:
        """Log density of each row."""
        return get_family("multivariate_t").log_prob(x, {"loc": self.loc, "shape": self.shape, "df": np.array(self.df)})

    def divergence(self, q: StudentT | Normal) -> float:
        """Divergence from a Student or normal law, to rounding of the two entropies it is the difference of."""
        if isinstance(q, StudentT) and self.df == q.df and _equal(self, q):
            return 0.0
        return max(cross_entropy(self, q) - self.entropy(), 0.0)


def _equal(p: StudentT, q: StudentT) -> bool:
    return np.array_equal(p.loc, q.loc) and np.array_equal(p.shape, q.shape)


def cross_entropy(p: StudentT | Normal, q: StudentT | Normal) -> float:
    """H(p, q) where one of the two is a Student law.

    Parameters
    ----------
    p, q : StudentT or Normal
        Laws of as many columns.

    Returns
    -------
    float
        In nats; infinite where q is normal and p has no variance.

    Notes
    -----
    A Student variable is normal given its precision w, of a gamma law. With Q the distance of x from the centre of q,
    log(1 + Q) is the integral of exp(-t) (1 - exp(-t Q)) / t, and the mean of exp(-t Q) under a normal law is
    elementary.
    """
    center, cov = (q.loc, q.shape) if isinstance(q, StudentT) else (q.mean, q.cov)
    mean, spread = (p.loc, p.shape) if isinstance(p, StudentT) else (p.mean, p.cov)
    factor = cholesky(cov, lower=True)
    half = solve_triangular(factor, spread, lower=True)
    sizes, axes = eigh(solve_triangular(factor, half.T, lower=True))
    shifts = (axes.T @ solve_triangular(factor, mean - center, lower=True)) ** 2
    if isinstance(q, Normal):
        precision = math.inf if p.df <= 2 else p.df / (p.df - 2)  # type: ignore[union-attr]
        distance = precision * float(sizes.sum()) + float(shifts.sum())
        return 0.5 * (len(sizes) * math.log(2 * math.pi) + log_determinant(cov) + distance)

    half_df = p.df / 2 if isinstance(p, StudentT) else 1.0

    def at(w: NDArray) -> NDArray:
        with np.errstate(over="ignore"):  # infinite precision is none too much
            precision = w / half_df
        return _mean_log1p(sizes / q.df, shifts / q.df, precision)

    normal = isinstance(p, Normal)
    mean_log = float(at(np.ones(1))[0]) if normal else expect(univariate(stats.gamma(half_df)), at, np.empty(0))
    return (q.df + q.columns) / 2 * mean_log - q.height


def _mean_log1p(sizes: NDArray, shifts: NDArray, precision: NDArray) -> NDArray:
    """Mean of log(1 + Q) for each precision w, Q being a sum of (z sqrt(size / w) + sqrt(shift))^2, z normal."""
    out = np.empty(len(precision))
    floor = _SMALLEST * max(1.0, float(sizes.sum()))
    inverse = 1 / np.maximum(precision, floor)
    for block in row_blocks(len(precision), 1000):
        largest = float(sizes.sum() * inverse[block].max() + shifts.sum())
        t = np.exp(np.arange(_EARLY - math.log1p(largest), _LATE, _STEP))
        log_mean = np.zeros((len(inverse[block]), len(t)))  # of exp(-t Q)
        for size, shift in zip(sizes, shifts):
            spread = np.multiply.outer(2 * size * inverse[block], t)
            log_mean -= 0.5 * np.log1p(spread) + shift * t / (1 + spread)
        out[block] = _STEP * (-np.expm1(log_mean) @ np.exp(-t))
    with np.errstate(divide="ignore"):
        return out + np.maximum(math.log(floor) - np.log(precision), 0.0)


READERS[type(stats.multivariate_t([0.0]))] = lambda d: _read(d)


def _read(d: Any) -> Law:
    if math.isinf(d.df):
        return as_law(stats.multivariate_normal(d.loc, d.shape), "the limit of a Student law")
    if len(np.atleast_1d(d.loc)) == 1:
        return univariate(stats.t(float(d.df), float(d.loc[0]), math.sqrt(d.shape[0, 0])))
    if d.shape_info.rank < len(np.atleast_1d(d.loc)):
        raise ValueError("a multivariate t law has a singular shape; drop columns that others determine")
    return StudentT(np.atleast_1d(d.loc), np.atleast_2d(d.shape), float(d.df))
