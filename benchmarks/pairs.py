"""Divergences of every pair of laws in the catalogue: how many are closed, how exact, how fast; torch's beside them."""

import argparse
import math
import warnings
from functools import partial

import numpy as np
from timing import best_time, one_thread

from skinfo import kl_divergence
from skinfo.families import get_family, registered_families
from skinfo.information import _closed_forms as closed
from skinfo.information import _univariate as univariate
from skinfo.information._expectations import expect
from skinfo.information._laws import as_law

TORCH = {  # parameters of torch's laws from those of SciPy's
    "beta": ("Beta", lambda a, b, scale, **_: (a, b) if scale == 1 else None),  # has no scale
    "cauchy": ("Cauchy", lambda loc, scale: (loc, scale)),
    "expon": ("Exponential", lambda scale, **_: (1 / scale,)),
    "gamma": ("Gamma", lambda a, scale, **_: (a, 1 / scale)),
    "gumbel_r": ("Gumbel", lambda loc, scale: (loc, scale)),
    "halfnorm": ("HalfNormal", lambda scale, **_: (scale,)),
    "laplace": ("Laplace", lambda loc, scale: (loc, scale)),
    "lognorm": ("LogNormal", lambda s, scale, **_: (math.log(scale), s)),
    "norm": ("Normal", lambda loc, scale: (loc, scale)),
    "pareto": ("Pareto", lambda b, scale, **_: (scale, b)),
    "poisson": ("Poisson", lambda mu, **_: (mu,)),
    "uniform": ("Uniform", lambda loc, scale: (loc, loc + scale)),
}


def members(quick):
    """Return frozen laws by name: two of each family, near enough to each other's supports to be compared."""
    laws = {}
    for name in registered_families():
        family = get_family(name)
        if family.joint:
            continue
        natural = {"loc": 0.0} if "loc" in family.natural_fixed else {}
        examples = [{**example, **natural} for example in family.examples[: 1 if quick else 2]]
        laws[name] = [family.distribution(**example) for example in examples]
    return laws


def of_quadrature(p, q):
    """Return the cross entropy by adaptive quadrature or summation, whatever is known."""
    return math.log(p.scale) - expect(p, q.seen_from(p), q.outline(p))


def is_closed(p, q):
    """Whether the divergence is a formula."""
    if closed.divergence(p, q) is not None:
        return True
    cross = closed.mean(p, (1.0, closed.log_density_terms(q, p)))
    return cross is not None and closed.entropy(p) is not None


def count(laws):
    """Print how many pairs are closed and how far from quadrature they are; return some of each kind."""
    kinds = {"infinite, by supports or tails": [], "closed": [], "by quadrature or summation": []}
    worst, linear = (0.0, ""), [0, 0]
    for p_name, firsts in laws.items():
        for q_name, seconds in laws.items():
            p, q = firsts[0], seconds[-1]
            a, b = as_law(p, "p"), as_law(q, "q")
            if a.discrete != b.discrete:
                continue
            if kl_divergence(p, q) == math.inf:
                kinds["infinite, by supports or tails"].append((p, q))
                continue
            formula = is_closed(a, b)
            if getattr(b.family, "terms", None) is not None:
                linear[not formula] += 1
            kinds["closed" if formula else "by quadrature or summation"].append((p, q))
            if formula:
                value, exact = univariate.cross_entropy(a, b), of_quadrature(a, b)
                worst = max(worst, (abs(value - exact) / max(1.0, abs(exact)), f"{p_name}, {q_name}"))
    for kind, pairs in kinds.items():
        print(f"{kind:34}{len(pairs):>6} pairs")
    print(f"of {sum(linear)} finite ones whose second law is exponential, shapes given, {linear[0]} are closed")
    print(f"closed cross entropies are within {worst[0]:.1e} of quadrature ({worst[1]})")
    return kinds


def speed(kinds, quick):
    """Print the time of a divergence from frozen distributions."""
    for kind, pairs in kinds.items():
        seconds = []
        step, repeats = (24, 3) if kind.startswith("by") else (4, 200)
        for p, q in pairs[:: 2 * step if quick else step]:
            seconds.append(best_time(partial(kl_divergence, p, q), repeats)[0])
        middle, high = np.quantile(seconds, [0.5, 0.95]) * 1e6
        print(f"{kind:34}{middle:>9.1f} us a divergence, 95 % under {high:.1f} us")


def beside_torch(laws):
    """Print torch's registry: pairs, error and time, on the laws that both have."""
    try:
        import torch
        from torch.distributions.kl import _KL_REGISTRY
    except ImportError:
        print("torch is not installed: nothing beside it")
        return
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    errors, ours, theirs = [], [], []
    for p_name, (p_class, p_parameters) in TORCH.items():
        for q_name, (q_class, q_parameters) in TORCH.items():
            p, q = laws[p_name][0], laws[q_name][-1]
            theta = [p_parameters(**as_law(p, "p").theta), q_parameters(**as_law(q, "q").theta)]
            if None in theta:
                continue
            first = getattr(torch.distributions, p_class)(*map(torch.tensor, theta[0]))
            second = getattr(torch.distributions, q_class)(*map(torch.tensor, theta[1]))
            try:
                seconds, value = best_time(partial(torch.distributions.kl_divergence, first, second), 20)
            except NotImplementedError:
                continue
            theirs.append(seconds)
            seconds, own = best_time(partial(kl_divergence, p, q), 20)
            ours.append(seconds)
            if math.isfinite(own):
                errors.append(abs(float(value) - own) / abs(own) if own else abs(float(value)))
    print(f"torch {torch.__version__}: {len(_KL_REGISTRY)} pairs registered; {len(theirs)} of {len(TORCH) ** 2} tried")
    times = f"{np.median(theirs) * 1e6:.0f} us a divergence, here {np.median(ours) * 1e6:.0f}"
    print(f"largest relative difference {max(errors):.1e}; {times}")


@one_thread
def main(quick=False):
    """Print all; one law of each family where ``quick``."""
    warnings.simplefilter("ignore", RuntimeWarning)
    laws = members(quick)
    kinds = count(laws)
    speed(kinds, quick)
    beside_torch(laws)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one law of each family, fewer pairs timed")
    main(parser.parse_args().quick)
