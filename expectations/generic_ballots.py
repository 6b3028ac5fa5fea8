"""Plausible `generic_ballots` files: ballot requests and returns from election offices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import DAY, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="generic_ballots",
        expectations=[
            *filled("state_voter_id", note="The ballot belongs to nobody."),
            *one_of(
                "state",
                vocabulary("us_states", "state"),
                expected=1.0,
                note="Not a state of the vocabulary.",
            ),
            *shaped(
                "election_on",
                f"^{DAY}$",
                "2026-11-03",
                expected=1.0,
                note="The election is unknown.",
            ),
            *one_of(
                "ballot_status",
                ("requested", "sent", "returned", "accepted", "rejected", "voted_in_person"),
                note="Rows with another status are quarantined.",
            ),
            *shaped("status_on", f"^{DAY}$", "2026-10-20", note="Rows with another date are quarantined."),
        ],
    )
