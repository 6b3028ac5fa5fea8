"""Sharing rules and limits: their references, and the firewall between the two sides."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.errors import ExchangeError
from exchange.registry.lines import Entry
from exchange.registry.references import (
    BUILT_IN_GROUPS,
    dangling,
    reversed_dates,
    unknown_partner,
    unknown_state,
)
from exchange.registry.rows import (
    EVERY,
    EXCHANGE_PARTNER,
    GROUP_PREFIX,
    GiveToGet,
    Partner,
    PartnerGroup,
    SharingRule,
)
from exchange.registry.tables import Tables

_PAIRS_NAMED = 3


def members(term: str, partners: list[Partner], groups: list[PartnerGroup]) -> set[str]:
    """The partner ids that a rule's contributor or recipient, or a limit's partner, means. An unknown one: nobody."""
    if term == EVERY:
        return {partner.partner_id for partner in partners} | {EXCHANGE_PARTNER}
    if not term.startswith(GROUP_PREFIX):
        return {term} & ({partner.partner_id for partner in partners} | {EXCHANGE_PARTNER})
    group = term.removeprefix(GROUP_PREFIX)
    others = [partner for partner in partners if not partner.is_exchange]
    if group == "all":
        return {partner.partner_id for partner in others}
    if group in BUILT_IN_GROUPS:
        return {partner.partner_id for partner in others if partner.side == group}
    return {row.partner_id for row in groups if row.group_id == group}


def sharing_rules(tables: Tables) -> Iterator[ExchangeError]:
    for entry in tables.sharing_rules.entries():
        rule = entry.row
        for column in ("contributor", "recipient"):
            yield from _party(entry, column, tables)
        if rule.question_code != EVERY:
            yield from dangling(entry, "question_code", tables.questions)
        if rule.channel != EVERY:
            yield from dangling(entry, "channel", tables.channels)
        yield from unknown_state(entry, "state", rule.state, tables)
        yield from reversed_dates(entry)
        if rule.effect == "share":
            for column in ("attribution", "date_precision"):
                if getattr(rule, column) is None:
                    remedy = "A share rule says in which form it shows a row."
                    yield entry.problem(column, "The cell is blank.", expected="a value", remedy=remedy)
            yield from _crossings(entry, tables)


def give_to_get(tables: Tables) -> Iterator[ExchangeError]:
    for entry in tables.give_to_get.entries():
        yield from _party(entry, "partner", tables)


def _party(entry: Entry[SharingRule] | Entry[GiveToGet], column: str, tables: Tables) -> Iterator[ExchangeError]:
    term: str = getattr(entry.row, column)
    if term == EVERY:
        return
    if not term.startswith(GROUP_PREFIX):
        yield from unknown_partner(entry, column, tables)
        return
    group = term.removeprefix(GROUP_PREFIX)
    if group not in BUILT_IN_GROUPS and tables.partner_groups.lacks("group_id", group):
        yield entry.problem(
            column,
            "The group is not known.",
            expected="group:all, group:coordinated, group:independent or a group_id of partner_groups.csv",
            got=term,
            remedy="Correct it, or add members to partner_groups.csv.",
        )


def _crossings(entry: Entry[SharingRule], tables: Tables) -> Iterator[ExchangeError]:
    """Inactive partners and rules out of date are judged too: either may come into force unnoticed."""
    rule = entry.row
    faults = []
    if rule.attribution == "named":
        faults.append(("attribution", "would name the contributor to the other side", "blind"))
    if rule.date_precision == "day":
        faults.append(("date_precision", "would show exact days to the other side", "month or two_months"))
    if not faults:
        return
    pairs = _pairs_across(rule, tables)
    for column, what, expected in faults:
        if pairs:
            named = ", ".join(f"{contributor} -> {recipient}" for contributor, recipient in pairs[:_PAIRS_NAMED])
            more = f" and {len(pairs) - _PAIRS_NAMED} more pairs" if len(pairs) > _PAIRS_NAMED else ""
            yield entry.problem(
                column,
                f"Rule {rule.rule_id} {what}: {named}{more}.",
                expected=f"{expected} between coordinated and independent partners",
                got=getattr(rule, column),
                remedy="Split the rule by side (group:coordinated, group:independent), or coarsen it.",
            )


def _pairs_across(rule: SharingRule, tables: Tables) -> list[tuple[str, str]]:
    partners, groups = tables.partners.rows(), tables.partner_groups.rows()
    sides = {partner.partner_id: partner.side for partner in partners if not partner.is_exchange and partner.side}
    contributors = sorted(members(rule.contributor, partners, groups) & sides.keys())
    recipients = sorted(members(rule.recipient, partners, groups) & sides.keys())
    return [(one, other) for one in contributors for other in recipients if sides[one] != sides[other]]
