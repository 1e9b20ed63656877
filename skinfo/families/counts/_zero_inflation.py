"""Laws of counts with more zeros: zero with probability pi, else a draw from a law of counts."""

import math

import numpy as np
from scipy import stats
from scipy.special import expit

from skinfo.measures import AT_ZERO, ONE
from skinfo.measures._statistics import combine


class ZeroInflated(stats.rv_discrete):
    """SciPy's view of such a law; the last shape is pi.

    Subclasses say ``law``, the law of counts.
    """

    law = stats.poisson

    def _argcheck(self, *args):
        *shapes, pi = args
        return (pi >= 0) & (pi < 1) & np.isfinite(self.law.mean(*shapes)) & (self.law.mean(*shapes) > 0)

    def _logpmf(self, k, *args):
        *shapes, pi = args
        counted = np.log1p(-pi) + self.law.logpmf(k, *shapes)
        with np.errstate(divide="ignore"):
            return np.where(k == 0, np.logaddexp(np.log(pi), counted), counted)

    def _pmf(self, k, *args):
        *shapes, pi = args
        return pi * (k == 0) + (1 - pi) * self.law.pmf(k, *shapes)

    def _cdf(self, k, *args):
        *shapes, pi = args
        return pi + (1 - pi) * self.law.cdf(np.floor(k), *shapes)

    def _sf(self, k, *args):
        *shapes, pi = args
        return (1 - pi) * self.law.sf(np.floor(k), *shapes)

    def _ppf(self, q, *args):
        *shapes, pi = args
        return np.maximum(self.law.ppf(np.maximum(q - pi, 0) / (1 - pi), *shapes), 0)

    def _isf(self, q, *args):
        *shapes, pi = args
        return np.maximum(self.law.isf(np.minimum(q / (1 - pi), 1.0), *shapes), 0)

    def _rvs(self, *args, size=None, random_state=None):
        *shapes, pi = args
        counted = self.law.rvs(*shapes, size=size, random_state=random_state)
        return np.where(random_state.uniform(size=size) < pi, 0, counted)

    def _stats(self, *args):
        *shapes, pi = args
        m, v, s, k = self.law.stats(*shapes, moments="mvsk")
        third = s * v**1.5
        second = v + m**2
        raw = np.array([m, second, third + 3 * m * v + m**3, (k + 3) * v**2 + 4 * m * third + 6 * m**2 * v + m**4])
        m, r2, r3, r4 = (1 - pi) * raw
        v = r2 - m**2
        third, fourth = r3 - 3 * m * r2 + 2 * m**3, r4 - 4 * m * r3 + 6 * m**2 * r2 - 3 * m**4
        return m, v, third / v**1.5, fourth / v**2 - 3


def inflated(terms, log_zero, pi):
    """Terms of the inflated law's log density.

    Parameters
    ----------
    terms : dict
        Those of the law of counts.
    log_zero : float
        The law of counts' log probability of zero.
    pi : float
        Probability of an extra zero.

    Returns
    -------
    dict
        The same and the indicator of zero.
    """
    more = float(np.logaddexp(0.0, _log_odds(pi) - log_zero))
    return combine((1.0, terms), (1.0, {ONE: math.log1p(-pi), AT_ZERO: more}))


def inflated_score(terms, log_zero_slope, log_zero, pi):
    """Terms of the log density's derivative in a shape of the law of counts.

    Parameters
    ----------
    terms : dict
        That of the law of counts.
    log_zero_slope, log_zero : float
        The law of counts' log probability of zero and its derivative.
    pi : float
        Probability of an extra zero.

    Returns
    -------
    dict
        The same and the indicator of zero.
    """
    return combine((1.0, terms), (-log_zero_slope * float(expit(_log_odds(pi) - log_zero)), {AT_ZERO: 1.0}))


def pi_score(log_zero, pi):
    """Terms of the log density's derivative in pi.

    Parameters
    ----------
    log_zero : float
        The law of counts' log probability of zero.
    pi : float
        Probability of an extra zero.

    Returns
    -------
    dict
        The indicator of zero and the constant.
    """
    # expit(logit(pi) - log_zero) / (pi (1 - pi)), which pi -> 0 leaves finite
    zero = 1 / ((1 - pi) * (pi + (1 - pi) * math.exp(log_zero)))
    return {ONE: -1 / (1 - pi), AT_ZERO: zero}


def _log_odds(pi):
    return math.log(pi) - math.log1p(-pi)
