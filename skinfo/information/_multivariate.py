"""Entropy, cross entropy and divergences of laws of any number of columns, in nats."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import cholesky, eigh, solve_triangular, svdvals

from skinfo.families._divergences import excess
from skinfo.information import _joint_laws  # noqa: F401 - which makes their laws known
from skinfo.information import _student as student
from skinfo.information import _univariate as univariate
from skinfo.information._expectations import expect
from skinfo.information._labels import order_of_columns
from skinfo.information._laws import JointLaw, Law, Normal, Univariate, as_law
from skinfo.information._laws import univariate as read
from skinfo.information._spreads import log_ratios
from skinfo.information._student import StudentT

_STANDARD = read(stats.norm())
_LOG_2PI = math.log(2 * math.pi)
_SUBSPACE = 1e-8  # a direction's share outside a subspace that rounding explains


def as_laws(p: Any, q: Any) -> tuple[Law, Law]:
    """Read two laws, the second one's columns in the order of the first one's names.

    Parameters
    ----------
    p, q : object
        As for `as_law`; estimators that were fitted to named columns have names.

    Returns
    -------
    tuple of laws
        The two.

    Raises
    ------
    ValueError
        If both have names and these are not the same ones; and as `as_law`.
    """
    laws = as_law(p, "p"), as_law(q, "q")
    order = order_of_columns(p, q)
    return laws if order is None else (laws[0], _reordered(laws[1], order))


def _reordered(law: Any, order: NDArray) -> Law:
    """Law with its columns in another order."""
    if isinstance(law, list):
        return [law[i] for i in order]
    arrays = {f.name: getattr(law, f.name) for f in fields(law)}
    moved = {key: a[np.ix_(*[order] * a.ndim)] for key, a in arrays.items() if isinstance(a, np.ndarray)}
    return replace(law, **moved)


def entropy(p: Law) -> float:
    """H(p)."""
    if isinstance(p, JointLaw):
        return p.entropy()
    if isinstance(p, Normal):
        return 0.5 * p.rank * (_LOG_2PI + 1) + _Whitening.of(p).log_det
    return math.fsum(map(univariate.entropy, _columns(p)))


def cross_entropy(p: Law, q: Law) -> float:
    """H(p, q), infinite where p has mass outside the support of q."""
    p, q = _matched(p, q)
    if isinstance(p, StudentT) or isinstance(q, StudentT):
        return student.cross_entropy(*_comparable(p, q))
    if isinstance(p, JointLaw) or isinstance(q, JointLaw):
        a, b = _comparable(p, q)
        return a.entropy() + a.divergence(b)
    if not isinstance(q, Normal):
        return sum(univariate.cross_entropy(a, b) for a, b in zip(_columns(p), _columns(q)))
    if not isinstance(p, Normal):
        p = _with_moments_of(_columns(p))
        if not np.isfinite(p.cov).all():
            return math.inf
    whitening = _Whitening.of(q)
    if whitening.misses(p):
        return math.inf
    ratio, shift = whitening.ratio(p), whitening.shift(p)
    return 0.5 * (q.rank * _LOG_2PI + math.fsum(ratio * ratio) + shift) + whitening.log_det


def kl_divergence(p: Law, q: Law) -> float:
    """D(p||q), infinite where p has mass outside the support of q or lies in a smaller subspace."""
    if isinstance(p, Univariate) and isinstance(q, Univariate):
        univariate.check_pair(p, q, ("p", "q"))
        return univariate.kl_divergence(p, q)
    p, q = _matched(p, q)
    if isinstance(p, Normal) and isinstance(q, StudentT):
        return max(cross_entropy(p, q) - entropy(p), 0.0)
    if isinstance(p, JointLaw) or isinstance(q, JointLaw):
        a, b = _comparable(p, q)
        return a.divergence(b)
    if not isinstance(q, Normal):
        columns = zip(_columns(p), _columns(q))
        # D(p||q) = D(p||product of p's marginals) + sum of D(p_j||q_j)
        dependence = _kl_normals(p, _independent(p)) if isinstance(p, Normal) else 0.0
        return dependence + sum(univariate.kl_divergence(a, b) for a, b in columns)
    if not isinstance(p, Normal):
        return cross_entropy(p, q) - entropy(p)
    return _kl_normals(p, q)


def js_divergence(p: Law, q: Law) -> float:
    """Jensen-Shannon divergence, of one column only."""
    p, q = _matched(p, q)
    if not (isinstance(p, Univariate) and isinstance(q, Univariate)):
        raise TypeError(
            "js_divergence of distributions of several columns has no closed form and is not integrated; "
            "take it column by column, or use kl_divergence"
        )
    return univariate.js_divergence(p, q)


def _comparable(p: Law, q: Law) -> tuple[Any, Any]:
    """Two laws of one kind, or a Student and a normal one; anything else is refused."""
    if type(p) is type(q) or {type(p), type(q)} == {StudentT, Normal}:
        for law in (p, q):
            if isinstance(law, Normal) and law.rank < len(law.mean):
                raise ValueError("a normal law in a subspace has no divergence from a Student law, which has none")
        return p, q
    kinds = [law.kind if isinstance(law, JointLaw) else "another law" for law in (p, q)]
    raise TypeError(
        f"p is {kinds[0]} and q is {kinds[1]}: no closed form compares them, if they have a divergence at all; use two "
        "of one kind, or draw rows from p and pass them: cross_entropy(X, q)"
    )


def _kl_normals(p: Normal, q: Normal) -> float:
    whitening = _Whitening.of(q)
    if p.rank != q.rank or whitening.misses(p):
        return math.inf
    shift = whitening.shift(p)
    if np.array_equal(p.cov, q.cov):
        return 0.5 * shift
    full = q.rank == len(q.mean)
    spreads = log_ratios(p.cov, q.cov) if full else 2 * np.log(whitening.ratio(p)[: q.rank])
    return 0.5 * (math.fsum(map(excess, spreads.tolist())) + shift)


class _Whitening(NamedTuple):
    """A normal law's standardisation: z = W'(x - mean), with the subspace in which x lies."""

    law: Normal
    factor: NDArray  # Cholesky factor, or W where the covariance is singular
    null: NDArray  # orthonormal columns that x - mean is orthogonal to
    log_det: float  # half the log (pseudo-)determinant of the covariance

    @classmethod
    def of(cls, law: Normal) -> _Whitening:
        p = len(law.mean)
        if law.rank == p:
            factor = cholesky(law.cov, lower=True)
            return cls(law, factor, np.empty((p, 0)), float(np.log(np.diag(factor)).sum()))
        values, vectors = eigh(law.cov)
        kept = slice(p - law.rank, None)
        scale = np.sqrt(values[kept])
        return cls(law, vectors[:, kept] / scale, vectors[:, : p - law.rank], float(np.log(scale).sum()))

    def __call__(self, x: NDArray) -> NDArray:
        if self.null.size:
            return self.factor.T @ x
        return solve_triangular(self.factor, x, lower=True, check_finite=False)

    def shift(self, p: Normal) -> float:
        """Squared Mahalanobis distance of another law's mean."""
        z = self(p.mean - self.law.mean)
        return float(z @ z)

    def ratio(self, p: Normal) -> NDArray:
        """Singular values of another law's factor after standardisation, largest first."""
        return svdvals(self(_factor(p)))

    def misses(self, p: Normal) -> bool:
        """Whether another law has mass outside the subspace."""
        if not self.null.size:
            return False
        factor, gap = _factor(p), p.mean - self.law.mean
        out = np.linalg.norm(self.null.T @ factor), np.linalg.norm(self.null.T @ gap)
        return bool(out[0] > _SUBSPACE * np.linalg.norm(factor) or out[1] > _SUBSPACE * np.linalg.norm(gap))


def _factor(law: Normal) -> NDArray:
    """Compute a matrix F with F F' = cov."""
    if law.rank == len(law.mean):
        return cholesky(law.cov, lower=True)
    values, vectors = eigh(law.cov)
    kept = slice(len(law.mean) - law.rank, None)
    return vectors[:, kept] * np.sqrt(values[kept])


def _matched(p: Law, q: Law) -> tuple[Law, Law]:
    """Check the columns and kinds, and write products of normals as one law next to a multivariate normal."""
    if (n := n_columns(p)) != (m := n_columns(q)):
        raise ValueError(
            f"p has {n} column{'s' * (n > 1)} and q has {m}; they must be distributions of the same variables"
        )
    if isinstance(p, JointLaw) or isinstance(q, JointLaw):
        return p, q
    if isinstance(q, Normal) and not isinstance(p, Normal):
        p = _joint(_columns(p)) or p
    elif isinstance(p, Normal) and not isinstance(q, Normal):
        q = _joint(_columns(q)) or q
    if not (isinstance(p, Normal) or isinstance(q, Normal)):
        for j, (a, b) in enumerate(zip(_columns(p), _columns(q))):
            names = ("p", "q") if n == 1 else (f"column {j} of p", f"column {j} of q")
            univariate.check_pair(a, b, names)
    return p, q


def n_columns(law: Law) -> int:
    """Count the variables."""
    if isinstance(law, JointLaw):
        return law.columns
    return len(law.mean) if isinstance(law, Normal) else len(_columns(law))


def _columns(law: Any) -> list[Univariate]:
    """List the marginals of a normal law, or of a product."""
    if isinstance(law, Normal):
        return [read(stats.norm(float(m), math.sqrt(v))) for m, v in zip(law.mean, np.diag(law.cov))]
    return law if isinstance(law, list) else [law]


def _joint(columns: list[Univariate]) -> Normal | None:
    """Write a product of normal laws as one law; None where one is not normal."""
    if any(c.family is None or c.family.name != "norm" for c in columns):
        return None
    return Normal(np.array([c.loc for c in columns]), np.diag([c.scale**2 for c in columns]), len(columns))


def _independent(p: Normal) -> Normal:
    return Normal(p.mean, np.diag(np.diag(p.cov)), len(p.mean))


def _with_moments_of(columns: list[Univariate]) -> Normal:
    """Normal law with the means and variances of independent columns, which a normal log density asks for no more."""
    for j, column in enumerate(columns):
        univariate.check_pair(column, _STANDARD, (f"column {j} of p", "q"))
    moments = [_moments(column) for column in columns]
    mean, variance = (np.array(m) for m in zip(*moments))
    return Normal(mean, np.diag(variance), len(columns))


def _moments(p: Univariate) -> tuple[float, float]:
    """Mean and variance; the latter is infinite where there is none."""
    mean = expect(p, lambda y: y, np.empty(0))
    if not math.isfinite(mean):
        return 0.0, math.inf

    def square(y: NDArray) -> NDArray:
        with np.errstate(over="ignore"):
            return (y - mean) ** 2

    return p.loc + p.scale * mean, p.scale**2 * expect(p, square, np.empty(0))
