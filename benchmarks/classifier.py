"""LogLossClassifier against LogisticRegression's solvers, on columns of unlike scales that are correlated.

Every fit minimises the same objective on one thread, and every answer is judged by the same function: the
gradient's length in the inverse of the exact Hessian at the optimum, about sqrt(2 (f - min f)) of the mean
objective. Peers get a tolerance with which they come near 1e-6, or a cap on iterations that keeps the run
short. Run as ``python benchmarks/classifier.py``; ``--quick`` is a tenth of the rows.
"""

import argparse
import time
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from timing import one_thread

from skinfo.classification import LogLossClassifier

N_COLUMNS, N_CLASSES = 50, 10
TARGET = 1e-6

# Solver, whether columns are standardised first, tolerance, cap on iterations. Tolerances are loose ones
# with which the gradient comes near the target, where it does; caps stop what is far from it.
PEERS = [
    ("lbfgs", True, 2e-8, 1000),
    ("lbfgs", False, 1e-7, 300),
    ("newton-cg", True, 1e-7, 100),
    ("newton-cg", False, 1e-6, 8),
    ("newton-cholesky", True, 1e-6, 12),
    ("newton-cholesky", False, 1e-6, 20),
    ("sag", True, 1e-7, 50),
    ("sag", False, 1e-8, 5),
    ("saga", True, 1e-7, 50),
    ("saga", False, 1e-8, 5),
]


def make_rows(n_rows, seed=0):
    """Return equicorrelated columns (0.9) of scales from exp(-3) to exp(3), and labels of a softmax."""
    rng = np.random.default_rng(seed)
    X = np.sqrt(0.9) * rng.normal(size=(n_rows, 1)) + np.sqrt(0.1) * rng.normal(size=(n_rows, N_COLUMNS))
    logits = X @ rng.normal(size=(N_COLUMNS, N_CLASSES))
    y = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    return X * np.exp(np.linspace(-3, 3, N_COLUMNS)), y


class Judge:
    """Measures an answer by the gradient it leaves, in one metric for all: the Hessian at the best answer.

    Standardised peers minimise with the penalty in standardised units: their optimum differs, so they are
    judged by their own objective.
    """

    def __init__(self, X, y):
        self.X = np.column_stack([np.ones(len(X)), X])
        self.y = y

    def fix_metric(self, coef, intercept):
        """Take the Hessian at these parameters."""
        q = self._proba(coef, intercept)
        width = self.X.shape[1]
        hessian = np.empty((N_CLASSES, width, N_CLASSES, width))
        for k in range(N_CLASSES):
            for other in range(k + 1):
                weight = q[:, k] * ((k == other) - q[:, other])
                block = self.X.T @ (self.X * weight[:, None]) / len(self.y)
                hessian[k, :, other, :] = hessian[other, :, k, :] = block
            hessian[k, range(1, width), k, range(1, width)] += 1.0 / len(self.y)
        side = N_CLASSES * width
        hessian = hessian.reshape(side, side)
        scale = 1.0 / np.sqrt(np.diagonal(hessian))
        # Adding a constant to every intercept changes nothing: that direction has no gradient either.
        self.inverse = scale[:, None] * np.linalg.pinv(hessian * scale[:, None] * scale, rcond=1e-13) * scale

    def gradient_norm(self, coef, intercept):
        """Return the length of the gradient of the mean objective."""
        residual = self._proba(coef, intercept)
        residual[np.arange(len(self.y)), self.y] -= 1.0
        gradient = residual.T @ self.X / len(self.y)
        gradient[:, 1:] += coef / len(self.y)
        return float(np.sqrt(max(gradient.ravel() @ self.inverse @ gradient.ravel(), 0.0)))

    def _proba(self, coef, intercept):
        logits = self.X @ np.column_stack([intercept, coef]).T
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        return logits / logits.sum(axis=1, keepdims=True)


@one_thread
def main(quick=False):
    n_rows = 20_000 if quick else 200_000
    X, y = make_rows(n_rows)

    times, model = [], None
    for seed in range(3):
        start = time.perf_counter()
        model = LogLossClassifier(random_state=seed).fit(X, y)
        times.append(time.perf_counter() - start)
    ours = float(np.median(times))
    judges = {False: Judge(X, y), True: Judge(StandardScaler().fit_transform(X), y)}
    judges[False].fix_metric(model.coef_, model.intercept_)
    best = LogLossClassifier(random_state=0).fit(judges[True].X[:, 1:], y)
    judges[True].fix_metric(best.coef_, best.intercept_)

    print(f"{n_rows} rows, {N_COLUMNS} columns, {N_CLASSES} classes, l2 with C=1, one thread")
    header = ("fit", "seconds", "ratio", "iterations", "passes", "gradient norm", "")
    print("{:34} {:>8} {:>7} {:>10} {:>7} {:>13}  {}".format(*header))
    norm = judges[False].gradient_norm(model.coef_, model.intercept_)
    name = "LogLossClassifier"
    print(f"{name:34} {ours:8.2f} {1:7.1f} {model.n_iter_:10d} {model.n_passes_:7.1f} {norm:13.1e}", flush=True)
    reached = []
    for solver, scaled, tol, cap in PEERS:
        peer = LogisticRegression(solver=solver, tol=tol, max_iter=cap)
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer.fit(StandardScaler().fit_transform(X) if scaled else X, y)
        seconds = time.perf_counter() - start
        norm = judges[scaled].gradient_norm(peer.coef_, peer.intercept_)
        n_iter = int(np.max(peer.n_iter_))
        remark = "" if norm <= 2 * TARGET else "not there" + (": iteration cap" if n_iter >= cap else "")
        if not remark:
            reached.append(seconds)
        name = f"{solver}{', standardised' if scaled else ', raw'}"
        row = f"{name:34} {seconds:8.2f} {seconds / ours:7.1f} {n_iter:10d} {'':7} {norm:13.1e}  {remark}"
        print(row, flush=True)
    if reached:
        print(f"best peer that came within {2 * TARGET:g}: {min(reached) / ours:.1f} times our time")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    main(parser.parse_args().quick)
