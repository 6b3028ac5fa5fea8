"""The program of docs/connect/python.md, as it is printed there."""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.bi.doors import Door, hardened_door
from tests.bi.programs import ROOT, output
from tests.demo_exchange import INSTANT
from tests.worlds.running import RunningExchange

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]

COPIED = ("voter_responses", "contacts", "suppressions", "voters")
# it shares much with the partner that is looked at, so much has to go
LEAVER = "pa_party"


def program(folder: Path) -> Path:
    """The last Python block of the page, as a file."""
    page = (ROOT / "docs" / "connect" / "python.md").read_text(encoding="utf-8")
    path = folder / "copy_views.py"
    path.write_text(re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[-1], encoding="utf-8")
    return path


def as_sqlite_keeps_it(value: object) -> object:
    return value if isinstance(value, int | None) else str(value)


def differences(door: Door, copy: Path) -> dict[str, int]:
    """For each copied view, how many rows are in the view or in the copy alone."""
    found = {}
    with sqlite3.connect(copy) as connection:
        for view in COPIED:
            columns = ", ".join(door.columns()[view])
            kept = set(connection.execute(f"select {columns} from {view}"))
            shown = {tuple(map(as_sqlite_keeps_it, row)) for row in door.rows(f"select {columns} from {view}")}
            (number,) = connection.execute(f"select count(*) from {view}").fetchone()
            found[view] = len(kept ^ shown) + abs(number - door.row_counts()[view])
    return found


def test_a_copy_that_follows_changes_equals_the_views(exchange: RunningExchange, tmp_path: Path) -> None:
    """Would have caught a record key that names no row, and rows of a withdrawal that stay in the copy."""
    door, copy = hardened_door(exchange), tmp_path / "views.sqlite"
    command = [sys.executable, str(program(tmp_path)), str(copy)]
    output(command, door.libpq())
    assert differences(door, copy) == dict.fromkeys(COPIED, 0)

    before = door.row_counts()
    exchange.command("withdraw", "--partner", LEAVER, "--yes", as_of=INSTANT)
    retracted = door.rows("select relation, count(*) from changes where change = 'retracted' group by relation")
    assert {"voter_responses", "contacts"} <= {relation for relation, _ in retracted}
    assert door.row_counts()["contacts"] < before["contacts"]
    assert sum(differences(door, copy).values()) > 0

    with sqlite3.connect(copy) as connection:
        connection.execute("create trigger no_full_copy before delete on contacts begin select 1; end")
    output(command, door.libpq())
    assert differences(door, copy) == dict.fromkeys(COPIED, 0)
    with sqlite3.connect(copy) as connection:
        kept = connection.execute("select count(*) from sqlite_master where name = 'no_full_copy'").fetchone()
    assert kept == (1,), "the second copy must follow the changes: copying all drops the table with its trigger"
