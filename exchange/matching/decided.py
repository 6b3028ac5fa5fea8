"""From all scores and people's decisions to matching.matches: calibrate, decide for everybody, write what differs."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from exchange.matching.calibration import Calibration, calibrate
from exchange.matching.decisions import DECISION_COLUMNS, decide
from exchange.matching.deltas import names, updates
from exchange.matching.outcomes import SCORE_COLUMNS
from exchange.matching.results import RulePrecision
from exchange.matching.review import APPLIED
from exchange.matching.session import Session
from exchange.matching.transfer import fetch, postgres_type, store

# name -> DuckDB type: what matching.matches has between its key and the runs
MATCH_COLUMNS = {name: kind for name, kind in DECISION_COLUMNS.items() if name != "identity_id"}


@dataclass(frozen=True)
class Decided:
    """What decide_all() did. Grain of the counts: one identity."""

    calibration: Calibration
    rule_precisions: dict[str, RulePrecision]
    counts: dict[str, dict[str, int]]


def decide_all(session: Session, model_version: int) -> Decided:
    """Fill pg_temp.decided (identity_id, MATCH_COLUMNS) from all stored scores. Within a transaction."""
    con = session.con
    score = names(list(SCORE_COLUMNS))
    fetch(session, sql.SQL("select {} from matching.score").format(score), "scores", SCORE_COLUMNS)
    reviewed = {"identity_id": "bigint", "decision": "text", "voter_id": "bigint"}
    fetch(session, sql.SQL(APPLIED), "reviewed", reviewed)
    calibration = calibrate(con, "scores")
    decide(con, "scores", "reviewed", calibration.threshold, model_version, "decided")
    described = ", ".join(f"{name} {postgres_type(kind)}" for name, kind in DECISION_COLUMNS.items())
    session.conn.execute(sql.SQL("create temp table decided ({}) on commit drop").format(sql.SQL(described)))
    store(session, f"select {', '.join(DECISION_COLUMNS)} from decided", sql.SQL("pg_temp.decided"), DECISION_COLUMNS)
    session.conn.execute("analyze pg_temp.decided")
    counts: dict[str, dict[str, int]] = {}
    query = "select status, method, count(*) from decided group by status, method order by status, method"
    for status, method, count in con.execute(query).fetchall():
        counts.setdefault(status, {})[method] = count
    return Decided(calibration, _rule_precisions(session), counts)


def write_matches(session: Session, run_id: int) -> tuple[int, int]:
    """Bring matching.matches to pg_temp.decided; rows written, and rows whose voter is another (or that are new)."""
    columns = list(MATCH_COLUMNS)
    session.conn.execute(_NOTE_CHANGES)
    cursor = session.conn.execute(
        sql.SQL(
            """
            insert into matching.matches as kept (feed_id, identity_key, {columns}, run_id, changed_run_id)
            select identity.feed_id, identity.identity_key, {decided}, {run_id}, {run_id}
            from pg_temp.decided
            inner join matching.identity on decided.identity_id = identity.identity_id
            left join matching.matches as old
                on identity.feed_id = old.feed_id and identity.identity_key = old.identity_key
            where ({decided}) is distinct from ({old})
            on conflict (feed_id, identity_key) do update set
                {updates},
                run_id = excluded.run_id,
                changed_run_id = case
                    when kept.voter_id is distinct from excluded.voter_id then excluded.run_id else kept.changed_run_id
                end
            """
        ).format(
            columns=names(columns),
            decided=names(columns, "decided"),
            old=names(columns, "old"),
            updates=updates(columns, "excluded"),
            run_id=run_id,
        )
    )
    [moved] = session.conn.execute(
        "select count(*) from matching.matches where changed_run_id = %s", [run_id]
    ).fetchone() or [0]
    return cursor.rowcount, int(moved)


# what dbt builds from: a posterior that moved a little touches no line
_NOTE_CHANGES = """
    insert into matching.matches__changes (change_no, feed_id, identity_key)
    select build.change_no, identity.feed_id, identity.identity_key
    from pg_temp.decided
    inner join matching.identity on decided.identity_id = identity.identity_id
    left join matching.matches as old
        on identity.feed_id = old.feed_id and identity.identity_key = old.identity_key
    cross join (select nextval('ops.change_no') as change_no) as build
    where (decided.status, decided.voter_id, decided.method) is distinct from (old.status, old.voter_id, old.method)
"""


def _rule_precisions(session: Session) -> dict[str, RulePrecision]:
    """By rule, on identities with a checked id; 'id': the checked ids themselves, where any rule hits too."""
    found = session.con.execute(
        "select coalesce(rule, 'id') as rule, count(*), count(*) filter (where rule_voter_id = id_voter_id)"
        " from scores where id_check = 'agrees' and rule_voter_id is not null and rule is not null"
        " group by rollup (rule) having count(*) > 0 order by 1"
    ).fetchall()
    return {rule: RulePrecision(hits=hits, right=right) for rule, hits, right in found}
