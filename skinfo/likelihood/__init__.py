"""Minimising H(p, q_theta): maximum likelihood, its certificate and its standard errors."""

from skinfo.likelihood._check import freed_support, given_and_free, given_of, widest_support
from skinfo.likelihood._columns import fit_columns
from skinfo.likelihood._fit import MarginalFit, fit_marginal
from skinfo.likelihood._joint import JointFit, fit_joint
from skinfo.likelihood._ratio import LikelihoodRatioTest, likelihood_ratio_test
from skinfo.likelihood._stream import ColumnStream
from skinfo.likelihood._summary import can_hold, summarise

__all__ = [
    "ColumnStream",
    "JointFit",
    "LikelihoodRatioTest",
    "MarginalFit",
    "can_hold",
    "fit_columns",
    "fit_joint",
    "fit_marginal",
    "freed_support",
    "given_and_free",
    "given_of",
    "likelihood_ratio_test",
    "summarise",
    "widest_support",
]
