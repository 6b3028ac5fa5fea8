"""The two partners of an explanation, and what holds for all rows between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from exchange.errors import ExchangeError, Place
from exchange.registry import Partner, Registry
from exchange.registry.rows import EXCHANGE_PARTNER
from exchange.rules.facts import given_answers, newest_refresh
from exchange.rules.giving import LimitOnPartner
from exchange.rules.ruleset import Ruleset


@dataclass(frozen=True)
class Party:
    """One of the two. is_active: in the registry. is_suspended: its login is. One who left has only its id."""

    partner_id: str
    side: str | None
    states: str | None
    is_active: bool
    is_suspended: bool
    has_left: bool

    @property
    def has_views(self) -> bool:
        return self.is_active and not self.is_suspended


@dataclass(frozen=True)
class Parties:
    """Grain: one recipient and contributor, at the newest refresh.

    limits: those that the recipient is under; if one is not met, nothing of others is shown to it.
    is_across: the two are on different sides, so whatever is shared is blind and coarser than a day.
    registry_differs: the registry is another one than at the refresh: the views follow with the next one.
    """

    refresh_id: int
    as_of: datetime
    today: date
    recipient: Party
    contributor: Party
    limits: list[LimitOnPartner]
    is_across: bool
    registry_differs: bool


@dataclass(frozen=True)
class Question:
    """What explaining needs: the parties, the rules, and the recipient as the registry has it."""

    parties: Parties
    ruleset: Ruleset
    recipient: Partner

    @property
    def contributor_id(self) -> str:
        return self.parties.contributor.partner_id


def question(connection: Connection[Any], registry: Registry, recipient_id: str, contributor_id: str) -> Question:
    """What is asked, as of the newest refresh.

    Raises ExchangeError for a partner nobody knows, and for the exchange as recipient: it has no views.

    A contributor may have left the registry: its rows stay until they are withdrawn.
    """
    recipient = registry.partner(recipient_id)
    if recipient.is_exchange:
        raise ExchangeError(
            "The exchange itself has no views.", place=Place(partner=recipient_id), remedy="Name another recipient."
        )
    refresh = newest_refresh(connection)
    ruleset = Ruleset.of(registry, refresh.today, given_answers(connection))
    suspended = _suspended(connection)
    unlisted = contributor_id not in ruleset.partners and contributor_id != EXCHANGE_PARTNER
    left = unlisted and _was_known(connection, contributor_id)
    contributor = Partner(partner_id=contributor_id) if left else registry.partner(contributor_id)
    parties = Parties(
        refresh_id=refresh.refresh_id,
        as_of=refresh.as_of,
        today=refresh.today,
        recipient=_party(recipient, suspended, has_left=False),
        contributor=_party(contributor, suspended, has_left=left),
        limits=ruleset.limits_on(recipient_id),
        is_across=None not in (recipient.side, contributor.side) and recipient.side != contributor.side,
        registry_differs=refresh.registry_digest != registry.digest(),
    )
    return Question(parties, ruleset, recipient)


def _party(partner: Partner, suspended: set[str], *, has_left: bool) -> Party:
    return Party(
        partner_id=partner.partner_id,
        side=partner.side,
        states=partner.states,
        is_active=bool(partner.is_active),
        is_suspended=partner.partner_id in suspended,
        has_left=has_left,
    )


def _suspended(connection: Connection[Any]) -> set[str]:
    """The partners whose login is suspended. Read only: before the first login there is no table."""
    [has_logins] = connection.execute("select to_regclass('accounts.partner_login') is not null").fetchone() or [False]
    query = "select partner_id from accounts.partner_login where suspended_at is not null"
    return {partner_id for (partner_id,) in connection.execute(query)} if has_logins else set()


def _was_known(connection: Connection[Any], partner_id: str) -> bool:
    found = connection.execute("select from marts.dim_partners where partner_id = %s", [partner_id]).fetchone()
    return found is not None
