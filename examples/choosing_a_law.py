"""
Choosing a law among all that can hold a column
===============================================

Every law of the catalogue whose support holds a positive column is fitted to a million rows of it, on one compressed
sample, and the best ones are compared with the data where laws differ most: in the tail.
"""

import time

import matplotlib.pyplot as plt
import numpy as np

from skinfo import FamilySearch, ParametricDensity

# %%
# Waiting times, say, that are mostly one process and sometimes another: no law of the catalogue is the truth.

random = np.random.default_rng(0)
n = 1_000_000
X = np.where(random.uniform(size=n) < 0.9, random.gamma(2.0, 1.0, n), random.lognormal(1.2, 0.8, n))[:, None]

start = time.perf_counter()
search = FamilySearch().fit(X)
seconds = time.perf_counter() - start
results = search.results_
order = np.argsort(results["rank"])[:6]

print(f"{len(results['family'])} laws on {n:,} rows: {seconds:.2f} s")
print(f"{'law':14}{'parameters':>11}{'nats a row':>12}{'BIC above the best':>20}")
for i in order:
    name, k = results["family"][i], results["n_parameters"][i]
    print(f"{name:14}{k:>11}{-results['log_likelihood'][i] / n:>12.5f}{results['difference'][i]:>20.1f}")

# %%
# The best one is a :class:`~skinfo.ParametricDensity`, certified on the rows.

best = search.best_estimator_
print(search.best_family_, best.params_[0], best.standard_errors_[0])
print(f"{best.newton_decrement_:.0e} standard errors from the maximum, measured on the {best.certified_on_}")

# %%
# Laws that agree in the bulk part in the tail.

grid = np.geomspace(0.05, 60, 400)
survival = np.searchsorted(np.sort(X[:, 0]), grid) / n
fig, axis = plt.subplots(figsize=(7, 4))
axis.loglog(grid, 1 - survival, color="black", linewidth=3, alpha=0.3, label="data")
for name in [search.best_family_, "gamma", "lognorm"]:
    (law,) = ParametricDensity(name).fit(X).distributions_
    axis.loglog(grid, law.sf(grid), label=name)
axis.set(ylim=(1e-6, 1.5), xlabel="x", ylabel="share of the rows above x", title="The best law by BIC, and two others")
axis.legend()
plt.show()
