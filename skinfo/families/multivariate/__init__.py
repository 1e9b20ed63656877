"""Laws of vectors."""

from skinfo.families.multivariate import _multivariate_normal

__all__ = ["_multivariate_normal"]
