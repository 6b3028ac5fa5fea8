"""Deliveries of responses, as Parquet: the world that all ways of building the mart start from.

Everything follows from the sizes and the seed. Skewed as real lists are: a tenth of the voters gets half the calls,
four of 40 topics three quarters of the answers. Half of the feeds know only the day of a contact, so that answers tie.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

PARTNERS = 12
FEEDS = 24
TOPICS = 40
BATCH = 100_000
# of the deliveries a twentieth is an event that came before; in the batch each of them moves
RESENT = 20
FIRST_DAY = "timestamptz '2026-06-01 00:00:00+00'"
DAYS = 150


@dataclass(frozen=True)
class World:
    """Sizes of one case. `responses` are live ones: deliveries are a twentieth more."""

    responses: int
    voters: int = 2_000_000
    batch: int = BATCH
    seed: int = 1

    @property
    def label(self) -> str:
        return f"{self.responses / 1e6:g} M responses"


def _chance(name: str, below: int, row: str = "event") -> str:
    """A number from 0 to below - 1 that follows from the row, the seed and the name."""
    return f"(hash({row}, seed, '{name}') % {below})::int"


def _events(source: str) -> str:
    """One row per delivery of `source` (event, delivery): what the event says in this delivery."""
    # the voter and the answer of an event change with its delivery; who asked, when and about what do not
    version = "event * 4 + delivery"
    moved = f"case when delivery = 0 then event else {version} end"
    share = f"(hash({moved}, seed, 'voter') % 4294967296) / 4294967296.0"
    return f"""
        select
            feed_no::smallint as feed_no,
            'r' || lpad(event::text, 9, '0') as record_id,
            delivery::int as delivery,
            ((feed_no - 1) // 2 + 1)::smallint as partner_no,
            ('00000000-0000-4000-8000-' || lpad((event // 2)::text, 12, '0'))::uuid as contact_id,
            floor(voters * if({share} < 0.5, {share} * 0.2, {share} * 1.8 - 0.8))::int + 1 as voter_id,
            (1 + if({_chance("share", 4)} > 0, {_chance("common", 4)}, {_chance("rare", TOPICS)}))::smallint
                as topic_id,
            ({_chance("answer", 5, version)} + 1)::smallint as answer_code,
            ({_chance("channel", 3)} + 1)::smallint as channel_no,
            {FIRST_DAY} + to_days(day) + to_microseconds(if(feed_no % 2 = 0, 0, micros)) as contacted_at,
            date '2026-06-01' + day as contact_on,
            {_chance("ballot", 10)} > 0 as on_ballot
        from (
            select
                *,
                {_chance("feed", FEEDS)} + 1 as feed_no,
                {_chance("day", DAYS)} as day,
                (hash(event, seed, 'time') % 86400000000)::bigint as micros
            from ({source})
        )
    """


def write(world: World, folder: Path) -> None:
    """deliveries.parquet (everything so far, a twentieth of it twice) and batch.parquet (what comes next)."""
    with duckdb.connect() as con:
        # row groups in the order of arrival; one thread's memory suffices for 20 M
        con.execute(f"create macro sizes() as table select {world.voters} as voters, {world.seed} as seed")
        first = f"select range as event, 0 as delivery from range({world.responses})"
        again = f"select range * {RESENT} as event, 1 as delivery from range({world.responses // RESENT})"
        new = f"select {world.responses} + range as event, 0 as delivery from range({world.batch * 19 // 20})"
        # spread over all that came before
        step = world.responses // (world.batch // RESENT)
        corrected = f"select range * {step} + 1 as event, 2 as delivery from range({world.batch // RESENT})"
        for name, source in (("deliveries", f"{first} union all {again}"), ("batch", f"{new} union all {corrected}")):
            query = _events(f"select * from ({source}), sizes()")
            con.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")


# the live version of each event, as facts are after every delivery so far
LIVE = "select * from {source} qualify row_number() over (partition by feed_no, record_id order by delivery desc) = 1"


def feeds() -> dict[int, str]:
    """feed_id by feed_no. Their order is not that of the numbers, and depends on what a capital and a dash sort as."""
    marks = ("a_", "A-", "Z", "z-", "Ab", "b")
    return {number: f"{marks[number % len(marks)]}feed{number:02}" for number in range(1, FEEDS + 1)}
