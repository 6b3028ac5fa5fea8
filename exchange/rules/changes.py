"""What differs between two registries in who shares what with whom: rules, limits, partners, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from exchange.registry import GiveToGet, Registry, SharingRule
from exchange.registry.columns import Row
from exchange.rules.judging import Validity, validity_on

Kind = Literal["added", "removed", "changed"]
# the files whose change is told in detail; others can change the facts, which only a refresh shows
_TOLD = {"path", "partners", "partner_groups", "sharing_rules", "give_to_get", "_digest"}


@dataclass(frozen=True)
class RowChange:
    """Grain: one line of partners.csv, sharing_rules.csv or give_to_get.csv that differs.

    columns: of a changed one (before, after). key: of a limit whom it means and its window.
    """

    key: str
    kind: Kind
    columns: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class RuleChange(RowChange):
    """validity: of the rule as it will be, or of a removed one as it was, on the day of the comparison."""

    validity: Validity
    valid_from: date | None


@dataclass(frozen=True)
class RegistryChanges:
    """memberships: (group, partner) lines added and removed. other_files: files that differ and are not judged."""

    rules: list[RuleChange]
    limits: list[RowChange]
    partners: list[RowChange]
    memberships_added: list[tuple[str, str]]
    memberships_removed: list[tuple[str, str]]
    other_files: list[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs in rules, limits, partners and groups."""
        return not (self.rules or self.limits or self.partners or self.memberships_added or self.memberships_removed)


def registry_changes(before: Registry, after: Registry, today: date) -> RegistryChanges:
    rules = [{rule.rule_id: rule for rule in registry.sharing_rules} for registry in (before, after)]
    limits = [{_limit_key(limit): limit for limit in registry.give_to_get} for registry in (before, after)]
    partners = [{partner.partner_id: partner for partner in registry.partners} for registry in (before, after)]
    groups = [{(row.group_id, row.partner_id) for row in registry.partner_groups} for registry in (before, after)]
    return RegistryChanges(
        rules=_rule_changes(rules[0], rules[1], today),
        limits=_changes(limits[0], limits[1]),
        partners=_changes(partners[0], partners[1]),
        memberships_added=sorted(groups[1] - groups[0]),
        memberships_removed=sorted(groups[0] - groups[1]),
        other_files=[
            f"{part.name}.csv"
            for part in fields(Registry)
            if part.name not in _TOLD and getattr(before, part.name) != getattr(after, part.name)
        ],
    )


def _rule_changes(before: Mapping[str, SharingRule], after: Mapping[str, SharingRule], today: date) -> list[RuleChange]:
    changes = []
    for change in _changes(before, after):
        rule = after.get(change.key) or before[change.key]
        changes.append(RuleChange(change.key, change.kind, change.columns, validity_on(rule, today), rule.valid_from))
    return changes


def _limit_key(limit: GiveToGet) -> str:
    return f"{limit.partner}, {limit.window_days} days"


def _changes(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[RowChange]:
    """In order of the registry before, then what is new. The order of lines means nothing."""
    changes = []
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if old is None or new is None:
            changes.append(RowChange(key, "added" if old is None else "removed", {}))
            continue
        columns = {
            name: (getattr(old, name), getattr(new, name))
            for name in type(new).model_fields
            if getattr(old, name) != getattr(new, name)
        }
        changes.append(RowChange(key, "changed", columns))
    return changes
