"""Displays of fitted densities."""

from skinfo.inspection._density import DensityDisplay
from skinfo.inspection._family_search import FamilySearchDisplay

__all__ = ["DensityDisplay", "FamilySearchDisplay"]
