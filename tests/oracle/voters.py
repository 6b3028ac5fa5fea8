"""The view `voters` of one recipient."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from .people import Voter, VoterKey
from .registry import Partner
from .suppressions import suppressed_people
from .views import Sight, ViewRow, VisibleContact, VisibleResponse, World, newest_first, on_ballot

OFFICE_LEVELS = (
    "president",
    "us_senate",
    "us_house",
    "governor",
    "state_senate",
    "state_house",
    "county",
    "municipal",
)
PERSON_QUESTIONS = ("vote_by_mail_comfort", "postal_service_trust", "turnout_intent", "vote_method_plan")
NAME_COLUMNS = ("first_name", "middle_name", "last_name", "suffix")
CONTACT_COLUMNS = ("address", "city", "zip", "phone")
# a contest further ahead does not yet make the last election's ballots old
NEAR_DAYS = 180


def voters(sight: Sight, world: World, person_ids: dict[VoterKey, str]) -> list[ViewRow]:
    """Grain: one person of the recipient's states who has an id in its namespace."""
    answers: dict[VoterKey, list[VisibleResponse]] = defaultdict(list)
    for (voter_key, *_), winner in sight.winners().items():
        answers[voter_key].append(winner)
    of_person: dict[VoterKey, list[VisibleContact]] = defaultdict(list)
    for visible in sight.contacts.values():
        of_person[visible.contact.key[2]].append(visible)
    suppressed = suppressed_people(sight.recipient, world)
    elections = elections_near(world)
    rows = []
    for voter_key, voter in world.people.voters.items():
        if not sight.recipient.covers(voter.state) or voter_key not in person_ids:
            continue
        row: ViewRow = {"person_id": person_ids[voter_key]}
        row |= _person(voter, sight.recipient)
        row |= _support(answers[voter_key], world)
        row |= _person_answers(answers[voter_key])
        row |= _reach(of_person[voter_key], sight.recipient)
        row |= {"is_suppressed": voter_key in suppressed, "ballot_status": _ballot_status(voter_key, elections, world)}
        rows.append(row)
    return rows


def _person(voter: Voter, recipient: Partner) -> ViewRow:
    born = voter.row.get("birth_date", "")
    row: ViewRow = {
        "state": voter.state,
        "county_fips": _text(voter, "county_fips"),
        "congressional_district": voter.district("congressional_district", "cd"),
        "state_senate_district": voter.district("state_senate_district", "sldu"),
        "state_house_district": voter.district("state_house_district", "sldl"),
        "birth_year": date.fromisoformat(born).year if born else None,
        "party": _text(voter, "party"),
        "registration_status": _text(voter, "registration_status"),
    }
    shows_names = recipient.voter_fields in ("names", "contact")
    for column in NAME_COLUMNS:
        row[column] = _text(voter, column) if shows_names else None
    for column in CONTACT_COLUMNS:
        row[column] = _text(voter, column) if recipient.voter_fields == "contact" else None
    return row


def _text(voter: Voter, column: str) -> str | None:
    return voter.row.get(column) or None


def _support(answers: list[VisibleResponse], world: World) -> ViewRow:
    """For each office level the newest visible answer about a contest on this voter's ballot."""
    row: ViewRow = {}
    for level in OFFICE_LEVELS:
        about = [
            response
            for response in answers
            if response.answer.question_code == "candidate_support"
            and response.answer.office_level == level
            and on_ballot(response, world)
        ]
        newest = min(about, key=newest_first, default=None)
        row[f"support_{level}"] = newest.answer.answer_code if newest else None
        row[f"support_{level}_candidate"] = newest.answer.candidate_id if newest else None
    return row


def _person_answers(answers: list[VisibleResponse]) -> ViewRow:
    row: ViewRow = {}
    for question in PERSON_QUESTIONS:
        about = [response for response in answers if response.answer.question_code == question]
        newest = min(about, key=newest_first, default=None)
        row[question] = newest.answer.answer_code if newest else None
    return row


def _reach(visible_contacts: list[VisibleContact], recipient: Partner) -> ViewRow:
    mine = [visible for visible in visible_contacts if visible.contact.partner_id == recipient.partner_id]
    others = [visible for visible in visible_contacts if visible.contact.partner_id != recipient.partner_id]
    reach = {(True, True): "both", (True, False): "us", (False, True): "others", (False, False): "nobody"}
    return {
        "reach": reach[bool(mine), bool(others)],
        "contacts_us": len(mine),
        "contacts_others": len(others),
        "last_contact_us_on": max((visible.contact.contact_on for visible in mine), default=None),
        "last_contact_others_until": max((visible.until for visible in others), default=None),
    }


def elections_near(world: World) -> dict[str, date]:
    """Per state the election that ballots are about today: the next one, or while none is near the last."""
    days: dict[str, set[date]] = defaultdict(set)
    for (state, _), ballots in world.people.ballots.items():
        days[state].update(ballots)
    for contest in world.registry.contests.values():
        where = contest.division_id.split("/")[2:3]
        if contest.election_on and contest.election_on <= world.today + timedelta(days=NEAR_DAYS):
            of_states = [where[0].split(":")[1].upper()] if where else {state for state, _ in world.people.voters}
            for state in of_states:
                days[state].add(contest.election_on)
    return {
        state: min((day for day in known if day >= world.today), default=max(known)) for state, known in days.items()
    }


def current_election(voter_key: VoterKey, elections: dict[str, date], world: World) -> date | None:
    """The day of the election whose ballot counts: the state's, or a later one. None: no ballot for one of these."""
    return min((day for day in world.people.ballots.get(voter_key, {}) if day >= elections[voter_key[0]]), default=None)


def _ballot_status(voter_key: VoterKey, elections: dict[str, date], world: World) -> str | None:
    """Status of the ballot that counts: a ballot of May tells nothing in October."""
    day = current_election(voter_key, elections, world)
    return (world.people.ballots[voter_key][day] or None) if day else None
