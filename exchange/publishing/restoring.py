"""What a publication showed, brought back into one published table by the rows that differ."""

from __future__ import annotations

from psycopg import Cursor, sql

from exchange.publishing import partitions, protection, undo_log
from exchange.publishing.partitions import Change
from exchange.publishing.relations import FRESHNESS, RELATIONS, Relation
from exchange.publishing.undo_log import UndoLog


def in_order() -> list[Relation]:
    """Suppressions ask whom the voters' view shows now, so they come before it."""
    kept = [relation for relation in RELATIONS if relation.name not in undo_log.STAYING]
    return sorted(kept, key=lambda relation: relation.name != "suppressions")


def restore(cursor: Cursor, relation: Relation, back_to: int, log: UndoLog) -> Change:
    """Bring a published table back to a publication, by the rows that differ."""
    names: dict[str, sql.Composable] = {
        "published": sql.Identifier("published", relation.name),
        "turned": sql.Identifier("pg_temp", f"turned_{relation.name}"),
        "restored": sql.Identifier("pg_temp", f"restored_{relation.name}"),
        "relation": sql.Literal(relation.name),
        "back_to": sql.Literal(back_to),
    }
    # a row that went and came back counts nothing
    cursor.execute(
        sql.SQL(
            """
            create temporary table {turned} on commit drop as
            select
                audience_id,
                row_digest,
                sum(case when content is null then -1 else 1 end) as net,
                max(content) as content
            from published.undo
            where relation = {relation} and back_to >= {back_to}
            group by audience_id, row_digest
            having sum(case when content is null then -1 else 1 end) <> 0;

            create temporary table {restored} (like {published}) on commit drop;
            insert into {restored}
            select (parsed.content).*
            from {turned} as turned
            -- offset: or the text is parsed once per column
            cross join lateral (select turned.content::{published} as content offset 0) as parsed
            where turned.net > 0;
            """
        ).format(**names)
    )
    if relation.is_of_persons:
        cursor.execute(
            sql.SQL("delete from {restored} where voter_id in ({protected})").format(
                **names, protected=protection.PROTECTED
            )
        )
    if relation.name == "suppressions":
        _keep_suppressions(cursor)
    elif relation.is_person:
        _keep_who_is_suppressed(cursor, relation)
    elif relation.name == FRESHNESS.name:
        _tell_when_it_changed(cursor)
    cursor.execute(sql.SQL("analyze {turned}; analyze {restored}").format(**names))
    return partitions.change(
        cursor,
        relation,
        delete=sql.SQL(
            "delete from {published} as published where"
            " (audience_id, _row_digest) in (select audience_id, row_digest from {turned} where net < 0)"
            " and not exists (select from {restored} as restored where restored.audience_id = published.audience_id"
            " and restored._row_digest = published._row_digest)"
        ).format(**names),
        insert=sql.SQL(
            "insert into {published} select restored.* from {restored} as restored where not exists"
            " (select from {published} as published where published.audience_id = restored.audience_id"
            " and published._row_digest = restored._row_digest)"
            " order by restored.audience_id, restored._row_digest"
        ).format(**names),
        log=log,
        is_news=True,
    )


def _keep_suppressions(cursor: Cursor) -> None:
    """They stay as they are now. Only with a person who comes back whom nobody sees now, those it had come back too."""
    cursor.execute("delete from pg_temp.turned_suppressions where net < 0")
    for name in protection.SEEN_IN:
        cursor.execute(
            sql.SQL(
                "delete from pg_temp.restored_suppressions as restored where exists (select from {} as seen"
                " where seen.audience_id = restored.audience_id and seen.voter_id = restored.voter_id)"
            ).format(sql.Identifier("published", name))
        )


def _keep_who_is_suppressed(cursor: Cursor, relation: Relation) -> None:
    """Whoever has a suppression now is suppressed, and nobody else."""
    cursor.execute(
        sql.SQL(
            """
            update {restored} as restored set is_suppressed = not restored.is_suppressed
            from (
                select persons.ctid as row_id
                from {restored} as persons
                left join (
                    select distinct audience_id, voter_id from published.suppressions where kind <> 'wrong_number'
                ) as listed using (audience_id, voter_id)
                where persons.is_suppressed <> (listed.voter_id is not null)
            ) as otherwise
            where restored.ctid = otherwise.row_id
            """
        ).format(restored=sql.Identifier("pg_temp", f"restored_{relation.name}"))
    )
    _digest_again(cursor, relation.name)


def _tell_when_it_changed(cursor: Cursor) -> None:
    """Freshness of then, but for when the partner's data last changed: that is now."""
    cursor.execute(
        """
        insert into pg_temp.restored_freshness
        select published.* from published.freshness as published where not exists
            (select from pg_temp.turned_freshness as turned where turned.net < 0
             and turned.audience_id = published.audience_id and turned.row_digest = published._row_digest);
        insert into pg_temp.turned_freshness (audience_id, row_digest, net)
        select audience_id, _row_digest, -1 from published.freshness;
        update pg_temp.restored_freshness as restored set last_published_at = audience_change.last_published_at
        from published.audience_change where audience_change.audience_id = restored.audience_id;
        """
    )
    _digest_again(cursor, FRESHNESS.name)


def _digest_again(cursor: Cursor, name: str) -> None:
    protection.digest_again(cursor, sql.Identifier("pg_temp", f"restored_{name}"), name)
