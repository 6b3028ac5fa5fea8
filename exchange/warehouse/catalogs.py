"""What Postgres' own catalogs tell everybody, taken from PUBLIC: view text, row counts, sessions, locks.

Names of schemas, tables, columns and roles stay visible: no client works without them, so names must be
opaque. psql's \\d, SQLAlchemy, JDBC and ODBC go on working; `select * from pg_class` and \\d+ do not.
Our internal roles keep everything (dbt reads pg_views and pg_matviews).
"""

from __future__ import annotations

from psycopg import sql

from exchange.warehouse.changes import Changes, identifiers
from exchange.warehouse.roles import INTERNAL

# Regular expressions over the names of functions in pg_catalog.
HIDDEN_FUNCTIONS = (
    # text of views and rules; the bounds of a partition name its audience
    "^pg_get_(viewdef|ruledef|partition_constraintdef)$",
    # row counts, activity, sessions: the views of these names are only windows on the functions
    "^pg_stat_get_",
    # sizes of relations, for which Postgres asks for no privilege
    "^pg_((total_)?relation|table|indexes|database|tablespace)_size$",
    # the file of a relation is another one after it was rewritten
    "^pg_(relation_filenode|relation_filepath|filenode_relation)$",
    # how much others deliver, and when
    "^pg_(current_wal_|control_)",
    "^(pg_last_committed_xact|pg_xact_commit_timestamp.*|(pg_xact|txid)_status|pg_get_multixact_members)$",
    # who works on what at this moment; the last two tell by their error whose a process is
    "^pg_(lock_status|prepared_xact|blocking_pids|safe_snapshot_blocking_pids|isolation_test_session_is_blocked)$",
    "^pg_(cancel|terminate)_backend$",
    # locks that a partner could hold against a refresh or a publication
    "^pg_(try_)?advisory_",
    # data written without any privilege: large objects, messages in the write-ahead log, files of snapshots
    "^(lo_.*|loread|lowrite|pg_logical_emit_message|pg_export_snapshot)$",
    # messages between sessions: those of NOTIFY remain, which no privilege covers
    "^pg_(notify|notification_queue_usage)$",
    # queries in a text: the access log could not tell what they read
    "^((query|cursor|table|schema|database)_to_xml.*|ts_stat|ts_rewrite)$",
)
# Views and tables of pg_catalog that hide as a whole; `^pg_stat` is every statistics view, pg_stats too.
HIDDEN_VIEWS = "^(pg_stat.*|pg_rules|pg_policies|pg_locks|pg_prepared_xacts)$"
# Tables and views that clients need, and the columns of them that tell too much.
HIDDEN_COLUMNS = {
    # Metabase asks these for the names of views
    "pg_views": ("definition",),
    "pg_matviews": ("definition",),
    "pg_class": (
        *("reltuples", "relpages", "relallvisible", "relallfrozen", "relpartbound"),
        # when it was rewritten or vacuumed
        *("relfilenode", "relfrozenxid", "relminmxid"),
    ),
    "pg_rewrite": ("ev_qual", "ev_action"),
}


def restrict_catalogs(changes: Changes) -> None:
    """Writes only what differs. Only a superuser may: for others it is reported as skipped, in words."""
    if not changes.is_superuser:
        changes.skip(
            "view text, row counts, statistics and sessions stay visible to every role of this database:"
            " its administrator is no superuser and may not change Postgres' catalogs"
        )
        return
    _hide_functions(changes)
    _hide_views(changes)
    for table, columns in HIDDEN_COLUMNS.items():
        _hide_columns(changes, table, columns)
    _hide_languages(changes)


def _hide_functions(changes: Changes) -> None:
    found = changes.rows(
        """
        select oid::regprocedure::text from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and proname ~ any(%s)
        -- what Postgres itself keeps for superusers (lo_import reads files) is nobody else's, ours neither
        and not exists (select from pg_init_privs where classoid = 'pg_proc'::regclass and objoid = pg_proc.oid)
        and (
            has_function_privilege('public', oid, 'execute')
            or not (
                select bool_and(has_function_privilege(role, oid, 'execute')) from unnest(%s::text[]) as role
            )
        )
        """,
        [list(HIDDEN_FUNCTIONS), list(INTERNAL)],
    )
    _move(changes, "execute on function", [name for (name,) in found], f"{len(found)} catalog functions")


def _hide_views(changes: Changes) -> None:
    found = changes.rows(
        """
        select oid::regclass::text from pg_class
        where relnamespace = 'pg_catalog'::regnamespace and relkind = 'v' and relname ~ %s
        and (
            has_table_privilege('public', oid, 'select')
            or not (select bool_and(has_table_privilege(role, oid, 'select')) from unnest(%s::text[]) as role)
        )
        """,
        [HIDDEN_VIEWS, list(INTERNAL)],
    )
    _move(changes, "select on", [name for (name,) in found], f"{len(found)} catalog views")


def _move(changes: Changes, privilege: str, names: list[str], what: str) -> None:
    """Take a privilege on catalog objects from PUBLIC and give it to the internal roles."""
    if not names:
        return
    objects = ", ".join(names)  # written by Postgres itself (regprocedure, regclass): quoted where needed
    changes.apply(f"hide {what}", sql.SQL(f"revoke {privilege} {objects} from public"))
    granting = sql.SQL(f"grant {privilege} {objects} to {{}}")
    changes.apply(f"{what} stay visible inside", granting.format(identifiers(INTERNAL)))


def _hide_columns(changes: Changes, table: str, hidden: tuple[str, ...]) -> None:
    # some clients (DataGrip, psql) ask for xmin and tableoid, which tell only of changes to definitions
    columns = changes.rows(
        """
        select attname::text, has_column_privilege('public', attrelid, attnum, 'select')
        from pg_attribute
        where attrelid = %s::regclass and not attisdropped
        and (attnum > 0 or attname in ('tableoid', 'xmin')) order by attnum
        """,
        [f"pg_catalog.{table}"],
    )
    if any(is_visible == (name in hidden) for name, is_visible in columns):
        shown = [name for name, _ in columns if name not in hidden]
        name = sql.Identifier("pg_catalog", table)
        # takes the grants on single columns with it
        changes.apply(f"hide {table}", sql.SQL("revoke select on {} from public").format(name))
        changes.apply(
            f"{table} stays visible but for {', '.join(hidden)}",
            sql.SQL("grant select ({}) on {} to public").format(identifiers(shown), name),
        )
        changes.apply(
            f"{table} stays visible inside",
            sql.SQL("grant select on {} to {}").format(name, identifiers(INTERNAL)),
        )


def _hide_languages(changes: Changes) -> None:
    """Anonymous blocks (DO) and functions are for our roles: a partner reads views."""
    for (name,) in changes.rows(
        "select lanname::text from pg_language where lanpltrusted"
        " and has_language_privilege('public', oid, 'usage') order by lanname"
    ):
        language = sql.Identifier(name)
        changes.apply(f"hide language {name}", sql.SQL("revoke usage on language {} from public").format(language))
        changes.apply(
            f"language {name} stays usable inside",
            sql.SQL("grant usage on language {} to {}").format(language, identifiers(INTERNAL)),
        )
