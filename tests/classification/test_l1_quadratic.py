import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinfo.classification._l1_metric import _others, pair_hessian
from skinfo.classification._l1_quadratic import L1Quadratic
from tests.classification.losses import mean_loss, softmax_data


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 12), rank=st.integers(1, 12), spread=st.floats(0, 8))
def test_quadratics_are_solved(seed, size, rank, spread):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(rank, size)) * 10 ** rng.uniform(-spread, spread, size)
    matrix, residual = rows.T @ rows, rows.T @ rng.normal(size=rank)
    start = np.where(rng.uniform(size=size) < 0.5, rng.normal(size=size), 0.0) / np.sqrt(np.diagonal(matrix))
    l1 = np.exp(rng.normal(size=size)) * np.sqrt(np.diagonal(matrix)) * 0.3
    solution = start + L1Quadratic(matrix, np.zeros(size), np.empty((0, 1), dtype=int)).minimise(start, residual, l1)
    slack = residual - matrix @ (solution - start)
    active = solution != 0
    unit = np.sqrt(np.diagonal(matrix))
    noise = 1e-6 * (1 + np.abs(start * unit).max())
    assert np.all((np.abs(slack) - l1)[~active] <= noise * unit[~active])
    assert np.all(np.abs(slack - l1 * np.sign(solution))[active] <= noise * unit[active])


@pytest.mark.parametrize("K", [2, 4])
@pytest.mark.parametrize("intercept", [True, False])
def test_hessian_of_pairs_is_a_part_of_the_hessian(K, intercept):
    X, y = softmax_data(K=K)
    objective = mean_loss(X, y, intercept=intercept)
    theta = np.random.default_rng(0).normal(size=objective.shape)
    whole = objective.hessian(theta)
    index = np.sort(np.random.default_rng(1).choice(objective.size, 12 if K > 2 else 5, replace=False))
    part = pair_hessian(objective, theta, *np.unravel_index(index, objective.shape))
    np.testing.assert_allclose(part, whole[np.ix_(index, index)], atol=1e-14)


def test_sums_of_others_do_not_cancel():
    values = np.array([[1.0, 1.0, 0.2], [1e-30, 1e-17, 0.3], [1e-31, 0.0, 0.5]])
    np.testing.assert_allclose(_others(values)[0], [1.1e-30, 1e-17, 0.8], rtol=1e-15)
    np.testing.assert_allclose(_others(values)[1:], [[1.0, 1.0, 0.7], [1.0, 1.0, 0.5]], rtol=1e-15)
