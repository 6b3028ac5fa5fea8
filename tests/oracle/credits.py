"""The view `my_statement` of one recipient: what it gave, to how many it was open, what it received, what it earned."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from .events import Event
from .moments import window
from .registry import EXCHANGE
from .views import Sight, ViewRow, VisibleResponse, World, sight_of

# asking again that long after the shown window is worth a whole credit
WHOLE_AFTER_DAYS = 90
CENT = Decimal("0.01")


def my_statement(sight: Sight, world: World) -> list[ViewRow]:
    """Grain: one month and question. Every own answer looks at every visible one and every other partner."""
    own = [seen for seen in sight.responses if seen.event.partner_id == sight.recipient.partner_id]
    others = [seen for seen in sight.responses if seen.event.partner_id != sight.recipient.partner_id]
    entitled = times_entitled(sight, world)
    gave: dict[tuple[date, str], int] = defaultdict(int)
    offered: dict[tuple[date, str], int] = defaultdict(int)
    received: dict[tuple[date, str], int] = defaultdict(int)
    earned: dict[tuple[date, str], Fraction] = defaultdict(Fraction)
    for seen in own:
        key = seen.event.contact_on.replace(day=1), seen.answer.question_code
        gave[key] += 1
        offered[key] += entitled[_name(seen.event)]
        earned[key] += credit(seen, others)
    for seen in others:
        first = window(seen.event.contact_on, seen.form.date_precision)[0]
        received[first.replace(day=1), seen.answer.question_code] += 1
    return [
        {
            "month_on": key[0],
            "question_code": key[1],
            "gave": gave[key],
            "offered": offered[key],
            "received": received[key],
            "credits": _rounded(earned[key]),
        }
        for key in sorted(gave.keys() | received.keys())
    ]


def credit(own: VisibleResponse, others: list[VisibleResponse]) -> Fraction:
    """1; less for an answer that repeats what the exchange showed before."""
    worth = Fraction(1)
    for other in others:
        is_same = (other.event.voter, other.answer.key) == (own.event.voter, own.answer.key)
        if not is_same or other.answer.answer_code != own.answer.answer_code:
            continue
        first, last = window(other.event.contact_on, other.form.date_precision)
        if first <= own.event.contact_on:
            worth = min(worth, Fraction(max(0, (own.event.contact_on - last).days), WHOLE_AFTER_DAYS))
    return worth


def times_entitled(sight: Sight, world: World) -> dict[tuple[str, str], int]:
    """For each answer of anybody (feed, record): how many active partners but the recipient may see it by the rules.

    Whatever they give: who is below its limit is counted, so that nobody learns of it.
    """
    found: dict[tuple[str, str], int] = defaultdict(int)
    world = replace(world, registry=replace(world.registry, limits=[]))
    for partner in world.registry.partners.values():
        if partner.is_active and partner.partner_id not in (EXCHANGE, sight.recipient.partner_id):
            for seen in sight_of(partner, world).responses:
                found[_name(seen.event)] += 1
    return found


def _name(event: Event) -> tuple[str, str]:
    return event.feed_id, event.record_key


def _rounded(worth: Fraction) -> Decimal:
    exact = Decimal(worth.numerator) / Decimal(worth.denominator)
    return exact.quantize(CENT, ROUND_HALF_UP)
