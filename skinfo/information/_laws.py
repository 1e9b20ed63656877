"""What the measures need of a distribution: from SciPy's two infrastructures and from fitted densities."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtri
from sklearn.utils.validation import check_is_fitted

from skinfo.families import Family, get_family, registered_families

Function = Callable[[NDArray], NDArray]

ACCEPTED = (
    "a frozen scipy.stats distribution such as stats.norm(0, 1) or stats.multivariate_normal(mean, cov), "
    "one of SciPy's new distributions such as stats.Normal(), a fitted ParametricDensity or another fitted density "
    "estimator"
)

_READ: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()  # frozen law -> its parameters, and what was read

_COUNTABLE = 2.0**53  # from here on floats are not all of the integers

# Levels whose quantiles outline a law: its bulk, its shoulders and where its tails set in.
_LEVELS = np.array([1e-10, 1e-6, 1e-3, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1 - 1e-6])


@dataclass(frozen=True, eq=False, kw_only=True)
class Univariate:
    """A law of one variable, written in standard form: x = loc + scale z.

    Parameters
    ----------
    discrete : bool
        Whether it has a probability mass function.
    low, high : float
        Ends of the support of z.
    log_density : callable
        Log density, or log probability, of an array of z; minus infinity outside the support.
    ppf, cdf, sf : callable
        Quantiles, distribution function and survival function of z.
    loc, scale : float
        Where the law is; the scale of a discrete one is 1.
    family : Family, optional
        The catalogue's description of the standard law, and ``theta`` its parameters.
    theta : dict
        All parameters: loc and scale, which is 1 for a discrete law, among them. On a circle the loc is a direction,
        and not where the interval of the law's values is.
    atoms : ndarray, optional
        The values of a discrete law that is a list of them.
    known : dict
        What has been worked out of its closed forms.
    """

    discrete: bool
    low: float
    high: float
    log_density: Function
    ppf: Function
    cdf: Function
    sf: Function
    loc: float = 0.0
    scale: float = 1.0
    family: Any = None
    theta: dict[str, float] = field(default_factory=lambda: {"loc": 0.0, "scale": 1.0})
    atoms: NDArray | None = None
    known: dict[Any, Any] = field(default_factory=dict)

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of the support of x."""
        return self.loc + self.scale * self.low, self.loc + self.scale * self.high

    def log_prob(self, x: NDArray) -> NDArray:
        """Log probability of each x, in nats."""
        return self.log_density((x - self.loc) / self.scale) - math.log(self.scale)

    def seen_from(self, p: Univariate) -> Function:
        """Log density of y = (x - p.loc) / p.scale; next to a common end y keeps the digits that x loses."""
        factor, shift = p.scale / self.scale, (p.loc - self.loc) / self.scale
        if factor == 1 and shift == 0:
            return self.log_density
        log_factor = math.log(p.scale) - math.log(self.scale)

        def log_density(y: NDArray) -> NDArray:
            with np.errstate(over="ignore"):
                z = y * factor + shift
            return self.log_density(z) + log_factor

        return log_density

    def outline(self, p: Univariate) -> NDArray:
        """Quantiles and ends, as values of y = (x - p.loc) / p.scale."""
        z = np.append(self.ppf(_LEVELS), [self.low, self.high])
        with np.errstate(all="ignore"):
            y = z * (self.scale / p.scale) + (self.loc - p.loc) / p.scale
        return np.unique(y[np.isfinite(y)])

    def covers(self, p: Univariate) -> bool:
        """Whether the support holds that of ``p``, up to end points of no mass."""
        (low, high), (p_low, p_high) = self.ends, p.ends
        on_lattice = not self.discrete or self.atoms is not None or p.atoms is not None
        return low <= p_low and p_high <= high and (on_lattice or float(p.loc - self.loc).is_integer())

    def misses(self, p: Univariate) -> bool:
        """Whether the supports have nothing in common but end points of no mass."""
        (low, high), (p_low, p_high) = self.ends, p.ends
        return (high < p_low or p_high < low) if self.discrete else (high <= p_low or p_high <= low)

    def mass_outside(self, p: Univariate) -> float:
        """Probability of being outside the support of ``p``."""
        (low, high), (p_low, p_high) = self.ends, p.ends
        below, above = (((end - self.loc) / self.scale) for end in (p_low, p_high))
        mass = float(self.cdf(np.array(below - self.discrete))) if low < p_low else 0.0
        return mass + (float(self.sf(np.array(above))) if p_high < high else 0.0)


@dataclass(frozen=True, eq=False)
class Normal:
    """A multivariate normal law, perhaps on a subspace.

    Parameters
    ----------
    mean : ndarray of shape (p,)
        Mean.
    cov : ndarray of shape (p, p)
        Covariance.
    rank : int
        Its rank, as SciPy counts it.
    """

    mean: NDArray
    cov: NDArray
    rank: int


class JointLaw:
    """A law of several columns, not normal, that knows its entropy and its divergence from laws of its own kind.

    Attributes
    ----------
    kind : str
        What it is a law of, for messages.
    """

    kind: ClassVar[str]

    @property
    def columns(self) -> int:
        """Number of columns."""
        raise NotImplementedError

    def entropy(self) -> float:
        """Entropy in nats."""
        raise NotImplementedError

    def divergence(self, q: Any) -> float:
        """Kullback-Leibler divergence from another law of the kind with as many columns, in nats."""
        raise NotImplementedError

    def log_prob(self, x: NDArray) -> NDArray:  # noqa: ARG002 - there are none
        """Log probability of each row, in nats."""
        raise TypeError(f"q is {self.kind}, which no rows of data are values of")


Law = Univariate | Normal | JointLaw | list[Univariate]
READERS: dict[type, Callable[[Any], Law]] = {}  # by the type of a frozen law of several columns


def is_estimator(value: Any) -> bool:
    """Whether a value is an estimator, fitted or not."""
    return hasattr(value, "fit") and hasattr(value, "get_params")


def is_law(value: Any) -> bool:
    """Whether a value stands for a distribution rather than for numbers."""
    # log_prob is that of other libraries, which are refused by name
    return hasattr(value, "logpdf") or hasattr(value, "logpmf") or hasattr(value, "log_prob") or is_estimator(value)


def check_fitted(value: Any, name: str) -> None:
    """Refuse an estimator that has not been fitted.

    Parameters
    ----------
    value : estimator
        Of a density.
    name : str
        What the message calls it.

    Raises
    ------
    NotFittedError
        If it has not been fitted.
    """
    check_is_fitted(value, msg=f"{name} is a %(name)s that is not fitted yet; call its fit with rows first")


def as_law(value: Any, name: str) -> Law:
    """Read the law that a distribution or a fitted density stands for.

    Parameters
    ----------
    value : object
        A SciPy distribution or a fitted density.
    name : str
        What messages call it.

    Returns
    -------
    Univariate, Normal, JointLaw or list of Univariate
        A list is a product of at least two laws, one per column.

    Raises
    ------
    NotFittedError
        If it is an estimator that has not been fitted.
    TypeError
        If it is something else.
    ValueError
        If its parameters are arrays or out of range.
    """
    if isinstance(getattr(value, "dist", None), stats.rv_continuous | stats.rv_discrete):
        return _frozen(value, name)
    if is_estimator(value):
        check_fitted(value, name)
        if not hasattr(value, "distributions_"):
            raise TypeError(
                f"{name} is a {type(value).__name__}, whose density is of no known law; pass {ACCEPTED}. "
                "(Rows against any fitted density estimator work: cross_entropy(X, estimator).)"
            )
        laws = [as_law(d, f"{name}.distributions_[{i}]") for i, d in enumerate(value.distributions_)]
        return laws[0] if len(laws) == 1 else laws  # type: ignore[return-value]
    if isinstance(value, stats.rv_continuous | stats.rv_discrete):
        if isinstance(value, stats.rv_histogram) or hasattr(value, "xk"):  # which have no parameters but where they are
            return _frozen(value(), name)
        own = str(value.name)
        known = f"stats.{own}" if getattr(stats, own, None) is value else "your distribution"
        raise TypeError(f"{name} is not frozen at its parameters: pass {known}({value.shapes or ''}), called")
    if type(value) in READERS:
        return READERS[type(value)](value)
    if hasattr(value, "cov_object") and hasattr(value, "mean"):
        return _normal(value)
    if all(hasattr(value, method) for method in ("logpdf", "support", "icdf", "ccdf")):
        return _new(value, name)
    raise TypeError(f"{name} must be {ACCEPTED}; got {type(value).__module__}.{type(value).__name__}")


def univariate(frozen: Any) -> Univariate:
    """Read a frozen law of one variable that is known to be in order."""
    return _frozen(frozen, "a law")


def _normal(value: Any) -> Law:
    mean, cov = np.atleast_1d(value.mean).astype(float), np.atleast_2d(value.cov_object.covariance)
    rank = int(value.cov_object.rank)
    if len(mean) == rank == 1:
        return univariate(stats.norm(float(mean[0]), math.sqrt(cov[0, 0])))
    return Normal(mean, cov, rank)


def _frozen(value: Any, name: str) -> Univariate:
    """Read a frozen law of SciPy's older infrastructure, once for each object while its parameters are the same."""
    given, law = _READ.get(value, (None, None))
    if law is None or given != (value.args, value.kwds):
        law = _read(value, name)
        _READ[value] = (value.args, {**value.kwds}), law
    return law


def _read(value: Any, name: str) -> Univariate:
    law = value.dist
    discrete = isinstance(law, stats.rv_discrete)
    names = [s.strip() for s in law.shapes.split(",")] if law.shapes else []
    given = {"loc": 0.0, "scale": 1.0} | dict(zip([*names, "loc", "scale"], value.args)) | value.kwds
    if any(np.ndim(v) for v in given.values()):
        raise ValueError(f"{name} is frozen at arrays of parameters; pass one distribution at a time")
    theta = {key: float(v) for key, v in given.items()}
    loc, scale = theta["loc"], theta["scale"]
    low, high = map(float, law.support(*(given[s] for s in names)))
    if not (math.isfinite(loc) and 0 < scale < math.inf and low <= high):
        raise ValueError(f"{name} has parameters out of range: {given}")
    arguments = [given[s] for s in names]  # as given: some laws of counts want an integer
    family: Any = _family(law, theta)
    log_density = law.logpmf if discrete else law.logpdf
    if family is not None:
        shapes = family.shape_values(theta)
        low, high = family.standard_support(shapes)[:2]
        standard = shapes | ({"loc": 0.0} if discrete else {"loc": 0.0, "scale": 1.0})
        log_prob = family.log_prob
        density = _first(lambda z: log_prob(z, standard), _quiet(lambda z: log_density(z, *arguments)))
    else:
        density = _quiet(lambda z: log_density(z, *arguments))
    if law.name == "vonmises":  # SciPy's is periodic on the whole line; its mass is that of one period
        low, high = -math.pi, math.pi
        if scale == 1:
            loc, of_z = 0.0, density
            density = lambda z: of_z(z - theta["loc"])  # noqa: E731
        else:
            family = None
    return Univariate(
        discrete=discrete,
        low=low,
        high=high,
        log_density=density,
        ppf=_summed_ppf(law, arguments, low) if discrete else _quiet(_found_ppf(law, arguments)),
        cdf=_quiet(lambda z: law.cdf(z, *arguments)),
        sf=_quiet(lambda z: law.sf(z, *arguments)),
        loc=loc,
        scale=scale,
        family=family,
        theta=theta,
        atoms=np.asarray(law.xk, dtype=float) if discrete and hasattr(law, "xk") else None,
    )


def _first(density: Function, other: Function) -> Function:
    """Log density of the catalogue; SciPy's, whose overflows are silent, where parameters are beyond its range."""

    def log_density(z: NDArray) -> NDArray:
        try:
            return density(z)
        except ArithmeticError:
            return other(z)

    return log_density


def _found_ppf(law: Any, arguments: list[Any]) -> Function:
    """Quantiles of a continuous law; NaN where SciPy's search fails, as in the tails of norminvgauss."""

    def one(u: float) -> float:
        try:
            return float(law.ppf(u, *arguments))
        except (ValueError, RuntimeError):
            return math.nan

    def ppf(u: NDArray) -> NDArray:
        try:
            return law.ppf(u, *arguments)
        except (ValueError, RuntimeError):
            return np.reshape([one(v) for v in np.ravel(u)], np.shape(u))

    return ppf


def _summed_ppf(law: Any, arguments: list[Any], low: float) -> Function:
    """Quantiles of a discrete law; NaN far out, where SciPy's own would sum all values up to there."""
    if type(law)._cdf is not stats.rv_discrete._cdf or math.isinf(low):
        return _quiet(lambda u: _counted_ppf(law, arguments, u))

    def ppf(u: NDArray) -> NDArray:
        for n in (1 << 10, 1 << 14, 1 << 18):
            k = low + np.arange(n)
            at = np.searchsorted(np.cumsum(law.pmf(k, *arguments)), u)
            if (at < n).all():
                break
        return np.where(at < n, low + at, np.nan)

    return ppf


def _counted_ppf(law: Any, arguments: list[Any], u: NDArray) -> NDArray:
    """Quantiles; those of the normal law of the same moments where SciPy's search fails, or hangs, at large numbers."""
    mean, variance = map(float, law.stats(*arguments, moments="mv"))
    about = np.rint(mean + math.sqrt(variance) * ndtri(u)) if variance >= 0 else np.full(np.shape(u), np.nan)
    if mean + math.sqrt(max(variance, 0.0)) > _COUNTABLE:
        return np.clip(about, *law.support(*arguments))
    found = law.ppf(u, *arguments)
    return np.where(np.isnan(found), about, found)


def _family(law: Any, shapes: dict[str, float]) -> Family | None:
    """Find the catalogue's family for a SciPy law, where the shapes are inside their domains."""
    if law.name not in registered_families():
        return None
    family = get_family(law.name)
    inside = all(family.in_domain(name, shapes[name]) for name in family.shapes or {})
    return family if inside and type(family.distribution) is type(law) else None


def _new(value: Any, name: str) -> Univariate:
    """Read a law of SciPy's newer infrastructure."""
    if isinstance(value, stats.Normal) and np.ndim(value.mu) == np.ndim(value.sigma) == 0:
        return _frozen(stats.norm(value.mu, value.sigma), name)
    low, high = value.support()
    if np.ndim(low) or np.ndim(high) or np.ndim(value.icdf(0.5)):
        raise ValueError(f"{name} has arrays of parameters; pass one distribution at a time")
    if not low <= high:
        raise ValueError(f"{name} has parameters out of range: {value!r}")
    discrete = bool(value.logpdf(value.icdf(0.5)) == math.inf)  # SciPy's way to say that it has a mass function
    return Univariate(
        discrete=discrete,
        low=float(low),
        high=float(high),
        log_density=_quiet(value.logpmf if discrete else value.logpdf),
        ppf=_quiet(value.icdf),
        cdf=_quiet(value.cdf),
        sf=_quiet(value.ccdf),
    )


def _quiet(function: Function) -> Function:
    def evaluate(z: NDArray) -> NDArray:
        with np.errstate(all="ignore"):
            return np.asarray(function(z), dtype=np.float64)

    return evaluate
