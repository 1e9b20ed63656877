"""What follows from the log-likelihood of rows: scores and information criteria."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import ArrayLike, NDArray

from skinfo.measures import Rows
from skinfo.utils import check_weights


class LikelihoodScores:
    """Methods of an estimator that has ``score_samples`` and ``n_parameters_``."""

    n_parameters_: int

    def score_samples(self, X: ArrayLike) -> NDArray:
        """Log-likelihood of each row."""
        raise NotImplementedError

    def score(self, X: ArrayLike, y: Any = None, sample_weight: ArrayLike | None = None) -> float:  # noqa: ARG002
        """Mean log-likelihood: minus the cross entropy from the rows to the law.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        y : None
            Ignored.
        sample_weight : array-like of shape (n,), optional
            Weights.

        Returns
        -------
        float
            In nats.
        """
        total, weight = self._total(X, sample_weight)
        return total / weight

    def aic(self, X: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Akaike's information criterion; smaller is better.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        sample_weight : array-like of shape (n,), optional
            Frequencies of the rows.

        Returns
        -------
        float
            -2 log-likelihood + 2 parameters.
        """
        return -2 * self._total(X, sample_weight)[0] + 2 * self.n_parameters_

    def bic(self, X: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Bayesian information criterion; smaller is better.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Rows.
        sample_weight : array-like of shape (n,), optional
            Frequencies of the rows: n is their sum.

        Returns
        -------
        float
            -2 log-likelihood + log(n) parameters.
        """
        total, weight = self._total(X, sample_weight)
        return -2 * total + math.log(weight) * self.n_parameters_

    def _total(self, X: ArrayLike, sample_weight: ArrayLike | None) -> tuple[float, float]:
        log_probs = self.score_samples(X)
        weights = check_weights(sample_weight, len(log_probs))
        rows = Rows(log_probs, weights)
        return rows.total * float(rows.expect(lambda v: v)), rows.total
