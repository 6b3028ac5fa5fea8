"""Plausible `pa_zone_types` files: what the district slots of Pennsylvania's counties hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="pa_zone_types",
        expectations=[
            *one_of(
                "county",
                vocabulary("voter_file_counties", "county_code", "pa_voters"),
                note="No voter is of another county.",
            ),
            *shaped("zone_number", "^0?[0-9]{1,2}$", "a slot of 1 to 40", note="Rows of another slot are quarantined."),
            *filled("zone_short_name", "zone_long_name", note="A slot without a name holds nobody knows what."),
        ],
    )
