"""Answers of one publication, from marts.voter_responses_history: counted, listed for a voter, written to a file."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from exchange.errors import ExchangeError
from exchange.history.publications import Publication

HISTORY = "marts.voter_responses_history"


@dataclass(frozen=True)
class Filters:
    """Which answers; null: all. voter: `NC/000123`, state and the state's own id."""

    state: str | None = None
    question: str | None = None
    contest: str | None = None
    voter: str | None = None


_KNOWN: LiteralString = """
    select
        voters.state,
        voters.state_voter_id,
        topics.question_code,
        topics.office_level,
        topics.contest_id,
        topics.candidate_id,
        history.answer_code,
        answers.answer_label,
        history.contact_on,
        history.contacted_at,
        channels.channel,
        partners.partner_id,
        feeds.feed_id,
        history.record_id,
        history.on_ballot,
        history.response_count,
        history.partner_count,
        history.first_asked_on,
        history.last_asked_on,
        history.answers_disagree,
        history.known_from,
        coalesce(dim_voters.is_protected, true) as is_protected
    from marts.voter_responses_history as history
    inner join intermediate.int_voter_keys as voters on history.voter_id = voters.voter_id
    left join marts.dim_voters on history.voter_id = dim_voters.voter_id
    inner join marts.dim_topics as topics on history.topic_id = topics.topic_id
    inner join marts.dim_feeds as feeds on history.feed_no = feeds.feed_no
    inner join marts.dim_partners as partners on history.partner_no = partners.partner_no
    inner join vocabulary.channels on history.channel_no = channels.channel_no
    left join vocabulary.answers
        on topics.question_code = answers.question_code and history.answer_code = answers.answer_code
    where
        history.known_from_refresh <= %(refresh_id)s
        and (history.known_until_refresh is null or history.known_until_refresh > %(refresh_id)s)
        and (%(state)s::text is null or voters.state = %(state)s)
        and (%(question)s::text is null or topics.question_code = %(question)s)
        and (%(contest)s::text is null or topics.contest_id = %(contest)s)
        and (%(voter_ids)s::int[] is null or history.voter_id = any(%(voter_ids)s))
"""
_COUNTED: LiteralString = """
    select
        office_level,
        contest_id,
        candidate_id,
        question_code,
        answer_code,
        answer_label,
        count(*) as voters,
        count(*) filter (where not on_ballot) as not_on_ballot,
        count(*) filter (where answers_disagree) as disagreeing
    from known
    group by office_level, contest_id, candidate_id, question_code, answer_code, answer_label
    order by
        array_position(%(office_levels)s::text[], office_level) nulls last,
        contest_id, candidate_id, question_code, answer_code
"""
# a protected voter's record leaves the warehouse in no form: it is counted and not listed; nor is that of a voter who
# has left the file, of whom nobody says any more whether it is protected
_IN_ORDER: LiteralString = """
    select
        state, state_voter_id, question_code, office_level, contest_id, candidate_id, answer_code, answer_label,
        contact_on, contacted_at, channel, partner_id, feed_id, record_id, on_ballot, response_count, partner_count,
        first_asked_on, last_asked_on, answers_disagree, known_from
    from known
    where not is_protected
    order by
        state, state_voter_id, array_position(%(office_levels)s::text[], office_level) nulls last,
        contest_id, candidate_id, question_code
"""


def counts(
    connection: Connection[Any], publication: Publication, filters: Filters, office_levels: list[str]
) -> list[dict[str, Any]]:
    """Grain: one answer to one question about one candidate of one contest. Ordered by office, as `office_levels`.

    not_on_ballot: of the voters, those who cannot vote in that contest; disagreeing: whose answers differed.
    """
    return _rows(connection, _COUNTED, publication, filters, office_levels)


def voter_answers(
    connection: Connection[Any], publication: Publication, filters: Filters, office_levels: list[str]
) -> list[dict[str, Any]]:
    """Grain: one voter and topic, with text codes; without protected voters."""
    return _rows(connection, _IN_ORDER, publication, filters, office_levels)


def write_csv(
    connection: Connection[Any], publication: Publication, filters: Filters, office_levels: list[str], out: Path
) -> int:
    """Write voter_answers() to a file; how many rows. The file names voters: only its owner may read it."""
    parameters = _parameters(connection, publication, filters, office_levels)
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    # also where the file was there before
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "wb") as file, connection.cursor() as cursor:
        query = b"with known as (" + _KNOWN.encode() + b") " + _IN_ORDER.encode()
        # COPY takes no parameters of the protocol: psycopg writes them into the text, quoted
        with cursor.copy(b"copy (" + query + b") to stdout (format csv, header)", parameters) as copy:
            for block in copy:
                file.write(block)
        return cursor.rowcount


def _rows(
    connection: Connection[Any],
    query: LiteralString,
    publication: Publication,
    filters: Filters,
    office_levels: list[str],
) -> list[dict[str, Any]]:
    parameters = _parameters(connection, publication, filters, office_levels)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("with known as (" + _KNOWN + ") " + query, parameters).fetchall()


def _parameters(
    connection: Connection[Any], publication: Publication, filters: Filters, office_levels: list[str]
) -> dict[str, Any]:
    exists = connection.execute("select to_regclass(%s) is not null", [HISTORY]).fetchone()
    if not exists or not exists[0]:
        raise ExchangeError("There is no history yet.", remedy="`exchange refresh` begins it.")
    return asdict(filters) | {
        "refresh_id": publication.refresh_id,
        "office_levels": office_levels,
        "voter_ids": None if filters.voter is None else _voter_ids(connection, filters.voter),
    }


def _voter_ids(connection: Connection[Any], voter: str) -> list[int]:
    """Our numbers of a voter: of the id given, and of the registration it was merged into."""
    state, _, state_voter_id = voter.partition("/")
    rows = connection.execute(
        """
        select voter_id from intermediate.int_voter_keys where state = %(state)s and state_voter_id = %(id)s
        union
        select voter_id from intermediate.int_voter_survivors where state = %(state)s and state_voter_id = %(id)s
        """,
        {"state": state.upper(), "id": state_voter_id},
    ).fetchall()
    if not rows:
        raise ExchangeError(
            "No voter file has had this voter.", expected="STATE/ID, such as NC/000012345678", got=voter
        )
    return [voter_id for (voter_id,) in rows]
