"""Plausible VAN pipeline tables `contactssurveyresponses`: one row per survey answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import INSTANT, STATE, WHOLE_NUMBER, distinct, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="van_contactssurveyresponses",
        expectations=[
            *filled("contactssurveyresponseid", note="Rows without their key are quarantined."),
            *distinct(
                "statecode",
                "committeeid",
                "contactssurveyresponseid",
                note="This is the table's key: a repeated row is a correction of the one before.",
            ),
            *shaped(
                "vanid",
                WHOLE_NUMBER,
                "a VANID (digits)",
                expected=1.0,
                note="The person cannot be looked up.",
            ),
            *shaped(
                "statecode",
                STATE,
                "a two-letter state",
                expected=1.0,
                note="A VANID of My Voters belongs to one state.",
            ),
            *shaped(
                "datecanvassed",
                INSTANT,
                "2026-10-15 18:03:22",
                note="Rows without an understood time are quarantined.",
            ),
            *one_of(
                "contacttypeid",
                vocabulary("channel_codes", "source_code", "van_contactssurveyresponses"),
                note="Add the contact type to channel_codes.csv, or its rows stay quarantined.",
            ),
            *shaped(
                "surveyquestionid",
                WHOLE_NUMBER,
                "a number",
                expected=1.0,
                note="answer_map.csv names questions by this id.",
            ),
            *shaped(
                "surveyresponseid",
                WHOLE_NUMBER,
                "a number",
                expected=1.0,
                note="answer_map.csv names answers by this id.",
            ),
        ],
    )
