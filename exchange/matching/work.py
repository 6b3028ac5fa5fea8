"""Which identities a run scores, and in which batches: pg_temp.work (identity_id, batch)."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from exchange.matching.outcomes import SCORE_COLUMNS
from exchange.matching.review import REFUSED
from exchange.matching.session import Session
from exchange.matching.spine import spine_size
from exchange.matching.tables import ensure_columns
from exchange.matching.transfer import postgres_type

# From this share of a state's voters on, copying the state out whole is cheaper than looking up each key: CPU of both
# sides was 47 µs per identity looked up (warm, any number) and 9.5 µs per voter copied out (spine 1 M, 2026-11-23).
WHOLE_STATE_SHARE = 0.2
# bounds memory, and what a crash loses
LOOKUP_BATCH = 20_000
WHOLE_STATE_BATCH = 50_000


# columns of matching.score: name -> type in Postgres, without those that tables.py makes
STORED_SCORE = {name: postgres_type(kind) for name, kind in SCORE_COLUMNS.items() if name != "identity_id"}


@dataclass(frozen=True)
class Batch:
    """Identities scored together. whole_states: compare with these states copied out; empty: by looking up keys."""

    number: int
    whole_states: tuple[str, ...]


def plan(session: Session, model_version: int, *, full: bool) -> tuple[int, list[Batch]]:
    """Fill pg_temp.work with everything that has to be scored; how many, and the batches."""
    # scores of other columns are of other code
    if ensure_columns(session.conn, "score", STORED_SCORE, {"identity_id", "model_version", "refused"}):
        session.conn.execute("truncate matching.score")
    total = _find(session, model_version, full)
    spine = spine_size(session)
    batches: list[Batch] = []
    by_state = session.conn.execute("select state, count(*) from pg_temp.work group by state order by state").fetchall()
    for state, due in by_state:
        # a person without a state is compared with everybody
        states = tuple(spine) if state is None else (state,)
        if due >= WHOLE_STATE_SHARE * sum(spine.get(s, 0) for s in states):
            here = sql.SQL("work.state is not distinct from {}").format(state)
            batches += _split(session, here, states, len(batches))
    batches += _split(session, sql.SQL("true"), (), len(batches))
    return total, batches


def _find(session: Session, model_version: int, full: bool) -> int:
    return session.conn.execute(
        sql.SQL(
            """
            create temp table work as
            with refused as ({refused})
            select identity.identity_id, identity.state, identity.zip, null::int as batch
            from matching.identity
            left join matching.score on identity.identity_id = score.identity_id
            left join matching.due on identity.identity_id = due.identity_id
            left join refused on identity.identity_id = refused.identity_id
            where
                {full}
                or due.identity_id is not null
                -- never scored, or by another model
                or score.model_version is distinct from {version}
                or score.refused is distinct from coalesce(refused.refused, '{{}}')
            """
        ).format(refused=sql.SQL(REFUSED), full=full, version=model_version)
    ).rowcount


def _split(session: Session, condition: sql.Composable, states: tuple[str, ...], first: int) -> list[Batch]:
    """Number the batches of work that fulfils the condition and has no batch yet."""
    size = WHOLE_STATE_BATCH if states else LOOKUP_BATCH
    session.conn.execute(
        sql.SQL(
            """
            update pg_temp.work set batch = {first} + numbered.position / {size}
            from (
                -- neighbours share candidates
                select identity_id, row_number() over (order by state, zip, identity_id) - 1 as position
                from pg_temp.work where batch is null and {condition}
            ) as numbered
            where work.identity_id = numbered.identity_id
            """
        ).format(first=first, size=size, condition=condition)
    )
    found = session.conn.execute(
        "select distinct batch from pg_temp.work where batch >= %s order by batch", [first]
    ).fetchall()
    return [Batch(number, states) for (number,) in found]
