"""Literal tiny cases of docs/statement-and-credits.md, and what a random world's statements must add up to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from tests.worlds import random_world

from .credits import my_statement
from .exchange import world_at
from .inbox import Inbox
from .registry import EXCHANGE, read_registry
from .small_exchange import SmallExchange, said
from .views import ViewRow, sight_of


@pytest.fixture
def small(tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path)


def only(rows: list[ViewRow], month: str) -> ViewRow:
    (row,) = [row for row in rows if row["month_on"] == date.fromisoformat(month)]
    return row


@pytest.mark.parametrize(
    ("day", "answer", "credits"),
    [
        ("2026-03-31", "1", "0.00"),  # within the shown window
        ("2026-04-30", "1", "0.33"),  # 30 days after its end
        ("2026-06-28", "1", "0.99"),
        ("2026-06-29", "1", "1.00"),  # 90 days: a real second asking
        ("2026-02-28", "1", "1.00"),  # before it begins: told first
        ("2026-03-31", "2", "1.00"),  # another answer is news
    ],
)
def test_what_the_exchange_showed_earns_nothing_at_first_and_all_after_90_days(
    small: SmallExchange, day: str, answer: str, credits: str
) -> None:
    small.rule(contributor="bob", date_precision="month")
    small.file("bob", said("1", "91", "pres", "1", contacted_at="2026-03-10T12:00:00"))
    small.file("cat", said("1", "91", "pres", answer, contacted_at=f"{day}T12:00:00"))
    row = only(small.see("cat", "my_statement"), f"{day[:7]}-01")
    assert (row["gave"], row["credits"]) == (1, Decimal(credits))


def test_a_hidden_answer_reduces_no_credit(small: SmallExchange) -> None:
    small.file("bob", said("1", "91", "pres", "1"))
    small.file("cat", said("1", "91", "pres", "1"))
    (row,) = small.see("cat", "my_statement")
    assert (row["received"], row["credits"]) == (0, Decimal(1))


def test_offered_counts_partners_and_a_blurred_answer_is_received_in_its_first_month(small: SmallExchange) -> None:
    small.rule(contributor="bob", recipient="group:independent", attribution="blind", date_precision="two_months")
    small.rule(contributor="bob", recipient="cat")
    small.file("bob", said("1", "91", "pres", "1", contacted_at="2026-08-10T12:00:00"))
    assert only(small.see("bob", "my_statement"), "2026-08-01")["offered"] == 2
    assert only(small.see("cat", "my_statement"), "2026-08-01")["received"] == 1
    assert only(small.see("ind", "my_statement"), "2026-07-01")["received"] == 1


def test_what_all_contributors_offer_is_what_all_recipients_receive(tmp_path: Path) -> None:
    """As long as nobody is below a give-to-get limit."""
    world = random_world(Random(3))
    world.write_registry(tmp_path / "registry")
    inbox = Inbox(tmp_path / "inbox")
    for stage, instant in enumerate(world.instants):
        world.write_stage(tmp_path / "inbox", stage)
        inbox.take(read_registry(tmp_path / "registry").feeds.values(), instant)
    oracle = world_at(tmp_path / "registry", inbox.deliveries, world.instants[-1])
    oracle = replace(oracle, registry=replace(oracle.registry, limits=[]))
    offered: dict[str, int] = defaultdict(int)
    received: dict[str, int] = defaultdict(int)
    for partner in oracle.registry.partners.values():
        if partner.partner_id != EXCHANGE:
            for row in my_statement(sight_of(partner, oracle), oracle):
                # one without views gives all the same
                offered[row["question_code"]] += row["offered"]
                received[row["question_code"]] += row["received"] if partner.is_active else 0
    assert sum(offered.values()) > 0
    assert {code: count for code, count in offered.items() if count} == {
        code: count for code, count in received.items() if count
    }
