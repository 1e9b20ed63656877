"""Likelihoods that increase to a limit of their family: the distribution found there, which the fit is then."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from skinfo.families import Family, Limit, get_family
from skinfo.families._base import Theta
from skinfo.families._reflected import reflected
from skinfo.likelihood._climb import Approach
from skinfo.measures import Rows

if TYPE_CHECKING:
    from skinfo.likelihood._fit import MarginalFit

ENDS = {"inf": math.inf, "-inf": -math.inf, "0": 0.0}


@dataclass(frozen=True)
class AtLimit:
    """The best member of the family found at a limit, of the values or of minus them.

    Parameters
    ----------
    fit : MarginalFit
        Of the values, or of minus them.
    side : {1, -1}
        Which.
    """

    fit: MarginalFit
    side: int = 1

    def log_prob(self, x: NDArray) -> NDArray:
        """Log probability of each value."""
        return self.fit.log_prob(x if self.side > 0 else -x)

    @property
    def distribution(self) -> Any:
        """SciPy's frozen distribution of the values."""
        return self.fit.distribution if self.side > 0 else reflected(self.fit.distribution)

    @property
    def name(self) -> str:
        """The family's name, after a minus where it is that of minus the values."""
        return "-" * (self.side < 0) + self.fit.family.name

    def describe(self, there: str) -> str:
        """What a message says of it."""
        name, minus = self.fit.family.name, self.side < 0
        estimates = f"({show(self.fit.params)}, log-likelihood {self.fit.log_likelihood:.6g})"
        return (
            f"{there} the distribution{' of minus the values' * minus} is {name}: use "
            f"family={name!r}{' for those' * minus} {estimates}"
        )


class LimitingFits:
    """Fits of the families at a family's limits, with what is given there too.

    Parameters
    ----------
    family : Family
        The family whose limits they are.
    given : dict
        What is not estimated.
    fit : callable
        ``fit(family, rows, given) -> MarginalFit``, which raises ValueError where there is none.
    """

    def __init__(self, family: Family, given: Theta, fit: Callable[[Family, Rows, Theta], MarginalFit]):
        self.family, self.given, self.fit = family, given, fit

    def approaches(self, names: list[str]) -> list[Approach]:
        """The limits that these parameters can go to."""
        return [
            Approach(name, end, limit)
            for (name, end), limits in (self.family.limits or {}).items()
            for limit in ([limits] if isinstance(limits, Limit) else limits)
            if name in names and self._given_there(limit) is not None
        ]

    def value(self, limit: Limit, rows: Rows) -> float:
        """Mean log-likelihood; minus infinity where the family can't be fitted."""
        found = self._found(limit, rows)
        return -math.inf if found is None else found.log_likelihood / rows.total

    def at(self, limit: Limit, rows: Rows) -> AtLimit | None:
        """The distribution at a limit, at that of a limit where that is at one too."""
        found, (side, _) = self._found(limit, rows), _side_and_family(limit)
        if found is None:
            return None
        while found.limiting is not None:
            side, found = side * found.limiting.side, found.limiting.fit
        return AtLimit(found, side)

    def params(self, approach: Approach, theta: Theta, rows: Rows) -> Theta:
        """All parameters at a limit: where they ran to, or what they are there.

        Parameters
        ----------
        approach : Approach
            The limit.
        theta : dict
            Where the climb ended.
        rows : Rows
            The data.
        """
        params = theta | {approach.name: ENDS[approach.end]}
        found = None if approach.limit is None else self._found(approach.limit, rows)
        if approach.limit is None or found is None:
            return params
        side, _ = _side_and_family(approach.limit)
        at = dict(found.params)
        if side < 0 and "loc" in at:
            at["loc"] = -at["loc"]
        declared = approach.limit.params
        for name in self.family.parameters:
            if name in self.given or name == approach.name:
                continue
            if name in declared:
                value = declared[name]
                params[name] = float(value(at)) if callable(value) else value
            elif name in at:
                params[name] = at[name]
        return params

    def message(self, approach: Approach, there: AtLimit, column: str) -> str:
        """What is said of a likelihood that increases to a limit."""
        going = f"{approach.name} -> {approach.end}"
        rises = f"the likelihood of {self.family.name} for {column} still increases as {going}"
        return (
            f"{rises}; fix it, or choose another family"
            if approach.limit is None
            else there.describe(f"{rises}, where")
        )

    def _found(self, limit: Limit, rows: Rows) -> MarginalFit | None:
        given = self._given_there(limit) or {}
        key = limit.family, tuple(sorted(given.items()))
        if key not in rows.fits:
            side, family = _side_and_family(limit)
            try:
                rows.fits[key] = self.fit(family, rows if side > 0 else rows.reflected(), given)
            except (ValueError, NotImplementedError):
                rows.fits[key] = None
        return rows.fits[key]

    def _given_there(self, limit: Limit) -> Theta | None:
        """What is given at the limit; None where that would move on the way there, as a half line's end to a line."""
        side, family = _side_and_family(limit)
        if limit.params.keys() & self.given.keys():
            return None
        given = {name: value for name, value in self.given.items() if name in family.parameters}
        return given | {"loc": side * given["loc"]} if "loc" in given else given


def _side_and_family(limit: Limit) -> tuple[int, Family]:
    """Whether the family found at a limit is that of the values or of minus them, and the family."""
    return (-1, get_family(limit.family[1:])) if limit.family.startswith("-") else (1, get_family(limit.family))


def show(theta: Mapping[str, float]) -> str:
    """Parameters and values, for messages."""
    return ", ".join(f"{name}={value:.4g}" for name, value in theta.items())
