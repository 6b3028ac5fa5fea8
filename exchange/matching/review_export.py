"""The review queue as a CSV file: who waits for a person's decision, and the voters who may be meant."""

from __future__ import annotations

import os
from pathlib import Path

from psycopg import sql

from exchange.errors import ExchangeError
from exchange.matching.deltas import names
from exchange.matching.results import Export
from exchange.matching.review import stale_decisions
from exchange.matching.session import Session, open_session, require
from exchange.matching.standard import PERSON_COLUMNS
from exchange.settings import Settings

# of the file; the person's columns come as the feed and as the voter file deliver them
CONTACT_COLUMNS = tuple(f"contact_{name}" for name in ("state", *PERSON_COLUMNS))
VOTER_COLUMNS = tuple(f"voter_{name}" for name in PERSON_COLUMNS)
COLUMNS = (
    "feed_id", "source_person_id", *CONTACT_COLUMNS, "reason", "candidate", "state", "state_voter_id", *VOTER_COLUMNS,
    "posterior", "decision", "note",
)  # fmt: skip


def export_review(settings: Settings, out: Path, limit: int | None = None) -> Export:
    """Write the queue to `out`, the likeliest first; with `limit`, at most so many identities. Changes nothing.

    Grain of the file: one row per identity and candidate voter; an identity without candidate has one row without
    voter. The file holds people's data: it is readable by its owner only.
    Raises ExchangeError before matching ever ran.
    """
    with open_session(settings) as session:
        require_run(session)
        require(session.conn, "intermediate.int_identities", "intermediate.int_voters__matchable")
        with session.conn.transaction():
            [waiting] = session.conn.execute(
                "select count(*) from matching.matches where status = 'review'"
            ).fetchone() or [0]
            write_csv(session, _queue(limit), out)
            [identities, rows] = session.conn.execute(
                sql.SQL("select count(distinct (feed_id, source_person_id)), count(*) from ({}) as queue").format(
                    _queue(limit)
                )
            ).fetchone() or [0, 0]
        return Export(identities=identities, rows=rows, waiting=waiting, stale=tuple(stale_decisions(session)))


def require_run(session: Session) -> None:
    """Raise ExchangeError unless matching has run."""
    [has_run] = session.conn.execute("select exists (select from matching.run)").fetchone() or [False]
    if not has_run:
        raise ExchangeError("Matching has never run here.", remedy="`exchange refresh` runs it.")


def write_csv(session: Session, query: sql.Composable, out: Path) -> int:
    """Write a query's rows as CSV with a header, in place at once and for the owner only; how many rows."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file, session.conn.cursor() as cursor:
            statement = sql.SQL("copy ({}) to stdout (format csv, header)").format(query)
            with cursor.copy(statement) as copy:
                for block in copy:
                    file.write(block)
            count = cursor.rowcount
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return count


def _queue(limit: int | None) -> sql.Composed:
    contact = [
        sql.SQL("{} as {}").format(sql.Identifier("identities", name), sql.Identifier(f"contact_{name}"))
        for name in ("state", *PERSON_COLUMNS)
    ]
    voter = [
        sql.SQL("{} as {}").format(sql.Identifier("voters", name), sql.Identifier(f"voter_{name}"))
        for name in PERSON_COLUMNS
    ]
    return sql.SQL(
        """
        with waiting as (
            select identity.identity_id, matches.feed_id, matches.identity_key, matches.rule, matches.posterior
            from matching.matches
            inner join matching.identity
                on matches.feed_id = identity.feed_id and matches.identity_key = identity.identity_key
            where matches.status = 'review'
            order by matches.posterior desc nulls last, matches.feed_id collate "C", matches.identity_key collate "C"
            limit {limit}
        ),
        rows as (
            select waiting.feed_id, waiting.identity_key as source_person_id, {contact},
                waiting.rule as reason, candidate.rank as candidate, voter_keys.state, voter_keys.state_voter_id,
                {voter}, candidate.posterior, null as decision, null as note, waiting.posterior as likeliest
            from waiting
            inner join intermediate.int_identities as identities
                on waiting.feed_id = identities.feed_id and waiting.identity_key = identities.identity_key
            left join matching.candidate on waiting.identity_id = candidate.identity_id
            left join intermediate.int_voter_keys as voter_keys on candidate.voter_id = voter_keys.voter_id
            left join intermediate.int_voters__matchable as voters on candidate.voter_id = voters.voter_id
        )
        select {columns} from rows
        order by likeliest desc nulls last, feed_id collate "C", source_person_id collate "C", candidate
        """
    ).format(
        limit=limit,
        contact=sql.SQL(", ").join(contact),
        voter=sql.SQL(", ").join(voter),
        columns=names(COLUMNS),
    )
