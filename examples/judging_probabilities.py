"""
Judging probabilities
=====================

A model may have a large log loss because its probabilities are too sure, which recalibration mends, or because it
knows too little, which it does not. The log loss comes apart into the two.
"""

import matplotlib.pyplot as plt
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.fixes import parse_version

from skinfo import LogLossClassifier
from skinfo.inspection import LogLossDecompositionDisplay, ReliabilityDisplay
from skinfo.metrics import log_loss_decomposition

# %%
# Columns that repeat each other make naive Bayes too sure of itself.

X, y = make_classification(
    n_samples=10_000,
    n_features=20,
    n_informative=4,
    n_redundant=12,
    n_clusters_per_class=1,
    class_sep=0.7,
    flip_y=0.1,
    random_state=0,
)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

models = {
    "log loss": LogLossClassifier(),
    "random forest": RandomForestClassifier(min_samples_leaf=20, random_state=0),
    "naive Bayes": GaussianNB(),
}
# Temperature scaling came with scikit-learn 1.8.
method = "temperature" if parse_version(sklearn.__version__) >= parse_version("1.8") else "sigmoid"
models["naive Bayes, recalibrated"] = CalibratedClassifierCV(GaussianNB(), method=method)
for model in models.values():
    model.fit(X_train, y_train)

# %%
# All numbers are of rows that the models have not seen, and each row is recalibrated by a map that has not seen it.
# What the models know is much the same: naive Bayes loses by what it says, not by what it knows.

print(f"{'':27}{'log loss':>9}{'calibration':>13}{'refinement':>12}")
for name, model in models.items():
    parts = log_loss_decomposition(y_test, model.predict_proba(X_test))
    print(f"{name:27}{parts.cross_entropy:>9.3f}{parts.calibration:>13.3f}{parts.refinement:>12.3f}")

LogLossDecompositionDisplay.from_estimator(models, X_test, y_test)
plt.show()

# %%
# Where the line leaves the band, the probabilities are not what they say.

fig, axes = plt.subplots(1, 2, figsize=(9, 4.5), sharey=True, layout="constrained")
for ax, name in zip(axes, ["log loss", "naive Bayes"]):
    ReliabilityDisplay.from_estimator(models[name], X_test, y_test, name=name, random_state=0, ax=ax)
plt.show()
