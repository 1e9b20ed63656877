"""Validation and small shared things."""

from skinfo.utils._blocks import block_rows, index_blocks, row_blocks
from skinfo.utils._callbacks import CallbackSupportMixin, Tasks, with_callbacks
from skinfo.utils._extras import import_extra
from skinfo.utils._probabilities import (
    are_probabilities,
    as_probabilities,
    check_probabilities,
    is_half,
    outcome_sums,
    outcomes_last,
    refuse_negative,
    refuse_probabilities,
    sum_tolerance,
)
from skinfo.utils._validation import check_weights

__all__ = [
    "CallbackSupportMixin",
    "Tasks",
    "are_probabilities",
    "as_probabilities",
    "block_rows",
    "check_probabilities",
    "check_weights",
    "import_extra",
    "index_blocks",
    "is_half",
    "outcome_sums",
    "outcomes_last",
    "refuse_negative",
    "refuse_probabilities",
    "row_blocks",
    "sum_tolerance",
    "with_callbacks",
]
