"""Plausible VAN Survey Response reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import INSTANT, WHOLE_NUMBER, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="van_survey_response_report",
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
                vocabulary("channel_codes", "source_code", "van_survey_response_report"),
                note="Add the contact type to channel_codes.csv, or its rows stay quarantined.",
            ),
            *filled("survey_question_name", note="An answer to no question is quarantined."),
            *filled("survey_response", note="A question without an answer is quarantined."),
        ],
    )
