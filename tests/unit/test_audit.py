"""What the access log understands of a statement, and of the server's messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exchange.audit import statements
from exchange.audit.entries import LONGEST_LINE, parsed, read_batch
from exchange.audit.registry import differences

OWN = frozenset({"voters", "contacts", "changes"})
ROLE = "p_0a1b2c"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("select * from voters", ["voters"]),
        ("SELECT v.state FROM Voters v JOIN p_0a1b2c.contacts USING (person_id)", ["contacts", "voters"]),
        ("select 1 where 'voters' = $1", []),
        ("select 1 -- from voters", []),
        ("select /* voters /* nested */ contacts */ 1", []),
        ("select $tag$ from voters $tag$", []),
        ('select * from "voters"', ["voters"]),
        ('select * from "Voters"', []),
        ("copy (table contacts) to stdout", ["contacts"]),
        # ways to hide what is read
        ('select * from u&"\\0076oters"', ["voters"]),
        ("select * from u&\"!0076oters\" uescape '!'", ["voters"]),
        ("select e'\\'', state from voters --'", ["voters"]),
        ("select '\\'', state from voters --'", ["voters"]),
        ("select 'it''s', state from voters", ["voters"]),
        ("select '--', state from voters", ["voters"]),
        ("select 1 --\rfrom voters", ["voters"]),
        ('select "a""--b", state from voters', ["voters"]),
        ("select '", []),
        ("select /*", []),
        ("", []),
    ],
)
def test_the_views_a_statement_names(text: str, named: list[str]) -> None:
    assert statements.relations(text, OWN) == named


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("select 1", "select"),
        ("  -- why\n(SELECT 1)", "select"),
        ("with a as (select 1) table a", "select"),
        ("EXPLAIN ANALYZE select 1", "explain"),
        ("Smith, Ada", "other"),
        ("", "other"),
    ],
)
def test_the_kind_of_a_statement(text: str, kind: str) -> None:
    assert statements.kind(text) == kind


def line(number: int, message: str, session: str = "s", user: str = ROLE, **more: Any) -> bytes:
    entry = {"timestamp": "2026-11-03 18:00:00.000 UTC", "user": user, "session_id": session, "line_num": number}
    entry |= {"error_severity": "LOG", "message": message, "remote_host": "127.0.0.1", "ps": "SELECT"}
    return json.dumps(entry | more).encode() + b"\n"


def failure(number: int, text: str | None = None, **more: Any) -> bytes:
    told = {} if text is None else {"statement": text}
    return line(number, "no", **{"error_severity": "ERROR", "state_code": "42501", **told, **more})


def test_a_statement_is_one_row_with_its_time_or_its_error() -> None:
    batch = read_batch(
        [
            line(1, "statement: select * from voters", ps="idle"),
            line(2, "duration: 6.5 ms"),
            line(3, "duration: 0.1 ms", ps="PARSE"),
            line(4, "duration: 0.2 ms", ps="BIND"),
            line(5, "execute <unnamed>: select * from contacts where person_id = $1"),
            line(6, "duration: 7.5 ms"),
            line(7, "statement: select 1/0 from voters", ps="idle"),
            failure(8, "select 1/0 from voters", state_code="22012"),
            line(9, "statement: execute q", detail="prepare: prepare q as table changes"),
        ],
        OWN,
    )
    assert [
        (row.line_number, row.relations, row.kind, row.duration_ms, row.error_code) for row in batch.statements
    ] == [
        (1, ["voters"], "select", 6.5, None),
        (5, ["contacts"], "select", 7.5, None),
        (7, ["voters"], "select", None, "22012"),
        (9, ["changes"], "execute", None, None),
    ]
    assert batch.endings == []


def test_what_is_refused_before_it_begins_is_a_row_too() -> None:
    batch = read_batch(
        [
            failure(1, "table voters", ps="PARSE"),
            failure(2, "selec voters", ps="idle", state_code="42601"),
            failure(1, session="t", ps="authentication", error_severity="FATAL", state_code="28P01"),
            failure(3, session="s", ps="idle", error_severity="FATAL", state_code="57P01"),
        ],
        OWN,
    )
    found = [(row.session_id, row.line_number, row.kind, row.error_code) for row in batch.statements]
    assert found == [("s", 1, "select", "42501"), ("s", 2, "other", "42601"), ("t", 1, "login", "28P01")]


def test_an_end_whose_beginning_was_collected_before_finds_it() -> None:
    batch = read_batch([line(2, "duration: 6.5 ms"), line(4, "duration: 1 ms", session="t", ps="PARSE")], OWN)
    assert [(end.session_id, end.duration_ms) for end in batch.endings] == [("s", 6.5)]


def test_other_roles_and_broken_lines_are_no_statements() -> None:
    lines = [line(1, "statement: select * from voters", user="exchange_dbt"), b'{"half\n', b"[1]\n"]
    batch = read_batch(lines, OWN)
    assert (batch.statements, batch.unreadable) == ([], 2)


def test_a_message_behind_one_that_a_crash_cut_off_is_found() -> None:
    whole = line(1, 'statement: select 1 as "{""timestamp"":""" from voters').replace(b'": "', b'":"')
    for cut in (b'{"timestamp":"2026-11-03 18:00', whole[:90]):
        assert [row.relations for row in read_batch([cut + whole], OWN).statements] == [["voters"]]


def test_a_name_of_a_prepared_statement_hides_nothing() -> None:
    """The client chooses the name: a quote in it must not make a literal of what follows."""
    for name in ("a': b", "x: show y '", "$$"):
        batch = read_batch([line(1, f"execute {name}: select * from voters")], OWN)
        assert [row.relations for row in batch.statements] == [["voters"]]


def test_of_a_very_long_statement_the_beginning_counts() -> None:
    for filler in ("x", "\n", "ü", "\\"):
        whole = line(1, "statement: select * from voters where state = '" + filler * LONGEST_LINE)
        entry = parsed(whole[:LONGEST_LINE])
        assert entry is not None and entry["message"].startswith("statement: select * from voters")
        # what was cut off may have named any view
        assert read_batch([whole[:LONGEST_LINE]], OWN).statements[0].relations == sorted(OWN)


def test_a_changed_rule_is_told_by_column() -> None:
    before = {"r1": {"rule_id": "r1", "embargo_days": 0}, "r2": {"rule_id": "r2", "embargo_days": 7}}
    now = {"r1": {"rule_id": "r1", "embargo_days": 30}, "r3": {"rule_id": "r3", "embargo_days": 7}}
    assert differences(before, now) == {
        "added": {"r3": now["r3"]},
        "removed": {"r2": before["r2"]},
        "changed": {"r1": {"embargo_days": [0, 30]}},
    }
    assert differences(now, now) == {}
