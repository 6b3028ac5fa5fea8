"""DuckDB doing the same from Parquet, one thread: the yardsticks, and the answer that every build must equal."""

from __future__ import annotations

import resource
from pathlib import Path

import duckdb

COUNTS = """
    count(*)::int as response_count,
    bit_count(bit_or(1::bigint << partner_no))::int as partner_count,
    min(contact_on) as first_asked_on,
    max(contact_on) as last_asked_on,
    min(answer_code) <> max(answer_code) as answers_disagree
"""
# how a good DuckDB user removes what was delivered twice: the newest delivery of a key, joined back
LIVE = """
    with newest as (
        select feed_no, record_id, max(delivery) as delivery from '{deliveries}' group by all
    ),
    live as (
        select *, (epoch_us(contacted_at) - 1700000000000000) * 256 + 255 - answer_code as packed
        from '{deliveries}' inner join newest using (feed_no, record_id, delivery)
    )
"""
# the least that can be called a current answer: time and answer as one number, and the counts
PACKED = f"{LIVE} select voter_id, topic_id, max(packed) as packed, {COUNTS} from live group by all"
# all columns of our table; a tie gives two rows
ALL_COLUMNS = f"""
    {LIVE},
    answers as (select voter_id, topic_id, max(packed) as packed, {COUNTS} from live group by all)
    select
        voter_id, topic_id, live.answer_code, live.contacted_at, live.contact_on, live.feed_no, live.partner_no,
        live.channel_no, live.record_id, live.on_ballot, answers.* exclude (voter_id, topic_id, packed)
    from live inner join answers using (voter_id, topic_id, packed)
"""
COLUMNS = (
    "voter_id, topic_id, answer_code, contacted_at, contact_on, feed_no, partner_no, channel_no, record_id, on_ballot,"
    " response_count, partner_count, first_asked_on, last_asked_on, answers_disagree"
)
# by the book, whatever it costs: design §6.5 as one window
EXACT = f"""
    {LIVE},
    counts as (select voter_id, topic_id, {COUNTS} from live group by all),
    winners as (
        select live.* from live inner join feeds using (feed_no)
        qualify row_number() over (
            partition by voter_id, topic_id
            order by contacted_at desc, answer_code, encode(feed_id), encode(record_id)
        ) = 1
    )
    select {COLUMNS} from winners inner join counts using (voter_id, topic_id)
"""


def own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def connect() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("set threads = 1")
    # what every partner's tool of it does for speed
    con.execute("set preserve_insertion_order = false")
    return con


def cpu_of(query: str, folder: Path, repeat: int) -> float:
    """CPU seconds of the cheapest run; the result stays in memory, as DuckDB likes it best."""
    costs = []
    for _ in range(repeat):
        with connect() as con:
            before = own_cpu()
            con.execute("create table built as " + query.format(deliveries=folder / "deliveries.parquet"))
            costs.append(own_cpu() - before)
    return min(costs)


def exact(con: duckdb.DuckDBPyConnection, folder: Path, feeds: dict[int, str]) -> None:
    """The table `expected`: what the mart must hold, from the deliveries alone."""
    con.execute("create or replace table feeds (feed_no smallint, feed_id varchar)")
    con.executemany("insert into feeds values (?, ?)", list(feeds.items()))
    con.execute(f"create or replace table expected as {EXACT.format(deliveries=folder / 'deliveries.parquet')}")


def differing(con: duckdb.DuckDBPyConnection) -> int:
    """Rows of `built` that are not in `expected`, and the other way round."""
    both = "(from built except all from expected) union all (from expected except all from built)"
    [(count,)] = con.execute(f"select count(*) from ({both})").fetchall()
    return int(count)
