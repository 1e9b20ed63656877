"""Ends of profile-likelihood intervals."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from skinfo.classification._determined import FirthLikelihood, Likelihood
from skinfo.classification._information import Information, take_information, units_of
from skinfo.classification._lbfgs import Point, lbfgs
from skinfo.classification._objective import Objective
from skinfo.classification._preconditioners import Cholesky
from skinfo.classification._separation import Separation, endless

# What is left at an end: in nats off the profile, and in standard errors along it.
_TOL = 1e-6
# More nats than this off the profile: back to it before a step along it.
_OFF = 1.0
# Where a step's end is not foretold to so many nats, it is not taken; where it is to so few, the next may be longer.
_LOST, _SURPRISE = 10.0, 0.1
# Log odds that a step may change by after one that was not taken: the curvature then changes by few powers of e.
_REACH = 4.0
_LONGER = 4.0
# Steps back to the profile in one metric: one of Newton's, or some of L-BFGS.
_BACK = {True: 1, False: 10}
_MAX_ITER = 200


class _Place:
    """A point with the curvature there."""

    def __init__(self, likelihood: Likelihood, point: Point):
        self.point, self.curvature = point, likelihood.curvature(point.theta)
        self.factor = Cholesky(self.curvature, np.ones(point.theta.size))

    def foretell(self, step: NDArray) -> float:
        """Return the value that two derivatives give a step's end."""
        return self.point.value + float(step @ self.point.gradient) + 0.5 * float(step @ self.curvature @ step)


@dataclass
class _Profile:
    """The likelihood near a point as a function of one contrast, and what leads to its profile.

    With H the second derivatives and a the contrast's, steps off the profile are H's inverse times the gradient
    less its part along the inverse times a, which leaves the contrast as it is.

    Parameters
    ----------
    place : _Place
        Where H is taken.
    contrast : ndarray of shape (n,)
        a.
    """

    place: _Place
    contrast: NDArray

    def __post_init__(self):
        along = self.place.factor.solve(self.contrast)
        self.curvature = 1.0 / float(self.contrast @ along)
        # What keeps to the profile while the contrast changes by one.
        self.tangent = self.curvature * along

    def solve(self, gradient: NDArray) -> NDArray:
        """Return the step, but for the sign, that leads to the profile."""
        newton = self.place.factor.solve(gradient)
        return newton - (self.contrast @ newton) * self.tangent

    def slope(self, gradient: NDArray) -> float:
        """Return the profile's derivative in the contrast."""
        return float(self.tangent @ gradient)


def profile_intervals(objective: Objective, theta: NDArray, found: Information, drop: float) -> NDArray:
    """Find how far every contrast can go before its profile log-likelihood falls by a drop.

    Parameters
    ----------
    objective : Objective
        Over all rows.
    theta : ndarray
        Where the fit ended.
    found : Information
        What the fit left.
    drop : float
        In nats.

    Returns
    -------
    ndarray of shape (size, 2)
        Lower and upper ends, infinite where separable labels leave none; nan where the rows determine no
        contrast, or where an end was not found, which warns.

    Raises
    ------
    ValueError
        If labels are separable and too many to say which ends are infinite.
    """
    likelihood, contrasts, ceiling = _about(objective, theta, found, drop)
    none = endless(objective, units_of(objective)) if found.separable else np.zeros((objective.size, 2), dtype=bool)
    ends = np.where(none, [-np.inf, np.inf], np.nan)
    origin = found.jacobian @ likelihood.origin.ravel()
    determined = np.isfinite(contrasts).all(axis=1)
    ends[~determined] = np.nan
    at = np.zeros(contrasts.shape[1])
    start = _Place(likelihood, Point(at, *likelihood(at)))
    for i, j in np.argwhere(~none & determined[:, None]):
        ends[i, j] = origin[i] + _profile_end(likelihood, start, contrasts[i], 2 * int(j) - 1, ceiling)
    missed = int(np.isnan(ends[determined]).sum())
    if missed:
        message = f"{missed} ends of profile-likelihood intervals were not found and are nan; use method='wald' there"
        warnings.warn(message, ConvergenceWarning, stacklevel=3)
    return ends


def _about(objective: Objective, theta: NDArray, found: Information, drop: float) -> tuple[Likelihood, NDArray, float]:
    """Return the likelihood about a point to start from, the contrasts' derivatives, and where intervals end."""
    kind = FirthLikelihood if found.bias_reduced else Likelihood
    if not found.separable:
        contrasts, frame = found.factors()
        likelihood = kind(objective, theta, frame)
        best, _ = likelihood(np.zeros(frame.shape[1]))
        return likelihood, contrasts, best + drop
    # On the way to infinity curvature is lost: coordinates from where there is some, and a start on the way back.
    contrasts, frame = take_information(objective, np.zeros_like(theta), Separation("none")).factors()
    best, _ = kind(objective, theta, frame)(np.zeros(frame.shape[1]))
    return kind(objective, 0.5 * theta, frame), contrasts, best + drop


def _profile_end(likelihood: Likelihood, place: _Place, contrast: NDArray, side: int, ceiling: float) -> float:
    """Find how far a contrast can go before its profile rises to a ceiling.

    Every step is one of Newton's for the contrast and the other parameters together [1]_, but where the point is
    far from the profile or the step is so long that the second derivatives say nothing about its end: there it
    is a step towards the profile, or a shorter one. The first goes to the Wald interval's end.

    Parameters
    ----------
    likelihood : Likelihood
        Minus a log-likelihood, convex at least near its minimum.
    place : _Place
        Where to start.
    contrast : ndarray of shape (n,)
        The contrast's derivatives.
    side : {-1, 1}
        Whether the lower or the upper end.
    ceiling : float
        What minus the log-likelihood, the other parameters at their best, has at the end.

    Returns
    -------
    float
        The contrast at the end less that at the likelihood's origin, to 1e-6 of a standard error; nan if that
        is not reached.

    References
    ----------
    .. [1] Venzon, D. J. and Moolgavkar, S. H. (1988). A method for computing profile-likelihood-based confidence
       intervals. Applied Statistics 37, 87-94.
    """
    within, beyond, reach = -np.inf, np.inf, np.inf
    for _ in range(_MAX_ITER):
        point, profile = place.point, _Profile(place, contrast)
        off = profile.solve(point.gradient)
        excess = float(off @ point.gradient)
        if excess > (_OFF if likelihood.is_exact else _TOL):
            back = lbfgs(likelihood, point, profile, tol=0.5 * _TOL**0.5, max_iter=_BACK[likelihood.is_exact])
            if back.n_iter == point.n_iter:
                return np.nan
            place = _Place(likelihood, back)
            continue
        rest = ceiling - (point.value - 0.5 * excess)
        now = side * float(contrast @ point.theta)
        # The profile is not above the point; that it is not much below is sure only near it.
        if point.value <= ceiling:
            within = max(within, now)
        elif excess <= _TOL:
            beyond = min(beyond, now)
        change = side * _root(side * profile.slope(point.gradient), profile.curvature, rest)
        if excess <= _TOL and abs(change) * np.sqrt(profile.curvature) <= _TOL:
            return float(contrast @ point.theta) + change
        bracketed = -np.inf < within < beyond < np.inf
        if bracketed and excess <= _TOL and not within < now + side * change < beyond:
            change = side * (0.5 * (within + beyond) - now)
        step = change * profile.tangent - off
        length = np.inf
        if reach < np.inf:
            length = likelihood.reach(step)
            step *= reach / max(reach, length)
        at = point.theta + step
        with np.errstate(over="ignore", invalid="ignore"):
            new = Point(at, *likelihood(at))
        surprise = abs(new.value - place.foretell(step))
        if not surprise <= _LOST:
            reach = min(_REACH, min(reach, length) / _LONGER)
            continue
        reach *= _LONGER if surprise <= _SURPRISE else 1.0
        place = _Place(likelihood, new)
    return np.nan


def _root(slope: float, curvature: float, rest: float) -> float:
    """Return the larger root t of ``slope t + curvature t^2 / 2 = rest``, or where the tangent is at rest."""
    square = slope**2 + 2.0 * curvature * rest
    if square < 0 or (slope > 0 and rest < 0 and square < 0.25 * slope**2):
        return rest / slope
    root = np.sqrt(square)
    return 2.0 * rest / (slope + root) if slope > 0 else (root - slope) / curvature
