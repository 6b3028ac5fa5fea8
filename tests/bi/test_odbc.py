"""Debian's PostgreSQL ODBC driver, as Excel and Power BI's ODBC connector use it: by isql, and by pyodbc."""

from __future__ import annotations

import json
import re

import pytest

from tests.bi.doors import CHART, TYPED, Door
from tests.bi.programs import CLIENT_SOURCES, client_python, needed, odbc_driver, output, run

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]

# of all that an ODBC tool may ask about a view, this driver is refused nothing
CATALOG_CALLS = (
    *("tables", "columns", "statistics", "primaryKeys", "foreignKeys"),
    *("rowIdColumns", "rowVerColumns", "procedures", "getTypeInfo"),
)


def connection_string(door: Door) -> str:
    """Without a DSN: what Excel and Power BI take in their connection string boxes."""
    return (
        f"Driver={odbc_driver()};Server={door.host};Port={door.port};Database={door.database};"
        f"Uid={door.user};Pwd={door.password};ReadOnly=1;BoolsAsChar=0"
    )


def isql(door: Door, command: str) -> tuple[int, str]:
    """One line typed into isql: its exit code, and what it printed, fields separated by `|`."""
    program = needed("isql", "unixodbc odbc-postgresql")
    done = run([program, "-b", "-v", "-d|", "-L5000", "-k", connection_string(door)], door.libpq(), command + "\n")
    return done.returncode, done.stdout + done.stderr


def test_isql_lists_and_reads_and_is_refused(door: Door) -> None:
    """Would have caught views that the driver cannot describe, and so neither list nor read."""
    _, listed = isql(door, "help")
    assert {fields[2] for line in listed.splitlines() if (fields := line.split("|"))[1:2] == [door.user]} == set(
        door.views()
    )
    _, described = isql(door, "help voters")
    assert [line.split("|")[3] for line in described.splitlines() if line.startswith(door.database)] == (
        door.columns()["voters"]
    )
    _, counted = isql(door, "select count(*) from voters")
    assert counted.split() == [str(door.row_counts()["voters"])]
    for relation in door.forbidden():
        _, said = isql(door, f"select * from {relation}")
        assert re.search(r"\[42501\].*permission denied", said), said


def test_odbc_describes_reads_charts_and_is_refused(door: Door) -> None:
    """Would have caught a catalog call of an ODBC tool that the hardening refuses, and booleans that come as text."""
    queries = {
        **{view: f"select * from {view}" for view in door.views()},
        **{f"forbidden {relation}": f"select * from {relation}" for relation in door.forbidden()},
        "chart": CHART,
        "typed": TYPED,
    }
    script = str(CLIENT_SOURCES / "odbc_catalog.py")
    seen = json.loads(
        output([client_python(), script, connection_string(door), door.user], door.libpq(), json.dumps(queries))
    )
    refused = {call: seen[call] for call in CATALOG_CALLS if isinstance(seen[call], str)}
    assert refused == {}
    assert sorted(row[2] for row in seen["tables"]) == door.views()
    assert {row[3] for row in seen["tables"]} == {"VIEW"}
    assert [row[3] for row in seen["columns"]] == door.columns()["voters"]

    answers = seen["queries"]
    assert {view: answers[view]["count"] for view in door.views()} == door.row_counts()
    assert [tuple(row) for row in answers["chart"]["rows"]] == door.rows(CHART) != []
    assert answers["typed"]["types"] == ["date", "bool", "int", "str"]
    ((day, is_own, answer, person),) = door.rows(TYPED)
    assert answers["typed"]["rows"] == [[str(day), is_own, answer, person]]
    assert {answers[f"forbidden {relation}"]["refused"] for relation in door.forbidden()} == {"42501"}
