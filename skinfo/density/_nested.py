"""Whether a density is a special case of another, as far as their fits tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Sums over the same rows differ by rounding only.
_SAME = 1e-9

# Families that are another's where these of its parameters have these values, inside their domains.
_SPECIAL_CASES: dict[tuple[str, str], dict[str, float]] = {
    ("cauchy", "t"): {"df": 1.0},
    ("expon", "exponweib"): {"a": 1.0, "c": 1.0},
    ("expon", "gamma"): {"a": 1.0},
    ("expon", "gengamma"): {"a": 1.0, "c": 1.0},
    ("expon", "genpareto"): {"c": 0.0},
    ("expon", "weibull_min"): {"c": 1.0},
    ("fisk", "burr"): {"d": 1.0},
    ("fisk", "burr12"): {"d": 1.0},
    ("gamma", "gengamma"): {"c": 1.0},
    ("gumbel_r", "genextreme"): {"c": 0.0},
    ("halfnorm", "chi"): {"df": 1.0},
    ("laplace", "gennorm"): {"beta": 1.0},
    ("laplace", "laplace_asymmetric"): {"kappa": 1.0},
    ("levy", "invgamma"): {"a": 0.5},
    ("logistic", "genlogistic"): {"c": 1.0},
    ("lomax", "burr12"): {"c": 1.0},
    ("maxwell", "chi"): {"df": 3.0},
    ("multivariate_normal_diagonal", "multivariate_normal"): {},
    ("norm", "gennorm"): {"beta": 2.0},
    ("norm", "pearson3"): {"skew": 0.0},
    ("rayleigh", "chi"): {"df": 2.0},
    ("rayleigh", "nakagami"): {"nu": 1.0},
    ("rayleigh", "weibull_min"): {"c": 2.0},
    ("weibull_min", "exponweib"): {"a": 1.0},
    ("weibull_min", "gengamma"): {"a": 1.0},
}


@dataclass
class Traces:
    """What the rows of a fit are known by.

    Attributes
    ----------
    total : float
        Sum of the weights.
    mean : ndarray of shape (p,)
        Weighted mean of the columns.
    size : ndarray of shape (p,)
        How large values are about.
    """

    total: float
    mean: NDArray
    size: NDArray

    @classmethod
    def of(cls, X: NDArray, weights: NDArray | None) -> Traces:
        """Return those of some rows."""
        total = float(len(X) if weights is None else weights.sum())
        with np.errstate(over="ignore", invalid="ignore"):
            mean = X.mean(axis=0, dtype=np.float64) if weights is None else weights @ X / total
        return cls(total, mean, np.abs(mean) + np.abs(X[0]) + np.abs(X[-1]))

    def agree(self, other: Traces) -> bool:
        """Whether the rows may be the same."""
        near = np.abs(self.mean - other.mean) <= _SAME * np.maximum(self.size, other.size)
        return bool(np.isclose(self.total, other.total, rtol=_SAME, atol=0.0) and near.all())


def check_nested(smaller: Any, larger: Any) -> None:
    """Refuse a pair of which one is not known to be a special case of the other.

    Parameters
    ----------
    smaller, larger : ParametricDensity
        Fitted.

    Raises
    ------
    ValueError
        See `likelihood_ratio_test`.
    """
    for name, model in (("smaller", smaller), ("larger", larger)):
        if not model.converged_:
            raise ValueError(f"{name} is not at a maximum of the likelihood: see the warning of its fit")
    names = [
        np.asarray(getattr(model, "feature_names_in_", range(model.n_features_in_))) for model in (smaller, larger)
    ]
    streamed = any(model.certified_on_ != "rows" for model in (smaller, larger))
    if not np.array_equal(names[0], names[1]) or not (streamed or smaller._traces.agree(larger._traces)):
        raise ValueError("smaller and larger must be fitted to the same rows and weights; theirs differ")
    for few, many in zip(smaller._fits, larger._fits):
        _check_marginal(few, many)


def _check_marginal(few: Any, many: Any) -> None:
    """Refuse a marginal that is not known to be a special case of another."""
    families = few.family.name, many.family.name
    alike = families[0] == families[1]
    special: dict[str, float] | None = {} if alike else _SPECIAL_CASES.get(families)
    if special is None:
        raise ValueError(
            f"{families[0]} is not known to be a special case of {families[1]} and inside of it, so that the statistic "
            "would be chi-squared: compare AIC, or BIC"
        )
    values = {**few.params, **special}
    for name in set(many.params) - set(many.free):
        # Scales of two families may be in different units.
        known = alike or name != "scale"
        if name in few.free or not known or not np.array_equal(values[name], many.params[name]):
            raise ValueError(
                f"larger fixes {name} of {families[1]} where smaller does not, or elsewhere: set "
                f"fixed={{{name!r}: None}} in larger"
            )
    tested = [name for name in many.free if name not in few.free]
    bound = [name for name in tested if np.isnan(np.sum(many.standard_errors.get(name, 0.0)))]
    if bound:
        raise ValueError(
            f"{bound[0]} of {families[1]} ends its support or is not determined, and the statistic is not chi-squared: "
            "compare AIC, or BIC"
        )
