"""The exchange's own roles in Postgres, and their passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.changes import Changes
from exchange.warehouse.connection import ConnectionInfo, Role, connection_info, open_connection
from exchange.warehouse.credentials import keep_password

OWNER = "exchange_owner"
LOADER = "exchange_loader"
DBT = "exchange_dbt"
DAGSTER = "exchange_dagster"
WEB = "exchange_web"
DASHBOARD = "exchange_dashboard"
OPERATOR = "exchange_operator"
# what exchange_web becomes for one request besides a partner: to know who asks, and for operators' pages
TAKEN_BY_WEB = (DASHBOARD, OPERATOR)
# who works inside the warehouse and may see its catalogs whole; exchange_web and partners may not
INTERNAL = (OWNER, LOADER, DBT, DAGSTER)


@dataclass(frozen=True)
class RoleKind:
    """One role: may it log in, and do grants to it count without SET ROLE."""

    name: str
    login: bool
    inherit: bool = True


ROLE_KINDS = (
    RoleKind(OWNER, login=False),
    RoleKind(LOADER, login=True),
    RoleKind(DBT, login=True),
    RoleKind(DAGSTER, login=True),
    # becomes a partner for one request by SET LOCAL ROLE; between requests it must be able to read nothing
    RoleKind(WEB, login=True, inherit=False),
    # what they may read and write: dashboard_rights.py
    *(RoleKind(name, login=False) for name in TAKEN_BY_WEB),
)
LOGINS: tuple[Role, ...] = ("loader", "dbt", "dagster", "web")


def create_roles(changes: Changes) -> None:
    """Create what is missing, correct what differs. Idempotent."""
    existing = {
        name: attributes
        for name, *attributes in changes.rows(
            "select rolname, rolcanlogin, rolinherit, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls"
            " from pg_roles where rolname = any(%s)",
            [[kind.name for kind in ROLE_KINDS]],
        )
    }
    for kind in ROLE_KINDS:
        words = f"{'login' if kind.login else 'nologin'} {'inherit' if kind.inherit else 'noinherit'}"
        name = sql.Identifier(kind.name)
        if kind.name not in existing:
            changes.apply(f"create role {kind.name}", sql.SQL("create role {} " + words).format(name))
        elif existing[kind.name][:2] != [kind.login, kind.inherit]:
            changes.apply(f"alter role {kind.name}", sql.SQL("alter role {} " + words).format(name))
        if any(existing.get(kind.name, [])[2:]):
            changes.apply(
                f"{kind.name} loses powers it must not have",
                sql.SQL("alter role {} nosuperuser nocreatedb nocreaterole nobypassrls").format(name),
            )
    _join_them(changes)
    _let_web_take(changes)


def _let_web_take(changes: Changes) -> None:
    """exchange_web may SET ROLE to them and has nothing of theirs without."""
    has_options = changes.connection.info.server_version >= 160_000
    # before Postgres 16 NOINHERIT of exchange_web says the same for all its memberships
    right, options = (
        ("set_option and not inherit_option", "with inherit false, set true") if has_options else ("true", "")
    )
    for role in TAKEN_BY_WEB:
        [(is_right,)] = changes.rows(
            f"select coalesce(bool_and({right}), false) from pg_auth_members"
            " where roleid = %s::regrole and member = %s::regrole",
            [role, WEB],
        )
        if not is_right:
            changes.apply(
                f"{WEB} may become {role}",
                sql.SQL(f"grant {{}} to {{}} {options}").format(sql.Identifier(role), sql.Identifier(WEB)),
            )


def _join_them(changes: Changes) -> None:
    """An administrator who is no superuser acts for our roles by being a member of them."""
    if changes.is_superuser:
        return
    for (name,) in changes.rows(
        "select rolname from pg_roles where rolname = any(%s) and not pg_has_role(rolname, 'usage')",
        [list(INTERNAL)],
    ):
        changes.apply(f"administrator joins {name}", sql.SQL("grant {} to current_user").format(sql.Identifier(name)))


def set_passwords(settings: Settings, changes: Changes) -> None:
    """Give every role that logs in the password kept for it. Call when the roles are committed.

    The proof is a login: no administrator of a managed server may read a stored password.
    """
    for role in LOGINS:
        keep_password(settings, f"exchange_{role}")
        info = connection_info(settings, role)
        if not _can_log_in(info):
            changes.apply(
                f"set the password of {info.user}",
                _password_statement(changes.connection, info.user, info.password.get_secret_value()),
            )
            open_connection(info).close()  # or the reason why it is still refused


def set_password(connection: psycopg.Connection[Any], name: str, password: str) -> None:
    """Change a role's password. The server and its log see only the scram verifier, never the password."""
    connection.execute(_password_statement(connection, name, password))


def _password_statement(connection: psycopg.Connection[Any], name: str, password: str) -> sql.Composed:
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return sql.SQL("alter role {} password {}").format(sql.Identifier(name), sql.Literal(verifier.decode()))


def _can_log_in(info: ConnectionInfo) -> bool:
    try:
        open_connection(info).close()
    except ExchangeError:
        return False
    return True
