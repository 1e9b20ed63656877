"""Student's t law."""

import math

import numpy as np
from scipy import stats
from scipy.special import betaln, digamma, stdtr

from skinfo.families._base import REAL_LINE, Limit
from skinfo.families._nonlinear import NonlinearFamily
from skinfo.families._registry import register
from skinfo.measures import SQUARE, Abs, Exp, X


def _log_normaliser(df):
    if df > 200:  # betaln cancels: its expansion, from DLMF 5.11.1
        u = 1 / df
        return -0.5 * math.log(2 * math.pi) - u / 4 + u**3 / 24 - u**5 / 20
    return -betaln(df / 2, 0.5) - 0.5 * math.log(df)


def _log_density(z, df):
    return _log_normaliser(df) - (df + 1) / 2 * np.log1p(z * z / df)


def _slope(z, df):
    out = z * z
    out += df
    np.divide(z, out, out=out)
    out *= -(df + 1)
    return out


def _df_score(z, df):
    if df < 1e4:
        constant = 0.5 * (float(digamma((df + 1) / 2) - digamma(df / 2)) - 1 / df)
    else:  # the difference of digammas cancels: its asymptotic series, DLMF 5.11.2
        constant = 1 / (4 * df**2) - 1 / (8 * df**4)
    # constant - log(1 + u)/2 + (df+1)/(2 df) u/(1+u) with u = z^2/df, in place: passes over rows are spent here
    u = z * z
    u *= 1 / df
    half_log = np.log1p(u)
    half_log *= 0.5
    u /= 1 + u
    u *= (df + 1) / (2 * df)
    u -= half_log
    u += constant
    return u


def _start(rows, loc):  # noqa: ARG001 - loc is free
    low, middle, high = rows.subsample(10_000).quantiles([0.25, 0.5, 0.75])
    spread = (high - low) / (2 * 0.7407) or math.sqrt(rows.moments()[1])
    return {"df": 4.0, "loc": float(middle), "scale": float(spread)}


def _second_moment(_, df):
    return df / (df - 2) if df > 2 else math.inf


def _entropy(df):
    # log(df)/2 + betaln(df/2, 1/2) + (df+1)/2 (psi((df+1)/2) - psi(df/2)): Lazo and Rathie (1978)
    if df > 200:  # DLMF 5.11.2
        u = 1 / df
        pull = (1 + u) / 2 * (1 + u / 2 - u**3 / 4 + u**5 / 2)
    else:
        pull = (df + 1) / 2 * float(digamma((df + 1) / 2) - digamma(df / 2))
    return pull - float(_log_normaliser(df))


def _distance(t, df):
    if df <= 1:
        return math.inf
    c = abs(t.centre)
    height = math.exp(_log_density(np.array(c), df))
    return c * (2 * float(stdtr(df, c)) - 1) + 2 * (df + c * c) / (df - 1) * height


T = register(
    NonlinearFamily(
        name="t",
        distribution=stats.t,
        support=REAL_LINE,
        shapes={"df": "positive"},
        standard=_log_density,
        slope=_slope,
        shape_scores={"df": _df_score},
        start=_start,
        limits={("df", "inf"): Limit("norm")},
        entropy=_entropy,
        expectations={
            X: lambda _, df: 0.0 if df > 1 else math.nan,
            SQUARE: _second_moment,
            Abs: _distance,
            Exp: lambda *_, **__: math.inf,
        },
        examples=(
            {"df": 4.0, "loc": 2.0, "scale": 1.5},
            {"df": 0.3},
            {"df": 150.0},
            {"df": 300.0, "scale": 0.001},
        ),
    )
)
