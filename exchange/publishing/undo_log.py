"""What a rollback needs: for the newest publications, the rows each removed, and the digests of those it added.

A row of the log undoes a step back to a publication, `back_to`. All rows with back_to >= N lead from now to N.
The log is cut where nobody may go back: it then begins anew with the newest publication, and older rows are deleted.
Rows of a person who became protected are erased from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from psycopg import Cursor, sql

from exchange.publishing.relations import RELATIONS, Relation

# how many publications a rollback can go back
KEPT = 30
# they say what holds now, and go on saying it after a rollback
STAYING = ("sharing_terms", "data_dictionary")

# why there is no way back beyond a publication
Reason = Literal["start", "age", "withdrawal", "permissions", "columns"]

TABLES = """
    create table if not exists published.undo (
        back_to bigint not null,
        relation text not null,
        audience_id int not null,
        row_digest uuid not null,
        content text
    );
    create index if not exists undo_relation_back_to on published.undo (relation, back_to);
    comment on table published.undo is
        'Grain: one row per row that a publication added or removed. content: the removed row; null if it was added.';
    create table if not exists published.undo_floor (publication_id bigint not null, reason text not null);
    comment on table published.undo_floor is
        'Grain: one row: the oldest publication that a rollback can go back to, and why not further.';
"""


@dataclass
class UndoLog:
    """The log of one publication. back_to: the publication before it; None: it is not logged, because of `cut`."""

    back_to: int | None
    cut: Reason | None = None

    def cut_here(self, reason: Reason) -> None:
        """There is no way back beyond this publication, so that nothing more of it is logged."""
        self.back_to = None
        self.cut = self.cut or reason

    def note(self, relation: Relation, *, is_removed: bool) -> sql.Composable:
        """A further CTE that keeps what undoes the change of the CTE `touched`."""
        if self.back_to is None or relation.name in STAYING:
            return sql.SQL("")
        return sql.SQL(
            ", undone as (insert into published.undo (back_to, relation, audience_id, row_digest, content)"
            " select {}, {}, audience_id, _row_digest, {} from touched)"
        ).format(
            sql.Literal(self.back_to),
            sql.Literal(relation.name),
            sql.SQL("touched::text" if is_removed else "null"),
        )


def begin(cursor: Cursor[Any], audience_of: dict[str, int]) -> UndoLog:
    """The log of the publication that begins. audience_of: partner -> audience after it."""
    newest, floor = newest_publication(cursor), read_floor(cursor)
    if newest is None or floor is None:
        return UndoLog(None, "start")
    if _was_withdrawn(cursor, floor[0]):
        # not even this publication: the rows that it removes are those that were taken back
        return UndoLog(None, "withdrawal")
    doors: dict[str, int] = dict(cursor.execute("select partner_id, audience_id from published.door").fetchall())
    if doors != audience_of:
        return UndoLog(None, "permissions")
    return UndoLog(newest)


def finish(cursor: Cursor[Any], log: UndoLog) -> None:
    """Forget what a rollback may not or need not reach. After the publication is recorded, or when there was none."""
    newest = newest_publication(cursor)
    if newest is None:
        return
    _erase_protected(cursor)
    if log.cut is not None:
        _raise_floor(cursor, newest, log.cut)
        return
    row = cursor.execute(
        "select publication_id from published.publication order by publication_id desc offset %s limit 1", (KEPT,)
    ).fetchone()
    floor = read_floor(cursor)
    if row is not None and floor is not None and row[0] > floor[0]:
        _raise_floor(cursor, row[0], "age")


def read_floor(cursor: Cursor[Any]) -> tuple[int, Reason] | None:
    """The oldest publication that a rollback can go back to, and why not further."""
    return cursor.execute("select publication_id, reason from published.undo_floor").fetchone()


def newest_publication(cursor: Cursor[Any]) -> int | None:
    row = cursor.execute("select max(publication_id) from published.publication").fetchone()
    return row[0] if row else None


def _raise_floor(cursor: Cursor[Any], publication_id: int, reason: Reason) -> None:
    cursor.execute("delete from published.undo where back_to < %s", (publication_id,))
    cursor.execute("delete from published.undo_floor")
    cursor.execute("insert into published.undo_floor values (%s, %s)", (publication_id, reason))


def _erase_protected(cursor: Cursor[Any]) -> None:
    """Erase the rows of persons who became protected since the last publication, whichever publication removed them."""
    voters = cursor.execute(
        "select voter_id::text from marts.dim_voters where is_protected and voter_id in"
        " (select voter_id from sharing.touched_voters where is_person_touched)"
    ).fetchall()
    if voters:
        # the text of a person's row begins with its audience and its voter
        cursor.execute(
            "delete from published.undo where relation = any(%s) and split_part(content, ',', 2) = any(%s)",
            ([relation.name for relation in RELATIONS if relation.is_of_persons], [voter for (voter,) in voters]),
        )


def _was_withdrawn(cursor: Cursor[Any], floor: int) -> bool:
    """Whether a file of a publication that a rollback could show again was withdrawn since."""
    row = cursor.execute(
        "select exists (select from raw.file inner join published.publication"
        " on file.file_id = any(publication.file_ids)"
        # of an exchange's thousands of files, those that it can be; a day, because a publication may take its time
        " where file.withdrawn_at > (select published_at - interval '1 day' from published.publication"
        " where publication_id = %(floor)s) and publication.publication_id >= %(floor)s)",
        {"floor": floor},
    ).fetchone()
    return bool(row and row[0])
