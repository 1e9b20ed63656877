"""What every univariate law of the catalogue promises, checked on examples that include extremes."""

import itertools
import math
import pickle

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from skinfo.families import (
    Law,
    NonlinearFamily,
    UnknownExpectationError,
    get_family,
    registered_families,
)
from skinfo.families._domains import DOMAINS
from skinfo.measures import LOG, LOG1M, ONE, SINE, SQUARE, VERSINE, Abs, Power, Rows, Values, X


def integral(f, law, breaks=()):
    """Integral of f over a standard law's support: panels geometric about the median and ends, or a sum."""
    low, high = (-math.pi, math.pi) if law.dist.name == "vonmises" else law.support()
    if law.dist.name == "pearson3":  # SciPy's is the whole line
        low, high = get_family("pearson3").ends(**get_family("pearson3").shape_values(law.kwds))
    with np.errstate(all="ignore"):
        if hasattr(law, "pmf"):
            reach = 60 * law.std() + 5000
            return math.fsum(np.nan_to_num(f(np.arange(max(low, law.mean() - reach), law.mean() + reach).round())))
        kinks = [law.kwds["c"]] if law.dist.name == "triang" else []
        kinks += [0.0] if low < 0 < high else []  # or where a skew law is narrow
        edges = sorted({law.median(), *breaks, *kinks})
        width = law.ppf(0.75) - law.ppf(0.25)
        pieces = [(e, sign, (b - a) / 2) for a, b in itertools.pairwise(edges) for e, sign in ((a, 1), (b, -1))]
        for end, nearest, sign in ((low, edges[0], 1), (high, edges[-1], -1)):
            gap = abs(nearest - end) / 2
            pieces.append((nearest, -sign, gap if math.isfinite(gap) else width * math.exp(300)))
            pieces += [(end, sign, gap)] if math.isfinite(gap) else []
        nodes, weights = np.polynomial.legendre.leggauss(12)
        parts = []
        for anchor, sign, reach in pieces:
            first = math.log(reach) - 700 if anchor == 0 else math.log(min(width, reach)) - 36
            steps = np.linspace(first, math.log(reach), int((math.log(reach) - first) / 0.4) + 2)
            s = (steps[1:, None] + steps[:-1, None] + np.diff(steps)[:, None] * nodes) / 2
            jacobian = np.exp(s) * weights * np.diff(steps)[:, None] / 2
            values = f(anchor + sign * np.exp(s).ravel()) * jacobian.ravel()
            parts.append(values[jacobian.ravel() > 0])
    return math.fsum(np.nan_to_num(np.concatenate(parts), posinf=0.0, neginf=0.0))  # 0 inf, far out; a singular end


def standard(example):
    """Shapes at loc 0 and scale 1, and SciPy's law there."""
    shapes = example.family.shape_values(example.theta)
    theta = {**shapes, "loc": 0.0, **({} if example.family.discrete else {"scale": 1.0})}
    return theta, example.family.freeze(theta)


OPEN = {"powerlaw", "betaprime"}  # laws whose lower end SciPy takes to be outside


def rounding(name):
    """Part of a law that lies between the last number below 1 and 1, and its logarithms."""
    return 1e-6 if name == "arcsine" else 1e-9


# --- log probabilities


def test_log_prob_is_that_of_scipy(example):
    x = example.draw(300)
    expected = example.log_density(x)
    assert np.isfinite(expected).all()
    # SciPy's terms are as large as the shapes times their logarithms, and the result rounded accordingly
    size = 1 + np.abs(expected) + sum(example.family.shape_values(example.theta).values())
    values = example.family.log_prob(x, example.theta)
    assert np.max(np.abs(values - expected) / size) < 1e-10
    assert values.dtype == np.float64
    assert_array_equal(example.family.log_prob(x[:0], example.theta), np.empty(0))


def test_log_prob_outside_the_support(example):
    low, high = example.law.support()
    with np.errstate(all="ignore"):  # SciPy's, where there is no variance
        deviation = example.law.std()
    distance = 1 + 10 * deviation if math.isfinite(deviation) else 1.0
    outside = np.array([v for v in (low - 1e-9 * distance, low - distance, high + distance) if math.isfinite(v)])
    outside = np.append(outside, [-np.inf] if example.family.support.low > -math.inf else [])
    assert (example.family.log_prob(outside, example.theta) == -np.inf).all()
    assert np.isnan(example.family.log_prob(np.array([np.nan]), example.theta)).all()
    if example.family.discrete:
        between = np.floor(example.law.median()) + np.array([0.5, 1e-6])
        assert (example.family.log_prob(between, example.theta) == -np.inf).all()


def test_log_prob_at_the_ends_of_the_support(example):
    ends = np.array(example.law.support(), dtype=np.float64) - 0.0
    if example.family.discrete:
        ends[0] += 1  # SciPy's first integer
    with np.errstate(all="ignore"):  # one by one: SciPy 1.15 stumbles over both ends of gengamma at once
        expected = np.array([float(example.log_density(end)) for end in ends])
    known = ~np.isnan(expected) & ~((ends == example.theta["loc"]) & (example.name in OPEN))
    known &= example.name != "kappa4"  # whose ends are rounded
    assert_allclose(example.family.log_prob(ends, example.theta)[known], expected[known], rtol=1e-10)


@pytest.mark.parametrize("far", [-np.inf, -1e308, 1e308, np.inf])
def test_log_prob_far_out(typical, far):
    if typical.family.circular:
        return  # its density is periodic
    (value,) = typical.family.log_prob(np.array([far]), typical.theta)
    low, high = typical.law.support()
    assert value < -60 if low < far < high else value == -np.inf


def test_integral_is_one(example):
    theta, law = standard(example)
    assert_allclose(integral(lambda x: np.exp(example.family.log_prob(x, theta)), law), 1, rtol=rounding(example.name))


def test_float32_values_are_taken_as_they_are(typical):
    x = typical.draw(50).astype(np.float32)
    as_double = x.astype(np.float64)
    assert_array_equal(typical.family.log_prob(x, typical.theta), typical.family.log_prob(as_double, typical.theta))


# --- means and scores over rows


def test_mean_log_prob_is_the_mean_of_log_prob(example):
    x = example.draw(200)
    weights = np.random.default_rng(0).uniform(0, 2, 200)
    expected = np.average(example.family.log_prob(x, example.theta), weights=weights)
    value = example.family.mean_log_prob(Rows(x, weights), example.theta)
    assert_allclose(value, expected, rtol=1e-9, atol=1e-9)


def test_scores_are_derivatives(example):
    family, theta = example.family, example.theta
    names = [name for name in family.parameters if not (family.discrete and name == "loc")]
    x = np.unique(example.law.ppf(np.linspace(0.2, 0.8, 21)))
    x = x[np.isfinite(family.log_prob(x, theta))]  # not in a hole
    loc, scale = theta["loc"], theta.get("scale", 1.0)
    spread = (example.law.ppf(0.75) - example.law.ppf(0.25)) or 1.0
    ends = [end for end in family.support[:2] if math.isfinite(end)]
    size = {name: abs(theta[name]) or 1.0 for name in names} | {"loc": spread}
    for end in ends:  # which must stay clear of the values
        room = abs(x - loc - scale * end).min()
        size["loc"] = min(size["loc"], room)
        size["scale"] = min(size.get("scale", 1.0), room / abs(end) if end else math.inf)
    for name in names:
        if family.domain(name) in ("lowest", "highest"):
            size[name] = min(size[name], abs((x - loc) / scale - theta[name]).min())
    terms = 1 + abs(loc / spread) + sum(abs(v) * math.log1p(abs(v)) for v in family.shape_values(theta).values())
    for name in names:
        if not _has_score(family, theta, name):
            continue
        step = 1e-3 * min(size[name], 1 - theta[name] if family.domain(name) == "unit" else math.inf)
        h = theta[name] + np.array([-2, -1, 1, 2]) * step  # what the steps round to
        values = [family.mean_log_prob(Rows(x), theta | {name: float(v)}) for v in h]
        numeric = (8 * (values[2] - values[1]) - (values[3] - values[0])) / (6 * (h[2] - h[1]))
        (score,) = family.mean_score(Rows(x), theta, (name,))
        assert_allclose(score, numeric, rtol=1e-6, atol=max(1e-9, 1e-15 * terms / step), err_msg=name)


def _has_score(family, theta, name):
    """Whether a parameter is estimated where its score is zero; one with a kink may have none."""
    if (family.discrete and name == "loc") or family.domain(name) == "integer":
        return False
    if family.circular and name == "scale":  # the unit of angles
        return False
    if family.smooth:
        return True
    try:
        family.mean_score(Rows(np.array([family.freeze(theta).median()])), theta, (name,))
    except NotImplementedError:
        return False
    return True


def test_scores_together_are_those_apart(example):
    names = tuple(n for n in example.family.parameters if _has_score(example.family, example.theta, n))
    rows = Rows(example.draw(100), np.linspace(0.1, 2, 100))
    together = example.family.mean_score(rows, example.theta, names)
    apart = [example.family.mean_score(Rows(rows.x, rows.weights), example.theta, (n,))[0] for n in names]
    assert_allclose(together, apart, rtol=1e-9)  # what the order of the sums leaves of terms that cancel


@pytest.mark.parametrize("df", [0.1, 3.0, 199.0, 201.0, 9e3, 1.1e4, 1e6, 1e9])
def test_student_scores_of_any_df(df):
    family = get_family("t")
    z = np.array([0.0, 0.3, 1.0, 1.7, 4.0])
    with mpmath.workdps(60):

        def log_density(v, n):
            log_constant = mpmath.loggamma((n + 1) / 2) - mpmath.loggamma(n / 2) - mpmath.log(mpmath.pi * n) / 2
            return log_constant - (n + 1) / 2 * mpmath.log1p(v * v / n)

        step = mpf(10) ** -15 * df
        for value in z:
            exact = log_density(mpf(value), mpf(df))
            score = (log_density(mpf(value), df + step) - log_density(mpf(value), df - step)) / (2 * step)
            theta = {"df": df, "loc": 0.0, "scale": 1.0}
            assert_allclose(family.log_prob(value, theta), float(exact), rtol=1e-13)
            size = float(abs(score)) + 0.1 / df**2  # what it is on average, over the law
            (found,) = family.mean_score(Rows(np.array([value])), theta, ("df",))
            assert abs(found - float(score)) < 1e-5 * size


@pytest.mark.parametrize("skew", [1e-10, 1e-6, -1e-3, 0.05, -0.3, 0.516, 1.2, 2.0, 3.0])
def test_pearson3_near_the_normal_distribution(skew):
    family = get_family("pearson3")

    def log_density(z, g):
        a, beta = 4 / g**2, 2 / g
        w = a + beta * z
        return mpmath.log(abs(beta)) + (a - 1) * mpmath.log(w) - w - mpmath.loggamma(a)

    with mpmath.workdps(80):
        for value in (-1.2, -0.5, 0.0, 1e-3, 0.6, 2.0, 9.0):
            if 1 + skew * value / 2 <= 0:
                continue
            z, g, step = mpf(value), mpf(skew), mpf(10) ** -40
            score = (log_density(z, g + step) - log_density(z, g - step)) / (2 * step)
            slope = (log_density(z + step, g) - log_density(z - step, g)) / (2 * step)
            found = family.derivatives(np.array([value]), skew=skew)
            assert_allclose(family.standard(np.array([value]), skew=skew), float(log_density(z, g)), rtol=1e-13)
            assert_allclose(found["skew"], float(score), rtol=1e-12, atol=1e-14)
            assert_allclose(found["z"], float(slope), rtol=1e-12, atol=1e-14)
    z = np.array([-2.0, 0.5])
    assert_allclose(family.standard(z, skew=0.0), stats.norm.logpdf(z), rtol=1e-14)
    assert_allclose(family.derivatives(z, skew=0.0)["skew"], (z**3 - 3 * z) / 6, rtol=1e-14)


@pytest.mark.parametrize("h", [0.0, 1e-12, -1e-6, 0.3, -2.7])
@pytest.mark.parametrize("k", [0.0, 1e-12, -1e-6, 0.1, -0.15])
def test_kappa4_near_its_special_cases(h, k):
    family = get_family("kappa4")
    with mpmath.workdps(150):
        tiny = mpf(10) ** -30  # for 0

        def log_density(z, h, k):
            y = -mpmath.log(1 - k * z) / k
            return -(1 - k) * y + (1 / h - 1) * mpmath.log(1 - h * mpmath.exp(-y))

        low, high = family.ends(h, k)
        for value in (-5.0, -0.5, 0.0, 1e-6, 2.0):
            if not low < value < high:
                continue
            at, step = [mpf(value), mpf(h) or tiny, mpf(k) or tiny], mpf(10) ** -45
            found = family.derivatives(np.array([value]), h=h, k=k)
            assert_allclose(family.standard(np.array([value]), h=h, k=k), float(log_density(*at)), rtol=1e-13)
            for i, name in enumerate(("z", "h", "k")):
                up, down = at.copy(), at.copy()
                up[i] += step
                down[i] -= step
                slope = (log_density(*up) - log_density(*down)) / (2 * step)
                assert_allclose(found[name], float(slope), rtol=1e-12, atol=1e-13, err_msg=name)


# --- laws as measures


MOMENTS = {"X": X, "SQUARE": SQUARE, "Abs": Abs(0.4), "LOG": LOG, "Power": Power(-0.04), "LOG1M": LOG1M}
MOMENTS |= {"SINE": SINE, "VERSINE": VERSINE}
STANDARDISED = [(0.0, 1.0), (0.0, 2.5), (-0.3, 0.7)]


@pytest.mark.parametrize(("loc", "scale"), STANDARDISED)
def test_means_of_a_law_standardised_elsewhere(typical, loc, scale):
    law = Law(typical.family, typical.theta)
    own_loc, own_scale = typical.theta["loc"], typical.theta.get("scale", 1.0)
    theta, standard_law = standard(typical)
    known, expected_to_know = 0, 2 if getattr(typical.family, "expectations", None) else 0
    if typical.family.circular and scale != 1:
        expected_to_know = 0
    for statistic in MOMENTS.values():
        try:
            value = law.means([statistic], loc, scale)[statistic]
        except UnknownExpectationError:
            continue
        known += 1
        if not math.isfinite(value):
            continue

        def f(z, statistic=statistic):
            x = own_loc + own_scale * z
            return statistic(Values((x - loc) / scale)) * np.exp(typical.family.log_prob(z, theta))

        kink = (loc + 0.4 * scale - own_loc) / own_scale
        low, high = standard_law.support()
        kinks = [kink] if isinstance(statistic, Abs) and low < kink < high else []
        expected = integral(f, standard_law, kinks)
        assert_allclose(value, expected, rtol=rounding(typical.name), atol=1e-12, err_msg=str(statistic))
    assert known >= expected_to_know
    assert law.means([ONE], loc, scale) == {ONE: 1.0}


def test_a_mean_that_a_law_does_not_know():
    law = Law(get_family("gamma"), {"a": 2.0, "loc": 0.0, "scale": 1.0})
    for statistic in (LOG1M, VERSINE):
        with pytest.raises(UnknownExpectationError):
            law.means([statistic])
    with pytest.raises(UnknownExpectationError):
        law.means([LOG], loc=1.0)


def _known_entropy(family, theta):
    if isinstance(family, NonlinearFamily):
        return family.entropy and family.entropy(**family.shape_values(theta))
    try:
        return -family.mean_log_prob(Law(family, theta), theta)
    except UnknownExpectationError:
        return None


def test_which_entropies_are_not_known():
    typical = {name: get_family(name) for name in UNIVARIATE}
    at = {name: {"loc": 0.0, "scale": 1.0, **family.examples[0]} for name, family in typical.items()}
    unknown = {name for name, family in typical.items() if _known_entropy(family, at[name]) is None}
    no_closed_form = {
        "betabinom",
        "binom",
        "exponnorm",
        "exponweib",
        "foldnorm",
        "genhyperbolic",
        "johnsonsb",
        "johnsonsu",
        "kappa4",
        "logser",
        "nbinom",
        "norminvgauss",
        "poisson",
        "rice",
        "skellam",
        "skewnorm",
        "zero_inflated_nbinom",
        "zero_inflated_poisson",
    }
    assert unknown <= no_closed_form, "give the law its expectations or entropy, or add it here"


def test_entropy_is_the_integral_of_its_log_density(example):
    family = example.family
    theta, law = standard(example)

    def f(z):
        log_prob = family.log_prob(z, theta)
        return -np.exp(log_prob) * log_prob

    entropy = _known_entropy(family, theta)
    if entropy is None:
        return
    terms = 1e-12 * sum(abs(v) * math.log1p(abs(v)) for v in family.shape_values(theta).values())
    assert_allclose(entropy, integral(f, law), rtol=max(1e-8, rounding(example.name)), atol=1e-12 + terms)


# --- the same object by every road


def test_one_object_by_name_by_distribution_and_by_pickle(typical):
    family = typical.family
    assert get_family(typical.name) is family
    assert get_family(family.distribution) is family
    assert get_family(getattr(stats, typical.name, family)) is family  # one that is not SciPy's is in its own file
    assert get_family(family) is family
    assert pickle.loads(pickle.dumps(family)) is family


UNIVARIATE = [name for name in registered_families() if not get_family(name).joint]


@pytest.mark.parametrize("name", UNIVARIATE)
def test_names_of_parameters_are_those_of_scipy(name):
    family = get_family(name)
    assert family.name == name
    shapes = (family.distribution.shapes or "").replace(",", " ").split()
    assert family.parameters == (*shapes, "loc", *([] if family.discrete else ["scale"]))
    assert {family.domain(name) for name in family.parameters} <= DOMAINS.keys()
    assert family.natural_fixed.keys() <= set(family.parameters)


def test_a_generic_law_survives_pickling():
    family = get_family(stats.argus)
    again = pickle.loads(pickle.dumps(family))
    x, theta = np.linspace(0.6, 2, 9), {"chi": 1.5, "loc": 0.5, "scale": 2.0}
    assert_array_equal(again.log_prob(x, theta), family.log_prob(x, theta))
    assert get_family("argus") is family
