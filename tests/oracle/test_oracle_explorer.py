"""`explorer` by literal cases: what a partner's own contacts may be counted after, and channels of what it sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .small_exchange import SmallExchange, said


@pytest.fixture
def small(tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path)


def person(small: SmallExchange, person_id: str) -> dict[str, Any]:
    (row,) = [row for row in small.see("cat", "explorer") if row["person_id"] == person_id]
    return dict(row)


def ours(*days: str) -> list[dict[str, str]]:
    return [said(str(number), "91", contacted_at=f"{day}T12:00:00", channel="phone") for number, day in enumerate(days)]


@pytest.mark.parametrize(
    ("precision", "after"),
    # bob's answer is of 5 July, cat's contacts of 6 July, 1 August and 1 September
    [("day", 3), ("month", 2), ("two_months", 1)],
)
def test_contacts_come_after_the_window_that_is_shown(small: SmallExchange, precision: str, after: int) -> None:
    small.rule(date_precision=precision)
    small.file("bob", said("1", "91", "pres", "1", contacted_at="2026-07-05T12:00:00"))
    small.file("cat", *ours("2026-07-06", "2026-08-01", "2026-09-01"))
    row = person(small, "91")
    assert (row["contacts_us_after_answer"], row["channels_us"], row["channels_others"]) == (after, 2, 1)


def test_an_answer_that_is_hidden_counts_nothing(small: SmallExchange) -> None:
    small.rule(subject="contacts")
    small.file("bob", said("1", "91", "pres", "1", contacted_at="2026-07-05T12:00:00"))
    small.file("cat", *ours("2026-07-06"))
    row = person(small, "91")
    assert (row["contacts_us_after_answer"], row["channels_others"]) == (0, 1)


def test_the_channel_is_that_of_the_answer_where_only_the_answer_is_seen(small: SmallExchange) -> None:
    """One conversation, begun at a door and answered by text."""
    small.rule(subject="responses")
    small.file(
        "bob",
        said("1", "91", contact_key="talk"),
        said("2", "91", "pres", "1", contact_key="talk", channel="text", contacted_at="2026-09-02T12:00:00"),
    )
    assert person(small, "91")["channels_others"] == 4


def test_contacts_after_the_vote_end_with_the_election(small: SmallExchange) -> None:
    small.elections = {"us-pres": "2026-09-20"}
    small.ballots = [("NC", "001", "2026-09-20", "returned", "2026-09-10")]
    small.file("cat", *ours("2026-09-10", "2026-09-11", "2026-09-20", "2026-09-21"))
    assert person(small, "91")["contacts_us_after_vote"] == 2
    small.ballots = [("NC", "001", "2026-09-20", "sent", "2026-09-10")]
    assert person(small, "91")["contacts_us_after_vote"] == 0
