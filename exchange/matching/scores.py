"""matching.score and matching.candidate: one batch of identities scored, written and no longer due, all at once."""

from __future__ import annotations

from psycopg import sql

from exchange.matching import candidates
from exchange.matching.deltas import names
from exchange.matching.model import Model
from exchange.matching.outcomes import SCORE_COLUMNS, summarize, top_candidates
from exchange.matching.review import REFUSED
from exchange.matching.scoring import score_pairs
from exchange.matching.session import Session
from exchange.matching.transfer import store
from exchange.matching.work import STORED_SCORE, Batch

CANDIDATE_COLUMNS = {
    "identity_id": "bigint",
    "rank": "bigint",
    "voter_id": "bigint",
    "weight": "double",
    "posterior": "double",
}


def score_batch(session: Session, model: Model, batch: Batch) -> None:
    """Score the batch and commit. Needs table frequencies. A crash before the end leaves the batch due."""
    con = session.con
    candidates.gather(session, batch)
    sides = {"identities": "batch_identities", "voters": "batch_voters"}
    score_pairs(con, model, **sides, pairs="batch_pairs", frequencies="frequencies", into="batch_weights")
    summarize(
        con, **sides, pairs="batch_pairs", weights="batch_weights", claimed_ids="batch_claims", into="batch_scores"
    )
    top_candidates(con, "batch_weights", "batch_candidates")
    _add_doubted_ids(session)
    with session.conn.transaction():
        _write(session, model.version, batch)


def _add_doubted_ids(session: Session) -> None:
    """Who reviews an id that does not fit sees its voter too, below all others, however little speaks for him."""
    session.con.execute(
        """
        insert into batch_candidates by name
        with doubted as (
            select batch_claims.* from batch_claims
            semi join (from batch_scores where id_check = 'disagrees') as scores using (identity_id)
            anti join batch_candidates using (identity_id, voter_id)
        ),
        shown as (select identity_id, count(*) as candidates from batch_candidates group by identity_id)
        select doubted.identity_id, doubted.voter_id, batch_weights.weight, 0 as posterior,
            1 + coalesce(shown.candidates, 0) as rank
        from doubted
        left join batch_weights using (identity_id, voter_id)
        left join shown using (identity_id)
        """
    )


def _write(session: Session, version: int, batch: Batch) -> None:
    conn = session.conn
    here = sql.SQL("(select identity_id from pg_temp.work where batch = {})").format(batch.number)
    for table in ("score", "candidate", "due"):
        conn.execute(sql.SQL("delete from {} where identity_id in {}").format(sql.Identifier("matching", table), here))
    # matches are of other scores than these until the next run ends
    conn.execute("update matching.run set input_digest = '' where input_digest <> ''")
    described = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in STORED_SCORE.items()
    )
    conn.execute(sql.SQL("create temp table scored (identity_id int, {}) on commit drop").format(described))
    columns = ", ".join(SCORE_COLUMNS)
    store(session, f"select {columns} from batch_scores", sql.SQL("pg_temp.scored"), SCORE_COLUMNS)
    conn.execute(
        sql.SQL(
            """
            insert into matching.score (identity_id, model_version, refused, {columns})
            select scored.identity_id, {version}, coalesce(refused.refused, '{{}}'), {scored}
            from pg_temp.scored
            left join ({refused}) as refused on scored.identity_id = refused.identity_id
            """
        ).format(
            columns=names(list(STORED_SCORE)),
            version=version,
            scored=names(list(STORED_SCORE), "scored"),
            refused=sql.SQL(REFUSED),
        )
    )
    columns = ", ".join(CANDIDATE_COLUMNS)
    store(
        session,
        f"select {columns} from batch_candidates",
        sql.SQL("matching.candidate"),
        CANDIDATE_COLUMNS,
    )
