"""A partner's views, copied row by row into a database of its own: the same names, columns, comments and rows.

What is copied is what the partner can read in the exchange's database: nothing else is looked at. In the copy each view
is again a projection of one table, `published.<view>`, which holds the view's columns and a digest of each row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from exchange.warehouse.partner_roles import end_sessions

_OWNER = sql.Identifier("exchange_owner")
DIGEST = "_row_digest"


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    comment: str | None


@dataclass(frozen=True)
class View:
    """One view of a partner. source: the table below it; indexed: columns by which the source has an index."""

    name: str
    comment: str | None
    columns: tuple[Column, ...]
    source: str
    has_digest: bool
    indexed: tuple[tuple[str, ...], ...]

    @property
    def shape(self) -> list[tuple[str, str]]:
        return [(column.name, column.type) for column in self.columns]


def views_of(conn: Connection[Any], role: str) -> list[View]:
    """What a partner can read in the database of the connection, by name of the view."""
    rows = conn.execute(
        """
        select
            view.oid,
            view.relname::text,
            obj_description(view.oid, 'pg_class'),
            (select max(below.oid) from pg_depend join pg_rewrite on pg_rewrite.oid = pg_depend.objid
             join pg_class as below on below.oid = pg_depend.refobjid and below.relkind <> 'v'
             where pg_rewrite.ev_class = view.oid and pg_depend.classid = 'pg_rewrite'::regclass)
        from pg_class as view where relnamespace = %s::regnamespace and relkind = 'v' order by relname
        """,
        (role,),
    ).fetchall()
    return [_view(conn, *row) for row in rows]


def copy_views(source: Connection[Any], target: Connection[Any], role: str) -> int:
    """Make the copy equal the original, in the target's transaction. Returns the number of rows written or removed."""
    wanted = views_of(source, role)
    present = {view.name: view for view in _present(target, role)}
    # a session that sits in a transaction would block a change of its views
    if [view.shape for view in present.values()] != [view.shape for view in wanted] or len(present) != len(wanted):
        end_sessions(target, role)
    for name in present.keys() - {view.name for view in wanted}:
        _drop(target, role, name)
    return sum(_copy_view(source, target, role, view, present.get(view.name)) for view in wanted)


def _view(conn: Connection[Any], oid: int, name: str, comment: str | None, source: int) -> View:
    columns = conn.execute(
        "select attname::text, format_type(atttypid, atttypmod), col_description(attrelid, attnum) from pg_attribute"
        " where attrelid = %s and attnum > 0 and not attisdropped order by attnum",
        (oid,),
    ).fetchall()
    shown = {column for column, _, _ in columns}
    [(table, has_digest, indexed)] = conn.execute(
        """
        select
            quote_ident(nspname) || '.' || quote_ident(relname),
            exists (select from pg_attribute where attrelid = pg_class.oid and attname = %s),
            array(
                select to_json(array(
                    select attname::text from unnest(indkey) with ordinality as key (attnum, place)
                    join pg_attribute on attrelid = indrelid and pg_attribute.attnum = key.attnum order by place
                ))
                from pg_index where indrelid = pg_class.oid and indexprs is null order by indexrelid
            )
        from pg_class join pg_namespace on pg_namespace.oid = relnamespace where pg_class.oid = %s
        """,
        (DIGEST, source),
    ).fetchall()
    return View(
        name,
        comment,
        tuple(Column(*column) for column in columns),
        table,
        has_digest,
        tuple(sorted({tuple(names) for names in indexed if names and shown.issuperset(names)})),
    )


def _present(target: Connection[Any], role: str) -> list[View]:
    found = target.execute("select to_regnamespace(%s) is not null", (role,)).fetchone()
    return views_of(target, role) if found and found[0] else []


def _copy_view(source: Connection[Any], target: Connection[Any], role: str, view: View, present: View | None) -> int:
    if present is None or present.shape != view.shape:
        if present is not None:
            _drop(target, role, view.name)
        _create(target, role, view)
    if present is None or (present.comment, present.columns) != (view.comment, view.columns):
        _comment(target, role, view)
    written = _copy_rows(source, target, view)
    if written:
        target.execute(sql.SQL("analyze {}").format(_table(view.name)))
    return written


def _create(target: Connection[Any], role: str, view: View) -> None:
    table, shown = _table(view.name), _names(view)
    name, reader = sql.Identifier(role, view.name), sql.Identifier(role)
    described = sql.SQL(", ").join(
        # the type is written by Postgres itself (format_type)
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind))
        for column, kind in [*view.shape, (DIGEST, "uuid not null")]
    )
    target.execute(sql.SQL("create table {} ({})").format(table, described))
    target.execute(sql.SQL("alter table {} owner to {}").format(table, _OWNER))
    for columns in ((DIGEST,), *view.indexed):
        target.execute(
            sql.SQL("create index on {} ({})").format(table, sql.SQL(", ").join(map(sql.Identifier, columns)))
        )
    target.execute(
        sql.SQL("create view {} with (security_invoker = true) as select {} from {}").format(name, shown, table)
    )
    target.execute(sql.SQL("alter view {} owner to {}").format(name, _OWNER))
    target.execute(sql.SQL("grant select ({}) on {} to {}").format(shown, table, reader))
    target.execute(sql.SQL("grant select on {} to {}").format(name, reader))


def _drop(target: Connection[Any], role: str, name: str) -> None:
    target.execute(sql.SQL("drop view {}").format(sql.Identifier(role, name)))
    target.execute(sql.SQL("drop table {}").format(_table(name)))


def _comment(target: Connection[Any], role: str, view: View) -> None:
    name = sql.Identifier(role, view.name)
    target.execute(sql.SQL("comment on view {} is {}").format(name, sql.Literal(view.comment)))
    for column in view.columns:
        target.execute(
            sql.SQL("comment on column {}.{} is {}").format(
                name, sql.Identifier(column.name), sql.Literal(column.comment)
            )
        )


def _copy_rows(source: Connection[Any], target: Connection[Any], view: View) -> int:
    """Remove rows that are no more, add those that are new; by digest, and by how often it occurs."""
    below, table = sql.SQL(view.source), _table(view.name)
    # taken over the row as published where there is one, else over what is shown
    digest = sql.Identifier(DIGEST) if view.has_digest else sql.SQL("md5(row({})::text)::uuid").format(_names(view))
    published = sql.SQL("select {} as digest from {}").format(digest, below)
    held = sql.SQL("select {} as digest from {}").format(sql.Identifier(DIGEST), table)
    if _sum(source, published) == _sum(target, held):
        return 0
    target.execute("create temporary table wanted (digest uuid, n bigint) on commit drop")
    _pipe(
        source,
        sql.SQL("select digest, count(*) from ({}) as published group by 1").format(published),
        target,
        sql.SQL("pg_temp.wanted"),
    )
    target.execute("analyze pg_temp.wanted")
    removed = target.execute(
        sql.SQL(
            "delete from {table} as stored using (select {digest}, count(*) as n from {table} group by 1) as held"
            " where stored.{digest} = held.{digest} and not exists"
            " (select from pg_temp.wanted where wanted.digest = held.{digest} and wanted.n = held.n)"
        ).format(table=table, digest=sql.Identifier(DIGEST))
    ).rowcount
    missing = sql.SQL("select digest from pg_temp.wanted where not exists (select from {} where {} = digest)").format(
        table, sql.Identifier(DIGEST)
    )
    source.execute("create temporary table missing (digest uuid)")
    _pipe(target, missing, source, sql.SQL("pg_temp.missing"))
    source.execute("analyze pg_temp.missing")
    # the order of the copy tells nothing but the rows themselves
    rows = sql.SQL(
        "select {shown}, digest from (select {shown}, {key} as digest from {below}) as published"
        " where digest in (select digest from pg_temp.missing) order by digest"
    ).format(shown=_names(view), key=digest, below=below)
    added = _pipe(source, rows, target, table)
    source.execute("drop table pg_temp.missing")
    target.execute("drop table pg_temp.wanted")
    return int(removed) + added


def _sum(conn: Connection[Any], digests: sql.Composable) -> Any:
    """A number that two sets of rows share only if they are equal, however they are ordered (but for 1 in 2^64)."""
    query = sql.SQL("select count(*), sum(uuid_hash_extended(digest, 0)::numeric) from ({}) as digests")
    return conn.execute(query.format(digests)).fetchone()


def _pipe(reader: Connection[Any], query: sql.Composable, writer: Connection[Any], table: sql.Composable) -> int:
    """The rows of a query in one database into a table of another. Returns their number."""
    with reader.cursor() as read, writer.cursor() as write:
        with (
            read.copy(sql.SQL("copy ({}) to stdout (format binary)").format(query)) as rows,
            write.copy(sql.SQL("copy {} from stdin (format binary)").format(table)) as into,
        ):
            for block in rows:
                into.write(block)
        return write.rowcount


def _names(view: View) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in view.columns)


def _table(name: str) -> sql.Identifier:
    return sql.Identifier("published", name)
