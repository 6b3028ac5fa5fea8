"""Rows between Postgres and DuckDB, by COPY through a CSV file. Lists travel, and lie in Postgres, as text.

psycopg's fetchall() of 136,000 wide rows took 12 s where COPY takes 2 (2026-11-23).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from psycopg import sql

from exchange.matching.session import Session

# between the members of a list; standardised text holds no control characters
SEPARATOR = 31
_LIST = "text[]"
_CHUNK = 1 << 20

# type in DuckDB -> type in Postgres
POSTGRES_TYPES = {
    "bigint": "bigint",
    "integer": "int",
    "int": "int",
    "smallint": "smallint",
    "double": "float8",
    "boolean": "boolean",
    "text": "text",
    "varchar": "text",
    _LIST: "text",
    "varchar[]": "text",
}


def postgres_type(duckdb_type: str) -> str:
    return POSTGRES_TYPES[duckdb_type.lower()]


def fetch(session: Session, query: sql.Composable, into: str, columns: Mapping[str, str]) -> int:
    """Copy a query's rows from Postgres into a new table `into` of the workbench; how many.

    columns: name -> DuckDB type, in the order of the query's columns. Null and empty text stay apart.
    """
    path = session.folder / f"{secrets.token_hex(8)}.csv"
    statement = sql.SQL("copy ({}) to stdout (format csv)").format(query)
    with session.conn.cursor() as cursor, path.open("wb", buffering=_CHUNK) as file:
        with cursor.copy(statement) as copy:
            for block in copy:
                file.write(block)
        count = cursor.rowcount
    try:
        _read(session, str(path), into, columns)
    finally:
        path.unlink()
    return count


def _read(session: Session, path: str, into: str, columns: Mapping[str, str]) -> None:
    kinds = ", ".join(f"'{name}': '{'text' if _is_list(kind) else kind}'" for name, kind in columns.items())
    shown = ", ".join(
        f"case when {name} <> '' then string_split({name}, chr({SEPARATOR}))"
        f" when {name} = '' then []::text[] end as {name}"
        if _is_list(kind)
        else name
        for name, kind in columns.items()
    )
    session.con.execute(
        f"""
        create or replace table {into} as select {shown}
        from read_csv(
            ?, columns = {{{kinds}}}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
            new_line = '\\n', nullstr = '', allow_quoted_nulls = false, parallel = false
        )
        """,
        [path],
    )


def store(session: Session, query: str, into: sql.Composable, columns: Mapping[str, str]) -> int:
    """Copy a query's rows from the workbench into a table of Postgres; how many.

    columns: name -> DuckDB type, of the query and of the table.
    """
    path = session.folder / f"{secrets.token_hex(8)}.csv"
    shown = ", ".join(
        f"array_to_string({name}, chr({SEPARATOR})) as {name}" if _is_list(kind) else name
        for name, kind in columns.items()
    )
    session.con.execute(
        f"copy (select {shown} from ({query})) to '{_quoted(str(path))}'"
        " (format csv, header false, delimiter ',', quote '\"', escape '\"', nullstr '')"
    )
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        into, sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    try:
        with session.conn.cursor() as cursor:
            with path.open("rb") as file, cursor.copy(statement) as copy:
                while block := file.read(_CHUNK):
                    copy.write(block)
            return cursor.rowcount
    finally:
        path.unlink()


def _is_list(kind: str) -> bool:
    return kind.lower().endswith("[]")


def _quoted(path: str) -> str:
    return path.replace("'", "''")
