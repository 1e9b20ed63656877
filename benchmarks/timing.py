"""What benchmarks share: one thread, and the shortest of several runs."""

import time

import numpy as np
from threadpoolctl import threadpool_limits

one_thread = threadpool_limits.wrap(limits=1)  # of a function, while it runs


def best_time(call, repeats=3):
    """Return the shortest of several runs in seconds, and what the last one gave."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        value = call()
        best = min(best, time.perf_counter() - start)
    return best, value


def one_pass(x):
    """Return the seconds of a pass over positive rows, ``np.log(x).sum()``."""
    return best_time(lambda: np.log(x).sum(), 30)[0]
