"""A state of voters, and who contacted them and what they said, written by Postgres itself into the tables dbt made.

Everything follows from its number by a hash: equal sizes and seeds make equal worlds. Usual: an eighth of the people
live in one of 67 counties, four of ten were contacted by nobody, most answered one question or none, recent days have
more contacts. Uniform: everybody is as likely as anybody, each contact answers all questions, all eight channels are as
frequent: as many different people as there can be, the worst there is to count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.dashboard.registry import BIG, OTHER_STATE, SMALL, STATE
from benchmarks.matching.name_lists import FIRST_NAMES, SURNAMES
from benchmarks.sharing.world import AS_OF

COUNTIES = 67
DISTRICTS = {"congressional_district": ("cd", 17), "state_senate_district": ("sldu", 50)}
DISTRICTS["state_house_district"] = ("sldl", 203)
DAYS = 180
ELECTION = "2026-11-03"
# partner -> share of all contacts, and how far its people are shifted against those of the others
PARTNERS = {BIG: (0.6, 0.0), SMALL[0]: (0.25, 0.25), SMALL[1]: (0.15, 0.1)}
# contest or question -> share of the contacts that answer it; each of the first two is about two candidates
CONTESTS = {"pa_governor_2026": 0.3, "us_president_2028": 0.12}
QUESTIONS = {
    "vote_by_mail_comfort": 0.22,
    "postal_service_trust": 0.18,
    "turnout_intent": 0.12,
    "vote_method_plan": 0.1,
}
# of every hundred people
SUPPRESSED = {"opted_out": ("channel", 2), "moved": ("all", 1), "wrong_number": ("channel", 2)}
BALLOTS = {"requested": 14, "sent": 10, "returned": 6, "accepted": 9, "rejected": 1, "voted_in_person": 2}
PARTIES = {"DEM": 45, "REP": 37, "UNA": 12, "LIB": 2, "GRN": 1, "CST": 0.5, "WFP": 0.3, "OTH": 0.2}


@dataclass(frozen=True)
class World:
    """Sizes of one case. The other state has a fiftieth of the voters."""

    voters: int
    contacts: int
    is_uniform: bool = False
    seed: int = 1

    @property
    def name(self) -> str:
        return f"{self.voters}_{self.contacts}_{'uniform' if self.is_uniform else 'usual'}_{self.seed}"


def load(conn: psycopg.Connection[Any], world: World) -> None:
    """The tables must be there and empty."""
    for statement in statements(world):
        conn.execute(statement.encode())


def statements(world: World) -> list[str]:
    return [*_people(world), *_ballots(world), *_contacts(world), *_answers(world)]


def draw(world: World, number: int, row: str = "n") -> str:
    """A number from 0 to below 1 that follows from the row."""
    return f"((hashint8extended({row}, {world.seed * 1000 + number}) & 2147483647) / 2147483648.0)"


def chosen(shares: dict[str, float], number: str) -> str:
    """The key into whose share of a hundred a draw falls; null: into none."""
    branches, until = [], 0.0
    for key, share in shares.items():
        until += share
        branches.append(f"when {number} < {until / 100:.6f} then '{key}'")
    return f"case {' '.join(branches)} end"


def _people(world: World) -> list[str]:
    last = _names([*SURNAMES["general"].split(), *SURNAMES["hispanic"].split(), *SURNAMES["asian"].split()])
    first = _names(sorted({name for texts in FIRST_NAMES.values() for text in texts for name in text.split()}))
    # the first county has an eighth of the people, whole districts lie in it
    place = draw(world, 1)
    county = f"floor({COUNTIES} * {place} ^ {1 if world.is_uniform else 2})::int"
    districts = ", ".join(
        f"'ocd-division/country:us/state:' || lower(state) || '/{kind}:' || 1 + floor({count} * {place})::int"
        for kind, count in DISTRICTS.values()
    )
    columns = (
        "voter_id, state, state_voter_id, first_name, middle_name, last_name, birth_year, party, registration_status"
    )
    columns += f", is_protected, county_fips, division_ids, {', '.join(DISTRICTS)}"
    return [
        f"""
        insert into intermediate.int_voter_keys (voter_id, state, state_voter_id)
        select n, case when n <= {world.voters} then '{STATE}' else '{OTHER_STATE}' end, lpad(n::text, 9, '0')
        from generate_series(1, {world.voters * 51 // 50}) as n
        """,
        f"""
        insert into marts.dim_voters ({columns})
        select n, state, state_voter_id,
            ({first[0]})[1 + floor({first[1]} * {draw(world, 2)} ^ 2)::int],
            chr(65 + floor(26 * {draw(world, 3)})::int),
            ({last[0]})[1 + floor({last[1]} * {draw(world, 4)} ^ 2)::int],
            case when {draw(world, 5)} < 0.99 then 2008 - floor(82 * {draw(world, 6)} ^ 1.3)::int end,
            {chosen(PARTIES, draw(world, 7))}, 'active', n % 5000 = 0,
            case state when '{STATE}' then '42' else '32' end || lpad((1 + 2 * {county})::text, 3, '0'), '{{}}',
            {districts}
        from (select voter_id as n, state, state_voter_id from intermediate.int_voter_keys) as keys
        """,
        """
        insert into marts.person_ids (namespace, scope, external_id, voter_id, is_inherited)
        -- spread over the voters, as numbers of real systems are
        select 'dwid', '', (100000000 + (voter_id * 7919::bigint) % 899999981)::text, voter_id, false
        from intermediate.int_voter_keys
        """,
        "analyze intermediate.int_voter_keys; analyze marts.dim_voters; analyze marts.person_ids",
    ]


def _names(names: list[str]) -> tuple[str, int]:
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    return f"array[{quoted}]", len(names)


def _ballots(world: World) -> list[str]:
    kinds = {kind: share for kind, (_, share) in SUPPRESSED.items()}
    scopes = " ".join(f"when '{kind}' then '{scope}'" for kind, (scope, _) in SUPPRESSED.items())
    return [
        f"""
        insert into marts.ballot_status (voter_id, state, election_on, ballot_status, status_on)
        select voter_id, state, date '{ELECTION}', status,
            date '{AS_OF}' - floor(30 * {draw(world, 11, "voter_id")})::int
        from (
            select *, {chosen(dict(BALLOTS), draw(world, 10, "voter_id"))} as status from intermediate.int_voter_keys
        ) as drawn
        where status is not null
        """,
        f"""
        insert into marts.suppressions (voter_id, state, phone, scope, kind, caller_partner_id, effective_on)
        select voter_id, state, '', case kind {scopes} end, kind, '', date '{AS_OF}' - 20
        from (
            select *, {chosen(dict(kinds), draw(world, 12, "voter_id"))} as kind from intermediate.int_voter_keys
        ) as drawn
        where kind is not null
        """,
        "analyze marts.ballot_status; analyze marts.suppressions",
    ]


def _contacts(world: World) -> list[str]:
    partner, shift = _by_partner(world)
    if world.is_uniform:
        voter, channel = f"floor({world.voters} * {draw(world, 21)})::bigint", f"floor(8 * {draw(world, 22)})::int"
    else:
        # the first people of a list are called most, and six of ten are on one; lists of partners overlap
        voter = f"floor({world.voters} * (0.4 * {draw(world, 21)} ^ 1.7 + {shift}))::bigint"
        channel = f"floor(8 * {draw(world, 22)} ^ 3)::int"
    return [
        f"""
        create temporary table arrived as
        select
            n, md5(n::text)::uuid as contact_id, partners.partner_no,
            (1 + ({voter} * 600011) % {world.voters})::int as voter_id, (1 + {channel})::smallint as channel_no,
            date '{AS_OF}' - floor({DAYS} * {draw(world, 23)} ^ 2)::int as contact_on
        from generate_series(1, {world.contacts}) as n
        inner join marts.dim_partners as partners on partners.partner_id = {partner}
        """,
        """
        insert into marts.fct_contacts (contact_id, partner_no, voter_id, channel_no, result_no, contacted_at,
            contact_on, source_count)
        select contact_id, partner_no, voter_id, channel_no, 1 + n % 2,
            contact_on + interval '16 h' + n % 20000 * interval '1 s', contact_on, 1
        from pg_temp.arrived
        """,
        "analyze pg_temp.arrived",
        "vacuum analyze marts.fct_contacts",
    ]


def _by_partner(world: World) -> tuple[str, str]:
    """Which partner contact n is of, and the shift of its people."""
    number = draw(world, 20)
    partner = chosen({name: 100 * share for name, (share, _) in PARTNERS.items()}, number)
    shifts = " ".join(f"when '{name}' then {shift}" for name, (_, shift) in PARTNERS.items())
    return f"coalesce({partner}, '{BIG}')", f"case coalesce({partner}, '{BIG}') {shifts} end"


def _answers(world: World) -> list[str]:
    """A contact answers each contest and question or not; what and about whom is drawn."""
    asked = " union all ".join(
        f"select '{name}' as asked, {share} as share" for name, share in {**CONTESTS, **QUESTIONS}.items()
    )
    share = "1.0" if world.is_uniform else "asked.share"
    skew = 1 if world.is_uniform else 1.6
    row = "arrived.n * 64 + topics.place"
    return [
        f"""
        create temporary table topics as
        select
            topic_id, contest_id is not null as is_contest, asked.asked, {share} as share,
            row_number() over (order by asked.asked) as place,
            row_number() over (partition by asked.asked order by candidate_id) - 1 as candidate,
            (select count(*) from vocabulary.answers where answers.question_code = topics.question_code) as codes
        from marts.dim_topics as topics
        inner join ({asked}) as asked on asked.asked = coalesce(topics.contest_id, topics.question_code)
        """,
        f"""
        insert into marts.fct_voter_responses (contact_id, contacted_at, voter_id, contact_on, partner_no, feed_no,
            topic_id, answer_code, channel_no, on_ballot, record_id)
        select contact_id, contact_on + interval '16 h' + n % 20000 * interval '1 s', voter_id, contact_on,
            partner_no, partner_no, topic_id,
            (1 + floor(codes * {draw(world, 31, row)} ^ {skew}))::smallint, channel_no,
            case when is_contest then true end, n || '-' || topic_id
        from pg_temp.arrived as arrived
        cross join pg_temp.topics as topics
        where {draw(world, 32, row)} < share
            -- eight of ten answers about an office are about the first candidate
            and candidate = case when is_contest and {draw(world, 33, "arrived.n")} > 0.8 then 1 else 0 end
        """,
        "drop table pg_temp.arrived; drop table pg_temp.topics",
        "vacuum analyze marts.fct_voter_responses",
    ]
