"""Validation and small shared things."""

from skinfo.utils._blocks import block_rows, row_blocks
from skinfo.utils._callbacks import CallbackSupportMixin, Tasks, with_callbacks
from skinfo.utils._extras import import_extra
from skinfo.utils._validation import check_probabilities, check_weights

__all__ = [
    "CallbackSupportMixin",
    "Tasks",
    "block_rows",
    "check_probabilities",
    "check_weights",
    "import_extra",
    "row_blocks",
    "with_callbacks",
]
