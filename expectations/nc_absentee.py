"""Plausible `nc_absentee` files: North Carolina's ballot requests and early votes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import DAY, OPTIONAL, filled, one_of, shaped, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="nc_absentee",
        expectations=[
            *filled("ncid", note="The ballot belongs to nobody."),
            *shaped(
                "election_dt",
                f"^{DAY}$",
                "11/03/2026",
                expected=1.0,
                note="Rows of an unknown election are quarantined.",
            ),
            *one_of(
                "ballot_req_type",
                vocabulary("voter_file_codes", "source_code", "nc_absentee"),
                note="Rows of an unknown kind of request are quarantined.",
            ),
            *one_of(
                "ballot_rtn_status",
                vocabulary("voter_file_codes", "source_code", "nc_absentee"),
                note="Rows with an unknown status are quarantined.",
            ),
            *shaped(
                "ballot_rtn_dt", f"^{DAY}$", "10/20/2026", at_least=OPTIONAL, note="The day of the return is unknown."
            ),
        ],
    )
