"""Laws on integers."""

from skinfo.families.counts import _geom, _nbinom, _poisson

__all__ = ["_geom", "_nbinom", "_poisson"]
