"""matching.voter and its keys follow intermediate.int_voters__matchable: only what is new or differs is touched."""

from __future__ import annotations

from psycopg import sql

from exchange.matching import deltas
from exchange.matching.results import VoterSync
from exchange.matching.session import Session, open_session, require
from exchange.settings import Settings

SOURCE = "intermediate.int_voters__matchable"


def sync_voters(settings: Settings) -> VoterSync:
    """Take the spine as dbt built it. All or nothing; running it twice changes nothing.

    Identities that own an old or a new key of a voter who moved become due: they are scored in the next run.
    """
    with open_session(settings) as session:
        require(session.conn, SOURCE)
        with session.conn.transaction():
            deltas.prepare(session, deltas.VOTERS)
            if not _find_delta(session):
                states = spine_size(session)
                return VoterSync(0, 0, 0, 0, unchanged=sum(states.values()), due=0, states=states)
            deltas.standardise(session, [])
            moved = deltas.find_moved(session, deltas.VOTERS)
            due = _mark_due(session)
            deltas.move_keys(session, deltas.VOTERS)
            _write(session)
            result = _result(session, moved, due)
        # lookups read the key index alone only where Postgres knows that every row of a page is visible
        session.conn.execute("vacuum (analyze) matching.voter_key")
        session.conn.execute("vacuum (analyze) matching.voter")
        return result


def _find_delta(session: Session) -> int:
    cursor = session.conn.execute(
        sql.SQL(
            """
            create temp table delta as
            select coalesce(source.voter_id, known.voter_id) as id, source.voter_id is null as is_gone,
                known.voter_id is null as is_new, source.digest, {found}
            from (select voter_id, {columns}, {digest} as digest from {source} as delivered) as source
            full join matching.voter as known on source.voter_id = known.voter_id
            where source.digest is distinct from known.digest
            """
        ).format(
            found=deltas.delivered("source"),
            columns=deltas.delivered("delivered"),
            digest=deltas.digest("delivered"),
            source=sql.SQL(SOURCE),
        )
    )
    session.conn.execute("analyze pg_temp.delta")
    return cursor.rowcount


def _mark_due(session: Session) -> int:
    """Identities whose candidates moved; how many. Those whose own row moves become due by that."""
    conn = session.conn
    conn.execute(
        """
        create temp table touched_key as
        select distinct key from pg_temp.moved cross join unnest(old_keys || new_keys) as key
        where exists (select from matching.identity_key)
        """
    )
    conn.execute("analyze pg_temp.touched_key")
    cursor = conn.execute(
        """
        insert into matching.due
        select identity_key.identity_id from matching.identity_key
        inner join pg_temp.touched_key on identity_key.key = touched_key.key
        union
        -- the voter of an id is a candidate without any common key
        select identity.identity_id from matching.identity
        inner join pg_temp.moved on identity.id_voter_id = moved.id
        on conflict do nothing
        """
    )
    return cursor.rowcount


def _write(session: Session) -> None:
    conn = session.conn
    conn.execute("delete from matching.voter using pg_temp.delta where delta.is_gone and voter.voter_id = delta.id")
    stored = [*deltas.STORED_COLUMNS, "keys"]
    conn.execute(
        sql.SQL(
            """
            insert into matching.voter (voter_id, digest, {columns})
            select staged.id, delta.digest, {staged}
            from pg_temp.staged
            inner join pg_temp.delta on staged.id = delta.id
            -- candidates of one key mostly live in one ZIP: they shall lie on few pages
            order by staged.state collate "C", staged.zip collate "C", staged.last_name collate "C", staged.id
            on conflict (voter_id) do update set digest = excluded.digest, {updates}
            """
        ).format(
            columns=deltas.names(stored),
            staged=deltas.names(stored, "staged"),
            updates=deltas.updates(stored, "excluded"),
        )
    )
    conn.execute("delete from matching.spine_size")
    conn.execute(
        "insert into matching.spine_size select state, count(*) from matching.voter"
        " where state is not null group by state"
    )


def _result(session: Session, moved: int, due: int) -> VoterSync:
    [new, changed, removed, total] = session.conn.execute(
        "select count(*) filter (where is_new), count(*) filter (where not is_new and not is_gone),"
        " count(*) filter (where is_gone), (select count(*) from matching.voter) from pg_temp.delta"
    ).fetchone() or [0, 0, 0, 0]
    return VoterSync(
        new=new,
        changed=changed,
        moved=moved - new,
        removed=removed,
        unchanged=total - new - changed,
        due=due,
        states=spine_size(session),
    )


def spine_size(session: Session) -> dict[str, int]:
    """Voters per state, states in order."""
    return dict(session.conn.execute("select state, voters from matching.spine_size order by state").fetchall())
