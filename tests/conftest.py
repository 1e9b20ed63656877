"""Settings of the whole suite."""

import os

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # before SciPy is imported: check_estimator skips a check without it
os.environ.setdefault("MPLBACKEND", "Agg")

from hypothesis import settings

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
