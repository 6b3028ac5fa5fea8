"""Plausible `ny_voters` files: New York's voter list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import OPTIONAL, distinct, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="ny_voters",
        expectations=[
            *filled("sboeid", note="A voter without the state's id cannot be kept."),
            *distinct("sboeid", expected=0.98, note="A voter file has one registration per voter."),
            *filled("lastname", expected=0.99, note="Names are needed to match people without an id."),
            *shaped("countycode", "^[0-9]{1,3}$", "a county number", note="Rows of an unknown county are quarantined."),
            *one_of(
                "status",
                vocabulary("voter_file_codes", "source_code", "ny_voters"),
                note="Rows with an unknown status are quarantined.",
            ),
            *shaped(
                "dob",
                "^(0|[0-9]{8})$",
                "20261103",
                at_least=OPTIONAL,
                note="Rows with another birth date are quarantined.",
            ),
            *shaped(
                "rzip5",
                "^[0-9]{5}(-?[0-9]{4})?$",
                "a ZIP code",
                expected=0.95,
                at_least=OPTIONAL,
                note="Matching is weaker without it.",
            ),
            *filled(
                "cd",
                expected=0.9,
                at_least=OPTIONAL,
                note="Without districts nobody can tell which contests are on the ballot.",
            ),
        ],
    )
