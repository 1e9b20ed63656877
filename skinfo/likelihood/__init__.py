"""Minimising H(p, q_theta): maximum likelihood, its certificate and its standard errors."""

from skinfo.likelihood._fit import MarginalFit, fit_marginal
from skinfo.likelihood._joint import JointFit, fit_joint

__all__ = ["JointFit", "MarginalFit", "fit_joint", "fit_marginal"]
