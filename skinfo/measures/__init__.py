"""What answers expectations: rows of data, and the statistics they are asked for."""

from skinfo.measures._compressed import CompressedSample, compress
from skinfo.measures._rows import Rows
from skinfo.measures._statistics import (
    AT_ZERO,
    INVERSE_1M,
    LOG,
    LOG1M,
    LOG_FACTORIAL,
    LOG_SQUARE,
    ONE,
    SQUARE,
    Abs,
    Digamma,
    LogBinomial,
    LogGamma,
    Power,
    PowerLog,
    Statistic,
    Terms,
    Values,
    X,
)

__all__ = [
    "AT_ZERO",
    "INVERSE_1M",
    "LOG",
    "LOG1M",
    "LOG_FACTORIAL",
    "LOG_SQUARE",
    "ONE",
    "SQUARE",
    "Abs",
    "CompressedSample",
    "Digamma",
    "LogBinomial",
    "LogGamma",
    "Power",
    "PowerLog",
    "Rows",
    "Statistic",
    "Terms",
    "Values",
    "X",
    "compress",
]
