"""What a refresh found changed in the files that say who may read what."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from exchange.audit.log import record
from exchange.audit.tables import create_audit_tables

# file -> columns that tell its lines apart; the loaded table has the file's name
FILES = {
    "partners": ("partner_id",),
    "partner_groups": ("group_id", "partner_id"),
    "sharing_rules": ("rule_id",),
    "give_to_get": ("partner", "window_days"),
}
# dbt loads the others as seeds; this file is optional, and intake loads it
SCHEMAS = dict.fromkeys(FILES, "registry") | {"give_to_get": "raw"}
Line = dict[str, Any]


def audit_registry(conn: psycopg.Connection[Any]) -> bool:
    """Write one row of ops.audit if partners, groups, rules or limits differ from those last audited. Whether they did.

    Looks at the registry as it was loaded into the database, which is what sharing goes by. Details, by file: lines
    `added` and `removed` by key, and of `changed` ones each column's value before and after. A file that was never
    loaded is left out.
    """
    create_audit_tables(conn)
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute("lock table ops.audited_registry in share row exclusive mode")
        details = {}
        for file_name, key in FILES.items():
            if not _is_loaded(cursor, file_name):
                continue
            before = _before(cursor, file_name)
            now = _now(cursor, file_name, key)
            if before != now:
                details[file_name] = differences(before, now)
                _remember(cursor, file_name, now)
        if details:
            record(conn, "registry_changed", details=details)
        return bool(details)


def differences(before: dict[str, Line], now: dict[str, Line]) -> dict[str, dict[str, Any]]:
    """Lines by key -> what was added, removed, changed; kinds without any are left out."""
    changed = {
        key: {
            column: [before[key].get(column), line.get(column)]
            for column in sorted({*before[key], *line})
            if before[key].get(column) != line.get(column)
        }
        for key, line in sorted(now.items())
        if key in before and before[key] != line
    }
    found = {
        "added": {key: now[key] for key in sorted(now.keys() - before.keys())},
        "removed": {key: before[key] for key in sorted(before.keys() - now.keys())},
        "changed": changed,
    }
    return {kind: lines for kind, lines in found.items() if lines}


def _is_loaded(cursor: psycopg.Cursor[Any], file_name: str) -> bool:
    row = cursor.execute("select to_regclass(%s) is not null", (f"{SCHEMAS[file_name]}.{file_name}",)).fetchone()
    return bool(row and row[0])


def _before(cursor: psycopg.Cursor[Any], file_name: str) -> dict[str, Line]:
    return dict(
        cursor.execute("select line_key, line from ops.audited_registry where file_name = %s", (file_name,)).fetchall()
    )


def _now(cursor: psycopg.Cursor[Any], file_name: str, key: tuple[str, ...]) -> dict[str, Line]:
    columns = sql.SQL(", ").join(sql.SQL("loaded.{}").format(sql.Identifier(name)) for name in key)
    return dict(
        cursor.execute(
            sql.SQL("select concat_ws('/', {}), to_jsonb(loaded) from {} as loaded").format(
                columns, sql.Identifier(SCHEMAS[file_name], file_name)
            )
        ).fetchall()
    )


def _remember(cursor: psycopg.Cursor[Any], file_name: str, lines: dict[str, Line]) -> None:
    cursor.execute("delete from ops.audited_registry where file_name = %s", (file_name,))
    cursor.executemany(
        "insert into ops.audited_registry values (%s, %s, %s)",
        [(file_name, key, Jsonb(line)) for key, line in sorted(lines.items())],
    )
