"""What Excel and other ODBC tools ask before they show a table, through pyodbc: prints JSON. Run by test_odbc.py.

Arguments: the connection string, the schema. Queries come on standard input as JSON: name -> SQL.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pyodbc


def asked(cursor: Any, name: str, *arguments: Any, **named: Any) -> list[list[Any]] | str:
    """The rows of a catalog function, or the SQLSTATE with which it was refused."""
    try:
        return [list(row) for row in getattr(cursor, name)(*arguments, **named).fetchall()]
    except pyodbc.Error as error:
        return str(error.args[0])


def answered(cursor: Any, query: str) -> dict[str, Any]:
    try:
        cursor.execute(query)
    except pyodbc.Error as error:
        return {"refused": error.args[0]}
    rows = cursor.fetchall()
    first = rows[0] if rows else ()
    return {
        "count": len(rows),
        "types": [type(value).__name__ for value in first],
        "rows": [[str(value) if type(value).__name__ == "date" else value for value in row] for row in rows[:500]],
    }


def main() -> None:
    connection = pyodbc.connect(sys.argv[1], autocommit=True, readonly=True)
    schema = sys.argv[2]
    cursor = connection.cursor()
    seen = {
        "driver": connection.getinfo(pyodbc.SQL_DRIVER_VER),
        "tables": asked(cursor, "tables", schema=schema),
        "columns": asked(cursor, "columns", schema=schema, table="voters"),
        "statistics": asked(cursor, "statistics", "voters", schema=schema),
        "primaryKeys": asked(cursor, "primaryKeys", "voters", schema=schema),
        "foreignKeys": asked(cursor, "foreignKeys", "voters", schema=schema),
        "rowIdColumns": asked(cursor, "rowIdColumns", "voters", schema=schema),
        "rowVerColumns": asked(cursor, "rowVerColumns", "voters", schema=schema),
        "procedures": asked(cursor, "procedures", schema=schema),
        "getTypeInfo": asked(cursor, "getTypeInfo"),
        "queries": {name: answered(cursor, query) for name, query in json.load(sys.stdin).items()},
    }
    print(json.dumps(seen, default=str))


if __name__ == "__main__":
    main()
