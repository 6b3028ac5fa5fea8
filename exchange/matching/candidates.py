"""Candidates of a batch of identities: the same pairs by looking up keys in Postgres as with whole states copied out.

After gather() the workbench has batch_identities and batch_voters (standardised; there may be more voters than pairs
need), batch_claims (identity_id, voter_id: voters of ids) and batch_pairs (identity_id, voter_id).
"""

from __future__ import annotations

from psycopg import sql

from exchange.matching import keys
from exchange.matching.deltas import STORED_COLUMNS, names
from exchange.matching.review import CLAIMS, REFUSED
from exchange.matching.session import Session
from exchange.matching.standard import STANDARD_COLUMNS
from exchange.matching.transfer import fetch, store
from exchange.matching.work import Batch

_PAIR = {"identity_id": "bigint", "voter_id": "bigint"}
_KEY = {"id": "bigint", "key": "bigint"}


def gather(session: Session, batch: Batch) -> None:
    """Fill the workbench's tables for the batch."""
    _fetch_identities(session, batch)
    if not batch.whole_states:
        _fetch_hits(session, batch)
        keys.pair_up(session.con, "batch_identity_keys", "batch_hits", "batch_pairs")
        _settle_pairs(session)
        _fetch_voters(session)
    elif len(batch.whole_states) == 1:
        _open_state(session, batch.whole_states[0])
        keys.pair_up(session.con, "batch_identity_keys", "state_keys", "batch_pairs")
        _settle_pairs(session)
        # voters of ids may live elsewhere
        _fetch_voters(session, known="state_voters")
    else:
        session.con.execute("create or replace table all_pairs (identity_id bigint, voter_id bigint)")
        for state in batch.whole_states:
            _open_state(session, state)
            keys.pair_up(session.con, "batch_identity_keys", "state_keys", "batch_pairs")
            session.con.execute("insert into all_pairs select * from batch_pairs")
        session.con.execute("create or replace table batch_pairs as select * from all_pairs")
        _settle_pairs(session)
        _fetch_voters(session)


def _fetch_identities(session: Session, batch: Batch) -> None:
    work = sql.SQL("matching.identity inner join pg_temp.work using (identity_id) where work.batch = {}").format(
        batch.number
    )
    columns = names(list(STORED_COLUMNS), "identity")
    fetch(
        session,
        sql.SQL("select identity.identity_id, {} from {}").format(columns, work),
        "batch_identities",
        STANDARD_COLUMNS,
    )
    fetch(
        session,
        sql.SQL("select identity.identity_id, unnest(identity.keys) from {}").format(work),
        "batch_identity_keys",
        _KEY,
    )
    fetch(
        session,
        sql.SQL(
            "select work.identity_id, unnest(refused.refused) from ({}) as refused"
            " inner join pg_temp.work using (identity_id) where work.batch = {}"
        ).format(sql.SQL(REFUSED), batch.number),
        "batch_refused",
        _PAIR,
    )
    fetch(
        session,
        sql.SQL(
            "select claims.identity_id, claims.voter_id from ({}) as claims"
            " inner join pg_temp.work using (identity_id) where work.batch = {}"
        ).format(sql.SQL(CLAIMS), batch.number),
        "batch_claims",
        _PAIR,
    )
    session.con.execute(
        "delete from batch_claims where (identity_id, voter_id) in (select (identity_id, voter_id) from batch_refused)"
    )


def _fetch_hits(session: Session, batch: Batch) -> None:
    """Owners of the batch's keys. One more than a key may have: pair_up then drops the key."""
    fetch(session, hits_query(batch.number), "batch_hits", _KEY)


def hits_query(number: int) -> sql.Composed:
    """Voters by the keys of one batch's identities: one descent of the key index per distinct key."""
    return sql.SQL(
        """
        select hit.voter_id, wanted.key
        from (
            select distinct unnest(identity.keys) as key
            from matching.identity inner join pg_temp.work using (identity_id) where work.batch = {}
            order by key
        ) as wanted
        cross join lateral (
            select voter_id from matching.voter_key where voter_key.key = wanted.key limit {}
        ) as hit
        """
    ).format(number, keys.KEYS_PER_BLOCK + 1)


def voters_query() -> sql.Composed:
    """Rows of the voters of pg_temp.wanted. `limit 1` keeps the planner from reading the spine, whatever it guesses."""
    return sql.SQL(
        "select found.* from pg_temp.wanted cross join lateral"
        " (select voter_id, {} from matching.voter where voter.voter_id = wanted.voter_id limit 1) as found"
    ).format(names(list(STORED_COLUMNS)))


def _settle_pairs(session: Session) -> None:
    """Add the voters of ids, take away what people have refused."""
    session.con.execute(
        """
        create or replace table batch_pairs as
        select identity_id, voter_id
        from (select identity_id, voter_id from batch_pairs union select identity_id, voter_id from batch_claims)
        anti join batch_refused using (identity_id, voter_id)
        """
    )


def _fetch_voters(session: Session, known: str | None = None) -> None:
    """The rows of all voters in pairs, by primary key; `known` is a table that has some of them."""
    con, conn = session.con, session.conn
    present = "false" if known is None else f"voter_id in (select id from {known})"
    wanted = f"select distinct voter_id from batch_pairs where not {present} order by voter_id"
    conn.execute("create temp table if not exists wanted (voter_id int)")
    conn.execute("truncate pg_temp.wanted")
    store(session, wanted, sql.SQL("pg_temp.wanted"), {"voter_id": "bigint"})
    conn.execute("analyze pg_temp.wanted")
    fetch(session, voters_query(), "batch_voters", STANDARD_COLUMNS)
    if known is not None:
        con.execute(f"insert into batch_voters select * from {known} where id in (select voter_id from batch_pairs)")


def _open_state(session: Session, state: str) -> None:
    """state_voters and state_keys of one state; kept while batches of the same state follow."""
    con = session.con
    con.execute("create table if not exists open_state (state text)")
    if con.execute("select state from open_state").fetchall() == [(state,)]:
        return
    con.execute("delete from open_state")
    fetch(
        session,
        sql.SQL("select voter_id, {} from matching.voter where state = {}").format(names(list(STORED_COLUMNS)), state),
        "state_voters",
        STANDARD_COLUMNS,
    )
    # the same function made the stored keys: computing them costs less than reading them
    keys.blocking_keys(con, "state_voters", "state_keys", [])
    con.execute("insert into open_state values (?)", [state])
