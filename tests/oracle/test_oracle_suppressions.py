"""Literal tiny cases of suppressions: who is told what, who takes it back, whose phone it is, who needs a second."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from .registry import Row
from .small_exchange import SmallExchange, said

HOUSEHOLD = "9195550100"  # the phone of every voter of the small exchange
OTHER = "9195550111"


@pytest.fixture
def small(tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path)


def told(small: SmallExchange, partner: str) -> set[tuple[str, str, str, str | None]]:
    rows = small.see(partner, "suppressions")
    found = {(row["person_id"], row["kind"], row["scope"], row["phone"]) for row in rows}
    assert len(found) == len(rows), "one suppression in two rows"
    return found


def suppressed(small: SmallExchange, partner: str) -> set[str]:
    return {row["person_id"] for row in small.see(partner, "voters") if row["is_suppressed"]}


def text(record: str, person: str, result: str, **columns: str) -> Row:
    return said(record, person, result=result, channel="text", **columns)


def test_a_caller_s_opt_out_binds_and_is_shown_to_the_caller_alone(small: SmallExchange) -> None:
    small.file("bob", text("1", "91", "opted_out_caller", phone=OTHER))
    assert told(small, "bob") == {("91", "opted_out", "caller", OTHER)}
    assert suppressed(small, "bob") == {"91"}
    for other in ("ann", "cat", "ind"):
        assert told(small, other) == set()
        assert suppressed(small, other) == set()


def test_channel_and_all_reach_everybody_without_a_rule(small: SmallExchange) -> None:
    small.file("bob", said("1", "91", result="do_not_walk"), said("2", "92", result="opted_out_all"))
    everybody = {("91", "do_not_walk", "channel", None), ("92", "opted_out", "all", None)}
    assert told(small, "ind") == told(small, "cat") == everybody


def test_only_the_reporter_takes_an_opt_out_back_and_only_later(small: SmallExchange) -> None:
    small.file("bob", text("1", "91", "opted_out", phone=OTHER, contacted_at="2026-09-02T10:00"))
    small.file("cat", text("1", "91", "opted_in", phone=OTHER, contacted_at="2026-09-09T10:00"))
    small.file("bob", text("2", "91", "opted_in", phone=OTHER, contacted_at="2026-09-02T10:00"))
    small.file("bob", text("3", "91", "canvassed", phone=OTHER, contacted_at="2026-09-20T10:00"))
    assert told(small, "ind") == {("91", "opted_out", "channel", OTHER)}
    small.file("bob", text("4", "91", "opted_in", phone=OTHER, contacted_at="2026-09-02T10:01"))
    assert told(small, "ind") == set()
    # told before it was taken back, delivered after: still taken back; told after: an opt-out again
    small.file("bob", text("5", "91", "opted_out", phone=OTHER, contacted_at="2026-09-01T10:00"))
    assert told(small, "ind") == set()
    small.file("bob", text("6", "91", "opted_out", phone=OTHER, contacted_at="2026-09-03T10:00"))
    (row,) = small.see("ind", "suppressions")
    assert row["effective_on"] == date(2026, 9, 3)


@pytest.mark.parametrize(
    "later",
    [
        text("9", "91", "opted_in", phone="9195550122", contacted_at="2026-09-09"),
        text("9", "92", "opted_in", phone=OTHER, contacted_at="2026-09-09"),
        said("9", "91", result="opted_in", phone=OTHER, channel="phone", contacted_at="2026-09-09"),
    ],
    ids=["another phone", "another person", "another channel"],
)
def test_an_opt_in_is_about_one_person_channel_and_phone(small: SmallExchange, later: Row) -> None:
    small.file("bob", text("1", "91", "opted_out", phone=OTHER), later)
    assert ("91", "opted_out", "channel", OTHER) in told(small, "ind")


def test_what_is_about_everything_is_taken_back_by_its_record_only(small: SmallExchange) -> None:
    small.file("bob", text("1", "91", "opted_out_all"), text("2", "91", "opted_in", contacted_at="2026-09-09"))
    assert told(small, "ind") == {("91", "opted_out", "all", None)}
    small.file("bob", text("1", "91", "texted"))
    assert told(small, "ind") == set()


def test_an_opt_out_is_everybody_s_on_that_phone(small: SmallExchange) -> None:
    small.file("bob", text("1", "91", "do_not_text", phone=HOUSEHOLD))
    everybody = {(person, "do_not_text", "channel", HOUSEHOLD) for person in ("91", "92", "93")}
    assert told(small, "cat") == everybody
    # not so what is about the person, though it was told on that phone
    small.file("bob", said("2", "91", result="do_not_walk", phone=HOUSEHOLD, channel="phone"))
    assert told(small, "cat") == everybody | {("91", "do_not_walk", "channel", None)}


def test_a_contact_makes_a_phone_somebody_s(small: SmallExchange) -> None:
    small.file("bob", text("1", "91", "opted_out", phone=OTHER))
    small.file("cat", text("1", "92", "canvassed", phone="(919) 555-0111"))
    assert told(small, "ind") == {("91", "opted_out", "channel", OTHER), ("92", "opted_out", "channel", OTHER)}
    small.file("ind", text("1", "92", "wrong_number", phone=OTHER))
    assert told(small, "ind") == {("91", "opted_out", "channel", OTHER), ("92", "wrong_number", "channel", OTHER)}
    assert suppressed(small, "ind") == {"91"}


def test_who_opted_out_of_everything_spoke_for_the_phone_not_for_the_household(small: SmallExchange) -> None:
    small.file("bob", text("1", "91", "opted_out_all", phone=HOUSEHOLD))
    assert told(small, "cat") == {
        ("91", "opted_out", "all", HOUSEHOLD),
        ("92", "opted_out", "channel", HOUSEHOLD),
        ("93", "opted_out", "channel", HOUSEHOLD),
    }


def test_a_caller_s_opt_out_follows_the_caller_s_own_numbers_only(small: SmallExchange) -> None:
    small.file("bob", text("1", "91", "opted_out_caller", phone=OTHER))
    small.file("cat", text("1", "92", "canvassed", phone=OTHER))
    assert told(small, "bob") == {("91", "opted_out", "caller", OTHER)}
    small.file("bob", text("2", "92", "canvassed", phone=OTHER))
    assert told(small, "bob") == {(person, "opted_out", "caller", OTHER) for person in ("91", "92")}


def test_an_opt_out_of_somebody_unknown_stays_with_the_phone(small: SmallExchange) -> None:
    small.file("bob", text("1", "nobody", "opted_out", phone=HOUSEHOLD), text("2", "nobody", "deceased"))
    assert {person for person, *_ in told(small, "cat")} == {"91", "92", "93"}
    assert {kind for _, kind, *_ in told(small, "cat")} == {"opted_out"}
    small.file("bob", text("3", "nobody", "opted_in", phone=HOUSEHOLD, contacted_at="2026-09-09"))
    assert told(small, "cat") == set()


def test_a_wrong_number_is_one_edge_and_suppresses_nobody(small: SmallExchange) -> None:
    small.file("bob", text("1", "91", "wrong_number", phone=HOUSEHOLD))
    assert told(small, "cat") == {("91", "wrong_number", "channel", HOUSEHOLD)}
    assert suppressed(small, "cat") == set()
    small.file("bob", text("2", "92", "opted_out", phone=HOUSEHOLD))
    assert suppressed(small, "cat") == {"92", "93"}


def test_an_official_source_needs_no_second(small: SmallExchange) -> None:
    small.feeds.append({"feed_id": "official", "partner_id": "exchange", "id_namespace": "dwid"})
    small.file("exchange", said("1", "91", result="deceased"), feed="official")
    assert told(small, "cat") == {("91", "deceased", "all", None)}


def test_an_older_death_is_void_when_the_person_votes(small: SmallExchange) -> None:
    small.file("bob", said("1", "91", result="deceased", contacted_at="2026-09-10"))
    small.file("cat", said("1", "91", result="deceased", contacted_at="2026-09-20"))
    assert told(small, "ind") == {("91", "deceased", "all", None)}
    small.ballots = [("NC", "001", "2026-11-03", "sent", "2026-09-25")]
    assert told(small, "ind") != set()
    small.ballots = [("NC", "001", "2026-11-03", "returned", "2026-09-15")]
    assert told(small, "ind") == set()


def test_an_older_move_is_void_when_the_voter_file_has_the_new_address(small: SmallExchange) -> None:
    for partner, day in (("bob", "2026-09-10"), ("cat", "2026-09-20")):
        small.file(partner, said("1", "91", result="moved", contacted_at=day))
    assert told(small, "ind") == {("91", "moved", "all", None)}
    old, new = ({"state": "NC", "state_voter_id": "001", "city": "Raleigh", "address": a} for a in ("1 Elm", "2 Oak"))
    small.file("", old, received="2026-09-01", feed="voters")
    assert told(small, "ind") == {("91", "moved", "all", None)}
    small.file("", new, received="2026-09-20", feed="voters")
    assert told(small, "ind") == set()
