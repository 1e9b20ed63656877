"""A number estimated from samples, with its standard error."""

from __future__ import annotations

import math
import numbers
from typing import Any, NamedTuple

from scipy import stats


class ConfidenceInterval(NamedTuple):
    """Ends of an interval."""

    low: float
    high: float


class Estimate(float):
    """An estimate: the number itself, which knows its standard error.

    Parameters
    ----------
    value : float
        The estimate, in nats unless a base was asked for.
    standard_error : float
        In the same units; nan where there were too few rows to tell, and of an infinite estimate.
    dof : float, default=inf
        Degrees of freedom of the standard error.
    pvalue : float, default=nan
        Of a test, where one was asked for.

    Attributes
    ----------
    statistic : float
        The estimate as a plain float, under the name that results of `scipy.stats` give it.

    Examples
    --------
    >>> from skinfo.information import Estimate
    >>> h = Estimate(1.5, 0.25)
    >>> h + 1, h.standard_error
    (2.5, 0.25)
    >>> h
    Estimate(1.5, standard_error=0.25)
    """

    standard_error: float
    dof: float
    pvalue: float

    def __new__(cls, value: float, standard_error: float, dof: float = math.inf, pvalue: float = math.nan) -> Estimate:
        """Make the number, and note what is known about it."""
        self = super().__new__(cls, value)
        self.standard_error, self.dof, self.pvalue = float(standard_error), float(dof), float(pvalue)
        return self

    def __getnewargs__(self) -> tuple[float, ...]:  # type: ignore[override]
        return float(self), self.standard_error, self.dof, self.pvalue

    def __repr__(self) -> str:
        test = "" if math.isnan(self.pvalue) else f", pvalue={self.pvalue:g}"
        return f"Estimate({float(self)!r}, standard_error={self.standard_error:.3g}{test})"

    __str__ = float.__repr__

    @property
    def statistic(self) -> float:
        """The estimate as a plain float."""
        return float(self)

    def confint(self, level: float = 0.95) -> ConfidenceInterval:
        """Interval of Student's t about the estimate; it knows nothing of the estimate's bias.

        Results of `scipy.stats` call it ``confidence_interval``, which is the same here.

        Parameters
        ----------
        level : float, default=0.95
            Between 0 and 1.

        Returns
        -------
        ConfidenceInterval
            With ``low`` and ``high``; both nan where there is no standard error.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        if not (isinstance(level, numbers.Real) and 0 < level < 1):
            raise ValueError(f"level must be between 0 and 1, got {level!r}; pass 0.95 for 95 %")
        student: Any = stats.t(self.dof) if math.isfinite(self.dof) and self.dof > 0 else stats.norm()
        reach = float(student.ppf((1 + level) / 2)) * self.standard_error
        return ConfidenceInterval(float(self) - reach, float(self) + reach)

    confidence_interval = confint
