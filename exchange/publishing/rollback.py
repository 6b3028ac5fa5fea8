"""Back to an earlier publication: partners see again what it showed, as a new publication; the next ones are on hold.

What never comes back: contributions withdrawn since, rows that permissions of today do not show, persons who are
protected now, and a person who asked not to be contacted as somebody who may be. Where that cannot be kept apart, the
rollback is refused.
"""

from __future__ import annotations

from psycopg import Cursor, sql

from exchange.audit.log import os_user, record
from exchange.errors import ExchangeError
from exchange.publishing import audience_state, change_feed, hold, partitions, protection, recording, scope, undo_log
from exchange.publishing.partitions import Change
from exchange.publishing.recording import Deeds, Origin, Publication
from exchange.publishing.relations import FRESHNESS, RELATIONS, Relation
from exchange.publishing.transaction import only_publication
from exchange.publishing.undo_log import Reason, UndoLog
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from exchange.warehouse.run_lock import only_run

REASONS: dict[Reason, str] = {
    "start": "what is needed to go back is kept since publication {floor}",
    "age": f"the newest {undo_log.KEPT} publications can be gone back to: since {{floor}}",
    "withdrawal": "data was withdrawn before publication {floor}, and what it was seen in is erased",
    "permissions": "partners, rules or feeds changed with publication {floor}, and what it stopped showing stays away",
    "columns": "views have other columns since publication {floor}",
}
_LIST = "`exchange publication list` tells which ones can be gone back to."


def roll_back(settings: Settings, publication_id: int) -> Publication:
    """Show every partner again what publication `publication_id` showed. Publications are on hold from then on.

    Suppressions stay as they are now, and those known since come. Raises ExchangeError, and changes nothing, if there
    is no way back to it; AlreadyRunningError during a refresh, which would publish on top of it what it began before.
    """
    with (
        only_run(settings),
        connect(settings, "admin", autocommit=True) as connection,
        only_publication(connection) as cursor,
    ):
        origin = _target(cursor, publication_id, settings)
        audience_of: dict[str, int] = dict(
            cursor.execute("select partner_id, audience_id from published.door").fetchall()
        )
        audiences = set(audience_of.values())
        log = UndoLog(undo_log.newest_publication(cursor))
        changes = {relation.name: _restore(cursor, relation, publication_id, log) for relation in _in_order()}
        for name, change in protection.protect(cursor, audiences, log).items():
            changes[name] = protection.together(changes[name], change)
        numbers = recording.count_for_audiences(
            cursor, {audience for change in changes.values() for audience in change.audiences}, origin.as_of
        )
        retracted = change_feed.record(cursor, numbers, set(), audiences)
        changes[FRESHNESS.name] = _restore(cursor, FRESHNESS, publication_id, log)
        deeds = Deeds(audience_of, changes, frozenset(), retracted)
        view_rows = audience_state.count_rows(cursor, audience_of)
        made = recording.record(cursor, origin, deeds)
        hold.begin(cursor, made, publication_id, os_user())
        undo_log.finish(cursor, log)
        record(connection, "publication_rolled_back", details={"back_to": publication_id, "publication_id": made})
    return Publication(made, deeds.changed, view_rows)


def resume(settings: Settings) -> hold.Hold | None:
    """Let publications go on; the next refresh computes and compares everything. Returns the hold, if there was one.

    Raises AlreadyRunningError during a refresh: what it builds follows a publication that partners no longer see.
    """
    with (
        only_run(settings),
        connect(settings, "admin", autocommit=True) as connection,
        only_publication(connection) as cursor,
    ):
        held = hold.current(connection)
        if held is not None:
            # what lies in `sharing` is what changed since publications that partners no longer see
            scope.forget_published(cursor)
            cursor.execute("delete from ops.unpublished_build")
            hold.end(cursor, os_user())
            told = {"back_to": held.back_to, "publication_id": held.publication_id}
            record(connection, "publication_resumed", details=told)
    return held


def _target(cursor: Cursor, publication_id: int, settings: Settings) -> Origin:
    """What the publication showed. Raises ExchangeError if nobody may or can go back to it."""
    row = cursor.execute(
        "select as_of, refresh_id, registry_digest, file_ids from published.publication where publication_id = %s",
        (publication_id,),
    ).fetchone()
    newest, floor = undo_log.newest_publication(cursor), undo_log.read_floor(cursor)
    if row is None or newest is None:
        raise ExchangeError("There is no such publication.", got=publication_id, remedy=_LIST)
    if publication_id == newest:
        raise ExchangeError("This is the newest publication: what partners see now.", got=publication_id, remedy=_LIST)
    _refuse_withdrawn(cursor, publication_id)
    _refuse_ended_rules(cursor, publication_id, settings)
    _refuse_other_permissions(cursor, publication_id)
    if floor is None or publication_id < floor[0]:
        floor_id, reason = floor or (newest, "start")
        raise ExchangeError(
            f"There is no way back to this publication: {REASONS[reason].format(floor=floor_id)}.",
            got=publication_id,
            remedy=_LIST,
        )
    now = cursor.execute("select max(as_of) from published.publication").fetchone()
    assert now is not None
    # the axis of `exchange as-of`: later than what it follows
    return Origin(max(settings.now(), now[0]), row[1], row[2], row[3], back_to=publication_id, kind="rollback")


def _refuse_withdrawn(cursor: Cursor, publication_id: int) -> None:
    rows = cursor.execute(
        "select file.partner_id, count(*) from raw.file inner join published.publication"
        " on file.file_id = any(publication.file_ids)"
        " where publication.publication_id = %s and file.withdrawn_at is not null group by 1 order by 1",
        (publication_id,),
    ).fetchall()
    if rows:
        told = ", ".join(f"{partner} ({files} {'file' if files == 1 else 'files'})" for partner, files in rows)
        raise ExchangeError(
            "Data that this publication was made of was withdrawn since.",
            got=told,
            remedy="What was withdrawn never comes back. Go back to a publication after the withdrawal.",
        )


def _refuse_other_permissions(cursor: Cursor, publication_id: int) -> None:
    """Compared with the registry as the last refresh loaded it, also if that refresh published nothing."""
    rows = cursor.execute(
        """
        select coalesce(now.partner_id, past.partner_id)
        from (
            select door.partner_id, audiences.audience_id
            from published.door
            left join sharing.audiences using (partner_id)
        ) as now
        full outer join (select * from published.publication_partner where publication_id = %(id)s) as past
            on now.partner_id = past.partner_id
        where (now.audience_id is null or now.audience_id is distinct from past.audience_id)
            -- too old to have its partners recorded
            and exists (select from published.publication_partner where publication_id = %(id)s)
        order by 1
        """,
        {"id": publication_id},
    ).fetchall()
    if rows:
        raise ExchangeError(
            "Partners have other permissions than then (rules, groups, states, feeds, voter fields, is_active).",
            got=", ".join(partner for (partner,) in rows),
            remedy="Go back to a publication after that change, or mend the data and refresh.",
        )


def _refuse_ended_rules(cursor: Cursor, publication_id: int, settings: Settings) -> None:
    """Of rules that are written as then: a share rule whose time is over, a withhold rule whose time has come."""
    rows = cursor.execute(
        """
        with days as (
            select
                (as_of at time zone 'UTC')::date as shown_on,
                (%(now)s::timestamptz at time zone 'UTC')::date as today
            from published.publication
            -- on hold partners see what the rollback showed
            where publication_id <= %(id)s and kind <> 'protection'
            order by publication_id desc
            limit 1
        ),

        rules as (
            select
                rule_id,
                effect,
                daterange(valid_from, valid_until, '[]') as in_force
            from registry.sharing_rules
        )

        select rules.rule_id
        from rules
        cross join days
        where
            rules.effect = 'share' and rules.in_force @> days.shown_on and not rules.in_force @> days.today
            or rules.effect = 'withhold' and rules.in_force @> days.today and not rules.in_force @> days.shown_on
        order by rules.rule_id
        """,
        {"id": publication_id, "now": settings.now()},
    ).fetchall()
    if rows:
        raise ExchangeError(
            "Rules showed then what they do not show today (valid_from, valid_until).",
            got=", ".join(str(rule) for (rule,) in rows),
            remedy="Go back to a publication after that day, or mend the data and refresh.",
        )


def _in_order() -> list[Relation]:
    """Suppressions ask whom the voters' view shows now, so they come before it."""
    kept = [relation for relation in RELATIONS if relation.name not in undo_log.STAYING]
    return sorted(kept, key=lambda relation: relation.name != "suppressions")


def _restore(cursor: Cursor, relation: Relation, back_to: int, log: UndoLog) -> Change:
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
    elif relation.name == "voters":
        _keep_who_is_suppressed(cursor)
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


def _keep_who_is_suppressed(cursor: Cursor) -> None:
    """Whoever has a suppression now is suppressed, and nobody else."""
    cursor.execute(
        """
        update pg_temp.restored_voters as restored set is_suppressed = not restored.is_suppressed
        from (
            select voters.ctid as row_id
            from pg_temp.restored_voters as voters
            left join (
                select distinct audience_id, voter_id from published.suppressions where kind <> 'wrong_number'
            ) as listed using (audience_id, voter_id)
            where voters.is_suppressed <> (listed.voter_id is not null)
        ) as otherwise
        where restored.ctid = otherwise.row_id
        """
    )
    _digest_again(cursor, "voters")


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
