"""A partner's door: its schema, its views over its audience's partitions, and the grants that open just these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import Cursor, sql

from exchange.errors import ExchangeError, Place
from exchange.publishing import partitions
from exchange.publishing.logins import LoginState, login_states
from exchange.publishing.relations import VIEWS, Relation
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from exchange.warehouse.partner_roles import close_door, create_partner_role, keep_out, let_back, open_door

_OWNER = sql.Identifier("exchange_owner")

# lets nobody of these roles in
Shut = Callable[[set[str]], None]


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


def open_doors(cursor: Cursor, wanted: list[Door], *, meanings_changed: bool) -> None:
    """Make every partner's schema hold exactly its views. A view is touched only when its text has to change.

    meanings_changed: the data dictionary is another one, so the comments are written again.
    """
    logins = login_states(cursor.connection)
    for door in wanted:
        _refuse_a_reused_role(door, logins)
        create_partner_role(cursor.connection, door.role)
        state = logins.get(door.partner_id)
        if state is not None and state.is_suspended:
            # also when its share_schema has changed since
            close_door(cursor.connection, door.role)
        elif _is_closed(cursor, door):
            # it was inactive in the registry for a while
            open_door(cursor.connection, door.role)
        schema, role = sql.Identifier(door.role), sql.Identifier(door.role)
        cursor.execute(sql.SQL("create schema if not exists {} authorization {}").format(schema, _OWNER))
        cursor.execute(sql.SQL("grant usage on schema {} to {}").format(schema, role))
        for relation in VIEWS:
            columns = _shown_columns(cursor, door, relation)
            if _ensure_view(cursor, door, relation, columns) or meanings_changed:
                _comment(cursor, sql.Identifier(door.role, relation.name), relation, columns)


def close_retired_doors(cursor: Cursor, wanted: list[Door]) -> bool:
    """Drop the views of partners that are no longer active. Whether there were any."""
    closing = retired(cursor, wanted)
    for role in sorted(closing):
        close_door(cursor.connection, role)
        cursor.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(role)))
    return bool(closing)


def retired(cursor: Cursor, wanted: list[Door]) -> set[str]:
    """The roles that have views and should have none."""
    open_now = cursor.execute("select nspname::text from pg_namespace where nspname ~ '^p_[0-9a-f]{6}$'").fetchall()
    return {role for (role,) in open_now} - {door.role for door in wanted}


def changing(cursor: Cursor, wanted: list[Door]) -> set[str]:
    """The roles whose views are about to be dropped: other permissions, other columns, or none any more."""
    return retired(cursor, wanted) | {
        door.role
        for door in wanted
        for relation in VIEWS
        if _present_view(cursor, door, relation)
        not in (None, _view_text(door, relation, _shown_columns(cursor, door, relation)))
    }


@contextmanager
def kept_shut(settings: Settings) -> Iterator[Shut]:
    """What lets nobody of these roles in, until the publication in it is over.

    A session that sits in a transaction holds its old views, and with them everybody's news; one that comes back as
    soon as it was ended would hold them again. So the way in is closed first, and that is committed at once.
    """
    held: set[str] = set()
    with connect(settings, "admin", autocommit=True) as connection:

        def shut(roles: set[str]) -> None:
            held.update(roles)
            for role in sorted(roles):
                keep_out(connection, role)

        try:
            yield shut
        finally:
            for role in sorted(held):
                let_back(connection, role)


def _refuse_a_reused_role(door: Door, logins: dict[str, LoginState]) -> None:
    """A schema that moves from one partner to another would open the new one's data to the old one's password."""
    former = [partner for partner, state in logins.items() if state.role == door.role and partner != door.partner_id]
    if former:
        raise ExchangeError(
            f"share_schema {door.role} belongs to partner {former[0]}, whose password would open it.",
            place=Place(partner=door.partner_id, file="partners.csv", column="share_schema"),
            remedy="Give the partner a share_schema of its own, never used before.",
        )


def _is_closed(cursor: Cursor, door: Door) -> bool:
    row = cursor.execute("select not rolcanlogin from pg_roles where rolname = %s", (door.role,)).fetchone()
    return bool(row and row[0])


def _shown_columns(cursor: Cursor, door: Door, relation: Relation) -> list[str]:
    present = partitions.columns_of(cursor, "published", relation.name)
    return [name for name, _ in present if relation.shows(name, door.voter_fields)]


def _ensure_view(cursor: Cursor, door: Door, relation: Relation, columns: list[str]) -> bool:
    """Make the view if it is missing or reads another partition or columns. Whether it was made."""
    present = _present_view(cursor, door, relation)
    if present == _view_text(door, relation, columns):
        return False
    partition = partitions.partition_name(relation, door.audience_id)
    view, role = sql.Identifier(door.role, relation.name), sql.Identifier(door.role)
    shown = sql.SQL(", ").join(map(sql.Identifier, columns))
    if present is not None:
        cursor.execute(sql.SQL("drop view {}").format(view))
    # security_invoker: the partner's own right on its own partition decides, so nothing below the view can leak
    cursor.execute(
        sql.SQL("create view {} with (security_invoker = true) as select {} from {}").format(view, shown, partition)
    )
    cursor.execute(sql.SQL("alter view {} owner to {}").format(view, _OWNER))
    cursor.execute(sql.SQL("grant select ({}) on {} to {}").format(shown, partition, role))
    cursor.execute(sql.SQL("grant select on {} to {}").format(view, role))
    return True


def _view_text(door: Door, relation: Relation, columns: list[str]) -> tuple[str, list[str]]:
    """The partition that the view reads, and the columns it shows."""
    return f"{relation.name}_{door.audience_id}", columns


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
