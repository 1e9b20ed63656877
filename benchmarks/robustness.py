"""Fits that end below the truth without a word: every univariate distribution of SciPy, and the catalogue's examples.

A fit fails silently if its log-likelihood is below that of the parameters the rows were drawn from, or of SciPy's fit,
by more than 1e-6 nats a row, and nothing was said: no message, no exception. Continuous distributions are fitted in
three units, with their natural support and with loc freed. ``python benchmarks/robustness.py`` runs all, for hours;
``--laws t kappa4`` some; ``--quick`` two sizes, one seed, one unit, the natural support and no SciPy: minutes.
"""

import argparse
import math
import signal
import time
import warnings
from collections import Counter, defaultdict

import numpy as np
from joblib import Parallel, delayed
from scipy import stats
from scipy.stats._distr_params import distcont, distdiscrete
from timing import one_thread

from skinfo.families import get_family, registered_families
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows

SIZES, SEEDS, UNITS = (20, 200, 2_000), 3, (1e-5, 1.0, 1e5)
TOLERANCE = 1e-6  # nats a row
PATIENCE = 60  # seconds for SciPy
SLOW = {"levy_stable", "studentized_range", "gausshyper", "nct"}  # at most 200 rows
SPIKE = 12.0  # nats that a row is denser than nine in ten: SciPy is on its way to an infinite likelihood


def distributions():
    """Names with parameters: those of SciPy's own tests, and the catalogue's examples."""
    for name, args in [*distcont, *distdiscrete]:
        distribution = getattr(stats, name, None) if isinstance(name, str) else None
        if distribution is not None and name != "poisson_binom":  # as many parameters as trials
            family = get_family(name)
            shapes = (distribution.shapes or "").replace(",", " ").split()
            yield name, dict(zip(shapes, args)) | {"loc": 0.0} | ({} if family.discrete else {"scale": 1.0})
    for name in registered_families():
        family = get_family(name)
        for example in () if family.joint else family.examples:
            yield name, {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **example}


def late(*_):
    raise TimeoutError("late")


def scipys(family, x, fixed):
    """Return the parameters of SciPy's fit; None where it says that it failed, or takes too long."""
    signal.signal(signal.SIGALRM, late)
    signal.alarm(PATIENCE)
    try:
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
            warnings.simplefilter("always")
            names = (family.distribution.shapes or "").replace(",", " ").split()
            estimates = family.distribution.fit(x, **{f"f{name}": value for name, value in fixed.items()})
            said = [w for w in caught if not issubclass(w.category, RuntimeWarning)]
            return None if said else dict(zip([*names, "loc", "scale"], map(float, estimates)))
    except Exception:  # whatever a distribution of SciPy's raises counts as said
        return None
    finally:
        signal.alarm(0)


def value_at(family, x, theta):
    """Return the log-likelihood, by the lower of our density and SciPy's, and whether a row is all of it."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = family.log_prob(x, theta)
        law = family.distribution(**theta)
        other = float((law.logpmf if family.discrete else law.logpdf)(x).sum())
        spike = bool(own.max() - np.quantile(own, 0.9) > SPIKE)
    return min(float(own.sum()), other if math.isfinite(other) else math.inf), spike


def run(name, theta, n, seed, unit, freed, with_scipy):
    """Return what became of one case: its name, a kind, a line on it and the seconds it took."""
    family = get_family(name)
    rng = np.random.default_rng([n, seed, *map(ord, name)])
    x = family.freeze(theta).rvs(n, random_state=rng).astype(float) * unit
    theta = theta | {key: theta[key] * unit for key in ("loc", "scale") if key in theta}
    held = family.natural_fixed.keys() | {key for key, domain in (family.shapes or {}).items() if domain == "integer"}
    given = {key: theta[key] for key in held - ({"loc"} if freed else set())}
    truth, _ = value_at(family, x, theta)
    since = time.perf_counter()
    try:
        found = fit_marginal(family, Rows(x), given=given)
        value, message = found.log_likelihood, found.message
    except ValueError as error:
        value, message = -math.inf, f"refused: {error}"
    seconds = time.perf_counter() - since
    other = -math.inf
    if with_scipy and not message and hasattr(family.distribution, "fit"):
        estimates = scipys(family, x, given)
        if estimates is not None:
            other, spike = value_at(family, x, estimates)
            other = -math.inf if spike or not math.isfinite(other) else other
    if message:
        kind = "refused" if message.startswith("refused") else "limit" if "still increases" in message else "stopped"
    else:
        kind = "silently worse" if value < max(truth, other) - TOLERANCE * n else "good"
    case = f"{name} n={n} seed={seed} unit={unit:g}{' loc free' * freed}"
    line = f"{case}: {value:.6f}, truth {truth:.6f}, SciPy {other:.6f}"
    return name, kind, f"{line} {message}", seconds


@one_thread
def main(laws=None, quick=False, jobs=2, verbose=False):
    sizes, seeds, units = (SIZES[:2], 1, (1.0,)) if quick else (SIZES, SEEDS, UNITS)
    cases = []
    for name, theta in distributions():
        family = get_family(name)
        if (laws and name not in laws) or (quick and name in SLOW and not laws):
            continue
        moving = family.discrete or family.circular
        frees = (False,) if moving or quick or "loc" not in family.natural_fixed else (False, True)
        for n in sizes if name not in SLOW else sizes[:2]:
            for unit in (1.0,) if moving else units:
                cases += [(name, theta, n, seed, unit, freed) for seed in range(seeds) for freed in frees]
    results = Parallel(n_jobs=jobs)(delayed(run)(*case, not quick) for case in cases)
    kinds, named = Counter(), defaultdict(Counter)
    for name, kind, line, _ in results:
        kinds[kind] += 1
        named[kind][name] += 1
        if kind == "silently worse" or (verbose and kind != "good"):
            print(line)
    print(f"fits: {len(results)}, " + ", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items())))
    for kind in ("silently worse", "stopped"):
        print(f"{kind}: " + (", ".join(f"{name} {count}" for name, count in named[kind].most_common()) or "none"))
    slowest = max(results, key=lambda result: result[3])
    print(f"longest fit: {slowest[3]:.0f} s, {slowest[0]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--laws", nargs="*", help="some distributions")
    parser.add_argument("--quick", action="store_true", help="two sizes, one seed, one unit, no SciPy")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="print every fit that is not simply good")
    main(**vars(parser.parse_args()))
