"""Log loss taken apart: what recalibration would remove, and what only a better model can."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skinfo.information._vectors import cross_entropy_rows, entropy_rows, kl_divergence_rows, log_of_base
from skinfo.metrics._losses import read_predictions, weighted_average
from skinfo.metrics._recalibration import binned, held_out, isotonic, read_folds, temperature
from skinfo.utils import check_choice

_MAPS = {"temperature": temperature, "isotonic": isotonic}


@dataclass(frozen=True)
class LogLossDecomposition:
    """The parts of a log loss, in nats or the asked unit.

    Two identities hold to rounding: ``cross_entropy = calibration + refinement`` and
    ``cross_entropy = row_entropy + divergence``.

    Parameters
    ----------
    cross_entropy : float
        The loss: the mean cross entropy from the labels to the predictions.
    calibration : float
        How much of it the recalibration removes: an estimate of the KL divergence from the recalibrated to the given
        predictions. Negative where the recalibration, on rows it has not seen, does worse than none; infinite where
        a label has probability 0.
    refinement : float
        The loss after the recalibration.
    label_entropy : float
        Entropy of the labels' frequencies: the loss of predicting these for every row.
    row_entropy : float
        Mean entropy of the rows' own labels, which no prediction falls short of; 0 for hard labels.
    divergence : float
        Mean KL divergence from the labels to the predictions, ``kl_divergence_loss``.
    method : {"temperature", "isotonic", "binned"}
        The recalibration.

    Examples
    --------
    >>> from skinfo.metrics import LogLossDecomposition
    >>> parts = LogLossDecomposition(0.5, 0.125, 0.375, 0.625, 0.0, 0.5, "isotonic")
    >>> parts.resolution
    0.25
    """

    cross_entropy: float
    calibration: float
    refinement: float
    label_entropy: float
    row_entropy: float
    divergence: float
    method: str

    @property
    def resolution(self) -> float:
        """Label entropy less refinement: what the predictions, once recalibrated, tell about the labels."""
        return self.label_entropy - self.refinement


def log_loss_decomposition(
    y_true: Any,
    y_proba: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    method: str = "auto",
    cv: Any = 5,
    n_bins: int = 10,
    base: float | None = None,
) -> LogLossDecomposition:
    r"""Take the log loss apart into calibration and refinement.

    With c(q) = E[p | q], the label's distribution given the prediction,

    .. math:: E\,H(p, q) = E\,D(c(q) \| q) + E\,H(c(q)),
        \qquad E\,H(c(q)) = H(E p) - E\,D(c(q) \| E p):

    calibration, which recalibration would remove, and refinement, which is the label entropy less the resolution.
    c is not known. It is estimated here by recalibrating each row with a map fitted to the other folds, so the
    refinement is a loss on rows not seen by the map: in expectation an upper bound of the true one, and the calibration
    a lower bound. For predictions that need no recalibration the estimate scatters about zero and is often slightly
    negative, which is the price of fitting the map.

    Parameters
    ----------
    y_true : array-like of shape (n,) or (n, K)
        Labels; or soft labels, each row a distribution over the classes. The columns of a DataFrame name the
        classes.
    y_proba : array-like of shape (n, K), (n,) or (n, 1)
        Predicted probabilities of the classes in the order of ``labels``; or, of two classes, that of the
        last one. They should be of rows that the model was not fitted to.
    labels : array-like of shape (K,), default=None
        The classes of the columns of ``y_proba``. None means the sorted distinct labels of ``y_true``; for
        soft labels, its columns (those of ``y_proba`` where both are DataFrames).
    sample_weight : array-like of shape (n,), default=None
        Weights. A row of weight zero does not count, even where its loss is infinite.
    method : {"auto", "temperature", "isotonic", "binned"}, default="auto"
        The recalibration. "temperature" raises the probabilities to one power and normalises; it leaves probabilities
        of 0 as they are. "isotonic" takes each class's probability through a nondecreasing map and normalises.
        "auto" is the one of these two with the smaller held-out loss, in whose choice there is a little optimism.
        "binned" takes the frequency of each class in bins of its probability, from the same rows: biased. Its
        calibration is too large by about (K - 1) (n_bins - 1) / 2n nats, as the rows' own labels make the
        frequencies, and too small by what varies within a bin.
    cv : int, splitter or iterable of (train, test) rows, default=5
        The folds of "temperature" and "isotonic", each row held out once. For a number, rows of each class are
        dealt out in their order. Rows of weight zero are left out before.
    n_bins : int, default=10
        The bins of "binned", of about equal weight.
    base : float, default=None
        Base of the logarithm; None means nats.

    Returns
    -------
    LogLossDecomposition
        ``cross_entropy``, ``calibration``, ``refinement``, ``label_entropy``, ``row_entropy``, ``divergence``,
        ``resolution`` and the ``method``. Where a label has probability 0, cross entropy and calibration are
        infinite.

    Raises
    ------
    ValueError
        If labels, probabilities or weights are not what ``cross_entropy_loss`` takes, ``method`` is none of
        those above, ``n_bins`` is not a positive integer, or ``cv`` does not hold out each row once.

    See Also
    --------
    cross_entropy_loss : The loss.
    kl_divergence_loss : The loss less the entropy of soft labels.
    sklearn.calibration.CalibratedClassifierCV : Recalibrates a classifier.

    References
    ----------
    J. Broecker, Reliability, sufficiency, and the decomposition of proper scores, Quarterly Journal of the Royal
    Meteorological Society 135 (2009). Berta, Holzmueller, Jordan and Bach, Rethinking Early Stopping: Refine, Then
    Calibrate (2025), for estimates by recalibration. Ferro and Fricker, A bias-corrected decomposition of the Brier
    score, QJRMS 138 (2012), on the bias of bins.

    Examples
    --------
    >>> import numpy as np
    >>> from skinfo.metrics import log_loss_decomposition
    >>> rng = np.random.default_rng(0)
    >>> logit = rng.normal(size=10_000)
    >>> y = rng.random(10_000) < 1 / (1 + np.exp(-logit))
    >>> overconfident = 1 / (1 + np.exp(-3 * logit))
    >>> parts = log_loss_decomposition(y, overconfident)
    >>> parts.method
    'temperature'
    >>> print(f"{parts.cross_entropy:.2f} = {parts.calibration:.2f} + {parts.refinement:.2f}")
    0.78 = 0.18 + 0.60
    """
    unit = log_of_base(base)
    check_choice("method", method, ("auto", *_MAPS, "binned"))
    if not isinstance(n_bins, numbers.Integral) or n_bins < 1:
        raise ValueError(f"n_bins must be a positive integer; got {n_bins!r}")
    truth, q, weights = read_predictions(y_true, y_proba, labels, sample_weight)
    if weights is None:
        weights = np.ones(len(q))
    elif not weights.all():
        kept = np.flatnonzero(weights)
        truth, q, weights = truth[kept], q[kept], weights[kept]
    p = truth if truth.ndim == 2 else _one_hot(truth, q.shape[1])
    if method == "binned":
        recalibrated = {method: binned(q, p, weights, int(n_bins))}
    else:
        folds = read_folds(cv, p)
        chosen = _MAPS if method == "auto" else {method: _MAPS[method]}
        recalibrated = {name: held_out(fit, q, p, weights, folds) for name, fit in chosen.items()}
    losses = {name: weighted_average(cross_entropy_rows(p, c), weights) / unit for name, c in recalibrated.items()}
    best = min(losses, key=losses.__getitem__)
    loss = weighted_average(cross_entropy_rows(p, q), weights) / unit
    return LogLossDecomposition(
        cross_entropy=loss,
        calibration=math.inf if math.isinf(loss) else loss - losses[best],
        refinement=losses[best],
        label_entropy=float(entropy_rows(np.average(p, axis=0, weights=weights)[np.newaxis])[0]) / unit,
        row_entropy=weighted_average(entropy_rows(p), weights) / unit,
        divergence=weighted_average(kl_divergence_rows(p, q), weights) / unit,
        method=best,
    )


def _one_hot(codes: NDArray, n_classes: int) -> NDArray:
    p = np.zeros((len(codes), n_classes))
    p[np.arange(len(codes)), codes] = 1.0
    return p
