"""Plausible ThruText opt-outs exports. An opt-out that is not understood is a person contacted against their will."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import INSTANT, OPTIONAL, PHONE, filled, shaped

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="thrutext_opt_outs",
        expectations=[
            *filled("conversation_id", note="Rows without their key are quarantined."),
            *shaped(
                "timestamp",
                INSTANT,
                "2026-10-15 18:03:22",
                note="Rows without an understood time are quarantined.",
            ),
            *filled(
                "contact_phone",
                expected=0.99,
                at_least=OPTIONAL,
                note="An opt-out reaches everybody by phone number.",
            ),
            *shaped(
                "contact_phone",
                PHONE,
                "a phone number",
                expected=0.99,
                note="An opt-out reaches everybody by phone number.",
            ),
        ],
    )
