"""Coordinates in which parameters are free to take any value, so that Newton steps need no bounds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from skinfo.families import Family
from skinfo.families._domains import DOMAINS
from skinfo.measures import Rows

EXTREMES = ("lowest", "highest", "touching")  # kinds of parameters that follow from the others and the data
_STEP, _FAR = 5.0, 1e4
_UNIT_ROWS = 10_000  # enough for a unit of length


class Coordinates:
    """Maps the free parameters of a family to unconstrained ones and back.

    Shapes and scale by the map of their domain, a location by its distance in units of the data's spread. Where the
    support moves with loc or scale, by the logarithm of what is left between the support's end and the data's extreme.
    Where it starts at loc + scale, loc is what puts that to the data's smallest value.

    Parameters
    ----------
    family : Family
        The family.
    rows : Rows
        The data, for their spread and extremes.
    names : tuple of str
        The free parameters, in the family's order (loc before scale).
    """

    def __init__(self, family: Family, rows: Rows, names: tuple[str, ...]):
        self.family = family
        self.names = names
        self.rows = rows
        size = spread(rows.subsample(_UNIT_ROWS)) or spread(rows) or 1.0
        self.unit = math.ldexp(1.0, math.frexp(size)[1])  # a power of two, by which numbers divide without rounding
        low, high = family.support.low, family.support.high
        self.kinds = [self._kind(name, low, high) for name in names]
        self.follows = any(kind in EXTREMES for kind in self.kinds)
        self.moving = [(kind, name) for kind, name in zip(self.kinds, names) if kind not in EXTREMES]

    def _kind(self, name: str, low: float, high: float) -> str:
        if name == "loc" and 0 < low < math.inf and "scale" in self.names:
            return "touching"
        if name == "loc" and low == 0:
            return "below"
        if name == "loc" and high == 0:
            return "above"
        if name == "scale" and low == 0 and math.isfinite(high):
            return "width"
        return "location" if name == "loc" else self.family.domain(name)

    def free(self, theta: dict[str, float]) -> NDArray:
        """Unconstrained values of the free parameters."""
        return np.array([self._free(kind, theta[name], theta) for kind, name in self.moving])

    def _free(self, kind: str, value: float, theta: dict[str, float]) -> float:
        match kind:
            case "below":
                return math.log((self.rows.lowest - value) / self.unit)
            case "above":
                return math.log((value - self.rows.highest) / self.unit)
            case "width":
                return math.log((theta["loc"] + value - self.rows.highest) / self.unit)
            case "location":
                return value / self.unit
        return DOMAINS[kind].free(value)

    def theta(self, u: NDArray, given: dict[str, float]) -> dict[str, float]:
        """All parameters, those given among them."""
        theta = dict(given)
        for (kind, name), value in zip(self.moving, u.tolist()):
            theta[name] = self._bound(kind, value, theta)
        return theta | self.ends(theta) if self.follows else theta

    def ends(self, theta: dict[str, float]) -> dict[str, float]:
        """What puts an end of the support to the data's extreme: a standardised end, or the location."""
        return {
            name: self.rows.lowest - theta["scale"] * self.family.support.low
            if kind == "touching"
            else (getattr(self.rows, kind) - theta["loc"]) / theta["scale"]
            for kind, name in zip(self.kinds, self.names)
            if kind in EXTREMES
        }

    def _bound(self, kind: str, value: float, theta: dict[str, float]) -> float:
        match kind:
            case "below":
                return self.rows.lowest - self.unit * _exp(value)
            case "above":
                return self.rows.highest + self.unit * _exp(value)
            case "width":
                return self.rows.highest + self.unit * _exp(value) - theta["loc"]
            case "location":
                return value * self.unit
        return DOMAINS[kind].bound(value)

    @property
    def reach(self) -> NDArray:
        """How far one step may go: a factor of 150 on a positive parameter, far for a location."""
        return np.array([_FAR if kind == "location" else _STEP for kind, _ in self.moving])

    def steps(self, u: NDArray) -> NDArray:
        """Differences to take in each coordinate: small, but not lost in the rounding of a location far from zero."""
        return np.maximum(1e-7, np.sqrt(self.spacing(u)))

    def spacing(self, u: NDArray) -> NDArray:
        """Spacing of the floating-point numbers in each coordinate."""
        return np.finfo(float).eps * np.abs(u)

    def jacobian(self, theta: dict[str, float]) -> NDArray:
        """Derivatives of the parameters (rows) in the unconstrained values (columns), the location's first."""
        columns = [name for _, name in self.moving]
        jacobian = np.zeros((len(self.names), len(columns)))
        at = {name: i for i, name in enumerate(self.names)}
        for j, (kind, name) in enumerate(self.moving):
            value = theta[name]
            match kind:
                case "below":
                    slope = value - self.rows.lowest
                case "above":
                    slope = value - self.rows.highest
                case "width":
                    slope = theta["loc"] + value - self.rows.highest
                    if "loc" in at:
                        jacobian[at[name]] -= jacobian[at["loc"]]
                case "location":
                    slope = self.unit
                case _:
                    slope = DOMAINS[kind].slope(value)
            jacobian[at[name], j] = slope
        for name, end in self.ends(theta).items() if self.follows else ():
            if name == "loc":
                jacobian[at["loc"]] -= self.family.support.low * jacobian[at["scale"]]
                continue
            for moved, factor in (("loc", -1.0), ("scale", -end)):
                if moved in at:
                    jacobian[at[name]] += jacobian[at[moved]] * (factor / theta["scale"])
        return jacobian


def spread(rows: Rows) -> float:
    """The standard deviation, or the distance of the quartiles where that is smaller: tails may be heavy.

    Parameters
    ----------
    rows : Rows
        One column.

    Returns
    -------
    float
        In the data's unit; 0 for a constant.
    """
    deviation = math.sqrt(rows.moments()[1])
    low, high = rows.quantiles([0.25, 0.75])
    return min(deviation, float(high - low) or deviation)


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))
