import mpmath
import numpy as np
import pytest

from skinfo.classification._duality import Dual, Penalty, relative_entropy
from skinfo.classification._proximal import minimise_l1
from tests.classification.losses import mean_loss, rng, soft_labels, softmax_data


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("soft", [True, False])
@pytest.mark.parametrize("intercept", [True, False])
def test_gap_is_the_difference_of_primal_and_dual(K, soft, intercept):
    """Against the textbook's formulas at 40 digits, for parameters far from the optimum and near."""
    X, y = softmax_data(n=25, p=3, K=K)
    y = soft_labels(25, K) if soft else y
    weights = np.random.default_rng(2).uniform(0.5, 2, 25)
    objective = mean_loss(X, y, weights=weights, intercept=intercept)
    best = minimise_l1(objective, None, 0.02, 0.01, tol=1e-9, max_iter=100, rng=rng()).theta
    scale = objective.rows.columns.inverse_scale
    penalty = Penalty(0.02 * scale, 0.01 * scale**2)
    first = objective.n_intercepts
    dual = Dual(objective, objective(np.zeros(objective.shape))[1][:, first:])
    optimum = objective(best)[0] + penalty(best[:, first:])
    for spread in (1.0, 1e-2):
        theta = best + spread * np.random.default_rng(3).normal(size=best.shape)
        value, gradient = objective(theta)
        gap = dual.gap(objective, theta, theta[:, first:], gradient, penalty)
        excess = value + penalty(theta[:, first:]) - optimum
        assert gap >= excess - 1e-12
        assert gap == pytest.approx(_exact_gap(X, y, weights, objective, theta, penalty, gap), rel=1e-9)
    gap = dual.gap(objective, best, best[:, first:], objective(best)[1], penalty)
    assert 0 <= gap <= 5e-15


def _exact_gap(X, y, weights, objective, theta, penalty, gap):
    """Primal less dual, in the dual point of the notes, whichever of its scales is better."""
    with mpmath.workdps(40):
        mp, n, K = mpmath.mpf, len(X), objective.loss.n_classes
        first, columns = objective.n_intercepts, objective.rows.columns
        labels = y if y.ndim == 2 else np.eye(K)[y]
        Z = [
            [(mp(float(x)) - mp(float(m))) * mp(float(s)) for x, m, s in zip(row, columns.mean, columns.inverse_scale)]
            for row in X
        ]
        w, total = [mp(float(v)) for v in weights], sum(mp(float(v)) for v in weights)
        T = [[mp(float(v)) for v in row] for row in theta]
        T = T if K > 2 else [[mp(0)] * len(T[0]), *T]
        loss, q = mp(0), []
        for i in range(n):
            logits = [(t[0] if first else 0) + sum(a * b for a, b in zip(t[first:], Z[i])) for t in T]
            lse = mpmath.log(sum(mpmath.exp(v) for v in logits))
            loss += w[i] * (lse - sum(mp(float(p)) * v for p, v in zip(labels[i], logits)))
            q.append([mpmath.exp(v - lse) for v in logits])
        p = [[mp(float(v)) for v in row] for row in labels]
        share = [sum(w[i] * p[i][k] for i in range(n)) / total for k in range(K)]
        fitted = [sum(w[i] * q[i][k] for i in range(n)) / total for k in range(K)]
        t = max([(f - s) / f for f, s in zip(fitted, share)]) if first else mp(0)
        if t > 0:
            u = [f + (s - f) / t for f, s in zip(fitted, share)]
            q = [[(1 - t) * a + t * b for a, b in zip(row, u)] for row in q]
        rows = range(1, K) if K == 2 else range(K)
        slopes = [
            [sum(w[i] * (q[i][k] - p[i][k]) * Z[i][j] for i in range(n)) / total for j in range(len(Z[0]))]
            for k in rows
        ]
        coef = [T[k][first:] for k in rows]
        l1, ridge = [mp(float(v)) for v in penalty.l1], [mp(float(v)) for v in penalty.ridge]
        cells = [(k, j) for k in range(len(slopes)) for j in range(len(l1))]
        s = min([mp(1)] + [l1[j] / abs(slopes[k][j] + ridge[j] * coef[k][j]) for k, j in cells])
        primal = loss / total + sum(l1[j] * abs(coef[k][j]) + ridge[j] * coef[k][j] ** 2 / 2 for k, j in cells)
        gaps = []
        for scale in (s, mp(1)):
            mixed = [[b + scale * (a - b) for a, b in zip(qi, pi)] for qi, pi in zip(q, p)]
            entropy = -sum(w[i] * sum(v * mpmath.log(v) for v in mixed[i] if v > 0) for i in range(n)) / total
            conjugate = sum(max(abs(scale * slopes[k][j]) - l1[j], 0) ** 2 / (2 * ridge[j]) for k, j in cells)
            gaps.append(primal - entropy + conjugate)
        return float(min(gaps))


def test_divergence_of_close_distributions_keeps_its_digits():
    q = np.array([1e-300, 1e-12, 0.3, 0.9])[:, None]
    for t in (-1.0, -0.5, -1e-2, -1e-5, 1e-13, 0.019, 0.021, 3.0):
        with mpmath.workdps(60):
            expected = [
                float(v * ((1 + s) * mpmath.log(1 + s) - s if t > -1 else mpmath.mpf(1)))
                for v in map(mpmath.mpf, q.ravel().tolist())
                for s in [mpmath.mpf(float(v * mpmath.mpf(t))) / v]
            ]
        found = relative_entropy(np.log(q), q, q * t)
        # Rounding of the change itself, which the reference has too, is amplified only in the logarithm.
        np.testing.assert_allclose(found.ravel(), expected, rtol=1e-9)


@pytest.mark.parametrize("l1_ratio", [1.0, 0.5])
def test_norm_bounds_the_distance_to_the_minimum(l1_ratio):
    X, y = softmax_data(n=1000)
    objective = mean_loss(X, y)
    l1, ridge = 0.01 * l1_ratio, 0.01 * (1 - l1_ratio)
    penalty = Penalty(l1 * objective.rows.columns.inverse_scale, ridge * objective.rows.columns.inverse_scale**2)

    def minimum(tol):
        point = minimise_l1(objective, None, l1, ridge, tol=tol, max_iter=100, rng=rng())
        assert point.norm <= tol
        return point.value + penalty(point.theta[:, 1:]), point

    best, _ = minimum(1e-10)
    for tol in (0.3, 1e-1, 1e-2, 1e-3):
        value, point = minimum(tol)
        assert value - best <= 0.5 * point.norm**2 + 1e-15
