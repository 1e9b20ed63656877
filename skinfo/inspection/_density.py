"""A fitted density over the histogram of its data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted, validate_data

from skinfo.utils import import_extra

_POINTS = 400
_BINS = 50  # numpy's automatic choice has no end on heavy tails


class DensityDisplay:
    """The histogram of a column and the law fitted to it.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The column.
    grid : ndarray of shape (m,)
        Where the law is drawn.
    density : ndarray of shape (m,)
        Its density, or its probabilities where it is a law of integers.
    discrete : bool, default=False
        Whether it is one.
    name : str, optional
        What to call the column.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure around it.
    line_ : matplotlib Line2D
        The law.

    Examples
    --------
    >>> import numpy as np
    >>> from skinfo import ParametricDensity
    >>> from skinfo.inspection import DensityDisplay
    >>> X = np.random.default_rng(0).gamma(2.5, size=(500, 1))
    >>> display = DensityDisplay.from_estimator(ParametricDensity("gamma").fit(X), X)
    >>> display.ax_.get_ylabel()
    'density'
    """

    def __init__(
        self, values: NDArray, grid: NDArray, density: NDArray, *, discrete: bool = False, name: str | None = None
    ):
        self.values = values
        self.grid = grid
        self.density = density
        self.discrete = discrete
        self.name = name

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: ArrayLike, *, column: int = 0, ax: Any = None, **line_kwargs: Any
    ) -> DensityDisplay:
        """Draw one column of X and the marginal law that was fitted to it.

        Parameters
        ----------
        estimator : ParametricDensity
            Fitted.
        X : array-like of shape (n, p)
            Rows, those of the fit or others.
        column : int, default=0
            Which column.
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **line_kwargs : dict
            For the law's line.

        Returns
        -------
        DensityDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If there is no such column, or the law is one of all columns jointly.
        ImportError
            If matplotlib is not installed.
        """
        check_is_fitted(estimator)
        values = np.asarray(validate_data(estimator, X, reset=False, dtype=np.float64))
        if not -values.shape[1] <= column < values.shape[1]:
            raise ValueError(f"column={column!r} is not a column of X, which has {values.shape[1]}")
        if len(estimator.distributions_) != values.shape[1]:
            raise ValueError("estimator is a law of all columns jointly; DensityDisplay draws one column's law")
        law, x = estimator.distributions_[column], values[:, column]
        discrete = hasattr(law.dist, "pmf")
        grid = np.arange(x.min(), x.max() + 1) if discrete else np.linspace(x.min(), x.max(), _POINTS)
        names = getattr(estimator, "feature_names_in_", None)
        name = None if names is None else str(names[column])
        density = law.pmf(grid) if discrete else law.pdf(grid)
        return cls(x, grid, density, discrete=discrete, name=name).plot(ax=ax, **line_kwargs)

    def plot(self, *, ax: Any = None, **line_kwargs: Any) -> DensityDisplay:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure if None.
        **line_kwargs : dict
            For the law's line.

        Returns
        -------
        DensityDisplay
            Self.
        """
        if ax is None:
            ax = import_extra("matplotlib.pyplot", "plot").subplots()[1]
        bins = np.append(self.grid, self.grid[-1] + 1) - 0.5 if self.discrete else _BINS
        ax.hist(self.values, bins=bins, density=True, color="0.85")
        (self.line_,) = ax.plot(self.grid, self.density, **{"marker": "o" if self.discrete else None, **line_kwargs})
        ax.set(xlabel=self.name or "x", ylabel="probability" if self.discrete else "density")
        self.ax_, self.figure_ = ax, ax.figure
        return self
