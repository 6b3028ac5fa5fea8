"""Facts of any size, written by Postgres itself into the tables that dbt made: the same for one seed.

Voter, partner, topic, channel and day of each row follow from its number by a hash. Half of the contacts go to a fifth
of the voters, and of the partners the first ones contact more. Each contacts people in the states it works in, and asks
eight questions. Recent days have more rows than old ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.sharing.registry import STATES, states_of

AS_OF = "2026-10-15"
# answers in one contact; a third of the contacts has none
ANSWERS = 2
# topics that one partner asks about
ASKED = 8


@dataclass(frozen=True)
class World:
    """Sizes. `contributors` partners deliver; a batch is of the newest three days."""

    responses: int
    voters: int
    contributors: int
    seed: int

    @property
    def contacts(self) -> int:
        return self.responses // ANSWERS * 3 // 2


def load(conn: psycopg.Connection[Any], world: World) -> None:
    """Voters with two ids each, all contacts and answers. The tables must be there and empty."""
    states = "array[" + ", ".join(f"'{state}'" for state in STATES) + "]"
    _run(
        conn,
        f"""
        insert into intermediate.int_voter_keys (voter_id, state, state_voter_id)
        select n, ({states})[1 + n % 10], n::text from generate_series(1, {world.voters}) as n;
        insert into marts.dim_voters (voter_id, state, state_voter_id, first_name, last_name, birth_year, party,
            registration_status, is_protected, county_fips, congressional_district, division_ids)
        select voter_id, state, state_voter_id, 'First', 'Last' || voter_id, 1940 + voter_id % 68, 'DEM', 'active',
            false, lpad((1 + voter_id % 997)::text, 5, '0'), (1 + voter_id % 14)::text, '{{}}'
        from intermediate.int_voter_keys;
        insert into marts.person_ids (namespace, scope, external_id, voter_id, is_inherited)
        select namespace, '', left(namespace, 1) || voter_id, voter_id, false
        from intermediate.int_voter_keys cross join (values ('dwid'), ('voterbase_id')) as kinds (namespace);
        analyze intermediate.int_voter_keys; analyze marts.dim_voters; analyze marts.person_ids;
        """,
    )
    _contacts(conn, world, 0, world.contacts, days=180)
    _run(conn, "vacuum analyze marts.fct_contacts, marts.fct_voter_responses")


def arrive(conn: psycopg.Connection[Any], world: World, first: int, responses: int) -> None:
    """So many more answers, with their contacts, and what their models would note of them."""
    contacts = responses // ANSWERS * 3 // 2
    since = first * 3 // 2 // ANSWERS + 1_000_000_000
    with conn.transaction():
        _contacts(conn, world, since, contacts, days=3)
        _run(
            conn,
            """
            create temporary table build on commit drop as select nextval('ops.change_no') as change_no;
            insert into marts.fct_voter_responses__changes (change_no, partner_no, voter_id, topic_id, contact_on)
            select distinct change_no, partner_no, voter_id, topic_id, contact_on
            from marts.fct_voter_responses, build where contact_id in (
                select contact_id from pg_temp.arrived
            );
            insert into marts.fct_contacts__changes (change_no, partner_no, voter_id, contact_on)
            select distinct change_no, partner_no, voter_id, contact_on from pg_temp.arrived, build;
            drop table pg_temp.arrived
            """,
        )


def _contacts(conn: psycopg.Connection[Any], world: World, first: int, count: int, days: int) -> None:
    """Contacts first … first + count - 1, and the answers given in them."""
    draw = f"(hashint8extended(n, {world.seed} * 100 + {{}}) & 2147483647)"
    partner = f"1 + floor(({draw.format(2)} / 2147483648.0) ^ 2 * {world.contributors})"
    # a voter's number ends with the place of its state (load)
    voter = (
        f"10 * case when {draw.format(3)} % 2 = 0 then {draw.format(4)} % ({world.voters} / 10)"
        f" else ({draw.format(4)} % ({world.voters} / 50)) * 5 end"
        f" + places[1 + {draw.format(9)} % cardinality(places)]"
    )
    # 10 stands for 0: there is no voter 0
    places = ", ".join(
        f"({number}, array{[STATES.index(state) or 10 for state in states_of(number - 1)]})"
        for number in range(1, world.contributors + 1)
    )
    day = f"date '{AS_OF}' - floor(({draw.format(5)} / 2147483648.0) ^ 2 * {days})::int"
    _run(
        conn,
        f"""
        create temporary table arrived as
        select
            md5(n::text)::uuid as contact_id, works.partner_no::smallint, ({voter})::int as voter_id,
            (1 + {draw.format(6)} % 3)::smallint as channel_no, {day} as contact_on, n
        from generate_series({first}, {first + count - 1}) as n
        inner join (values {places}) as works (partner_no, places) on works.partner_no = {partner};
        insert into marts.fct_contacts (contact_id, partner_no, voter_id, channel_no, result_no, contacted_at,
            contact_on, source_count)
        select contact_id, partner_no, voter_id, channel_no, case when n % 3 = 0 then 1 else 2 end,
            contact_on + interval '16 h' + n % 20000 * interval '1 s', contact_on, 1
        from pg_temp.arrived;
        insert into marts.fct_voter_responses (contact_id, contacted_at, voter_id, contact_on, partner_no, feed_no,
            topic_id, answer_code, channel_no, on_ballot, record_id)
        select contact_id, contact_on + interval '16 h' + n % 20000 * interval '1 s', voter_id, contact_on,
            partner_no, partner_no, topics.topic_id, (1 + {draw.format(8)} % 3)::smallint, channel_no,
            case when topics.is_contest then true end, n || '-' || answer
        from pg_temp.arrived
        cross join generate_series(0, {ANSWERS - 1}) as answer
        inner join (
            select topic_id, contest_id is not null as is_contest, row_number() over (order by topic_id) - 1 as place,
                count(*) over () as topics
            from marts.dim_topics
        ) as topics on topics.place = (({draw.format(7)} + answer) % {ASKED} + partner_no * 3) % topics.topics
        where n % 3 <> 0;
        analyze pg_temp.arrived
        """,
    )
    if days > 3:
        _run(conn, "drop table pg_temp.arrived")


def _run(conn: psycopg.Connection[Any], statements: str) -> None:
    conn.execute(statements.encode())
