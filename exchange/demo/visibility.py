"""truth/visibility.csv: which records each partner may see (docs/sharing-rules.md), computed the simplest way there is.

Used by nobody but tests; holds every record in memory, so it is written for small demos only.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from exchange.demo.contests import CONTESTS
from exchange.demo.registry_files import DemoRegistry
from exchange.demo.rules import Rule

AS_OF = datetime(2026, 10, 15, tzinfo=UTC)
ROW_LIMIT = 50_000
HEADER = ("partner_id", "feed_id", "record_key", "subject")
_LEVEL = {contest.contest_id: contest.office_level for contest in CONTESTS}


@dataclass(frozen=True, slots=True)
class Record:
    """A live record of a voter, or (subject `contacts`) the earliest record of a contact."""

    contributor: str
    feed_id: str
    record_key: str
    subject: str
    question_code: str
    office_level: str
    state: str
    channel: str
    contacted_on: date


def write_visibility(registry: DemoRegistry, truth: Path) -> int:
    """Write visibility.csv beside rows.csv; returns its number of rows."""
    groups = _groups(registry)
    records = list(_records(registry, truth / "rows.csv"))
    today = AS_OF.date()
    written = 0
    with (truth / "visibility.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for partner in registry.partners:
            if partner.is_active != "true":
                continue
            states = {"PA", "NC"} if partner.states == "*" else set(partner.states.split())
            rules = [rule for rule in registry.rules if _covers(rule.recipient, partner.partner_id, groups)]
            rules = [
                rule for rule in rules if (rule.valid_from or "0") <= today.isoformat() <= (rule.valid_until or "9")
            ]
            for record in records:
                own = record.contributor == partner.partner_id
                if own or (record.state in states and _is_shared(record, rules, groups, today)):
                    writer.writerow((partner.partner_id, record.feed_id, record.record_key, record.subject))
                    written += 1
    return written


def _is_shared(record: Record, rules: list[Rule], groups: dict[str, set[str]], today: date) -> bool:
    matching = [rule for rule in rules if _matches(rule, record, groups)]
    if any(rule.effect == "withhold" for rule in matching):
        return False
    return any(record.contacted_on + timedelta(days=int(rule.embargo_days)) <= today for rule in matching)


def _matches(rule: Rule, record: Record, groups: dict[str, set[str]]) -> bool:
    pairs = (
        (rule.subject, record.subject), (rule.question_code, record.question_code),
        (rule.office_level, record.office_level), (rule.state, record.state), (rule.channel, record.channel),
    )  # fmt: skip
    return _covers(rule.contributor, record.contributor, groups) and all(wanted in ("*", has) for wanted, has in pairs)


def _covers(party: str, partner_id: str, groups: dict[str, set[str]]) -> bool:
    return party in ("*", partner_id) or (party.startswith("group:") and partner_id in groups[party[6:]])


def _groups(registry: DemoRegistry) -> dict[str, set[str]]:
    found = {"all": {partner.partner_id for partner in registry.partners}}
    for side in ("coordinated", "independent"):
        found[side] = {partner.partner_id for partner in registry.partners if partner.side == side}
    for membership in registry.groups:
        found.setdefault(membership.group_id, set()).add(membership.partner_id)
    return found


def _records(registry: DemoRegistry, rows: Path) -> Iterator[Record]:
    """Live records that are matched by id: every answer, then every contact by its earliest record."""
    zones = {feed.feed_id: ZoneInfo(feed.timezone) for feed in registry.feeds}
    contacts: dict[tuple[str, str, str], tuple[tuple[datetime, str, str], Record]] = {}
    with rows.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["expected_status"] not in ("accepted", "ignored") or row["id_matches"] != "true":
                continue
            # a Spoke export has no times: its records count from when the file was received
            at = datetime.fromisoformat(row["contacted_at"]) if row["contacted_at"] else AS_OF
            day = at.astimezone(zones[row["feed_id"]]).date()
            if row["question_code"]:
                yield _record(row, "responses", day)
            key = (row["contact_source"], row["contact_key"], row["state"] + row["state_voter_id"])
            order = (at, row["feed_id"], row["record_key"])
            if key not in contacts or order < contacts[key][0]:
                contacts[key] = (order, _record(row, "contacts", day))
    for _, record in contacts.values():
        yield record


def _record(row: dict[str, str], subject: str, day: date) -> Record:
    answered = subject == "responses"
    return Record(
        row["partner_id"], row["feed_id"], row["record_key"], subject, row["question_code"] if answered else "",
        _LEVEL.get(row["contest_id"], "") if answered else "", row["state"], row["channel"], day,
    )  # fmt: skip
