"""The view `explorer` of one recipient: its `voters` again, and how and when each was contacted."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from .people import VoterKey
from .views import Sight, ViewRow, VisibleContact, World
from .voters import OFFICE_LEVELS, PERSON_QUESTIONS, current_election, elections_near

CHANNEL_BITS = {
    "door": 1,
    "phone": 2,
    "text": 4,
    "email": 8,
    "mail": 16,
    "event": 32,
    "online": 64,
    "other": 128,
}
BALLOTS = (None, "requested", "sent", "returned", "accepted", "rejected", "voted_in_person")
VOTED = ("returned", "accepted", "voted_in_person")
DISTRICTS = {
    "congressional_no": "congressional_district",
    "state_senate_no": "state_senate_district",
    "state_house_no": "state_house_district",
}
AS_IN_VOTERS = (
    "person_id",
    "state",
    "county_fips",
    "birth_year",
    "party",
    *(name for level in OFFICE_LEVELS for name in (f"support_{level}", f"support_{level}_candidate")),
    *PERSON_QUESTIONS,
    "last_contact_us_on",
    "last_contact_others_until",
    "is_suppressed",
    "ballot_status",
)


def explorer(sight: Sight, world: World, person_ids: dict[VoterKey, str], voters: list[ViewRow]) -> list[ViewRow]:
    """Grain: one row of `voters`."""
    voter_keys = {(key[0], person_id): key for key, person_id in person_ids.items()}
    of_person: dict[VoterKey, list[VisibleContact]] = defaultdict(list)
    for visible in sight.contacts.values():
        of_person[visible.contact.key[2]].append(visible)
    answered_until: dict[VoterKey, date] = {}
    for response in sight.responses:
        voter = response.event.voter
        answered_until[voter] = min(response.until, answered_until.get(voter, date.max))
    elections = elections_near(world)
    rows = []
    for person in voters:
        key = voter_keys[person["state"], person["person_id"]]
        row: ViewRow = {name: person[name] for name in AS_IN_VOTERS}
        row |= {name: person[column] and person[column].rsplit(":", 1)[-1] for name, column in DISTRICTS.items()}
        names = (person[name] for name in ("last_name", "first_name", "middle_name", "suffix"))
        row["name_key"] = " ".join(filter(None, names)).upper() or None
        row |= _contacts(of_person[key], sight.recipient.partner_id)
        own_days = [
            visible.contact.contact_on
            for visible in of_person[key]
            if visible.contact.partner_id == sight.recipient.partner_id
        ]
        answered = answered_until.get(key, date.max)
        row["contacts_us_after_answer"] = sum(day > answered for day in own_days)
        election = current_election(key, elections, world)
        voted = world.people.ballot_days[key].get(election) if person["ballot_status"] in VOTED and election else None
        row["contacts_us_after_vote"] = sum(voted < day <= election for day in own_days) if voted and election else 0
        row["codes"] = _codes(row)
        rows.append(row)
    return rows


def _codes(row: ViewRow) -> int:
    """What is counted, from the lowest bit on, as the dictionary tells it."""
    newest = max((day for day in (row["last_contact_us_on"], row["last_contact_others_until"]) if day), default=None)
    numbers = [
        *((row[question] or 0, 4) for question in PERSON_QUESTIONS),
        (BALLOTS.index(row["ballot_status"]), 3),
        (int(row["channels_us"] != 0), 1),
        (int(row["channels_others"] != 0), 1),
        (row["channels_us"] | row["channels_others"], 8),
        (row["birth_year"] - 1849 if row["birth_year"] else 0, 8),
        ((newest - date(1999, 12, 31)).days if newest else 0, 14),
    ]
    codes = used = 0
    for number, bits in numbers:
        codes |= number << used
        used += bits
    return codes


def _contacts(visible_contacts: list[VisibleContact], partner_id: str) -> ViewRow:
    bits = {"channels_us": 0, "channels_others": 0}
    for visible in visible_contacts:
        column = "channels_us" if visible.contact.partner_id == partner_id else "channels_others"
        channels = {response.event.channel for response in visible.responses}
        if visible.form is not None:
            channels.add(visible.contact.channel)
        for channel in channels:
            bits[column] |= CHANNEL_BITS[channel]
    return {**bits}
