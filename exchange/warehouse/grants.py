"""Schemas of the warehouse and who may do what in them. What is not listed here, nobody may."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from exchange.warehouse.changes import Changes, identifiers
from exchange.warehouse.roles import DAGSTER, DBT, INTERNAL, LOADER, OPERATOR, OWNER, TAKEN_BY_WEB, WEB

# dbt creates and owns the relations of these; matching (Python, the same role) those of `matching`
DBT_SCHEMAS = ("registry", "vocabulary", "staging", "matching", "intermediate", "marts", "ops", "sharing")
# of these, what the dashboard's two roles may name; what they may do with it says dashboard_rights.py
_DASHBOARD_USERS = {"ops": (OPERATOR,), "registry": TAKEN_BY_WEB, "vocabulary": TAKEN_BY_WEB}


@dataclass(frozen=True)
class Schema:
    """One schema: its owner, who creates relations in it, who may name what lies in it."""

    name: str
    owner: str = OWNER
    creator: str | None = None
    users: tuple[str, ...] = ()


SCHEMAS = (
    Schema("raw", creator=LOADER, users=(DBT,)),
    *(Schema(name, creator=DBT, users=_DASHBOARD_USERS.get(name, ())) for name in DBT_SCHEMAS),
    # dbt reads the last publication (freshness, changes); nobody but the owner writes
    Schema("published", users=(DBT, *TAKEN_BY_WEB)),
    Schema("dagster", owner=DAGSTER),
    Schema("accounts", users=TAKEN_BY_WEB),
    Schema("dashboard", users=TAKEN_BY_WEB),
)

# (creator, schema, readers): new relations of `creator` in `schema` are readable at once
DEFAULT_READERS = (
    (LOADER, "raw", (DBT, OWNER)),
    *((DBT, name, (OWNER,)) for name in DBT_SCHEMAS),
    (OWNER, "published", (DBT,)),
    # dbt drops and makes these again: without this the pages would fail until the next bootstrap
    (DBT, "vocabulary", TAKEN_BY_WEB),
    *((creator, "ops", (OPERATOR,)) for creator in (DBT, OWNER)),
    (DBT, "registry", (OPERATOR,)),
)


def create_schemas(changes: Changes) -> None:
    owners = dict(changes.rows("select nspname::text, pg_get_userbyid(nspowner)::text from pg_namespace"))
    for schema in SCHEMAS:
        name, owner = sql.Identifier(schema.name), sql.Identifier(schema.owner)
        if schema.name not in owners:
            changes.apply(
                f"create schema {schema.name}",
                sql.SQL("create schema {} authorization {}").format(name, owner),
            )
        elif owners[schema.name] != schema.owner:
            changes.apply(
                f"schema {schema.name} to {schema.owner}",
                sql.SQL("alter schema {} owner to {}").format(name, owner),
            )
        wanted = [(user, "usage") for user in schema.users]
        wanted += [(schema.creator, word) for word in ("usage", "create")] if schema.creator else []
        for role, privilege in wanted:
            grant(changes, "schema", schema.name, role, privilege)


def grant(changes: Changes, kind: str, name: str, role: str, privilege: str) -> None:
    """Grant one privilege on a schema or database, unless the role has it."""
    # kind and privilege are literals of this package, never input
    [(has,)] = changes.rows(f"select has_{kind}_privilege(%s, %s, %s)", [role, name, privilege])
    if not has:
        statement = sql.SQL(f"grant {privilege} on {kind} {{}} to {{}}")
        changes.apply(
            f"{role} gets {privilege} on {kind} {name}",
            statement.format(sql.Identifier(name), sql.Identifier(role)),
        )


def revoke_from_public(changes: Changes, kind: str, name: str, privilege: str) -> None:
    """Take one privilege on a schema, database or language from PUBLIC, if it is there and ours to take."""
    query = f"select has_{kind}_privilege('public', %s, %s)"
    values = [name, privilege]
    if not changes.rows(query, values)[0][0]:
        return
    statement = sql.SQL(f"revoke {privilege} on {kind} {{}} from public")
    what = f"PUBLIC loses {privilege} on {kind} {name}"
    changes.apply(what, statement.format(sql.Identifier(name)))
    # without the right to revoke, Postgres warns and changes nothing
    if changes.rows(query, values)[0][0]:
        changes.applied.remove(what)
        changes.skip(f"{privilege} on {kind} {name} stays granted to PUBLIC: only its owner may revoke it")


def restrict_database(changes: Changes, is_ours: bool) -> None:
    """Nobody connects or makes temporary tables without a grant. `is_ours`: the whole server is."""
    # first: what a role has by way of PUBLIC looks as if it had it itself
    for privilege in ("connect", "temporary", "create"):
        revoke_from_public(changes, "database", changes.database, privilege)
    for privilege in ("create", "usage"):
        revoke_from_public(changes, "schema", "public", privilege)
    for role in (*INTERNAL, WEB):
        grant(changes, "database", changes.database, role, "connect")
    for role in INTERNAL:
        grant(changes, "database", changes.database, role, "temporary")
    # `create schema if not exists` asks for CREATE on the database even if the schema exists; dbt runs it
    grant(changes, "database", changes.database, DBT, "create")
    others = changes.rows(
        "select datname::text from pg_database where datallowconn and datname <> current_database()"
        " and has_database_privilege('public', oid, 'connect') order by datname"
    )
    # from another database of the server a partner could watch the sessions in ours
    for (name,) in others:
        if is_ours:
            revoke_from_public(changes, "database", name, "connect")
            revoke_from_public(changes, "database", name, "temporary")
        else:
            changes.skip(f"every role may connect to database {name} of this server, partners' roles too")


def restrict_default_privileges(changes: Changes) -> None:
    """New relations are readable by the next step of the pipeline; new functions are executable by nobody."""
    existing = {
        (creator, schema, kind, grantee)
        for creator, schema, kind, grantee in changes.rows(
            """
            select
                pg_get_userbyid(defaclrole)::text,
                coalesce(nspname, '')::text,
                defaclobjtype::text,
                coalesce(rolname, 'public')::text
            from pg_default_acl
            left join pg_namespace on pg_namespace.oid = defaclnamespace
            cross join aclexplode(defaclacl) as granted
            left join pg_roles on pg_roles.oid = granted.grantee
            where granted.privilege_type in ('SELECT', 'EXECUTE')
            """
        )
    }
    for creator, schema, readers in DEFAULT_READERS:
        missing = [reader for reader in readers if (creator, schema, "r", reader) not in existing]
        if missing:
            statement = sql.SQL("alter default privileges for role {} in schema {} grant select on tables to {}")
            changes.apply(
                f"{', '.join(missing)} reads new relations of {creator} in {schema}",
                statement.format(sql.Identifier(creator), sql.Identifier(schema), identifiers(missing)),
            )
    for creator in (OWNER, LOADER, DBT):
        is_restricted = any(key[:3] == (creator, "", "f") for key in existing)
        if not is_restricted or (creator, "", "f", "public") in existing:
            statement = sql.SQL("alter default privileges for role {} revoke execute on functions from public")
            changes.apply(
                f"PUBLIC may not execute new functions of {creator}",
                statement.format(sql.Identifier(creator)),
            )


def set_search_paths(changes: Changes) -> None:
    """Dagster's tables have no schema in their names; everybody else names the schema."""
    found = changes.rows(
        "select from pg_db_role_setting join pg_database on pg_database.oid = setdatabase"
        " where datname = current_database() and setrole = %s::regrole"
        " and 'search_path=dagster' = any(setconfig)",
        [DAGSTER],
    )
    if not found:
        statement = sql.SQL("alter role {} in database {} set search_path = dagster")
        changes.apply(
            "Dagster's tables lie in schema dagster",
            statement.format(sql.Identifier(DAGSTER), sql.Identifier(changes.database)),
        )
