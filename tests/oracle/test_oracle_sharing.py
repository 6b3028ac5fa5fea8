"""Literal tiny cases of docs/sharing-rules.md: who sees a row, in which form."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from .moments import window
from .small_exchange import SmallExchange, said

SEPTEMBER_1 = date(2026, 9, 1)


@pytest.fixture
def small(tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path)


def test_own_rows_are_exact_and_named_without_any_rule(small: SmallExchange) -> None:
    small.file("bob", said("1", "91", "pres", "2"))
    (row,) = small.see("bob")
    assert (row["responded_from"], row["responded_until"]) == (SEPTEMBER_1, SEPTEMBER_1)
    assert (row["contributor"], row["is_own"], row["contact_id"] is not None) == ("bob", True, True)
    assert small.see("cat") == []


def test_own_rows_outside_the_states_are_seen_but_the_person_is_not_in_voters(small: SmallExchange) -> None:
    small.feeds.append({"feed_id": "ann_contacts", "partner_id": "ann", "id_namespace": "dwid"})
    small.extra_ids.append(("GA", "001", "state_voter_id", "NC", "777"))
    small.file("ann", said("1", "93", "pres", "1"))
    assert [row["state"] for row in small.see("ann")] == ["GA"]
    assert [row["state"] for row in small.see("ann", "voters")] == ["NC"] * 3


def test_rows_of_others_need_the_state(small: SmallExchange) -> None:
    small.rule()
    small.extra_ids.append(("GA", "001", "state_voter_id", "NC", "777"))
    small.file("bob", said("1", "93", "pres", "1"))
    assert len(small.see("cat")) == 1
    assert small.see("ann") == []


@pytest.mark.parametrize(
    ("columns", "is_seen"),
    [
        ({}, True),
        ({"embargo_days": "30"}, True),  # 1 September + 30 days = today
        ({"embargo_days": "31"}, False),
        ({"valid_from": "2026-10-01"}, True),
        ({"valid_from": "2026-10-02"}, False),
        ({"valid_until": "2026-10-01"}, True),
        ({"valid_until": "2026-09-30"}, False),
        ({"contributor": "bob"}, True),
        ({"contributor": "ann"}, False),
        ({"recipient": "cat"}, True),
        ({"recipient": "ind"}, False),
        ({"contributor": "group:all"}, True),
        ({"contributor": "group:coordinated"}, True),
        ({"recipient": "group:independent"}, False),
        ({"recipient": "group:friends"}, True),
        ({"recipient": "group:others"}, False),
        ({"subject": "responses"}, True),
        ({"subject": "contacts"}, False),
        ({"question_code": "candidate_support"}, True),
        ({"question_code": "turnout_intent"}, False),
        ({"office_level": "president"}, True),
        ({"office_level": "governor"}, False),
        ({"state": "NC"}, True),
        ({"state": "GA"}, False),
        ({"channel": "door"}, True),
        ({"channel": "text"}, False),
    ],
)
def test_every_column_of_a_rule(small: SmallExchange, columns: dict[str, str], is_seen: bool) -> None:
    small.groups = {"friends": ["cat"], "others": ["ind"]}
    small.rule(**columns)
    small.file("bob", said("1", "91", "pres", "1"))
    assert bool(small.see("cat")) is is_seen


def test_an_office_level_never_matches_a_row_without_one(small: SmallExchange) -> None:
    small.rule(office_level="president")
    small.file("bob", said("1", "91", "mail", "1"))
    assert small.see("cat") == []
    assert small.see("cat", "contacts") == []


def test_a_rule_about_a_question_does_not_list_contacts(small: SmallExchange) -> None:
    small.rule(question_code="vote_by_mail_comfort")
    small.file("bob", said("1", "91", "mail", "1"))
    (row,) = small.see("cat")
    assert row["contact_id"] is None
    assert small.see("cat", "contacts") == []


@pytest.mark.parametrize(
    ("columns", "is_hidden"),
    [
        ({}, True),
        ({"embargo_days": "400"}, True),  # the embargo of a withhold rule means nothing
        ({"valid_from": "2026-10-02"}, False),
        ({"valid_until": "2026-09-30"}, False),
        ({"channel": "text"}, False),
        ({"contributor": "cat"}, False),
    ],
)
def test_withhold_beats_share_while_in_validity(small: SmallExchange, columns: dict[str, str], is_hidden: bool) -> None:
    small.rule()
    small.rule(effect="withhold", **columns)
    small.file("bob", said("1", "91", "pres", "1"))
    assert (small.see("cat") == []) is is_hidden
    assert len(small.see("bob")) == 1


def test_the_form_is_the_most_generous_of_the_rules_in_force(small: SmallExchange) -> None:
    small.rule(attribution="blind", date_precision="month")
    small.rule(attribution="named", date_precision="two_months")
    small.rule(attribution="named", date_precision="day", embargo_days="31")  # still under embargo: adds nothing
    small.file("bob", said("1", "91", "pres", "1"))
    (row,) = small.see("cat")
    assert row["contributor"] == "bob"
    assert (row["responded_from"], row["responded_until"]) == (date(2026, 9, 1), date(2026, 9, 30))
    (later,) = small.see("cat", as_of="2026-10-02")
    assert (later["responded_from"], later["responded_until"]) == (SEPTEMBER_1, SEPTEMBER_1)


def test_blind_rows_name_nobody(small: SmallExchange) -> None:
    small.rule(attribution="blind", date_precision="two_months")
    small.file("bob", said("1", "91", "pres", "1"))
    (row,) = small.see("ind")
    assert (row["contributor"], row["is_own"], row["responded_until"]) == (None, False, date(2026, 10, 31))


def test_the_contact_date_is_local_and_today_is_utc(small: SmallExchange) -> None:
    # 03:30 UTC on 2 September is still 1 September in New York; 02:00 UTC on 1 October is already the 1st
    small.rule(embargo_days="30")
    small.file("bob", said("1", "91", "pres", "1", contacted_at="2026-09-02T03:30:00Z"))
    assert small.see("cat", as_of="2026-09-30T23:59") == []
    (row,) = small.see("cat", as_of="2026-10-01T00:00")
    assert row["responded_from"] == SEPTEMBER_1


@pytest.mark.parametrize(
    ("day", "precision", "first", "last"),
    [
        ("2026-02-17", "month", "2026-02-01", "2026-02-28"),
        ("2024-02-29", "two_months", "2024-01-01", "2024-02-29"),
        ("2026-12-31", "two_months", "2026-11-01", "2026-12-31"),
        ("2026-03-01", "two_months", "2026-03-01", "2026-04-30"),
        ("2026-03-01", "day", "2026-03-01", "2026-03-01"),
    ],
)
def test_windows(day: str, precision: str, first: str, last: str) -> None:
    expected = date.fromisoformat(first), date.fromisoformat(last)
    assert window(date.fromisoformat(day), precision) == expected


def test_inactive_partners_have_no_views_but_their_rows_are_shared(small: SmallExchange) -> None:
    small.rule()
    small.inactive = {"bob"}
    small.file("bob", said("1", "91", "pres", "1"))
    assert "bob" not in small.views()
    assert [row["contributor"] for row in small.see("cat")] == ["bob"]


@pytest.mark.parametrize(
    ("limits", "is_seen"),
    [
        ([("cat", 31, 2)], True),
        ([("cat", 31, 3)], False),
        ([("cat", 30, 2)], False),  # the answer of 1 September is 30 days old: the first of 31 days
        ([("cat", 30, 1)], True),
        ([("*", 31, 3)], False),
        ([("group:coordinated", 31, 3)], False),
        ([("group:independent", 31, 3)], True),
        ([("group:friends", 31, 3)], False),
        ([("group:others", 31, 3)], True),
        ([("cat", 31, 2), ("group:all", 31, 3)], False),
    ],
)
def test_who_gives_too_little_sees_only_its_own_rows(
    small: SmallExchange, limits: list[tuple[str, int, int]], is_seen: bool
) -> None:
    """cat gave two answers in 31 days, one of them in 30; a contact without an answer is none, nor is one to come."""
    small.groups = {"friends": ["cat"], "others": ["ind"]}
    small.limits = limits
    small.rule()
    small.file("bob", said("1", "91", "pres", "1"))
    small.file(
        "cat",
        said("1", "92", "pres", "1"),
        said("2", "92", "sen", "1", contacted_at="2026-10-01T12:00:00"),
        said("3", "92", "house2", "1", contacted_at="2026-10-02T12:00:00"),
        said("4", "92"),
    )
    for view in ("voter_responses", "contacts"):
        contributors = {row["contributor"] for row in small.see("cat", view)}
        assert contributors == ({"bob", "cat"} if is_seen else {"cat"})
    assert {row["reach"] for row in small.see("cat", "voters")} == (
        {"us", "others", "nobody"} if is_seen else {"us", "nobody"}
    )


def test_nobody_learns_from_what_it_offers_who_gives_too_little(small: SmallExchange) -> None:
    small.rule()
    small.file("bob", said("1", "91", "pres", "1"))
    [without] = small.see("bob", "my_statement")
    small.limits = [("cat", 30, 1)]
    [with_limit] = small.see("bob", "my_statement")
    assert with_limit == without
    assert small.see("cat", "my_statement") == []
