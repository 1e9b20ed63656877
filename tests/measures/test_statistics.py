"""The algebra of the shared statistics: what shifting, rescaling and differentiating do to each."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skinfo.measures import (
    INVERSE_1M,
    LOG,
    LOG1M,
    LOG_FACTORIAL,
    LOG_SQUARE,
    ONE,
    SQUARE,
    Abs,
    Digamma,
    LogGamma,
    Power,
    PowerLog,
    Values,
    X,
)

exact = {
    ONE: lambda z: mpmath.mpf(1),
    X: lambda z: z,
    SQUARE: lambda z: z**2,
    LOG: mpmath.log,
    LOG_SQUARE: lambda z: mpmath.log(z) ** 2,
    LOG1M: lambda z: mpmath.log(1 - z),
    INVERSE_1M: lambda z: 1 / (1 - z),
    LOG_FACTORIAL: lambda z: mpmath.loggamma(z + 1),
    LogGamma(2.5): lambda z: mpmath.loggamma(z + mpmath.mpf(2.5)),
    Digamma(2.5): lambda z: mpmath.digamma(z + mpmath.mpf(2.5)),
    Abs(): abs,
    Abs(0.3): lambda z: abs(z - mpmath.mpf(0.3)),
    Power(-1.0): lambda z: 1 / z,
    Power(0.5): mpmath.sqrt,
    Power(2.3): lambda z: z ** mpmath.mpf(2.3),
    PowerLog(-1.0): lambda z: mpmath.log(z) / z,
    PowerLog(1.7): lambda z: z ** mpmath.mpf(1.7) * mpmath.log(z),
}
statistics = pytest.mark.parametrize("statistic", exact, ids=repr)
unit = st.floats(1e-3, 0.999)
positive = st.floats(1e-3, 1e3)


def value(terms, z):
    """A linear combination of statistics at one value, and the size of its parts."""
    parts = [c * float(t(Values(np.array([z])))[0]) for t, c in terms.items()]
    return math.fsum(parts), 1e-300 + math.fsum(map(abs, parts))


def of(statistic, z):
    return float(statistic(Values(np.array([z])))[0])


@statistics
@given(z=unit)
def test_values_agree_with_fifty_digits(statistic, z):
    with mpmath.workdps(50):
        assert_allclose(of(statistic, z), float(exact[statistic](mpmath.mpf(z))), rtol=1e-12, atol=1e-15)


@statistics
@given(y=unit, s=st.floats(1.0, 1e3))
def test_scaled(statistic, y, s):
    terms = statistic.scaled(s)
    assert statistic.scaled(1.0) is not None
    if terms is None:
        assert s != 1
        return
    total, size = value(terms, y)
    assert abs(total - of(statistic, y / s)) < 1e-12 * max(size, abs(total))


@statistics
@given(y=unit, d=st.floats(-0.999, 1e3))
def test_shifted(statistic, y, d):
    terms = statistic.shifted(d)
    assert {t: c for t, c in statistic.shifted(0.0).items() if c} == {statistic: 1.0}
    if terms is None or y + d == y:
        return
    total, size = value(terms, y)
    assert abs(total - of(statistic, y + d)) < 1e-12 * max(size, 1.0)


@statistics
@given(z=st.floats(0.01, 0.99))
def test_slope_and_radial(statistic, z):
    with mpmath.workdps(50):
        step = mpmath.mpf(10) ** -20
        f = exact[statistic]
        derivative = float((f(z + step) - f(z - step)) / (2 * step))
    for terms, expected in ((statistic.slope, derivative), (statistic.radial, z * derivative)):
        if terms is not None and z != getattr(statistic, "centre", None):
            total, size = value(terms, z)
            assert abs(total - expected) < 1e-12 * max(size, abs(expected)) + 1e-13


def test_what_the_vocabulary_can_say():
    """Which identities exist: what the scores of the catalogue are made of."""
    with_slope = {ONE, X, SQUARE, LOG, LOG_SQUARE, LOG1M, Power(2.3), PowerLog(1.7)}
    assert all(t.slope is not None and t.radial is not None for t in with_slope)
    assert Abs().slope is None
    assert Abs().radial == {Abs(): 1.0}
    assert Abs(1.0).radial is None
    for t in (LOG_FACTORIAL, Digamma(1.0), INVERSE_1M):
        assert t.slope is t.radial is t.scaled(2.0) is t.shifted(1.0) is None


def test_statistics_are_equal_by_value():
    assert Power(0.5) == Power(0.5) != Power(0.6)
    assert Abs(1.0) == Abs(1.0) != Abs()
    assert LOG_FACTORIAL == LogGamma(1.0) != Digamma(1.0)
    assert len({ONE, X, SQUARE, LOG, LOG_SQUARE, LOG1M, INVERSE_1M, Abs(), Power(1.0), PowerLog(1.0)}) == 10


def test_logarithms_are_taken_once(monkeypatch):
    calls = []
    log = np.log
    monkeypatch.setattr(np, "log", lambda z: calls.append(1) or log(z))
    v = Values(np.array([1.0, 2.0]))
    parts = [t(v) for t in (LOG, LOG_SQUARE, PowerLog(0.5), Power(0.3))]
    assert len(calls) == 1
    assert_array_equal(parts[0], log([1.0, 2.0]))


@given(z=positive, exponent=st.floats(-3, 3))
def test_powers(z, exponent):
    assert_allclose(of(Power(exponent), z), z**exponent, rtol=1e-13)
    assert_allclose(of(PowerLog(exponent), z), z**exponent * math.log(z), rtol=1e-12)
