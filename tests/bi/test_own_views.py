"""What every tool shows beside the data: comments, ids that are the partner's own, one wide row per voter."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.bi.doors import Door
from tests.worlds.running import RunningExchange

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]

OFFICES = (
    *("president", "us_senate", "us_house", "governor"),
    *("state_senate", "state_house", "county", "municipal"),
)
# each id that belongs to one voter, by the registry's own words for whose it is
OWN_IDS = """
select person_ids.external_id
from marts.person_ids
inner join registry.partners on partners.id_namespace = person_ids.namespace
inner join vocabulary.id_namespaces on id_namespaces.namespace = person_ids.namespace
where partners.partner_id = %s
    and (id_namespaces.scope_kind = 'none' or coalesce(partners.id_scope, '') in ('', person_ids.scope))
"""


def active_partners(exchange: RunningExchange) -> list[str]:
    partners = json.loads(exchange.command("partner", "list", "--json"))
    return [partner["partner_id"] for partner in partners if partner["is_active"]]


def test_every_view_and_column_of_every_partner_has_a_comment(exchange: RunningExchange) -> None:
    """Would have caught a column added to a view without a description: tools show it beside the field."""
    silent = []
    for partner in active_partners(exchange):
        with exchange.connect_as(partner) as connection:
            silent += connection.execute(
                """
                select current_user as login, c.relname, a.attname
                from pg_class as c
                left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
                where c.relnamespace = current_schema()::regnamespace and c.relkind = 'v'
                    and (coalesce(obj_description(c.oid, 'pg_class'), '') = ''
                        or coalesce(col_description(c.oid, a.attnum), '') = '')
                """
            ).fetchall()
    assert silent == []


def test_the_dictionary_is_what_the_catalog_says(door: Door) -> None:
    told = set(door.rows("select view_name, column_name, data_type, meaning from data_dictionary"))
    shown: set[tuple[str | None, ...]] = {(view, None, None, door.comment(view)) for view in door.views()}
    shown |= {(view, name, kind, meaning) for view in door.views() for name, kind, meaning in door.described(view)}
    assert told == shown
    views = door.rows("select viewname::text from pg_views where schemaname = current_schema() order by 1")
    assert [view for (view,) in views] == door.views()


def test_a_voter_is_one_wide_row(door: Door) -> None:
    """What a pivot needs: one row per person, and for each office the answer and about whom it is."""
    columns = door.columns()["voters"]
    assert {f"support_{office}{part}" for office in OFFICES for part in ("", "_candidate")} <= set(columns)
    ((rows, persons),) = door.rows("select count(*), count(distinct person_id) from voters")
    assert rows == persons > 0


def test_person_id_is_the_partners_own(exchange: RunningExchange) -> None:
    """Would have caught the exchange's voter id, or another partner's id, in a view."""
    with exchange.connect_as_admin() as admin:
        for partner in active_partners(exchange):
            own = {row["external_id"] for row in admin.execute(OWN_IDS, [partner])}
            with exchange.connect_as(partner) as connection:
                for view in ("voters", "voter_responses", "contacts", "suppressions"):
                    try:
                        shown = connection.execute(f"select distinct person_id from {view}").fetchall()
                    except psycopg.errors.UndefinedTable:
                        continue
                    strange = {row["person_id"] for row in shown} - own
                    assert strange == set(), f"{partner}: {view} has ids that are not its own"
