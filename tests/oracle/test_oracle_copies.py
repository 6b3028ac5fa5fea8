"""Literal tiny cases: one conversation told by several tools of one partner, and the ballot of election day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from .registry import Row
from .small_exchange import SmallExchange, said

SUPPORT = "Support for P1?"
TOOLS = {
    "messages": "thrutext_messages",
    "surveys": "thrutext_surveys",
    "history": "van_contact_history_report",
    "report": "van_survey_response_report",
    "pipeline": "van_contactscontacts",
}


@pytest.fixture
def small(tmp_path: Path) -> SmallExchange:
    """Bob's committee has ThruText, VAN's nightly table and VAN's reports; Cat's has VAN's reports."""
    small = SmallExchange(tmp_path)
    for partner in ("bob", "cat"):
        small.feeds += [
            {"feed_id": f"{partner}_{name}", "partner_id": partner, "file_format": form, "id_namespace": "dwid"}
            for name, form in TOOLS.items()
        ]
    mapped = {"question_code": "candidate_support", "contest_id": "us-pres", "candidate_id": "p1"}
    for form in ("thrutext_surveys", "van_survey_response_report"):
        for answer in "12345":
            mapping = {"file_format": form, "source_question": SUPPORT, "source_answer": answer, "answer_code": answer}
            small.extra_map.append(mapped | mapping)
    return small


def message(conversation: str, at: str, direction: str = "outgoing") -> Row:
    row = {"external_id": "91", "conversation_id": conversation, "timestamp": at, "message_direction": direction}
    return row | {"message_id": f"{conversation} {at}"}


def survey(conversation: str, at: str, answer: str) -> Row:
    row = {"external_id": "91", "conversation_id": conversation, "survey_id": "1", "survey_question": SUPPORT}
    return row | {"response": answer, "updated_at": at}


def van(day: str, result: str, kind: str = "SMS Text", by: str = "Sync") -> Row:
    return {"vanid": "91", "date_canvassed": day, "result": result, "contact_type": kind, "canvassed_by": by}


def van_answer(day: str, answer: str, kind: str = "SMS Text") -> Row:
    row = {"vanid": "91", "date_canvassed": day, "survey_question_name": SUPPORT, "survey_response": answer}
    return row | {"contact_type": kind}


def faces(small: SmallExchange, partner: str = "bob") -> list[tuple[str, str, date]]:
    rows = small.see(partner, "contacts")
    return sorted((row["channel"], row["contact_result"], row["contacted_from"]) for row in rows)


def test_van_tells_the_last_text_of_the_day_again(small: SmallExchange) -> None:
    small.file("bob", message("a", "2026-09-01 10:00"), message("b", "2026-09-01 18:00"), feed="bob_messages")
    small.file("bob", van("9/1/2026", "Canvassed"), van("9/2/2026", "Texted"), feed="bob_history")
    day = date(2026, 9, 1)
    assert faces(small) == [("text", "canvassed", day), ("text", "texted", day), ("text", "texted", date(2026, 9, 2))]
    keys = {row["contact_result"]: row["contact_id"][:2] for row in small.see("bob", "contacts")}
    assert keys["canvassed"] == ("thrutext:bob", "b")


def test_the_order_of_deliveries_changes_nothing(small: SmallExchange) -> None:
    small.file("bob", van("9/1/2026", "Do Not Text"), van("9/1/2026", "Texted"), feed="bob_history")
    assert faces(small) == [("text", "do_not_text", date(2026, 9, 1))]
    small.file("bob", message("a", "2026-09-01 10:00"), feed="bob_messages")
    assert faces(small) == [("text", "do_not_text", date(2026, 9, 1))]
    assert [row["contact_id"][0] for row in small.see("bob", "contacts")] == ["thrutext:bob"]
    assert [row["kind"] for row in small.see("bob", "suppressions")] == ["do_not_text"]


def test_doors_days_and_partners_stay_apart(small: SmallExchange) -> None:
    small.file("bob", message("a", "2026-09-01 10:00"), feed="bob_messages")
    small.file("bob", van("9/1/2026", "Not Home", "Walk"), feed="bob_history")
    small.file("cat", van("9/1/2026", "Texted"), feed="cat_history")
    assert [face[0] for face in faces(small)] == ["door", "text"]
    assert len(faces(small, "cat")) == 1


def test_plain_files_of_one_partner_never_merge(small: SmallExchange) -> None:
    small.feeds.append({"feed_id": "bob_sheets", "partner_id": "bob", "id_namespace": "dwid"})
    small.file("bob", said("1", "91", "pres", "2"))
    small.file("bob", said("1", "91", "pres", "2"), feed="bob_sheets")
    assert len(small.see("bob", "contacts")) == 2


def test_a_repeated_answer_counts_once_and_a_corrected_one_too(small: SmallExchange) -> None:
    small.rule()
    small.file("bob", message("a", "2026-09-01 10:00"), feed="bob_messages")
    small.file("bob", survey("a", "2026-09-01 10:05", "1"), feed="bob_surveys")
    small.file("bob", van_answer("9/1/2026", "1"), feed="bob_report")
    (row,) = small.see("cat")
    # VAN's noon would be the newer time
    assert (row["answer_code"], row["answers_disagree"]) == (1, False)
    small.file("bob", van_answer("9/1/2026", "4"), feed="bob_report")
    (row,) = small.see("cat")
    assert (row["answer_code"], row["answers_disagree"]) == (4, True)
    assert len(small.see("bob", "contacts")) == 1
    assert row["contact_id"][0] == "thrutext:bob"


def test_a_text_answered_on_another_day_is_one_contact_with_two_records_in_van(small: SmallExchange) -> None:
    small.file("bob", message("a", "2026-09-01 10:00"), feed="bob_messages")
    small.file("bob", message("a", "2026-09-02 10:00", "incoming"), feed="bob_messages")
    small.file("bob", van("9/1/2026", "Texted"), van("9/2/2026", "Canvassed"), feed="bob_history")
    assert faces(small) == [("text", "canvassed", date(2026, 9, 1))]


def test_the_ballot_is_that_of_election_day(small: SmallExchange) -> None:
    small.elections = {"nc-02": "2026-05-19", "nc-04": "2026-11-03", "wake": "2026-05-19"}
    moved = {"state": "NC", "state_voter_id": "001", "county_fips": "37001", "city": "Graham"}
    moved |= {"congressional_district": "4", "state_senate_district": "25", "state_house_district": "64"}
    small.file("exchange", moved, received="2026-07-01", feed="voters")
    small.file("bob", said("1", "91", "house2", "1"), said("2", "91", "house4", "1"), said("3", "91", "wake", "1"))
    seen = {row["contest_id"]: row["on_ballot"] for row in small.see("bob")}
    assert seen == {"nc-02": True, "nc-04": True, "wake": True}
    small.elections = {"nc-02": "2025-11-04", "nc-04": "2025-11-04", "wake": "2026-07-01"}
    seen = {row["contest_id"]: row["on_ballot"] for row in small.see("bob")}
    assert seen == {"nc-02": True, "nc-04": False, "wake": False}
