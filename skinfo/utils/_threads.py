"""One BLAS thread for computations in blocks, whose products are too small to be shared out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

# Held by the computation that set the libraries, which are the process's, and will set them back.
_held = threading.Lock()


@cache
def _controller() -> ThreadpoolController:
    # It looks for the process's libraries, which takes milliseconds.
    return ThreadpoolController().select(user_api="blas")


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold the process's BLAS libraries to one thread, unless another computation does."""
    if not _held.acquire(blocking=False):
        yield
        return
    try:
        with _controller().limit(limits=1):
            yield
    finally:
        _held.release()
