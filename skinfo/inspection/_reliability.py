"""Observed frequencies against predicted probabilities, with what calibrated predictions would show."""

from __future__ import annotations

import numbers
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from skinfo.metrics._recalibration import equal_mass_bins
from skinfo.utils import check_probabilities, import_extra


class ReliabilityDisplay:
    """A reliability diagram of a class's probability, with consistency bands.

    The rows are put into bins of about equal numbers by their predicted probability. The band holds, bin by bin, the
    observed frequencies that calibrated predictions would give at the stated level: rows are drawn with
    replacement, their labels from their predictions, and put into the same bins.

    Parameters
    ----------
    predicted : ndarray of shape (n_bins,)
        Mean predicted probability in each bin.
    observed : ndarray of shape (n_bins,)
        Frequency of the class in each bin.
    band : ndarray of shape (2, n_bins)
        Lower and upper end of the band.
    level : float
        The band's level.
    pos_label : object
        The class.
    name : str, optional
        What to call the model.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure around it.
    line_ : matplotlib Line2D
        The observed frequencies.
    band_ : matplotlib PolyCollection
        The band.

    See Also
    --------
    sklearn.calibration.CalibrationDisplay : The diagram without the band.

    References
    ----------
    Broecker and Smith, Increasing the Reliability of Reliability Diagrams, Weather and Forecasting 22 (2007).

    Examples
    --------
    >>> import numpy as np
    >>> from skinfo.inspection import ReliabilityDisplay
    >>> rng = np.random.default_rng(0)
    >>> proba = rng.random(1000)
    >>> y = rng.random(1000) < proba
    >>> display = ReliabilityDisplay.from_predictions(y, proba, n_bins=5, random_state=0)
    >>> display.band.shape
    (2, 5)
    """

    def __init__(
        self,
        predicted: NDArray,
        observed: NDArray,
        band: NDArray,
        *,
        level: float,
        pos_label: Any,
        name: str | None = None,
    ):
        self.predicted = predicted
        self.observed = observed
        self.band = band
        self.level = level
        self.pos_label = pos_label
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        pos_label: Any = None,
        name: str | None = None,
        **options: Any,
    ) -> ReliabilityDisplay:
        """Draw the reliability of a fitted classifier on rows that it was not fitted to.

        Parameters
        ----------
        estimator : classifier
            Fitted.
        X : array-like of shape (n, p)
            Rows.
        y : array-like of shape (n,)
            Labels.
        pos_label : object, optional
            The class; of two, the last one if None.
        name : str, optional
            What to call it; its class if None.
        **options : dict
            As for ``from_predictions``.

        Returns
        -------
        ReliabilityDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there is no such class, or it must be named.
        ImportError
            If matplotlib is not installed.
        """
        check_is_fitted(estimator)
        classes = list(estimator.classes_)
        if pos_label is None and len(classes) == 2:
            pos_label = classes[1]
        if pos_label not in classes:
            raise ValueError(f"pos_label={pos_label!r} is not a class of the estimator; pass one of {classes}")
        proba = estimator.predict_proba(X)[:, classes.index(pos_label)]
        name = name or type(estimator).__name__
        return cls.from_predictions(y, proba, pos_label=pos_label, name=name, **options)

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        pos_label: Any = None,
        n_bins: int = 10,
        level: float = 0.9,
        n_simulations: int = 1000,
        random_state: Any = None,
        name: str | None = None,
        ax: Any = None,
        **line_kwargs: Any,
    ) -> ReliabilityDisplay:
        """Draw the reliability of predicted probabilities of one class.

        Parameters
        ----------
        y_true : array-like of shape (n,)
            Labels.
        y_proba : array-like of shape (n,)
            Predicted probability of the class.
        pos_label : object, optional
            The class; of two, the last one if None.
        n_bins : int, default=10
            The bins, of about equal numbers; ties make them fewer.
        level : float, default=0.9
            Of the band, for each bin alone.
        n_simulations : int, default=1000
            How often rows and calibrated labels are drawn; the time does not depend on the number of rows.
        random_state : int, RandomState instance or None, default=None
            Of the simulation.
        name : str, optional
            What to call the model.
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **line_kwargs : dict
            For the line of observed frequencies.

        Returns
        -------
        ReliabilityDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If ``y_proba`` does not hold one probability for each label, the class must be named, or ``n_bins``,
            ``level`` or ``n_simulations`` is out of its range.
        ImportError
            If matplotlib is not installed.
        """
        check_consistent_length(y_true, y_proba)
        y, q = np.asarray(y_true), np.asarray(y_proba, dtype=np.float64)
        if y.ndim != 1 or q.ndim != 1:
            raise ValueError(f"y_true and y_proba must have shape (n,); their shapes are {y.shape} and {q.shape}")
        check_probabilities(np.column_stack([1.0 - q, q]), name="y_proba")
        for argument, value in (("n_bins", n_bins), ("n_simulations", n_simulations)):
            if not isinstance(value, numbers.Integral) or value < 1:
                raise ValueError(f"{argument} must be a positive integer; got {value!r}")
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1; got {level!r}")
        if pos_label is None:
            classes = np.unique(y)
            if len(classes) != 2:
                raise ValueError(f"y_true has {len(classes)} classes, {classes.tolist()[:5]}: pass pos_label=")
            pos_label = classes[1]
        bins = equal_mass_bins(q, None, int(n_bins))
        counts = np.bincount(bins)
        predicted, observed = np.bincount(bins, q) / counts, np.bincount(bins, y == pos_label) / counts
        band = _band(counts, predicted, level, int(n_simulations), check_random_state(random_state))
        display = cls(predicted, observed, band, level=level, pos_label=pos_label, name=name)
        return display.plot(ax=ax, **line_kwargs)

    def plot(self, *, ax: Any = None, **line_kwargs: Any) -> ReliabilityDisplay:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **line_kwargs : dict
            For the line of observed frequencies.

        Returns
        -------
        ReliabilityDisplay
            Self.
        """
        if ax is None:
            ax = import_extra("matplotlib.pyplot", "plot").subplots()[1]
        if "Perfectly calibrated" not in ax.get_legend_handles_labels()[1]:
            ax.plot([0, 1], [0, 1], "k:", label="Perfectly calibrated")
        options = {"marker": "s", "label": self.name or "observed", **line_kwargs}
        (self.line_,) = ax.plot(self.predicted, self.observed, **options)
        self.band_ = ax.fill_between(
            self.predicted, *self.band, color=self.line_.get_color(), alpha=0.2, label=f"{self.level:.0%} if calibrated"
        )
        ax.set(
            xlabel=f"Mean predicted probability (Positive class: {self.pos_label})",
            ylabel=f"Fraction of positives (Positive class: {self.pos_label})",
        )
        ax.legend(loc="upper left")
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _band(
    counts: NDArray, predicted: NDArray, level: float, n_simulations: int, random: np.random.RandomState
) -> NDArray:
    """Quantiles of the bins' frequencies where labels are drawn from the predictions.

    Rows drawn with replacement are multinomial over the bins, and each has the class with its bin's mean probability.
    """
    drawn = random.multinomial(counts.sum(), counts / counts.sum(), size=n_simulations)
    # A bin that no row was drawn for has no frequency.
    with np.errstate(invalid="ignore"):
        frequencies = random.binomial(drawn, predicted) / drawn
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a bin that no simulation has drawn for has no band
        return np.nanquantile(frequencies, [0.5 - level / 2, 0.5 + level / 2], axis=0)
