"""Laws on a bounded interval."""

from skinfo.families.interval import _beta, _uniform

__all__ = ["_beta", "_uniform"]
