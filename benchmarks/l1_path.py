"""A path of l1 penalties against skglm's: correlated columns, from the largest penalty that matters to a thousandth.

Every answer is judged by the same function, the penalised mean loss, as its excess over the minimum: ours at a
tight tolerance, whose duality gap is printed. The timed fits have a tolerance that both reach; the shorter of two
runs counts. One thread. skglm (``pip install skglm``) compiles before it is timed; where it is missing ours runs
alone. Run as ``python benchmarks/l1_path.py``; ``--quick`` has fewer rows, columns and penalties, ``--slow``
adds skglm's AndersonCD, which takes minutes.
"""

import argparse
import time
import warnings

import numpy as np
from timing import one_thread

from skinfo.classification._labels import read_labels
from skinfo.classification._objective import Objective, PassCounter
from skinfo.classification._proximal import l1_path, largest_l1, without_ridge
from skinfo.classification._rows import standardise

N_TRUE, SPAN = 50, 1e-3
# Of our duality gap's root, and of skglm's slopes relative to the least penalty.
OURS, TIGHT, PEER = 1e-5, 1e-7, 1e-3


def make_rows(n_rows, n_columns, seed=0):
    """Return columns of correlation 0.6 with their neighbours, and labels that fifty of them make."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_columns))
    for j in range(1, n_columns):
        X[:, j] = 0.6 * X[:, j - 1] + 0.8 * X[:, j]
    coef = np.zeros(n_columns)
    coef[rng.choice(n_columns, N_TRUE, replace=False)] = 0.5 * rng.normal(size=N_TRUE)
    return X - X.mean(axis=0), (X @ coef + rng.logistic(size=n_rows) > 0).astype(int)


def mean_loss(X, y):
    """Return what a path is of."""
    labels = read_labels(y, None, None, None)
    rows = standardise(X, labels.loss.mass, centred=True)
    return without_ridge(Objective(rows, labels.loss, 0.0, True, PassCounter(len(y))))


def our_path(X, y, values, tol):
    """Return seconds, coefficients (the intercept last) and the largest duality gap."""
    start = time.perf_counter()
    objective, path, gap = mean_loss(X, y), [], 0.0
    penalties = [(value, 0.0) for value in values]
    for point in l1_path(objective, None, penalties, tol=tol, max_iter=200, rng=np.random.RandomState(0)):
        coef, intercept = objective.coefficients(point.theta)
        path.append(np.append(coef[0], intercept - coef[0] @ objective.rows.columns.mean))
        gap = max(gap, 0.5 * point.norm**2)
    return time.perf_counter() - start, np.array(path), gap


def peer_path(X, y, values, solver):
    """Return the seconds and coefficients of a solver of skglm, each penalty starting from the last one's end."""
    from skglm import datafits, penalties, solvers
    from skglm.utils.jit_compilation import compiled_clone

    settings = {"tol": PEER * values[-1], "max_iter": 200, "fit_intercept": True, "warm_start": True}
    solver = getattr(solvers, solver)(**settings)
    signs, columns = np.where(y > 0, 1.0, -1.0), np.asfortranarray(X)

    def run(X, y, values):
        start = time.perf_counter()
        datafit, penalty = compiled_clone(datafits.Logistic()), compiled_clone(penalties.L1(1.0))
        coef, path = np.zeros(X.shape[1] + 1), []
        for value in values:
            penalty.alpha = value
            coef, _, _ = solver.solve(X, y, datafit, penalty, coef, X @ coef[:-1] + coef[-1])
            path.append(coef.copy())
        return time.perf_counter() - start, np.array(path)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(np.asfortranarray(columns[:200, :20]), signs[:200], values[:2])
        return run(columns, signs, values)


@one_thread
def main(quick=False, slow=False):
    n_rows, n_columns, n_values = (2000, 300, 30) if quick else (10_000, 1000, 100)
    X, y = make_rows(n_rows, n_columns)
    signs = np.where(y > 0, 1.0, -1.0)

    def value(coef, l1):
        return np.logaddexp(0.0, -signs * (X @ coef[:-1] + coef[-1])).mean() + l1 * np.abs(coef[:-1]).sum()

    values = largest_l1(mean_loss(X, y)) * np.geomspace(1.0, SPAN, n_values)
    _, path, gap = our_path(X, y, values, TIGHT)
    least = np.array([value(*pair) for pair in zip(path, values)])
    print(f"{n_rows} rows, {n_columns} columns, {n_values} penalties to lambda_max / {1 / SPAN:.0f}, one thread")
    print(f"{'path':17} {'seconds':>8} {'ratio':>7} {'largest excess':>15} {'columns at the end':>19}")
    ours = None

    def fit(name):
        return our_path(X, y, values, OURS)[:2] if name == "skinfo" else peer_path(X, y, values, name.split()[1])

    for name in ("skinfo", "skglm ProxNewton", "skglm AndersonCD")[: 3 if slow else 2]:
        try:
            runs = [fit(name) for _ in range(2)]
        except ImportError:
            print(f"{name}: skglm is not installed (pip install skglm)")
            continue
        seconds, path = min(runs, key=lambda run: run[0])
        ours = ours or seconds
        excess = max(value(*pair) - low for *pair, low in zip(path, values, least))
        size = np.count_nonzero(path[-1, :-1])
        print(f"{name:17} {seconds:8.2f} {seconds / ours:7.1f} {excess:15.1e} {size:19d}", flush=True)
    print(f"the minimum is known to {gap:.1e}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rows, columns and penalties")
    parser.add_argument("--slow", action="store_true", help="AndersonCD too")
    arguments = parser.parse_args()
    main(arguments.quick, arguments.slow)
