"""Plausible VAN Contact History reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import INSTANT, WHOLE_NUMBER, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="van_contact_history_report",
        expectations=[
            *shaped(
                "vanid",
                WHOLE_NUMBER,
                "a VANID (digits)",
                expected=1.0,
                note="The person cannot be looked up.",
            ),
            *filled("vanid", note="Rows without a VANID are quarantined."),
            *shaped(
                "date_canvassed",
                INSTANT,
                "10/15/2026",
                note="Rows without an understood date are quarantined.",
            ),
            *one_of(
                "contact_type",
                vocabulary("channel_codes", "source_code", "van_contact_history_report"),
                note="Add the contact type to channel_codes.csv, or its rows stay quarantined.",
            ),
            *one_of(
                "result",
                vocabulary("result_codes", "source_code", "van_contact_history_report"),
                note="Add the result to result_codes.csv, or its rows stay quarantined.",
            ),
        ],
    )
