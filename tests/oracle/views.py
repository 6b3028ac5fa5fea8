"""One recipient: what is visible to it, reconciled from that alone; its `voter_responses` and its `contacts`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .events import Answer, Contact, ContactKey, Event, LiveFacts
from .moments import window
from .people import People, VoterKey
from .registry import Partner, Registry
from .rules import Form, SharedRow, visible_form
from .vocabulary import Vocabulary

ViewRow = dict[str, Any]
AnswerKey = tuple[VoterKey, str, str | None, str | None]


@dataclass(frozen=True)
class World:
    """Everything that is common to all recipients at one instant."""

    registry: Registry
    vocabulary: Vocabulary
    people: People
    facts: LiveFacts
    today: date


@dataclass(frozen=True)
class VisibleResponse:
    event: Event
    answer: Answer
    form: Form

    @property
    def until(self) -> date:
        return window(self.event.contact_on, self.form.date_precision)[1]


@dataclass(frozen=True)
class VisibleContact:
    """A visible contact; `form` is None where only a response of it is visible: then it counts but is not listed."""

    contact: Contact
    form: Form | None
    responses: tuple[VisibleResponse, ...]

    @property
    def until(self) -> date:
        """The least "until" among its visible rows."""
        untils = [response.until for response in self.responses]
        if self.form is not None:
            untils.append(window(self.contact.contact_on, self.form.date_precision)[1])
        return min(untils)


@dataclass(frozen=True)
class Sight:
    """All that one recipient may see, before person ids are put on."""

    recipient: Partner
    responses: list[VisibleResponse]
    contacts: dict[ContactKey, VisibleContact]

    def winners(self) -> dict[AnswerKey, VisibleResponse]:
        """The newest visible live response to each (person, question, contest, candidate)."""
        return {key: min(responses, key=newest_first) for key, responses in self.by_key().items()}

    def by_key(self) -> dict[AnswerKey, list[VisibleResponse]]:
        found: dict[AnswerKey, list[VisibleResponse]] = defaultdict(list)
        for response in self.responses:
            found[response.event.voter, *response.answer.key].append(response)
        return found


def newest_first(response: VisibleResponse) -> tuple[float, int, str, str]:
    """Newest exact time first; ties by lowest answer code, then feed, then record in text order."""
    event = response.event
    return (-event.contacted_at.timestamp(), response.answer.answer_code, event.feed_id, event.record_key)


def sight_of(recipient: Partner, world: World) -> Sight:
    """Judge every live response and contact for one recipient."""
    judge = _judge(recipient, world)
    responses: list[VisibleResponse] = []
    of_contact: dict[ContactKey, list[VisibleResponse]] = defaultdict(list)
    for event in world.facts.events:
        if event.answer is None:
            continue
        form = judge(
            SharedRow(
                subject="responses",
                contributor=event.partner_id,
                state=event.voter[0],
                channel=event.channel,
                contact_on=event.contact_on,
                question_code=event.answer.question_code,
                office_level=event.answer.office_level,
            )
        )
        if form is not None:
            visible = VisibleResponse(event, event.answer, form)
            responses.append(visible)
            of_contact[event.contact].append(visible)
    contacts: dict[ContactKey, VisibleContact] = {}
    for key, contact in world.facts.contacts.items():
        form = judge(SharedRow("contacts", contact.partner_id, contact.key[2][0], contact.channel, contact.contact_on))
        if form is not None or of_contact[key]:
            contacts[key] = VisibleContact(contact, form, tuple(of_contact[key]))
    return Sight(recipient, responses, contacts)


def _judge(recipient: Partner, world: World) -> Callable[[SharedRow], Form | None]:
    # thousands of rows look alike to the rules: judge each look once
    known: dict[SharedRow, Form | None] = {}
    own = [event for event in world.facts.events if event.partner_id == recipient.partner_id]
    given = [event.contact_on for event in own if event.answer is not None]

    def judge(row: SharedRow) -> Form | None:
        if row not in known:
            known[row] = visible_form(row, recipient, world.registry, world.today, given)
        return known[row]

    return judge


def voter_responses(sight: Sight, world: World, person_ids: dict[VoterKey, str]) -> list[ViewRow]:
    """Grain: person x question x contest x candidate. `contact_id` is the oracle's own key of the contact."""
    rows = []
    by_key = sight.by_key()
    for key, winner in sight.winners().items():
        voter = key[0]
        if voter not in person_ids:
            continue
        event, answer = winner.event, winner.answer
        first, last = window(event.contact_on, winner.form.date_precision)
        contact = sight.contacts[event.contact]
        rows.append(
            {
                "person_id": person_ids[voter],
                "state": voter[0],
                "question_code": answer.question_code,
                "office_level": answer.office_level,
                "contest_id": answer.contest_id,
                "candidate_id": answer.candidate_id,
                "answer_code": answer.answer_code,
                "answer_label": world.vocabulary.answer_labels[answer.question_code, answer.answer_code],
                "responded_from": first,
                "responded_until": last,
                "channel": event.channel,
                "contributor": event.partner_id if winner.form.named else None,
                "is_own": event.partner_id == sight.recipient.partner_id,
                "answers_disagree": len({each.answer.answer_code for each in by_key[key]}) > 1,
                "on_ballot": on_ballot(winner, world),
                # "blind: nothing else tells": a link to a contact shown in another form would tell name or day
                "contact_id": event.contact if contact.form == winner.form else None,
            }
        )
    return rows


def on_ballot(response: VisibleResponse, world: World) -> bool | None:
    """Is the contest one of this voter's on election day? None for a question about the person."""
    if response.answer.contest_id is None:
        return None
    contest = world.registry.contests[response.answer.contest_id]
    voter = world.people.registered(response.event.voter, contest.election_on or date.max)
    return voter is not None and contest.division_id in voter.divisions(world.vocabulary.county_divisions)


def contacts(sight: Sight, person_ids: dict[VoterKey, str]) -> list[ViewRow]:
    """Grain: one listed contact."""
    rows = []
    for key, visible in sight.contacts.items():
        contact = visible.contact
        voter = key[2]
        if visible.form is None or voter not in person_ids:
            continue
        first, last = window(contact.contact_on, visible.form.date_precision)
        rows.append(
            {
                "contact_id": key,
                "person_id": person_ids[voter],
                "state": voter[0],
                "channel": contact.channel,
                "contact_result": contact.result,
                "contacted_from": first,
                "contacted_until": last,
                "contributor": contact.partner_id if visible.form.named else None,
                "is_own": contact.partner_id == sight.recipient.partner_id,
            }
        )
    return rows
