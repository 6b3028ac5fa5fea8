"""The rules applied (docs/sharing-rules.md): may this recipient see this row, and in which form?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .moments import PRECISIONS
from .registry import EXCHANGE, Partner, Registry, Rule


@dataclass(frozen=True)
class SharedRow:
    """What a rule looks at: a `responses` row, or a `contacts` row (then question and office level are None)."""

    subject: str
    contributor: str
    state: str
    channel: str
    contact_on: date
    question_code: str | None = None
    office_level: str | None = None


@dataclass(frozen=True)
class Form:
    """How a visible row is shown."""

    named: bool
    date_precision: str


OWN = Form(named=True, date_precision="day")


def visible_form(
    row: SharedRow, recipient: Partner, registry: Registry, today: date, given: Sequence[date]
) -> Form | None:
    """None: hidden. A partner's own rows are always visible and exact. given: contact dates of its live answers."""
    if row.contributor == recipient.partner_id:
        return OWN
    if not recipient.covers(row.state) or not gives_enough(recipient, registry, today, given):
        return None
    matching = [rule for rule in registry.rules if rule_matches(rule, row, recipient, registry)]
    in_validity = [rule for rule in matching if is_valid_on(rule, today)]
    if any(rule.effect == "withhold" for rule in in_validity):
        return None
    shares = [
        rule
        for rule in in_validity
        if rule.effect == "share" and row.contact_on + timedelta(days=rule.embargo_days) <= today
    ]
    if not shares:
        return None
    return Form(
        named=any(rule.named for rule in shares),
        date_precision=min((rule.date_precision for rule in shares), key=PRECISIONS.index),
    )


def gives_enough(recipient: Partner, registry: Registry, today: date, given: Sequence[date]) -> bool:
    """Every limit that means the recipient asks for answers of its last days, of which today is one."""
    for limit in registry.limits:
        if party_matches(limit.partner, recipient, registry):
            days = {today - timedelta(days=age) for age in range(limit.window_days)}
            if len([day for day in given if day in days]) < limit.min_answers:
                return False
    return True


def is_valid_on(rule: Rule, today: date) -> bool:
    return (rule.valid_from is None or rule.valid_from <= today) and (
        rule.valid_until is None or today <= rule.valid_until
    )


def rule_matches(rule: Rule, row: SharedRow, recipient: Partner, registry: Registry) -> bool:
    contributor = registry.partners[row.contributor]
    return (
        party_matches(rule.contributor, contributor, registry)
        and party_matches(rule.recipient, recipient, registry)
        and rule.subject in ("*", row.subject)
        and rule.question_code in ("*", row.question_code)
        and rule.office_level in ("*", row.office_level)
        and rule.state in ("*", row.state)
        and rule.channel in ("*", row.channel)
    )


def party_matches(selector: str, partner: Partner, registry: Registry) -> bool:
    """`*`, a partner id, or `group:<id>` with the built-in groups all, coordinated and independent."""
    if selector == "*":
        return True
    if not selector.startswith("group:"):
        return selector == partner.partner_id
    group = selector.removeprefix("group:")
    if group == "all":
        return partner.partner_id != EXCHANGE
    if group in ("coordinated", "independent"):
        return partner.side == group
    return partner.partner_id in registry.groups.get(group, frozenset())
