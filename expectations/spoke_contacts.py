"""Plausible Spoke contacts exports: one row per contact of one campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import OPTIONAL, PHONE, STATE, distinct, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="spoke_contacts",
        expectations=[
            *filled("campaign_id", note="Rows without their key are quarantined."),
            *filled("contact_cell", note="Rows without their key are quarantined."),
            *distinct("campaign_id", "contact_cell", note="An export has one row per contact of a campaign."),
            *shaped("contact_cell", PHONE, "a phone number", expected=0.95, note="Opt-outs are found by phone."),
            *one_of(
                "contact_message_status",
                vocabulary("result_codes", "source_code", "spoke_contacts"),
                note="Add the status to result_codes.csv, or its rows stay quarantined.",
            ),
            *one_of(
                "contact_opt_out",
                ("true", "false"),
                expected=1.0,
                note="Any other text is not taken for an opt-out.",
            ),
            *shaped(
                "contact_state",
                STATE,
                "a two-letter state",
                expected=0.95,
                at_least=OPTIONAL,
                note="The person is looked up in this state.",
            ),
        ],
    )
