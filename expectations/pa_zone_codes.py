"""Plausible `pa_zone_codes` files: what the codes in the district slots of Pennsylvania's counties stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="pa_zone_codes",
        expectations=[
            *one_of(
                "county",
                vocabulary("voter_file_counties", "county_code", "pa_voters"),
                note="No voter is of another county.",
            ),
            *shaped("zone_number", "^0?[0-9]{1,2}$", "a slot of 1 to 40", note="Rows of another slot are quarantined."),
            *filled("zone_code", note="A description of no code."),
        ],
    )
