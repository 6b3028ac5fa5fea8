"""Strict mode, as the partner's role: the same contract in a database of its own, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import tuple_row
from pydantic import SecretStr

from exchange.errors import ExchangeError
from exchange.publishing import acknowledgement, copying, logins
from exchange.publishing.acknowledgement import Acknowledged, acknowledgements
from exchange.publishing.copying import views_of
from exchange.publishing.doors import Door
from exchange.publishing.strict import collect_acknowledgements, copy_to_partner_databases, database_of
from exchange.publishing.transaction import only_publication
from exchange.registry import Partner
from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, connection_info, ensure_running
from exchange.warehouse.server import EmbeddedServer
from tests.servers import external_database, fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

A, B = "p_aaaaaa", "p_bbbbbb"
PARTNERS = {A: Partner(partner_id="alder", share_schema=A), B: Partner(partner_id="birch", share_schema=B)}
# what a publication makes; `notes` is a view over a table without digests
PUBLICATION = """
create table published.voters (audience_id int, person_id text, names text[], born date, _row_digest uuid)
    partition by list (audience_id);
create table published.voters_1 partition of published.voters for values in (1);
create table published.voters_2 partition of published.voters for values in (2);
create index on published.voters (person_id);
create table published.notes_1 (note text, secret text);
"""
DOOR = """
create schema {role} authorization exchange_owner;
create view {role}.voters with (security_invoker = true)
    as select person_id, names, born from published.voters_{number};
create view {role}.notes with (security_invoker = true) as select note from published.notes_1;
comment on view {role}.voters is 'One row per person.';
comment on column {role}.voters.born is 'Day of birth.';
grant usage on schema {role} to {role};
grant select (person_id, names, born) on published.voters_{number} to {role};
grant select (note) on published.notes_1 to {role};
grant select on {role}.voters, {role}.notes to {role};
"""
THEN = datetime(2026, 10, 20, 15, tzinfo=UTC)
# the numbers of the partners' change feeds, and what the newest publication retracted there
FEED = """
insert into published.audience_change values (1, '{then}', 3), (2, '{then}', 1);
insert into published.publication_partner values (2, 'alder', 1, 3, 5), (2, 'birch', 2, 1, 2);
"""


@dataclass
class Warehouse:
    settings: Settings
    passwords: dict[str, str]

    def admin(self, **arguments: Any) -> psycopg.Connection[Any]:
        return connect(self.settings, autocommit=True, row_factory=tuple_row, **arguments)

    def partner(self, role: str, dbname: str | None = None) -> psycopg.Connection[Any]:
        admin = connection_info(self.settings)
        update = {
            "user": role,
            "password": SecretStr(self.passwords[role]),
            "dbname": dbname or database_of(self.settings, role, admin.dbname),
        }
        return psycopg.connect(admin.model_copy(update=update).url(), autocommit=True, row_factory=tuple_row)

    def publish(self, text: str) -> None:
        with self.admin() as admin, admin.transaction():
            admin.execute("set local role exchange_owner")
            admin.execute(text)

    def record_publications(self) -> None:
        """Two that are recorded as a publication does it: one that opens both doors, one that retracts rows."""
        wanted = [Door("alder", A, 1, "ids"), Door("birch", B, 2, "ids")]
        with self.admin() as admin:
            for opened in ({1, 2}, set[int]()):
                with only_publication(admin) as cursor:
                    cursor.execute(
                        "insert into published.publication (as_of, refresh_id, file_ids, changes)"
                        " values (%s, 1, '{}', '{}')",
                        (THEN,),
                    )
                    acknowledgement.open_to(cursor, wanted, {}, opened)
            admin.execute(FEED.format(then=THEN.isoformat()))

    def acknowledged(self, role: str) -> Acknowledged:
        """What an operator is told a week later."""
        collect_acknowledgements(self.settings)
        with connect(self.settings, autocommit=True) as admin:
            found = acknowledgements(admin, THEN + timedelta(days=8), 7)
        return next(one for one in found if one.partner_id == PARTNERS[role].partner_id)

    def copy(self) -> dict[str, int]:
        return copy_to_partner_databases(self.settings).rows


def person(audience: int, person_id: str, name: str = "Ada") -> str:
    return (
        f"insert into published.voters select {audience}, '{person_id}', array['{name}', null], '1990-02-03',"
        f" md5('{audience} {person_id} {name}')::uuid;"
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("strict"), strict=True)) as settings:
        yield published_and_copied(settings)


def published_and_copied(settings: Settings) -> Warehouse:
    with connect(settings, autocommit=True) as admin:
        strict = settings.strict
        passwords = {role: logins.rotate_password(admin, who, strict=strict) for role, who in PARTNERS.items()}
    made = Warehouse(settings, passwords)
    made.publish(PUBLICATION)
    with made.admin() as admin:
        for number, role in enumerate((A, B), start=1):
            admin.execute(DOOR.format(role=role, number=number))
            for view in ("voters", "notes"):
                admin.execute(f"alter view {role}.{view} owner to exchange_owner")
    made.publish(person(1, "007") + person(1, "008") + person(2, "900"))
    made.publish("insert into published.notes_1 values ('n', 's')")
    made.record_publications()
    made.copy()
    return made


def test_the_contract_is_the_same(warehouse: Warehouse) -> None:
    with warehouse.partner(A) as session:
        assert session.execute("select * from voters order by person_id").fetchall() == [
            (person_id, ["Ada", None], date(1990, 2, 3)) for person_id in ("007", "008")
        ]
        assert session.execute("select * from notes").fetchall() == [("n",)]
        assert session.execute("select current_schema(), current_database()").fetchall() == [(A, A)]
    with warehouse.admin() as main, warehouse.admin(dbname=A) as own:
        there, here = views_of(own, A), views_of(main, A)
    assert [(view.name, view.comment, view.columns) for view in there] == [
        (view.name, view.comment, view.columns) for view in here
    ]


def test_the_way_into_other_databases_is_closed(warehouse: Warehouse) -> None:
    for database in ("exchange", B, "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            warehouse.partner(A, database)


def test_nothing_of_others_is_there(warehouse: Warehouse) -> None:
    with warehouse.partner(A) as session:
        relations = session.execute(
            "select relnamespace::regnamespace::text, relname::text from pg_class"
            " where relnamespace::regnamespace::text !~ '^(pg_|information_schema)' and relkind in ('r', 'v', 'p', 'm')"
            " order by 1, 2"
        ).fetchall()
        empty_stand_in = ("clients", "pg_stat_user_tables")
        views = [(A, "notes"), (A, "voters")]
        tables = [("published", name) for name in ("acknowledgement", "feed", "notes", "voters")]
        assert relations == [empty_stand_in, *views, *tables]
        schemas = session.execute("select nspname::text from pg_namespace where nspname !~ '^pg_'").fetchall()
        assert sorted(name for (name,) in schemas) == ["clients", "information_schema", A, "public", "published"]
        databases = [name for (name,) in session.execute("select datname::text from pg_database")]
        assert sorted(databases) == ["exchange", A, B, "postgres", "template0", "template1"]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from published.voters",
        "select _row_digest from published.voters",
        "select * from published.acknowledgement",
        "insert into published.acknowledgement values ('p_aaaaaa', 1, 3, now())",
        "update published.feed set newest = 100",
        "select published.acknowledge_changes('p_bbbbbb', 1)",
        "set role exchange_acknowledger",
        "select pg_get_viewdef('voters'::regclass)",
        "select reltuples from pg_class",
        "select pg_database_size('p_bbbbbb')",
        "select * from pg_stat_database",
        "select * from pg_stat_activity",
        "select * from pg_stats",
        "create temporary table t (a int)",
        "create table public.t (a int)",
        "do $$ begin end $$",
    ],
)
def test_its_database_is_as_quiet_as_the_shared_one(warehouse: Warehouse, statement: str) -> None:
    with warehouse.partner(A) as session:
        session.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)


def functions(conn: psycopg.Connection[Any], role: str) -> list[tuple[Any, ...]]:
    """What the partner can call, as it sees it: name, arguments, result, meaning, settings, who may call it."""
    return conn.execute(
        "select proname::text, pg_get_function_arguments(oid), prorettype::regtype::text,"
        " obj_description(oid, 'pg_proc'), prosecdef, proconfig,"
        " array(select grantee::regrole::text from aclexplode(proacl) order by 1)"
        " from pg_proc where pronamespace = %s::regnamespace",
        (role,),
    ).fetchall()


def test_a_partner_acknowledges_in_its_own_database(warehouse: Warehouse) -> None:
    """Would have caught another contract there, and an operator who is told that a partner who did it is overdue."""
    with warehouse.admin() as main, warehouse.admin(dbname=A) as own:
        assert functions(own, A) == functions(main, A) != []
        before = views_of(own, A)
    assert warehouse.acknowledged(A).overdue_since == THEN + timedelta(days=7)
    with warehouse.partner(A) as session:
        for said, upto in ((1, 1), (3, 3), (3, 3), (2, 3)):
            assert session.execute(f"select acknowledge_changes({said})").fetchone() == (upto,), "never less"
        for number in ("4", "0", "null"):
            with pytest.raises(psycopg.errors.InvalidParameterValue):
                session.execute(f"select acknowledge_changes({number})")
    told = warehouse.acknowledged(A)
    assert (told.acknowledged_until, told.unacknowledged_rows, told.overdue_since) == (3, 0, None)
    assert warehouse.acknowledged(B).overdue_since is not None
    # nothing is left to copy, and nothing else became different
    assert warehouse.copy() == {A: 0, B: 0}
    with warehouse.admin(dbname=A) as own, warehouse.admin() as main:
        assert (views_of(own, A), functions(own, A)) == (before, functions(main, A))
        rows = main.execute("select role_name, publication_id from published.acknowledgement").fetchall()
        assert rows == [(A, 3)]


def test_an_open_acknowledgement_makes_no_copy_wait(warehouse: Warehouse) -> None:
    """Would have caught a partner that stops its own news, and then everybody's."""
    with warehouse.partner(B) as session, session.transaction(force_rollback=True):
        session.execute("select acknowledge_changes(1)")
        with warehouse.admin() as admin:
            admin.execute("update published.audience_change set publication_count = 2 where audience_id = 2")
        assert warehouse.copy() == {A: 0, B: 0}
    with warehouse.partner(B) as session:
        assert session.execute("select acknowledge_changes(2)").fetchone() == (2,)


def test_a_feed_that_counts_anew_is_acknowledged_anew(warehouse: Warehouse) -> None:
    with warehouse.admin() as admin:
        admin.execute("update published.change_feed set began_with = began_with + 1 where role_name = %s", (B,))
        admin.execute("update published.audience_change set publication_count = 1 where audience_id = 2")
    warehouse.copy()
    assert warehouse.acknowledged(B).acknowledged_until is None
    with warehouse.partner(B) as session:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="your newest is 1"):
            session.execute("select acknowledge_changes(2)")
        assert session.execute("select acknowledge_changes(1)").fetchone() == (1,)
    assert warehouse.acknowledged(B).acknowledged_until == 1


def test_only_what_changed_is_written(warehouse: Warehouse) -> None:
    assert warehouse.copy() == {A: 0, B: 0}
    warehouse.publish(person(1, "009") + "delete from published.voters_1 where person_id = '008';")
    assert warehouse.copy() == {A: 2, B: 0}
    # two rows that are equal, and one of them gone again
    warehouse.publish(person(1, "009"))
    warehouse.copy()
    assert people(warehouse, A) == ["007", "009", "009"]
    warehouse.publish(
        "delete from published.voters_1 where ctid ="
        " (select max(ctid) from published.voters_1 where person_id = '009');"
    )
    warehouse.copy()
    assert people(warehouse, A) == ["007", "009"]
    assert warehouse.copy() == {A: 0, B: 0}


def people(warehouse: Warehouse, role: str) -> list[str]:
    with warehouse.partner(role) as session:
        return [person_id for (person_id,) in session.execute("select person_id from voters order by 1")]


def test_a_changed_contract_arrives_whole(warehouse: Warehouse) -> None:
    """Another column: the view is made again, also while a session of the partner holds the old one."""
    before = people(warehouse, B)
    reader = warehouse.partner(B)
    reader.execute("begin")
    reader.execute("select * from voters")
    with warehouse.admin() as admin:
        admin.execute("alter table published.voters add column party text default 'GRN'")
        admin.execute(f"drop view {B}.voters")
        admin.execute(
            f"create view {B}.voters with (security_invoker = true) as"
            " select person_id, names, born, party from published.voters_2"
        )
    warehouse.copy()
    with pytest.raises(psycopg.OperationalError):
        reader.execute("select 1")
    with warehouse.partner(B) as session:
        assert session.execute("select person_id, party from voters").fetchall() == [(each, "GRN") for each in before]


def test_a_copy_that_fails_changes_nothing_and_is_caught_up_with(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first partner's copy dies after its rows were written: it keeps the old ones, the second gets the new."""
    before = people(warehouse, A)
    warehouse.publish(person(1, "111") + person(2, "911"))
    whole = copying._copy_view

    def dies(source: Any, target: Any, role: str, view: Any, present: Any) -> int:
        written = whole(source, target, role, view, present)
        if role == A and view.name == "voters":
            raise psycopg.OperationalError("the line is cut")
        return written

    monkeypatch.setattr(copying, "_copy_view", dies)
    with pytest.raises(ExchangeError, match=f"{A}: the line is cut"):
        warehouse.copy()
    assert people(warehouse, A) == before
    assert "911" in people(warehouse, B)
    monkeypatch.undo()
    warehouse.copy()
    assert people(warehouse, A) == sorted([*before, "111"])


def test_a_database_that_lets_nobody_in_stops_no_other(warehouse: Warehouse) -> None:
    """Would have caught a refused connection, which is no psycopg.Error here, that left the others with old rows and
    the shared database open."""
    gone = "p_cccccc"
    with warehouse.admin() as admin:
        logins.rotate_password(admin, Partner(partner_id="cedar", share_schema=gone), strict=True)
        admin.execute("create schema p_cccccc authorization exchange_owner")
        warehouse.copy()
        admin.execute("drop schema p_cccccc")
        for role in (A, gone):
            admin.execute(f"alter database {role} allow_connections false")
        admin.execute(f"grant connect on database exchange to {B}")
        warehouse.publish(person(2, "912"))
        try:
            with pytest.raises(ExchangeError, match=f"as before are {A}, {gone}\\. Got .*The database refused"):
                warehouse.copy()
        finally:
            for role in (A, gone):
                admin.execute(f"alter database {role} allow_connections true")
        assert "912" in people(warehouse, B)
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            warehouse.partner(B, "exchange")
        assert copy_to_partner_databases(warehouse.settings).dropped == [gone]


@pytest.mark.parametrize("held", ["declare c cursor with hold for select * from voters", "select * from voters"])
def test_suspending_ends_sessions_at_once_whatever_they_hold(warehouse: Warehouse, held: str) -> None:
    session = warehouse.partner(A)
    session.execute("begin")
    session.execute(held)
    with warehouse.admin() as admin:
        logins.suspend(admin, PARTNERS[A])
        try:
            with pytest.raises(psycopg.OperationalError):
                session.execute("select 1")
            with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
                warehouse.partner(A)
            warehouse.copy()
            with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
                warehouse.partner(A)
        finally:
            logins.resume(admin, PARTNERS[A])
    assert people(warehouse, A)


def test_a_partner_that_is_no_more_loses_its_database(warehouse: Warehouse) -> None:
    role = "p_cccccc"
    with warehouse.admin() as admin:
        logins.rotate_password(admin, Partner(partner_id="cedar", share_schema=role), strict=True)
        admin.execute(sql.SQL("create schema {} authorization exchange_owner").format(sql.Identifier(role)))
        warehouse.copy()
        assert admin.execute("select count(*) from pg_database where datname = 'p_cccccc'").fetchone() == (1,)
        admin.execute(sql.SQL("drop schema {}").format(sql.Identifier(role)))
        assert copy_to_partner_databases(warehouse.settings).dropped == [role]
        assert admin.execute("select count(*) from pg_database where datname = 'p_cccccc'").fetchone() == (0,)


def test_leaving_strict_mode_opens_the_shared_database_again(warehouse: Warehouse) -> None:
    """Last: it takes the databases away, and the next copy makes them anew."""
    shared = Warehouse(warehouse.settings.model_copy(update={"strict": False}), warehouse.passwords)
    with warehouse.admin() as admin:
        admin.execute("update published.audience_change set publication_count = 9 where audience_id = 1")
    warehouse.copy()
    with warehouse.partner(A) as session:
        session.execute("select acknowledge_changes(7)")
    assert copy_to_partner_databases(shared.settings).dropped == [A, B]
    assert copy_to_partner_databases(shared.settings).dropped == []
    before = people(shared, A)
    with shared.partner(A) as session:
        assert session.execute("select current_database()").fetchone() == ("exchange",)
        # what was acknowledged in the other database is known here, and the other way round
        assert session.execute("select acknowledge_changes(1)").fetchone() == (7,)
        assert session.execute("select acknowledge_changes(8)").fetchone() == (8,)
        warehouse.copy()
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    assert people(warehouse, A) == before
    with warehouse.partner(A) as session:
        assert session.execute("select acknowledge_changes(1)").fetchone() == (8,)


def test_the_mode_alone_decides_who_gets_into_the_shared_database(warehouse: Warehouse) -> None:
    """Would have caught a rule by databases that exist: a new strict exchange has none yet, and on somebody else's
    server any may be called like a partner's."""
    shared = Warehouse(warehouse.settings.model_copy(update={"strict": False}), warehouse.passwords)
    names = ("dddddd", "eeeeee")
    first, second = (Partner(partner_id=name, share_schema=f"p_{name}", is_active=True) for name in names)
    with warehouse.admin() as admin:
        shared.copy()
        admin.execute("create role p_ffffff login")
        warehouse.passwords["p_dddddd"] = logins.create_login(admin, first, strict=True)
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            warehouse.partner("p_dddddd", "exchange")
        admin.execute("create database p_0f0f0f")
        warehouse.passwords["p_eeeeee"] = logins.create_login(admin, second, strict=False)
        warehouse.partner("p_eeeeee", "exchange").close()
        # strict mode is off, and everybody of this exchange is let in
        shared.copy()
        warehouse.partner("p_dddddd", "exchange").close()
        allowed = admin.execute("select has_database_privilege('p_ffffff', 'exchange', 'connect')").fetchone()
        assert allowed == (False,)


def test_an_administrator_who_is_no_superuser_is_enough(tmp_path: Path) -> None:
    """Would have caught a database that only superusers may fill: most managed servers give nobody such a right."""
    server = fresh_settings(tmp_path / "server")
    try:
        ensure_running(server)
        settings = external_database(server, tmp_path / "exchange", "shared", as_superuser=False)
        with connect(server, dbname="postgres", autocommit=True) as admin:
            admin.execute("alter role owner_of_shared createdb")
        managed = settings.model_copy(update={"strict": True})
        bootstrap(managed)
        warehouse = published_and_copied(managed)
        assert people(warehouse, A) == ["007", "008"]
        with warehouse.partner(A) as session:
            assert session.execute("select acknowledge_changes(3)").fetchone() == (3,)
        assert warehouse.acknowledged(A).acknowledged_until == 3
        shared = Warehouse(settings, warehouse.passwords)
        shared.copy()
        with shared.partner(A) as session:
            assert session.execute("select acknowledge_changes(1)").fetchone() == (3,)
    finally:
        EmbeddedServer(server).stop()
