"""Laws on the circle."""

from skinfo.families._registry import import_laws

import_laws(__name__, __path__)
