"""Who matching thinks everybody is, as a CSV file for whoever measures it."""

from __future__ import annotations

from pathlib import Path

from psycopg import sql

from exchange.matching.review_export import require_run, write_csv
from exchange.matching.session import open_session, require
from exchange.settings import Settings

# what an id or a rule is worth where too few rows could tell: what calibration aims at
_UNMEASURED = 0.99


def write_predictions(settings: Settings, out: Path) -> int:
    """Write feed_id,source_person_id,state,state_voter_id,method,posterior to `out`; how many rows.

    Grain: one row per identity of every feed, sorted by feed and person. State and id are empty where the identity is
    unmatched or waits for review. posterior (0 to 1): how likely the voter is right, or, without one, the best
    candidate. By an id or a rule: its measured precision if that is more than what the model says; 1 for a person's
    decision. Raises ExchangeError before matching ever ran.
    """
    with open_session(settings) as session:
        require_run(session)
        require(session.conn, "intermediate.int_voter_keys")
        return write_csv(session, sql.SQL(_QUERY).format(unmeasured=_UNMEASURED), out)


_QUERY = """
    with
    measured as (
        select rule, (facts ->> 'right')::float8 / (facts ->> 'hits')::float8 as precision
        from (select rule_precisions from matching.run order by run_id desc limit 1) as newest
        cross join jsonb_each(newest.rule_precisions) as rules (rule, facts)
    )
    select
        identity.feed_id,
        identity.identity_key as source_person_id,
        voter_keys.state,
        voter_keys.state_voter_id,
        coalesce(matches.method, 'none') as method,
        round(least(1, greatest(0, case
            when matches.method = 'review' then 1
            when matches.method in ('id', 'rule') then greatest(
                coalesce(measured.precision, {unmeasured}),
                case when matches.voter_id = matches.candidate_voter_id then matches.posterior end
            )
            else coalesce(matches.posterior, 0)
        end))::numeric, 6) as posterior
    from matching.identity
    left join matching.matches
        on identity.feed_id = matches.feed_id and identity.identity_key = matches.identity_key
    left join intermediate.int_voter_keys as voter_keys on matches.voter_id = voter_keys.voter_id
    left join measured on measured.rule = coalesce(matches.rule, matches.method)
    order by identity.feed_id collate "C", identity.identity_key collate "C"
"""
