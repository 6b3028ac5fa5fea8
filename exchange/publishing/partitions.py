"""Published tables: one per relation, list-partitioned by audience, changed only by the rows that differ."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Connection, Cursor, sql

from exchange.publishing import audience_state, change_feed
from exchange.publishing.relations import CHANGES, Relation
from exchange.publishing.scope import Scope
from exchange.publishing.undo_log import UndoLog
from exchange.warehouse.partner_roles import end_all_partner_sessions

_OWNER = sql.Identifier("exchange_owner")
_NOTHING = sql.SQL("")


@dataclass(frozen=True)
class Change:
    """What one publication did to one relation: audience -> rows added, rows removed."""

    rows: dict[int, tuple[int, int]]

    @property
    def added(self) -> int:
        return sum(added for added, _ in self.rows.values())

    @property
    def removed(self) -> int:
        return sum(removed for _, removed in self.rows.values())

    @property
    def audiences(self) -> frozenset[int]:
        return frozenset(self.rows)


def stage(cursor: Cursor, relation: Relation) -> None:
    """Put the desired rows, with their digests, into the temporary table `desired_<relation>`."""
    cursor.execute(
        sql.SQL(
            # the text of a row begins with its audience, which is left out: a partition can start as a copy of another
            "create temporary table {desired} on commit drop as select rows.*,"
            " md5(substr(rows::text, strpos(rows::text, ',')))::uuid as _row_digest from ({rows}) as rows"
        ).format(desired=_desired(relation), rows=sql.SQL(relation.rows))
    )
    cursor.execute(sql.SQL("analyze {}").format(_desired(relation)))


def ensure_table(cursor: Cursor, relation: Relation) -> bool:
    """Create the partitioned table of a relation; rebuild it when its columns changed. True if it is new."""
    wanted = columns_of(cursor, "pg_temp", f"desired_{relation.name}")
    present = columns_of(cursor, "published", relation.name)
    if present == wanted:
        _index_changes(cursor, relation)
        return False
    if present:
        # a new contract: the views are made again in this same transaction (exchange/publishing/doors.py), and a
        # partner's session that sits in a transaction must not hold them
        end_all_partner_sessions(cursor.connection)
        cursor.execute(sql.SQL("drop table {} cascade").format(_table(relation)))
    cursor.execute(
        sql.SQL("create table {} (like {}) partition by list (audience_id)").format(
            _table(relation), _desired(relation)
        )
    )
    cursor.execute(sql.SQL("alter table {} owner to {}").format(_table(relation), _OWNER))
    if any(name == "person_id" for name, _ in wanted):
        cursor.execute(sql.SQL("create index on {} (person_id)").format(_table(relation)))
    if relation.is_of_persons:
        # the next publication looks for the rows of the voters that it touches
        cursor.execute(sql.SQL("create index on {} (voter_id)").format(_table(relation)))
        # dbt asks whom a view shows as contacted
        cursor.execute(sql.SQL("grant select on {} to exchange_dbt").format(_table(relation)))
    for index in relation.indexes:
        cursor.execute(sql.SQL("create index on {} {}").format(_table(relation), sql.SQL(index)))
    _index_changes(cursor, relation)
    audience_state.forget(cursor, relation)
    return True


def _index_changes(cursor: Cursor, relation: Relation) -> None:
    """Partners ask for what came after the number they know, and publications forget old numbers."""
    if relation.name == CHANGES.name:
        cursor.execute("create index if not exists changes_publication_id on published.changes (publication_id)")


def ensure_partitions(
    cursor: Cursor, relation: Relation, audiences: set[int], former: dict[int, int], fresh: frozenset[int]
) -> None:
    """Create the partitions that are missing. Attached, not created in place: readers of others never wait.

    fresh: audiences that come, or come back while their retired partition is still there.
    former: the audience whose partition a new audience's partners read so far. Theirs starts as a copy of it, so that
    other permissions write, and the change feed tells, only the rows that differ.
    """
    present = partitions(cursor, relation)
    for audience in sorted(audiences - present):
        partition = partition_name(relation, audience)
        cursor.execute(sql.SQL("create table {} (like {} including indexes)").format(partition, _table(relation)))
        cursor.execute(sql.SQL("alter table {} owner to {}").format(partition, _OWNER))
        cursor.execute(
            sql.SQL("alter table {} attach partition {} for values in ({})").format(
                _table(relation), partition, sql.Literal(audience)
            )
        )
        if former.get(audience) in present:
            _copy(cursor, relation, former[audience], audience)
    if relation.name != CHANGES.name:
        for audience in sorted(fresh & audiences):
            audience_state.recount(cursor, relation, audience, partition_name(relation, audience))


def _copy(cursor: Cursor, relation: Relation, source: int, target: int) -> None:
    names = [name for name, _ in columns_of(cursor, "published", relation.name) if name != "audience_id"]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    cursor.execute(
        sql.SQL("insert into {} (audience_id, {}) select {}, {} from {}").format(
            _table(relation), columns, sql.Literal(target), columns, partition_name(relation, source)
        )
    )


def apply(
    cursor: Cursor, relation: Relation, audiences: set[int], scope: Scope, log: UndoLog, *, is_news: bool
) -> Change:
    """Make the published rows in scope equal the staged ones, touching only rows that differ.

    is_news: whether the change feed tells what was added and removed.
    Rows of other audiences stay: no view reads their partitions after this transaction, and they are dropped whole.
    """
    names: dict[str, sql.Composable] = {
        "published": _table(relation),
        "desired": _desired(relation),
        "present": sql.Identifier("pg_temp", f"present_{relation.name}"),
        "gone": sql.Identifier("pg_temp", f"gone_{relation.name}"),
    }
    for statement in (
        sql.SQL("create temporary table {present} on commit drop as {rows}").format(
            **names, rows=scope.keys_in(relation, _table(relation), audiences)
        ),
        sql.SQL("analyze {present}").format(**names),
        sql.SQL(
            "create temporary table {gone} on commit drop as select * from {present} as present where not exists"
            " (select from {desired} as desired where desired.audience_id = present.audience_id"
            " and desired._row_digest = present._row_digest)"
        ).format(**names),
        sql.SQL("analyze {gone}").format(**names),
    ):
        cursor.execute(statement)
    return change(
        cursor,
        relation,
        delete=sql.SQL("delete from {published} where ({keys}) in (select {keys} from {gone})").format(
            **names, keys=sql.SQL(", ").join(map(sql.Identifier, relation.keys))
        ),
        insert=sql.SQL(
            "insert into {published} select desired.* from {desired} as desired where not exists"
            " (select from {present} as present where present.audience_id = desired.audience_id"
            " and present._row_digest = desired._row_digest)"
            # the order of joins over internal tables may depend on rows a partner cannot see
            " order by {order}"
        ).format(**names, order=sql.SQL(relation.order)),
        log=log,
        is_news=is_news,
    )


def change(
    cursor: Cursor,
    relation: Relation,
    *,
    delete: sql.Composable,
    insert: sql.Composable,
    log: UndoLog,
    is_news: bool,
) -> Change:
    """Run the two statements on a published table, and note what they did: in change feed, undo log and state."""
    notes = (
        (change_feed.note(relation, "retracted"), change_feed.note(relation, "added"))
        if is_news
        else (_NOTHING, _NOTHING)
    )
    removed = _touch(cursor, delete, notes[0], log.note(relation, is_removed=True))
    added = _touch(cursor, insert, notes[1], log.note(relation, is_removed=False))
    audience_state.add(cursor, relation, added, removed)
    nothing = (0, 0)
    return Change(
        {
            audience: (added.get(audience, nothing)[0], removed.get(audience, nothing)[0])
            for audience in sorted(added.keys() | removed.keys())
        }
    )


def _touch(cursor: Cursor, statement: sql.Composable, *notes: sql.Composable) -> dict[int, audience_state.Rows]:
    """Run a change of a published table with the notes that read the rows it touched; what it touched per audience."""
    query = sql.SQL(
        "with touched as ({} returning *){} select audience_id, count(*), {} from touched group by audience_id"
    ).format(statement, sql.SQL("").join(notes), audience_state.DIGEST)
    return {audience: (rows, digest) for audience, rows, digest in cursor.execute(query).fetchall()}


def partitions(cursor: Cursor, relation: Relation) -> set[int]:
    """The audiences that have a partition of the relation."""
    rows = cursor.execute(
        "select child.relname from pg_inherits join pg_class as child on child.oid = inhrelid"
        " where inhparent = to_regclass(%s)",
        (f"published.{relation.name}",),
    ).fetchall()
    return {int(name.rpartition("_")[2]) for (name,) in rows}


def drop_retired(connection: Connection, relations: tuple[Relation, ...], audiences: set[int]) -> None:
    """Drop partitions that no view reads any more, after the publication that switched the views.

    A reader may still hold an old partition: then it is left for the next publication rather than waited for.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '2s'")
        for relation in relations:
            for audience in partitions(cursor, relation) - audiences:
                cursor.execute(sql.SQL("drop table {}").format(partition_name(relation, audience)))


def partition_name(relation: Relation, audience: int) -> sql.Identifier:
    return sql.Identifier("published", f"{relation.name}_{audience}")


def _table(relation: Relation) -> sql.Identifier:
    return sql.Identifier("published", relation.name)


def _desired(relation: Relation) -> sql.Identifier:
    return sql.Identifier("pg_temp", f"desired_{relation.name}")


def columns_of(cursor: Cursor, schema: str, table: str) -> list[tuple[str, str]]:
    """Name and type of each column, in order; empty when there is no such table."""
    return cursor.execute(
        "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        (f"{schema}.{table}",),
    ).fetchall()
