"""Plausible `generic_person_ids` files: external ids of voters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import distinct, filled, one_of, vocabulary

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="generic_person_ids",
        expectations=[
            *filled("state_voter_id", note="The id belongs to nobody."),
            *one_of(
                "state",
                vocabulary("us_states", "state"),
                expected=1.0,
                note="Not a state of the vocabulary.",
            ),
            *one_of(
                "namespace",
                vocabulary("id_namespaces", "namespace"),
                expected=1.0,
                note="An id in an unknown namespace is never looked up.",
            ),
            *filled("external_id", note="A row without an external id says nothing."),
            *distinct(
                "namespace",
                "scope",
                "external_id",
                expected=0.99,
                note="An id that belongs to two voters identifies neither: its contacts stay unmatched.",
            ),
        ],
    )
