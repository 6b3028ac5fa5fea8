"""One run of matching: score what is due, calibrate over everybody, decide, write."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from exchange.matching import models, review, work
from exchange.matching.recipe import recipe
from exchange.matching.results import MatchRun, RulePrecision
from exchange.matching.session import Session, open_session, require
from exchange.settings import Settings


def make_matches(settings: Settings, *, full: bool = False) -> MatchRun:
    """Score what is due (full: everybody) and decide. After sync_voters, sync_identities and ensure_model.

    Each batch of scores commits by itself; matches and the run commit together. A crash loses at most one batch of
    work and nothing else: what is not scored stays due. Without anything due it changes no match.
    """
    with open_session(settings) as session:
        require(session.conn, "intermediate.int_voter_keys")
        started_at = datetime.now(UTC)
        version = models.current_version(session)
        scored = _score(session, version, full=full)
        facts = {"started_at": started_at, "model_version": version, "is_full": full, "scored": scored}
        with session.conn.transaction():
            digest = _input_digest(session, version)
            last = _last_run(session)
            if scored or last is None or last["input_digest"] != digest:
                return _decide(session, {**facts, "input_digest": digest})
            return _told(_insert(session, {**last, **facts, "changed": 0, "moved": 0}))


def last_run(session: Session) -> MatchRun | None:
    """The newest run; None before the first."""
    row = _last_run(session)
    return None if row is None else _told(row)


def _score(session: Session, version: int, *, full: bool) -> int:
    with session.conn.transaction():
        total, batches = work.plan(session, version, full=full)
    if total:
        # Splink takes a second to import: only where there is something to score
        from exchange.matching import scores, training

        model = models.load(session, version)
        training.fetch_frequencies(session, version)
        for batch in batches:
            scores.score_batch(session, model, batch)
    return total


def _decide(session: Session, facts: dict[str, Any]) -> MatchRun:
    from exchange.matching.decided import decide_all, write_matches

    decided = decide_all(session, facts["model_version"])
    calibration = decided.calibration
    row = _insert(
        session,
        {
            **facts,
            "changed": 0,
            "moved": 0,
            "counts": decided.counts,
            "threshold": calibration.threshold,
            "estimated_precision": calibration.estimated_precision,
            "in_spine_share": calibration.in_spine_share,
            "calibration": calibration.to_dict(),
            "rule_precisions": {rule: asdict(found) for rule, found in decided.rule_precisions.items()},
            "stale_reviews": len(review.stale_decisions(session)),
        },
    )
    changed, moved = write_matches(session, row["run_id"])
    session.conn.execute(
        "update matching.run set changed = %s, moved = %s, finished_at = clock_timestamp() where run_id = %s",
        (changed, moved, row["run_id"]),
    )
    return _told({**row, "changed": changed, "moved": moved})


def _insert(session: Session, facts: dict[str, Any]) -> dict[str, Any]:
    """Add a row to matching.run; the row."""
    written = {name: fact for name, fact in facts.items() if name not in {"run_id", "refresh_id", "finished_at"}}
    columns = sql.SQL(", ").join(map(sql.Identifier, written))
    values = sql.SQL(", ").join(
        sql.Literal(Jsonb(fact) if isinstance(fact, dict) else fact) for fact in written.values()
    )
    [is_refresh] = session.conn.execute("select to_regclass('raw.refresh') is not null").fetchone() or [False]
    refresh = sql.SQL("(select max(refresh_id) from raw.refresh)" if is_refresh else "null")
    with session.conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            sql.SQL("insert into matching.run (refresh_id, {}) values ({}, {}) returning *").format(
                columns, refresh, values
            )
        ).fetchone()
    assert row is not None, "an insert returns its row"
    return row


def _input_digest(session: Session, version: int) -> str:
    """Digest of what decides besides the scores: writing a score, or taking one away, empties the last run's."""
    row = session.conn.execute(
        sql.SQL(
            "select md5(concat_ws('|', %s::text, %s::int, string_agg(applied::text, '|' order by applied::text)))"
            " from ({}) as applied"
        ).format(sql.SQL(review.APPLIED)),
        (recipe(), version),
    ).fetchone()
    assert row is not None, "an aggregate has a row"
    return str(row[0])


def _last_run(session: Session) -> dict[str, Any] | None:
    with session.conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from matching.run order by run_id desc limit 1").fetchone()


def _told(row: dict[str, Any]) -> MatchRun:
    rules = {rule: RulePrecision(**found) for rule, found in row["rule_precisions"].items()}
    hidden = {"refresh_id", "started_at", "finished_at", "input_digest", "rule_precisions"}
    return MatchRun(**{k: v for k, v in row.items() if k not in hidden}, rule_precisions=rules)
