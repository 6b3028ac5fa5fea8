"""What the dashboard's two roles may do with which table, and nothing else: more is revoked.

exchange_dashboard knows who asks, and the names of codes. exchange_operator is for operators' pages: it reads all of
`ops`, which holds lines of files and reports of suppressions. Neither reads what partners see: that is read as the
partner itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from exchange.warehouse.changes import Changes, identifiers
from exchange.warehouse.roles import DASHBOARD, OPERATOR, TAKEN_BY_WEB

EVERY = "*"


@dataclass(frozen=True)
class Right:
    """One privilege of one role. table: EVERY is every relation of the schema; columns: all, if none is named."""

    role: str
    schema: str
    table: str
    privilege: str
    columns: tuple[str, ...] = ()


def _rights(role: str, schema: str, tables: str, privileges: str) -> tuple[Right, ...]:
    return tuple(Right(role, schema, table, each) for table in tables.split() for each in privileges.split())


RIGHTS = (
    # who asks. With the password's hash, which a sign-in is held against
    *_rights(DASHBOARD, "accounts", "user_account partner_login", "SELECT"),
    *_rights(DASHBOARD, "dashboard", "session universe", "SELECT INSERT UPDATE DELETE"),
    *_rights(DASHBOARD, "dashboard", "sign_in_attempt", "SELECT INSERT DELETE"),
    Right(DASHBOARD, "dashboard", "sign_in_attempt", "UPDATE", ("succeeded",)),
    # an export is announced, then closed: nobody takes it back, moves it in time or gives it to somebody else
    *_rights(DASHBOARD, "dashboard", "export", "SELECT"),
    Right(
        DASHBOARD,
        "dashboard",
        "export",
        "INSERT",
        (
            *("user_id", "email", "partner_id", "kind", "what", "filter", "as_of", "publication", "purpose"),
            *("counted", "suppressed_left_out"),
        ),
    ),
    Right(
        DASHBOARD,
        "dashboard",
        "export",
        "UPDATE",
        ("suppressed_left_out", "rows_sent", "sha256", "ended_at", "outcome"),
    ),
    # names of codes, contests and partners
    *_rights(DASHBOARD, "vocabulary", EVERY, "SELECT"),
    *_rights(DASHBOARD, "registry", "contests candidates", "SELECT"),
    Right(DASHBOARD, "registry", "partners", "SELECT", ("partner_id", "partner_name", "id_namespace")),
    # which role is a partner's, and which state of the data it reads
    *_rights(DASHBOARD, "published", "change_feed audience_change publication door", "SELECT"),
    # when the numbers of a partner's change feed were published, and how far it acknowledged
    Right(DASHBOARD, "published", "publication_partner", "SELECT", ("publication_id", "partner_id", "changes_until")),
    *_rights(DASHBOARD, "published", "acknowledgement", "SELECT"),
    # operators: files, their refused rows, review, logs. Rows of files may name people
    *_rights(OPERATOR, "ops", EVERY, "SELECT"),
    Right(OPERATOR, "ops", "audit", "INSERT", ("by_os_user", "what", "partner_id", "details")),
    *_rights(OPERATOR, "registry", EVERY, "SELECT"),
    *_rights(OPERATOR, "vocabulary", EVERY, "SELECT"),
    # how publications went; not published.undo, which holds rows of persons
    *_rights(
        OPERATOR,
        "published",
        "acknowledgement audience_change change_feed dictionary door hold last_build publication publication_partner"
        " publication_relation undo_floor view_rows",
        "SELECT",
    ),
    # people who sign in: no password's hash, no session's token
    Right(
        OPERATOR,
        "accounts",
        "user_account",
        "SELECT",
        ("user_id", "email", "partner_id", "is_disabled", "created_at", "password_set_at"),
    ),
    Right(OPERATOR, "accounts", "user_account", "UPDATE", ("is_disabled",)),
    *_rights(OPERATOR, "accounts", "partner_login", "SELECT"),
    *_rights(OPERATOR, "dashboard", "sign_in_attempt export", "SELECT"),
    Right(
        OPERATOR,
        "dashboard",
        "session",
        "SELECT",
        ("user_id", "acting_partner_id", "created_at", "last_seen_at", "expires_at", "client"),
    ),
    *_rights(OPERATOR, "dashboard", "session", "DELETE"),
)

# (role, schema, table, column or None for the whole table, privilege)
_Grant = tuple[str, str, str, str | None, str]


def correct_rights(changes: Changes, schema: str | None = None) -> None:
    """Grant and revoke what differs; in one schema, if it is named. A relation that is not there yet has no rights.

    Publications call it for `published`, whose tables they make; dbt's tables have default privileges (grants.py), and
    those of the registry that only some columns of may be read a hook in dbt_project.yml.
    """
    # a bootstrap and a publication at once would both change the same lists
    changes.rows("select pg_advisory_xact_lock(hashtextextended('exchange.warehouse.dashboard_rights', 0))")
    wanted = set(_wanted(changes, schema))
    # "revoke select" of a table takes that of its columns too: so first, and what is left is looked up again
    for role, where, table, column, privilege in sorted(_present(changes, schema) - wanted, key=str):
        _change(changes, "revoke", "from", (role, where, table, column, privilege))
    for each in sorted(wanted - _present(changes, schema), key=str):
        _change(changes, "grant", "to", each)


def _wanted(changes: Changes, schema: str | None) -> Iterator[_Grant]:
    columns: dict[tuple[str, str], list[str]] = {
        (where, table): names
        for where, table, names in changes.rows(
            """
            select nspname::text, relname::text, array_agg(attname::text)
            from pg_class
            inner join pg_namespace on pg_namespace.oid = relnamespace
            inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
            where relkind in ('r', 'p', 'v', 'm') and nspname = any(%s)
            group by nspname, relname
            """,
            [sorted({right.schema for right in RIGHTS} if schema is None else {schema})],
        )
    }
    for right in RIGHTS:
        for (where, table), present in columns.items():
            if where != right.schema or right.table not in (table, EVERY):
                continue
            if not right.columns:
                yield (right.role, where, table, None, right.privilege)
            for column in right.columns:
                if column in present:
                    yield (right.role, where, table, column, right.privilege)


def _present(changes: Changes, schema: str | None) -> set[_Grant]:
    """What the roles have on any relation of the database (or of the schema), however they got it."""
    return {
        (role, where, table, column, privilege)
        for role, where, table, column, privilege in changes.rows(
            """
            select grantee::regrole::text, nspname::text, relname::text, null, privilege_type
            from pg_class
            inner join pg_namespace on pg_namespace.oid = relnamespace
            cross join aclexplode(relacl)
            where grantee in (select oid from pg_roles where rolname = any(%s))
                and nspname = coalesce(%s, nspname)
            union all
            select grantee::regrole::text, nspname::text, relname::text, attname::text, privilege_type
            from pg_attribute
            inner join pg_class on pg_class.oid = attrelid
            inner join pg_namespace on pg_namespace.oid = relnamespace
            cross join aclexplode(attacl)
            where grantee in (select oid from pg_roles where rolname = any(%s))
                and nspname = coalesce(%s, nspname)
            """,
            [list(TAKEN_BY_WEB), schema] * 2,
        )
    }


def _change(changes: Changes, verb: str, preposition: str, each: _Grant) -> None:
    role, schema, table, column, privilege = each
    of_column = sql.SQL("") if column is None else sql.SQL(" ({})").format(identifiers([column]))
    # privileges are literals of this module, or Postgres' own words
    what = f"{schema}.{table}" if column is None else f"{schema}.{table} ({column})"
    changes.apply(
        f"{verb} {privilege.lower()} on {what} {preposition} {role}",
        sql.SQL(f"{verb} {privilege}{{}} on {{}} {preposition} {{}}").format(
            of_column, sql.Identifier(schema, table), sql.Identifier(role)
        ),
    )
