"""Kullback-Leibler divergences within an exponential family, of terms that are never negative and do not cancel.

Most families are a gamma, normal or Bernoulli law in other words, which leaves a divergence as it is. Two parameters
are told apart by a law between them that has the mean of the first and the shape of the second: D(p||q) is then the
sum of the two divergences (Csiszar and Shields 2004, theorem 3.4), each of one parameter and without negative terms.
A logarithm of a ratio is taken from the difference, which is exact for values that are close.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from skinfo.utils._bessel import bessel_ratio
from skinfo.utils._gamma import deviance, trigamma_excess

_NODES, _WEIGHTS = legendre.leggauss(20)
_NODES, _WEIGHTS = (1 + _NODES) / 2, _WEIGHTS / 2
_TRIANGLE = _WEIGHTS * (1 - _NODES)
_PANEL = 4.0  # largest ratio of a panel's ends: its nodes are good to rounding for what is singular at 0

Theta = dict[str, float]
Divergence = Callable[[Theta, Theta], "float | None"]


def sharing(*names: str, of: Divergence) -> Divergence:
    """A divergence between laws that have some parameters in common; None where they do not.

    Parameters
    ----------
    *names : str
        These parameters.
    of : callable
        The divergence from all parameters of the two.

    Returns
    -------
    callable
        As `Family` has it.
    """

    def divergence(p: Theta, q: Theta) -> float | None:
        return of(p, q) if all(p[name] == q[name] for name in names) else None

    return divergence


def of_scales(power: float = 1.0, shape: float = 1.0) -> Divergence:
    """Divergence between laws where some power of x is gamma, of a shape that both have.

    Parameters
    ----------
    power : float
        The power.
    shape : float
        The shape.

    Returns
    -------
    callable
        As `Family` has it, for laws of one location.
    """
    return sharing("loc", of=lambda p, q: shape * excess(power * scales(p, q)))


def scales(p: Theta, q: Theta) -> float:
    """Logarithm of the ratio of two laws' scales.

    Parameters
    ----------
    p, q : dict
        Their parameters.

    Returns
    -------
    float
        The logarithm.
    """
    return log_ratio(p["scale"], q["scale"])


def log_ratio(x: float, y: float) -> float:
    """Logarithm of x / y, to rounding however close the two are.

    Parameters
    ----------
    x, y : float
        Positive.

    Returns
    -------
    float
        The logarithm.
    """
    return math.log1p((x - y) / y) if 0.5 * y < x < 2 * y else math.log(x) - math.log(y)


def log_odds_ratio(p: float, q: float) -> float:
    """Logarithm of (1 - p) / (1 - q), to rounding however close the two probabilities are.

    Parameters
    ----------
    p, q : float
        Between 0 and 1.

    Returns
    -------
    float
        The logarithm.
    """
    return math.log1p((q - p) / (1 - q)) if abs(p - q) < 0.5 * (1 - q) else math.log1p(-p) - math.log1p(-q)


def excess(u: float) -> float:
    """Compute exp(u) - 1 - u, the divergence of two exponential laws with means of log ratio u.

    Parameters
    ----------
    u : float
        Any.

    Returns
    -------
    float
        To rounding; infinite where it overflows.
    """
    if abs(u) > 0.5:
        return math.expm1(u) - u if u < 709 else math.inf
    total = 1.0
    for k in range(15, 2, -1):
        total = 1 + u / k * total
    return 0.5 * u * u * total


def bernoullis(p: float, q: float) -> float:
    """Divergence of a Bernoulli law from another.

    Parameters
    ----------
    p, q : float
        Probabilities between 0 and 1.

    Returns
    -------
    float
        In nats.
    """
    return p * excess(log_ratio(q, p)) + (1 - p) * excess(log_odds_ratio(q, p))


def normals(gap: float, log_sd_ratio: float) -> float:
    """Divergence of a normal law from another.

    Parameters
    ----------
    gap : float
        Difference of the means in units of the second standard deviation.
    log_sd_ratio : float
        Logarithm of the first standard deviation over the second.

    Returns
    -------
    float
        In nats.
    """
    return 0.5 * (excess(2 * log_sd_ratio) + gap * gap)


def johnsons(p: Theta, q: Theta) -> float:
    """Divergence between Johnson's laws of one location and scale: of normal laws with mean -a / b, deviation 1 / b.

    Parameters
    ----------
    p, q : dict
        Their parameters.

    Returns
    -------
    float
        In nats.
    """
    gap = (q["a"] - p["a"]) - p["a"] * ((q["b"] - p["b"]) / p["b"])
    return normals(gap, log_ratio(q["b"], p["b"]))


def gammas(a: float, b: float, log_mean_ratio: float) -> float:
    """Divergence of a gamma law of shape a from one of shape b.

    Parameters
    ----------
    a, b : float
        Shapes.
    log_mean_ratio : float
        Logarithm of the first mean over the second.

    Returns
    -------
    float
        In nats.
    """
    return float(shapes_apart(a, b)) + b * excess(log_mean_ratio)


def shapes_apart(a: Any, b: Any, gap: Any = None) -> NDArray:
    """Divergence of a gamma law from another one of the same mean, and what a Dirichlet's is put together from.

    Parameters
    ----------
    a, b : float or ndarray
        The shapes.
    gap : float or ndarray, optional
        The difference b - a where it is known to more digits than the two.

    Returns
    -------
    ndarray
        The integral of (b - s) (psi'(s) - 1 / s) over s from a to b.
    """
    return bregman(trigamma_excess, a, b, gap)


def bregman(curvature: Callable[[NDArray], NDArray], a: Any, b: Any, gap: Any = None) -> NDArray:
    """Bregman divergence of a convex function from its second derivative: the integral of (b - s) times it from a to b.

    Parameters
    ----------
    curvature : callable
        Its second derivative, on positive values.
    a, b : float or ndarray
        Positive ends.
    gap : float or ndarray, optional
        The difference b - a where it is known to more digits than the two.

    Returns
    -------
    ndarray
        To rounding for a curvature that is smooth in log s.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    gap = b - a if gap is None else np.asarray(gap)
    if (np.abs(gap) <= (1 - 1 / _PANEL) * np.maximum(a, b)).all():
        return gap * gap * (curvature(a[..., None] + _NODES * gap[..., None]) @ _TRIANGLE)
    panels = np.ceil(np.abs(np.log(b) - np.log(a)).max() / math.log(_PANEL))
    shares = np.linspace(0, 1, int(panels) + 1)
    edges = np.exp((1 - shares) * np.log(a)[..., None] + shares * np.log(b)[..., None])
    edges[..., 0], edges[..., -1] = a, b
    width = np.diff(edges)[..., None]
    s = edges[..., :-1, None] + _NODES * width
    with np.errstate(over="ignore"):
        values = (b[..., None, None] - s) * curvature(s) * width
        return (values @ _WEIGHTS).sum(axis=-1)


def directions(kappa: float, other: float, distance: float, p: int) -> float:
    """Divergence of a von Mises-Fisher law from another.

    Parameters
    ----------
    kappa, other : float
        Their concentrations.
    distance : float
        One minus the cosine of the angle between their mean directions.
    p : int
        Number of dimensions.

    Returns
    -------
    float
        In nats.
    """
    nu = p / 2 - 1

    def slope(s: NDArray) -> NDArray:
        return np.reshape([bessel_ratio(nu, x)[2] for x in s.ravel().tolist()], s.shape)

    return float(bregman(slope, kappa, other)) + other * kappa * bessel_ratio(nu, kappa)[1] * distance


def dirichlets(alpha: NDArray, beta: NDArray) -> float:
    """Divergence of a Dirichlet law from another; of a beta law, for two shapes.

    Parameters
    ----------
    alpha, beta : ndarray of shape (p,)
        The concentrations.

    Returns
    -------
    float
        In nats.
    """
    total, other = math.fsum(alpha), math.fsum(beta)
    change = beta - alpha
    rise, means = math.fsum(change), alpha * (other / total)
    gap = np.where(np.abs(change) < beta, change - alpha * (rise / total), beta - means)
    # log Gamma(s) is s log(s) - s, whose divergences add up to that of the mean shares, and the rest
    shares = deviance(gap, means)
    apart = shapes_apart(np.append(alpha, total), np.append(beta, other), np.append(change, rise))
    return math.fsum(shares) + float(apart[:-1].sum() - apart[-1])
