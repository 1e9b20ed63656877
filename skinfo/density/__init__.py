"""Estimators of q(x): densities fitted by maximum likelihood."""

from skinfo.density._family_search import FamilySearch
from skinfo.density._parametric import ParametricDensity

__all__ = ["FamilySearch", "ParametricDensity"]
