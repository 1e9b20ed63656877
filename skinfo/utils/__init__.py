"""Validation and small shared things."""

from skinfo.utils._blocks import block_rows, index_blocks, row_blocks
from skinfo.utils._callbacks import CallbackSupportMixin, Tasks, with_callbacks
from skinfo.utils._choices import check_choice
from skinfo.utils._extras import import_extra
from skinfo.utils._labels import check_soft_labels, refuse_lone_probabilities
from skinfo.utils._mixins import mixin
from skinfo.utils._probabilities import (
    SUM_TOLERANCE,
    are_probabilities,
    as_probabilities,
    check_probabilities,
    half_tolerance,
    outcome_sums,
    outcomes_last,
    refuse_negative,
    refuse_probabilities,
)
from skinfo.utils._rows import validate_rows
from skinfo.utils._state import unchanged_on_failure
from skinfo.utils._threads import one_blas_thread
from skinfo.utils._validation import check_weights

__all__ = [
    "SUM_TOLERANCE",
    "CallbackSupportMixin",
    "Tasks",
    "are_probabilities",
    "as_probabilities",
    "block_rows",
    "check_choice",
    "check_probabilities",
    "check_soft_labels",
    "check_weights",
    "half_tolerance",
    "import_extra",
    "index_blocks",
    "mixin",
    "one_blas_thread",
    "outcome_sums",
    "outcomes_last",
    "refuse_lone_probabilities",
    "refuse_negative",
    "refuse_probabilities",
    "row_blocks",
    "unchanged_on_failure",
    "validate_rows",
    "with_callbacks",
]
