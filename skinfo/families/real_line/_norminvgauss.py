"""The normal inverse Gaussian law."""

import math

import numpy as np
from scipy import stats
from scipy.special import k0e, k1e

from skinfo.families._base import REAL_LINE, Limit
from skinfo.families._elementary import exponential
from skinfo.families._elementary import length as hypotenuse
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._quantiles import spread
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Exp, X

_SERIES_FROM = 100.0


def _series(length):
    """Coefficients of K0(w) / K1(w) in 1/w, from its Riccati equation (DLMF 10.29.3)."""
    c = [1.0]
    for m in range(1, length):
        c.append(-0.5 * (m * c[-1] + sum(c[i] * c[m - i] for i in range(1, m))))
    return np.array(c)


_COEFFICIENTS = _series(10)


def _gap(w):
    """Compute 1 - K0(w) / K1(w)."""
    far = w > _SERIES_FROM
    near = np.minimum(w, _SERIES_FROM)
    gap = k0e(near)
    gap /= k1e(near)
    np.subtract(1, gap, out=gap)
    if far.any():
        t = 1 / w[far]
        gap[far] = -t * np.polynomial.polynomial.polyval(t, _COEFFICIENTS[1:])
    return gap


def _tilt(a, b):
    """Compute sqrt(a^2 - b^2); NaN outside abs(b) < a."""
    return math.sqrt((a - b) * (a + b)) if abs(b) < a else math.nan


def _log_density(z, a, b):
    if abs(b) >= a:
        return np.full_like(z, -np.inf)
    gamma, length = _tilt(a, b), hypotenuse(z)
    c, s = a / gamma, b / gamma
    # gamma + b z - a length = -gamma (cosh(d) - 1) with d = arcsinh(z) - arcsinh(s), whose sinh cancels on one side
    sinh = z * c - length * s
    if len(same := np.flatnonzero(z * s > 0)):
        y = z[same]
        sinh[same] = (y - s) * ((y + s) / (y * c + length[same] * s))
    far = np.abs(sinh)
    exponent = far * (far / (1 + hypotenuse(far)))
    exponent *= gamma
    value = k1e(a * length)
    value /= length
    np.log(value, out=value)
    value -= exponent
    value += math.log(a / math.pi)
    return value


def _derivatives(z, a, b):
    gamma, length = _tilt(a, b), hypotenuse(z)
    u, gap = z / length, _gap(a * length)
    c, s = a / gamma, b / gamma
    slope = a * gap
    slope -= 2 / length
    slope *= u
    slope += b - a * u
    gap *= length  # what K0 / K1 is short of 1, beside a / gamma - length
    gap += (s - z) * ((s + z) / (c + length))
    return {"z": slope, "a": gap, "b": z - s}


def _start(rows, loc):  # noqa: ARG001 - loc is free
    """Moments: the kurtosis is 3 (1 + 4 q^2) / gamma, the skewness 3 q / sqrt(gamma), with q = b / a.

    The inverse Gaussian end of that line instead, where it is likelier; and besides a heavy tail by quartiles.
    """
    mean, variance = rows.moments()
    sd = math.sqrt(variance)
    some = rows.subsample(10_000)
    skewness, fourth = some.expect(lambda x: ((d := (x - mean) / sd) ** 3, d**4)).tolist()

    def at(q, gamma):
        a = gamma / math.sqrt(1 - q * q)
        scale = sd * math.sqrt(gamma**3) / a
        return {"a": a, "b": q * a, "loc": mean - scale * q * a / gamma, "scale": scale}

    kurtosis = max(fourth - 3, 2 * skewness**2, 0.05)
    q = skewness / math.sqrt(3 * kurtosis - 4 * skewness**2) if skewness else 0.0
    q = math.copysign(min(abs(q), 0.9), skewness)
    median, distance = spread(rows)
    heavy = {"a": 0.5, "b": 0.1 * math.copysign(1, skewness), "loc": median, "scale": 0.6 * distance}
    moments = at(q, 3 * (1 + 4 * q * q) / kurtosis)
    if abs(skewness) > 0.3:
        end = at(math.copysign(0.999, skewness), 9 / skewness**2)
        moments = max(moments, end, key=lambda theta: NORMINVGAUSS.mean_log_prob(some, theta))
    return [moments, heavy]


def _exp_mean(t, a, b):
    if abs(b + t.rate) > a:
        return math.inf
    before, after = _tilt(a, b), math.sqrt((a - b - t.rate) * (a + b + t.rate))
    return exponential(t.rate * (2 * b + t.rate) / (before + after))


NORMINVGAUSS = register(
    NonlinearFamily(
        name="norminvgauss",
        distribution=stats.norminvgauss,
        support=REAL_LINE,
        shapes={"a": "positive", "b": "real"},
        standard=_log_density,
        derivatives=_derivatives,
        start=_start,
        limits={
            ("a", "inf"): (
                Limit("norm", {"b": 0.0, "scale": math.inf}),
                Limit("invgauss", {"b": math.inf, "scale": 0.0}),
                Limit("-invgauss", {"b": -math.inf, "scale": 0.0}),
            ),
            ("a", "0"): Limit("cauchy", {"b": 0.0}),
        },
        expectations={
            X: lambda _, a, b: b / _tilt(a, b),
            SQUARE: lambda _, a, b: a**2 / _tilt(a, b) ** 3 + (b / _tilt(a, b)) ** 2,
            Exp: _exp_mean,
        },
        examples=(
            {"a": 0.3, "b": 0.1, "loc": -1.0, "scale": 0.7},
            {"a": 0.3, "b": -0.1},
            {"a": 5.0, "b": -4.0, "scale": 1000.0},
        ),
    )
)
