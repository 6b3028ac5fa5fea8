"""A partner's login in two databases of one exchange: as published, and in a copy whose catalogs tell everybody
everything, as Postgres ships them. A client must see the same through both.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.worlds.running import RunningExchange

PARTNER = "lopez_for_governor"
# on the other side of the firewall
STRANGER = "voter_voice"
OPEN_DATABASE = "exchange_with_open_catalogs"
# The chart every client draws: support for governor by county.
CHART = """
select county_fips, support_governor, count(*) as voters
from voters
where support_governor is not null
group by county_fips, support_governor
order by county_fips, support_governor
"""
# One row with a value of each type: date, boolean, number, text.
TYPED = """
select responded_from, is_own, answer_code, person_id
from voter_responses
where is_own
order by responded_from desc, person_id, question_code, contest_id, candidate_id
limit 1
"""
# What initdb granted: Postgres notes it for the objects where it is not the default, so the others had none.
AS_POSTGRES_SHIPS_THEM = """
update pg_proc set proacl = (
    select initprivs from pg_init_privs where classoid = 'pg_proc'::regclass and objoid = pg_proc.oid
) where pronamespace = 'pg_catalog'::regnamespace;
update pg_class set relacl = (
    select initprivs from pg_init_privs where classoid = 'pg_class'::regclass and objoid = pg_class.oid and objsubid = 0
) where relnamespace = 'pg_catalog'::regnamespace;
update pg_attribute set attacl = (
    select initprivs from pg_init_privs
    where classoid = 'pg_class'::regclass and objoid = attrelid and objsubid = attnum
) where attrelid in (select oid from pg_class where relnamespace = 'pg_catalog'::regnamespace);
update pg_language set lanacl = null;
"""


@dataclass(frozen=True)
class Door:
    """Where a partner connects, and as whom. `stranger`: another partner's schema."""

    host: str
    port: int
    database: str
    user: str
    password: str
    stranger: str
    is_hardened: bool

    def libpq(self) -> dict[str, str]:
        """The environment in which psql, R and other programs connect without being told how."""
        return os.environ | {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.database,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
        }

    def url(self, driver: str = "postgresql") -> str:
        return f"{driver}://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the same login reads with psycopg: what every other client is compared with."""
        with psycopg.connect(self.url()) as connection:
            # the queries are constants of these tests
            return connection.execute(query).fetchall()

    def views(self) -> list[str]:
        """The partner's views, from its own data dictionary."""
        return [name for (name,) in self.rows("select distinct view_name from data_dictionary order by 1")]

    def columns(self) -> dict[str, list[str]]:
        """The columns of each view, in order."""
        return {view: [name for name, *_ in self.described(view)] for view in self.views()}

    def described(self, view: str) -> list[tuple[str, str, str | None]]:
        """Name, type and comment of each column of a view, in order."""
        return [
            (name, kind, comment)
            for name, kind, comment in self.rows(
                "select attname::text, format_type(atttypid, atttypmod), col_description(attrelid, attnum)"
                f" from pg_attribute where attrelid = '{view}'::regclass and attnum > 0 order by attnum"
            )
        ]

    def comment(self, view: str) -> str | None:
        ((comment,),) = self.rows(f"select obj_description('{view}'::regclass, 'pg_class')")
        return None if comment is None else str(comment)

    def row_counts(self) -> dict[str, int]:
        return {view: self.rows(f"select count(*) from {view}")[0][0] for view in self.views()}

    def forbidden(self) -> list[str]:
        """Relations that exist and that this login must not read."""
        return [f"{self.stranger}.voters", "published.voters", "marts.voter_responses_current"]


def hardened_door(exchange: RunningExchange) -> Door:
    """The partner's login as the exchange gives it."""
    login = exchange.door(PARTNER)
    return Door(
        host=login["host"],
        port=login["port"],
        database=login["dbname"],
        user=login["user"],
        password=login["password"],
        stranger=exchange.door(STRANGER)["schema"],
        is_hardened=True,
    )


def open_door(exchange: RunningExchange) -> Door:
    """The same login in a copy of the whole database in which nothing of Postgres' own is hidden."""
    hardened = hardened_door(exchange)
    copying = sql.SQL("create database {} template {}")
    # a database that is copied must have no session but this
    with _connect_as_admin(exchange, "postgres") as admin:
        admin.execute(copying.format(sql.Identifier(OPEN_DATABASE), sql.Identifier(hardened.database)))
    with _connect_as_admin(exchange, OPEN_DATABASE) as admin:
        admin.execute(AS_POSTGRES_SHIPS_THEM)
    return replace(hardened, database=OPEN_DATABASE, is_hardened=False)


def _connect_as_admin(exchange: RunningExchange, database: str) -> psycopg.Connection[Any]:
    url = exchange.command("db", "url").strip().splitlines()[-1]
    return psycopg.connect(make_conninfo(url, dbname=database), autocommit=True)
