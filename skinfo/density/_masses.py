"""Probabilities of the cells of recorded values, on which families of integers and of real numbers compare."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from skinfo.likelihood import MarginalFit
from skinfo.measures import Rows

_LARGEST = 2.0**53  # beyond, every float is an integer
_SPREAD, _VALUES = 5, 10  # units in a standard deviation, and distinct values, from which real numbers may be meant
_RULES = [(nodes, np.log(weights)) for nodes, weights in map(np.polynomial.legendre.leggauss, (5, 3))]
_AGREE = 1e-7  # of two rules, where the finer one has rounding left


def unit_of(rows: Rows) -> float:
    """What whole numbers are recorded in: the greatest common divisor of their differences.

    Parameters
    ----------
    rows : Rows
        One column.

    Returns
    -------
    float
        0 where there are fractions, or one value only.
    """
    exact = max(abs(rows.lowest), abs(rows.highest)) < _LARGEST
    if not exact or not all((block == np.floor(block)).all() for block, _ in rows.blocks(width=2)):
        return 0.0
    return float(np.gcd.reduce(np.diff(rows.table().x).astype(np.int64), initial=0))


def too_coarse(rows: Rows, unit: float) -> str:
    """Why whole numbers are no recorded real ones; empty where they may be.

    Parameters
    ----------
    rows : Rows
        One column.
    unit : float
        What they are recorded in.

    Returns
    -------
    str
        What there is too little of.
    """
    distinct, deviation = len(rows.table()), math.sqrt(rows.moments()[1])
    if distinct < _VALUES:
        return f"{distinct} distinct values, fewer than {_VALUES}"
    return (
        f"a standard deviation of {deviation:.3g}, less than {_SPREAD} units of {unit:g}"
        if deviation < _SPREAD * unit
        else ""
    )


def log_masses(fit: MarginalFit, x: NDArray, unit: float) -> NDArray:
    """Log probability of what is recorded as x: of (x - unit / 2, x + unit / 2].

    Parameters
    ----------
    fit : MarginalFit
        A distribution.
    x : ndarray of shape (n,)
        Recorded values.
    unit : float
        What they are recorded in.

    Returns
    -------
    ndarray of shape (n,)
        By Gauss-Legendre rules of the density, which keep their digits in the tails; by the distribution function on
        its smaller side where the density is not smooth enough for these.
    """
    if fit.family.discrete and unit == 1:
        return fit.log_prob(x)
    fine, coarse = (_by_rule(fit, x, unit / 2, *rule) for rule in _RULES)
    with np.errstate(invalid="ignore"):
        rough = fit.family.discrete | ~(np.abs(fine - coarse) < _AGREE)
    if rough.any():
        masses = _between(fit.distribution, x[rough] - unit / 2, x[rough] + unit / 2)
        fine[rough] = np.where(np.isfinite(masses), masses, fine[rough])  # or so far out that they underflow
    return fine


def _by_rule(fit: MarginalFit, x: NDArray, radius: float, nodes: NDArray, log_weights: NDArray) -> NDArray:
    at = (x + radius * nodes[:, None]).ravel()
    values = fit.log_prob(np.rint(at) if fit.family.discrete else at).reshape(len(nodes), -1)
    return logsumexp(values + log_weights[:, None], axis=0) + math.log(radius)


def _between(distribution: Any, low: NDArray, high: NDArray) -> NDArray:
    with np.errstate(all="ignore"):
        above, below = distribution.logsf(low), distribution.logcdf(high)
        larger = np.minimum(above, below)
        smaller = np.where(above < below, distribution.logsf(high), distribution.logcdf(low))
        return np.where(np.isneginf(larger), -np.inf, larger + np.log(-np.expm1(smaller - larger)))
