"""Intake against a real server: every record is found again in exactly one place, whatever is delivered."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange.intake import FeedIntake, raw_tables, take_feed
from exchange.intake.clock import begin_refresh
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.connection import connect
from tests.servers import fresh_settings, running_warehouse

pytestmark = pytest.mark.integration

HEADER = b"state,state_voter_id,namespace,scope,external_id\n"
GOOD = b"MI,000%d,dwid,,%d\n"


@dataclass(frozen=True)
class Feed:
    """A row of feeds.csv, as far as intake looks at it."""

    feed_id: str
    file_format: str = "generic_person_ids"
    partner_id: str = "exchange"
    file_pattern: str = "*"
    min_rows: int | None = None
    max_reject_share: float | None = None
    coverage: str = "delta"
    elsewhere: str | None = None

    @property
    def location(self) -> str:
        return self.elsewhere or self.feed_id


@dataclass(frozen=True)
class Room:
    """A running warehouse, and an inbox in which every test has feeds of its own."""

    settings: Settings
    conn: psycopg.Connection[Any]

    def deliver(self, feed: Feed, name: str, content: bytes) -> Path:
        path = self.settings.inbox / feed.location / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def take(self, feed: Feed) -> FeedIntake:
        return take_feed(self.settings, feed, begin_refresh(self.conn, self.settings, "digest"))

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.conn.execute(query.encode(), values).fetchall()

    def loaded(self, feed: Feed, columns: str = "external_id, _row_number") -> list[tuple[Any, ...]]:
        return self.rows(
            f"select {columns} from raw.{feed.file_format} join raw.file on _file_id = file_id"
            " where feed_id = %s order by _file_id, _row_number",
            feed.feed_id,
        )

    def rejected(self, feed: Feed) -> list[tuple[Any, ...]]:
        return self.rows(
            "select line_number, reason, raw_bytes from raw.rejected_row join raw.file using (file_id)"
            " where feed_id = %s order by file_id, line_number",
            feed.feed_id,
        )


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    settings = fresh_settings(tmp_path_factory.mktemp("intake"))
    with running_warehouse(settings), connect(settings, "loader", autocommit=True) as conn:
        raw_tables.create(conn)
        yield Room(settings, conn)


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def test_a_file_is_loaded_as_text_with_its_lineage(room: Room) -> None:
    feed = Feed("lineage")
    room.deliver(feed, "ids.csv", HEADER + GOOD % (1, 1) + b'MI,"0002",dwid,"",\n' + GOOD % (3, 3))
    (loaded,) = room.take(feed).loaded
    assert (loaded.file_name, loaded.records, loaded.loaded, loaded.rejected) == ("ids.csv", 3, 3, 0)
    assert room.loaded(feed, "state_voter_id, scope, external_id, _row_number, _file_id") == [
        ("0001", None, "1", 2, loaded.file_id),
        # a quoted empty cell is an empty text, not a missing one
        ("0002", "", None, 3, loaded.file_id),
        ("0003", None, "3", 4, loaded.file_id),
    ]
    ((received_is_as_of, archived),) = room.rows(
        "select received_at = as_of, sha256 from raw.file join raw.refresh using (refresh_id) where file_id = %s",
        loaded.file_id,
    )
    assert received_is_as_of
    assert (room.settings.archive / archived[:2] / archived).stat().st_size > 0


def test_the_same_file_twice_loads_once_also_under_another_name(room: Room) -> None:
    feed = Feed("twice")
    path = room.deliver(feed, "a.csv", HEADER + GOOD % (1, 1))
    assert len(room.take(feed).loaded) == 1
    assert (room.take(feed).loaded, room.take(feed).already_known) == ([], 1)
    os.utime(path, (1, 1))
    room.deliver(feed, "b.csv", path.read_bytes())
    assert (room.take(feed).loaded, room.take(feed).already_known) == ([], 2)
    room.deliver(feed, "a.csv", HEADER + GOOD % (2, 2))
    assert len(room.take(feed).loaded) == 1
    assert room.loaded(feed) == [("1", 2), ("2", 2)]
    assert len(room.take(Feed("twice_too", elsewhere="twice")).loaded) == 2  # another feed is another matter


def test_damaged_rows_are_refused_with_line_reason_and_bytes(room: Room) -> None:
    feed = Feed("damage")
    text = HEADER + GOOD % (1, 1) + b"MI,2,dwid\n" + b"\n" + b"MI,4,dw\xefd,,4\n" + b'MI,"5,dwid,,5\n' + GOOD % (6, 6)
    room.deliver(feed, "a.csv", text + b'MI,7,"two\nlines",,7\r\nMI,9,d\0,,9\n')
    (loaded,) = room.take(feed).loaded
    assert (loaded.records, loaded.loaded, loaded.rejected) == (8, 3, 5)
    assert room.loaded(feed) == [("1", 2), ("6", 7), ("7", 8)]
    assert room.rejected(feed) == [
        (3, "3 cells instead of 5", b"MI,2,dwid"),
        (4, "blank line", b""),
        (5, "not UTF-8: EF at byte 8", b"MI,4,dw\xefd,,4"),
        (6, "a quote is opened and not closed", b'MI,"5,dwid,,5'),
        (10, "NUL byte at byte 7", b"MI,9,d\0,,9"),
    ]


def test_text_that_copy_could_misread(room: Room) -> None:
    r"""A line of only \. ends COPY input in older servers, also inside quotes if it were not for the row's prefix."""
    feed = Feed("misread")
    rows = [
        b'MI,1,dwid,"\n\\.\n",1\n',
        b"\\.,2,\\N,\\,2\n",
        b'MI,3,"a\rb","\xe2\x80\xa8",3\n',
        b'MI,4,Bo"b,,4\n',
    ]
    room.deliver(feed, "a.csv", HEADER + b"".join(rows))
    room.take(feed)
    assert room.loaded(feed, "state, namespace, scope, external_id, _row_number") == [
        ("MI", "dwid", "\n\\.\n", "1", 2),
        ("\\.", "\\N", "\\", "2", 5),
        ("MI", "a\rb", "\u2028", "3", 6),
        ("MI", 'Bo"b', None, "4", 7),
    ]


def test_random_damage_is_accounted_for_to_the_record(room: Room) -> None:
    """What the unit tests prove of the filter's rows holds in Postgres: its own COPY agrees with the count."""
    pieces = [b",", b",", b",", b'"', b"\n", b"\n", b"a", b"\r\n", b'""', b"\0", b"\xe9", b"MI,1,d,,2\n"] * 2
    pieces += [b'"MI","1","d\nw",,2\n', b"MI,\xc3\xa9,d,,\n"] * 8
    feed = Feed("random")
    for seed in range(3):
        text = b"".join(random.Random(seed).choices(pieces, k=4000))
        room.deliver(feed, f"{seed}.csv", HEADER + text)
    intake = room.take(feed)
    assert not intake.refused
    assert sum(file.loaded for file in intake.loaded) == len(room.loaded(feed)) > 1000
    assert sum(file.rejected for file in intake.loaded) == len(room.rejected(feed)) > 1000
    assert all(file.records == file.loaded + file.rejected for file in intake.loaded)


def wrong_checksum() -> bytes:
    """A zip whose damage shows at its end, when all rows are with Postgres."""
    content = HEADER + (GOOD % (1, 1)) * 50_000
    return zipped("a.csv", content).replace(zlib.crc32(content).to_bytes(4, "little"), b"\1\2\3\4")


BAD_FILES = {
    "checksum.zip": (wrong_checksum(), None, "wrong checksum"),
    "unknown_header.csv": (HEADER.replace(b"\n", b",shoe_size\n") + b"MI,1,dwid,,1,9\n", 1, "'shoe_size'"),
    "truncated.zip": (zipped("a.csv", HEADER + (GOOD % (1, 1)) * 500)[:-30], None, "cut off"),
    "truncated_text.zip": (zipped("a.csv", random.Random(1).randbytes(3000))[:1500], None, "cut off"),
    "nul.csv": (b"\0" * 100_000, None, "NUL bytes"),
    "empty.csv": (b"", None, "empty"),
    "utf16.csv": (HEADER.decode().encode("utf-16"), None, "declared utf-8, looks like utf-16"),
}


def test_bad_files_are_refused_by_name_and_the_others_go_on(room: Room) -> None:
    feed = Feed("bad")
    for name, (content, _, _) in BAD_FILES.items():
        room.deliver(feed, name, content)
    room.deliver(feed, "zz_good.csv", HEADER + GOOD % (1, 1))
    intake = room.take(feed)
    assert [file.file_name for file in intake.loaded] == ["zz_good.csv"]
    assert [refused.file_name for refused in intake.refused] == sorted(BAD_FILES)
    for refused in intake.refused:
        _, line, words = BAD_FILES[refused.file_name]
        assert refused.error.place.line == line
        assert words in str(refused.error)
        assert f"feed bad, file {refused.file_name}" in str(refused.error)
    assert room.loaded(feed) == [("1", 2)]
    again = room.take(feed)
    assert (len(again.refused), again.already_known, again.loaded) == (len(BAD_FILES), 1, [])
    recorded = room.rows(
        "select file_name, count(*), bool_and(problem > '') from raw.refused_file"
        " where feed_id = 'bad' group by file_name"
    )
    assert sorted(recorded) == [(name, 2, True) for name in sorted(BAD_FILES)]


def test_a_utf8_file_declared_utf16_is_refused(room: Room) -> None:
    feed = Feed("report", "van_contact_history_report", "a_campaign")
    report = "VanID\tDate Canvassed\tResult\tContact Type\r\n100\t11/1/2026\tNot Home\tPhone\r\n"
    room.deliver(feed, "utf8.txt", report.encode())
    room.deliver(feed, "real.zip", zipped("ContactHistory.xls", report.encode("utf-16")))
    intake = room.take(feed)
    assert "declared utf-16, looks like utf-8" in str(intake.refused[0].error)
    assert room.loaded(feed, "vanid, result, canvassed_by, _row_number") == [("100", "Not Home", None, 2)]


def test_unknown_columns_of_a_collecting_format_become_json(room: Room) -> None:
    feed = Feed("spoke", "spoke_contacts", "a_campaign")
    header = b"campaignId,contact[cell],contact[messageStatus]"
    room.deliver(feed, "a_plain.csv", header + b"\n1,+1555,needsMessage\n")
    extra = b',"question[Who?]",note\r\n1,+1555,closed,"Smith, ""J""","line 1\nline 2"\r\n1,+1556,closed,,""\r\n1,2\r\n'
    room.deliver(feed, "b_more.csv", header + extra)
    room.take(feed)
    assert room.loaded(feed, "contact_cell, _extra, _row_number") == [
        ("+1555", None, 2),
        ("+1555", {"question[Who?]": 'Smith, "J"', "note": "line 1\nline 2"}, 2),
        ("+1556", {"question[Who?]": None, "note": ""}, 4),
    ]
    assert [line for line, _, _ in room.rejected(feed)] == [5]


def test_limits_of_the_feed_refuse_the_whole_file(room: Room) -> None:
    damaged = HEADER + (GOOD % (1, 1)) * 8 + b"MI\n" * 2
    for feed, loads in (
        (Feed("share_20", max_reject_share=0.2), True),
        (Feed("share_19", max_reject_share=0.19), False),
        (Feed("share_0", max_reject_share=0.0), False),
        (Feed("rows_8", min_rows=8), True),
        (Feed("rows_9", min_rows=9), False),
    ):
        room.deliver(feed, "a.csv", damaged)
        intake = room.take(feed)
        assert (len(intake.loaded), len(intake.refused)) == ((1, 0) if loads else (0, 1))
        assert len(room.loaded(feed)) == (8 if loads else 0)
        if not loads:
            error = intake.refused[0].error
            assert error.place.line == 10
            assert "line 10: 1 cells instead of 5; line 11: 1 cells instead of 5" in error.problem
    room.deliver(Feed("rows_0"), "a.csv", HEADER)
    assert room.take(Feed("rows_0")).loaded[0].records == 0


def test_what_is_not_a_delivery_is_left_alone(room: Room) -> None:
    feed = Feed("waiting", file_pattern="*.csv*")
    for name in (".hidden.csv", "a.csv.part", "b.csv.tmp", "notes.txt", ".sync/c.csv"):
        room.deliver(feed, name, HEADER)
    assert room.take(feed) == FeedIntake("waiting")
    assert room.take(Feed("no_such_folder")) == FeedIntake("no_such_folder")


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        (Feed("remote", elsewhere="s3://bucket/x"), "s3:// is not supported yet"),
        (Feed("outside", elsewhere="../credentials"), "leads out of the inbox"),
        (Feed("unknown_format", "excel"), "file format is not described"),
        (Feed("pattern", file_pattern="/etc/*"), "pattern is not usable"),
    ],
)
def test_a_feed_that_cannot_be_read_is_refused_not_raised(room: Room, feed: Feed, words: str) -> None:
    (room.settings.inbox / "pattern").mkdir(parents=True, exist_ok=True)
    (refused,) = room.take(feed).refused
    assert words in str(refused.error)
    assert room.rows("select file_name from raw.refused_file where feed_id = %s", feed.feed_id) == [(feed.location,)]


def test_a_link_in_the_inbox_is_refused(room: Room) -> None:
    feed = Feed("link")
    room.deliver(feed, "good.csv", HEADER + GOOD % (1, 1))
    (room.settings.inbox / "link" / "a.csv").symlink_to("/etc/passwd")
    (room.settings.inbox / "link" / "folder").symlink_to("/etc")
    intake = room.take(Feed("link", file_pattern="**/*"))
    assert [refused.file_name for refused in intake.refused] == ["a.csv", "folder"]
    assert [file.file_name for file in intake.loaded] == ["good.csv"]


def in_another_process(room: Room, feed: Feed) -> subprocess.Popen[str]:
    """take_feed in a process of its own; prints its peak memory over that before, in MiB."""
    script = f"""
import resource
from pathlib import Path
from exchange.intake import take_feed
from exchange.settings import Settings
from tests.integration.test_intake_feeds import Feed
settings = Settings(home=Path({str(room.settings.home)!r}), database_url=None)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
take_feed(settings, {feed!r}, {begin_refresh(room.conn, room.settings, "digest")})
print(peak() - before)
"""
    return subprocess.Popen([sys.executable, "-c", script], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("header", [True, False])
def test_a_line_of_200_mb_costs_neither_memory_nor_other_records(room: Room, header: bool) -> None:
    feed = Feed(f"long_line_{header}")
    path = room.deliver(feed, "a.csv", b"" if header else HEADER + GOOD % (1, 1))
    with path.open("ab") as file:
        for _ in range(200):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + GOOD % (3, 3))
    process = in_another_process(room, feed)
    output, _ = process.communicate(timeout=120)
    path.unlink()
    assert int(output) < 60
    if header:
        ((line, problem),) = room.rows("select line, problem from raw.refused_file where feed_id = %s", feed.feed_id)
        assert (line, problem[:25]) == (1, "the first line is longer ")
        assert room.loaded(feed) == []
    else:
        assert room.loaded(feed) == [("1", 2), ("3", 4)]
        ((line, reason, kept),) = room.rejected(feed)
        assert (line, len(kept)) == (3, 65536)
        assert str(200 << 20) in reason


def test_a_killed_load_leaves_nothing_and_is_done_once_by_the_next(room: Room) -> None:
    feed = Feed("killed")
    room.deliver(feed, "a.csv", HEADER + (GOOD % (1, 1)) * 1_500_000)
    room.deliver(feed, "b.csv", HEADER + GOOD % (2, 2))
    process = in_another_process(room, feed)
    deadline = time.monotonic() + 60
    while not room.rows("select from pg_stat_progress_copy where tuples_processed > 10000"):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert room.loaded(feed) == []
    assert room.rows("select from raw.file where feed_id = 'killed'") == []
    assert [file.loaded for file in room.take(feed).loaded] == [1_500_000, 1]
    assert room.take(feed).already_known == 2
    assert len(room.loaded(feed, "1")) == 1_500_001


def test_two_refreshes_at_once_load_a_file_once(room: Room) -> None:
    feed = Feed("at_once")
    for number in range(5):
        room.deliver(feed, f"{number}.csv", HEADER + GOOD % (number, number))
    processes = [in_another_process(room, feed) for _ in range(3)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert [row[0] for row in room.loaded(feed)] == ["0", "1", "2", "3", "4"]


def test_tables_are_made_once_gain_columns_and_are_readable_by_dbt(room: Room) -> None:
    room.conn.execute("alter table raw.generic_ballots drop column status_on")
    with connect(room.settings, "admin") as admin:
        raw_tables.create(admin)
    raw_tables.create(room.conn)
    columns = room.rows(
        "select attname from pg_attribute where attrelid = 'raw.generic_ballots'::regclass and attnum > 0"
    )
    assert ("status_on",) in columns
    assert room.rows(
        "select count(*) > 10, bool_and(relowner = 'exchange_loader'::regrole and relpersistence = 'p'"
        " and has_table_privilege('exchange_dbt', oid, 'select')"
        " and not has_table_privilege('exchange_dbt', oid, 'insert'))"
        " from pg_class where relnamespace = 'raw'::regnamespace and relkind = 'r'"
    ) == [(True, True)]


def test_the_key_of_contact_ids_outlives_a_change_of_the_registry(room: Room) -> None:
    def key(settings: Settings, digest: str) -> tuple[Any, ...]:
        refresh_id = begin_refresh(room.conn, settings, digest)
        return room.rows("select id_key, registry_digest from raw.refresh where refresh_id = %s", refresh_id)[0]

    first, _ = key(room.settings, "one")
    assert len(first) == 64
    assert key(room.settings, "two") == (first, "two")
    secret = fresh_settings(room.settings.home, id_secret="secret")
    assert key(secret, "two")[0] != first
    fixed = fresh_settings(room.settings.home, as_of="2026-10-01")
    refresh_id = begin_refresh(room.conn, fixed, "two")
    ((as_of,),) = room.rows("select as_of::text from raw.refresh where refresh_id = %s", refresh_id)
    assert as_of.startswith("2026-10-01 00:00:00")
