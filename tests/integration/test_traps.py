"""The traps of who may see what, and when: each with its literal rows, seen through the partners' own logins.

The registry, the voters and who sees whom are in tests/traps/registry.py; ann calls a voter by the state's id, the
others by DWID (voter 0101 is 101). Traps of identity, codes and contests are in test_traps_of_ids_and_codes.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from tests.traps import Seen, delivers, seen_by_partners

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with seen_by_partners(sys.modules[__name__], tmp_path_factory.mktemp("traps")) as found:
        yield found


# 1. A reconciled answer leaks a hidden contributor


@delivers(
    "ann_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    own,101,2026-08-01T10:00:00,door,canvassed,Lee for governor?,2
    """,
)
@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    friend,102,2026-08-02T10:00:00,door,canvassed,Lee for governor?,4
    """,
)
@delivers(
    "eve_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    newer-1,101,2026-08-15T10:00:00,door,canvassed,Lee for governor?,5
    newer-2,102,2026-08-15T10:00:00,door,canvassed,Lee for governor?,1
    only,103,2026-08-15T10:00:00,door,canvassed,Lee for governor?,1
    """,
)
def test_a_hidden_contributors_newer_answer_changes_nothing_that_a_recipient_sees(seen: Seen) -> None:
    own, friends = (seen.row("ann", "voter_responses", person) for person in ("0101", "0102"))
    assert (own["answer_code"], own["responded_until"], own["answers_disagree"]) == (2, date(2026, 8, 1), False)
    assert (friends["answer_code"], friends["contributor"], friends["answers_disagree"]) == (4, "bob", False)
    voter = seen.row("ann", "voters", "0102")
    assert (voter["contacts_others"], voter["last_contact_others_until"]) == (1, date(2026, 8, 2))
    assert seen.row("ann", "voters", "0103")["reach"] == "nobody"
    # the rows are live: their own contributor sees them
    assert seen.answers("eve", "101") == {"lee": 5}


# 2. Coarse windows undone by refresh


@delivers(
    "cat_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    blurred,201,2026-07-03T10:00:00,door,canvassed,Mail?,4
    """,
)
@delivers(
    "cat_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    blurred,201,2026-08-19T21:45:00,door,canvassed,Mail?,4
    """,
    refresh="october",
)
def test_a_blurred_date_stays_blurred_when_the_day_is_corrected_within_its_window(seen: Seen) -> None:
    before = seen.row("ann", "voter_responses", "0201", after="august")
    after = seen.row("ann", "voter_responses", "0201")
    assert (after["responded_from"], after["responded_until"]) == (date(2026, 7, 1), date(2026, 8, 31))
    assert after["contributor"] is None
    # nothing about the row moved: not a stamp, not an id, and the change feed is silent about the person
    assert after == before
    assert not [row for row in seen.rows("ann", "changes", "0201") if row["change"] != "added"]
    assert not any(isinstance(value, datetime) for value in after.values())


# 3. Time zone and day


@delivers(
    "bob_west",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    late,301,2026-08-05T23:30:00,text,canvassed,Mail?,1
    late-utc,302,2026-08-06T06:30:00Z,text,canvassed,Mail?,1
    bare,303,2026-08-05,text,canvassed,Mail?,1
    iso-year,304,2024-12-30T12:00:00,text,canvassed,Mail?,1
    iso-year-2,304,2021-01-03T12:00:00,text,canvassed,,
    """,
)
def test_2330_pacific_is_that_day_and_the_year_is_the_calendars(seen: Seen) -> None:
    days = {person: seen.row("ann", "voter_responses", person, state="CA") for person in ("0301", "0302", "0303")}
    assert {row["responded_until"] for row in days.values()} == {date(2026, 8, 5)}
    # ISO weeks call 30 December 2024 a day of 2025, and 3 January 2021 one of 2020
    contacts = seen.rows("ann", "contacts", "0304", state="CA")
    assert sorted(row["contacted_until"] for row in contacts) == [date(2021, 1, 3), date(2024, 12, 30)]


@delivers(
    "bob_west",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    epoch,305,1786000000000,text,canvassed,Mail?,1
    no-time,305,,text,canvassed,Mail?,1
    no-such-day,305,2026-02-30T10:00:00,text,canvassed,Mail?,1
    understood-1,305,2026-08-01T10:00:00,text,left_message,,
    understood-2,305,2026-08-02T10:00:00,text,left_message,,
    understood-3,305,2026-08-03T10:00:00,text,left_message,,
    """,
)
def test_a_time_that_is_none_becomes_neither_today_nor_1970(seen: Seen) -> None:
    assert seen.answers("ann", "0305", state="CA") == {}
    for record in ("epoch", "no-time", "no-such-day"):
        assert "contacted_at" in seen.quarantined("bob", record)["reason"]


# 4. Retraction is absence


@delivers(
    "bob_list",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    stays,401,2026-08-01T10:00:00,door,canvassed,Lee for governor?,1
    vanishes,402,2026-08-01T10:00:00,door,canvassed,Lee for governor?,1
    """,
)
@delivers(
    "bob_list",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    stays,401,2026-08-01T10:00:00,door,canvassed,Lee for governor?,1
    """,
    refresh="october",
)
@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    not-in-the-next-file,403,2026-08-01T10:00:00,door,canvassed,Lee for governor?,1
    """,
)
@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    something-else,401,2026-10-01T10:00:00,door,not_home,,
    """,
    refresh="october",
)
def test_what_a_snapshot_lacks_is_retracted_and_what_a_delta_lacks_is_not(seen: Seen) -> None:
    assert seen.answers("ann", "0402", after="august") == {"lee": 1}
    assert seen.answers("ann", "0402") == {}
    assert seen.row("ann", "voters", "0402")["support_governor"] is None
    assert "retracted" in {row["change"] for row in seen.rows("ann", "changes", "0402")}
    assert seen.answers("ann", "0401") == {"lee": 1}
    assert seen.answers("ann", "0403") == {"lee": 1}


# 5. Opt-out scope and direction


@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    stop-501,501,2026-08-01T10:00:00,text,opted_out_caller,,
    """,
)
def test_stop_to_one_caller_is_not_stop_to_all(seen: Seen) -> None:
    assert seen.kinds("bob", "501") == [("opted_out", "caller")]
    assert seen.kinds("ann", "0501") == []
    assert seen.row("ann", "voters", "0501")["is_suppressed"] is False


@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    no-texts,502,2026-08-01T10:00:00,phone,do_not_text,,
    """,
)
def test_do_not_text_is_neither_do_not_call_nor_opposition(seen: Seen) -> None:
    assert seen.kinds("ann", "0502") == [("do_not_text", "channel")]
    assert seen.answers("ann", "0502") == {}


@delivers(
    "eve_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    stop-503,503,2026-08-01T10:00:00,text,opted_out,,
    """,
)
def test_an_opt_out_reaches_who_may_not_see_its_reporter_and_does_not_name_it(seen: Seen) -> None:
    for partner, person in (("ann", "0503"), ("bob", "503"), ("cat", "503")):
        assert seen.kinds(partner, person) == [("opted_out", "channel")]
        assert "eve" not in seen.row(partner, "suppressions", person).values()
        assert seen.rows(partner, "contacts", person) == []
        assert seen.row(partner, "voters", person)["reach"] == "nobody"


@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    stop-504,504,2026-08-01T10:00:00,text,opted_out,,
    stop-505,505,2026-08-01T10:00:00,text,opted_out,,
    stop-506,506,2026-08-01T10:00:00,text,opted_out,,
    """,
)
@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    start-506,506,2026-10-01T10:00:00,text,opted_in,,
    """,
    refresh="october",
)
@delivers(
    "ann_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    talked,504,2026-10-01T10:00:00,text,canvassed,Lee for governor?,1
    start-505,505,2026-10-01T10:00:00,text,opted_in,,
    """,
    refresh="october",
)
def test_nothing_delivered_later_lifts_an_opt_out_but_its_own_reporters_word(seen: Seen) -> None:
    assert seen.kinds("ann", "0504") == [("opted_out", "channel")], "a talk with somebody else is no consent"
    assert seen.kinds("ann", "0505") == [("opted_out", "channel")], "consent to one is not consent to another"
    assert seen.kinds("ann", "0506", after="august") == [("opted_out", "channel")]
    assert seen.kinds("ann", "0506") == [], "its reporter took it back"


# Also: a key made of columns of which some are empty


@delivers(
    "cat_doors",
    """
    record_id,contact_key,person_id,source_person_id,contacted_at,channel,result,question,answer
    null-1,,202,,2026-08-01T10:00:00,door,not_home,,
    null-2,,202,,2026-08-01T10:00:00,door,not_home,,
    """,
)
def test_rows_with_the_same_empty_columns_are_not_one_row(seen: Seen) -> None:
    assert len(seen.rows("ann", "contacts", "0202")) == 2
