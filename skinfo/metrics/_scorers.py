"""Scorers of classifiers and densities, called ``scorer(estimator, X, y=None, sample_weight=None, offset=None)``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import UNCHANGED, MetadataRequest

from skinfo.information._vectors import log_of_base
from skinfo.metrics._labels import distinct_labels
from skinfo.metrics._losses import column_names, cross_entropy_loss, kl_divergence_loss, weighted_average
from skinfo.utils import check_weights


@dataclass(frozen=True, repr=False)
class Scorer:
    """A score of a fitted estimator on rows, larger for a better estimator.

    Unlike what ``make_scorer`` gives, it need not have ``y``, and does not change: ``set_score_request``
    returns another scorer.

    Parameters
    ----------
    name : str
        What it is exported and shown as.
    compute : callable
        Called with the estimator, X, y, sample_weight and a dict of what else its methods take; returns the score.
    requests : tuple of (str, bool, str or None)
        The metadata requests, with the name of what they are for.
    base : float or None, default=None
        Base of the logarithm that the score is in; None means nats.
    """

    name: str
    compute: Callable[[Any, Any, Any, Any, dict[str, Any]], float]
    requests: tuple[tuple[str, bool | str | None], ...] = (("sample_weight", None), ("offset", None))
    base: float | None = None

    def __call__(
        self,
        estimator: Any,
        X: Any,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        offset: ArrayLike | None = None,
    ) -> float:
        """Score a fitted estimator.

        Parameters
        ----------
        estimator : object
            Fitted.
        X : array-like of shape (n, p)
            Rows.
        y : array-like, default=None
            Labels of the rows, hard or soft; densities ignore them.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows.
        offset : array-like of shape (n,) or (n, K), default=None
            What the estimator's predictions take as their ``offset``.

        Returns
        -------
        float
            The score.

        Raises
        ------
        TypeError
            If the estimator does not have the methods that the score needs.
        ValueError
            If labels, weights or probabilities are not what the loss takes.
        """
        given = {} if offset is None else {"offset": offset}
        return self.compute(estimator, X, y, sample_weight, given) / log_of_base(self.base)

    def __repr__(self) -> str:
        unit = "" if self.base is None else f".in_base({self.base!r})"
        requests = ", ".join(f"{name}={request!r}" for name, request in self.requests if request is not None)
        return self.name + unit + (f".set_score_request({requests})" if requests else "")

    def in_base(self, base: float | None) -> Scorer:
        """Return the scorer in another unit; this one stays as it is.

        Parameters
        ----------
        base : float or None
            Base of the logarithm: 2 for bits; None means nats.

        Returns
        -------
        Scorer
            The same score in that unit.

        Raises
        ------
        ValueError
            If ``base`` is not positive and different from 1.

        Examples
        --------
        >>> from sklearn.linear_model import LogisticRegression
        >>> from skinfo.metrics import neg_cross_entropy_scorer
        >>> X, y = [[0.0], [1.0], [0.0], [1.0]], [0, 1, 1, 0]
        >>> model = LogisticRegression().fit(X, y)
        >>> round(neg_cross_entropy_scorer.in_base(2)(model, X, y), 6)
        -1.0
        """
        log_of_base(base)  # rejects what is not a base
        return replace(self, base=base)

    def __sklearn_clone__(self) -> Scorer:
        return self

    def set_score_request(
        self, *, sample_weight: bool | str | None = UNCHANGED, offset: bool | str | None = UNCHANGED
    ) -> Scorer:
        """Return a scorer that requests metadata by routing; this one stays as it is.

        Parameters
        ----------
        sample_weight, offset : bool, str or None
            Whether what is passed to a meta-estimator under this name is for this scorer, or under which name what is
            for it is passed.

        Returns
        -------
        Scorer
            The same score with the requests.

        Raises
        ------
        RuntimeError
            If metadata routing is not enabled.
        """
        if not get_config()["enable_metadata_routing"]:
            raise RuntimeError(
                "This method is only available when metadata routing is enabled. You can enable it using "
                "sklearn.set_config(enable_metadata_routing=True)."
            )
        new = {"sample_weight": sample_weight, "offset": offset}
        requests = tuple((name, old if new[name] == UNCHANGED else new[name]) for name, old in self.requests)
        scorer = replace(self, requests=requests)
        scorer.get_metadata_routing()  # rejects what is not a request
        return scorer

    def get_metadata_routing(self) -> MetadataRequest:
        """Return the metadata request of this scorer.

        Returns
        -------
        MetadataRequest
            With ``sample_weight`` and ``offset`` under ``score``.
        """
        requests = MetadataRequest(owner=self.name)
        for name, request in self.requests:
            requests.score.add_request(param=name, alias=request)
        return requests

    def _accept_sample_weight(self) -> bool:
        """Answer the search estimators, which ask before they pass weights on."""
        return True


def _neg_loss(
    loss: Callable[..., float], estimator: Any, X: Any, y: Any, sample_weight: Any, given: dict[str, Any]
) -> float:
    """Minus a loss; a class that the estimator has not seen has probability 0."""
    if y is None:
        raise ValueError("y is None: the score of a classifier needs the labels of the rows")
    proba = np.asarray(_method(estimator, "predict_proba")(X, **given))
    if not hasattr(estimator, "classes_"):
        raise TypeError(f"{type(estimator).__name__} has no classes_, which say what its probabilities are about")
    labels = np.asarray(estimator.classes_).tolist()
    known = set(labels)
    named = column_names(y) if np.ndim(y) == 2 else distinct_labels(y)
    unseen = [name for name in named if name not in known]
    if unseen:
        labels += unseen
        proba = np.column_stack([proba, np.zeros((len(proba), len(unseen)))])
    return -loss(y, proba, labels=labels, sample_weight=sample_weight)


def _neg_cross_entropy(estimator: Any, X: Any, y: Any, sample_weight: Any, given: dict[str, Any]) -> float:
    return _neg_loss(cross_entropy_loss, estimator, X, y, sample_weight, given)


def _neg_kl_divergence(estimator: Any, X: Any, y: Any, sample_weight: Any, given: dict[str, Any]) -> float:
    return _neg_loss(kl_divergence_loss, estimator, X, y, sample_weight, given)


def _log_likelihood(estimator: Any, X: Any, y: Any, sample_weight: Any, given: dict[str, Any]) -> float:  # noqa: ARG001
    """Average the rows' log-likelihoods; ``score`` would be their sum in ``KernelDensity``."""
    values = np.asarray(_method(estimator, "score_samples")(X, **given), dtype=np.float64)
    return weighted_average(values, check_weights(sample_weight, len(values)))


def _neg_criterion(criterion: str, estimator: Any, X: Any, sample_weight: Any, given: dict[str, Any]) -> float:
    """Minus an information criterion; a pipeline has none, so its last step's, on the rows that reach it."""
    if isinstance(estimator, Pipeline):
        transformed = estimator[:-1].transform(X) if len(estimator) > 1 else X
        return _neg_criterion(criterion, estimator[-1], transformed, sample_weight, given)
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    return -float(_method(estimator, criterion)(X, **weights, **given))


def _neg_aic(estimator: Any, X: Any, y: Any, sample_weight: Any, given: dict[str, Any]) -> float:  # noqa: ARG001
    return _neg_criterion("aic", estimator, X, sample_weight, given)


def _neg_bic(estimator: Any, X: Any, y: Any, sample_weight: Any, given: dict[str, Any]) -> float:  # noqa: ARG001
    return _neg_criterion("bic", estimator, X, sample_weight, given)


def _method(estimator: Any, name: str) -> Callable[..., Any]:
    """Return a method of the estimator, or say which it lacks."""
    method = getattr(estimator, name, None)
    if method is None:
        raise TypeError(f"{type(estimator).__name__} has no {name}, which this score needs")
    return method


neg_cross_entropy_scorer = Scorer("neg_cross_entropy_scorer", _neg_cross_entropy)
"""Minus the cross entropy loss of a classifier's ``predict_proba``; classes come from the estimator."""

neg_kl_divergence_scorer = Scorer("neg_kl_divergence_scorer", _neg_kl_divergence)
"""Minus the KL divergence loss of a classifier's ``predict_proba``; classes come from the estimator."""

log_likelihood_scorer = Scorer("log_likelihood_scorer", _log_likelihood)
"""Mean log-likelihood of the rows under a density: minus the cross entropy from the data to it."""

neg_aic_scorer = Scorer("neg_aic_scorer", _neg_aic)
"""Minus Akaike's information criterion of a density on the rows."""

neg_bic_scorer = Scorer("neg_bic_scorer", _neg_bic)
"""Minus the Bayesian information criterion of a density on the rows."""
