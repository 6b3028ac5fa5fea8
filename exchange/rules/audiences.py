"""Partners with the same permissions form an audience: which there are, and how many a registry would make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from exchange.errors import ExchangeError
from exchange.registry import Registry
from exchange.rules.ruleset import Ruleset


@dataclass(frozen=True)
class Audience:
    """Grain: one audience of the last refresh. contributor: whose own rows it has, if any: then it is alone in it.

    rows: relation -> rows that each of its partners reads; empty while nothing is published.
    """

    audience_id: int
    partners: list[str]
    contributor: str | None
    states: str | None
    id_namespace: str | None
    id_scope: str | None
    voter_fields: str | None
    rows: dict[str, int]


def audiences(connection: Connection[Any]) -> list[Audience]:
    """Every audience, by its first partner. Raises ExchangeError before the first refresh."""
    if not _exists(connection, "sharing.audiences"):
        raise ExchangeError("There are no audiences yet.", remedy="`exchange refresh` makes them.")
    rows = _published_rows(connection)
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            """
            select
                audience_id,
                array_agg(partner_id order by partner_id collate "C") as partners,
                min(own_partner_id) as contributor,
                min(states) as states,
                min(id_namespace) as id_namespace,
                min(id_scope) as id_scope,
                min(voter_fields) as voter_fields
            from sharing.audiences
            group by audience_id
            order by min(partner_id collate "C")
            """
        ).fetchall()
    return [Audience(**row, rows=rows.get(row["partners"][0], {})) for row in found]


def audience_count(registry: Registry, ruleset: Ruleset, delivered: set[str]) -> int:
    """How many audiences a registry makes (models/sharing/audiences.sql). delivered: who ever delivered a file."""
    in_force = [rule for rule in ruleset.rules if ruleset.is_in_force(rule)]
    with_feeds = {feed.partner_id for feed in registry.feeds}
    contributing = delivered | with_feeds
    # a rule that covers nobody but the partner itself is about no pair
    parties = with_feeds.union(ruleset.partners)
    permissions = set()
    for partner in ruleset.recipients:
        own, others = partner.partner_id, parties - {partner.partner_id}
        received = {
            (rule.rule_id, contributor)
            for rule in in_force
            if own in ruleset.members[rule.recipient]
            for contributor in ruleset.members[rule.contributor] & others & contributing
        }
        # what a contributor gives decides nothing: it is alone in its audience anyway
        given = {
            rule.rule_id
            for rule in in_force
            if own not in contributing
            and own in ruleset.members[rule.contributor]
            and ruleset.members[rule.recipient] & others
        }
        permissions.add(
            (
                _limits(ruleset, own),
                own if own in contributing else None,
                partner.states,
                partner.id_namespace,
                partner.id_scope,
                partner.voter_fields,
                frozenset(received),
                frozenset(given),
            )
        )
    return len(permissions)


def _limits(ruleset: Ruleset, partner_id: str) -> object:
    """What the limits of a partner say, of those with one window the highest; and whether they are met."""
    highest: dict[int, int] = {}
    for one in ruleset.limits_on(partner_id):
        days = one.limit.window_days
        highest[days] = max(one.limit.min_answers, highest.get(days, 0))
    return frozenset(highest.items()), ruleset.is_below_limit(partner_id)


def _published_rows(connection: Connection[Any]) -> dict[str, dict[str, int]]:
    """Partner -> view -> rows, as the last publication counted them."""
    rows: dict[str, dict[str, int]] = {}
    if _exists(connection, "published.view_rows"):
        for partner_id, view, count in connection.execute(
            "select partner_id, view_name, row_count from published.view_rows order by partner_id, view_name"
        ):
            rows.setdefault(partner_id, {})[view] = count
    return rows


def _exists(connection: Connection[Any], relation: str) -> bool:
    [found] = connection.execute("select to_regclass(%s) is not null", [relation]).fetchone() or [False]
    return bool(found)
