"""Displays of fitted densities and of predicted probabilities."""

from skinfo.inspection._decomposition import LogLossDecompositionDisplay
from skinfo.inspection._density import DensityDisplay
from skinfo.inspection._family_search import FamilySearchDisplay
from skinfo.inspection._reliability import ReliabilityDisplay

__all__ = ["DensityDisplay", "FamilySearchDisplay", "LogLossDecompositionDisplay", "ReliabilityDisplay"]
