"""A safeguarded Newton iteration that ends with a certificate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Spectrum = tuple[NDArray, NDArray]  # eigenvalues and eigenvectors

_ROUNDING = 1e-13  # relative noise of a mean log-likelihood
_HIDDEN = 1e-10  # a relative gain that the cancellation of large terms may hide
_CHORD_STEPS = 10
_FAR = 3.0  # standard errors from the optimum
_READABLE = 1e-3  # standard errors that rounding may leave of a score for it to certify a maximum
_REFINE = 0.1  # standard errors from the optimum: near enough to take the information there, once


@dataclass
class Objective:
    """A mean log-likelihood in unconstrained coordinates.

    Parameters
    ----------
    value, gradient : callable
        Of the coordinates ``(k,)``.
    noise, rounding : callable
        Of the coordinates: how far rounding may move the gradient, ``(k,)``, and the value.
    total : float
        Sum of the weights, which turns means into totals.
    steps : callable
        Of the coordinates: how far to go for a difference of the gradient, ``(k,)``.
    spacing : callable
        Of the coordinates: that of floating-point numbers there, ``(k,)``.
    reach : ndarray of shape (k,)
        The longest step in each coordinate.
    differences : {1, 2, 4}
        Evaluations of the gradient for each column of the information: one where each is a pass over many rows.
    """

    value: Callable[[NDArray], float]
    gradient: Callable[[NDArray], NDArray]
    noise: Callable[[NDArray], NDArray]
    rounding: Callable[[NDArray], float]
    total: float
    steps: Callable[[NDArray], NDArray]
    spacing: Callable[[NDArray], NDArray]
    reach: NDArray
    differences: int

    def along(self, i: int, value: float) -> Objective:
        """The same function of the other coordinates.

        Parameters
        ----------
        i : int
            The coordinate that is held.
        value : float
            Where.

        Returns
        -------
        Objective
            Of one coordinate fewer.
        """

        def whole(u: NDArray) -> NDArray:
            return np.insert(u, i, value)

        def rest(f: Callable[[NDArray], NDArray]) -> Callable[[NDArray], NDArray]:
            return lambda u: np.delete(f(whole(u)), i)

        return replace(
            self,
            value=lambda u: self.value(whole(u)),
            gradient=rest(self.gradient),
            noise=rest(self.noise),
            rounding=lambda u: self.rounding(whole(u)),
            steps=rest(self.steps),
            spacing=rest(self.spacing),
            reach=np.delete(self.reach, i),
        )

    def information(self, u: NDArray, gradient: NDArray, *, differences: int | None = None) -> NDArray:
        """Minus the Hessian of the mean log-likelihood, by differences of the score.

        Parameters
        ----------
        u : ndarray of shape (k,)
            Where.
        gradient : ndarray of shape (k,)
            The score there.
        differences : {1, 2, 4}, optional
            How many for each column, if not as many as are affordable.

        Returns
        -------
        ndarray of shape (k, k)
            Relative error about 1e-12 (four differences), 1e-10 (two) or 1e-7 (one).
        """
        with np.errstate(all="ignore"):
            count = differences or self.differences
            columns = [self._column(u, gradient, i, size, count) for i, size in enumerate(self.steps(u))]
            information = -np.array(columns)
            return (information + information.T) / 2

    def _column(self, u: NDArray, gradient: NDArray, i: int, least: float, differences: int) -> NDArray:
        def slope(step: float) -> NDArray:
            up, down = u.copy(), u.copy()
            up[i] += step
            if differences == 1:
                return (self.gradient(up) - gradient) / (up[i] - u[i])  # what rounding leaves of the step
            down[i] -= step
            return (self.gradient(up) - self.gradient(down)) / (up[i] - down[i])

        match differences:
            case 1:
                return slope(least)
            case 2:
                return slope(max(1e-5, least))
        return (4 * slope(1e-3) - slope(2e-3)) / 3

    def decrement(self, gradient: NDArray, information: NDArray) -> float:
        """Distance to the optimum in standard errors, sqrt(g' I^-1 g) of the totals.

        Parameters
        ----------
        gradient : ndarray of shape (k,)
            Mean score.
        information : ndarray of shape (k, k)
            Mean observed information.

        Returns
        -------
        float
            Infinite where the information is not positive definite.
        """
        return self._distance(gradient, _eigen(information))

    def _distance(self, gradient: NDArray, spectrum: Spectrum) -> float:
        values, vectors = spectrum
        if not (values > 0).all():
            return math.inf
        return math.sqrt(self.total * float(((vectors.T @ gradient) ** 2 / values).sum()))

    def reached(self, decrement: float, tol: float, u: NDArray, information: NDArray) -> bool:
        """Whether a decrement is within the tolerance, or what the spacing of the parameters leaves if that is more.

        Parameters
        ----------
        decrement : float
            Distance to the optimum in standard errors.
        tol : float
            Asked for.
        u : ndarray of shape (k,)
            Where.
        information : ndarray of shape (k, k)
            There.

        Returns
        -------
        bool
            False where the decrement is infinite.
        """
        if decrement <= tol or not math.isfinite(decrement):
            return decrement <= tol
        spacing = self.spacing(u)
        return decrement**2 <= self.total * float(spacing @ information @ spacing)


@dataclass
class Optimum:
    """Where an iteration ended, and how far from the optimum that is."""

    u: NDArray
    information: NDArray
    decrement: float
    n_iter: int
    converged: bool
    value: float
    noise: float = 0.0  # of the decrement, from the rounding of the gradient


def newton(
    objective: Objective,
    u: NDArray,
    *,
    tol: float,
    max_iter: int,
    stop: Callable[[NDArray], bool] = lambda u: False,  # noqa: ARG005
) -> Optimum:
    """Maximise by Newton steps, the information's eigenvalues made positive, each step checked by the value.

    Parameters
    ----------
    objective : Objective
        What to maximise.
    u : ndarray of shape (k,)
        Start.
    tol : float
        Decrement to reach.
    max_iter : int
        Steps at most.
    stop : callable, optional
        Ends the iteration where it returns True: at a limit of the parameter space.

    Returns
    -------
    Optimum
        The last point and its certificate.
    """
    value, gradient = objective.value(u), objective.gradient(u)
    far = True
    for n_iter in range(max_iter + 1):
        information = objective.information(u, gradient, differences=1 if far and n_iter < max_iter else None)
        spectrum = _eigen(information)
        decrement = objective._distance(gradient, spectrum)
        if far and not _FAR < decrement < math.inf:  # one-sided differences are good enough to come near
            far = False
            information = objective.information(u, gradient)
            spectrum = _eigen(information)
            decrement = objective._distance(gradient, spectrum)
        if decrement <= tol or n_iter == max_iter or stop(u):
            break
        spectrum = _positive(spectrum)
        step = _ascent_step(gradient, spectrum, objective.reach)
        slope = float(gradient @ step)
        merit = _norm(gradient, spectrum)
        rounding = objective.rounding(u)
        for halving in range(40):
            trial = u + step * 0.5**halving
            new_value = objective.value(trial)
            if not math.isfinite(new_value):
                continue
            noise = _ROUNDING * (1 + abs(value)) + rounding
            if new_value >= value + 1e-4 * 0.5**halving * slope + noise:
                new_gradient = objective.gradient(trial)
                break
            if new_value >= value - noise or slope < _HIDDEN * (1 + abs(value)) + rounding:  # the gradient can tell
                new_gradient = objective.gradient(trial)
                if _norm(new_gradient, spectrum) < 0.9 * merit:
                    break
        else:
            break  # nothing better within rounding: the decrement says how far that is
        u, value, gradient = trial, new_value, new_gradient
    noise = objective.decrement(objective.noise(u), information)
    readable = noise <= max(tol, _READABLE)
    converged = readable and (objective.reached(decrement, tol, u, information) or decrement <= noise)
    return Optimum(u, information, decrement, n_iter, converged, value, noise)


def chord(objective: Objective, start: Optimum, *, tol: float, exact: bool = False) -> Optimum | None:
    """Finish on all rows what was begun on some, with gradients only.

    The subsample's information is within a few percent of the whole's, so each pass gains a digit or more
    (Erdogdu and Montanari 2015); near the optimum it is replaced by that of all rows.

    Parameters
    ----------
    objective : Objective
        On all rows.
    start : Optimum
        The optimum of a subsample.
    tol : float
        Decrement to reach.
    exact : bool, default=False
        Whether the start's information is that of all rows already.

    Returns
    -------
    Optimum or None
        None where the steps do not contract; the safeguarded iteration should take over then.
    """
    u, information = start.u, start.information
    gradient = objective.gradient(u)
    decrement = objective.decrement(gradient, information)
    refined = exact
    for n_iter in range(start.n_iter, start.n_iter + _CHORD_STEPS):
        if not refined and decrement <= max(tol, _REFINE):
            information, refined = objective.information(u, gradient), True
            decrement = objective.decrement(gradient, information)
        if refined and objective.reached(decrement, tol, u, information):
            return Optimum(u, information, decrement, n_iter, converged=True, value=math.nan)
        if not math.isfinite(decrement):
            return None
        trial = u + np.linalg.solve(information, gradient)
        new_gradient = objective.gradient(trial)
        new_decrement = objective.decrement(new_gradient, information)
        if not new_decrement < 0.5 * decrement:
            return None
        u, gradient, decrement = trial, new_gradient, new_decrement
    return None


def _eigen(information: NDArray) -> Spectrum:
    if not np.isfinite(information).all():
        return np.full(len(information), np.nan), np.eye(len(information))
    values, vectors = np.linalg.eigh(information)
    return values, vectors


def _positive(spectrum: Spectrum) -> Spectrum:
    values, vectors = spectrum
    size = np.abs(np.nan_to_num(values, nan=1.0))
    return np.maximum(size, 1e-12 * max(size.max(), 1e-300)), vectors


def _ascent_step(gradient: NDArray, spectrum: Spectrum, reach: NDArray) -> NDArray:
    values, vectors = spectrum
    with np.errstate(all="ignore"):
        step = vectors @ ((vectors.T @ gradient) / values)
        return step * min(1.0, float((reach / np.abs(step)).min())) if step.any() else step


def _norm(gradient: NDArray, spectrum: Spectrum) -> float:
    values, vectors = spectrum
    return math.sqrt(float(((vectors.T @ gradient) ** 2 / values).sum()))
