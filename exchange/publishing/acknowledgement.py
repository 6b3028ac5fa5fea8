"""Acknowledgement of retractions: partners say that what their feeds retracted is deleted wherever they copied it.

Each partner's schema has a function acknowledge_changes(publication_id). It names its own partner, and only that
partner may execute it, so nobody acknowledges for another, whichever way the partner's role was taken (login, SET
ROLE). It runs as a role that can do just this. Publications only read what partners write here, and nobody changes it:
an acknowledgement in a transaction that somebody leaves open makes nothing wait.

In strict mode the same function stands in the partner's own database (exchange/publishing/acknowledgement_copies.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection, Cursor, sql
from psycopg.rows import class_row, scalar_row

from exchange.publishing.doors import Door
from exchange.publishing.undo_log import newest_publication

FUNCTION = "acknowledge_changes"
ROLE = "exchange_acknowledger"

SAID = """
    create table if not exists published.acknowledgement (
        role_name text not null,
        began_with bigint not null,
        publication_id int not null,
        acknowledged_at timestamptz not null
    );
    comment on table published.acknowledgement is
        'Grain: one row per acknowledgement that goes further than those before: by a partner, in its change feed, the'
        ' number there up to which it deleted what was retracted. Without a key: rows come, and none ever changes.';
"""
TABLES = f"""{SAID}
    create table if not exists published.change_feed (
        role_name text primary key,
        partner_id text not null,
        audience_id int not null,
        began_with bigint not null
    );
    comment on table published.change_feed is
        'Grain: one row per partner with views: its audience, and the publication since which its change feed counts.'
        ' What it reads anew gets a feed that counts anew.';
"""

_BODY = """
declare
    began bigint;
    newest int;
    acknowledged int;
begin
    select feed.began_with, feed.newest into began, newest from published.feed where feed.role_name = reader;
    if upto is null or upto < 1 or upto > coalesce(newest, 0) then
        raise exception 'There is no publication % to acknowledge: your newest is %.', upto, coalesce(newest, 0)
        using errcode = 'invalid_parameter_value', hint = 'select max(publication_id) from changes';
    end if;
    select max(said.publication_id) into acknowledged from published.acknowledgement as said
    where said.role_name = reader and said.began_with = began;
    if acknowledged >= upto then
        return acknowledged;
    end if;
    insert into published.acknowledgement (role_name, began_with, publication_id, acknowledged_at)
    values (reader, began, upto, clock_timestamp());
    return upto;
end
"""
_RIGHTS = f"""
    grant usage on schema published to {ROLE};
    grant select on published.feed to {ROLE};
    grant select, insert on published.acknowledgement to {ROLE};
    create or replace function published.{FUNCTION}(reader text, upto int) returns int
    language plpgsql set search_path = pg_catalog, pg_temp as $body${_BODY}$body$;
    revoke all on function published.{FUNCTION}(text, int) from public;
    grant execute on function published.{FUNCTION}(text, int) to {ROLE};
"""
_FEED = """
    create or replace view published.feed as
    select change_feed.role_name, change_feed.began_with, coalesce(counted.publication_count, 0) as newest
    from published.change_feed
    left join published.audience_change as counted on change_feed.audience_id = counted.audience_id;
    comment on view published.feed is
        'Grain: one row per partner with views: since which publication its change feed counts, and its newest number.';
"""


@dataclass(frozen=True)
class Acknowledged:
    """Grain: one partner with views. Numbers are those of its own change feed; null where there is none.

    newest_retraction: the newest publication that retracted rows. overdue_since: when it should have acknowledged.
    """

    partner_id: str
    newest_retraction: int | None
    acknowledged_until: int | None
    acknowledged_at: datetime | None
    unacknowledged_rows: int
    overdue_since: datetime | None


def open_to(cursor: Cursor[Any], wanted: list[Door], former: dict[int, int], opened: set[int]) -> None:
    """Give every door its function, and note whose feed it acknowledges. After the publication is recorded.

    former: audience -> the one its partners read before; opened: audiences whose feed begins.
    """
    newest = newest_publication(cursor)
    if newest is None:
        # no partner has views, and none ever had
        return
    create_rights(cursor, feed=_FEED)
    before: dict[str, tuple[int, int]] = {
        role: (audience, began)
        for role, audience, began in cursor.execute(
            "select role_name, audience_id, began_with from published.change_feed"
        )
    }
    for door in wanted:
        audience, began = before.get(door.role, (None, newest))
        goes_on = audience == door.audience_id or (audience is not None and former.get(door.audience_id) == audience)
        if door.audience_id in opened or not goes_on:
            began = newest
        if (audience, began) != before.get(door.role) or audience != door.audience_id:
            cursor.execute(
                "insert into published.change_feed values (%s, %s, %s, %s) on conflict (role_name) do update set"
                " partner_id = excluded.partner_id, audience_id = excluded.audience_id,"
                " began_with = excluded.began_with",
                (door.role, door.partner_id, door.audience_id, began),
            )
    roles = [door.role for door in wanted]
    cursor.execute("delete from published.change_feed where role_name <> all(%s)", (roles,))
    create_functions(cursor, roles)


def acknowledgements(connection: Connection[Any], now: datetime, overdue_after_days: int) -> list[Acknowledged]:
    """How far each partner acknowledged. Overdue: a retraction of more than so many days ago is not acknowledged."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        if not cursor.execute("select to_regclass('published.change_feed') is not null").fetchone():
            return []
    with connection.cursor(row_factory=class_row(Acknowledged)) as rows:
        return rows.execute(
            """
            select
                feed.partner_id,
                max(told.changes_until) as newest_retraction,
                known.publication_id as acknowledged_until,
                known.acknowledged_at,
                coalesce(sum(told.retracted) filter (where told.is_owed), 0)::bigint as unacknowledged_rows,
                case
                    when min(told.as_of) filter (where told.is_owed) + %(allowed)s <= %(now)s
                        then min(told.as_of) filter (where told.is_owed) + %(allowed)s
                end as overdue_since
            from published.change_feed as feed
            left join lateral (
                select said.publication_id, said.acknowledged_at
                from published.acknowledgement as said
                where said.role_name = feed.role_name and said.began_with = feed.began_with
                order by said.publication_id desc, said.acknowledged_at
                limit 1
            ) as known on true
            left join lateral (
                select
                    partner.changes_until,
                    partner.retracted,
                    publication.as_of,
                    partner.changes_until > coalesce(known.publication_id, 0) as is_owed
                from published.publication_partner as partner
                inner join published.publication on partner.publication_id = publication.publication_id
                where partner.partner_id = feed.partner_id and partner.retracted > 0
                    -- with the publication that began the feed the partner read everything anew
                    and partner.publication_id > feed.began_with
            ) as told on true
            group by feed.partner_id, known.publication_id, known.acknowledged_at
            order by feed.partner_id
            """,
            {"allowed": timedelta(days=overdue_after_days), "now": now},
        ).fetchall()


def create_rights(cursor: Cursor[Any], feed: str) -> None:
    """The role that acknowledgements run as, and the function that partners' functions call.

    feed: makes published.feed, which tells the function what a partner may acknowledge. Run only where the function is
    missing or another one: a change of the view waits for acknowledgements that are not committed.
    """
    if cursor.execute("select from pg_roles where rolname = %s", (ROLE,)).fetchone() is None:
        cursor.execute(f"create role {ROLE} nologin noinherit")
    own = cursor.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
    if own and not own[0]:
        # to make it the owner of functions, an administrator who is no superuser must be a member
        cursor.execute(f"grant {ROLE} to current_user")
    present = cursor.execute(
        "select prosrc from pg_proc where oid = to_regprocedure(%s)", (f"published.{FUNCTION}(text, int)",)
    ).fetchone()
    if present is None or present[0] != _BODY:
        cursor.execute((feed + _RIGHTS).encode())


def create_functions(cursor: Cursor[Any], roles: list[str]) -> None:
    """Give these roles' schemas their function, where it is missing."""
    rows = cursor.execute(
        "select pronamespace::regnamespace::text from pg_proc where proname = %s and pronargs = 1", (FUNCTION,)
    ).fetchall()
    for role in sorted(set(roles) - {name for (name,) in rows}):
        names = {
            "schema": sql.Identifier(role),
            "function": sql.Identifier(role, FUNCTION),
            "reader": sql.Identifier(role),
            "owner": sql.Identifier(ROLE),
        }
        cursor.execute(
            sql.SQL(
                """
                create function {function}(publication_id int) returns int
                language sql security definer set search_path = pg_catalog, pg_temp
                as {body};
                comment on function {function}(int) is {meaning};
                revoke all on function {function}(int) from public;
                grant execute on function {function}(int) to {reader};
                -- a new owner must be able to create in the schema: for this moment it is
                grant create on schema {schema} to {owner};
                alter function {function}(int) owner to {owner};
                revoke create on schema {schema} from {owner};
                """
            ).format(
                **names,
                body=sql.Literal(f"select published.{FUNCTION}('{role}', publication_id)"),
                meaning=sql.Literal(
                    "Says that you deleted, wherever you copied it, what your publications up to this number retracted."
                ),
            )
        )
