"""The F law: beta prime with half the degrees of freedom as shapes, in units of their ratio."""

import math

from scipy import stats

from skinfo.families._base import POSITIVE_LINE, Limit
from skinfo.families._elementary import exponential_of_heavy_tail
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.families.half_line import _betaprime as prime
from skinfo.measures import LOG, LOG_SQUARE, SQUARE, Exp, Power, X


def _prime(z, dfn, dfd):
    return dfn / dfd * z, dfn / 2, dfd / 2


def _derivatives(z, dfn, dfd):
    args = _prime(z, dfn, dfd)
    found, radial = prime.derivatives(*args), prime.radial(*args)
    return {
        "z": (dfn / dfd) * found["z"],
        "dfn": found["a"] / 2 + radial / dfn,
        "dfd": found["b"] / 2 - radial / dfd,
    }


def _start(rows, loc):
    a, b, scale = prime.start(rows, loc).values()
    return {"dfn": 2 * a, "dfd": 2 * b, "scale": scale * a / b}


def _mean_log(dfn, dfd):
    return prime.mean_log(dfn / 2, dfd / 2) + math.log(dfd / dfn)


def _power_mean(k, dfn, dfd):
    return (dfd / dfn) ** k * prime.power_mean(k, dfn / 2, dfd / 2)


F = register(
    NonlinearFamily(
        name="f",
        distribution=stats.f,
        support=POSITIVE_LINE,
        shapes={"dfn": "positive", "dfd": "positive"},
        standard=lambda z, dfn, dfd: prime.log_density(*_prime(z, dfn, dfd)) + math.log(dfn / dfd),
        derivatives=_derivatives,
        start=_start,
        limits={
            ("dfd", "inf"): Limit("gamma", {"dfn": lambda q: 2 * q["a"], "scale": lambda q: q["a"] * q["scale"]}),
            ("dfn", "inf"): Limit("invgamma", {"dfd": lambda q: 2 * q["a"], "scale": lambda q: q["scale"] / q["a"]}),
        },
        natural={"loc": 0.0, "scale": 1.0},
        same_as="betaprime",
        entropy=lambda dfn, dfd: prime.entropy(dfn / 2, dfd / 2) + math.log(dfd / dfn),
        expectations={
            X: lambda _, dfn, dfd: _power_mean(1, dfn, dfd),
            SQUARE: lambda _, dfn, dfd: _power_mean(2, dfn, dfd),
            LOG: lambda _, dfn, dfd: _mean_log(dfn, dfd),
            LOG_SQUARE: lambda _, dfn, dfd: (
                prime.mean_log_square(dfn / 2, dfd / 2)
                - prime.mean_log(dfn / 2, dfd / 2) ** 2
                + _mean_log(dfn, dfd) ** 2
            ),
            Power: lambda t, dfn, dfd: _power_mean(t.exponent, dfn, dfd),
            Exp: lambda t, **_: exponential_of_heavy_tail(t),
        },
        examples=(
            {"dfn": 2.0, "dfd": 3.0},
            {"dfn": 0.5, "dfd": 0.7, "scale": 2.0},
            {"dfn": 1000.0, "dfd": 6.0, "loc": -1.0, "scale": 1e-06},
            {"dfn": 3.0, "dfd": 5000.0},
        ),
    )
)
