"""The multinomial law of counts by category."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats
from scipy.special import gammaln, xlogy

from skinfo.families._joint import Estimate, JointFamily
from skinfo.families._registry import register


class Multinomial(JointFamily):
    """Counts in p categories of ``n`` draws with probabilities ``p`` ``(p,)``; n is read off the rows' sums."""

    name = "multinomial"
    distribution = stats.multinomial
    parameters = ("n", "p")
    observed = ("n",)
    discrete = True

    def shapes(self, p):
        """Shape of each parameter's array."""
        return {"n": (), "p": (p,)}

    def check(self, rows, given):
        """Raise where rows are not counts with one and the same sum."""
        if rows.x.shape[1] < 2:
            raise ValueError(f"{self.name} is a law of two columns or more, counts by category; got one column")
        n = float(given["n"]) if "n" in given else float(rows.x[0].sum(dtype=np.float64))
        if "n" in given and not (n > 0 and n.is_integer()):
            raise ValueError(f"fixed['n']={n!r} is outside the domain of n: positive integers")
        first = 0
        for block, _ in rows.blocks(width=3 * rows.x.shape[1]):
            bad = (block < 0) | (block != np.floor(block))
            if bad.any():
                i, j = np.argwhere(bad)[0]
                raise ValueError(
                    f"row {first + i} of X contains {block[i, j]:.6g}, but {self.name} is a law of counts 0, 1, 2, "
                    "...; round or remove such values"
                )
            sums = block.sum(axis=1)
            if (sums != n).any():
                i = int(np.argmax(sums != n))
                raise ValueError(
                    f"row {first + i} of X has the sum {sums[i]:g} and not n={n:g}: rows of {self.name} are counts of "
                    "equally many draws; fit rows of each sum apart" + (", or fix another n" if "n" in given else "")
                )
            first += len(block)
        if n == 0:
            raise ValueError(f"the rows of X are all zero; {self.name} needs counts of at least one draw")
        if "p" in given and not ((given["p"] > 0).all() and abs(given["p"].sum() - 1) <= 1e-12 * len(given["p"])):
            raise ValueError(f"fixed['p']={given['p']!r} must be positive probabilities with sum 1")

    def estimate(self, rows, given, *, tol, max_iter):  # noqa: ARG002 - a closed form
        """Maximum likelihood: the shares of the categories.

        Parameters
        ----------
        rows : Rows
            Shape (n, p), counts.
        given : dict
            Values not to estimate.
        tol, max_iter : float, int
            Of no use here.

        Returns
        -------
        Estimate
            ``n`` and ``p``.

        Raises
        ------
        ValueError
            If a category never occurs: its probability would be zero.
        """
        n = np.array(rows.x[0].sum(dtype=np.float64))
        if "p" in given:
            return Estimate({"n": n, "p": given["p"]})
        means = rows.expect(lambda x: x.T, width=3 * rows.x.shape[1])
        if not means.all():
            raise ValueError(
                f"the maximum of the likelihood of {self.name} is at the boundary of its parameters: column "
                f"{int(np.argmin(means))} of X is always 0, its probability would be too; drop it or fix p"
            )
        return Estimate({"n": n, "p": means / means.sum()})

    def log_prob(self, x, theta):
        """Log probability of each row, in nats; minus infinity where it is no count of n draws."""
        n, p = float(theta["n"]), theta["p"]
        x = np.asarray(x, dtype=np.float64)
        inside = (x >= 0).all(axis=1) & (x == np.floor(x)).all(axis=1) & (x.sum(axis=1) == n)
        counts = np.where(inside[:, None], x, 0.0)
        values = gammaln(n + 1) + (xlogy(counts, p) - gammaln(counts + 1)).sum(axis=1)
        return np.where(inside, values, -np.inf)

    def covariance(self, theta, total, free):
        """Covariance of ``p``, which is singular: probabilities have the sum one."""
        p = theta["p"]
        return (np.diag(p) - np.outer(p, p)) / (total * float(theta["n"])) if free else np.empty((0, 0))

    def n_parameters(self, p, free):
        """Number of free numbers."""
        return p - 1 if "p" in free else 0

    def freeze(self, theta):
        """SciPy's frozen distribution."""
        return self.distribution(n=int(theta["n"]), p=theta["p"])


MULTINOMIAL: Any = register(Multinomial())
