"""Plausible `pa_voters` files: Pennsylvania's full voter export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import DAY, OPTIONAL, distinct, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="pa_voters",
        expectations=[
            *filled("voter_id", note="A voter without the state's id cannot be kept."),
            *distinct("voter_id", expected=0.98, note="A voter file has one registration per voter."),
            *filled("last_name", expected=0.99, note="Names are needed to match people without an id."),
            *one_of(
                "county",
                vocabulary("voter_file_counties", "county_code", "pa_voters"),
                note="Rows of an unknown county are quarantined.",
            ),
            *one_of(
                "voter_status",
                vocabulary("voter_file_codes", "source_code", "pa_voters"),
                note="Rows with an unknown status are quarantined.",
            ),
            *shaped(
                "birth_date",
                f"^{DAY}$",
                "a day",
                at_least=OPTIONAL,
                note="Rows with another birth date are quarantined.",
            ),
            *shaped(
                "zip",
                "^[0-9]{5}(-?[0-9]{4})?$",
                "a ZIP code",
                expected=0.95,
                at_least=OPTIONAL,
                note="Matching is weaker without it.",
            ),
        ],
    )
