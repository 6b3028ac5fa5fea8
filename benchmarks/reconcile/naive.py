"""The other yardstick: what everybody writes first, DISTINCT ON and GROUP BY over the text as it was loaded."""

from __future__ import annotations

from benchmarks.matching.store import server_cpu
from benchmarks.reconcile.warehouse import Cost, Warehouse, run
from exchange.warehouse.connection import connect

_TEXT_COLUMNS = (
    "feed_id", "record_id", "partner_id", "voter_id", "question_code", "contest_id", "candidate_id", "answer_code",
    "channel", "on_ballot", "contact_on", "contacted_at",
)  # fmt: skip
_KEY = "voter_id, question_code, contest_id, candidate_id"
_NAIVE = f"""
    with live as (
        select distinct on (feed_id, record_id) * from marts.loaded_text order by feed_id, record_id, delivery desc
    ),
    newest as (
        select distinct on ({_KEY}) * from live order by {_KEY}, contacted_at desc, answer_code, feed_id, record_id
    ),
    asked as (
        select
            {_KEY}, count(*) as response_count, count(distinct partner_id) as partner_count,
            min(contact_on) as first_asked_on, max(contact_on) as last_asked_on,
            count(distinct answer_code) > 1 as answers_disagree
        from live
        group by {_KEY}
    )
    select * from newest inner join asked using ({_KEY})
"""


def load(warehouse: Warehouse) -> None:
    """`loaded_text`: the deliveries as a file has them: words in text columns, each record every time it came."""
    query = f"""
        select
            delivery, 'feed-of-a-partner-' || feed_no, record_id, 'partner-' || partner_no,
            'NC' || lpad(voter_id::text, 10, '0'), if(topic_id > 4, 'candidate_support', 'vote_by_mail_comfort'),
            if(topic_id > 4, 'contest-' || topic_id // 2, ''),
            if(topic_id > 4, 'candidate-' || topic_id, topic_id::text),
            answer_code, ['door', 'phone', 'text'][channel_no], on_ballot, contact_on,
            strftime(contacted_at, '%Y-%m-%dT%H:%M:%S.%fZ')
        from '{warehouse.folder / "deliveries.parquet"}'
    """
    with connect(warehouse.settings, "dbt", autocommit=True) as conn:
        run(conn, "drop table if exists marts.loaded_text")
        with conn.transaction():
            columns = ", ".join(f"{name} text" for name in _TEXT_COLUMNS)
            run(conn, f"create table marts.loaded_text (delivery bigint, {columns})")
            warehouse.copy(conn, query, "marts.loaded_text")
        run(conn, "vacuum analyze marts.loaded_text")


def build(warehouse: Warehouse) -> Cost:
    """What everybody writes first, over the text as loaded: the same rows and counts."""
    with connect(warehouse.settings, "dbt", autocommit=True) as conn:
        before = server_cpu(warehouse.settings)
        run(conn, f"create table marts.naive as {_NAIVE}")
        cost = Cost(server_cpu(warehouse.settings) - before)
        run(conn, "drop table marts.naive, marts.loaded_text")
    return cost
