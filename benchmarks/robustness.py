"""Fits that end below the truth without a word, ours and SciPy's: every law, its examples, several sizes and seeds.

A fit fails silently if its log-likelihood is below that of the parameters the rows were drawn from, or of the other
package's fit, by more than 1e-6 nats a row, and nothing was said: no message, no exception. ``python
benchmarks/robustness.py`` runs all; ``--laws t genextreme`` some; ``--quick`` two sizes, one seed and no SciPy.
"""

import argparse
import math
import warnings
from collections import Counter

import numpy as np
from joblib import Parallel, delayed
from timing import one_thread

from skinfo.families import get_family, registered_families
from skinfo.likelihood import fit_marginal
from skinfo.measures import Rows

SIZES, SEEDS = (20, 200, 2_000, 20_000), 5
TOLERANCE = 1e-6  # nats a row
SLOW = {
    "norminvgauss",
    "skewnorm",
    "exponnorm",
    "vonmises",
    "jf_skew_t",
    "gengamma",
}  # SciPy takes minutes on many rows


def ours(family, x, fixed):
    """Return our log-likelihood and what was said."""
    try:
        found = fit_marginal(family, Rows(x), given=fixed)
    except ValueError as error:
        return math.nan, f"refused: {error}"
    return found.log_likelihood, found.message


def scipys(family, x, fixed):
    """Return the log-likelihood of SciPy's fit and what was said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            estimates = family.distribution.fit(x, **{f"f{name}": value for name, value in fixed.items()})
            value = family.distribution.logpdf(x, *estimates).sum()
        except Exception as error:  # whatever a law of SciPy's raises counts as said
            return math.nan, f"refused: {error}"
    said = [str(w.message) for w in caught if not issubclass(w.category, RuntimeWarning)]
    return value, "; ".join(said) if math.isfinite(value) else "not finite"


def run(name, i, n, seed, with_scipy):
    """Return what became of one case: its counters, and a line where ours failed silently."""
    family = get_family(name)
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **family.examples[i]}
    given = {key for key, domain in (family.shapes or {}).items() if domain == "integer"} | family.natural_fixed.keys()
    fixed = {key: theta[key] for key in family.parameters if key in given}
    law = family.freeze(theta)
    x = law.rvs(n, random_state=1000 * i + seed).astype(float)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        truth = float((law.logpmf if family.discrete else law.logpdf)(x).sum())
        own = float(family.log_prob(x, theta).sum())
        truth = own if not math.isfinite(truth) else min(truth, own)  # SciPy's density may lose digits
        value, message = ours(family, x, fixed)
    counts = Counter(fits=1)
    counts["with a message" if message and not message.startswith("refused") else ""] += bool(message)
    counts["refused"] += message.startswith("refused")
    room = TOLERANCE * n
    other = -math.inf
    if with_scipy and hasattr(family.distribution, "fit") and not (name in SLOW and n > 2_000):
        other, said = scipys(family, x, fixed)
        counts["SciPy fits"] += 1
        best = max(truth, value if math.isfinite(value) else -math.inf)
        counts["SciPy silently worse"] += not said and other < best - room
        counts["SciPy silently worse than the truth"] += not said and other < truth - room
        if said or not math.isfinite(other):
            other = -math.inf
        elif math.isfinite(value) and other > value:  # trust the density that both are judged by
            with np.errstate(all="ignore"):
                again = family.distribution.fit(x, **{f"f{key}": v for key, v in fixed.items()})
                names = [*family.distribution.shapes.split(", ")] if family.distribution.shapes else []
                other = float(family.log_prob(x, dict(zip([*names, "loc", "scale"], again))).sum())
    worse = not message and value < max(truth, other) - room
    counts["ours silently worse"] += worse
    line = f"{name} {family.examples[i]} n={n} seed={seed}: {value:.6f}, truth {truth:.6f}, SciPy {other:.6f}"
    return name, counts, line if worse else "", message


@one_thread
def main(laws=None, quick=False, jobs=2, verbose=False):
    names = laws or [name for name in registered_families() if not get_family(name).joint]
    sizes, seeds = ((20, 2_000), 1) if quick else (SIZES, SEEDS)
    cases = [
        (name, i, n, seed)
        for name in names
        for i in range(len(get_family(name).examples))
        for n in sizes
        for seed in range(seeds)
    ]
    results = Parallel(n_jobs=jobs)(delayed(run)(*case, not quick) for case in cases)
    total, stopped = Counter(), Counter()
    for name, counts, line, message in results:
        total += counts
        stopped[name] += "stopped" in message
        if line:
            print(line)
        if verbose and message:
            print(f"{name}: {message}")
    print(", ".join(f"{key}: {total[key]}" for key in ("fits", "ours silently worse", "with a message", "refused")))
    short = ", ".join(f"{name} {count}" for name, count in stopped.most_common() if count) or "none"
    print(f"stopped short of a maximum, and say so: {short}")
    if not quick:
        print(", ".join(f"{key}: {total[key]}" for key in total if key.startswith("SciPy")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--laws", nargs="*", help="some of the catalogue")
    parser.add_argument("--quick", action="store_true", help="two sizes, one seed, no SciPy")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="print what is said of every fit")
    main(**vars(parser.parse_args()))
