"""What grows with the rows and the columns: a search over all families, its memory, and fits of many columns.

A pass is ``np.log(x).sum()`` over the same rows. fitter and distfit search the same list of families on few rows, if
they are installed (``pip install fitter distfit``). Run as ``python benchmarks/scale.py``; ``--quick`` is a tenth.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse  # noqa: E402
import contextlib  # noqa: E402
import io  # noqa: E402
import logging  # noqa: E402
import time  # noqa: E402
import tracemalloc  # noqa: E402
import warnings  # noqa: E402

import numpy as np  # noqa: E402

from skinfo import FamilySearch, ParametricDensity  # noqa: E402

PEER_ROWS = 10_000


def timed(call):
    """Return the seconds of a call and what it gave."""
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def quietly(call):
    """Return what a talkative call gave."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        return call()


def search(n):
    """Print and return the time of a search over all families of a positive column."""
    X = np.random.default_rng(0).gamma(2.5, size=(n, 1))
    one_pass = min(timed(lambda: np.log(X).sum())[0] for _ in range(5))
    seconds, found = min((timed(lambda: FamilySearch().fit(X)) for _ in range(3)), key=lambda pair: pair[0])
    names = found.results_["family"]
    line = f"search of {len(names)} families, {n:>10,} rows: {seconds:7.3f} s, {seconds / one_pass:6.0f} passes"
    print(f"{line}, best {found.best_family_}", flush=True)
    return seconds, list(names)


def peers(names):
    """Print the times of other packages' searches of the same list, where they are installed."""
    x = np.random.default_rng(0).gamma(2.5, size=PEER_ROWS)
    known = [name for name in names if name != "kumaraswamy"]  # SciPy's
    ours, _ = timed(lambda: FamilySearch(known).fit(x[:, None]))
    print(f"search of {len(known)} families, {PEER_ROWS:>10,} rows: {ours:7.3f} s")

    def fitter():
        from fitter import Fitter

        logging.getLogger().setLevel(logging.CRITICAL)
        model = Fitter(x, distributions=known, timeout=600)
        model.fit()
        return model

    def distfit():
        from distfit import distfit as Distfit

        model = Distfit(distr=known, verbose=0)
        model.fit_transform(x)
        return model

    for peer in (fitter, distfit):
        try:
            seconds, _ = timed(lambda: quietly(peer))  # noqa: B023
        except ImportError:
            print(f"{peer.__name__}: not installed")
        else:
            print(f"{peer.__name__}, the same list and rows: {seconds:7.3f} s, {seconds / ours:.0f} times", flush=True)


def memory(n):
    """Print the most that fits and a search allocate above the data."""
    X = np.random.default_rng(0).gamma(2.5, size=(n, 1))
    for name, call in {
        "gamma": lambda: ParametricDensity("gamma").fit(X),
        "weibull_min": lambda: ParametricDensity("weibull_min").fit(X),
        "t": lambda: ParametricDensity("t").fit(X),
        "laplace": lambda: ParametricDensity("laplace").fit(X),
        "search": lambda: FamilySearch().fit(X),
    }.items():
        tracemalloc.start()
        quietly(call)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(
            f"{name:12} {n:>10,} rows ({X.nbytes / 2**20:.0f} MiB): at most {peak / 2**20:5.1f} MiB above them",
            flush=True,
        )


def columns(p):
    """Print how many columns of 100 rows are fitted in a second."""
    X = np.random.default_rng(0).gamma(2.5, size=(100, p))
    for family in ("norm", "gamma"):
        seconds, density = timed(lambda: ParametricDensity(family).fit(X))  # noqa: B023
        state = "all at certified optima" if density.converged_ else "not all converged"
        print(f"{family:12} {p:>10,} columns of 100 rows: {p / seconds:,.0f} a second, {state}", flush=True)


def main(quick=False):
    few, many = (100_000, 1_000_000) if quick else (1_000_000, 10_000_000)
    seconds, names = search(few)
    more, _ = search(many)
    print(f"ten times the rows: {more / seconds:.1f} times the time")
    if not quick:
        peers(names)
    memory(many)
    columns(10_000 if quick else 100_000)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, no other packages")
    main(parser.parse_args().quick)
