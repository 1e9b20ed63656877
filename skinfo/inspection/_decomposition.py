"""Log losses taken apart, as stacked bars."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from skinfo.metrics import LogLossDecomposition, log_loss_decomposition
from skinfo.utils import import_extra


class LogLossDecompositionDisplay:
    """The parts of the log loss of one or several models, as stacked bars.

    Parameters
    ----------
    decompositions : dict of str to LogLossDecomposition
        The parts, by the name of the model.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure around it.
    bars_ : dict of str to matplotlib BarContainer
        The bars of each part.
    line_ : matplotlib Line2D
        The label entropy: the loss of predicting the labels' frequencies for every row.

    See Also
    --------
    skinfo.metrics.log_loss_decomposition : The numbers.

    Examples
    --------
    >>> from skinfo.inspection import LogLossDecompositionDisplay
    >>> y, proba = [0, 1, 0, 1, 0, 1], [0.1, 0.9, 0.3, 0.6, 0.4, 0.7]
    >>> display = LogLossDecompositionDisplay.from_predictions(y, proba, name="a model")
    >>> list(display.bars_)
    ['refinement', 'calibration']
    """

    def __init__(self, decompositions: Mapping[str, LogLossDecomposition]):
        self.decompositions = decompositions

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        method: str = "auto",
        name: str | None = None,
        ax: Any = None,
        **bar_kwargs: Any,
    ) -> LogLossDecompositionDisplay:
        """Draw the log loss of fitted classifiers on rows that they were not fitted to.

        Parameters
        ----------
        estimator : classifier, or dict of str to classifier
            Fitted; of several, each with its name.
        X : array-like of shape (n, p)
            Rows.
        y : array-like of shape (n,) or (n, K)
            Labels, hard or soft.
        sample_weight : array-like of shape (n,), default=None
            Weights.
        method : {"auto", "temperature", "isotonic", "binned"}, default="auto"
            The recalibration, as in ``log_loss_decomposition``.
        name : str, optional
            What to call a single estimator; its class if None.
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **bar_kwargs : dict
            For all bars.

        Returns
        -------
        LogLossDecompositionDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If labels or weights are not what ``log_loss_decomposition`` takes.
        ImportError
            If matplotlib is not installed.
        """
        models = estimator if isinstance(estimator, Mapping) else {name or type(estimator).__name__: estimator}
        parts = {}
        for key, model in models.items():
            check_is_fitted(model)
            parts[key] = log_loss_decomposition(
                y, model.predict_proba(X), labels=model.classes_, sample_weight=sample_weight, method=method
            )
        return cls(parts).plot(ax=ax, **bar_kwargs)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: Any,
        *,
        labels: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        method: str = "auto",
        name: str | None = None,
        ax: Any = None,
        **bar_kwargs: Any,
    ) -> LogLossDecompositionDisplay:
        """Draw the log loss of predicted probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n,) or (n, K)
            Labels, hard or soft.
        y_proba : array-like of shape (n, K) or (n,), or dict of str to such
            Predicted probabilities; of several models, each with its name.
        labels : array-like of shape (K,), default=None
            The classes of the columns.
        sample_weight : array-like of shape (n,), default=None
            Weights.
        method : {"auto", "temperature", "isotonic", "binned"}, default="auto"
            The recalibration, as in ``log_loss_decomposition``.
        name : str, optional
            What to call a single model.
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **bar_kwargs : dict
            For all bars.

        Returns
        -------
        LogLossDecompositionDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If labels, probabilities or weights are not what ``log_loss_decomposition`` takes.
        ImportError
            If matplotlib is not installed.
        """
        predictions = y_proba if isinstance(y_proba, Mapping) else {name or "model": y_proba}
        parts = {
            key: log_loss_decomposition(y_true, proba, labels=labels, sample_weight=sample_weight, method=method)
            for key, proba in predictions.items()
        }
        return cls(parts).plot(ax=ax, **bar_kwargs)

    def plot(self, *, ax: Any = None, **bar_kwargs: Any) -> LogLossDecompositionDisplay:
        """Draw the display: the loss is written at the end of each bar; infinite parts have no bar.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **bar_kwargs : dict
            For all bars.

        Returns
        -------
        LogLossDecompositionDisplay
            Self.
        """
        if ax is None:
            ax = import_extra("matplotlib.pyplot", "plot").subplots(layout="constrained")[1]
        names, parts = list(self.decompositions), list(self.decompositions.values())
        layers = {
            "row entropy": np.array([p.row_entropy for p in parts]),
            "refinement": np.array([p.refinement - p.row_entropy for p in parts]),
            "calibration": np.array([p.calibration for p in parts]),
        }
        if not layers["row entropy"].any():
            del layers["row entropy"]
        colours = {"row entropy": "0.75", "refinement": "C0", "calibration": "C1"}
        self.bars_ = {}
        left = np.zeros(len(parts))
        top = left
        for layer, values in layers.items():
            widths = np.where(np.isfinite(values), values, 0.0)
            options = {"label": layer, "color": colours[layer], "height": 0.6, **bar_kwargs}
            self.bars_[layer] = ax.barh(range(len(parts)), widths, left=left, **options)
            left = left + widths
            top = np.maximum(top, left)
        for place, (end, part) in enumerate(zip(top, parts)):
            text = "∞" if math.isinf(part.cross_entropy) else f"{part.cross_entropy:.3f}"
            ax.annotate(text, (end, place), xytext=(4, 0), textcoords="offset points", va="center")
        self.line_ = ax.axvline(parts[0].label_entropy, color="black", linestyle=":", label="label entropy")
        ax.set(xlabel="log loss (nats)", yticks=range(len(parts)), ylim=(len(parts) - 0.4, -0.6))
        ax.set_yticklabels(names)
        ax.margins(x=0.15)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(layers) + 1, frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self
