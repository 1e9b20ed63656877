"""Coordinates for a family known by its density alone: distances of the support's ends from the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skinfo.families._base import Theta
from skinfo.families._generic import NumericalFamily
from skinfo.likelihood._coordinates import EXTREMES

FARTHEST = {
    "shape": 18.0,
    "scale": 40.0,
    "location": 1e9,
    "low gap": 30.0,
    "high gap": 30.0,
    "at least": 30.0,
    "at most": 30.0,
}


TOUCHING = -28.0  # a gap's logarithm: at the data's extreme, up to rounding; the density may be 0 at an end itself
_ANYWHERE = {"lowest": 1e-9, "highest": 1e9}


class Alignment(NamedTuple):
    """A kink of the log density that sits on a value of the data."""

    kink: float | str  # a standardised value, or the shape that is one
    value: float

    @property
    def place(self) -> float:
        """The standardised value."""
        assert not isinstance(self.kink, str)
        return self.kink


class Axis(NamedTuple):
    """A coordinate: what it measures, and the parameter that follows from it."""

    kind: str
    name: str


@dataclass(frozen=True)
class Frame:
    """Maps the free parameters of a numerical family to unconstrained ones and back.

    Parameters
    ----------
    family : NumericalFamily
        The family.
    lowest, highest : float
        Extremes of the data, of spread about one.
    given : dict
        Parameters that are not free.
    alignments : tuple of Alignment
        Each takes a parameter's freedom.
    finite : (bool, bool), optional
        Which ends of the standard support are taken to be finite; by default those that are so whatever the shapes.
    """

    family: NumericalFamily
    lowest: float
    highest: float
    given: Mapping[str, float]
    alignments: tuple[Alignment, ...] = ()
    finite: tuple[bool, bool] | None = None

    @property
    def axes(self) -> list[Axis]:
        """The coordinates: those of the shapes first."""
        shapes = [
            Axis("shape", name)
            for name, domain in (self.family.shapes or {}).items()
            if name not in self.given and domain not in EXTREMES
        ]
        axes = shapes + [Axis(kind, name) for kind, name in self._outer()]
        dropped = self.dropped
        return [axis for axis in axes if axis.name not in dropped]

    @property
    def ends_that_count(self) -> tuple[bool, bool]:
        """Whether the low and the high end hold loc and scale back: finite ones that don't follow the data."""
        domains = {domain for name, domain in (self.family.shapes or {}).items() if name not in self.given}
        low, high = self.finite or self.family.fixed_ends
        return low and "lowest" not in domains, high and "highest" not in domains

    def _outer(self) -> list[tuple[str, str]]:
        """Kinds of the coordinates of loc and scale, each where it is free."""
        if self.family.discrete:
            return []
        low, high = self.ends_that_count
        if "loc" in self.given:
            if "scale" in self.given:
                return []
            support = self.family.support
            if (high and support.high > 0) or (low and support.low < 0):
                return [("at least", "scale")]
            return [("at most" if low and support.low > 0 else "scale", "scale")]
        gap = "low gap" if low else "high gap" if high else "location"
        if "scale" in self.given:
            return [(gap, "loc")]
        return [(gap, "loc"), ("high gap" if low and high else "scale", "scale")]

    @property
    def dropped(self) -> dict[str, Alignment]:
        """The parameters that alignments fix."""
        outer = "scale" if "scale" not in self.given else "loc"
        return {a.kink if isinstance(a.kink, str) else outer if a.kink else "loc": a for a in self.alignments}

    def aligned(self, kink: float | str, value: float) -> Frame:
        """The frame in which a kink sits on a value; it has a coordinate fewer."""
        others = tuple(a for a in self.alignments if a.kink != kink)
        return replace(self, alignments=(*others, Alignment(kink, value)))

    def with_ends(self, u: NDArray) -> Frame | None:
        """The frame with a coordinate for each end of the support that the shapes here have and others have not."""
        theta = self.theta(u)
        if theta is None or self.family.ends is None or self.finite is not None:
            return None
        low, high = self.family.ends(**self.family.shape_values(theta))
        finite = math.isfinite(low), math.isfinite(high)
        return replace(self, finite=finite) if finite != self.family.fixed_ends else None

    def alignable(self) -> list[float | str]:
        """Kinks that move with a free parameter."""
        found: list[float | str] = []
        for kink in self.family.kinks:
            if isinstance(kink, str):
                found += [kink] if kink not in self.given else []
            elif "loc" not in self.given or (kink and "scale" not in self.given):
                found.append(kink)
        return found

    def place(self, kink: float | str, theta: Theta) -> float:
        """Where a kink is in the data."""
        return theta["loc"] + theta["scale"] * (theta[kink] if isinstance(kink, str) else kink)

    def theta(self, u: NDArray) -> Theta | None:
        """All parameters; None where there are none."""
        theta = dict(self.given)
        try:
            return self._theta(theta, dict(zip(self.axes, u.tolist())))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None

    def _theta(self, theta: Theta, at: dict[Axis, float]) -> Theta | None:
        family = self.family
        for axis, value in at.items():
            if axis.kind == "shape":
                theta[axis.name] = family.unit(axis.name, theta) * family.axis(axis.name).bound(value)
        if family.discrete:
            return theta
        low, high = self._standard_ends(theta)
        outer = {axis.kind: value for axis, value in at.items() if axis.kind != "shape"}
        if "location" in outer:
            theta["loc"] = outer["location"]
        if "scale" in outer:
            theta["scale"] = math.exp(outer["scale"])
        left = self.lowest - math.exp(outer["low gap"]) if "low gap" in outer else math.nan
        right = self.highest + math.exp(outer["high gap"]) if "high gap" in outer else math.nan
        dropped = self.dropped
        if "loc" in dropped:
            theta["loc"] = dropped["loc"].value - theta["scale"] * dropped["loc"].place
        elif "scale" in dropped:
            theta["scale"] = self._aligned_scale(dropped["scale"], theta, left, right, low, high)
        elif "low gap" in outer and "high gap" in outer:
            theta["scale"] = (right - left) / (high - low)
        elif "at least" in outer or "at most" in outer:
            bounds = self._scales(theta["loc"], low, high)
            theta["scale"] = (
                bounds[0] * (1 + math.exp(outer["at least"]))
                if "at least" in outer
                else bounds[1] / (1 + math.exp(outer["at most"]))
            )
        if "loc" not in theta:
            theta["loc"] = left - theta["scale"] * low if "low gap" in outer else right - theta["scale"] * high
        for name in dropped.keys() - theta.keys():
            theta[name] = (dropped[name].value - theta["loc"]) / theta["scale"]
            if not family.in_domain(name, theta[name]):
                return None
        for name, domain in (family.shapes or {}).items():
            if domain in EXTREMES and name not in self.given:
                theta[name] = (getattr(self, domain) - theta["loc"]) / theta["scale"]
        return theta if 0 < theta["scale"] < math.inf and math.isfinite(theta["loc"]) else None

    @staticmethod
    def _aligned_scale(at: Alignment, theta: Theta, left: float, right: float, low: float, high: float) -> float:
        """The scale that puts a kink on a value, about a given loc or from an end of the support."""
        if "loc" in theta:
            return (at.value - theta["loc"]) / at.place
        return (at.value - left) / (at.place - low) if not math.isnan(left) else (at.value - right) / (at.place - high)

    def _scales(self, loc: float, low: float, high: float) -> tuple[float, float]:
        """Bounds of the scale about a given loc."""
        counts = self.ends_that_count
        least, most = 0.0, math.inf
        for end, extreme, sign, counted in ((low, self.lowest, -1, counts[0]), (high, self.highest, 1, counts[1])):
            if counted and sign * end > 0:
                least = max(least, (extreme - loc) / end)
            elif counted and sign * end < 0:
                most = min(most, (extreme - loc) / end)
        return least, most

    def free(self, theta: Theta) -> NDArray:
        """Unconstrained values of parameters whose support holds the data."""
        family, values = self.family, []
        low, high = self._standard_ends(theta) if not family.discrete else (0.0, 0.0)
        for kind, name in self.axes:
            match kind:
                case "shape":
                    values.append(family.axis(name).free(theta[name] / family.unit(name, theta)))
                case "location":
                    values.append(theta["loc"])
                case "scale":
                    values.append(math.log(theta["scale"]))
                case "low gap":
                    values.append(math.log(self.lowest - theta["loc"] - theta["scale"] * low))
                case "high gap":
                    values.append(math.log(theta["loc"] + theta["scale"] * high - self.highest))
                case "at least":
                    values.append(math.log(theta["scale"] / self._scales(theta["loc"], low, high)[0] - 1))
                case "at most":
                    values.append(math.log(self._scales(theta["loc"], low, high)[1] / theta["scale"] - 1))
        return np.array(values)

    def holding(self, theta: Theta) -> Theta:
        """Parameters near these whose support holds the data."""
        theta = dict(theta)
        low, high = self._standard_ends(theta)
        counts = self.ends_that_count
        room = 0.02 * (self.highest - self.lowest)
        loc, scale = theta["loc"], theta["scale"]
        kinds = {axis.kind for axis in self.axes}
        left = min(loc + scale * low, self.lowest - room) if counts[0] else loc
        right = max(loc + scale * high, self.highest + room) if counts[1] else loc
        if {"low gap", "high gap"} <= kinds:
            theta["scale"] = (right - left) / (high - low)
            theta["loc"] = left - theta["scale"] * low
        elif "low gap" in kinds and "scale" in self.given and counts[1]:  # between the places that hold the data
            theta["loc"] = (self.lowest + self.highest) / 2 - scale * (low + high) / 2
        elif "low gap" in kinds:
            theta["loc"] = left - scale * low
        elif "high gap" in kinds:
            theta["loc"] = right - scale * high
        elif "at least" in kinds:
            theta["scale"] = max(scale, 1.02 * self._scales(loc, low, high)[0])
        elif "at most" in kinds:
            theta["scale"] = min(scale, 0.98 * self._scales(loc, low, high)[1])
        elif kinds >= {"location", "scale"}:  # an end that only some shapes have
            theta["scale"] = max(
                scale,
                1.02 * (self.highest - loc) / high if 0 < high < math.inf else 0.0,
                1.02 * (self.lowest - loc) / low if -math.inf < low < 0 else 0.0,
            )
        return theta

    def _standard_ends(self, theta: Theta) -> tuple[float, float]:
        """Ends of the standard support, where shapes that follow from the data are not known yet anywhere."""
        shapes = {
            name: theta.get(name, _ANYWHERE.get(domain, math.nan))
            for name, domain in (self.family.shapes or {}).items()
        }
        low, high = self.family.standard_support(shapes)[:2]
        return float(low), float(high)

    def edges(self, i: int) -> tuple[float, ...]:
        """Ends of a coordinate that belong to the parameter space."""
        kind, name = self.axes[i]
        if kind == "shape":
            if name in (self.family.relative or {}):
                return TOUCHING, -TOUCHING
            domain = self.family.axis(name)
            return ((-math.inf,) if domain.closed_low else ()) + ((math.inf,) if domain.closed_high else ())
        return (TOUCHING,) if kind in ("low gap", "high gap", "at least", "at most") else ()
