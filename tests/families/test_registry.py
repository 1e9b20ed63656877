"""Finding a family by its name, and what is said where there is none."""

import pickle

import numpy as np
import pytest
from scipy import stats

from skinfo.families import ExponentialFamily, Family, NonlinearFamily, get_family, register, registered_families
from skinfo.families import _names as names
from skinfo.families import _registry as registry


@pytest.mark.parametrize(
    ("name", "close"),
    [("gama", "gamma"), ("nrom", "norm"), ("weibul", "weibull_min"), ("poison", "poisson")],
)
def test_unknown_names_get_the_closest_ones(name, close):
    with pytest.raises(ValueError, match=rf"family='{name}' is not a distribution .*did you mean .*'{close}'"):
        get_family(name)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        *(
            ("normal", "norm"),
            ("Gaussian", "norm"),
            ("lnorm", "lognorm"),
            ("log-normal", "lognorm"),
            ("GEV", "genextreme"),
        ),
        *(("exponential", "expon"), ("gpd", "genpareto"), ("Generalised Pareto", "genpareto"), ("student_t", "t")),
        *(
            ("negative_binomial", "nbinom"),
            ("loglogistic", "fisk"),
            ("inverse_gaussian", "invgauss"),
            ("Gamma", "gamma"),
        ),
        *(("zip", "zero_inflated_poisson"), ("zinb", "zero_inflated_nbinom")),
        *(
            ("NegativeBinomial", "nbinom"),
            ("multivariate gaussian", "multivariate_normal"),
            ("F", "f"),
            ("wald", "wald"),
        ),
    ],
)
def test_names_used_elsewhere(alias, name):
    assert get_family(alias).name == name


@pytest.mark.parametrize(
    ("name", "candidates"),
    [("weibull", ["weibull_min", "weibull_max"]), ("Gumbel", ["gumbel_r", "gumbel_l"]), ("power_law", ["pareto"])],
)
def test_names_of_several_families(name, candidates):
    with pytest.raises(ValueError, match=f"family='{name}' may mean several families: pass '{candidates[0]}'") as error:
        get_family(name)
    assert all(repr(candidate) in str(error.value) for candidate in candidates)


def test_aliases_are_names_of_families():
    assert all(get_family(name).name == name for name in names._NAMES)
    assert all(get_family(name) for candidates in names._AMBIGUOUS.values() for name in candidates)


@pytest.mark.parametrize("name", ["zzzzqqqq", "", "gaussian_kde", "rv_continuous"])
def test_names_that_are_no_distribution(name):
    with pytest.raises(ValueError, match=r"is not a distribution of scipy\.stats"):
        get_family(name)
    if name == "zzzzqqqq":
        with pytest.raises(ValueError, match=r"see registered_families\(\)"):
            get_family(name)


@pytest.mark.parametrize("law", [stats.gamma(2.0), stats.poisson(3), stats.gumbel_r(), stats.multivariate_normal()])
def test_frozen_distributions_are_refused(law):
    with pytest.raises(TypeError, match=r"must be a name, a scipy\.stats distribution or a Family"):
        get_family(law)
    if hasattr(law, "dist"):
        with pytest.raises(TypeError, match="Pass the distribution, not one frozen at its parameters"):
            get_family(law)


@pytest.mark.parametrize("thing", [None, 3, 1.5, stats.gamma.pdf, stats, ["norm"], {"norm": 1}, type])
def test_other_things_are_refused(thing):
    with pytest.raises(TypeError, match="family must be a name"):
        get_family(thing)


def test_registered_families_are_sorted_names():
    names = registered_families()
    assert names == sorted(set(names))
    assert {"norm", "gamma", "multivariate_normal", "poisson"} <= set(names)
    assert all(get_family(name).name == name for name in names)


def test_multivariate_distribution_object():
    assert get_family(stats.multivariate_normal) is get_family("multivariate_normal")


def test_laws_outside_the_catalogue():
    family = get_family("halfgennorm")
    assert isinstance(family, NonlinearFamily)
    assert family is get_family("halfgennorm") is get_family(stats.halfgennorm)
    assert family is get_family(family)
    assert "halfgennorm" not in registered_families()


def test_second_names_of_scipy():
    assert get_family("reciprocal") is get_family(stats.reciprocal) is get_family("loguniform")


def test_domains_of_generic_shapes():
    domains = {"binom": {"n": "integer", "p": "unit"}, "nakagami": {"nu": "positive"}}
    assert {name: dict(get_family(name).shapes) for name in domains} == domains


def test_an_own_law_under_a_known_name_keeps_its_density():
    class Own(stats.rv_continuous):
        def _logpdf(self, x):
            return -2 * x

    own = Own(a=0.0, name="norm")
    family = get_family(own)
    assert family is not get_family("norm")
    assert family.distribution is own


def test_registering_a_law(monkeypatch):
    monkeypatch.setattr(registry, "_FAMILIES", dict(registry._FAMILIES))
    family = NonlinearFamily(
        name="rayleigh_like",
        distribution=stats.rayleigh,
        support=get_family("gamma").support,
        standard=lambda z: -z * z / 2,
        slope=lambda z: -z,
        start=lambda rows, loc: {"scale": 1.0},
    )
    assert register(family) is family
    assert get_family("rayleigh_like") is family
    assert pickle.loads(pickle.dumps(family)) is family
    assert "rayleigh_like" in registered_families()
    assert family.parameters == ("loc", "scale")


def test_supports():
    gamma, uniform, geom = (get_family(name).support for name in ("gamma", "uniform", "geom"))
    assert (str(gamma), str(uniform), str(geom)) == ("(0, inf)", "[0, 1]", "[1, inf)")
    assert uniform.at(2.0, 3.0)[:2] == (2.0, 5.0)
    assert gamma.excludes_low(0.0)
    assert not uniform.excludes_low(0.0)
    assert uniform.excludes_high(1.0 + 1e-15)
    assert gamma.contains(uniform)
    assert not uniform.contains(gamma)
    assert all(isinstance(get_family(n), Family) for n in ("gamma", "t"))
    assert isinstance(get_family("gamma"), ExponentialFamily)


def test_a_shape_called_z():
    family = get_family("gausshyper")
    theta = {"a": 13.8, "b": 3.1, "c": 2.5, "z": 5.2, "loc": 0.0, "scale": 1.0}
    np.testing.assert_allclose(
        family.log_prob(np.array([0.3, 0.7]), theta), stats.gausshyper(13.8, 3.1, 2.5, 5.2).logpdf([0.3, 0.7])
    )
