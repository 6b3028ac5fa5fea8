"""Who is whom: a person's decision beats a checked id, that a rule, that the model; the rest is reviewed or open."""

from __future__ import annotations

import duckdb

from exchange.matching.outcomes import LEAST_POSTERIOR

DECISION_COLUMNS: dict[str, str] = {
    "identity_id": "bigint",
    "status": "text",
    "voter_id": "bigint",
    "method": "text",
    "rule": "text",
    "model_version": "int",
    "weight": "double",
    "posterior": "double",
    "threshold": "double",
    "candidate_voter_id": "bigint",
    "runner_up_voter_id": "bigint",
    "runner_up_posterior": "double",
}


def decide(
    con: duckdb.DuckDBPyConnection, scores: str, reviewed: str, threshold: float, model_version: int, into: str
) -> None:
    """Create table `into` (DECISION_COLUMNS). Grain: one row per identity of `scores`.

    reviewed: (identity_id, decision 'match' | 'no_match', voter_id); a match whose voter is gone goes back to review.
    An id that disagrees is taken only if a rule or the model finds the same voter; else it is reviewed ('id_conflict').
    """
    columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in DECISION_COLUMNS.items())
    con.execute(f"""
        create or replace table {into} as
        with
        judged as (
            select
                scores.*,
                reviews.decision,
                reviews.voter_id as reviewed_voter_id,
                coalesce(scores.rule_voter_id,
                    case when scores.posterior >= {threshold!r} then scores.best_voter_id end) as found_voter_id,
                case when scores.rule_voter_id is not null then 'rule' else 'model' end as found_by
            from {scores} as scores left join {reviewed} as reviews using (identity_id)
        ),
        reasoned as (
            select
                *,
                case
                    when decision = 'match' and reviewed_voter_id is not null then 'reviewed'
                    when decision = 'match' then 'review_lost'
                    when decision = 'no_match' then 'rejected'
                    when id_check in ('agrees', 'unchecked') then 'id'
                    when id_check = 'disagrees' and found_voter_id is distinct from id_voter_id then 'conflict'
                    when found_voter_id is not null then 'found'
                    when posterior >= {LEAST_POSTERIOR} then 'review'
                    else 'open'
                end as reason
            from judged
        ),
        decided as (
            select
                identity_id,
                case
                    when reason in ('reviewed', 'id', 'found') then 'accepted'
                    when reason in ('review_lost', 'conflict', 'review') then 'review'
                    else 'unmatched'
                end as status,
                case reason when 'reviewed' then reviewed_voter_id when 'id' then id_voter_id
                    when 'found' then found_voter_id end as voter_id,
                case
                    when reason in ('reviewed', 'rejected') then 'review'
                    when reason = 'id' then 'id'
                    when reason = 'found' then found_by
                    else 'none'
                end as method,
                case
                    when reason = 'conflict' then 'id_conflict'
                    when reason = 'found' and found_by = 'rule' then rule
                end as rule,
                {int(model_version)} as model_version,
                weight,
                posterior,
                {threshold!r} as threshold,
                coalesce(best_voter_id, case when reason = 'conflict' then id_voter_id end) as candidate_voter_id,
                runner_up_voter_id,
                runner_up_posterior
            from reasoned
        )
        select {columns} from decided
    """)
