"""The live facts of the warehouse as rules see them: the newest refresh, and rows counted by class and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, LiteralString

from psycopg import Connection, IsolationLevel
from psycopg.rows import class_row, dict_row

from exchange.errors import ExchangeError
from exchange.registry import Partner
from exchange.rules.judging import RowClass

# every relation that this package reads whatever is asked
_NEEDED = (
    *("raw.refresh", "marts.responses_described", "marts.contacts_described", "marts.person_ids"),
    *("marts.response_days", "marts.dim_partners"),
)

# whom views can name: with an id in the namespace, on the voter file, not protected (models/sharing/persons.sql)
NAMEABLE: LiteralString = """
    select
        person_ids.voter_id,
        coalesce(
            min(person_ids.external_id collate "C") filter (where not person_ids.is_inherited),
            min(person_ids.external_id collate "C")
        ) as person_id
    from marts.person_ids
    inner join vocabulary.id_namespaces as namespaces on person_ids.namespace = namespaces.namespace
    inner join marts.dim_voters as voters on person_ids.voter_id = voters.voter_id and not voters.is_protected
    where
        person_ids.namespace = %(id_namespace)s::text
        and person_ids.scope = case namespaces.scope_kind
            when 'state' then coalesce(upper(%(id_scope)s::text), voters.state)
            when 'committee' then %(id_scope)s::text
            else ''
        end
    group by person_ids.voter_id
"""
_COUNTED: LiteralString = (
    """
    with nameable as ("""
    + NAMEABLE
    + """),

    rows as (
        select 'responses' as subject, partner_id, question_code, office_level, state, channel, contact_on, voter_id
        from marts.responses_described
        union all
        select 'contacts', partner_id, null, null, state, channel, contact_on, voter_id
        from marts.contacts_described
    )

    select
        partner_id, subject, question_code, office_level, state, channel,
        contact_on, count(*), count(nameable.voter_id)
    from rows
    left join nameable using (voter_id)
    where %(contributor)s::text is null or partner_id = %(contributor)s
    group by partner_id, subject, question_code, office_level, state, channel, contact_on
    order by partner_id, subject desc, question_code, office_level, state, channel, contact_on
"""
)


@dataclass(frozen=True)
class Refresh:
    """The newest refresh: its "now" is what every rule is judged at."""

    refresh_id: int
    as_of: datetime
    registry_digest: str

    @property
    def today(self) -> date:
        return self.as_of.astimezone(UTC).date()


@dataclass(frozen=True)
class DayCount:
    """Rows of one class on one day. nameable: of them, about people whom the recipient's views can name."""

    contact_on: date
    rows: int
    nameable: int


@contextmanager
def snapshot(connection: Connection[Any]) -> Iterator[None]:
    """Inside, all is read as of one moment, whatever a refresh does meanwhile. Nothing can be written."""
    before = connection.isolation_level, connection.read_only
    connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with connection.transaction():
            yield
    finally:
        connection.isolation_level, connection.read_only = before


def newest_refresh(connection: Connection[Any]) -> Refresh:
    """Raises ExchangeError before the first refresh has built the marts."""
    [missing] = connection.execute(
        "select exists (select from unnest(%s::text[]) as needed where to_regclass(needed) is null)", [list(_NEEDED)]
    ).fetchone() or [True]
    if not missing:
        with connection.cursor(row_factory=class_row(Refresh)) as cursor:
            found = cursor.execute(
                "select refresh_id, as_of, registry_digest from raw.refresh order by refresh_id desc limit 1"
            ).fetchone()
        if found is not None:
            return found
    raise ExchangeError("There are no facts to judge yet.", remedy="`exchange refresh` loads them.")


def class_counts(
    connection: Connection[Any], contributor: str | None = None, recipient: Partner | None = None
) -> dict[RowClass, list[DayCount]]:
    """Every class of live rows, of one contributor or of all, with its days in order.

    nameable is counted for the recipient; without one it is 0.
    """
    counts: dict[RowClass, list[DayCount]] = defaultdict(list)
    parameters = {
        "contributor": contributor,
        "id_namespace": recipient and recipient.id_namespace,
        "id_scope": recipient and recipient.id_scope,
    }
    for *row_class, contact_on, rows, nameable in connection.execute(_COUNTED, parameters):
        counts[RowClass(*row_class)].append(DayCount(contact_on, rows, nameable))
    return dict(counts)


def given_answers(connection: Connection[Any]) -> dict[str, dict[date, int]]:
    """Every partner's live answers by contact date, as give-to-get limits count them (models/sharing/giving_limits)."""
    given: dict[str, dict[date, int]] = defaultdict(dict)
    for partner_id, contact_on, answers in connection.execute(
        """
        select partners.partner_id, response_days.contact_on, sum(response_days.response_count)::bigint
        from marts.response_days
        inner join marts.dim_partners as partners on response_days.partner_no = partners.partner_no
        group by partners.partner_id, response_days.contact_on
        """
    ):
        given[partner_id][contact_on] = answers
    return dict(given)


def contributors(connection: Connection[Any]) -> set[str]:
    """Every partner that ever delivered a file."""
    return {partner_id for (partner_id,) in connection.execute("select distinct partner_id from raw.file")}


def one_row(connection: Connection[Any], query: LiteralString, parameters: Any) -> dict[str, Any] | None:
    """The first row of a query, by column name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchone()
