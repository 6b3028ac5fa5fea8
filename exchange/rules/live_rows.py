"""One live answer or contact of the marts, its voter as a recipient can name it, and the answers it competes with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from exchange.errors import ExchangeError, Place
from exchange.registry import Partner
from exchange.rules.facts import NAMEABLE, one_row
from exchange.rules.judging import RowClass

_RESPONSES: LiteralString = """
    select
        feed_id, record_id, contact_id, partner_id, voter_id, state, channel, contacted_at, contact_on,
        topic_id, question_code, office_level, contest_id, candidate_id, answer_code, answer_label
    from marts.responses_described
"""


@dataclass(frozen=True)
class Response:
    """Grain: one live answer, as marts.responses_described has it."""

    feed_id: str
    record_id: str
    contact_id: UUID
    partner_id: str
    voter_id: int
    state: str
    channel: str
    contacted_at: datetime
    contact_on: date
    topic_id: int
    question_code: str
    office_level: str | None
    contest_id: str | None
    candidate_id: str | None
    answer_code: int
    answer_label: str | None

    @property
    def row_class(self) -> RowClass:
        return RowClass(self.partner_id, "responses", self.question_code, self.office_level, self.state, self.channel)

    @property
    def order(self) -> tuple[float, int, str, str]:
        """The newest first; ties as docs/sharing-rules.md says. Text order is that of code points, as of bytes."""
        return -self.contacted_at.timestamp(), self.answer_code, self.feed_id, self.record_id


@dataclass(frozen=True)
class Contact:
    """Grain: one live contact, as marts.contacts_described has it."""

    contact_id: UUID
    partner_id: str
    voter_id: int
    state: str
    channel: str
    contact_result: str | None
    contacted_at: datetime
    contact_on: date

    @property
    def row_class(self) -> RowClass:
        return RowClass(self.partner_id, "contacts", None, None, self.state, self.channel)


@dataclass(frozen=True)
class Person:
    """Grain: one voter and recipient. person_id: in the recipient's namespace; null without one there."""

    is_registered: bool
    is_protected: bool
    person_id: str | None


def response(connection: Connection[Any], feed_id: str, record_id: str) -> Response:
    """The answer of a record whose fate is `response`."""
    with connection.cursor(row_factory=class_row(Response)) as cursor:
        found = cursor.execute(_RESPONSES + " where feed_id = %s and record_id = %s", [feed_id, record_id]).fetchone()
    if found is None:
        raise ExchangeError(
            "The marts lack this answer.",
            place=Place(feed=feed_id),
            got=record_id,
            remedy="`exchange refresh` builds them; `exchange doctor` says what is wrong.",
        )
    return found


def answers_to_the_same(connection: Connection[Any], one: Response) -> list[Response]:
    """Every live answer of the same voter to the same question about the same candidate, the newest first."""
    with connection.cursor(row_factory=class_row(Response)) as cursor:
        query = _RESPONSES + " where voter_id = %s and topic_id = %s"
        return sorted(cursor.execute(query, [one.voter_id, one.topic_id]), key=lambda answer: answer.order)


def answers_of_contact(connection: Connection[Any], contact: Contact) -> list[Response]:
    """Every live answer given in a contact, the newest first."""
    with connection.cursor(row_factory=class_row(Response)) as cursor:
        query = _RESPONSES + " where voter_id = %s and contact_id = %s"
        return sorted(cursor.execute(query, [contact.voter_id, contact.contact_id]), key=lambda answer: answer.order)


def contact(connection: Connection[Any], contact_id: str | UUID) -> Contact:
    """Raises ExchangeError if there is no such contact."""
    try:
        key = contact_id if isinstance(contact_id, UUID) else UUID(contact_id)
    except ValueError:
        expected = "a contact_id of the view contacts, such as 0f8fad5b-d9cb-469f-a165-70867728950e"
        raise ExchangeError("This is no contact_id.", expected=expected, got=contact_id) from None
    with connection.cursor(row_factory=class_row(Contact)) as cursor:
        found = cursor.execute(
            """
            select contact_id, partner_id, voter_id, state, channel, contact_result, contacted_at, contact_on
            from marts.contacts_described
            where contact_id = %s
            """,
            [key],
        ).fetchone()
    if found is None:
        remedy = "Ids change with EXCHANGE_ID_SECRET; what was corrected, retracted or withdrawn has none any more."
        raise ExchangeError("There is no such contact.", place=Place(column="contact_id"), got=str(key), remedy=remedy)
    return found


def person(connection: Connection[Any], voter_id: int, recipient: Partner) -> Person:
    """The voter as the recipient's views can name it."""
    found = one_row(
        connection,
        "with nameable as (" + NAMEABLE + ") select voters.is_protected, nameable.person_id"
        " from marts.dim_voters as voters left join nameable using (voter_id) where voters.voter_id = %(voter_id)s",
        {"voter_id": voter_id, "id_namespace": recipient.id_namespace, "id_scope": recipient.id_scope},
    )
    if found is None:
        return Person(is_registered=False, is_protected=False, person_id=None)
    return Person(is_registered=True, **found)
