"""Reads `ops.access_log`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from exchange.audit.tables import create_audit_tables


@dataclass(frozen=True)
class Access:
    """Grain: one row of ops.access_log; its comments say what the columns mean."""

    at: datetime
    partner_id: str | None
    role: str
    relations: list[str]
    kind: str
    duration_ms: float | None
    error_code: str | None
    client_addr: str | None


def accesses(
    conn: psycopg.Connection[Any],
    *,
    partner_id: str | None = None,
    since: datetime | None = None,
    only_failed: bool = False,
    limit: int = 100,
) -> list[Access]:
    """The newest `limit` of those asked for, oldest first."""
    create_audit_tables(conn)
    with conn.cursor(row_factory=class_row(Access)) as cursor:
        found = cursor.execute(
            """
            select at, partner_id, role, relations, kind, duration_ms, error_code, client_addr
            from ops.access_log
            where (%(partner_id)s::text is null or partner_id = %(partner_id)s)
                and (%(since)s::timestamptz is null or at >= %(since)s)
                and (not %(only_failed)s or error_code is not null)
            order by at desc, session_id desc, line_number desc
            limit %(limit)s
            """,
            {"partner_id": partner_id, "since": since, "only_failed": only_failed, "limit": limit},
        ).fetchall()
    return [replace(access, at=access.at.astimezone(UTC)) for access in reversed(found)]
