"""Names that families have elsewhere, in R and in everyday English."""

from __future__ import annotations

import re

_NAMES = {
    "bernoulli": "bern",
    "betabinom": "beta-binomial",
    "betaprime": "beta prime, inverted beta",
    "binom": "binomial",
    "burr": "dagum, burr iii, burr 3, inverse burr",
    "burr12": "burr xii, singh-maddala",
    "cauchy": "lorentz, lorentzian",
    "chi2": "chisq, chi-square, chi-squared",
    "dweibull": "double weibull",
    "expon": "exp, exponential",
    "exponnorm": "ex-gaussian, exponentially modified gaussian, exponentially modified normal, emg",
    "exponweib": "exponentiated weibull",
    "f": "f distribution, fisher, fisher-snedecor, snedecor",
    "fatiguelife": "birnbaum-saunders",
    "fisk": "log-logistic, llogis",
    "foldnorm": "folded normal",
    "genextreme": "gev, generalized extreme value",
    "gengamma": "generalized gamma",
    "genhyperbolic": "generalized hyperbolic",
    "genlogistic": "generalized logistic",
    "gennorm": "generalized normal, generalized gaussian, ged",
    "geom": "geometric",
    "genpareto": "gpd, generalized pareto",
    "gumbel_l": "gumbel min, gumbel left, reversed gumbel",
    "gumbel_r": "gumbel max, gumbel right",
    "halfcauchy": "half-cauchy",
    "halflogistic": "half-logistic",
    "halfnorm": "half-normal, half-gaussian",
    "hypergeom": "hypergeometric, hyper",
    "hypsecant": "hyperbolic secant, sech",
    "invgamma": "inverse gamma, inverted gamma",
    "invgauss": "inverse gaussian, inverse normal",
    "invweibull": "inverse weibull, frechet",
    "johnsonsb": "johnson sb",
    "johnsonsu": "johnson su",
    "laplace": "double exponential",
    "laplace_asymmetric": "asymmetric laplace",
    "logistic": "logis",
    "lognorm": "lnorm, log-normal, galton",
    "logser": "log-series, logarithmic",
    "loguniform": "log-uniform",
    "lomax": "pareto ii, pareto 2",
    "maxwell": "maxwell-boltzmann",
    "multivariate_normal": "mvn, multinormal, multivariate gaussian",
    "multivariate_t": "mvt, multivariate student, multivariate student t",
    "nbinom": "negative binomial, negbin, negbinom, negbinomial",
    "norm": "normal, gaussian",
    "norminvgauss": "nig, normal-inverse gaussian",
    "pearson3": "pearson iii, pearson type iii",
    "poisson": "pois",
    "powerlaw": "power function",
    "rice": "rician",
    "skewnorm": "skew-normal",
    "t": "student, student t, student's t, t distribution",
    "triang": "triangular",
    "truncexpon": "truncated exponential",
    "truncnorm": "truncated normal, truncated gaussian",
    "uniform": "unif",
    "vonmises": "von mises, circular normal",
    "vonmises_fisher": "von mises-fisher",
    "zero_inflated_nbinom": "zinb, zero-inflated negative binomial",
    "zero_inflated_poisson": "zip",
    "zipf": "zeta",
}
_AMBIGUOUS = {
    "weibull": {"weibull_min": "of positive values, the usual one", "weibull_max": "of negative values"},
    "gumbel": {"gumbel_r": "of largest values", "gumbel_l": "of smallest values"},
    "extreme value": {
        "genextreme": "of three types",
        "gumbel_r": "of largest values",
        "gumbel_l": "of smallest values",
    },
    "power law": {"pareto": "with a tail", "powerlaw": "up to an end", "zipf": "of counts"},
    "exponential power": {"gennorm": "on the line", "exponpow": "of positive values"},
}


def _key(name: str) -> str:
    """Letters and digits, in lower case and one spelling."""
    return re.sub("[^a-z0-9]", "", name.lower().replace("generalised", "generalized"))


_ALIASES = {_key(alias): name for name, aliases in _NAMES.items() for alias in aliases.split(",")}
_CANDIDATES = {_key(name): candidates for name, candidates in _AMBIGUOUS.items()}


def own_name(name: str, registered: list[str]) -> str:
    """The catalogue's or SciPy's name of a family.

    Parameters
    ----------
    name : str
        That, in any spelling, or one that the family has elsewhere.
    registered : list of str
        The catalogue's names.

    Returns
    -------
    str
        The name as it was where it is none of these.

    Raises
    ------
    ValueError
        If several families have it.
    """
    key = _key(name)
    if key in _CANDIDATES:
        meant = " or ".join(f"{own!r} ({what})" for own, what in _CANDIDATES[key].items())
        raise ValueError(f"family={name!r} may mean several families: pass {meant}")
    return (_ALIASES | {_key(own): own for own in registered}).get(key, name)
