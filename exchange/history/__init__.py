"""What the exchange knew at an earlier publication: for its operators, from the internal history."""

from exchange.history.answers import Filters, counts, voter_answers, write_csv
from exchange.history.publications import (
    Publication,
    WithdrawnSince,
    first_refresh,
    instant_of,
    publication_at,
    withdrawn_since,
)

__all__ = [
    "Filters",
    "Publication",
    "WithdrawnSince",
    "counts",
    "first_refresh",
    "instant_of",
    "publication_at",
    "voter_answers",
    "withdrawn_since",
    "write_csv",
]
