"""What shields persons and partners reaches the views whatever else is taken back or waits: protected persons leave
them, new suppressions come, doors of partners that are no longer active close.

A rollback does the first two to what it shows again. A refresh on hold publishes all of it, and nothing else. It never
takes a suppression away: whether one ended is asked when publications go on.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import Cursor, sql

from exchange.publishing import audience_state, change_feed, doors, hold, partitions, recording, undo_log
from exchange.publishing.partitions import Change, columns_of
from exchange.publishing.recording import Deeds, Publication
from exchange.publishing.relations import FRESHNESS, PERSONS, RELATIONS, Relation
from exchange.publishing.undo_log import UndoLog

PROTECTED = sql.SQL("select voter_id from marts.dim_voters where is_protected")
OF_PERSONS = {relation.name: relation for relation in RELATIONS if relation.is_of_persons}
# whom a partner sees: people in its states, and those elsewhere that it contacted itself
SEEN_IN = ("voters", "voter_responses", "contacts")


@dataclass(frozen=True)
class Held:
    """A publication on hold, with its audiences; refusal: of everything else."""

    publication: tuple[Publication, set[int]]
    refusal: hold.HeldError


def publish_if_held(cursor: Cursor, shut: doors.Shut) -> Held | None:
    """On hold, publish what protects, and nothing else. None: publications go on."""
    held = hold.current(cursor.connection)
    if held is None:
        return None
    wanted = doors.doors(cursor)
    active = {door.partner_id for door in wanted}
    before: dict[str, int] = dict(cursor.execute("select partner_id, audience_id from published.door").fetchall())
    audience_of = {partner: audience for partner, audience in before.items() if partner in active}
    audiences = set(audience_of.values())
    origin = _as_before(cursor)
    log = undo_log.begin(cursor, audience_of)
    shut(doors.retired(cursor, wanted))
    is_closing = doors.close_retired_doors(cursor, wanted)
    change_feed.remember_doors(cursor, audience_of)

    changes = protect(cursor, audiences, log)
    changed = {audience for change in changes.values() for audience in change.audiences}
    numbers = recording.count_for_audiences(cursor, changed, origin.as_of)
    retracted = change_feed.record(cursor, numbers, set(), audiences)
    changes[FRESHNESS.name] = _tell_when_it_changed(cursor, changed, log)
    deeds = Deeds(audience_of, changes, frozenset(), retracted)
    view_rows = audience_state.count_rows(cursor, audience_of)
    publication_id = None
    if deeds.changed or is_closing:
        publication_id = recording.record(cursor, origin, deeds)
    undo_log.finish(cursor, log)
    made = Publication(publication_id, deeds.changed, view_rows)
    return Held((made, audiences), hold.refusal(held, _in_words(cursor)))


def protect(cursor: Cursor, audiences: set[int], log: UndoLog) -> dict[str, Change]:
    """Apply what the marts know now to the published rows of these audiences. Returns relation -> what it did."""
    changes = {name: _remove_protected(cursor, relation, audiences) for name, relation in OF_PERSONS.items()}
    changes["suppressions"] = together(changes["suppressions"], _add_suppressions(cursor, audiences, log))
    for relation in PERSONS:
        changes[relation.name] = together(changes[relation.name], _mark_suppressed(cursor, relation, audiences, log))
    return changes


def together(first: Change, second: Change) -> Change:
    """What two changes of one relation did."""
    nothing = (0, 0)
    return Change(
        {
            audience: (one[0] + other[0], one[1] + other[1])
            for audience in sorted(first.audiences | second.audiences)
            for one, other in [(first.rows.get(audience, nothing), second.rows.get(audience, nothing))]
        }
    )


def _in_words(cursor: Cursor) -> str:
    """What was published, and whose new permissions were not."""
    rows = cursor.execute(
        "select door.partner_id from published.door inner join sharing.audiences using (partner_id)"
        " where door.audience_id <> audiences.audience_id order by 1"
    ).fetchall()
    told = "only new suppressions, newly protected persons and partners no longer active were published"
    if not rows:
        return told
    waiting = ", ".join(partner for (partner,) in rows)
    return f"{told}; whose permissions changed sees what it saw ({waiting})"


def digest_again(cursor: Cursor, table: sql.Identifier, name: str) -> None:
    """The digest as exchange/publishing/partitions.py takes it: of the row's text without its audience.

    table: rows shaped like the published relation `name`.
    """
    columns = [column for column, _ in columns_of(cursor, "published", name) if column != "_row_digest"]
    cursor.execute(
        sql.SQL("update {} set _row_digest = md5(substr({row}, strpos({row}, ',')))::uuid").format(
            table, row=sql.SQL("row({})::text").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
        )
    )


def _as_before(cursor: Cursor) -> recording.Origin:
    """The origin of what partners go on seeing; of the newest refresh only its "now", if time went on."""
    newest = recording.newest_refresh(cursor)
    row = cursor.execute(
        "select (select max(as_of) from published.publication), refresh_id, registry_digest, file_ids"
        " from published.publication order by publication_id desc limit 1"
    ).fetchone()
    assert row is not None, "a hold begins with a publication"
    return recording.Origin(max(newest.as_of, row[0]), row[1], row[2], row[3], kind="protection")


def _remove_protected(cursor: Cursor, relation: Relation, audiences: set[int]) -> Change:
    table = sql.Identifier("published", relation.name)
    return partitions.change(
        cursor,
        relation,
        delete=sql.SQL("delete from {} where audience_id = any({}) and voter_id in ({})").format(
            table, sql.Literal(sorted(audiences)), PROTECTED
        ),
        insert=sql.SQL("insert into {table} select * from {table} where false").format(table=table),
        # no way back keeps their rows
        log=UndoLog(None),
        is_news=True,
    )


def _add_suppressions(cursor: Cursor, audiences: set[int], log: UndoLog) -> Change:
    """Add what is known of the persons that the audiences see. What binds one caller: only to its own audience."""
    persons = sql.SQL(" union ").join(
        sql.SQL(
            "select audience_id, voter_id, person_id from {}"
            " where audience_id = any({}) and voter_id in (select voter_id from marts.suppressions)"
        ).format(sql.Identifier("published", name), sql.Literal(sorted(audiences)))
        for name in SEEN_IN
    )
    cursor.execute(
        sql.SQL(
            """
            create temporary table missing_suppressions (like published.suppressions) on commit drop;
            insert into pg_temp.missing_suppressions
                (audience_id, voter_id, person_id, phone, scope, kind, effective_on)
            with persons as ({persons})
            select
                persons.audience_id,
                persons.voter_id,
                persons.person_id,
                nullif(known.phone, ''),
                known.scope,
                known.kind,
                known.effective_on
            from marts.suppressions as known
            inner join persons on known.voter_id = persons.voter_id
            left join (
                select audience_id, min(partner_id) as partner_id from published.door
                group by audience_id having count(*) = 1
            ) as alone on persons.audience_id = alone.audience_id
            where
                known.caller_partner_id in ('', alone.partner_id)
                and not exists (
                    select from published.suppressions as shown
                    where
                        shown.audience_id = persons.audience_id
                        and shown.voter_id = persons.voter_id
                        and shown.kind = known.kind
                        and shown.scope = known.scope
                        and shown.phone is not distinct from nullif(known.phone, '')
                );
            """
        ).format(persons=persons)
    )
    table = sql.Identifier("pg_temp", "missing_suppressions")
    digest_again(cursor, table, "suppressions")
    return _swap(cursor, OF_PERSONS["suppressions"], sql.SQL("false"), table, log)


def _mark_suppressed(cursor: Cursor, relation: Relation, audiences: set[int], log: UndoLog) -> Change:
    """Nobody with a suppression is shown as one who may be contacted."""
    table = sql.Identifier("pg_temp", f"marked_{relation.name}")
    cursor.execute(
        sql.SQL(
            """
            create temporary table {marked} (like {published}) on commit drop;
            insert into {marked}
            select persons.* from {published} as persons
            where
                not persons.is_suppressed
                and persons.audience_id = any({audiences})
                and (persons.audience_id, persons.voter_id) in (
                    -- a wrong number is one edge of person and phone: the person may be contacted
                    select audience_id, voter_id from published.suppressions where kind <> 'wrong_number'
                );
            update {marked} set is_suppressed = true;
            """
        ).format(
            marked=table,
            published=sql.Identifier("published", relation.name),
            audiences=sql.Literal(sorted(audiences)),
        )
    )
    digest_again(cursor, table, relation.name)
    same_person = sql.SQL("(audience_id, voter_id) in (select audience_id, voter_id from {})").format(table)
    return _swap(cursor, relation, same_person, table, log)


def _tell_when_it_changed(cursor: Cursor, audiences: set[int], log: UndoLog) -> Change:
    cursor.execute(
        sql.SQL(
            """
            create temporary table newer_freshness (like published.freshness) on commit drop;
            insert into pg_temp.newer_freshness select * from published.freshness where audience_id = any({});
            update pg_temp.newer_freshness as newer set last_published_at = audience_change.last_published_at
            from published.audience_change where audience_change.audience_id = newer.audience_id;
            """
        ).format(sql.Literal(sorted(audiences)))
    )
    table = sql.Identifier("pg_temp", "newer_freshness")
    digest_again(cursor, table, FRESHNESS.name)
    return _swap(cursor, FRESHNESS, sql.SQL("audience_id in (select audience_id from {})").format(table), table, log)


def _swap(cursor: Cursor, relation: Relation, old: sql.Composable, new: sql.Identifier, log: UndoLog) -> Change:
    """Replace the published rows of the condition `old` by those of the table `new`."""
    table = sql.Identifier("published", relation.name)
    return partitions.change(
        cursor,
        relation,
        delete=sql.SQL("delete from {} where {}").format(table, old),
        insert=sql.SQL("insert into {} select * from {} order by {}").format(table, new, sql.SQL(relation.order)),
        log=log,
        is_news=True,
    )
