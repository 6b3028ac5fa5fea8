"""Plausible `nc_voter_history` files: who voted when in North Carolina."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import DAY, filled, shaped

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="nc_voter_history",
        expectations=[
            *filled("ncid", note="The ballot belongs to nobody."),
            *shaped("election_lbl", f"^{DAY}$", "11/03/2026", note="Rows of an unknown election are quarantined."),
            *filled("voting_method", expected=0.99, note="How the ballot was cast is unknown."),
        ],
    )
