"""Sharing rules explained and compared, for operators: who sees which rows, in which form, by which rule, why not."""

from exchange.rules.audiences import Audience, audiences
from exchange.rules.comparing import Comparison, PairDifference, Tally, compare
from exchange.rules.explaining import PairExplained, ShareOfClass, explain_pair
from exchange.rules.rows import RowExplained, explain_contact, explain_record

__all__ = [
    "Audience",
    "Comparison",
    "PairDifference",
    "PairExplained",
    "RowExplained",
    "ShareOfClass",
    "Tally",
    "audiences",
    "compare",
    "explain_contact",
    "explain_pair",
    "explain_record",
]
