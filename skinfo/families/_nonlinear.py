"""Laws whose log density is any function of the standardised value and the shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skinfo.families._base import Family, Theta
from skinfo.families._exponential import ExponentialFamily
from skinfo.measures import Terms

_WIDTH = 5  # arrays a row of a log density or score has alive: fewer, longer blocks than more would give


@dataclass(frozen=True, kw_only=True)
class NonlinearFamily(Family):
    """A law whose log density is a function of z and the shapes, with its derivatives.

    Parameters
    ----------
    standard : callable
        ``standard(z, **shapes)``: the log density.
    slope : callable
        ``slope(z, **shapes)``: its derivative in z.
    shape_scores : dict of str to callable, optional
        ``(z, **shapes)``: its derivative in each shape.
    derivatives : callable, optional
        ``derivatives(z, **shapes) -> dict``: the slope, under "z", and the shape scores together; in place of these
        where they share costly work.
    terms : callable, optional
        ``terms(**shapes) -> dict``: the log density as in `ExponentialFamily`, where it happens to be linear in
        statistics, of whose means laws know closed forms.
    expectations : dict, optional
        As in `ExponentialFamily`.
    """

    standard: Callable[..., NDArray]
    slope: Callable[..., NDArray] | None = None
    shape_scores: Mapping[str, Callable[..., NDArray]] | None = None
    derivatives: Callable[..., dict[str, NDArray]] | None = None
    terms: Callable[..., Terms] | None = None
    expectations: Mapping[Any, Callable[..., float | None]] | None = None

    expectation = ExponentialFamily.expectation

    def standard_log_prob(self, z, shapes):
        """Log density of the standard law."""
        return self.standard(z, **shapes)

    def mean_log_prob(self, p, theta):
        """Mean of the log probability, in one pass."""
        shapes, loc, scale = self.shape_values(theta), theta["loc"], theta.get("scale", 1.0)
        return float(p.expect(lambda x: self.standard((x - loc) * (1 / scale), **shapes), _WIDTH)) - math.log(scale)

    def mean_score(self, p, theta, names):
        """Mean score, in one pass."""
        shapes, loc, scale = self.shape_values(theta), theta["loc"], theta.get("scale", 1.0)

        def scores(x: NDArray) -> tuple[NDArray, ...]:
            z = (x - loc) * (1 / scale)
            found = self._derivatives(z, shapes, names)
            return tuple(found["z"] if n == "loc" else z * found["z"] if n == "scale" else found[n] for n in names)

        means = p.expect(scores, width=_WIDTH)
        chain = {"loc": lambda slope: -slope / scale, "scale": lambda radial: -(1 + radial) / scale}
        return np.array([chain[name](mean) if name in chain else mean for name, mean in zip(names, means)])

    def _derivatives(self, z: NDArray, shapes: Theta, names: tuple[str, ...]) -> dict[str, NDArray]:
        """What is asked for of the slope, under "z", and the shape scores."""
        if self.derivatives is not None:
            return self.derivatives(z, **shapes)
        found = {n: score(z, **shapes) for n, score in (self.shape_scores or {}).items() if n in names}
        if self.slope is not None and {"loc", "scale"} & set(names):
            found["z"] = self.slope(z, **shapes)
        return found

    def needs_rows(self, names):  # noqa: ARG002 - whatever the parameters
        """Whether new parameters take a pass: always."""
        return True
