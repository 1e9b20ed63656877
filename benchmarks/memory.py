"""LogLossClassifier on rows in a file, memory-mapped: the memory that a fit takes beside the page cache.

Writes 4 GB of rows (``--quick``: 0.4) to a temporary file and fits two classes and five, hard labels and soft. Memory
is the peak of what Python and NumPy allocated during the fit; the rows' pages are the system's. Run as
``python benchmarks/memory.py``.
"""

import argparse
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
from timing import one_thread

from skinfo.classification import LogLossClassifier

N_COLUMNS = 50
BLOCK = 100_000


def write_rows(path, n_rows, n_classes=5, seed=0):
    """Write rows block by block; return labels of two classes and of five."""
    rng = np.random.default_rng(seed)
    X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(n_rows, N_COLUMNS))
    y = np.empty(n_rows, dtype=np.int8)
    coef = rng.normal(size=(N_COLUMNS, n_classes)) * 0.3
    for start in range(0, n_rows, BLOCK):
        block = rng.normal(size=(min(BLOCK, n_rows - start), N_COLUMNS))
        X[start : start + BLOCK] = block * np.geomspace(0.01, 100, N_COLUMNS)
        logits = block @ coef
        y[start : start + BLOCK] = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    X.flush()
    return y


@one_thread
def main(quick=False):
    n_rows = 1_000_000 if quick else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npy"
        y = write_rows(path, n_rows)
        print(f"{n_rows} x {N_COLUMNS} rows in a file of {path.stat().st_size / 1e9:.1f} GB")
        for name, labels in (("2 classes", y > 1), ("5 classes", y), ("2 classes, soft", None)):
            X = np.load(path, mmap_mode="r")
            if labels is None:
                labels = np.column_stack([y > 1, y <= 1]).astype(np.float32) * 0.9 + 0.05
            tracemalloc.start()
            start = time.perf_counter()
            model = LogLossClassifier(random_state=0).fit(X, labels)
            seconds = time.perf_counter() - start
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            memory = f"{peak / 1e9:.2f} GB of memory beside the rows"
            print(f"{name:18} {seconds:6.1f} s, {model.n_passes_:.1f} passes, {memory}, converged: {model.converged_}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    main(parser.parse_args().quick)
