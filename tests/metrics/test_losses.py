"""Cross entropy and divergence losses: identities, log loss, labels of every kind, messages."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import entropy
from sklearn.metrics import log_loss

from skinfo.metrics import cross_entropy_loss, kl_divergence_loss

LOSSES = [cross_entropy_loss, kl_divergence_loss]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.booleans(), st.booleans())
def test_hard_labels_agree_with_log_loss(seed, n_classes, weighted, normalize):
    rng = np.random.default_rng(seed)
    proba = 0.9 * rng.dirichlet(np.ones(n_classes), 40) + 0.1 / n_classes
    y = rng.permutation(np.r_[np.arange(n_classes), rng.integers(0, n_classes, 40 - n_classes)])
    options = {"sample_weight": rng.random(40) if weighted else None, "normalize": normalize}
    for loss in LOSSES:
        assert_allclose(loss(y, proba, **options), log_loss(y, proba, **options), rtol=1e-13)


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_divergence_is_cross_entropy_less_entropy_of_the_labels(seed, weighted, normalize):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(4), (2, 30))
    weights = rng.integers(0, 3, 30) + 0.5 if weighted else np.ones(30)
    options = {"sample_weight": weights if weighted else None, "normalize": normalize}
    own = (weights * entropy(p, axis=1)).sum() / (weights.sum() if normalize else 1)
    difference = cross_entropy_loss(p, q, **options) - own
    assert_allclose(kl_divergence_loss(p, q, **options), difference, rtol=1e-12)
    assert kl_divergence_loss(p, q) >= kl_divergence_loss(p, p) == 0


@given(st.integers(0, 2**32 - 1))
def test_order_of_rows_and_of_classes_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(5), (2, 30))
    rows, classes = rng.permutation(30), rng.permutation(5)
    y = rng.integers(0, 5, 30)
    for loss in LOSSES:
        assert_allclose(loss(p[rows][:, classes], q[rows][:, classes]), loss(p, q), rtol=1e-13)
        assert_allclose(loss(y[rows], q[rows][:, classes], labels=classes), loss(y, q, labels=range(5)), rtol=1e-13)


def test_one_hot_labels_are_hard_labels(rng):
    q, y = rng.dirichlet(np.ones(3), 50), rng.integers(0, 3, 50)
    for loss in LOSSES:
        for one_hot in (
            np.eye(3)[y],
            np.eye(3, dtype=int)[y],
            np.eye(3, dtype=np.float32)[y],
            np.eye(3)[y].tolist(),
        ):
            assert_allclose(loss(one_hot, q), loss(y, q, labels=[0, 1, 2]), rtol=1e-15)


def test_a_row_of_soft_labels_is_a_weighted_row_for_each_class(rng):
    p, q = rng.dirichlet(np.ones(3), (2, 20))
    split = cross_entropy_loss(np.tile([0, 1, 2], 20), np.repeat(q, 3, axis=0), sample_weight=p.ravel())
    assert_allclose(cross_entropy_loss(p, q), split, rtol=1e-14)


def test_integer_weights_are_repeated_rows(rng):
    p, q = rng.dirichlet(np.ones(3), (2, 20))
    weights = rng.integers(0, 4, 20)
    for loss in LOSSES:
        for normalize in (True, False):
            repeated = loss(np.repeat(p, weights, axis=0), np.repeat(q, weights, axis=0), normalize=normalize)
            assert_allclose(loss(p, q, sample_weight=weights, normalize=normalize), repeated, rtol=1e-14)


def test_divergence_of_a_near_perfect_prediction_keeps_its_digits():
    p, q = [[0.5, 0.5]], [[0.5 + 2.0**-30, 0.5 - 2.0**-30]]
    assert_allclose(kl_divergence_loss(p, q), 2 * 2.0**-60, rtol=1e-14)


def labelled(kind):
    names = np.array(["b", "a", "c", "b", "a", "c"])
    return {
        "list of strings": names.tolist(),
        "strings": names,
        "objects": names.astype(object),
        "Series": pd.Series(names, index=range(10, 16)),
        "string Series": pd.Series(names, dtype="string"),
        "categorical": pd.Categorical(names, categories=["c", "b", "a", "unused"]),
        "categorical Series": pd.Series(names, dtype="category"),
        "int8": np.array([1, 0, 2, 1, 0, 2], dtype=np.int8),
        "negative": [-1, -5, 9, -1, -5, 9],
        "floats": [0.5, 0.0, 7.5, 0.5, 0.0, 7.5],
        "nullable": pd.Series([1, 0, 2, 1, 0, 2], dtype="Int64"),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "list of strings",
        "strings",
        "objects",
        "Series",
        "string Series",
        "categorical",
        "categorical Series",
        "int8",
        "negative",
        "floats",
        "nullable",
    ],
)
def test_kinds_of_labels(kind, rng):
    q = rng.dirichlet(np.ones(3), 6)
    expected = -np.log(q[np.arange(6), [1, 0, 2, 1, 0, 2]]).mean()
    y = labelled(kind)
    classes = sorted(set(np.asarray(y, dtype=object).tolist()))
    for loss in LOSSES:
        assert_allclose(loss(y, q), expected, rtol=1e-14)
        assert_allclose(loss(y, q, labels=classes), expected, rtol=1e-14)
        assert_allclose(loss(y, q[:, ::-1], labels=classes[::-1]), expected, rtol=1e-14)
        assert_allclose(loss(y, pd.DataFrame(q)), expected, rtol=1e-14)


def test_probability_of_the_positive_class():
    positive = [0.9, 0.2, 0.6]
    both = [[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]]
    for y in ([True, False, True], [1, 0, 1], ["yes", "no", "yes"], [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]):
        assert_allclose(cross_entropy_loss(y, positive), cross_entropy_loss(y, both), rtol=1e-14)
        assert_allclose(cross_entropy_loss(y, positive), -np.log([0.9, 0.8, 0.6]).mean(), rtol=1e-14)
    assert_allclose(
        cross_entropy_loss(["yes"] * 3, positive, labels=["no", "yes"]), -np.log(positive).mean(), rtol=1e-14
    )
    single = np.array(positive, dtype=np.float32)
    assert_allclose(cross_entropy_loss([1, 0, 1], single), -np.log([0.9, 0.8, 0.6]).mean(), rtol=1e-6)


def test_float32_is_accumulated_in_float64(rng):
    q = np.tile(np.array([[0.25, 0.75]], dtype=np.float32), (100_000, 1))
    y = np.zeros(100_000, dtype=int)
    assert_allclose(cross_entropy_loss(y, q, labels=[0, 1]), math.log(4), rtol=1e-15)
    assert_allclose(cross_entropy_loss(np.tile([[0.5, 0.5]], (100_000, 1)), q), math.log(16 / 3) / 2, rtol=1e-14)


def test_columns_of_soft_labels_are_matched_by_name(rng):
    p, q = rng.dirichlet(np.ones(3), (2, 10))
    frame = pd.DataFrame(p, columns=["a", "b", "c"])
    for loss in LOSSES:
        expected = loss(p, q)
        assert loss(frame, q) == expected
        assert loss(frame[["c", "a", "b"]], q, labels=["a", "b", "c"]) == expected
        assert loss(frame[["c", "a", "b"]], pd.DataFrame(q, columns=["a", "b", "c"])) == expected
        assert loss(frame, q[:, [2, 0, 1]], labels=["c", "a", "b"]) == pytest.approx(expected, rel=1e-14)
        with pytest.raises(ValueError, match=r"columns that are not among the labels \['a', 'b', 'd'\]: 'c'"):
            loss(frame, q, labels=["a", "b", "d"])
        with pytest.raises(ValueError, match="columns of y_true must differ"):
            loss(frame.set_axis(["a", "b", "b"], axis=1), q, labels=["a", "b", "c"])


def test_probability_zero_of_the_label_is_infinite_and_silent(recwarn):
    q = [[1.0, 0.0], [0.5, 0.5]]
    for loss in LOSSES:
        assert loss([1, 0], q) == math.inf
        assert loss([[0.5, 0.5], [1.0, 0.0]], q) == math.inf
        assert loss([1, 0], [0.0, 0.5]) == math.inf
        assert loss([0, 1], q, base=2) == 0.5
        assert loss([1, 0], q, sample_weight=[0, 3], base=2) == 1.0
        assert loss([1, 0], q, sample_weight=[0, 3], base=2, normalize=False) == 3.0
        assert loss([1, 0], q, sample_weight=[1e-300, 3]) == math.inf
    assert not recwarn.list


def test_perfect_prediction_is_zero_without_a_sign():
    assert math.copysign(1.0, cross_entropy_loss([0, 1], np.eye(2))) == 1.0


def test_base(rng):
    q, y = rng.dirichlet(np.ones(3), 30), np.arange(30) % 3
    assert_allclose(cross_entropy_loss(y, q, base=2) * math.log(2), cross_entropy_loss(y, q), rtol=1e-15)
    for loss in LOSSES:
        with pytest.raises(ValueError, match="base must be a positive number other than 1"):
            loss(y, q, base=1)


PROBA = np.array([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]])

MISTAKES = {
    "fewer labels": (([0, 0, 0], PROBA), {}, "2 classes, but the number of labels is 1; pass labels="),
    "more labels": (([0, 1, 2], PROBA), {}, "2 classes, but the number of labels is 3; pass labels="),
    "labels too many": (([0, 1, 1], PROBA), {"labels": [0, 1, 2]}, "the number of labels is 3"),
    "unknown label": (
        (["a", "b", "x"], PROBA),
        {"labels": ["a", "b"]},
        r"not among the labels \['a', 'b'\]: 'x'",
    ),
    "unknown number": (([0, 1, 7], PROBA), {"labels": [0, 1]}, r"not among the labels \[0, 1\]: 7"),
    "numbers for strings": (
        ([0, 1, 1], PROBA),
        {"labels": ["0", "1"]},
        r"not among the labels \['0', '1'\]: 0, 1",
    ),
    "labels as a string": (([0, 1, 1], PROBA), {"labels": "ab"}, "labels must be a list of classes; got 'ab'"),
    "labels as a number": (([0, 1, 1], PROBA), {"labels": 2}, "labels must be a list of classes; got 2"),
    "one probability a row": (([0.1, 0.8, 0.3], PROBA), {}, r"np.column_stack\(\[1 - p, p\]\)"),
    "a column of probabilities": (([[0.1], [0.8], [0.3]], PROBA), {}, r"np.column_stack\(\[1 - p, p\]\)"),
    "counts": (([[3, 1], [0, 2], [5, 5]], PROBA), {}, "row 2 sums to 10.* pass the sums as sample_weight"),
    "repeated labels": (([0, 1, 1], PROBA), {"labels": [1, 1]}, "labels must differ"),
    "NaN label": (([0.0, 1.0, np.nan], PROBA), {}, "y_true contains NaN"),
    "NaN label, labels given": (
        ([0.0, 1.0, np.nan], PROBA),
        {"labels": [0, 1]},
        r"not among the labels \[0, 1\]: nan",
    ),
    "NaN among objects": ((np.array([0, 1, np.nan], dtype=object), PROBA), {}, "y_true contains NaN"),
    "None": ((["a", None, "b"], PROBA), {}, "missing labels"),
    "NA": ((pd.Series([0, 1, None], dtype="Int64"), PROBA), {}, "missing labels|NaN"),
    "lengths": (([0, 1], PROBA), {}, "inconsistent numbers of samples"),
    "weights": (([0, 1, 1], PROBA), {"sample_weight": [1, 2]}, "sample_weight.shape"),
    "negative weight": (([0, 1, 1], PROBA), {"sample_weight": [1, 2, -1]}, "must not be negative"),
    "all weights zero": (
        ([0, 1, 1], PROBA),
        {"sample_weight": [0, 0, 0]},
        "at least one weight must be positive",
    ),
    "sums": (([0, 1, 1], PROBA * 1.1), {}, "y_proba must sum to one"),
    "NaN probability": (([0, 1, 1], [[np.nan, 1], [0, 1], [0, 1]]), {}, "y_proba .* contains NaN"),
    "probability above one": (([0, 1, 1], [0.5, 1.5, 0.5]), {}, "y_proba must be probabilities"),
    "soft labels that do not sum": ((PROBA * 1.1, PROBA), {}, "y_true must sum to one"),
    "soft labels with NaN": ((PROBA * np.nan, PROBA), {}, "y_true .* contains NaN"),
    "soft labels of other classes": ((np.full((3, 4), 0.25), PROBA), {}, r"y_true has shape \(3, 4\)"),
    "a column of labels": (([[0], [1], [1]], PROBA), {}, r"y_true has shape \(3, 1\)"),
    "three dimensions": (([0, 1, 1], PROBA[..., np.newaxis]), {}, "y_proba must have shape"),
    "three dimensions of labels": ((PROBA[..., np.newaxis], PROBA), {}, "y_true must have shape"),
    "no rows": (([], np.empty((0, 2))), {"labels": [0, 1]}, "at least one row"),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named(loss, mistake):
    arguments, options, message = MISTAKES[mistake]
    with pytest.raises(ValueError, match=message):
        loss(*arguments, **options)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64, np.float64])
def test_labels_of_any_number_type(dtype):
    classes = np.array([100, 3, 120, 7] if np.dtype(dtype).kind == "u" else [-100, 3, 120, -7]).astype(dtype)
    rng = np.random.default_rng(0)
    codes, q = rng.integers(0, 4, 300), rng.dirichlet(np.ones(4), 300)
    expected = -np.log(q[np.arange(300), codes]).mean()
    assert_allclose(cross_entropy_loss(classes[codes], q, labels=classes), expected, rtol=1e-14)
    order = np.argsort(classes)
    assert_allclose(cross_entropy_loss(classes[codes], q[:, order]), expected, rtol=1e-14)
    with pytest.raises(ValueError, match="not among the labels"):
        cross_entropy_loss(np.where(codes, classes[codes], 5), q, labels=classes)


def test_one_column_of_probabilities_is_the_last_class():
    y, p = [0, 1, 1, 0], np.array([0.1, 0.8, 0.7, 0.4])
    for loss in (cross_entropy_loss, kl_divergence_loss):
        assert loss(y, p[:, None]) == loss(y, p) == pytest.approx(log_loss(y, p), rel=1e-12)
        assert loss([0, 0], [[1.0], [1.0]]) == 0.0  # the only class
    with pytest.raises(ValueError, match="y_proba is about 2 classes, but the number of labels is 3"):
        cross_entropy_loss([0, 1, 2, 0], p[:, None])


@pytest.mark.parametrize("loss", [cross_entropy_loss, kl_divergence_loss])
@pytest.mark.parametrize("strange", [None, 0.5, np.array(2.0), object(), len, "no", np.ones((2, 2, 2))])
def test_what_is_no_array_is_named(loss, strange):
    with pytest.raises(ValueError, match="y_proba must"):
        loss([0, 1], strange)
    with pytest.raises(ValueError, match=r"y_true must have shape \(n,\) or \(n, K\)"):
        loss(strange, [[0.5, 0.5], [0.5, 0.5]])
    with pytest.raises(TypeError, match="normalize must be True or False"):
        loss([0, 1], [0.5, 0.5], normalize=strange)
