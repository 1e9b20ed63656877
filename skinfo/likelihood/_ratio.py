"""Likelihood-ratio tests between nested models of any kind."""

from __future__ import annotations

from typing import Any, NamedTuple

from scipy.special import chdtrc
from sklearn.utils.validation import check_is_fitted

# Log-likelihoods of the same maximum differ by rounding only.
_SAME = 1e-9


class LikelihoodRatioTest(NamedTuple):
    """Result of `likelihood_ratio_test`.

    Attributes
    ----------
    statistic : float
        Twice the log-likelihoods' difference, in nats.
    df : int
        Difference of the numbers of parameters.
    pvalue : float
        Probability of a larger statistic if the smaller model is true, in large samples.
    """

    statistic: float
    df: int
    pvalue: float


def likelihood_ratio_test(smaller: Any, larger: Any) -> LikelihoodRatioTest:
    """Test whether a model of which another is a special case fits better than chance would let it.

    Parameters
    ----------
    smaller, larger : LogLossClassifier or ParametricDensity
        Two of a kind, fitted to the same rows and weights. Classifiers: with ``C=np.inf``; the columns of the smaller
        one's X are among the larger one's. Densities: of the same family, of whose parameters the smaller fixes more,
        or of one that is a special case of the larger one's, as the exponential is of the gamma and the Weibull.

    Returns
    -------
    LikelihoodRatioTest
        Statistic, degrees of freedom and p-value, from the chi-squared distribution [1]_.

    Raises
    ------
    AttributeError
        If a classifier's fit had a penalty.
    TypeError
        If the models are not two of a kind.
    ValueError
        If a fit did not converge, was by ``partial_fit`` (of a classifier) or with ``bias_reduction``, the rows are not
        the same, the models are not known to be nested, or the statistic is not known to be chi-squared: where the
        smaller model lies on the edge of the larger one, as the normal does of Student's t.

    References
    ----------
    .. [1] Wilks, S. S. (1938). The large-sample distribution of the likelihood ratio for testing composite
       hypotheses. Annals of Mathematical Statistics 9, 60-62.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skinfo import LogLossClassifier, ParametricDensity, likelihood_ratio_test
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> larger = LogLossClassifier(C=np.inf).fit(X[:, :2], y)
    >>> smaller = LogLossClassifier(C=np.inf).fit(X[:, :1], y)
    >>> test = likelihood_ratio_test(smaller, larger)
    >>> round(test.statistic, 2), test.df
    (38.89, 1)
    >>> densities = [ParametricDensity(family).fit(X[:, :1]) for family in ("expon", "gamma")]
    >>> likelihood_ratio_test(*densities).df
    1
    """
    checks = []
    for name, model in (("smaller", smaller), ("larger", larger)):
        checks.append(getattr(type(model), "_check_nested", None))
        if checks[-1] is None:
            raise TypeError(f"{name} must be a LogLossClassifier or a ParametricDensity; got {model!r}")
        check_is_fitted(model)
    if checks[0] is not checks[1]:
        raise TypeError(
            f"smaller and larger must be two of a kind; got {type(smaller).__name__} and {type(larger).__name__}"
        )
    df = int(larger.n_parameters_ - smaller.n_parameters_)
    if df <= 0:
        raise ValueError(
            f"smaller must be a special case of larger, but larger has {df} parameters more: exchange them, or compare "
            "AIC"
        )
    smaller._check_nested(larger)
    statistic = 2.0 * float(larger.log_likelihood_ - smaller.log_likelihood_)
    if not statistic >= -_SAME * (1.0 + abs(larger.log_likelihood_)):
        raise ValueError(
            f"smaller must be a special case of larger, but its log-likelihood is {-0.5 * statistic:.6g} higher: fit "
            "both to the same rows, or compare AIC"
        )
    statistic = max(statistic, 0.0)
    return LikelihoodRatioTest(statistic, df, float(chdtrc(df, statistic)))
