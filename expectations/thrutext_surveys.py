"""Plausible ThruText surveys exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import INSTANT, OPTIONAL, filled, shaped

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="thrutext_surveys",
        expectations=[
            *filled("conversation_id", note="Messages and answers of one conversation meet by it."),
            *filled("survey_id", note="Rows without their key are quarantined."),
            *filled("survey_question", note="An answer to no question is quarantined."),
            *filled("response", note="A question without an answer is quarantined."),
            *shaped(
                "updated_at",
                INSTANT,
                "2026-10-15 18:03:22",
                note="Rows without an understood time are quarantined.",
            ),
            *filled(
                "external_id",
                "contact_phone",
                expected=0.95,
                at_least=OPTIONAL,
                note="Nothing says who the person is: the row can never be matched.",
            ),
        ],
    )
