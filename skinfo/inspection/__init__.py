"""Displays of fitted densities and of predicted probabilities."""

from skinfo.inspection._decomposition import LogLossDecompositionDisplay
from skinfo.inspection._density import DensityDisplay
from skinfo.inspection._family_search import FamilySearchDisplay

__all__ = ["DensityDisplay", "FamilySearchDisplay", "LogLossDecompositionDisplay"]
