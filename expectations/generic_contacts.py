"""Plausible `generic_contacts` files: a partner's own list of contacts and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import INSTANT, OPTIONAL, PHONE, STATE, distinct, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="generic_contacts",
        expectations=[
            *filled(
                "record_id",
                note="Without it a corrected row cannot replace the old one; such rows are quarantined.",
            ),
            *distinct(
                "record_id",
                note="Of rows with one record_id only the last counts: is it really the key of a row?",
            ),
            *shaped(
                "contacted_at",
                INSTANT,
                "2026-10-15T18:03:22",
                note="Rows without an understood time are quarantined.",
            ),
            *one_of(
                "channel",
                vocabulary("channels", "channel"),
                note="Rows with another channel are quarantined.",
            ),
            *one_of(
                "result",
                vocabulary("contact_results", "contact_result"),
                note="Rows with another result are quarantined.",
            ),
            *filled(
                "person_id",
                "source_person_id",
                "last_name",
                "phone",
                "email",
                expected=0.95,
                at_least=OPTIONAL,
                note="Nothing says who the person is: the row can never be matched.",
            ),
            *shaped(
                "state", STATE, "a two-letter state", at_least=OPTIONAL, note="The person is looked up in this state."
            ),
            *shaped(
                "phone", PHONE, "a phone number", expected=0.9, at_least=OPTIONAL, note="Opt-outs are found by phone."
            ),
        ],
    )
