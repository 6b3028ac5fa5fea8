"""Debian's PostgreSQL JDBC driver, as Tableau, Looker and Metabase use the driver: catalog calls, then queries."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.bi.doors import CHART, TYPED, Door
from tests.bi.programs import CLIENT_SOURCES, JDBC_DRIVER, needed, output

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]

# The driver's getIndexInfo reads the number of rows and pages of every index, which would tell the size of others'
# tables. A view has no index: nothing is missed, and tools that ask go on without.
REFUSED_WHEN_HARDENED = {"getIndexInfo"}


def look_around(door: Door, queries: dict[str, str], options: str = "") -> dict[str, list[list[str]]]:
    """What the program saw: for each kind of thing the fields of its lines. A query's row: name, then class and text.

    options: what a tool's box for additional connection options holds.
    """
    command = [
        needed("java", "default-jdk-headless"),
        "-XX:TieredStopAtLevel=1",
        "-cp",
        needed(JDBC_DRIVER, "libpostgresql-jdbc-java"),
        str(CLIENT_SOURCES / "LookAround.java"),
    ]
    asked = "".join(f"{name}\t{' '.join(query.split())}\n" for name, query in queries.items())
    seen: dict[str, list[list[str]]] = defaultdict(list)
    for line in output(command, door.libpq() | {"JDBC_OPTIONS": options}, asked).splitlines():
        kind, *fields = line.split("\t")
        seen[kind].append(fields)
    return seen


def test_jdbc_lists_reads_charts_and_is_refused(door: Door) -> None:
    """Would have caught a catalog column that the driver needs, hidden with those that tell too much."""
    queries = {
        **{view: f"select * from {view}" for view in door.views()},
        **{f"forbidden {relation}": f"select * from {relation}" for relation in door.forbidden()},
        "value:chart": CHART,
        "value:typed": TYPED,
    }
    seen = look_around(door, queries)

    (((_, server),), ((schema,),)) = seen["version"], seen["schema"]
    assert schema == door.user and server.startswith("18"), "the partner's schema is where the driver looks"
    assert seen["table"] == [[view, "VIEW", door.comment(view)] for view in door.views()]
    described = {view: door.described(view) for view in door.views()}
    assert {(view, name, comment) for view, name, _, comment in seen["column"]} == {
        (view, name, comment) for view, columns in described.items() for name, _, comment in columns
    }
    refused = {name for name, answer, _ in seen["catalog"] if answer != "ok"}
    assert refused == (REFUSED_WHEN_HARDENED if door.is_hardened else set())

    counted = {name: int(rows) for name, rows in seen["rows"]}
    assert {view: counted[view] for view in door.views()} == door.row_counts()
    values = {name: [row[1:] for row in seen["row"] if row[0] == name] for name in ("chart", "typed")}
    chart = [(county, int(answer), int(voters)) for _, county, _, answer, _, voters in values["chart"]]
    assert chart == door.rows(CHART) != []
    (typed,) = values["typed"]
    assert typed[::2] == ["java.sql.Date", "java.lang.Boolean", "java.lang.Integer", "java.lang.String"]
    ((day, is_own, answer, person),) = door.rows(TYPED)
    assert typed[1::2] == [str(day), "t" if is_own else "f", str(answer), person]

    assert {(name, state) for name, state in seen["refused"]} == {
        (f"forbidden {relation}", "42501") for relation in door.forbidden()
    }


def test_metabases_connection_option_opens_the_stand_ins(door: Door) -> None:
    """Would have caught a search path that the driver does not take, or that moves the partner's own schema."""
    queries = {
        "counts": "select schemaname, relname, n_live_tup from pg_stat_user_tables",
        "voters": "select * from voters",
    }
    seen = look_around(door, queries, f"?currentSchema={door.user},clients,pg_catalog")
    assert seen["schema"] == [[door.user]]
    assert {name: int(rows) for name, rows in seen["rows"]} == {"counts": 0, "voters": door.row_counts()["voters"]}
