"""What a classifier's fit is given, checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skinfo.classification._objective import Objective


@dataclass
class Problem:
    """Rows and labels, those without mass left out.

    Attributes
    ----------
    objective : Objective
        Over the rows.
    classes : ndarray of shape (n_classes,)
        The classes.
    kept : ndarray of intp or None
        Which rows of X they are, where others have no mass.
    weights : ndarray of shape (n_rows,) or None
        Their weights.
    y : ndarray of shape (n_rows,) or (n_rows, n_classes)
        Their labels.
    names : ndarray or None
        Names of the columns of soft labels, where they have some.
    dtype : dtype
        Of X.
    """

    objective: Objective
    classes: NDArray
    kept: NDArray | None
    weights: NDArray | None
    y: NDArray
    names: NDArray | None
    dtype: np.dtype
