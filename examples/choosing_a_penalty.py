"""
Choosing a penalty
==================

:class:`~skinfo.LogLossClassifierCV` fits a path of penalties to the training rows of each fold and takes the one with
the least cross entropy to the labels of the held-out rows. The loss that is minimised is the loss that is judged by.

The breast cancer data have 30 columns that say much the same thing. Here the lasso (``l1_ratio=1``), the elastic net
and the ridge are compared at thirteen strengths.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from skinfo import LogLossClassifierCV

X, y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)  # a penalty is in the units of X
model = LogLossClassifierCV(Cs=np.logspace(-3, 3, 13), l1_ratios=[0.0, 0.5, 1.0]).fit(X, y)
print(f"l1_ratio {model.l1_ratio_:g}, C {model.C_:.3g}: {model.mean_cross_entropies_.min():.4f} nats held out")
print(f"{np.count_nonzero(model.coef_)} of {model.coef_.size} coefficients are not zero")

# %%
# Cross entropy is in nats: a constant guess of the classes' shares costs 0.66 of them. Too strong a penalty says too
# little of the labels, and too weak a one too much: its probabilities are near 0 and 1, and some are wrong. Bands are a
# standard error over the folds.

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
spread = model.cross_entropies_.std(axis=0) / np.sqrt(len(model.cross_entropies_))
for ratio, mean, error in zip(model.l1_ratios_, model.mean_cross_entropies_, spread):
    (line,) = ax.plot(model.Cs_, mean, marker="o", markersize=4, label=f"l1_ratio = {ratio:g}")
    ax.fill_between(model.Cs_, mean - error, mean + error, alpha=0.15, color=line.get_color(), linewidth=0)
ax.axvline(model.C_, color="black", linestyle=":", linewidth=1)
ax.set(
    xscale="log", ylim=(0, 0.4), xlabel="C, the inverse strength of the penalty", ylabel="Held-out cross entropy (nats)"
)
ax.legend(frameon=False)
plt.show()
