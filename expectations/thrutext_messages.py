"""Plausible ThruText messages exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import INSTANT, OPTIONAL, PHONE, distinct, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="thrutext_messages",
        expectations=[
            *filled("message_id", note="Rows without their key are quarantined."),
            *distinct("message_id", note="An export has one row per message."),
            *filled("conversation_id", note="Messages and answers of one conversation meet by it."),
            *shaped(
                "timestamp",
                INSTANT,
                "2026-10-15 18:03:22",
                note="Rows without an understood time are quarantined.",
            ),
            *one_of(
                "message_direction",
                vocabulary("result_codes", "source_code", "thrutext_messages"),
                note="Add the direction to result_codes.csv, or its rows stay quarantined.",
            ),
            *filled(
                "external_id",
                "contact_phone",
                expected=0.95,
                at_least=OPTIONAL,
                note="Nothing says who the person is: the row can never be matched.",
            ),
            *shaped(
                "contact_phone",
                PHONE,
                "a phone number",
                expected=0.95,
                at_least=OPTIONAL,
                note="Opt-outs are found by phone.",
            ),
        ],
    )
