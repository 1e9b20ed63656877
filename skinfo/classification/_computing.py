"""What holds while a classifier computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from skinfo.utils import one_blas_thread


@contextmanager
def computing() -> Iterator[None]:
    """One BLAS thread, and none of NumPy's warnings: what is not finite fails its check, in words."""
    with one_blas_thread(), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        yield
