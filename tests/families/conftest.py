"""Examples of every univariate law of the catalogue, and a maximiser of thirty digits."""

from types import SimpleNamespace

import mpmath
import numpy as np
import pytest

from skinfo.families import get_family, registered_families

UNIVARIATE = [name for name in registered_families() if not get_family(name).joint]
CASES = [(name, i) for name in UNIVARIATE for i in range(len(get_family(name).examples))]


def _example(name, i=0):
    family = get_family(name)
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **family.examples[i]}
    law = family.freeze(theta)
    seed = sum(map(ord, name)) + i
    return SimpleNamespace(
        name=name,
        family=family,
        theta={key: theta[key] for key in family.parameters},
        law=law,
        log_density=law.logpmf if family.discrete else law.logpdf,
        draw=lambda n: law.rvs(n, random_state=seed).astype(np.float64),
    )


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def example(request):
    """A law at some of its parameters."""
    return _example(*request.param)


@pytest.fixture(params=UNIVARIATE)
def typical(request):
    """A law at ordinary parameters."""
    return _example(request.param)


@pytest.fixture
def maximise():
    """Maximise a log-likelihood at sixty digits: (log_likelihood of mpf arguments, start) -> list of mpf."""

    def maximum(log_likelihood, start):
        step = mpmath.mpf(10) ** -15

        def score(*u):
            moves = [[v + step * (i == j) for j, v in enumerate(u)] for i in range(len(u))]
            backs = [[v - step * (i == j) for j, v in enumerate(u)] for i in range(len(u))]
            return [(log_likelihood(*a) - log_likelihood(*b)) / (2 * step) for a, b in zip(moves, backs)]

        start = [mpmath.mpf(v) for v in start]
        if len(start) == 1:
            return [mpmath.findroot(lambda u: score(u)[0], (start[0], start[0] * 1.001), tol=1e-50)]
        return list(mpmath.findroot(lambda *u: score(*u), start, tol=1e-50, maxsteps=30))

    return maximum
