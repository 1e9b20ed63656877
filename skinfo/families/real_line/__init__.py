"""Laws on the whole line."""

from skinfo.families.real_line import _laplace, _logistic, _norm, _t

__all__ = ["_laplace", "_logistic", "_norm", "_t"]
