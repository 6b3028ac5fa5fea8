"""Decisions of a person, from a file of the review queue into ops.match_review: all of the file or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.matching.results import Import
from exchange.matching.review_export import require_run
from exchange.matching.review_file import Decision, ReviewError, read_decisions
from exchange.matching.session import Session, open_session, require
from exchange.settings import Settings


def import_review(settings: Settings, path: Path, decided_by: str) -> Import:
    """Take the decisions of a file; they apply from the next run of matching on and win over ids, rules and model.

    A line is skipped while its `decision` is blank. `match`: the identity is this voter. `no_match` with a
    state_voter_id: it is not this voter, but may be another; without: it is nobody on the file. A newer decision
    replaces older ones that it contradicts. Raises ReviewError with every problem and its line; then nothing is taken.
    """
    if not decided_by.strip():
        raise ExchangeError("Somebody must answer for decisions.", expected="the name of who decided")
    file = read_decisions(path)
    with open_session(settings) as session:
        require_run(session)
        require(session.conn, "intermediate.int_voter_keys")
        _stage(session, file.decisions)
        problems = list(_unknown(session, file.decisions))
        if problems:
            raise ReviewError(path, problems)
        with session.conn.transaction():
            _forget_contradicted(session)
            session.conn.execute(
                "insert into ops.match_review select distinct on (feed_id, identity_key, state, state_voter_id)"
                " feed_id, identity_key, decision, state, state_voter_id, %s, %s, note from pg_temp.decision"
                " order by feed_id, identity_key, state, state_voter_id, position desc",
                (decided_by.strip(), settings.now()),
            )
    matched = sum(decision.decision == "match" for decision in file.decisions)
    return Import(matched=matched, refused=len(file.decisions) - matched, blank=file.blank)


def _stage(session: Session, decisions: list[Decision]) -> None:
    session.conn.execute(
        "create temp table decision (position int, feed_id text, identity_key text, decision text, state text,"
        " state_voter_id text, note text)"
    )
    with session.conn.cursor() as cursor, cursor.copy("copy pg_temp.decision from stdin") as copy:
        for position, decision in enumerate(decisions):
            voter = decision.voter or (None, None)
            copy.write_row((position, *decision.identity, decision.decision, *voter, decision.note))


def _unknown(session: Session, decisions: list[Decision]) -> Iterator[ExchangeError]:
    """Identities that no feed delivers; voters that were never on the file, or who may not be matched."""
    rows = session.conn.execute(
        """
        select
            identity.identity_id is not null as is_identity, voter_keys.voter_id is not null as is_voter,
            voter.voter_id is not null as is_matchable
        from pg_temp.decision
        left join matching.identity
            on decision.feed_id = identity.feed_id and decision.identity_key = identity.identity_key
        left join intermediate.int_voter_keys as voter_keys
            on decision.state = voter_keys.state and decision.state_voter_id = voter_keys.state_voter_id
        left join intermediate.int_voter_survivors as survivors
            on decision.state = survivors.state and decision.state_voter_id = survivors.state_voter_id
        left join matching.voter on survivors.voter_id = voter.voter_id
        order by decision.position
        """
    ).fetchall()
    for decision, (is_identity, is_voter, is_matchable) in zip(decisions, rows, strict=True):
        if not is_identity:
            yield ExchangeError("No feed delivers this person.", place=decision.place, got=decision.who)
        if decision.voter is None:
            continue
        voter = " ".join(decision.voter)
        if not is_voter:
            yield ExchangeError("No voter file has this voter.", place=decision.place, got=voter)
        elif not is_matchable and decision.decision == "match":
            problem = "Nobody may be matched with this voter: protected, or not registered any more."
            yield ExchangeError(problem, place=decision.place, got=voter)


def _forget_contradicted(session: Session) -> None:
    """Take away older decisions that the new ones replace: of the pair; a match, by another; all, by 'nobody'."""
    session.conn.execute(
        """
        delete from ops.match_review as old using pg_temp.decision as new
        where old.feed_id = new.feed_id and old.identity_key = new.identity_key and (
            (old.state = new.state and old.state_voter_id = new.state_voter_id)
            or (new.decision = 'match' and (old.decision = 'match' or old.state is null))
            or new.state is null
        )
        """
    )
