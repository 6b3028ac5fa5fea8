"""Partners' database logins: one per partner, named like its share schema; only the partner knows its password.

State: accounts.partner_login, one row per partner that was ever given a login or suspended. Every function
works in one transaction of the given connection, which must be an administrator's in autocommit.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row, tuple_row

from exchange.audit.log import record
from exchange.errors import ExchangeError, Place
from exchange.registry import Partner
from exchange.warehouse.account_tables import create_account_tables
from exchange.warehouse.partner_roles import (
    close_door,
    create_partner_role,
    end_sessions,
    let_into,
    open_door,
    set_password,
)

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Login:
    """One partner's login. Times are UTC; password_set_at is None until the first password."""

    partner_id: str
    partner_name: str
    side: str | None
    role: str | None
    is_active: bool
    password_set_at: datetime | None
    suspended_at: datetime | None

    @property
    def has_login(self) -> bool:
        return self.password_set_at is not None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None


def list_logins(conn: Connection, partners: list[Partner]) -> list[Login]:
    """Grain: one per partner of the registry, in its order, without the exchange itself."""
    with _state(conn) as state:
        return [_login(partner, state) for partner in partners if not partner.is_exchange]


def create_login(conn: Connection, partner: Partner, *, strict: bool) -> str:
    """Give a partner its first password and return it: the only time it is known.

    strict: it is not let into this database; its own comes with its first publication (exchange/publishing/strict.py).
    Raises ExchangeError if the partner cannot have a login, has one already, or is suspended.
    """
    role = _role(partner)
    if not partner.is_active:
        raise _refusal(partner, "An inactive partner gets no login.", "Set is_active to true in partners.csv.")
    with _state(conn) as state:
        login = _login(partner, state)
        if login.has_login:
            remedy = f"`exchange partner rotate-password {partner.partner_id}` makes a new password."
            raise _refusal(partner, "The partner has a login already.", remedy)
        if login.is_suspended:
            remedy = f"First `exchange partner suspend {partner.partner_id} --resume`."
            raise _refusal(partner, "The partner is suspended.", remedy)
        password = _new_password(conn, partner, role, state, strict=strict)
    _end_former_sessions(conn, partner, role, state)
    return password


def rotate_password(conn: Connection, partner: Partner, *, strict: bool) -> str:
    """Replace the password (or set the first) and return it; sessions that came in with the old one end.

    strict: as for create_login(). A suspended partner's door stays closed.
    """
    role = _role(partner)
    with _state(conn) as state:
        password = _new_password(conn, partner, role, state, strict=strict)
    _end_former_sessions(conn, partner, role, state)
    return password


def suspend(conn: Connection, partner: Partner) -> None:
    """Close the partner's door: no new sessions, and those it has end. Twice is as once."""
    role = _role(partner)
    with _state(conn):
        conn.execute(
            """
            insert into accounts.partner_login (partner_id, role_name, suspended_at)
            values (%s, %s, now())
            on conflict (partner_id) do update
            set suspended_at = coalesce(partner_login.suspended_at, excluded.suspended_at)
            """,
            (partner.partner_id, role),
        )
        create_partner_role(conn, role)
        close_door(conn, role)
        record(conn, "partner_suspended", partner.partner_id, {"role": role})
    # until the commit above a session could still begin
    end_sessions(conn, role)


def resume(conn: Connection, partner: Partner) -> None:
    """Open a suspended partner's door again, with the password it had. Else nothing changes."""
    role = _role(partner)
    with _state(conn) as state:
        login = _login(partner, state)
        if not login.is_suspended:
            return
        conn.execute(
            "update accounts.partner_login set suspended_at = null where partner_id = %s",
            (partner.partner_id,),
        )
        create_partner_role(conn, role)
        open_door(conn, role)
        record(conn, "partner_resumed", partner.partner_id, {"role": role})


def registered_role(conn: Connection, partner_id: str) -> str | None:
    """The role of a partner that has a row here: known even while the registry cannot be read."""
    with _state(conn) as state:
        row = state.get(partner_id)
        return None if row is None else str(row["role_name"])


@dataclass(frozen=True)
class LoginState:
    """What publishing must know of a partner's login: its role as of the last password, and whether it is suspended."""

    role: str
    is_suspended: bool


def login_states(conn: Connection) -> dict[str, LoginState]:
    """Grain: one per partner that was ever given a login or suspended. Takes no lock: an operator need not wait."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute("select to_regclass('accounts.partner_login') is not null").fetchone()
        if found is None or not found[0]:
            return {}
        cursor.execute("select partner_id, role_name, suspended_at is not null from accounts.partner_login")
        return {partner_id: LoginState(role, is_suspended) for partner_id, role, is_suspended in cursor}


def keep_suspended_out(conn: Connection) -> None:
    """Close the doors of suspended partners that are open: of one suspended while a publication opened doors."""
    roles = [state.role for state in login_states(conn).values() if state.is_suspended]
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute("select rolname::text from pg_roles where rolcanlogin and rolname = any(%s)", (roles,))
        still_open = [role for (role,) in cursor]
    for role in still_open:
        close_door(conn, role)


@contextmanager
def _state(conn: Connection) -> Iterator[dict[str, dict[str, Any]]]:
    """The table's rows by partner, locked: two operators must not both make the first password."""
    with conn.transaction():
        create_account_tables(conn)
        conn.execute("lock table accounts.partner_login in share row exclusive mode")
        with conn.cursor(row_factory=dict_row) as cursor:
            cursor.execute("select partner_id, role_name, password_set_at, suspended_at from accounts.partner_login")
            yield {row["partner_id"]: row for row in cursor}


def _login(partner: Partner, state: dict[str, dict[str, Any]]) -> Login:
    row = state.get(partner.partner_id, {})
    # after a change of share_schema the old role's password is no login of the new one
    password_set_at = row.get("password_set_at") if row.get("role_name") == partner.share_schema else None
    return Login(
        partner_id=partner.partner_id,
        partner_name=partner.name,
        side=partner.side,
        role=partner.share_schema,
        is_active=bool(partner.is_active),
        password_set_at=password_set_at,
        suspended_at=row.get("suspended_at"),
    )


def _new_password(
    conn: Connection, partner: Partner, role: str, state: dict[str, dict[str, Any]], *, strict: bool
) -> str:
    password = secrets.token_urlsafe(24)
    create_partner_role(conn, role)
    if not strict:
        let_into(conn, conn.info.dbname, role)
    set_password(conn, role, password)
    former_role = _former_role(partner, role, state)
    if former_role != role:
        close_door(conn, former_role)
    if _login(partner, state).is_suspended:
        close_door(conn, role)
    else:
        open_door(conn, role)
    conn.execute(
        """
        insert into accounts.partner_login (partner_id, role_name, password_set_at)
        values (%s, %s, now())
        on conflict (partner_id) do update
        set role_name = excluded.role_name, password_set_at = excluded.password_set_at
        """,
        (partner.partner_id, role),
    )
    record(conn, "password_made", partner.partner_id, {"role": role, "former_role": former_role})
    return password


def _end_former_sessions(conn: Connection, partner: Partner, role: str, state: dict[str, dict[str, Any]]) -> None:
    """After the commit, until which the old password let somebody in: a stolen one must not go on reading."""
    for each in {role, _former_role(partner, role, state)}:
        end_sessions(conn, each)


def _former_role(partner: Partner, role: str, state: dict[str, dict[str, Any]]) -> str:
    return str(state.get(partner.partner_id, {}).get("role_name", role))


def _role(partner: Partner) -> str:
    if partner.is_exchange or partner.share_schema is None:
        raise _refusal(partner, "The exchange itself has no views and no login.", "Name another partner.")
    return partner.share_schema


def _refusal(partner: Partner, problem: str, remedy: str) -> ExchangeError:
    return ExchangeError(problem, place=Place(partner=partner.partner_id), remedy=remedy)
