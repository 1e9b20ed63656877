"""Where the search for a numerical family's maximum starts."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from skinfo.families._base import Theta
from skinfo.families._generic import NumericalFamily
from skinfo.likelihood._coordinates import EXTREMES
from skinfo.likelihood._frame import Frame
from skinfo.likelihood._numerical_likelihood import thinned
from skinfo.measures import Rows

_LEVELS = np.array([0.25, 0.5, 0.75])
_FEW_ROWS = 2_000
_NARROW = 0.4  # far out a slow density is slowest
_QUICK = 100  # a coarser table means that the density is slow, and moments, which SciPy integrates it for, slower


def starts(family: NumericalFamily, frame: Frame, x: NDArray, weights: NDArray, resolution: int) -> Iterator[Theta]:
    """Parameters to start from: SciPy's first guess, then shapes that fill their domains, loc and scale by quantiles.

    Parameters
    ----------
    family : NumericalFamily
        The family.
    frame : Frame
        The free parameters.
    x, weights : ndarray of shape (n,)
        The data in their unit.
    resolution : int
        Values of z at which the density is tabulated for its quantiles.

    Yields
    ------
    dict
        Whose support holds the data.
    """
    if family.discrete:
        yield from (dict(frame.given) | guess for guess in family.guesses(frame.given))
        return
    first = _first_guess_of_scipy(family, frame, thinned(x, weights, _FEW_ROWS)[0]) if resolution >= _QUICK else None
    if first is not None:
        yield frame.holding(first)
    quantiles = Rows(x, weights).quantiles(_LEVELS.tolist())
    followers = [name for name, domain in (family.shapes or {}).items() if domain in EXTREMES]
    for shapes in family.guesses(frame.given):
        shapes |= {name: _wide(family, name) for name in followers if name not in shapes}
        standard = _standard_quantiles(family, shapes, resolution)
        if standard is not None:
            theta = frame.holding(shapes | _placed(frame, standard, quantiles))
            yield theta
            if family.kinks and "loc" not in frame.given:  # a hole or peak may be at either side of the median
                for shift in (-0.5, 0.5):
                    yield frame.holding(theta | {"loc": theta["loc"] + shift * (quantiles[2] - quantiles[0])})


def _wide(family: NumericalFamily, name: str) -> float:
    """An end of the support for a first look at the shapes."""
    return 0.1 if (family.shapes or {})[name] == "lowest" else 10.0


def _first_guess_of_scipy(family: NumericalFamily, frame: Frame, x: NDArray) -> Theta | None:
    """What SciPy's optimiser would start from, or SciPy's estimate where it is a formula."""
    fixed = {f"f{name}": value for name, value in frame.given.items()}
    try:
        found = family.distribution.fit(x, optimizer=lambda _, start, **__: start, **fixed)
        theta = dict(zip(family.parameters, map(float, found))) | dict(frame.given)
        return theta if all(map(math.isfinite, theta.values())) and theta["scale"] > 0 else None
    except Exception:  # whatever a distribution of SciPy's or a user's raises: there are other starts
        return None


def _standard_quantiles(family: NumericalFamily, shapes: Theta, resolution: int) -> NDArray | None:
    """Quantiles of the standard distribution, off a table of its density."""
    low, high = family.standard_support(shapes)[:2]
    t = np.linspace(-1, 1, resolution) * (1.0 if resolution >= _QUICK else _NARROW)
    if math.isfinite(low) and math.isfinite(high):
        z = low + (high - low) / (1 + np.exp(-12 * t))
    elif math.isfinite(low):
        z = low + np.exp(12 * t)
    elif math.isfinite(high):
        z = high - np.exp(-12 * t)
    else:
        z = np.sinh(7 * t)
    log_density = family.standard(z, **shapes)
    usable = np.isfinite(log_density)
    if not usable.any():
        return None
    density = np.where(usable, np.exp(log_density - log_density[usable].max()), 0.0)
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) * np.diff(z))])
    return np.interp(_LEVELS * mass[-1], mass, z) if mass[-1] > 0 else None


def _placed(frame: Frame, standard: NDArray, data: NDArray) -> Theta:
    """The location and scale that match quantiles, as far as they are free."""
    given = frame.given
    width = float(standard[2] - standard[0])
    scale = given.get("scale") or (float(data[2] - data[0]) / width if width > 0 else 0.0) or 1.0
    if "loc" in given:
        ratio = (data - given["loc"]) / standard if (standard != 0).all() else np.array([scale])
        ratio = ratio[np.isfinite(ratio) & (ratio > 0)]
        scale = given.get("scale") or (float(np.median(ratio)) if len(ratio) else scale)
    return {"loc": given.get("loc", float(data[1] - scale * standard[1])), "scale": scale}
