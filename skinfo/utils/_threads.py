"""One BLAS thread for computations in blocks, whose products are too small to be shared out."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


class _Limit:
    """Computations that are under way, and what puts back the number of threads after the last one."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running = 0
        self.limiter: Any = None

    def enter(self) -> None:
        """Set the libraries to one thread, before the first computation."""
        with self.lock:
            if self.running == 0:
                self.limiter = _controller().limit(limits=1, user_api="blas")
            self.running += 1

    def leave(self) -> None:
        """Set them back, after the last one."""
        with self.lock:
            self.running -= 1
            if self.running == 0:
                self.limiter.restore_original_limits()


@cache
def _controller() -> ThreadpoolController:
    # It looks for the process's libraries, which takes milliseconds.
    return ThreadpoolController()


def _after_fork() -> None:
    # Another thread of the parent may have held it.
    _limit.lock = threading.Lock()


_limit = _Limit()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold the process's BLAS libraries to one thread; in several threads at once, until the last one leaves."""
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()
