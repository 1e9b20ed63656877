"""Entropies, divergences and losses: time and memory beside SciPy, scikit-learn and infomeasure."""

import importlib.util
import math
import tracemalloc
from functools import partial

import numpy as np
from scipy import stats
from scipy.spatial import cKDTree
from sklearn.metrics import log_loss
from timing import best_time, one_pass, one_thread

from skinfo import entropy, js_divergence, kl_divergence, kl_divergence_from_samples, renyi_divergence
from skinfo.metrics import cross_entropy_loss

OUTCOMES = 10


def distributions(n, seed=0):
    """Return two arrays of n probability vectors."""
    random = np.random.default_rng(seed)
    p, q = random.exponential(size=(2, n, OUTCOMES))
    p /= p.sum(axis=1, keepdims=True)
    q /= q.sum(axis=1, keepdims=True)
    return p, q


def vectors(n):
    """Print times in passes of the logarithm over one array, and how many times faster than the peers that is."""
    p, q = distributions(n)
    near = p * np.random.default_rng(1).uniform(0.99, 1.01, p.shape)
    near /= near.sum(axis=1, keepdims=True)
    y = np.random.default_rng(2).integers(0, OUTCOMES, n)
    small = p.astype(np.float32), q.astype(np.float32)
    unit = one_pass(p)
    cases = [
        ("kl_divergence", partial(kl_divergence, p, q), partial(stats.entropy, p, q, axis=1)),
        ("kl_divergence, 1 % apart", partial(kl_divergence, p, near), partial(stats.entropy, p, near, axis=1)),
        ("kl_divergence, float32", partial(kl_divergence, *small), partial(stats.entropy, *small, axis=1)),
        ("entropy", partial(entropy, p), partial(stats.entropy, p, axis=1)),
        ("cross_entropy_loss, labels", partial(cross_entropy_loss, y, q), partial(log_loss, y, q)),
        ("cross_entropy_loss, soft", partial(cross_entropy_loss, p, q), None),
        ("js_divergence", partial(js_divergence, p, q), None),
        ("renyi_divergence, order 2", partial(renyi_divergence, p, q, 2), None),
    ]
    print(f"vectors {n:,} x {OUTCOMES}, checks included")
    print(f"{'':28}{'passes of log':>14}{'peer':>8}{'ratio':>8}")
    for name, ours, peer in cases:
        seconds, value = best_time(ours, 7)
        line = f"{name:28}{seconds / unit:>14.2f}"
        if peer:
            theirs, expected = best_time(peer, 3)
            np.testing.assert_allclose(value, expected, rtol=1e-3 if "float32" in name else 1e-6)
            line += f"{theirs / unit:>8.2f}{theirs / seconds:>8.1f}"
        print(line)


def memory(n):
    """Print the peak of what is allocated, the result included."""
    p, q = distributions(n)
    y = np.arange(n) % OUTCOMES
    print(f"peak memory, {n:,} x {OUTCOMES} (an array of {p.nbytes / 1e6:.0f} MB, a result of {8 * n / 1e6:.0f} MB)")
    calls = {
        "entropy": partial(entropy, p),
        "kl_divergence": partial(kl_divergence, p, q),
        "js_divergence": partial(js_divergence, p, q),
        "cross_entropy_loss, labels": partial(cross_entropy_loss, y, q),
        "cross_entropy_loss, soft": partial(cross_entropy_loss, p, q),
    }
    for name, call in calls.items():
        tracemalloc.start()
        call()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"{name:28}{peak / 1e6:>8.1f} MB")


def pairs():
    """Print the time of closed forms."""
    for p, q in [
        (stats.gamma(2.5), stats.gamma(3)),
        (stats.gamma(2.5), stats.lognorm(0.6)),
        (stats.norm(), stats.norm(1)),
    ]:
        seconds, _ = best_time(lambda p=p, q=q: [kl_divergence(p, q) for _ in range(200)], 7)
        print(f"kl_divergence, {p.dist.name} from {q.dist.name}: {seconds / 200 * 1e6:.0f} microseconds")


def queries(n=10_000, p=4):
    """Print the time of a divergence of samples over that of the queries that it needs."""
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(n, p)), random.normal(0.3, 1, size=(n, p))

    def needed():
        cKDTree(X).query(X, [4]), cKDTree(Y).query(X, [3])

    unit, _ = best_time(needed, 9)
    for n_subsamples in (0, 16):
        seconds, _ = best_time(partial(kl_divergence_from_samples, X, Y, n_subsamples=n_subsamples), 9)
        print(
            f"kl_divergence_from_samples, {n:,} x {p}, n_subsamples={n_subsamples}: {seconds / unit:.2f} x the queries"
        )


def unequal(trials):
    """Print divergences of samples of unequal sizes, with infomeasure's where it is installed."""
    peer = importlib.import_module("infomeasure").kld if importlib.util.find_spec("infomeasure") else None
    print(f"divergence 1 of normal samples, mean of {trials} (spread)")
    for n, m in [(2000, 500), (500, 5000)]:
        for p in (1, 5):
            random = np.random.default_rng(0)
            shift = math.sqrt(2 / p)
            samples = [(random.normal(shift, 1, (n, p)), random.normal(size=(m, p))) for _ in range(trials)]
            ours = [kl_divergence_from_samples(X, Y, n_subsamples=0) for X, Y in samples]
            line = f"rows {n} & {m}, columns {p}: {np.mean(ours):.3f} ({np.std(ours):.3f})"
            if peer:
                theirs = [peer(X, Y, approach="metric") for X, Y in samples]
                line += f"; infomeasure {np.mean(theirs):.3f} ({np.std(theirs):.3f})"
            print(line)


@one_thread
def main(quick=False):
    """Print all; a tenth of the rows where ``quick``."""
    vectors(100_000 if quick else 1_000_000)
    memory(1_000_000 if quick else 10_000_000)
    pairs()
    queries()
    unequal(10 if quick else 50)


if __name__ == "__main__":
    main()
