"""The household veto: inside a household last name, address and phone are one fact, which the model counts thrice."""

from __future__ import annotations

from exchange.matching.comparisons import (
    BIRTH_AGREES,
    BIRTH_CONFLICTS,
    BIRTH_FAR,
    FIRST_AGREES,
    FIRST_IS_OTHER,
    MIDDLE_CONFLICTS,
    ONE_IS_JUNIOR,
    SUFFIX_CONFLICTS,
    SUFFIX_NOT_FOUND,
)

OTHER_FIRST_NAME = -14.0
OTHER_MIDDLE_INITIAL = -3.0
# both are written: father and son, however much else they share
OTHER_SUFFIX = -20.0
# the identity's is not on file: the voter who bears it goes before his father without one
MISSING_SUFFIX = -4.0
# The weight of a voter whom neither a given name nor a birth date speaks for is at most this, below even odds, so that
# only a reviewer sees him: a shared phone, mailbox or address names nobody. So is that of a namesake of another age.
UNNAMED_WEIGHT = -1.0
# of one whom a birth date speaks for under another given name, a twin: accepted only where labels show it to be safe
OTHER_NAME_WEIGHT = 1.0

# SQL over columns *_l and *_r: what to add to the weight (log2)
VETO = (
    f"(case when coalesce({FIRST_IS_OTHER}, false) then {OTHER_FIRST_NAME} else 0 end"
    f" + case when coalesce({MIDDLE_CONFLICTS} and {FIRST_AGREES}, false) then {OTHER_MIDDLE_INITIAL} else 0 end"
    f" + case when {SUFFIX_CONFLICTS} then {OTHER_SUFFIX} else 0 end"
    f" + case when {SUFFIX_NOT_FOUND} then {MISSING_SUFFIX} else 0 end)"
)


_OTHER_AGE = f"({BIRTH_FAR} or ({ONE_IS_JUNIOR} and {BIRTH_CONFLICTS}))"


def with_cap(weight: str, *, births_tell: bool) -> str:
    """SQL of the weight, bounded where no given name speaks for the pair, or a birth date against it.

    births_tell: whether another birth date means another person (Model.births_tell).
    """
    other_age = f"when {_OTHER_AGE} then least({weight}, {UNNAMED_WEIGHT})" if births_tell else ""
    return (
        f"case {other_age}"
        f" when coalesce(not {FIRST_IS_OTHER}, false) then {weight}"
        f" when not {BIRTH_AGREES} then least({weight}, {UNNAMED_WEIGHT})"
        f" when {FIRST_IS_OTHER} then least({weight}, {OTHER_NAME_WEIGHT}) else {weight} end"
    )
