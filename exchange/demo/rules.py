"""Sharing rules of the demo: agreements inside a side by name and day, across the sides only blind and blurred.

Grain: one Rule per row of sharing_rules.csv. They are written to show something on any day from 2026-10-15 on.
"""

from __future__ import annotations

from typing import NamedTuple

from exchange.demo.partners import Membership, Partner


class Rule(NamedTuple):
    """Columns of sharing_rules.csv, in order. Blank dates: no bound."""

    rule_id: str
    effect: str
    contributor: str
    recipient: str
    subject: str
    question_code: str
    office_level: str
    state: str
    channel: str
    embargo_days: str
    attribution: str
    date_precision: str
    valid_from: str
    valid_until: str
    agreement: str


_COORDINATED, _INDEPENDENT = "group:coordinated", "group:independent"
_TWO_STATES = "Two-states data agreement 2026"

_RULES: tuple[Rule, ...] = (
    Rule("r01", "share", _COORDINATED, _COORDINATED, "responses", "*", "*", "*", "*",
         "0", "named", "day", "2026-01-15", "", "Coordinated campaigns agreement 2026"),
    Rule("r02", "share", _COORDINATED, _COORDINATED, "contacts", "*", "*", "*", "*",
         "0", "named", "day", "2026-01-15", "", "Coordinated campaigns agreement 2026"),
    Rule("r03", "share", _INDEPENDENT, _INDEPENDENT, "responses", "*", "*", "*", "*",
         "7", "blind", "month", "2026-02-01", "", "Table of independents, article 3"),
    Rule("r04", "share", _INDEPENDENT, _INDEPENDENT, "contacts", "*", "*", "*", "*",
         "7", "blind", "month", "2026-02-01", "", "Table of independents, article 4"),
    Rule("r05", "share", _COORDINATED, _INDEPENDENT, "responses", "*", "*", "*", "*",
         "30", "blind", "two_months", "2026-02-01", "", _TWO_STATES),
    Rule("r06", "share", _INDEPENDENT, _COORDINATED, "responses", "*", "*", "*", "*",
         "30", "blind", "two_months", "2026-02-01", "", _TWO_STATES),
    Rule("r07", "share", _INDEPENDENT, _COORDINATED, "contacts", "*", "*", "*", "door",
         "7", "blind", "two_months", "2026-02-01", "", "Doors annex to the two-states agreement"),
    Rule("r08", "share", "voter_voice", "group:mail_vote_table", "responses", "vote_by_mail_comfort", "*", "*", "*",
         "0", "named", "day", "2026-03-01", "", "Mail vote table"),
    Rule("r09", "share", "mail_ballot_alliance", "*", "responses", "postal_service_trust", "*", "*", "*",
         "7", "blind", "month", "2026-03-01", "", "Postal trust survey, published to all partners"),
    Rule("r10", "share", "lopez_for_governor", _INDEPENDENT, "responses", "candidate_support", "governor", "PA", "*",
         "7", "blind", "month", "2026-06-01", "", "Governor's race annex"),
    Rule("r11", "share", "labor_table_pa", "pa_party", "*", "*", "*", "PA", "*",
         "7", "blind", "month", "2026-04-01", "", "Labor table with the Keystone campaign"),
    Rule("r12", "share", "group:carolina_table", "group:carolina_table", "*", "*", "*", "NC", "*",
         "0", "named", "day", "2026-02-01", "", "Carolina table"),
    Rule("r13", "withhold", "okafor_for_senate", _INDEPENDENT, "responses", "candidate_support", "us_senate", "*", "*",
         "0", "blind", "two_months", "2026-01-15", "", "Okafor keeps its own race from independents"),
    Rule("r14", "withhold", "voter_voice", _COORDINATED, "*", "*", "*", "*", "text",
         "0", "blind", "two_months", "2026-01-15", "", "Texting vendor's terms"),
    Rule("r15", "withhold", "mail_ballot_alliance", _COORDINATED, "*", "*", "*", "NC", "*",
         "0", "blind", "two_months", "2026-01-15", "", "Funder's condition for North Carolina"),
    Rule("r16", "withhold", "nc_party", "*", "responses", "vote_method_plan", "*", "*", "*",
         "0", "blind", "two_months", "2026-01-15", "2026-10-27", "Vote plans only in the last week"),
    # expired, and not yet in force: both must show nothing
    Rule("r17", "share", "carolina_doors", "nc_party", "*", "*", "*", "NC", "*",
         "0", "blind", "month", "2026-02-15", "2026-06-30", "Primary season pilot, ended"),
    Rule("r18", "share", _COORDINATED, _INDEPENDENT, "contacts", "*", "*", "*", "*",
         "0", "blind", "two_months", "2027-01-15", "", "Post-election archive, from 2027"),
)  # fmt: skip


def make_rules(partners: tuple[Partner, ...], groups: tuple[Membership, ...]) -> tuple[Rule, ...]:
    """The rules whose contributor and recipient exist in this demo."""
    known = {"*", _COORDINATED, _INDEPENDENT}
    known |= {partner.partner_id for partner in partners} | {f"group:{group.group_id}" for group in groups}
    return tuple(rule for rule in _RULES if rule.contributor in known and rule.recipient in known)
