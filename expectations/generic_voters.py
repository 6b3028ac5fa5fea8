"""Plausible `generic_voters` files: a state's voter file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import DAY, OPTIONAL, distinct, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="generic_voters",
        expectations=[
            *filled("state_voter_id", note="A voter without the state's id cannot be kept."),
            *distinct("state_voter_id", expected=0.999, note="A voter file has one row per voter."),
            *filled("state", note="The state's id is unique only within the state."),
            *one_of(
                "state",
                vocabulary("us_states", "state"),
                expected=1.0,
                note="Not a state of the vocabulary.",
            ),
            *filled(
                "last_name",
                expected=0.99,
                at_least=OPTIONAL,
                note="Names are needed to match people without an id.",
            ),
            *filled(
                "birth_date",
                expected=0.9,
                at_least=OPTIONAL,
                note="Some states give none; then matching is weaker.",
            ),
            *shaped(
                "birth_date",
                f"^({DAY}|[0-9]{{4}})$",
                "a day or a year",
                note="Rows with another birth date are quarantined.",
            ),
            *shaped(
                "county_fips",
                "^[0-9]{5}$",
                "five digits",
                at_least=OPTIONAL,
                note="A lost leading zero moves the voter to another state.",
            ),
            *filled(
                "congressional_district",
                expected=0.98,
                at_least=OPTIONAL,
                note="Without districts nobody can tell which contests are on the ballot.",
            ),
            *shaped(
                "zip",
                "^[0-9]{5}(-?[0-9]{4})?$",
                "a ZIP code",
                expected=0.95,
                at_least=OPTIONAL,
                note="A lost leading zero breaks matching.",
            ),
        ],
    )
