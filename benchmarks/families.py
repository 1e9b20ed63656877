"""Each family's fit against one pass over the same rows, its own log density, and SciPy's fit.

A pass is ``np.log(x).sum()`` over as many positive rows. A law whose maximum has a closed form may take 5 passes, any
other 40, or three evaluations of its own log density where that is more. SciPy gets what is fixed here as ``floc`` and
``fscale``, and its answer's log-likelihood is subtracted from ours: a positive gap is what it leaves. Its laws of
integers have no fit. Run as ``python benchmarks/families.py``; ``--quick`` is a tenth of the rows, and asks nothing of
SciPy.
"""

import argparse
import time
import warnings
from functools import partial

import numpy as np
from scipy import stats
from timing import best_time, one_pass, one_thread

from skinfo import ParametricDensity
from skinfo.families import get_family, registered_families

CLOSED = {"norm", "expon", "lognorm", "gamma"}  # gamma: its statistics in one pass
AGAINST_SCIPY = ["t", "genextreme", "weibull_min", "skewnorm", "burr12", "gengamma", "gamma", "beta", "lognorm"]


def sample(family, n):
    """Return rows of a law at its first example, and what is fixed in its fit."""
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **family.examples[0]}
    given = {name: theta[name] for name, domain in (family.shapes or {}).items() if domain == "integer"}
    fixed = {**family.natural_fixed, **given} if given else None
    return family.freeze(theta).rvs((n, 1), random_state=0).astype(float), fixed


def fit_time(family, X, fixed, repeats=3):
    """Return the seconds of a fit, and the density."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return best_time(lambda: ParametricDensity(family.name, fixed=fixed).fit(X), repeats)


def scipy_fit(family, x, fixed):
    """Return SciPy's seconds and log-likelihood with the same parameters fixed."""
    law = getattr(stats, family)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimates = law.fit(x, **{f"f{name}": value for name, value in fixed.items()})
    return time.perf_counter() - start, law.logpdf(x, *estimates).sum()


@one_thread
def main(quick=False):
    n = 100_000 if quick else 1_000_000
    x = np.random.default_rng(0).gamma(2.5, size=n)
    a_pass = one_pass(x)
    print(f"{n} rows, one thread; one pass is np.log(x).sum(): {1e3 * a_pass:.2f} ms")
    print(
        f"{'family':22} {'ms':>8} {'passes':>7} {'at most':>8} {'':4} {'scipy s':>8} {'ratio':>7} {'scipy leaves':>13}"
    )
    laws = [get_family(name) for name in registered_families()]
    over = []
    for family in [law for law in laws if not law.joint]:
        X, fixed = sample(family, n)
        seconds, density = fit_time(family, X, fixed)
        own, _ = best_time(partial(family.log_prob, X[:, 0], density.params_[0]), 2)
        limit = 5 if family.name in CLOSED else max(40, 3 * own / a_pass)
        passes = seconds / a_pass
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
