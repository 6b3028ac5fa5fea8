"""What differs between two publications, for `exchange publication diff`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row

from exchange.errors import ExchangeError
from exchange.publishing.change_feed import KEPT
from exchange.publishing.history import IN_FEED, publication


@dataclass(frozen=True)
class Difference:
    """Grain: one view of one partner that differs between two publications.

    by_record: rows are told by record, as the change feed knows them: `changed` counts those whose content changed.
    Otherwise the added and removed rows of each publication are summed up, a changed row counts in both, and `changed`
    is null.
    """

    partner_id: str
    relation: str
    added: int
    retracted: int
    changed: int | None
    by_record: bool


@dataclass(frozen=True)
class ChangedRow:
    """Grain: one record of a partner's view that differs between two publications."""

    relation: str
    person_id: str
    record_key: str
    change: str


# the change of a record over several publications follows from its first and its last one
_RECORDS: LiteralString = """
    select relation, person_id, record_key,
        case
            when first_change = 'added' then case when last_change = 'retracted' then null else 'added' end
            when last_change = 'retracted' then 'retracted'
            else 'changed'
        end as change
    from (
        select relation, person_id, record_key,
            (array_agg(change order by publication_id))[1] as first_change,
            (array_agg(change order by publication_id desc))[1] as last_change
        from published.changes
        where audience_id = %(audience)s and publication_id > %(after)s and publication_id <= %(until)s
        group by relation, person_id, record_key
    ) as told
"""


def differences(connection: Connection[Any], first: int, last: int) -> list[Difference]:
    """What partners' views show otherwise since publication `first` in publication `last`. By partner and view."""
    publication(connection, first)
    publication(connection, last)
    steps = {
        partner: _by_record(connection, partner, audience, after, until)
        for partner, (audience, after, until) in _feeds(connection, first, last).items()
    }
    return sorted(
        [difference for found in steps.values() for difference in found]
        + [one for one in _sums(connection, first, last) if one.partner_id not in steps or one.relation not in IN_FEED],
        key=lambda one: (one.partner_id, one.relation),
    )


def changed_rows(connection: Connection[Any], first: int, last: int, partner_id: str) -> list[ChangedRow]:
    """The records of a partner that differ between two publications, as its change feed tells.

    Raises ExchangeError where the feed does not reach back to the first one.
    """
    publication(connection, first)
    publication(connection, last)
    feed = _feeds(connection, first, last).get(partner_id)
    if feed is None:
        raise ExchangeError(
            f"The change feed of {partner_id} does not lead from publication {first} to {last}: it keeps the newest"
            f" {KEPT} publications that changed the partner's data, and begins anew when the partner reads anew.",
            remedy="Without --rows the difference is told in counts.",
        )
    audience, after, until = feed
    with connection.cursor(row_factory=class_row(ChangedRow)) as cursor:
        return cursor.execute(
            "select relation, person_id, record_key, change from (" + _RECORDS + ") as records"
            " where change is not null order by relation, person_id, record_key",
            {"audience": audience, "after": after, "until": until},
        ).fetchall()


def _feeds(connection: Connection[Any], first: int, last: int) -> dict[str, tuple[int, int, int]]:
    """Partners whose change feed tells all between: partner -> audience, its numbers at the first and at the last."""
    rows = connection.execute(
        """
        select door.partner_id, door.audience_id, before.changes_until, after.changes_until
        from published.door
        inner join published.publication_partner as before
            on door.partner_id = before.partner_id and before.publication_id = %(first)s
        inner join published.publication_partner as after
            on door.partner_id = after.partner_id and after.publication_id = %(last)s
        inner join published.audience_change as counted on door.audience_id = counted.audience_id
        where
            before.changes_until >= counted.publication_count - %(kept)s
            -- one and the same feed from the first one until now
            and not exists (
                select from published.publication_partner as between_them
                where between_them.partner_id = door.partner_id and between_them.publication_id >= %(first)s
                    and between_them.audience_id <> door.audience_id
            )
        """,
        {"first": first, "last": last, "kept": KEPT},
    ).fetchall()
    return {partner: (audience, after, until) for partner, audience, after, until in rows}


def _by_record(connection: Connection[Any], partner: str, audience: int, after: int, until: int) -> list[Difference]:
    rows = connection.execute(
        "select relation, count(*) filter (where change = 'added'), count(*) filter (where change = 'retracted'),"
        " count(*) filter (where change = 'changed') from (" + _RECORDS + ") as records"
        " where change is not null group by relation",
        {"audience": audience, "after": after, "until": until},
    ).fetchall()
    return [
        Difference(partner, relation, added, retracted, changed, by_record=True)
        for relation, added, retracted, changed in rows
    ]


def _sums(connection: Connection[Any], first: int, last: int) -> list[Difference]:
    with connection.cursor(row_factory=class_row(Difference)) as cursor:
        return cursor.execute(
            """
            select
                reader.partner_id,
                done.relation,
                sum(done.added)::bigint as added,
                sum(done.removed)::bigint as retracted,
                null::bigint as changed,
                false as by_record
            from published.publication_partner as reader
            inner join published.publication_relation as done
                on reader.audience_id = done.audience_id and reader.publication_id = done.publication_id
            where reader.publication_id > %s and reader.publication_id <= %s and done.added + done.removed > 0
            group by reader.partner_id, done.relation
            """,
            (first, last),
        ).fetchall()
