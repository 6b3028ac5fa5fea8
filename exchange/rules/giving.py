"""The give-to-get limits that a partner is under, and whether it gave enough of its own answers to receive others'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from exchange.registry import GiveToGet

# partner -> contact date -> its live answers of that day, whether or not they repeat what the exchange showed it
GivenAnswers = Mapping[str, Mapping[date, int]]


@dataclass(frozen=True)
class LimitOnPartner:
    """Grain: one limit and partner that it means. given: its live answers with a contact date in the window."""

    limit: GiveToGet
    given: int

    @property
    def is_met(self) -> bool:
        return self.given >= self.limit.min_answers


def limits_on(
    partner_id: str,
    limits: Iterable[GiveToGet],
    members: Mapping[str, set[str]],
    given: GivenAnswers,
    today: date,
) -> list[LimitOnPartner]:
    """Every limit that means the partner, in registry order. All of them must be met. members: of each limit's term."""
    return [
        LimitOnPartner(limit, given_within(given.get(partner_id, {}), limit.window_days, today))
        for limit in limits
        if partner_id in members[limit.partner]
    ]


def given_within(days: Mapping[date, int], window_days: int, today: date) -> int:
    """The answers of the last days, today included."""
    before = today - timedelta(days=window_days)
    return sum(answers for day, answers in days.items() if before < day <= today)
