"""Literal tiny cases of reconciliation, contacts, reach, corrections, suppressions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from .small_exchange import SmallExchange, said


@pytest.fixture
def small(tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path)


def voter(small: SmallExchange, partner: str, person: str, as_of: str = "2026-10-01T12:00") -> dict[str, Any]:
    (row,) = [row for row in small.see(partner, "voters", as_of) if row["person_id"] == person]
    return dict(row)


def test_the_newest_visible_answer_wins_even_if_a_newer_one_is_hidden(small: SmallExchange) -> None:
    small.rule(contributor="bob")
    small.file("bob", said("1", "91", "pres", "2"), said("2", "91", "pres", "3", contacted_at="2026-08-01"))
    small.file("ind", said("9", "91", "pres", "5", contacted_at="2026-09-15"))
    (row,) = small.see("cat")
    assert (row["answer_code"], row["answer_label"], row["answers_disagree"]) == (2, "Lean support", True)
    (mine,) = small.see("ind")
    assert (mine["answer_code"], mine["answers_disagree"]) == (5, True)


def test_hidden_answers_do_not_disagree(small: SmallExchange) -> None:
    small.file("bob", said("1", "91", "pres", "2"))
    small.file("ind", said("9", "91", "pres", "5"))
    assert [row["answers_disagree"] for row in small.see("bob")] == [False]


def test_ties_by_code_then_feed_then_record_in_text_order(small: SmallExchange) -> None:
    small.rule()
    small.file("cat", said("b", "91", "pres", "4", contacted_at="2026-09-01T16:00:00Z"))
    small.file("bob", said("z", "91", "pres", "4"), said("Z", "91", "pres", "4", channel="text"))
    (row,) = small.see("ann")
    assert (row["contributor"], row["channel"]) == ("bob", "text")  # 'Z' sorts before 'z'
    small.file("ind", said("x", "91", "pres", "3", channel="mail"))
    (row,) = small.see("ann")
    assert (row["contributor"], row["answer_code"]) == ("ind", 3)


def test_a_contact_seen_through_its_answer_counts_but_is_not_listed(small: SmallExchange) -> None:
    small.rule(subject="responses", date_precision="month")
    small.file("bob", said("1", "91", "pres", "2", contact_key="k"), said("2", "91", contact_key="k"))
    assert small.see("cat", "contacts") == []
    row = voter(small, "cat", "91")
    assert (row["reach"], row["contacts_us"], row["contacts_others"]) == ("others", 0, 1)
    assert (row["last_contact_us_on"], row["last_contact_others_until"]) == (None, date(2026, 9, 30))


def test_until_is_the_least_of_one_contact_and_the_greatest_of_all(small: SmallExchange) -> None:
    small.rule(subject="responses", date_precision="two_months", attribution="blind")
    small.rule(subject="contacts", date_precision="month", attribution="blind")
    small.file("bob", said("1", "91", "pres", "2"))
    assert voter(small, "cat", "91")["last_contact_others_until"] == date(2026, 9, 30)
    small.file("ind", said("1", "91", contacted_at="2026-07-31"))
    assert voter(small, "cat", "91")["last_contact_others_until"] == date(2026, 9, 30)
    assert voter(small, "cat", "91")["contacts_others"] == 2


def test_reach(small: SmallExchange) -> None:
    small.rule(contributor="bob", recipient="cat")
    small.file("bob", said("1", "91"), said("2", "92"))
    small.file("cat", said("1", "92"), said("2", "93"))
    reach = {row["person_id"]: row["reach"] for row in small.see("cat", "voters")}
    assert reach == {"91": "others", "92": "both", "93": "us"}
    reach = {row["person_id"]: row["reach"] for row in small.see("ann", "voters")}
    assert reach == {"001": "nobody", "002": "nobody", "003": "nobody"}


def test_one_conversation_is_one_contact_per_person(small: SmallExchange) -> None:
    small.file(
        "bob",
        said("1", "91", "pres", "1", contact_key="k", contacted_at="2026-09-02T10:00", result="left_message"),
        said("2", "91", contact_key="k", contacted_at="2026-09-01T10:00", channel="phone", result="canvassed"),
        said("3", "92", contact_key="k"),
    )
    faces = [(row["person_id"], row["channel"], row["contact_result"]) for row in small.see("bob", "contacts")]
    assert sorted(faces, key=str) == [("91", "phone", "canvassed"), ("92", "door", None)]
    (answer,) = small.see("bob")
    assert (answer["channel"], answer["responded_from"]) == ("door", date(2026, 9, 2))
    assert answer["contact_id"][2] == ("NC", "001")


def test_a_correction_replaces_and_never_brings_an_older_version_back(small: SmallExchange) -> None:
    small.file("bob", said("1", "91", "pres", "1"))
    small.file("bob", said("1", "91", "pres", "4"))
    assert [row["answer_code"] for row in small.see("bob")] == [4]
    small.file("bob", said("1", "91", "pres", "no such answer"))
    assert small.see("bob") == []
    assert small.see("bob", "contacts") == []


def test_a_snapshot_retracts_what_is_absent_and_a_delta_does_not(small: SmallExchange) -> None:
    small.file("bob", said("1", "91", "pres", "1"), said("2", "92", "pres", "1"))
    small.file("bob", said("2", "92", "pres", "2"))
    assert {row["person_id"] for row in small.see("bob")} == {"91", "92"}
    small.feeds.append({"feed_id": "bob_contacts", "partner_id": "bob", "coverage": "snapshot"})
    assert {row["person_id"]: row["answer_code"] for row in small.see("bob")} == {"92": 2}


@pytest.mark.parametrize(
    "columns",
    [
        {"channel": "fax"},
        {"result": "dunno"},
        {"contacted_at": "yesterday"},
        {"contacted_at": ""},
        {"answer": ""},
        {"question": ""},
        {"question": "unheard"},
        {"record_id": ""},
    ],
)
def test_what_is_not_understood_is_neither_answer_nor_contact(small: SmallExchange, columns: dict[str, str]) -> None:
    small.file("bob", said("1", "91", "pres", "1") | columns)
    assert small.see("bob") == small.see("bob", "contacts") == []


def test_an_ignored_answer_is_a_contact_without_answer(small: SmallExchange) -> None:
    small.extra_map.append({"source_question": "yard sign", "source_answer": "*", "question_code": "ignore"})
    small.file("bob", said("1", "91", "yard sign", "two please"))
    assert small.see("bob") == []
    assert len(small.see("bob", "contacts")) == 1


def test_the_more_specific_mapping_wins_while_valid(small: SmallExchange) -> None:
    general = {"source_question": "q", "source_answer": "yes", "question_code": "turnout_intent"}
    small.extra_map += [
        general | {"answer_code": "1"},
        general | {"answer_code": "2", "id_scope": "NC"},
        general | {"answer_code": "3", "partner_id": "ann", "valid_until": "2026-09-01"},
    ]
    small.file("ann", said("1", "001", "q", "yes"), said("2", "002", "q", "yes", contacted_at="2026-09-02"))
    assert {row["person_id"]: row["answer_code"] for row in small.see("ann")} == {"001": 3, "002": 2}
    small.file("bob", said("1", "91", "q", "yes"))
    assert [row["answer_code"] for row in small.see("bob")] == [1]


def test_support_comes_only_from_contests_on_the_ballot(small: SmallExchange) -> None:
    small.file(
        "bob",
        said("1", "91", "house2", "1", contacted_at="2026-08-01"),
        said("2", "91", "house4", "5"),
        said("3", "91", "wake", "2"),
        said("4", "92", "wake", "2"),
        said("5", "91", "raleigh", "3"),
        said("6", "91", "mail", "4"),
        said("7", "93", "sen", "1"),
    )
    row = voter(small, "bob", "91")
    assert (row["support_us_house"], row["support_us_house_candidate"]) == (1, "h2")
    assert (row["support_county"], row["support_municipal"], row["vote_by_mail_comfort"]) == (2, 3, 4)
    assert voter(small, "bob", "92")["support_county"] is None
    assert voter(small, "bob", "93")["support_us_senate"] is None
    on_ballot = {(row["person_id"], row["contest_id"]): row["on_ballot"] for row in small.see("bob")}
    assert on_ballot["91", "nc-04"] is False
    assert on_ballot["91", None] is None
    assert on_ballot["91", "raleigh"] is True


def test_suppressions_ignore_rules_but_deaths_need_two_contributors(small: SmallExchange) -> None:
    small.file("bob", said("1", "91", result="do_not_call"), said("2", "92", result="deceased"))
    assert [(row["person_id"], row["kind"]) for row in small.see("ind", "suppressions")] == [("91", "do_not_call")]
    assert [row["person_id"] for row in small.see("ann", "voters") if row["is_suppressed"]] == ["001"]
    small.file("bob", said("3", "92", result="deceased"))
    assert voter(small, "ind", "92")["is_suppressed"] is False
    small.file("cat", said("1", "92", result="deceased"))
    assert voter(small, "ind", "92")["is_suppressed"] is True


def test_ids_must_belong_to_exactly_one_voter(small: SmallExchange) -> None:
    small.extra_ids = [("NC", "003", "dwid", "", "91"), ("NC", "002", "dwid", "", "0092")]
    small.file("bob", said("1", "91"), said("2", " 92 "), said("3", "0092"), said("4", "092"), said("5", ""))
    assert [row["person_id"] for row in small.see("bob", "contacts")] == ["0092", "0092"]
    assert {row["person_id"] for row in small.see("bob", "voters")} == {"0092", "93"}


def test_the_same_digits_in_two_states_are_two_people(small: SmallExchange) -> None:
    small.feeds.append({"feed_id": "ann_contacts", "partner_id": "ann", "state": ""})
    small.file("ann", said("1", "001", state="NC"), said("2", "001", state="GA"), said("3", "001"))
    assert [row["state"] for row in small.see("ann", "contacts")] == ["NC"]
    small.rule()
    assert {(row["person_id"], row["state"]) for row in small.see("cat", "contacts")} == {
        ("91", "NC"),
        ("93", "GA"),
    }


def test_voter_fields_and_districts(small: SmallExchange) -> None:
    row = voter(small, "ann", "001")
    assert row["state_senate_district"] == "ocd-division/country:us/state:nc/sldu:15"
    assert (row["birth_year"], row["last_name"], row["phone"]) == (1970, "Lee", "9195550100")
    assert (voter(small, "bob", "91")["last_name"], voter(small, "bob", "91")["phone"]) == ("Lee", None)
    assert voter(small, "cat", "91")["last_name"] is None


def test_ballot_status_is_that_of_the_next_election(small: SmallExchange) -> None:
    small.ballots = [("NC", "001", "2026-11-03", "sent"), ("NC", "001", "2026-05-05", "accepted")]
    small.ballots += [("NC", "002", "2026-05-05", "accepted")]
    assert voter(small, "bob", "91")["ballot_status"] == "sent"
    assert voter(small, "bob", "92")["ballot_status"] is None
    assert voter(small, "bob", "92", "2026-05-01")["ballot_status"] == "accepted"
