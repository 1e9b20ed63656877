"""Laws of vectors."""

from skinfo.families._registry import import_laws
from skinfo.families.multivariate._multivariate_normal import MultivariateNormal

import_laws(__name__, __path__)

__all__ = ["MultivariateNormal"]
