"""Displays of fitted densities."""

from skinfo.inspection._density import DensityDisplay

__all__ = ["DensityDisplay"]
