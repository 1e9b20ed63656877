"""Likelihood-ratio tests between nested classifiers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import chdtrc

# Masses and entropies of the same labels differ by rounding only.
_SAME = 1e-9


class LikelihoodRatioTest(NamedTuple):
    """Result of `likelihood_ratio_test`.

    Attributes
    ----------
    statistic : float
        Twice the log-likelihoods' difference, in nats.
    df : int
        Difference of the numbers of parameters.
    p_value : float
        Probability of a larger statistic if the smaller model is true, in large samples.
    """

    statistic: float
    df: int
    p_value: float


def likelihood_ratio_test(smaller: Any, larger: Any) -> LikelihoodRatioTest:
    """Test whether a model of which another is a special case fits better than chance would let it.

    Parameters
    ----------
    smaller, larger : LogLossClassifier
        Fitted with ``C=np.inf`` to the same labels and weights; every column of the smaller one's X is one of
        the larger one's, or a linear combination of them.

    Returns
    -------
    LikelihoodRatioTest
        Statistic, degrees of freedom and p-value, from the chi-squared law [1]_.

    Raises
    ------
    AttributeError
        If a fit had a penalty.
    ValueError
        If a fit did not converge, was by ``partial_fit`` or with ``bias_reduction``, the labels are not the same, or
        the models are not nested.

    References
    ----------
    .. [1] Wilks, S. S. (1938). The large-sample distribution of the likelihood ratio for testing composite
       hypotheses. Annals of Mathematical Statistics 9, 60-62.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skinfo import LogLossClassifier, likelihood_ratio_test
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> larger = LogLossClassifier(C=np.inf).fit(X[:, :2], y)
    >>> smaller = LogLossClassifier(C=np.inf).fit(X[:, :1], y)
    >>> test = likelihood_ratio_test(smaller, larger)
    >>> round(test.statistic, 2), test.df
    (38.89, 1)
    """
    found = []
    for name, model in (("smaller", smaller), ("larger", larger)):
        found.append(model._require("likelihood_ratio_test"))
        if found[-1].bias_reduced:
            raise ValueError(
                f"{name} was fitted with bias_reduction=True, where each model has a penalty of its own: use "
                "confint(method='profile', ...)"
            )
        if model._memory is not None:
            raise ValueError(f"{name} was fitted by partial_fit, whose log-likelihood is an approximation: use fit")
        if not model.converged_:
            raise ValueError(f"{name} is not at a maximum of the likelihood: see the warning of its fit")
    same = all(
        np.isclose(getattr(found[0], part), getattr(found[1], part), rtol=_SAME, atol=0.0)
        for part in ("total", "label_entropy")
    )
    if not (same and np.array_equal(smaller.classes_, larger.classes_)):
        raise ValueError("smaller and larger must be fitted to the same labels and weights; theirs differ")
    df = larger.n_parameters_ - smaller.n_parameters_
    statistic = 2.0 * (larger.log_likelihood_ - smaller.log_likelihood_)
    rounding = _SAME * (1.0 + abs(larger.log_likelihood_))
    if df <= 0 or statistic < -rounding:
        raise ValueError(
            f"smaller must be a special case of larger, but larger has {df} parameters more and a log-likelihood "
            f"{0.5 * statistic:.6g} higher: exchange them, or compare AIC"
        )
    statistic = max(statistic, 0.0)
    return LikelihoodRatioTest(statistic, df, float(chdtrc(df, statistic)))
