"""Plausible `oh_voters` files: Ohio's voter file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import DAY, OPTIONAL, distinct, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="oh_voters",
        expectations=[
            *filled("sos_voterid", note="A voter without the state's id cannot be kept."),
            *distinct("sos_voterid", expected=0.98, note="A voter file has one registration per voter."),
            *filled("last_name", expected=0.99, note="Names are needed to match people without an id."),
            *shaped(
                "county_number", "^[0-9]{1,3}$", "a county number", note="Rows of an unknown county are quarantined."
            ),
            *one_of(
                "voter_status",
                vocabulary("voter_file_codes", "source_code", "oh_voters"),
                note="Rows with an unknown status are quarantined.",
            ),
            *shaped(
                "date_of_birth",
                f"^{DAY}$",
                "a day",
                at_least=OPTIONAL,
                note="Rows with another birth date are quarantined.",
            ),
            *shaped(
                "residential_zip",
                "^[0-9]{5}(-?[0-9]{4})?$",
                "a ZIP code",
                expected=0.95,
                at_least=OPTIONAL,
                note="Matching is weaker without it.",
            ),
            *filled(
                "congressional_district",
                expected=0.9,
                at_least=OPTIONAL,
                note="Without districts nobody can tell which contests are on the ballot.",
            ),
        ],
    )
