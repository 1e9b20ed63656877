"""
Least cross entropy, end to end
===============================

Choose a law for a positive column, train a probabilistic classifier on hard and on soft labels, and see that
maximum likelihood, cross entropy and Kullback-Leibler divergence are one thing. The data come with scikit-learn.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skinfo import LogLossClassifier, ParametricDensity, cross_entropy, entropy, kl_divergence
from skinfo.metrics import cross_entropy_loss, kl_divergence_loss, neg_cross_entropy_scorer

FAMILIES = ["lognorm", "invgauss", "gamma", "weibull_min", "expon", "norm"]
FIGURE = Path("quickstart.png")


def identity(name, left, right):
    """Print both sides of an equation and how far apart they are."""
    print(f"  {name:<44}{left:>12.6f}{right:>12.6f}{abs(left - right):>10.1e}")


def choose_family(column):
    """Rank families of a positive column by held-out cross entropy; no y anywhere."""
    folds = KFold(5, shuffle=True, random_state=0)
    search = GridSearchCV(ParametricDensity(), {"family": FAMILIES}, cv=folds).fit(column)
    print("A law for the tumours' mean area (569 rows): held-out cross entropy in nats")
    for i in np.argsort(search.cv_results_["rank_test_score"]):
        print(f"  {search.cv_results_['param_family'][i]:<12}{-search.cv_results_['mean_test_score'][i]:>10.4f}")
    return search


def train(X, y):
    """Tune the penalty by held-out cross entropy; y holds labels or distributions over the classes."""
    pipeline = make_pipeline(StandardScaler(), LogLossClassifier())
    folds = KFold(5, shuffle=True, random_state=0)
    grid = {"loglossclassifier__C": np.logspace(-3, 3, 7)}
    return GridSearchCV(pipeline, grid, scoring=neg_cross_entropy_scorer, cv=folds).fit(X, y)


cancer = load_breast_cancer()
area = cancer.data[:, [list(cancer.feature_names).index("mean area")]]
search = choose_family(area)
density = search.best_estimator_
p, q = density, ParametricDensity("gamma").fit(area)

X, y = load_wine(return_X_y=True)
onehot = np.eye(3)[y]
neighbours = make_pipeline(StandardScaler(), KNeighborsClassifier(15)).fit(X, y)
soft = neighbours.predict_proba(X)
hard_search, soft_search = train(X, y), train(X, soft)

print("\nA classifier of three wines (178 rows): cross entropy in nats")
print(f"  {'labels':<12}{'C':>10}{'held out':>12}{'in sample':>12}{'entropy':>12}{'KL':>12}")
for name, fitted, labels in [("hard", hard_search, onehot), ("soft", soft_search, soft)]:
    proba = fitted.predict_proba(X)
    print(
        f"  {name:<12}{fitted.best_params_['loglossclassifier__C']:>10g}{-fitted.best_score_:>12.4f}"
        f"{cross_entropy_loss(labels, proba):>12.4f}{entropy(labels).mean():>12.4f}"
        f"{kl_divergence_loss(labels, proba):>12.4f}"
    )

hard_proba, soft_proba = hard_search.predict_proba(X), soft_search.predict_proba(X)
best = density.family
print("\nOne functional, three sides" + f"{'left':>31}{'right':>12}{'gap':>10}")
identity("mean NLL = cross entropy of rows", -density.score(area), cross_entropy(area, density))
identity(f"KL = H(p,q) - H(p), p={best}, q=gamma", kl_divergence(p, q), cross_entropy(p, q) - entropy(p))
identity("log loss = cross entropy, one-hot", log_loss(y, hard_proba), cross_entropy(onehot, hard_proba).mean())
identity("soft labels: KL + entropy = cross entropy", kl_divergence_loss(soft, soft_proba) + entropy(soft).mean(),
         cross_entropy(soft, soft_proba).mean())  # fmt: skip

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
x = np.linspace(area.min(), area.max(), 400)
left.hist(area.ravel(), bins=40, density=True, color="0.85")
for family in ["norm", "gamma", best]:
    law = ParametricDensity(family).fit(area)
    left.plot(x, np.exp(law.score_samples(x[:, None])), label=f"{family}: {-law.score(area):.3f} nats")
left.set(xlabel="mean area", ylabel="density", title="Laws by cross entropy from the data")
left.legend(frameon=False)
for name, fitted in [("hard labels", hard_search), ("soft labels", soft_search)]:
    right.semilogx(np.logspace(-3, 3, 7), -fitted.cv_results_["mean_test_score"], "o-", label=name)
right.axhline(entropy(soft).mean(), color="0.5", ls=":", label="entropy of the soft labels")
right.set(xlabel="C", ylabel="held-out cross entropy (nats)", title="Classifier by cross entropy from the labels")
right.legend(frameon=False)
figure.savefig(FIGURE, dpi=110)
print(f"\nFigure: {FIGURE}")
