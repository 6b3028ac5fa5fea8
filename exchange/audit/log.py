"""`ops.audit`: who did what to whom may read what, and when. Written in the transaction of the act itself."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.types.json import Jsonb

from exchange.audit.tables import create_audit_tables

What = Literal[
    "password_made",
    "partner_suspended",
    "partner_resumed",
    "registry_changed",
    "publication_rolled_back",
    "publication_resumed",
    "exported",
    "withdrawn",
    # written by the dashboard itself (dashboard/acting.py)
    "looked_at_partner",
    # and dashboard/pages/admin_people.py
    "account_disabled",
    "account_enabled",
    "sessions_ended",
]


def record(
    conn: psycopg.Connection[Any], what: What, partner_id: str | None = None, details: Mapping[str, Any] | None = None
) -> None:
    """Add one row, in the transaction of the connection if there is one. The connection is an administrator's.

    partner_id: whom it is about; None: nobody in particular. details: JSON; never a person's data, never a password.
    """
    create_audit_tables(conn)
    conn.execute(
        "insert into ops.audit (by_os_user, what, partner_id, details) values (%s, %s, %s, %s)",
        (os_user(), what, partner_id, Jsonb(dict(details or {}))),
    )


def record_export(conn: psycopg.Connection[Any], what: str, file: Path, details: Mapping[str, Any]) -> None:
    """Tell that a file of people's data is being written: call before its first row, so that none is there untold.

    details: which rows, in words that name nobody.
    """
    record(conn, "exported", details={"what": what, "file": str(file.absolute()), **details})


def os_user() -> str:
    """Who runs this process; of root by sudo, also who asked for it."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    asked = os.environ.get("SUDO_USER")
    return f"{name} (sudo by {asked})" if uid == 0 and asked and asked != name else name
