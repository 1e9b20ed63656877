"""What grows with the rows and the columns: a search over all families, its memory, and fits of many columns.

A pass is ``np.log(x).sum()`` over the same rows. fitter and distfit search the same list of families on few rows, if
they are installed (``pip install fitter distfit``). Run as ``python benchmarks/scale.py``; ``--quick`` is a tenth.
"""

import argparse
import contextlib
import io
import logging
import tracemalloc
import warnings
from functools import partial

import numpy as np
from families import fit_time, sample
from timing import best_time, one_pass, one_thread

from skinfo import FamilySearch, ParametricDensity
from skinfo.families import get_family

PEER_ROWS = 10_000
GROWING = [
    *("t", "weibull_min", "genextreme", "burr12", "skewnorm", "gengamma"),
    *("nbinom", "gamma", "norm", "laplace", "laplace_asymmetric", "triang"),
]


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
    seconds, found = best_time(lambda: FamilySearch().fit(X))
    names = found.results_["family"]
    line = f"search of {len(names)} families, {n:>10,} rows: {seconds:7.3f} s, {seconds / one_pass(X):6.0f} passes"
    print(f"{line}, best {found.best_family_}", flush=True)
    return seconds, list(names)


def peers(names):
    """Print the times of other packages' searches of the same list, where they are installed."""
    x = np.random.default_rng(0).gamma(2.5, size=PEER_ROWS)
    known = [name for name in names if name != "kumaraswamy"]  # SciPy's
    ours, _ = best_time(lambda: FamilySearch(known).fit(x[:, None]), 1)
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
            seconds, _ = best_time(partial(quietly, peer), 1)
        except ImportError:
            print(f"{peer.__name__}: not installed")
        else:
            print(f"{peer.__name__}, the same list and rows: {seconds:7.3f} s, {seconds / ours:.0f} times", flush=True)


def growth(few, many):
    """Print how much longer fits take on more rows."""
    for name in GROWING:
        family = get_family(name)
        X, fixed = sample(family, many)
        (short, _), (long, _) = (fit_time(family, X[:n], fixed) for n in (few, many))
        print(
            f"{name:20} {few:>10,} rows {1e3 * short:6.1f} ms, {many:,} rows: {long / short:4.1f} times that",
            flush=True,
        )


def memory(n):
    """Print the most that fits and a search allocate above the data."""
    X = np.random.default_rng(0).gamma(2.5, size=(n, 1))
    unit = X / (1 + X)
    for name, call in {
        "gamma": lambda: ParametricDensity("gamma").fit(X),
        "weibull_min": lambda: ParametricDensity("weibull_min").fit(X),
        "t": lambda: ParametricDensity("t").fit(X),
        "laplace": lambda: ParametricDensity("laplace").fit(X),
        "triang": lambda: ParametricDensity("triang", fixed={"loc": 0, "scale": 1}).fit(unit),
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
        seconds, density = best_time(partial(ParametricDensity(family).fit, X), 1)
        state = "all at certified optima" if density.converged_ else "not all converged"
        print(f"{family:12} {p:>10,} columns of 100 rows: {p / seconds:,.0f} a second, {state}", flush=True)


@one_thread
def main(quick=False):
    few, many = (100_000, 1_000_000) if quick else (1_000_000, 10_000_000)
    seconds, names = search(few)
    more, _ = search(many)
    print(f"ten times the rows: {more / seconds:.1f} times the time")
    if not quick:
        peers(names)
        growth(few, many)
    memory(many)
    columns(10_000 if quick else 100_000)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, no other packages")
    main(parser.parse_args().quick)
