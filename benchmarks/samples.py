"""Nearest-neighbour estimators: bias, spread, standard error and coverage on normal rows."""

import math

import numpy as np
from timing import one_thread

from skinfo import entropy_from_samples, kl_divergence_from_samples

TRIALS = 300
SIZES = [(1000, 1000, None), (2000, 500, 1.0), (500, 5000, 1.0)]  # of X and Y, and the divergence if not 1/8 a column


def report(name, found, truth):
    """Print a line about some estimates."""
    ends = np.array([estimate.confidence_interval() for estimate in found])
    inside = np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1]))
    error = math.sqrt(np.mean([estimate.standard_error**2 for estimate in found]))
    print(f"{name:40}{np.mean(found) - truth:>8.4f}{np.std(found):>9.4f}{error:>11.4f}{inside:>10.2f}")


def coverage(trials=TRIALS):
    """Print bias, spread, standard error and coverage of nominal 95 % intervals."""
    print(f"normal rows, {trials} trials, k=3")
    print(f"{'':40}{'bias':>8}{'spread':>9}{'std error':>11}{'coverage':>10}")
    for p in (1, 2, 5):
        random = np.random.default_rng(1)
        found = [entropy_from_samples(random.normal(size=(1000, p)), random_state=t) for t in range(trials)]
        report(f"entropy, {p} columns, 1000", found, p * math.log(2 * math.pi * math.e) / 2)
        for n, m, truth in SIZES:
            truth = truth or p / 8
            random = np.random.default_rng(2)
            found = []
            for t in range(trials):
                X, Y = random.normal(math.sqrt(2 * truth / p), 1, (n, p)), random.normal(size=(m, p))
                found.append(kl_divergence_from_samples(X, Y, random_state=t))
            report(f"divergence {truth:g}, {p} columns, {n} & {m}", found, truth)


@one_thread
def main(quick=False):
    """Print the table; a fifth of the trials where ``quick``."""
    coverage(TRIALS // 5 if quick else TRIALS)


if __name__ == "__main__":
    main()
