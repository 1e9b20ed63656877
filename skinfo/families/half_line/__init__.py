"""Laws on a half line."""

from skinfo.families.half_line import _expon, _gamma, _invgauss, _lognorm, _pareto, _weibull_min

__all__ = ["_expon", "_gamma", "_invgauss", "_lognorm", "_pareto", "_weibull_min"]
