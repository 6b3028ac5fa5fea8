"""A small spine and small feeds as dbt would build them, written straight into the tables that matching reads."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import dict_row

from exchange import matching
from exchange.settings import Settings
from exchange.warehouse.connection import connect

PERSON = (
    "first_name", "middle_name", "last_name", "suffix", "birth_date", "address", "city", "zip", "phones", "emails",
)  # fmt: skip
FIRST = "Mary John Ana Li Omar Eve Ruth Paul Nina Karl Ivan Sofia Jose Aaron Dana Peter Grace Henry Louis Irene"
LAST = (
    "Smith Jones Garcia Nguyen Miller O'Neil Brown Lee Kim Lopez Clark Young Hall Wright Adams Baker Reyes Price"
    " Foster Bryant Diaz Hayes Myers Ford Hamilton Graham Sullivan Wallace Woods Cole West Jordan Owens Reynolds"
)
STREET = "Oak Main Elm Pine Cedar Lake Hill Park Maple View"

Row = dict[str, Any]
_VOTERS = ("voter_id", "state", *PERSON)
_IDENTITIES = ("feed_id", "identity_key", "state", *PERSON, "id_voter_id")
_KEYS = ("voter_id", "state", "state_voter_id")


@dataclass
class Store:
    """What dbt built. `voters` may be matched; `keys` has everybody ever seen (voter_id -> state, state_voter_id)."""

    settings: Settings
    voters: dict[int, Row] = field(default_factory=dict)
    identities: dict[tuple[str, str], Row] = field(default_factory=dict)
    keys: dict[int, tuple[str, str]] = field(default_factory=dict)

    def build(self) -> None:
        """Make the tables anew, as dbt does."""
        for voter_id, row in self.voters.items():
            self.keys.setdefault(voter_id, (row["state"], f"{row['state']}{voter_id:06}"))
        identities = [{"feed_id": f, "identity_key": k, **row} for (f, k), row in self.identities.items()]
        keys = [{"voter_id": v, "state": s, "state_voter_id": i} for v, (s, i) in self.keys.items()]
        self._table("int_voters__matchable", _VOTERS, ({"voter_id": v, **row} for v, row in self.voters.items()))
        self._table("int_identities", _IDENTITIES, identities)
        self._table("int_voter_keys", _KEYS, keys)
        self._table("int_voter_survivors", _KEYS, keys)

    def match(self, *, full: bool = False) -> matching.MatchRun:
        """All steps of a refresh between the two halves of dbt."""
        self.build()
        matching.sync_voters(self.settings)
        matching.sync_identities(self.settings)
        matching.ensure_model(self.settings)
        return matching.make_matches(self.settings, full=full)

    def matched(self, key: str, feed: str = "canvass") -> Row:
        """The row of matching.matches of one identity."""
        [row] = self.rows("select * from matching.matches where feed_id = %s and identity_key = %s", feed, key)
        return row

    def rows(self, query: LiteralString, *values: Any) -> list[Row]:
        """Rows of a query, as the role dbt."""
        with connect(self.settings, "dbt", row_factory=dict_row) as conn:
            return conn.execute(query, values).fetchall()

    def run(self, statement: LiteralString, *values: Any) -> None:
        """Run a statement as the role dbt."""
        with connect(self.settings, "dbt") as conn:
            conn.execute(statement, values)

    def _table(self, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        table = sql.Identifier("intermediate", name)
        kinds = {"voter_id": "int", "id_voter_id": "int"}
        described = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kinds.get(column, "text"))) for column in columns
        )
        with connect(self.settings, "dbt") as conn:
            conn.execute(sql.SQL("drop table if exists {}").format(table))
            conn.execute(sql.SQL("create table {} ({})").format(table, described))
            with conn.cursor() as cursor, cursor.copy(sql.SQL("copy {} from stdin").format(table)) as copy:
                for row in rows:
                    copy.write_row([row.get(column) for column in columns])


def forget_everything(settings: Settings) -> None:
    """Matching as on the first day."""
    with connect(settings, "dbt") as conn:
        tables = conn.execute("select tablename from pg_tables where schemaname = 'matching'").fetchall()
        for (table,) in tables:
            conn.execute(sql.SQL("drop table {} cascade").format(sql.Identifier("matching", table)))
        conn.execute("drop table if exists ops.match_review")


def person(chance: random.Random, state: str = "NC") -> Row:
    """A voter as delivered. ZIPs are few, so that people share keys."""
    first, last = chance.choice(FIRST.split()), chance.choice(LAST.split())
    return {
        "state": state,
        "first_name": first,
        "middle_name": chance.choice([None, None, *FIRST.split()]),
        "last_name": last,
        "suffix": chance.choice([None] * 12 + ["Jr", "Sr"]),
        "birth_date": f"{chance.randint(1935, 2006)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "address": f"{chance.randint(1, 400)} {chance.choice(STREET.split())} St",
        "city": "Springfield",
        "zip": f"2750{chance.randint(0, 9)}",
        "phones": None if chance.random() < 0.4 else f"919{chance.randint(2000000, 9999999)}",
        "emails": None if chance.random() < 0.7 else f"{first}.{last}{chance.randint(1, 99)}@example.org".lower(),
    }


def contact(chance: random.Random, voter: Row) -> Row:
    """What a feed might know of this voter: some columns, some of them worn."""
    row = {**voter, **{name: None for name in PERSON if chance.random() < 0.25}}
    if row["first_name"] and chance.random() < 0.1:
        row["first_name"] = row["first_name"][0]
    if row["last_name"] and chance.random() < 0.1:
        row["last_name"] = row["last_name"][:-1] + "x"
    if chance.random() < 0.1:
        row["state"] = None
    return row


def crowd(settings: Settings, voters: int, contacts: int, *, seed: int = 1, states: Sequence[str] = ("NC",)) -> Store:
    """A spine, and one feed about four of five of its voters and about strangers; a third of the rows has an id."""
    chance = random.Random(seed)
    store = Store(settings)
    for voter_id in range(1, voters + 1):
        store.voters[voter_id] = person(chance, chance.choice(states))
    for number in range(contacts):
        voter_id = chance.randint(1, voters)
        is_voter = chance.random() < 0.8
        row = contact(chance, store.voters[voter_id] if is_voter else person(chance, chance.choice(states)))
        has_id = is_voter and chance.random() < 0.33
        store.identities["canvass", f"p{number}"] = {**row, "id_voter_id": voter_id if has_id else None}
    return store
