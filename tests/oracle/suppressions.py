"""Who must not be contacted, and in what way: every report judged, then what one recipient is told of it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from .people import Voter, VoterKey
from .registry import EXCHANGE, Partner
from .statements import ten_digits
from .views import ViewRow, World

# one contributor may be wrong about these, and a wrong one silences a living person everywhere
NEEDS_TWO = ("deceased", "moved")
OPTED_IN = "opted_in"
ABOUT = {
    "do_not_call": "phone",
    "do_not_text": "text",
    "do_not_walk": "door",
    "do_not_mail": "mail",
    "do_not_email": "email",
}


@dataclass(frozen=True)
class Report:
    """Grain: one live statement that somebody is not to be contacted, or may be again (kind `opted_in`).

    channel: which one it is about; '': no one. phone: the number it is about; '': none.
    """

    partner_id: str
    voter: VoterKey | None
    person: tuple[str, ...]
    phone: str
    channel: str
    kind: str
    scope: str
    told_at: datetime
    told_on: date


@dataclass(frozen=True)
class Suppression:
    """Grain: what the exchange holds about one voter: number, kind, scope, and the only partner it binds ('': all)."""

    voter: VoterKey
    phone: str
    kind: str
    scope: str
    caller: str


def suppressions(
    recipient: Partner, world: World, person_ids: dict[VoterKey, str], own_people: set[VoterKey]
) -> list[ViewRow]:
    """Grain: one person, number, kind and scope, whatever the rules: in the recipient's states or of its `own_people`.

    own_people: whom it contacted itself, wherever they live.
    """
    return [
        {
            "person_id": person_ids[held.voter],
            "phone": held.phone or None,
            "scope": held.scope,
            "kind": held.kind,
            "effective_on": min(days),
        }
        for held, days in held_suppressions(world).items()
        if (recipient.covers(held.voter[0]) or held.voter in own_people)
        and held.voter in person_ids
        and held.caller in ("", recipient.partner_id)
    ]


def suppressed_people(recipient: Partner, world: World) -> set[VoterKey]:
    """Whom the recipient is asked to leave alone: a wrong number is about a number, not about the person."""
    return {
        held.voter
        for held in held_suppressions(world)
        if held.caller in ("", recipient.partner_id) and held.kind != "wrong_number"
    }


def held_suppressions(world: World) -> dict[Suppression, list[date]]:
    """Every suppression in force, with the days on which it was told."""
    held: dict[Suppression, list[date]] = defaultdict(list)
    owners = phone_owners(world)
    for report, verdict in judged(world):
        if verdict != "counts":
            continue
        caller = report.partner_id if report.scope == "caller" else ""
        if report.voter in world.people.voters:
            held[Suppression(report.voter, report.phone, report.kind, report.scope, caller)].append(report.told_on)
        if report.phone and report.kind != "wrong_number":
            # who shares the number has not opted out of anything but the number
            scope = "channel" if report.scope == "all" else report.scope
            # what one caller alone sees must not tell it whom others contact
            tellers = {"", report.partner_id} if caller else {teller for _, teller in owners[report.phone]}
            for voter in {who for who, teller in owners[report.phone] if teller in tellers} - {report.voter}:
                held[Suppression(voter, report.phone, report.kind, scope, caller)].append(report.told_on)
    for key, on_file in world.people.voters.items():
        status = _status(on_file)
        if status in NEEDS_TWO:
            said = (day for day, voter in world.people.versions[key] if voter and _status(voter) == status)
            held[Suppression(key, "", status, "all", "")].append(min(said))
    return held


def judged(world: World) -> list[tuple[Report, str]]:
    """Each report with what became of it: counts, undone, void or waits."""
    told = reports(world)
    verdicts = [(report, _verdict(report, told, world)) for report in told if report.kind != OPTED_IN]
    reporters: dict[tuple[VoterKey | None, str], set[str]] = defaultdict(set)
    for report, verdict in verdicts:
        if verdict == "counts":
            reporters[report.voter, report.kind].add(report.partner_id)
    found = []
    for report, verdict in verdicts:
        who = reporters[report.voter, report.kind]
        if verdict == "counts" and report.kind in NEEDS_TWO and len(who) < 2 and EXCHANGE not in who:
            found.append((report, "waits"))
        else:
            found.append((report, verdict))
    return found


def _verdict(report: Report, told: list[Report], world: World) -> str:
    if any(_takes_back(other, report) for other in told):
        return "undone"
    if report.voter and any(report.told_on < day for day in _days_that_disprove(report, world)):
        return "void"
    if report.voter is None and (not report.phone or report.kind == "wrong_number"):
        return "waits"
    return "counts"


def _days_that_disprove(report: Report, world: World) -> list[date]:
    """Since when an official source shows that somebody is not where, or what, the report says."""
    if report.voter is None or report.kind not in NEEDS_TWO:
        return []
    moved_on, registered_again_on = [], []
    before: Voter | None = None
    # what the files of one day say last is what they say
    by_day = dict(world.people.versions[report.voter])
    for number, (day, voter) in enumerate(sorted(by_day.items(), key=lambda version: version[0])):
        if voter and before and _address(before) and _address(voter) not in ("", _address(before)):
            moved_on.append(day)
        if number and voter and not before:
            registered_again_on.append(day)
        before = voter
    if report.kind == "moved":
        return moved_on
    return [] if report.partner_id == EXCHANGE else registered_again_on + world.people.voted_on[report.voter]


def _address(voter: Voter) -> str:
    """Capitals, blanks and punctuation make no move."""
    parts = [voter.row.get(column, "") for column in ("address", "city", "zip")]
    return " ".join(re.findall(r"\w+", " ".join(parts).upper())) if parts[0] else ""


def _status(voter: Voter) -> str:
    return voter.row.get("registration_status", "").lower()


def _takes_back(later: Report, report: Report) -> bool:
    return (
        later.kind == OPTED_IN
        and report.channel != ""
        and later.channel == report.channel
        and later.partner_id == report.partner_id
        and later.person == report.person
        and later.told_at > report.told_at
        and ("" in (later.phone, report.phone) or later.phone == report.phone)
    )


def reports(world: World) -> list[Report]:
    found = []
    for heard in world.facts.heard:
        statement = heard.statement
        row = world.vocabulary.results.get(statement.result or "", {})
        kind = row.get("suppression_kind") or (OPTED_IN if statement.result == OPTED_IN else "")
        if not kind:
            continue
        scope = row.get("suppression_scope") or ""
        told_in = statement.channel or ""
        channel = ABOUT.get(kind) or (told_in if kind in ("opted_out", OPTED_IN) and scope != "all" else "")
        is_about_number = (channel or told_in) in ("phone", "text") and kind not in NEEDS_TWO
        found.append(
            Report(
                partner_id=statement.feed.partner_id,
                voter=heard.voter,
                person=heard.person,
                phone=statement.phone if is_about_number or kind == "wrong_number" else "",
                channel=channel,
                kind=kind,
                scope=scope,
                told_at=heard.contacted_at,
                told_on=heard.contact_on,
            )
        )
    return found


def phone_owners(world: World) -> dict[str, set[tuple[VoterKey, str]]]:
    """phone -> the voters known by it, and who says so ('': the voter file); not those of whom it is a wrong number."""
    wrong = {
        (each.voter, each.statement.phone) for each in world.facts.heard if each.statement.result == "wrong_number"
    }
    owners: dict[str, set[tuple[VoterKey, str]]] = defaultdict(set)
    for key, voter in world.people.voters.items():
        phone = ten_digits(voter.row.get("phone", ""))
        if (key, phone) not in wrong:
            owners[phone].add((key, ""))
    for heard in world.facts.heard:
        phone = heard.statement.phone
        if heard.voter in world.people.voters and (heard.voter, phone) not in wrong:
            owners[phone].add((heard.voter, heard.statement.feed.partner_id))
    return owners
