"""Each family's fit against one pass over the same rows, its own log density, and SciPy's fit.

A pass is ``np.log(x).sum()`` over as many positive rows. A law whose maximum has a closed form may take 5 passes, any
other 40, or three evaluations of its own log density where that is more. SciPy gets what is fixed here as ``floc`` and
``fscale``, and its answer's log-likelihood is subtracted from ours: a positive gap is what it leaves. Its laws of
integers have no fit. Run as ``python benchmarks/families.py``; ``--quick`` is a tenth of the rows, and asks nothing of
SciPy.
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
from skinfo.families import get_family, registered_families  # noqa: E402

CLOSED = {"norm", "expon", "lognorm", "gamma"}  # gamma: its statistics in one pass
AGAINST_SCIPY = ["t", "genextreme", "weibull_min", "skewnorm", "burr12", "gengamma", "gamma", "beta", "lognorm"]


def best_time(call, repeats):
    """Return the shortest of several runs in seconds, and what the last one gave."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        value = call()
        best = min(best, time.perf_counter() - start)
    return best, value


def sample(family, n):
    """Return rows of a law at its first example, and what is fixed in its fit."""
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **family.examples[0]}
    given = {name: theta[name] for name, domain in (family.shapes or {}).items() if domain == "integer"}
    fixed = {**family.natural_fixed, **given} if given else None
    return family.freeze(theta).rvs((n, 1), random_state=0).astype(float), fixed


def scipy_fit(family, x, fixed):
    """Return SciPy's seconds and log-likelihood with the same parameters fixed."""
    law = getattr(stats, family)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimates = law.fit(x, **{f"f{name}": value for name, value in fixed.items()})
    return time.perf_counter() - start, law.logpdf(x, *estimates).sum()


def main(quick=False):
    n = 100_000 if quick else 1_000_000
    x = np.random.default_rng(0).gamma(2.5, size=n)
    one_pass, _ = best_time(lambda: np.log(x).sum(), 30)
    print(f"{n} rows, one thread; one pass is np.log(x).sum(): {1e3 * one_pass:.2f} ms")
    print(
        f"{'family':22} {'ms':>8} {'passes':>7} {'at most':>8} {'':4} {'scipy s':>8} {'ratio':>7} {'scipy leaves':>13}"
    )
    laws = [get_family(name) for name in registered_families()]
    over = []
    for family in [law for law in laws if not law.joint]:
        X, fixed = sample(family, n)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds, density = best_time(lambda: ParametricDensity(family.name, fixed=fixed).fit(X), 3)  # noqa: B023
        own, _ = best_time(lambda: family.log_prob(X[:, 0], density.params_[0]), 2)  # noqa: B023
        limit = 5 if family.name in CLOSED else max(40, 3 * own / one_pass)
        passes = seconds / one_pass
        if passes > limit:
            over.append(family.name)
        state = "" if density.converged_ else "lim"
        row = f"{family.name:22} {1e3 * seconds:8.2f} {passes:7.1f} {limit:8.0f} {state:4}"
        if family.name in AGAINST_SCIPY and not quick:
            (params,), (free,) = density.params_, density.free_params_
            given = {name: value for name, value in params.items() if name not in free}
            theirs, log_likelihood = scipy_fit(family.name, X[:, 0], given)
            row += f" {theirs:8.2f} {theirs / seconds:7.0f} {density.log_likelihood_ - log_likelihood:13.1e}"
        print(row, flush=True)
    print(f"over their limit: {', '.join(over) or 'none'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    main(parser.parse_args().quick)
