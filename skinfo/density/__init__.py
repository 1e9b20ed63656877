"""Estimators of q(x): densities fitted by maximum likelihood."""

from skinfo.density._parametric import ParametricDensity

__all__ = ["ParametricDensity"]
