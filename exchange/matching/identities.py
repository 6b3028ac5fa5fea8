"""matching.identity and its keys follow intermediate.int_identities: only what is new or differs is touched."""

from __future__ import annotations

from psycopg import sql

from exchange.matching import deltas
from exchange.matching.results import IdentitySync
from exchange.matching.session import Session, open_session, require
from exchange.matching.spine import spine_size
from exchange.settings import Settings

SOURCE = "intermediate.int_identities"


def sync_identities(settings: Settings) -> IdentitySync:
    """Take the identities as dbt built them; after sync_voters. All or nothing; twice changes nothing.

    An identity keeps identity_id while it is delivered; one that is not any more goes with its score and its match.
    """
    with open_session(settings) as session:
        require(session.conn, SOURCE)
        with session.conn.transaction():
            deltas.prepare(session, deltas.IDENTITIES)
            removed = _remove(session)
            new = _add(session)
            states = list(spine_size(session))
            _find_delta(session, states)
            deltas.standardise(session, states)
            deltas.find_moved(session, deltas.IDENTITIES)
            _mark_due(session)
            deltas.move_keys(session, deltas.IDENTITIES)
            _write(session)
            result = _result(session, new, removed)
        if new + removed + result.changed:
            session.conn.execute("vacuum (analyze) matching.identity_key")
            session.conn.execute("vacuum (analyze) matching.identity")
        return result


def _remove(session: Session) -> int:
    conn = session.conn
    conn.execute(
        sql.SQL(
            """
            create temp table gone as
            select identity_id, feed_id, identity_key, keys from matching.identity
            where not exists (
                select from {} as source
                where source.feed_id = identity.feed_id and source.identity_key = identity.identity_key
            )
            """
        ).format(sql.SQL(SOURCE))
    )
    [removed] = conn.execute("select count(*) from pg_temp.gone").fetchone() or [0]
    if removed:
        conn.execute(
            "delete from matching.identity_key as kept using"
            " (select identity_id, unnest(keys) as key from pg_temp.gone) as lost"
            " where kept.key = lost.key and kept.identity_id = lost.identity_id"
        )
        conn.execute(
            "with lost as ("
            "delete from matching.matches using pg_temp.gone"
            " where matches.feed_id = gone.feed_id and matches.identity_key = gone.identity_key"
            " returning matches.feed_id, matches.identity_key)"
            " insert into matching.matches__changes (change_no, feed_id, identity_key)"
            " select build.change_no, feed_id, identity_key from lost"
            " cross join (select nextval('ops.change_no') as change_no) as build"
        )
        conn.execute("update matching.run set input_digest = '' where input_digest <> ''")
        for table in ("due", "score", "candidate", "identity"):
            conn.execute(
                sql.SQL("delete from {} as kept using pg_temp.gone where kept.identity_id = gone.identity_id").format(
                    sql.Identifier("matching", table)
                )
            )
    return int(removed)


def _add(session: Session) -> int:
    """Rows of new identities with their numbers, yet without the person."""
    return session.conn.execute(
        sql.SQL(
            """
            insert into matching.identity (feed_id, identity_key)
            select source.feed_id, source.identity_key from {} as source
            where not exists (
                select from matching.identity
                where source.feed_id = identity.feed_id and source.identity_key = identity.identity_key
            )
            -- numbers are the same wherever the same data is loaded first
            order by source.feed_id collate "C", source.identity_key collate "C"
            """
        ).format(sql.SQL(SOURCE))
    ).rowcount


def _find_delta(session: Session, states: list[str]) -> None:
    # a person without a state has keys of every state of the spine
    every_state = sql.SQL("case when delivered.state is null then {} else '' end").format(sql.Literal(" ".join(states)))
    session.conn.execute(
        sql.SQL(
            """
            create temp table delta as
            select known.identity_id as id, false as is_gone, known.digest is null as is_new, source.digest, {found}
            from (select feed_id, identity_key, {columns}, {digest} as digest from {source} as delivered) as source
            inner join matching.identity as known
                on source.feed_id = known.feed_id and source.identity_key = known.identity_key
            where source.digest is distinct from known.digest
            """
        ).format(
            found=deltas.delivered("source"),
            columns=deltas.delivered("delivered"),
            digest=deltas.digest("delivered", every_state),
            source=sql.SQL(SOURCE),
        )
    )
    session.conn.execute("analyze pg_temp.delta")


def _mark_due(session: Session) -> None:
    session.conn.execute("insert into matching.due select id from pg_temp.moved on conflict do nothing")
    session.conn.execute(
        sql.SQL(
            """
            with updated as (
                update matching.identity as known set id_voter_id = source.id_voter_id
                from {} as source
                where source.feed_id = known.feed_id and source.identity_key = known.identity_key
                    and source.id_voter_id is distinct from known.id_voter_id
                returning known.identity_id
            )
            insert into matching.due select identity_id from updated on conflict do nothing
            """
        ).format(sql.SQL(SOURCE))
    )


def _write(session: Session) -> None:
    stored = [*deltas.STORED_COLUMNS, "keys"]
    session.conn.execute(
        sql.SQL(
            """
            update matching.identity set digest = delta.digest, {updates}
            from pg_temp.staged
            inner join pg_temp.delta on staged.id = delta.id
            where identity.identity_id = staged.id
            """
        ).format(updates=deltas.updates(stored, "staged"))
    )


def _result(session: Session, new: int, removed: int) -> IdentitySync:
    [changed, total, due] = session.conn.execute(
        "select (select count(*) from pg_temp.delta where not is_new), (select count(*) from matching.identity),"
        " (select count(*) from matching.due)"
    ).fetchone() or [0, 0, 0]
    return IdentitySync(new=new, changed=changed, removed=removed, unchanged=total - new - changed, due=due)
