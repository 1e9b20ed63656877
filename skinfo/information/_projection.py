"""The information projection of a distribution onto a family."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from skinfo.families import Family, get_family
from skinfo.information._laws import Univariate, as_law
from skinfo.information._nodes import ExactLaw, LawRows
from skinfo.likelihood import MarginalFit, fit_marginal, given_and_free, given_of, support_for, widest_support

_TOL = 1e-10  # Newton decrement of the fit to nodes
_CERTIFIED = 1e-8  # and, with every expectation by adaptive quadrature, of what is returned
_POLISH = 4
_KINDS = {True: "discrete", False: "continuous"}
_STEP = 1e-4
_NEAR = 0.1  # decrement from which a Newton step with the information of the nodes does no harm


def project(distribution: Any, family: Any, *, fixed: Mapping[str, float] | None = None) -> Any:
    """Member of a family with the least Kullback-Leibler divergence D(p||q) from a distribution.

    It is the maximum likelihood fit with a distribution in place of the rows, and what the fit to ever more rows of
    that distribution tends to.

    Parameters
    ----------
    distribution : distribution or fitted density
        Of one variable: frozen, of either infrastructure of `scipy.stats`, a mixture or truncated law included; or a
        fitted `ParametricDensity` of one column.
    family : str, scipy.stats distribution or Family
        As for `ParametricDensity`.
    fixed : dict, default=None
        Parameter values not to estimate, beside those that fix the family's natural support (``loc=0`` on the half
        line, ``loc=0, scale=1`` on the unit interval); None as a value frees one of these.

    Returns
    -------
    scipy.stats frozen distribution
        The member.

    Raises
    ------
    TypeError
        If ``distribution`` is not one, or has several columns, or ``family`` is not one of one variable.
    ValueError
        If the divergence of every member is infinite, as where the distribution has mass outside the family's support
        or has no mean that the family needs; if there is no least one; if one is continuous and the other discrete; or
        a fixed parameter is unknown or out of range.

    Warns
    -----
    ConvergenceWarning
        If the divergence still decreases towards a limit of the family, which is named, or the least one was not found
        to 1e-8 in the certificate below.

    See Also
    --------
    kl_divergence : How far the member is from the distribution.
    ParametricDensity : The same from rows.

    Notes
    -----
    The member of an exponential family has the distribution's means of the family's statistics. These are closed forms
    where the catalogue knows them. Other families are fitted to the nodes of a quadrature rule, then finished and
    certified with expectations by adaptive quadrature: the Newton decrement sqrt(g' I^-1 g), g the mean score
    and I the information per unit of mass, is at most 1e-8, an error that it would take 10^16 rows to see.

    References
    ----------
    I. Csiszar and P. C. Shields, Information theory and statistics: a tutorial, Foundations and Trends in
    Communications and Information Theory 1 (2004), section 3, where this is the reverse projection.

    Examples
    --------
    >>> from scipy import stats
    >>> from skinfo import kl_divergence, project
    >>> p = stats.lognorm(0.5)
    >>> q = project(p, "gamma")
    >>> print(f"{q.kwds['a']:.6f}, {q.mean() - p.mean():.1e}")
    4.159378, 0.0e+00
    >>> print(f"{kl_divergence(p, q):.4f}")
    0.0204
    """
    p = as_law(distribution, "distribution")
    if not isinstance(p, Univariate):
        raise TypeError("distribution has several columns; project one at a time")
    law = get_family(family)
    if law.joint:
        raise TypeError(f"family={law.name!r} is a law of several columns; pass one of one variable")
    given = given_of(law, fixed)
    _check_supports(p, law, given)
    rows = LawRows(p)
    _, free = given_and_free(law, given)
    at_extremes = "loc" in free or bool({"lowest", "highest"} & set((law.shapes or {}).values()))
    for extreme, end, closed in zip(("lowest", "highest"), p.ends, (law.support.closed_low, law.support.closed_high)):
        if math.isfinite(end) and (closed or at_extremes):
            setattr(rows, extreme, end)
    fit = fit_marginal(law, rows, given=given, compression=False, tol=_TOL, column="distribution")
    if fit.limiting is None:
        theta, decrement = (fit.params, 0.0) if fit.limit is not None else _finished(law, fit, rows, given)
        found, mean = law.freeze(theta), law.mean_log_prob(ExactLaw(rows), theta)
    else:
        found, mean, decrement = fit.distribution, fit.log_likelihood, 0.0
    if not _holds(as_law(found, "the member"), p) or not math.isfinite(mean):
        raise ValueError(
            f"the divergence of distribution from {law.name} is infinite: it has mass where the members have none, or "
            "no finite mean of what their log densities need; choose a family of wider support or heavier tails"
        )
    if fit.limit is not None:
        warnings.warn(fit.message, ConvergenceWarning, stacklevel=2)
    elif not decrement <= _CERTIFIED:
        warnings.warn(
            f"the projection onto {law.name} is known to a Newton decrement of {decrement:.1g} only; fix a parameter "
            "in fixed, or choose another family",
            ConvergenceWarning,
            stacklevel=2,
        )
    return found


def _check_supports(p: Univariate, law: Family, given: dict[str, float]) -> None:
    if p.discrete != law.discrete:
        raise ValueError(
            f"distribution is {_KINDS[p.discrete]} and {law.name} is {_KINDS[law.discrete]}: they have no divergence; "
            "use two of one kind"
        )
    if "loc" not in given:
        return
    low, high = widest_support(law, given)[:2]
    if p.ends[0] < low or p.ends[1] > high:
        moved = support_for(law, *p.ends) if math.isfinite(p.ends[0]) else {}
        raise ValueError(
            f"distribution lives on [{p.ends[0]:g}, {p.ends[1]:g}], and {law.name} with loc={given['loc']:g} on "
            f"[{low:g}, {high:g}], so every divergence is infinite; choose another family"
            + (f", or another support, as in fixed={moved}" if moved else "")
        )


def _holds(q: Any, p: Univariate) -> bool:
    """Whether the support of q holds that of p, up to rounding of ends that were estimated."""
    low, high = (_CERTIFIED * (q.scale + abs(end)) if math.isfinite(end) else 0.0 for end in q.ends)
    return q.ends[0] - low <= p.ends[0] and p.ends[1] <= q.ends[1] + high


def _finished(law: Family, fit: MarginalFit, rows: LawRows, given: dict[str, float]) -> tuple[dict[str, float], float]:
    """Newton steps with exact scores and the information of the nodes; the parameters and the last decrement."""
    exact: Any = ExactLaw(rows)
    names = fit.free
    if law.smooth:  # or else an estimate at a kink, which the mean over a density has smoothed
        edges = law.edges(rows, given) if law.edges else {}
        names = tuple(name for name in fit.free if name not in edges)
        at = [fit.free.index(name) for name in names]
        covariance = fit.covariance[np.ix_(at, at)]
    else:
        covariance = _covariance(law, fit.params, exact, names)
    if not names:
        return fit.params, 0.0
    best, least = fit.params, math.inf
    theta = fit.params
    for _ in range(_POLISH + 1):
        with np.errstate(all="ignore"):
            score = _score(law, theta, exact, names)
        decrement = math.sqrt(max(float(score @ covariance @ score), 0.0)) if np.isfinite(score).all() else math.inf
        if not decrement < least:
            break
        best, least = theta, decrement
        if not _TOL < decrement < _NEAR:
            break
        theta = theta | dict(zip(names, (np.array([theta[n] for n in names]) + covariance @ score).tolist()))
        if not all(law.in_domain(name, theta[name]) for name in names):
            break
    return best, least


def _score(law: Family, theta: dict[str, float], exact: ExactLaw, names: tuple[str, ...]) -> NDArray:
    """Exact mean score; by differences of the mean log density where that has a kink at the location."""
    try:
        return law.mean_score(exact, theta, names)
    except NotImplementedError:
        pass

    def moved(name: str, step: float) -> float:
        return law.mean_log_prob(exact, {**theta, name: theta[name] + step})

    steps = [(name, 10 * _STEP * _unit(theta, name)) for name in names]
    return np.array(
        [(8 * (moved(n, h) - moved(n, -h)) - (moved(n, 2 * h) - moved(n, -2 * h))) / (12 * h) for n, h in steps]
    )


def _unit(theta: dict[str, float], name: str) -> float:
    return theta.get("scale", 1.0) if name == "loc" else theta[name]


@np.errstate(all="ignore")  # next to an end a difference may leave the support
def _covariance(law: Family, theta: dict[str, float], exact: ExactLaw, names: tuple[str, ...]) -> NDArray:
    """Inverse information by differences of the exact score."""
    columns = []
    for name in names:
        step = _STEP * _unit(theta, name)
        up, down = ({**theta, name: theta[name] + side * step} for side in (1, -1))
        columns.append((_score(law, up, exact, names) - _score(law, down, exact, names)) / (2 * step))
    information = -np.array(columns)
    try:
        return np.linalg.inv((information + information.T) / 2)
    except np.linalg.LinAlgError:
        return np.full(information.shape, np.nan)
