"""From statements to live facts: newest delivery, quarantine, answer map, person; then responses and contacts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from . import texting, van
from .heard import Heard, identity
from .inbox import Delivery
from .moments import contact_day
from .people import People, VoterKey, feed_scope
from .registry import AnswerMapping, Contest, Registry
from .statements import Reader, Statement, generic_contacts
from .vocabulary import Vocabulary

READERS: dict[str, Reader] = {
    "generic_contacts": generic_contacts,
    "van_survey_response_report": van.survey_response_report,
    "van_contact_history_report": van.contact_history_report,
    "van_contactscontacts": van.contactscontacts,
    "van_contactssurveyresponses": van.contactssurveyresponses,
    "thrutext_messages": texting.thrutext_messages,
    "thrutext_surveys": texting.thrutext_surveys,
    "thrutext_opt_outs": texting.thrutext_opt_outs,
    "spoke_contacts": texting.spoke_contacts,
}

UNMATCHED = "unmatched"
ContactKey = tuple[str, str, VoterKey]  # (contact source, contact key, voter)


@dataclass(frozen=True)
class Answer:
    question_code: str
    contest_id: str | None
    candidate_id: str | None
    answer_code: int
    office_level: str | None

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        return self.question_code, self.contest_id, self.candidate_id


@dataclass(frozen=True)
class Event:
    """Grain: one live, understood, matched event: (feed_id, record_key)."""

    feed_id: str
    record_key: str
    partner_id: str
    # the conversation as its tool has it, and the one that it counts as
    source: ContactKey
    contact: ContactKey
    tool_rank: int
    contacted_at: datetime
    contact_on: date
    channel: str
    result: str | None
    answer: Answer | None
    # the statement whose id tells the person: its own, or the newest of the same person key
    known_by: Statement

    @property
    def voter(self) -> VoterKey:
        return self.contact[2]


@dataclass(frozen=True)
class Contact:
    """Grain: one conversation or attempt: (contact source, contact key, person) of the tool where it took place."""

    key: ContactKey
    partner_id: str
    contact_on: date
    channel: str
    result: str | None
    events: tuple[Event, ...]


@dataclass(frozen=True)
class LiveFacts:
    """All live facts of the exchange, and how many statements were set aside and why."""

    events: list[Event]
    heard: list[Heard]
    contacts: dict[ContactKey, Contact]
    set_aside: Counter[str]


# (feed, number of the file within the feed, number of the row within the file) -> the voter it was matched to
Matches = Mapping[tuple[str, int, int], VoterKey]


def live_facts(
    registry: Registry,
    vocabulary: Vocabulary,
    people: People,
    deliveries: dict[str, list[Delivery]],
    matches: Matches | None = None,
) -> LiveFacts:
    """matches: who each row is about, where that is given; else only ids tell, and a person's key."""
    events: list[Event] = []
    heard: list[Heard] = []
    set_aside: Counter[str] = Counter()
    for feed in registry.feeds.values():
        reader = READERS.get(feed.file_format)
        if reader is None:
            continue
        files = deliveries.get(feed.feed_id, [])
        told = list(reader(feed, files, vocabulary))
        live = live_statements(told, newest_file=len(files) - 1)
        ids = newest_ids(live)
        for statement in live:
            known = statement if statement.person_id else ids.get(statement.person_key, statement)
            scope = feed_scope(vocabulary, feed, known.row_state)
            voter = people.who(feed.id_namespace, scope, known.person_id)
            if matches is not None:
                voter = matches.get((feed.feed_id, *statement.version))
            outcome = _event(statement, registry, vocabulary, voter, known)
            if isinstance(outcome, Event):
                events.append(outcome)
            else:
                set_aside[outcome] += 1
            if (isinstance(outcome, Event) or outcome == UNMATCHED) and statement.contacted_at:
                person = voter or identity(statement, ids, vocabulary)
                day = contact_day(statement.contacted_at, feed.zone)
                heard.append(Heard(statement, voter, person, statement.contacted_at, day, known))
    # imported late: it needs the events
    from .copies import count_once

    events = count_once(events)
    return LiveFacts(events, heard, gather_contacts(events, vocabulary), set_aside)


def live_statements(told: list[Statement], newest_file: int) -> list[Statement]:
    """Newest delivery of each line; of a snapshot feed only lines of its newest file."""
    newest: dict[str, tuple[int, int]] = {}
    for statement in told:
        newest[statement.line_key] = max(statement.version, newest.get(statement.line_key, statement.version))
    return [
        statement
        for statement in told
        if statement.version == newest[statement.line_key]
        and (statement.feed.coverage != "snapshot" or statement.version[0] == newest_file)
    ]


def newest_ids(live: list[Statement]) -> dict[str, Statement]:
    """For each person key the newest statement that has an id: it speaks for those of that key without one."""
    with_id = [statement for statement in live if statement.person_key and statement.person_id]
    with_id.sort(key=lambda statement: statement.record_key, reverse=True)
    with_id.sort(key=lambda statement: (statement.contacted_at is not None, statement.contacted_at or datetime.max))
    return {statement.person_key: statement for statement in with_id}


def _event(
    statement: Statement, registry: Registry, vocabulary: Vocabulary, voter: VoterKey | None, known: Statement
) -> Event | str:
    """The event, or why the statement is in no view. Judged only now: an older version never comes back."""
    feed = statement.feed
    if statement.problem:
        return statement.problem
    if statement.contacted_at is None or statement.channel is None:
        raise AssertionError(f"a statement without problem lacks time or channel: {statement}")
    day = contact_day(statement.contacted_at, feed.zone)
    answer: Answer | None = None
    if bool(statement.question) != bool(statement.answer):
        return "question without answer or answer without question"
    scope = feed_scope(vocabulary, feed, statement.row_state)
    if statement.question:
        mapping = find_mapping(registry, statement, scope, day)
        if mapping is None:
            return "answer not in the answer map"
        answer = _answer(mapping, registry)
    if voter is None:
        return UNMATCHED
    source = (statement.contact_source, statement.contact_key, voter)
    return Event(
        feed_id=feed.feed_id,
        record_key=statement.record_key,
        partner_id=feed.partner_id,
        source=source,
        contact=source,
        tool_rank=vocabulary.tool_ranks.get(feed.file_format, 0),
        contacted_at=statement.contacted_at,
        contact_on=day,
        channel=statement.channel,
        result=statement.result,
        answer=answer,
        known_by=known,
    )


def find_mapping(registry: Registry, statement: Statement, scope: str, day: date) -> AnswerMapping | None:
    """The most specific row that matches: a given partner beats `*`, then a given scope beats `*`."""
    feed = statement.feed
    found = [
        row
        for row in registry.answer_map
        if row.file_format == feed.file_format
        and row.partner_id in ("*", feed.partner_id)
        and row.id_scope in ("*", scope)
        and row.source_question == statement.question
        and (row.source_answer == statement.answer or _ignores_all_answers(row))
        and (row.valid_from is None or row.valid_from <= day)
        and (row.valid_until is None or day <= row.valid_until)
        and _contest_is_valid(registry.contests.get(row.contest_id or ""), day)
    ]
    found.sort(key=lambda row: (row.partner_id == "*", row.id_scope == "*", _ignores_all_answers(row)))
    return found[0] if found else None


def _contest_is_valid(contest: Contest | None, day: date) -> bool:
    """An answer given when its contest is not valid is none about it."""
    first, last = (contest.valid_from, contest.valid_until) if contest else (None, None)
    return (first is None or first <= day) and (last is None or day <= last)


def _ignores_all_answers(row: AnswerMapping) -> bool:
    return row.question_code == "ignore" and row.source_answer == "*"


def _answer(mapping: AnswerMapping, registry: Registry) -> Answer | None:
    if mapping.question_code == "ignore":
        return None
    if mapping.answer_code is None:
        raise ValueError(f"a mapped answer needs a code: {mapping}")
    contest = registry.contests[mapping.contest_id] if mapping.contest_id else None
    return Answer(
        question_code=mapping.question_code,
        contest_id=mapping.contest_id,
        candidate_id=mapping.candidate_id,
        answer_code=mapping.answer_code,
        office_level=contest.office_level if contest else None,
    )


def gather_contacts(events: list[Event], vocabulary: Vocabulary) -> dict[ContactKey, Contact]:
    """Rows of one conversation with one person: date and channel of the earliest, result of the lowest rank. Of sources
    that begin at one instant the tool's own comes before its copies.
    """
    parts: dict[ContactKey, list[Event]] = defaultdict(list)
    for event in events:
        parts[event.contact].append(event)
    contacts = {}
    for key, rows in parts.items():
        begun = min(row.contacted_at for row in rows)
        source = min((row.source != key, row.source) for row in rows if row.contacted_at == begun)[1]
        first = min(
            (row for row in rows if row.source == source),
            key=lambda row: (row.contacted_at, row.feed_id, row.record_key),
        )
        results = {row.result for row in rows if row.result}
        contacts[key] = Contact(
            key=key,
            partner_id=first.partner_id,
            contact_on=first.contact_on,
            channel=first.channel,
            result=min(results, key=lambda result: (vocabulary.result_rank(result), result), default=None),
            events=tuple(rows),
        )
    return contacts
