"""Open sessions of the dashboard, as commands see them: who is signed in, and an end to it.

State: dashboard.session, one row per session (dashboard_tables.py); dashboard/sessions.py begins them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

Connection = psycopg.Connection[Any]

# a lunch break and an afternoon of calls pass; a laptop left open over night does not
IDLE_LIMIT = timedelta(hours=8)
# who works with it every day types the password once a week: a stolen cookie is of no use for longer
ABSOLUTE_LIMIT = timedelta(days=7)


@dataclass(frozen=True)
class Person:
    """Grain: one account. partner_id is None for an operator. last_seen_at: of its open sessions, the newest."""

    email: str
    partner_id: str | None
    is_disabled: bool
    last_seen_at: datetime | None
    open_sessions: int


def people(conn: Connection) -> list[Person]:
    """Everybody who has an account, by partner and address; operators first."""
    with conn.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(
            """
            select
                account.email,
                account.partner_id,
                account.is_disabled,
                max(session.last_seen_at) as last_seen_at,
                count(session.token_hash) as open_sessions
            from accounts.user_account as account
            left join dashboard.session
                on account.user_id = session.user_id
                and session.expires_at > now()
                and session.last_seen_at > now() - %s
            group by account.user_id
            order by account.partner_id nulls first, account.email
            """,
            (IDLE_LIMIT,),
        ).fetchall()


def end_sessions(conn: Connection, user_id: int) -> int:
    """Sign a person out everywhere, from the next click on. Returns how many sessions there were, expired ones too."""
    return conn.execute("delete from dashboard.session where user_id = %s", (user_id,)).rowcount


def forget_failures(conn: Connection, email: str) -> None:
    """Let the person try at once, however often the old password was mistyped."""
    conn.execute("delete from dashboard.sign_in_attempt where email = %s and not succeeded", (email,))
