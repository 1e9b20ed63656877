"""Means of functions of a normal variable that families' entropies need, at any location and scale."""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import legendre
from scipy.special import ndtr

_NODES, _WEIGHTS = legendre.leggauss(16)
_REACH = 39.0  # where exp(-v) and, in standard deviations, the normal density are less than rounding
_STEPS = np.linspace(-_REACH, _REACH, 79)


def mean_excess(m: float, s: float) -> float:
    """Mean of max(v, 0), v normal of mean m and standard deviation s.

    Parameters
    ----------
    m, s : float
        Mean and standard deviation.

    Returns
    -------
    float
        To rounding.
    """
    t = m / s
    return s * math.exp(-t * t / 2) / math.sqrt(2 * math.pi) + m * float(ndtr(t))


def mean_log1p_exp(m: float, s: float) -> float:
    """Mean of log(1 + exp(-abs(v))), v normal of mean m and standard deviation s.

    Parameters
    ----------
    m, s : float
        Mean and standard deviation.

    Returns
    -------
    float
        To rounding, by Gauss-Legendre quadrature on panels that both factors are smooth on.
    """
    low, high = max(-_REACH, m - _REACH * s), min(_REACH, m + _REACH * s)
    if not low < high:  # where the function, or the spread, is less than rounding
        return math.log1p(math.exp(-abs(m))) if s <= abs(m) * 1e-17 else 0.0
    # in the coordinate of the narrower of the two, in which nothing cancels
    origin, unit = (m, s) if s < 1 else (0.0, 1.0)
    low, high = (low - origin) / unit, (high - origin) / unit
    edges = np.concatenate([[low, high], (_STEPS - origin) / unit, (m - origin + s * _STEPS) / unit])
    edges = np.unique(edges[(edges >= low) & (edges <= high)])
    half = np.diff(edges)[:, None] / 2
    u = edges[:-1, None] + half * (1 + _NODES)
    v, t = (m + s * u, u) if s < 1 else (u, (u - m) / s)
    density = np.exp(-t * t / 2) / (max(s, 1.0) * math.sqrt(2 * math.pi))
    return float((np.log1p(np.exp(-np.abs(v))) * density * half @ _WEIGHTS).sum())


def mean_log_cosh(m: float, s: float) -> float:
    """Mean of log(2 cosh(v / 2)), v normal of mean m and standard deviation s.

    Parameters
    ----------
    m, s : float
        Mean and standard deviation.

    Returns
    -------
    float
        To rounding.
    """
    distance = mean_excess(m, s) + mean_excess(-m, s)
    return distance / 2 + mean_log1p_exp(m, s)
