"""Why a recipient sees one row of a contributor, or does not: every rule about the pair, and what else decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from psycopg import Connection

from exchange.errors import ExchangeError, Place
from exchange.registry import Registry, SharingRule
from exchange.rules import live_rows
from exchange.rules.facts import snapshot
from exchange.rules.judging import Judgement, Mismatch, RowClass, RuleMatch, Validity, Verdict
from exchange.rules.live_rows import Contact, Person, Response
from exchange.rules.parties import Parties, Question, question
from exchange.rules.records import Located, feed_and_record, locate

RuleResult = Literal["shows", "below_limit", "hides", "embargoed", "not_in_force", "no_match"]
# why a row is in no view of the recipient; of several all
Hindrance = Literal[
    "hidden", "inactive", "suspended", "left_the_voter_file", "protected", "no_person_id", "newer_answer"
]


@dataclass(frozen=True)
class RuleOnRow:
    """Grain: one rule about the pair, held against the row. visible_from: when its embargo ends, if it ever does."""

    rule: SharingRule
    result: RuleResult
    validity: Validity
    mismatches: tuple[Mismatch, ...]
    visible_from: date | None


@dataclass(frozen=True)
class Judged:
    """What the rules say of the row. shown_from, shown_until: the dates that the recipient reads, if any."""

    row_class: RowClass
    contact_on: date
    verdict: Verdict
    rules: list[RuleOnRow]
    shown_from: date | None
    shown_until: date | None

    @property
    def is_visible(self) -> bool:
        return self.verdict.form is not None


@dataclass(frozen=True)
class AnswerSeen:
    """Grain: one live answer beside the row, and whether the recipient may see it."""

    answer: Response
    verdict: Verdict
    is_this_row: bool

    @property
    def is_visible(self) -> bool:
        return self.verdict.form is not None


@dataclass(frozen=True)
class RowExplained:
    """Grain: one row of the contributor, for one recipient.

    located: the record asked for, or None if a contact was. judged and what follows: None or empty where the record is
    nowhere to be judged. answers: of a response all live ones to the same question of the same voter, of a contact
    those given in it; the newest first. is_linked: whether a shown answer's contact_id is.
    """

    parties: Parties
    located: Located | None
    row: Response | Contact | None = None
    judged: Judged | None = None
    person: Person | None = None
    answers: list[AnswerSeen] = field(default_factory=list)
    hindrances: list[Hindrance] = field(default_factory=list)
    is_linked: bool | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the row stands in a view of the recipient: an answer in voter_responses, a contact in contacts."""
        return self.judged is not None and not self.hindrances

    @property
    def is_contact(self) -> bool:
        return isinstance(self.row, Contact)

    @property
    def counts_for_reach(self) -> bool:
        """Of a contact: whether the recipient's `reach` counts it, as a contact or through an answer given in it."""
        can_be_named = self.person is not None and self.person.person_id is not None
        seen = [answer.is_visible for answer in self.answers] + [self.judged is not None and self.judged.is_visible]
        return self.is_contact and can_be_named and self.parties.recipient.is_active and any(seen)


def explain_record(
    connection: Connection[Any], registry: Registry, recipient_id: str, contributor_id: str, row: str
) -> RowExplained:
    """Explain `FEED/RECORD`. Raises ExchangeError for an unknown partner, feed or record, or another partner's feed."""
    with snapshot(connection):
        asked = question(connection, registry, recipient_id, contributor_id)
        located = locate(connection, *feed_and_record(connection, row, contributor_id))
        if located.fate == "response":
            return _response(connection, asked, located)
        if located.contact_id is not None:
            return _contact(connection, asked, live_rows.contact(connection, located.contact_id), located)
        return RowExplained(asked.parties, located)


def explain_contact(
    connection: Connection[Any], registry: Registry, recipient_id: str, contributor_id: str, contact_id: str
) -> RowExplained:
    """Explain a contact. Raises ExchangeError for an unknown partner or contact, or one of another partner."""
    with snapshot(connection):
        asked = question(connection, registry, recipient_id, contributor_id)
        return _contact(connection, asked, live_rows.contact(connection, contact_id), None)


def _response(connection: Connection[Any], asked: Question, located: Located) -> RowExplained:
    row = live_rows.response(connection, located.feed_id, located.record_id)
    _check_contributor(asked, row)
    judged = _judged(asked, row)
    person = live_rows.person(connection, row.voter_id, asked.recipient)
    answers = [_seen(asked, answer, row) for answer in live_rows.answers_to_the_same(connection, row)]
    hindrances = _hindrances(asked, judged, person)
    newest = next((answer for answer in answers if answer.is_visible), None)
    if judged.is_visible and newest is not None and not newest.is_this_row:
        hindrances.append("newer_answer")
    contact = _judged(asked, live_rows.contact(connection, row.contact_id))
    # a link between two forms would tell the contributor or the day of the blinder one
    is_linked = contact.verdict.form == judged.verdict.form if not hindrances else None
    return RowExplained(asked.parties, located, row, judged, person, answers, hindrances, is_linked)


def _contact(connection: Connection[Any], asked: Question, row: Contact, located: Located | None) -> RowExplained:
    _check_contributor(asked, row)
    judged = _judged(asked, row)
    person = live_rows.person(connection, row.voter_id, asked.recipient)
    answers = [_seen(asked, answer, row) for answer in live_rows.answers_of_contact(connection, row)]
    return RowExplained(asked.parties, located, row, judged, person, answers, _hindrances(asked, judged, person))


def _check_contributor(asked: Question, row: Response | Contact) -> None:
    if row.partner_id != asked.contributor_id:
        raise ExchangeError(
            "The row is another partner's.",
            place=Place(partner=asked.contributor_id),
            remedy=f"Ask with --contributor {row.partner_id}.",
        )


def _judged(asked: Question, row: Response | Contact) -> Judged:
    judgement = asked.ruleset.judge(asked.recipient, row.row_class)
    verdict = judgement.verdict(row.contact_on)
    shown = verdict.form.window(row.contact_on) if verdict.form else (None, None)
    rules = [_on_row(match, row.contact_on, judgement) for match in judgement.matches]
    return Judged(row.row_class, row.contact_on, verdict, rules, *shown)


def _on_row(match: RuleMatch, contact_on: date, judgement: Judgement) -> RuleOnRow:
    result: RuleResult
    if match.mismatches:
        result = "no_match"
    elif match.validity != "in_force":
        result = "not_in_force"
    elif match.rule.effect == "withhold":
        result = "hides"
    elif contact_on > match.shows_until(judgement.today):
        result = "embargoed"
    else:
        result = "below_limit" if judgement.is_below_limit else "shows"
    visible_from = match.embargo_ends_on(contact_on) if result == "embargoed" else None
    return RuleOnRow(match.rule, result, match.validity, match.mismatches, visible_from)


def _seen(asked: Question, answer: Response, this: Response | Contact) -> AnswerSeen:
    return AnswerSeen(
        answer=answer,
        verdict=asked.ruleset.judge(asked.recipient, answer.row_class).verdict(answer.contact_on),
        is_this_row=answer == this,
    )


def _hindrances(asked: Question, judged: Judged, person: Person) -> list[Hindrance]:
    recipient = asked.parties.recipient
    found: list[tuple[Hindrance, bool]] = [
        ("hidden", not judged.is_visible),
        ("inactive", not recipient.is_active),
        ("suspended", recipient.is_active and recipient.is_suspended),
        ("left_the_voter_file", not person.is_registered),
        ("protected", person.is_protected),
        ("no_person_id", person.is_registered and not person.is_protected and person.person_id is None),
    ]
    return [hindrance for hindrance, holds in found if holds]
