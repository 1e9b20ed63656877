"""Minimising H(p, q_theta): maximum likelihood, its certificate and its standard errors."""

from skinfo.likelihood._check import given_and_free, given_of, support_for, widest_support
from skinfo.likelihood._columns import fit_columns
from skinfo.likelihood._fit import MarginalFit, fit_marginal
from skinfo.likelihood._joint import JointFit, fit_joint
from skinfo.likelihood._ratio import LikelihoodRatioTest, likelihood_ratio_test
from skinfo.likelihood._stream import ColumnStream
from skinfo.likelihood._summary import summarise, why_not_held

__all__ = [
    "ColumnStream",
    "JointFit",
    "LikelihoodRatioTest",
    "MarginalFit",
    "fit_columns",
    "fit_joint",
    "fit_marginal",
    "given_and_free",
    "given_of",
    "likelihood_ratio_test",
    "summarise",
    "support_for",
    "why_not_held",
    "widest_support",
]
