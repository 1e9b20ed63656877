"""Calls of every public function and method with one argument replaced, and what may come of them."""

import datetime
import decimal
import fractions
import warnings

import numpy as np
import pandas as pd
from scipy import sparse, stats
from sklearn.exceptions import ConvergenceWarning, NotFittedError

import skinfo
from skinfo import FamilySearch, LogLossClassifier, LogLossClassifierCV, ParametricDensity, metrics

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.gamma(2.5, size=(24, 1))
TWO = RANDOM.normal(size=(24, 2))
FRAME = pd.DataFrame(TWO, columns=["a", "b"])
LABELS = np.arange(24) % 3
P, Q = np.array([0.5, 0.25, 0.25]), np.array([0.2, 0.3, 0.5])
JOINT = np.array([[0.3, 0.1], [0.2, 0.4]])
PROBA = np.full((24, 3), 1 / 3)
WEIGHTS = np.linspace(0.5, 2, 24)
DENSITY = ParametricDensity("gamma").fit(ROWS)
SMALLER = ParametricDensity("gamma", fixed={"a": 2.0}).fit(ROWS)
CLASSIFIER = LogLossClassifier(C=np.inf).fit(TWO, LABELS)

VALUES = {
    "None": None,
    "True": True,
    "empty string": "",
    "string": "no",
    "bytes": b"no",
    "zero": 0,
    "minus one": -1,
    "seven": 7,
    "half": 0.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "minus inf": -float("inf"),
    "denormal": 5e-324,
    "huge": 1e308,
    "beyond floats": 10**400,
    "complex": 1 + 2j,
    "decimal": decimal.Decimal("0.5"),
    "fraction": fractions.Fraction(1, 2),
    "date": datetime.date(2020, 1, 1),
    "empty list": [],
    "list": [1, 2],
    "ragged": [[1, 2], [3]],
    "words": ["a", "b"],
    "dict": {"a": 1.0},
    "dict of None": {0: None},
    "set": {1, 2},
    "object": object(),
    "type": int,
    "function": len,
    "empty array": np.empty((0, 2)),
    "scalar array": np.array(2.0),
    "cube": np.ones((2, 2, 2)),
    "nans": np.full((24, 2), np.nan),
    "infinities": np.full((24, 1), np.inf),
    "objects": np.array([object(), None], dtype=object),
    "complex array": np.full((24, 2), 1j),
    "dates": np.full(24, np.datetime64("2020-01-01")),
    "structured": np.zeros(3, dtype=[("a", float)]),
    "zeros": np.zeros((24, 2)),
    "negative": -np.ones((24, 3)),
    "huge array": np.full((24, 2), 1e308) * np.linspace(-1, 1, 24)[:, None],
    "denormals": np.full(24, 5e-324),
    "sparse": sparse.csr_matrix(np.eye(3)),
    "series": pd.Series(["x", "y"]),
    "frame": pd.DataFrame({"a": [1.0, None]}),
    "distribution": stats.norm(),
    "unfitted": ParametricDensity(),
    "generator": np.random.default_rng(0),
}

FUNCTIONS = {
    "entropy": {"p": P, "axis": -1, "base": 2, "normalize": False},
    "cross_entropy": {"p": P, "q": Q, "axis": -1, "base": 2, "normalize": False},
    "kl_divergence": {"p": P, "q": Q, "axis": -1, "base": 2, "normalize": False, "rtol": 0.01, "random_state": 0},
    "js_divergence": {"p": P, "q": Q, "axis": -1, "base": 2},
    "jeffreys_divergence": {"p": P, "q": Q, "base": 2},
    "renyi_divergence": {"p": P, "q": Q, "alpha": 0.5},
    "alpha_divergence": {"p": P, "q": Q, "alpha": 0.5},
    "hellinger_distance": {"p": P, "q": Q},
    "total_variation": {"p": P, "q": Q},
    "js_distance": {"p": P, "q": Q},
    "mutual_information": {"joint": JOINT, "base": 2, "normalize": False},
    "conditional_entropy": {"joint": JOINT, "axis": -1, "base": 2},
    "entropy_from_counts": {"counts": [3, 2, 1], "method": "miller-madow", "base": 2},
    "entropy_from_samples": {"X": ROWS, "k": 3, "n_subsamples": 0, "base": 2, "random_state": 0},
    "kl_divergence_from_samples": {"X": ROWS, "Y": ROWS + 1, "k": 3, "n_subsamples": 0, "n_permutations": 0},
    "mutual_information_from_samples": {
        "X": TWO[:, 0],
        "Y": TWO[:, 1],
        "k": 3,
        "discrete": "auto",
        "normalized": None,
        "n_subsamples": 0,
        "n_permutations": 0,
    },
    "conditional_mutual_information_from_samples": {"X": TWO[:, 0], "Y": TWO[:, 1], "Z": ROWS, "n_subsamples": 0},
    "drift": {
        "reference": FRAME,
        "current": FRAME + 1,
        "k": 3,
        "n_subsamples": 0,
        "n_permutations": 9,
        "random_state": 0,
    },
    "likelihood_ratio_test": {"smaller": SMALLER, "larger": DENSITY},
    "project": {"distribution": stats.gamma(2), "family": "lognorm", "fixed": None},
}
METRICS = {
    "cross_entropy_loss": {
        "y_true": LABELS,
        "y_proba": PROBA,
        "labels": None,
        "sample_weight": WEIGHTS,
        "normalize": True,
        "base": 2,
    },
    "kl_divergence_loss": {"y_true": PROBA, "y_proba": PROBA, "sample_weight": WEIGHTS, "base": 2},
    "log_loss_decomposition": {
        "y_true": LABELS,
        "y_proba": PROBA,
        "labels": None,
        "sample_weight": WEIGHTS,
        "method": "temperature",
        "cv": 3,
        "n_bins": 4,
    },
    "neg_cross_entropy_scorer": {"estimator": CLASSIFIER, "X": TWO, "y": LABELS, "sample_weight": WEIGHTS},
    "neg_kl_divergence_scorer": {"estimator": CLASSIFIER, "X": TWO, "y": LABELS, "sample_weight": WEIGHTS},
    "log_likelihood_scorer": {"estimator": DENSITY, "X": ROWS, "sample_weight": WEIGHTS},
    "neg_aic_scorer": {"estimator": DENSITY, "X": ROWS, "sample_weight": WEIGHTS},
    "neg_bic_scorer": {"estimator": DENSITY, "X": ROWS, "sample_weight": WEIGHTS},
}
SUPERVISED = {"X": TWO, "y": LABELS, "sample_weight": WEIGHTS, "offset": np.zeros((24, 3))}
FITS = {
    ParametricDensity: (
        {"family": "gamma", "fixed": None, "compression": "auto", "tol": 1e-6, "max_iter": 100},
        {"X": ROWS, "sample_weight": WEIGHTS},
    ),
    FamilySearch: (
        {"families": ["norm", "gamma"], "criterion": "bic", "fixed": None, "cv": None, "n_jobs": None},
        {"X": ROWS, "sample_weight": WEIGHTS},
    ),
    LogLossClassifier: (
        {
            "C": 1.0,
            "l1_ratio": 0.0,
            "fit_intercept": True,
            "class_weight": None,
            "bias_reduction": False,
            "solver": "auto",
            "tol": 1e-6,
            "max_iter": 200,
            "warm_start": False,
            "random_state": 0,
        },
        SUPERVISED,
    ),
    LogLossClassifierCV: (
        {"Cs": [0.1, 1.0], "l1_ratios": [0.0], "cv": 2, "fit_intercept": True, "class_weight": None, "tol": 1e-6},
        SUPERVISED,
    ),
}
METHODS = {
    (ParametricDensity, "partial_fit"): {"X": ROWS, "sample_weight": WEIGHTS},
    (LogLossClassifier, "partial_fit"): SUPERVISED | {"classes": [0, 1, 2]},
    (DENSITY, "score_samples"): {"X": ROWS},
    (DENSITY, "score"): {"X": ROWS, "sample_weight": WEIGHTS},
    (DENSITY, "aic"): {"X": ROWS, "sample_weight": WEIGHTS},
    (DENSITY, "bic"): {"X": ROWS, "sample_weight": WEIGHTS},
    (DENSITY, "sample"): {"n_samples": 2, "random_state": 0},
    (CLASSIFIER, "predict"): {"X": TWO, "offset": np.zeros((24, 3))},
    (CLASSIFIER, "predict_proba"): {"X": TWO, "offset": np.zeros((24, 3))},
    (CLASSIFIER, "predict_log_proba"): {"X": TWO, "offset": np.zeros((24, 3))},
    (CLASSIFIER, "decision_function"): {"X": TWO, "offset": np.zeros((24, 3))},
    (CLASSIFIER, "score"): {"X": TWO, "y": LABELS, "sample_weight": WEIGHTS, "offset": np.zeros((24, 3))},
    (CLASSIFIER, "confint"): {"level": 0.95, "method": "wald", "reference": None, "X": None, "y": None},
    (CLASSIFIER, "summary"): {"level": 0.95, "reference": None},
    (CLASSIFIER, "robust_covariance"): {"X": TWO, "y": LABELS, "sample_weight": WEIGHTS},
}


def _of_function(function, arguments):
    return lambda changed: function(**(arguments | changed))


def _of_fit(kind, settings, arguments):
    def call(changed):
        own = {name: value for name, value in changed.items() if name in settings}
        return kind(**(settings | own)).fit(**(arguments | {k: v for k, v in changed.items() if k not in own}))

    return call


def _of_method(owner, name, arguments):
    def call(changed):
        return getattr(owner() if isinstance(owner, type) else owner, name)(**(arguments | changed))

    return call


CALLS = {}
for _name, _arguments in FUNCTIONS.items():
    CALLS[_name] = (_of_function(getattr(skinfo, _name), _arguments), list(_arguments))
for _name, _arguments in METRICS.items():
    CALLS[_name] = (_of_function(getattr(metrics, _name), _arguments), list(_arguments))
for _kind, (_settings, _arguments) in FITS.items():
    CALLS[f"{_kind.__name__}.fit"] = (_of_fit(_kind, _settings, _arguments), [*_settings, *_arguments])
for (_owner, _name), _arguments in METHODS.items():
    _of = _owner if isinstance(_owner, type) else type(_owner)
    CALLS[f"{_of.__name__}.{_name}"] = (_of_method(_owner, _name, _arguments), list(_arguments))

# What else a message may call an argument: scikit-learn's words for rows and labels, and ours for columns.
WORDS = {
    "X": ("sample", "feature", "column", "rows", "array", "data", "x_"),
    "Y": ("sample", "column", "rows", "x and y"),
    "Z": ("sample", "column", "rows"),
    "y": ("label", "class", "target", "sample", "complex data"),
    "y_true": ("label", "class", "sample", "y_"),
    "y_proba": ("probabilit", "sample"),
    "labels": ("label", "y_true"),
    "reference": ("sample", "column", "rows", "class"),
    "current": ("sample", "column", "rows", "reference"),
    "p": ("probabilit", "distribution"),
    "q": ("probabilit", "distribution", "p and"),
    "joint": ("probabilit", "table"),
    "sample_weight": ("weight",),
    "estimator": ("density", "classifier", "fitted", "score"),
    "smaller": ("nested", "fitted", "model"),
    "larger": ("nested", "fitted", "model"),
    "distribution": ("density", "divergence"),
    "family": ("distribution", "column"),
    "families": ("family",),
    "fixed": ("parameter", "column"),
    "Cs": ("c is so small",),
    "cv": ("split", "fold"),
    "random_state": ("seed",),
}
WITHOUT_END = {"n_permutations": {"beyond floats"}, "n_jobs": {"minus one", "seven"}}  # these take their time
ALLOWED = (ValueError, TypeError, NotFittedError, ImportError)


def problem(name, changes):
    """What is wrong with how a call takes the named values of some arguments; empty where nothing is."""
    if any(value in WITHOUT_END.get(argument, ()) for argument, value in changes.items()):
        return ""
    call, _ = CALLS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            call({argument: VALUES[value] for argument, value in changes.items()})
        except ALLOWED as error:
            text = str(error).lower()
            words = [word for argument in changes for word in (argument.lower(), *WORDS.get(argument, ()))]
            named = any(word in text for word in words)
            private = "_require" in text or "<lambda>" in text
            return "" if named and not private else f"{type(error).__name__} names none of {list(changes)}: {error}"
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return ""
