"""A partner's door: its schema, its views over its audience's partitions, and the grants that open just these."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Cursor, sql

from exchange.publishing.logins import suspended_partners
from exchange.publishing.partitions import partition_name
from exchange.publishing.relations import FRESHNESS, RELATIONS, Relation
from exchange.warehouse.partner_roles import close_door, create_partner_role, open_door

_OWNER = sql.Identifier("exchange_owner")


@dataclass(frozen=True)
class Door:
    """One active partner's access. `role` is both its login role and its schema."""

    partner_id: str
    role: str
    audience_id: int
    voter_fields: str


def doors(cursor: Cursor) -> list[Door]:
    """The doors that should be open: one per active partner."""
    rows = cursor.execute(
        "select partner_id, share_schema, audience_id, voter_fields from sharing.audiences order by partner_id"
    ).fetchall()
    return [Door(*row) for row in rows]


def open_doors(cursor: Cursor, wanted: list[Door]) -> None:
    """Make every partner's schema hold exactly its views. A view is touched only when its text has to change."""
    suspended = suspended_partners(cursor.connection)
    for door in wanted:
        create_partner_role(cursor.connection, door.role)
        if door.partner_id not in suspended and _is_closed(cursor, door):
            # it was inactive in the registry for a while
            open_door(cursor.connection, door.role)
        schema, role = sql.Identifier(door.role), sql.Identifier(door.role)
        cursor.execute(sql.SQL("create schema if not exists {} authorization {}").format(schema, _OWNER))
        cursor.execute(sql.SQL("grant usage on schema {} to {}").format(schema, role))
        for relation in (*RELATIONS, FRESHNESS):
            _ensure_view(cursor, door, relation)


def close_retired_doors(cursor: Cursor, wanted: list[Door]) -> list[str]:
    """Drop the views of partners that are no longer active and end their sessions. Returns their roles."""
    open_now = cursor.execute("select nspname::text from pg_namespace where nspname ~ '^p_[0-9a-f]{6}$'").fetchall()
    retired = sorted({role for (role,) in open_now} - {door.role for door in wanted})
    for role in retired:
        cursor.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(role)))
        close_door(cursor.connection, role)
    return retired


def _is_closed(cursor: Cursor, door: Door) -> bool:
    row = cursor.execute("select not rolcanlogin from pg_roles where rolname = %s", (door.role,)).fetchone()
    return bool(row and row[0])


def _ensure_view(cursor: Cursor, door: Door, relation: Relation) -> None:
    partition = partition_name(relation, door.audience_id)
    columns = [name for name, _ in _partition_columns(cursor, partition) if relation.shows(name, door.voter_fields)]
    if _present_view(cursor, door, relation) == (f"{relation.name}_{door.audience_id}", columns):
        return
    view = sql.Identifier(door.role, relation.name)
    shown = sql.SQL(", ").join(map(sql.Identifier, columns))
    role = sql.Identifier(door.role)
    cursor.execute(sql.SQL("drop view if exists {}").format(view))
    # security_invoker: the partner's own right on its own partition decides, so nothing below the view can leak
    cursor.execute(
        sql.SQL("create view {} with (security_invoker = true) as select {} from {}").format(view, shown, partition)
    )
    cursor.execute(sql.SQL("alter view {} owner to {}").format(view, _OWNER))
    cursor.execute(sql.SQL("grant select ({}) on {} to {}").format(shown, partition, role))
    cursor.execute(sql.SQL("grant select on {} to {}").format(view, role))
    _comment(cursor, view, relation, columns)


def _comment(cursor: Cursor, view: sql.Identifier, relation: Relation, columns: list[str]) -> None:
    meanings: dict[str | None, str] = dict(
        cursor.execute(
            "select column_name, meaning from published.dictionary where view_name = %s", (relation.name,)
        ).fetchall()
    )
    cursor.execute(sql.SQL("comment on view {} is {}").format(view, sql.Literal(meanings.get(None, ""))))
    for column in columns:
        cursor.execute(
            sql.SQL("comment on column {}.{} is {}").format(
                view, sql.Identifier(column), sql.Literal(meanings.get(column, ""))
            )
        )


def _partition_columns(cursor: Cursor, partition: sql.Identifier) -> list[tuple[str, int]]:
    return cursor.execute(
        "select attname::text, attnum from pg_attribute where attrelid = to_regclass(%s)"
        " and attnum > 0 and not attisdropped order by attnum",
        (partition.as_string(cursor),),
    ).fetchall()


def _present_view(cursor: Cursor, door: Door, relation: Relation) -> tuple[str, list[str]] | None:
    """The partition a partner's view reads now and the columns it shows; None when there is no such view."""
    row = cursor.execute(
        """
        select
            (select max(below.relname::text) from pg_depend join pg_rewrite on pg_rewrite.oid = pg_depend.objid
             join pg_class as below on below.oid = pg_depend.refobjid and below.relkind <> 'v'
             where pg_rewrite.ev_class = view.oid and pg_depend.classid = 'pg_rewrite'::regclass),
            (select array_agg(attname::text order by attnum) from pg_attribute where attrelid = view.oid and attnum > 0)
        from pg_class as view where view.oid = to_regclass(%s)
        """,
        (f'"{door.role}".{relation.name}',),
    ).fetchone()
    return (row[0], row[1]) if row else None
