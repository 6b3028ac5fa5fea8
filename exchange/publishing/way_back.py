"""Which publications there is a way back to, and why not to others."""

from __future__ import annotations

from psycopg import Cursor

from exchange.errors import ExchangeError
from exchange.publishing import undo_log
from exchange.publishing.recording import Origin
from exchange.publishing.undo_log import Reason
from exchange.settings import Settings

REASONS: dict[Reason, str] = {
    "start": "what is needed to go back is kept since publication {floor}",
    "age": f"the newest {undo_log.KEPT} publications can be gone back to: since {{floor}}",
    "withdrawal": "data was withdrawn before publication {floor}, and what it was seen in is erased",
    "permissions": "partners, rules or feeds changed with publication {floor}, and what it stopped showing stays away",
    "columns": "views have other columns since publication {floor}",
}
_LIST = "`exchange publication list` tells which ones can be gone back to."


def target(cursor: Cursor, publication_id: int, settings: Settings) -> Origin:
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
