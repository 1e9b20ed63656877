"""Families of laws: one short file each, in rooms by support."""

from skinfo.families import circular, counts, half_line, interval, multivariate, real_line
from skinfo.families._base import (
    COUNTS,
    HALF_LINE,
    POSITIVE_LINE,
    REAL_LINE,
    UNIT_INTERVAL,
    Edge,
    Family,
    Limit,
    Support,
)
from skinfo.families._exponential import ExponentialFamily, Law, UnknownExpectationError
from skinfo.families._generic import NumericalFamily
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import get_family, is_registered, reference, register, registered_families
from skinfo.families.multivariate import MultivariateNormal

__all__ = [
    "COUNTS",
    "HALF_LINE",
    "POSITIVE_LINE",
    "REAL_LINE",
    "UNIT_INTERVAL",
    "Edge",
    "ExponentialFamily",
    "Family",
    "Law",
    "Limit",
    "MultivariateNormal",
    "NonlinearFamily",
    "NumericalFamily",
    "Support",
    "UnknownExpectationError",
    "circular",
    "counts",
    "get_family",
    "half_line",
    "interval",
    "is_registered",
    "multivariate",
    "real_line",
    "reference",
    "register",
    "registered_families",
]
