"""Nearest-neighbour estimators: bias and coverage on normal rows."""

import math

import numpy as np
from timing import one_thread

from skinfo import entropy_from_samples, kl_divergence_from_samples

ROWS, TRIALS = 1000, 300


def coverage(trials=TRIALS):
    """Print bias, spread, standard error and coverage of nominal 95 % intervals."""
    print(f"{ROWS} normal rows, {trials} trials, k=3")
    print(f"{'estimate':14}{'columns':>8}{'bias':>9}{'spread':>9}{'std error':>11}{'coverage':>10}")
    random = np.random.default_rng(1)
    for p in (1, 2, 5):
        entropies, divergences = [], []
        for trial in range(trials):
            X, Y = random.normal(size=(ROWS, p)), random.normal(0.5, 1, size=(ROWS, p))
            entropies.append(entropy_from_samples(X, random_state=trial))
            divergences.append(kl_divergence_from_samples(X, Y, random_state=trial))
        truths = (p * math.log(2 * math.pi * math.e) / 2, p / 8)
        for name, found, truth in zip(("entropy", "kl_divergence"), (entropies, divergences), truths):
            ends = np.array([estimate.confidence_interval() for estimate in found])
            inside = np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1]))
            error = np.mean([estimate.standard_error for estimate in found])
            print(f"{name:14}{p:>8}{np.mean(found) - truth:>9.4f}{np.std(found):>9.4f}{error:>11.4f}{inside:>10.2f}")


@one_thread
def main(quick=False):
    """Print the table; a fifth of the trials where ``quick``."""
    coverage(TRIALS // 5 if quick else TRIALS)


if __name__ == "__main__":
    main()
