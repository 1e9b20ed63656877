"""Any `scipy.stats` law outside the catalogue, by numerical derivatives of its log density."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import FitError

from skinfo.families._base import Support, Theta
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.measures import Rows

_STEP = 6e-6  # cube root of the rounding unit: what a central difference wants
_START_ROWS = 2_000
_SHAPE_GUESSES = {"positive": (1.0, 3.0, 0.3, 10.0), "unit": (0.5, 0.2, 0.8), "real": (0.5, -0.5, 2.0, -2.0)}


@lru_cache(maxsize=256)
def generic_family(distribution: Any) -> NonlinearFamily:
    """The family contract for a SciPy distribution.

    Parameters
    ----------
    distribution : scipy.stats.rv_continuous or scipy.stats.rv_discrete
        The distribution.

    Returns
    -------
    NonlinearFamily
        With scores by central differences and SciPy's own fit of some rows as the start.
    """
    log_density = distribution.logpmf if hasattr(distribution, "logpmf") else distribution.logpdf
    support = Support(float(distribution.a), float(distribution.b), closed_low=True, closed_high=True)

    def standard(z: NDArray, /, **shapes: float) -> NDArray:
        with np.errstate(all="ignore"):
            return log_density(z, **shapes)

    def slope(z: NDArray, /, **shapes: float) -> NDArray:
        room = np.minimum(z - support.low, support.high - z)
        step = _STEP * np.minimum(1 + np.abs(z), np.where(room > 0, room, np.inf))
        return (standard(z + step, **shapes) - standard(z - step, **shapes)) / (2 * step)

    def shape_score(name: str) -> Any:
        def score(z: NDArray, /, **shapes: float) -> NDArray:
            value = shapes[name]
            step = _STEP * (abs(value) or 1.0)
            up, down = {**shapes, name: value + step}, {**shapes, name: value - step}
            return (standard(z, **up) - standard(z, **down)) / (2 * step)

        return score

    names = (distribution.shapes or "").replace(",", " ").split()
    if hasattr(distribution, "_shape_info"):  # whose own names are not always those of the arguments
        shapes = dict(zip(names, map(_domain, distribution._shape_info())))
    else:  # a user's own law says no more than their names
        shapes = dict.fromkeys(names, "real")
    return NonlinearFamily(
        name=distribution.name,
        distribution=distribution,
        support=support,
        shapes=shapes,
        standard=standard,
        slope=slope,
        shape_scores={name: shape_score(name) for name in shapes},
        start=lambda rows, loc: _start(distribution, shapes, rows, loc),
    )


def _domain(info: Any) -> str:
    if info.integrality:
        return "integer"
    low, high = info.domain
    if low >= 0:
        return "unit" if high <= 1 else "positive"
    return "real"


def _start(distribution: Any, shapes: dict[str, str], rows: Rows, loc: float) -> Theta:
    """SciPy's estimates from some rows, the extremes among them; for counts the best of a few guesses."""
    if hasattr(distribution, "logpmf"):
        names = [name for name, domain in shapes.items() if domain != "integer"]
        guesses = product(*(_SHAPE_GUESSES[shapes[name]] for name in names))
        if len(names) < len(shapes):
            return dict(zip(names, (0.5,) * len(names)))
        return max(
            (dict(zip(names, guess)) for guess in guesses),
            key=lambda theta: _finite(rows.expect(lambda x: distribution.logpmf(x, **theta, loc=loc))),
        )
    x = np.append(rows.subsample(_START_ROWS).x, [rows.lowest, rows.highest]).astype(np.float64)
    bounded = math.isfinite(distribution.a) or math.isfinite(distribution.b)
    with np.errstate(all="ignore"):
        try:
            estimates = distribution.fit(x, floc=loc) if bounded else distribution.fit(x)
        except (FitError, ValueError, RuntimeError) as error:
            raise ValueError(
                f"no start for {distribution.name}: SciPy's fit says {error}; give parameters in fixed"
            ) from error
    return dict(zip([*shapes, "loc", "scale"], map(float, estimates)))


def _finite(value: NDArray) -> float:
    return float(value) if np.isfinite(value) else -math.inf
