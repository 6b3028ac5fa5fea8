"""Statements of the bootstrap: looked up first, executed only if needed, remembered for the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from exchange.errors import ExchangeError


@dataclass
class Changes:
    """What one bootstrap did, and what it may not do on this server. Transactions are the caller's."""

    connection: psycopg.Connection[Any]
    applied: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        row = self.connection.execute(
            "select rolsuper, current_database() from pg_roles where rolname = current_user"
        ).fetchone()
        self.is_superuser, self.database = (bool(row[0]), str(row[1])) if row else (False, "")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values or None).fetchall()

    def apply(self, what: str, statement: sql.SQL | sql.Composed) -> None:
        """Execute one statement. Raises ExchangeError with what the administrator lacks."""
        try:
            self.connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            raise ExchangeError(
                f"The administrator of EXCHANGE_DATABASE_URL may not: {what}. {str(error).strip()}.",
                expected="a user who owns the database and may create roles (CREATEROLE)",
                remedy="Grant it that, or use another user or an empty database of your own.",
            ) from error
        self.applied.append(what)

    def skip(self, what: str) -> None:
        """Note what stays weaker than it should be on this server, in words for an operator."""
        self.skipped.append(what)


def identifiers(names: Sequence[str]) -> sql.Composed:
    """`a, b, c`, each quoted as a name."""
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)
