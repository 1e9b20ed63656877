"""Each family's fit against one pass over the same rows, and against SciPy's fit of the same law.

A pass is ``np.log(x).sum()`` over as many positive rows. SciPy gets what is fixed here as ``floc`` and ``fscale``, and
its answer's log-likelihood is subtracted from ours: a positive gap is what it leaves. Its laws of integers have no fit.
Run as ``python benchmarks/families.py``; ``--quick`` is a tenth of the rows.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402

import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

from skinfo import ParametricDensity  # noqa: E402

# Family, rows drawn from it, the most passes it may take.
CASES = [
    ("norm", lambda r, n: r.normal(3, 2, n), 5),
    ("expon", lambda r, n: r.exponential(3, n), 5),
    ("gamma", lambda r, n: r.gamma(2.5, size=n), 5),
    ("lognorm", lambda r, n: r.lognormal(1, 0.5, n), 5),
    ("beta", lambda r, n: r.beta(2, 3, n), 10),
    ("invgauss", lambda r, n: r.wald(2, 3, n), 60),
    ("weibull_min", lambda r, n: 2 * r.weibull(1.5, n), 60),
    ("pareto", lambda r, n: 3 * (1 + r.pareto(2.5, n)), 60),
    ("laplace", lambda r, n: r.laplace(1, 2, n), 60),
    ("logistic", lambda r, n: r.logistic(1, 2, n), 60),
    ("t", lambda r, n: 1 + 2 * r.standard_t(5, n), 60),
    ("uniform", lambda r, n: r.uniform(2, 5, n), 60),
    ("poisson", lambda r, n: r.poisson(4, n), 60),
    ("geom", lambda r, n: r.geometric(0.3, n), 60),
    ("nbinom", lambda r, n: r.negative_binomial(3, 0.4, n), 60),
]


def best_time(call, repeats):
    """Return the shortest of several runs in seconds, and what the last one gave."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        value = call()
        best = min(best, time.perf_counter() - start)
    return best, value


def scipy_fit(family, x, fixed):
    """Return SciPy's seconds and log-likelihood with the same parameters fixed."""
    law = getattr(stats, family)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimates = law.fit(x, **{f"f{name}": value for name, value in fixed.items()})
    return time.perf_counter() - start, law.logpdf(x, *estimates).sum()


def main(quick=False):
    random = np.random.default_rng(0)
    n = 100_000 if quick else 1_000_000
    x = random.gamma(2.5, size=n)
    one_pass, _ = best_time(lambda: np.log(x).sum(), 30)
    print(f"{n} rows, one thread; one pass is np.log(x).sum(): {1e3 * one_pass:.2f} ms")
    print(f"{'family':12} {'ms':>8} {'passes':>7} {'at most':>8} {'scipy s':>8} {'ratio':>7} {'scipy leaves':>13}")
    for family, draw, limit in CASES:
        X = draw(random, n).astype(np.float64)[:, None]
        fixed = {} if family == "uniform" else None
        seconds, density = best_time(lambda: ParametricDensity(family, fixed=fixed).fit(X), 5)  # noqa: B023
        row = f"{family:12} {1e3 * seconds:8.2f} {seconds / one_pass:7.1f} {limit:8d}"
        if hasattr(getattr(stats, family), "pdf"):
            (params,), (free,) = density.params_, density.free_params_
            given = {name: value for name, value in params.items() if name not in free}
            theirs, log_likelihood = scipy_fit(family, X[:, 0], given)
            row += f" {theirs:8.2f} {theirs / seconds:7.0f} {density.log_likelihood_ - log_likelihood:13.1e}"
        print(row, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    main(parser.parse_args().quick)
