"""How the candidates of a search compare."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from skinfo.utils import import_extra


class FamilySearchDisplay:
    """The candidates of one column's search, the best on top, by how much worse their criterion is.

    Parameters
    ----------
    families : sequence of str
        Names, the best first.
    differences : ndarray of shape (m,)
        What each criterion is above the best one's.
    criterion : str
        Its name.
    name : str, optional
        What to call the column.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure around it.
    bars_ : matplotlib BarContainer
        One bar for each candidate.

    Examples
    --------
    >>> import numpy as np
    >>> from skinfo import FamilySearch
    >>> from skinfo.inspection import FamilySearchDisplay
    >>> X = np.random.default_rng(0).gamma(2.5, size=(500, 1))
    >>> display = FamilySearchDisplay.from_estimator(FamilySearch(["expon", "gamma", "lognorm"]).fit(X))
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['gamma', 'lognorm', 'expon']
    """

    def __init__(self, families: Any, differences: ArrayLike, criterion: str, *, name: str | None = None):
        self.families = list(families)
        self.differences: NDArray = np.asarray(differences, dtype=np.float64)
        self.criterion = criterion
        self.name = name

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, column: int = 0, n_best: int = 10, ax: Any = None, **bar_kwargs: Any
    ) -> FamilySearchDisplay:
        """Draw the best candidates of a search.

        Parameters
        ----------
        estimator : FamilySearch
            Fitted.
        column : int, default=0
            Which column's search.
        n_best : int, default=10
            How many candidates at most; those that could not be ranked are left out.
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **bar_kwargs : dict
            For the bars.

        Returns
        -------
        FamilySearchDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there is no such column.
        ImportError
            If matplotlib is not installed.
        """
        check_is_fitted(estimator)
        names = list(getattr(estimator, "feature_names_in_", range(estimator.n_features_in_)))
        if not -len(names) <= column < len(names):
            raise ValueError(f"column={column!r} is not a column of X, which has {len(names)}")
        results, name = estimator.results_, names[column]
        here = np.flatnonzero((results["column"] == name) & np.isfinite(results["difference"]))
        best = here[np.argsort(results["rank"][here])][:n_best]
        display = cls(
            results["family"][best],
            results["difference"][best],
            estimator.criterion,
            name=str(name) if hasattr(estimator, "feature_names_in_") else None,
        )
        return display.plot(ax=ax, **bar_kwargs)

    def plot(self, *, ax: Any = None, **bar_kwargs: Any) -> FamilySearchDisplay:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **bar_kwargs : dict
            For the bars.

        Returns
        -------
        FamilySearchDisplay
            Self.
        """
        if ax is None:
            ax = import_extra("matplotlib.pyplot", "plot").subplots(layout="constrained")[1]
        self.bars_ = ax.barh(self.families, self.differences, **bar_kwargs)
        ax.bar_label(self.bars_, fmt="{:,.3g}", padding=3)
        ax.invert_yaxis()
        ax.margins(x=0.15)
        held_out = self.criterion == "cross_entropy"
        what = "held-out cross entropy" if held_out else {"aicc": "AICc"}.get(self.criterion, self.criterion.upper())
        ax.set(xlabel=f"{what} above the best one's" + (" (nats)" if held_out else ""), title=self.name or "")
        self.ax_, self.figure_ = ax, ax.figure
        return self
