"""Examples of every univariate law of the catalogue, and a maximiser of thirty digits."""

from types import SimpleNamespace

import mpmath
import numpy as np
import pytest

from skinfo.families import get_family, registered_families

# Shapes, loc and scale where it is not 0 and 1; the first is what samples are drawn from.
EXAMPLES = {
    "beta": [{"a": 2.0, "b": 3.5}, {"a": 0.3, "b": 0.6, "loc": -1.0, "scale": 3.0}, {"a": 500.0, "b": 800.0}],
    "expon": [{"scale": 2.0}, {"loc": -3.0, "scale": 1e-8}, {"scale": 1e12}],
    "gamma": [{"a": 2.5, "scale": 3.0}, {"a": 0.05}, {"a": 1e5, "loc": 7.0, "scale": 1e-3}],
    "geom": [{"p": 0.2}, {"p": 1e-4}, {"p": 0.999, "loc": 2}],
    "invgauss": [{"mu": 0.7, "scale": 4.0}, {"mu": 1e-3, "scale": 1e3}, {"mu": 50.0, "loc": -2.0}],
    "laplace": [{"loc": 1.0, "scale": 2.0}, {"loc": 1e6, "scale": 1e-3}],
    "logistic": [{"loc": -1.0, "scale": 0.7}, {"loc": 1e6, "scale": 1e-3}],
    "lognorm": [{"s": 0.6, "scale": 5.0}, {"s": 0.01, "scale": 1e6}, {"s": 4.0, "loc": -1.0}],
    "nbinom": [
        {"n": 2.5, "p": 0.3},
        {"n": 0.05, "p": 0.01},
        {"n": 1.0, "p": 0.5},
        {"n": 3e3, "p": 0.9, "loc": 4},
    ],
    "norm": [{"loc": 3.0, "scale": 0.5}, {"loc": 1e8, "scale": 1.0}, {"scale": 1e-150}],
    "pareto": [{"b": 2.5, "scale": 2.0}, {"b": 0.1}, {"b": 60.0, "loc": 1.0, "scale": 1e3}],
    "poisson": [{"mu": 3.0}, {"mu": 0.01}, {"mu": 1e5, "loc": -2}],
    "t": [{"df": 4.0, "loc": 2.0, "scale": 1.5}, {"df": 0.3}, {"df": 150.0}, {"df": 300.0, "scale": 1e-3}],
    "uniform": [{"loc": 0.2, "scale": 0.5}, {"loc": 1e6, "scale": 1e-3}],
    "weibull_min": [{"c": 1.5, "scale": 2.0}, {"c": 0.3}, {"c": 40.0, "loc": -1.0, "scale": 1e4}],
}
UNIVARIATE = [name for name in registered_families() if "cov" not in get_family(name).parameters]
CASES = [(name, i) for name in UNIVARIATE for i in range(len(EXAMPLES[name]))]


def _example(name, i=0):
    family = get_family(name)
    theta = {"loc": 0.0, **({} if family.discrete else {"scale": 1.0}), **EXAMPLES[name][i]}
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
