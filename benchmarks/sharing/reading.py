"""A partner's view against a table of all newest answers that nobody restricts: the same questions, the same server."""

from __future__ import annotations

import statistics
import time
from typing import Any

import psycopg

from benchmarks.sharing.warehouse import Warehouse, as_partner
from exchange.warehouse.connection import connect

YARDSTICK = """
    drop table if exists intermediate.unrestricted;
    create table intermediate.unrestricted as
    select distinct on (responses.voter_id, responses.topic_id)
        'd' || responses.voter_id as person_id, voters.state, topics.question_code, topics.contest_id,
        topics.candidate_id, responses.answer_code, responses.contact_on as responded_from, responses.voter_id
    from marts.fct_voter_responses as responses
    inner join marts.dim_voters as voters using (voter_id)
    inner join marts.dim_topics as topics using (topic_id)
    order by responses.voter_id, responses.topic_id, responses.contacted_at desc;
    create index on intermediate.unrestricted (person_id);
    analyze intermediate.unrestricted;
    alter table intermediate.unrestricted owner to exchange_dbt;
"""
QUERIES = {
    "point": "select * from {table} where person_id = '{person}'",
    "list": "select person_id, answer_code from {table} where state = '{state}' and question_code = 'candidate_support'"
    " and answer_code = 1",
    "aggregate": "select state, question_code, answer_code, count(*) from {table} group by 1, 2, 3",
}
REPEAT = {"point": 200, "list": 5, "aggregate": 5}


def make_yardstick(warehouse: Warehouse) -> None:
    with connect(warehouse.settings, "admin", autocommit=True) as conn:
        conn.execute(YARDSTICK.encode())


def ratios(warehouse: Warehouse, role: str, state: str) -> dict[str, float]:
    """Seconds of the view ÷ seconds of the table, medians of interleaved runs; the aggregate per row read."""
    found = {}
    with as_partner(warehouse, role) as partner, as_partner(warehouse, "exchange_dbt") as other:
        visible = _count(partner, f"{role}.voter_responses")
        everything = _count(other, "intermediate.unrestricted")
        persons = [
            row[0] for row in partner.execute(f"select person_id from {role}.voter_responses limit 200".encode())
        ]
        for name, text in QUERIES.items():
            times: tuple[list[float], list[float]] = ([], [])
            for number in range(REPEAT[name]):
                person = persons[number % len(persons)]
                times[0].append(
                    _seconds(partner, text.format(table=f"{role}.voter_responses", person=person, state=state))
                )
                person = "d" + person[1:]
                times[1].append(
                    _seconds(other, text.format(table="intermediate.unrestricted", person=person, state=state))
                )
            ratio = statistics.median(times[0]) / statistics.median(times[1])
            # the table aggregates rows that the view does not have
            found[name] = ratio * everything / visible if name == "aggregate" else ratio
    return found


def _count(conn: psycopg.Connection[Any], table: str) -> int:
    [(count,)] = conn.execute(f"select count(*) from {table}".encode()).fetchall()
    return int(count)


def _seconds(conn: psycopg.Connection[Any], query: str) -> float:
    started = time.perf_counter()
    conn.execute(query.encode()).fetchall()
    return time.perf_counter() - started
