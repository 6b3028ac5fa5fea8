"""Literal tiny cases of the tools' own files: keys, channels, results, times and what one conversation is."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from .file_formats import FILE_FORMATS
from .inbox import Inbox, UnreadableFileError, read_rows
from .moments import iso_moment, us_moment
from .registry import Row, read_registry
from .small_exchange import SmallExchange, said

NEW_YORK = ZoneInfo("America/New_York")
SUPPORT = {"question_code": "candidate_support", "contest_id": "us-pres", "candidate_id": "p1"}


@pytest.fixture
def small(tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path)


def bob_feed(small: SmallExchange, feed_id: str, file_format: str, **columns: str) -> None:
    feed = {"feed_id": feed_id, "partner_id": "bob", "file_format": file_format, "id_namespace": "dwid"}
    small.feeds.append(feed | columns)


def bob_answers(small: SmallExchange, file_format: str, question: str, *answers: str) -> None:
    for code, answer in enumerate(answers, start=1):
        mapping = {"file_format": file_format, "source_question": question, "source_answer": answer}
        small.extra_map.append(SUPPORT | mapping | {"answer_code": str(code)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-01", "2026-09-01T04:00:00+00:00"),
        ("2026-09-01T10:00", "2026-09-01T14:00:00+00:00"),
        ("2026-09-01 10:00:00.5", "2026-09-01T14:00:00.500000+00:00"),
        ("2026-09-01T10:00:00Z", "2026-09-01T10:00:00+00:00"),
        ("2026-09-01 10:00:00 UTC", "2026-09-01T10:00:00+00:00"),
        ("2026-09-01T10:00:00-07:00", "2026-09-01T17:00:00+00:00"),
        ("2026-11-01T01:30:00", "2026-11-01T06:30:00+00:00"),  # happens twice: the second, in standard time
        ("2026-03-08T02:30:00", "2026-03-08T07:30:00+00:00"),  # does not exist: read in standard time
        ("2026-02-30", None),
        ("09/01/2026", None),
        ("20260901", None),
        ("soon", None),
    ],
)
def test_iso_texts(text: str, expected: str | None) -> None:
    moment = iso_moment(text, NEW_YORK)
    assert (moment.isoformat() if moment else None) == expected


def test_month_first_texts() -> None:
    assert us_moment("9/1/2026", NEW_YORK) == datetime(2026, 9, 1, 16, tzinfo=UTC)
    assert us_moment("09/01/2026 9:05 PM", NEW_YORK) == datetime(2026, 9, 2, 1, 5, tzinfo=UTC)
    assert us_moment("13/01/2026", NEW_YORK) is None


def report_answer(vanid: str, day: str, answer: str, contact_type: str = "Walk") -> Row:
    row = {"vanid": vanid, "date_canvassed": day, "survey_response": answer}
    return row | {"survey_question_name": "Pres 26", "contact_type": contact_type, "canvassed_by": "Kim"}


def test_van_reports_meet_in_one_contact_and_correct_the_answer_of_the_day(small: SmallExchange) -> None:
    bob_feed(small, "answers", "van_survey_response_report", coverage="delta")
    bob_feed(small, "history", "van_contact_history_report", coverage="delta")
    bob_answers(small, "van_survey_response_report", "Pres 26", "1 - Strong", "2 - Lean")
    small.file("bob", report_answer("91", "9/1/2026", "1 - Strong"), feed="answers")
    small.file("bob", report_answer("91", "9/1/2026", "2 - Lean"), feed="answers")
    attempt = {"vanid": "91", "date_canvassed": "9/1/2026", "contact_type": "Walk", "canvassed_by": "Kim"}
    small.file("bob", attempt | {"result": "Canvassed"}, attempt | {"result": "Not Home"}, feed="history")
    small.file("bob", attempt | {"result": "Not Home", "contact_type": "Phone"}, feed="history")
    assert [row["answer_code"] for row in small.see("bob")] == [2]
    faces = {(row["channel"], row["contact_result"]) for row in small.see("bob", "contacts")}
    assert faces == {("door", "canvassed"), ("phone", "not_home")}


def test_van_pipeline_tables_meet_by_committee_and_contact(small: SmallExchange) -> None:
    bob_feed(small, "answers", "van_contactssurveyresponses")
    bob_feed(small, "attempts", "van_contactscontacts", timezone="America/Los_Angeles")
    bob_answers(small, "van_contactssurveyresponses", "311", "1288", "1289")
    keys = {"statecode": "NC", "committeeid": "7", "vanid": "91", "contacttypeid": "2"}
    answer = keys | {"surveyquestionid": "311", "surveyresponseid": "1289"}
    answer |= {"contactssurveyresponseid": "5", "datecanvassed": "2026-09-01T10:00:00-04:00"}
    alone = answer | {"contactssurveyresponseid": "50", "contactscontactid": "", "surveyresponseid": "1288"}
    attempt = keys | {"contactscontactid": "50", "resultid": "14", "datecanvassed": "2026-09-01 06:00:00"}
    small.file("bob", answer | {"contactscontactid": "50"}, feed="answers")
    assert [row["contact_result"] for row in small.see("bob", "contacts")] == ["canvassed"]
    small.file("bob", attempt, attempt | {"committeeid": "8", "resultid": "1"}, feed="attempts")
    faces = [row["contact_result"] for row in small.see("bob", "contacts")]
    assert sorted(faces, key=str) == ["canvassed", "not_home"]
    # the answer without a contact takes its own row id as key: here that of contact 50 of the same committee
    small.file("bob", alone, feed="answers")
    assert len(small.see("bob", "contacts")) == 2


def test_thrutext_conversations(small: SmallExchange) -> None:
    for kind in ("messages", "surveys", "opt_outs"):
        bob_feed(small, kind, f"thrutext_{kind}")
    bob_answers(small, "thrutext_surveys", "Will you vote for P1?", "Yes", "Maybe")
    out = {"timestamp": "2026-09-01 10:00:00", "message_id": "m1", "message_direction": "outgoing"}
    out |= {"conversation_id": "c1", "external_id": "91"}
    back = out | {"message_id": "m2", "message_direction": "incoming", "timestamp": "2026-09-01 10:05:00"}
    small.file("bob", out, feed="messages")
    assert [row["contact_result"] for row in small.see("bob", "contacts")] == ["texted"]
    small.file("bob", back, feed="messages")
    survey = {"conversation_id": "c1", "survey_id": "s", "survey_question": "Will you vote for P1?"}
    survey |= {"response": "Maybe", "updated_at": "2026-09-01T10:06:00", "external_id": "91"}
    small.file("bob", survey, feed="surveys")
    (row,) = small.see("bob", "contacts")
    assert (row["contact_result"], row["channel"]) == ("canvassed", "text")
    assert [row["answer_code"] for row in small.see("bob")] == [2]
    stop = {"timestamp": "2026-09-03 09:00:00", "conversation_id": "c1", "external_id": "91"}
    small.file("bob", stop, feed="opt_outs")
    (row,) = small.see("bob", "contacts")
    assert (row["contact_result"], row["contacted_from"]) == ("opted_out", date(2026, 9, 1))


def spoke(cell: str, status: str, answer: str = "", opt_out: str = "false", person: str = "91") -> Row:
    row = {
        "campaign_id": "4",
        "contact_cell": cell,
        "contact_message_status": status,
        "contact_opt_out": opt_out,
    }
    return row | {"contact_external_id": person, "question[Support P1?_1]": answer}


def test_spoke_contacts_count_from_the_first_file_that_carries_them(small: SmallExchange) -> None:
    bob_feed(small, "spoke", "spoke_contacts", timezone="UTC")
    bob_answers(small, "spoke_contacts", "Support P1?_1", "yes", "perhaps")
    small.file(
        "bob",
        spoke("+1", "messaged"),
        spoke("+2", "needsMessage", person="92"),
        received="2026-09-01",
        feed="spoke",
    )
    assert [(row["person_id"], row["contact_result"]) for row in small.see("bob", "contacts")] == [("91", "texted")]
    small.file("bob", spoke("+1", "convo", "yes"), received="2026-09-05", feed="spoke")
    small.file("bob", spoke("+1", "closed", "yes", "TRUE"), received="2026-09-09", feed="spoke")
    (answer,) = small.see("bob")
    assert (answer["answer_code"], answer["responded_from"]) == (1, date(2026, 9, 5))
    (contact,) = small.see("bob", "contacts")
    assert (contact["contact_result"], contact["contacted_from"]) == ("opted_out", date(2026, 9, 1))
    small.file("bob", spoke("+1", "closed", "perhaps", "false"), received="2026-09-12", feed="spoke")
    (answer,) = small.see("bob")
    assert (answer["answer_code"], answer["responded_from"]) == (2, date(2026, 9, 12))
    assert small.see("bob", "suppressions") == []
    small.file("bob", spoke("+1", "closed"), received="2026-09-13", feed="spoke")
    assert small.see("bob") == []


def test_files_are_read_by_header_spelling_encoding_and_zip() -> None:
    header = "Voter File VANID\tContact Name\tDate Canvassed\tResult\tContact Type\n"
    text = header + "0091\tLee\t9/1/2026\tNot Home\tWalk\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("ContactHistory.xls", text.encode("utf-16"))
    (row,) = read_rows(content.getvalue(), FILE_FORMATS["van_contact_history_report"])
    assert (row["vanid"], row["result"]) == ("0091", "Not Home")
    with pytest.raises(UnreadableFileError):
        read_rows(text.encode("utf-8"), FILE_FORMATS["van_contact_history_report"])
    with pytest.raises(UnreadableFileError, match="mood"):
        read_rows(b"record_id,contacted_at,channel,mood\n", FILE_FORMATS["generic_contacts"])
    with pytest.raises(UnreadableFileError, match="channel"):
        read_rows(b"record_id,contacted_at\n", FILE_FORMATS["generic_contacts"])


def test_the_inbox_takes_new_bytes_once_and_in_name_order(small: SmallExchange, tmp_path: Path) -> None:
    small.feeds.append({"feed_id": "bob_contacts", "partner_id": "bob", "location": "bob", "file_pattern": "*.csv"})
    small.file("bob", said("1", "91"))
    small.views()
    feeds = [feed for feed in read_registry(tmp_path).feeds.values() if feed.feed_id == "bob_contacts"]
    header = "record_id,contacted_at,channel\n"
    folder = tmp_path / "inbox" / "bob"
    folder.mkdir(parents=True)
    (folder / "b.csv").write_text(header + "1,2026-09-01,door\nragged\n")
    (folder / "a.csv").write_text(header)
    (folder / "copy.csv").write_text(header)
    (folder / "note.txt").write_text("not of this feed")
    inbox = Inbox(tmp_path / "inbox")
    now = datetime(2026, 9, 2, tzinfo=UTC)
    assert [(each.file_name, len(each.rows)) for each in inbox.take(feeds, now)] == [
        ("a.csv", 0),
        ("b.csv", 1),
    ]
    assert len(inbox.take(feeds, now)) == 2
