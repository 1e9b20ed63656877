"""Estimates from samples: bias, spread, standard error and coverage of normal and skewed rows, and of labels."""

import math

import numpy as np
from timing import one_thread

from skinfo import entropy_from_samples, kl_divergence_from_samples, mutual_information_from_samples

TRIALS = 300
TILTED = 0.8 - 1 - math.log(0.8)  # divergence of exponential distributions, of scale 0.8 from that of scale 1
SIZES = [(1000, 1000, None), (2000, 500, 1.0), (500, 5000, 1.0)]  # of X and Y, and the divergence if not 1/8 a column


def report(name, found, truth):
    """Print a line about some estimates."""
    ends = np.array([estimate.confint() for estimate in found])
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


def skewed(trials):
    """Print the same of exponential rows, whose edges no normal start sees."""
    print(f"exponential rows, {trials} trials, k=3")
    for p in (1, 2, 5, 10):
        random = np.random.default_rng(3)
        found = [entropy_from_samples(random.exponential(size=(1000, p)), random_state=t) for t in range(trials)]
        report(f"entropy, {p} columns, 1000", found, p)
        found = []
        for t in range(trials):
            X, Y = random.exponential(0.8, (1000, p)), random.exponential(size=(1000, p))
            found.append(kl_divergence_from_samples(X, Y, random_state=t))
        report(f"divergence {p * TILTED:.3f}, {p} columns, 1000 & 1000", found, p * TILTED)


def shared(trials):
    """Print the same of information: between normal columns of any margins, and of labels."""
    print(f"information, {trials} trials, k=3")
    for p, rho in ((1, 0.0), (1, 0.6), (2, 0.6), (5, 0.0), (5, 0.3), (5, 0.6), (10, 0.5)):
        random = np.random.default_rng(4)
        found = []
        for t in range(trials):
            X, Z = random.normal(size=(2, 1000, p))
            found.append(mutual_information_from_samples(X, rho * X + math.sqrt(1 - rho**2) * Z, random_state=t))
        report(f"{p} + {p} columns, correlation {rho}, 1000", found, -p / 2 * math.log(1 - rho**2))
    joint = np.array([[0.3, 0.1], [0.1, 0.5]])
    truth = float((joint * np.log(joint / np.outer(joint.sum(1), joint.sum(0)))).sum())
    found = []
    for t in range(trials):
        at = np.random.default_rng(t).choice(4, size=300, p=joint.ravel())
        found.append(mutual_information_from_samples(at // 2, at % 2))
    report("two and two labels, 300", found, truth)


@one_thread
def main(quick=False):
    """Print the tables; a fifth of the trials where ``quick``."""
    trials = TRIALS // 5 if quick else TRIALS
    coverage(trials)
    skewed(trials)
    shared(trials)


if __name__ == "__main__":
    main()
