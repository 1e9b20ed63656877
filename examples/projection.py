"""
The nearest member of a family
==============================

Among all laws of a family, the projection of a distribution has the least Kullback-Leibler divergence from it. It is
what maximum likelihood tends to when the data have another law than the model: the fit with a distribution in place of
the rows.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

from skinfo import ParametricDensity, kl_divergence, project

# %%
# A log-normal law, and its neighbours in four other families of positive laws.

p = stats.lognorm(0.6)
members = {name: project(p, name) for name in ["gamma", "weibull_min", "invgauss", "expon"]}
for name, q in members.items():
    print(f"{name:12} D(p||q) = {kl_divergence(p, q):.5f} nats")

# %%
# The gamma law has the mean of x and of log x in common with the log-normal one: those are its statistics.

q = members["gamma"]
print(f"mean of x: {p.mean():.12f} and {q.mean():.12f}")
print(f"mean of log x: {p.expect(np.log):.9f} and {q.expect(np.log):.9f}")

# %%
# Fits to more and more rows of p come nearer to the projection, not to p.

for n in [100, 10_000, 1_000_000]:
    (fit,) = ParametricDensity("gamma").fit(p.rvs((n, 1), random_state=0)).distributions_
    print(f"{n:>9,} rows: {kl_divergence(q, fit):.1e} nats from the projection, {kl_divergence(p, fit):.5f} from p")

# %%
# A normal law nearest a mixture covers both of its parts: where p has mass and q next to none, the divergence is large.

mixture = stats.Mixture([stats.Normal(mu=-1, sigma=0.5), stats.Normal(mu=2, sigma=1)], weights=[0.3, 0.7])
normal = project(mixture, "norm")

fig, (left, right) = plt.subplots(ncols=2, figsize=(10, 4))
x = np.linspace(1e-3, 5, 500)
left.plot(x, p.pdf(x), color="black", linewidth=3, alpha=0.3, label="log-normal")
for name, member in members.items():
    left.plot(x, member.pdf(x), label=name)
x = np.linspace(-4, 6, 500)
right.plot(x, mixture.pdf(x), color="black", linewidth=3, alpha=0.3, label="mixture")
right.plot(x, normal.pdf(x), label="norm")
for axis in (left, right):
    axis.set(xlabel="x", ylabel="density")
    axis.legend()
plt.show()
