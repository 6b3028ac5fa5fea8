"""Contributed data taken back: as if it had never come, for everybody, and never to come again."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange.cli.accounting import accounts
from exchange.intake import FeedIntake, raw_tables, take_feed
from exchange.intake.clock import begin_refresh
from exchange.intake.withdrawal import chosen_files, loaded_files, remove_originals, still_in_inbox, take_back
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from tests.demo_exchange import INSTANT
from tests.servers import fresh_settings, running_warehouse
from tests.worlds.running import CONTRACT_VIEWS, RunningExchange

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER, SNAPSHOT_PARTNER, RECIPIENT = "reyes_for_congress", "mail_ballot_alliance", "pa_party"
READERS = (PARTNER, SNAPSHOT_PARTNER, RECIPIENT, "lopez_for_governor", "voter_voice", "civic_data_fund")
# these tell of deliveries and publications, which happened; all others tell what is known now
OF_WHAT_HAPPENED = ("changes", "my_files", "freshness")
OF_WHAT_IS_KNOWN = tuple(view for view in CONTRACT_VIEWS if view not in OF_WHAT_HAPPENED)
KEYS = {"voter_responses": ("question_code", "contest_id", "candidate_id"), "contacts": ("contact_id",)}


@pytest.fixture
def exchange(demo_exchange: RunningExchange) -> RunningExchange:
    return demo_exchange


def known_to(exchange: RunningExchange) -> dict[str, dict[str, str]]:
    return {partner: exchange.texts(partner, OF_WHAT_IS_KNOWN) for partner in READERS}


def keys_of(exchange: RunningExchange, partner: str) -> set[tuple[str, str, str]]:
    """(view, person, record key) of every row, as the change feed names it."""
    return {
        (view, row["person_id"], "|".join(str(row[name] if row[name] is not None else "") for name in names))
        for view, names in KEYS.items()
        for row in exchange.views(partner, tuple(KEYS))[view]
    }


def retracted_for(exchange: RunningExchange, partner: str, publication_id: int) -> set[tuple[str, str, str]]:
    return {
        (row["relation"], row["person_id"], row["record_key"])
        for row in exchange.views(partner, ("changes",))["changes"]
        if row["publication_id"] == publication_id and row["change"] == "retracted" and row["relation"] in KEYS
    }


def statuses(exchange: RunningExchange, partner: str, name: str) -> list[dict[str, Any]]:
    return [row for row in exchange.views(partner, ("my_files",))["my_files"] if row["file_name"] == name]


def correction(folder: Path, name: str) -> Path:
    """Every record of the folder's oldest file over again with other answers; one new, one not readable."""
    with min(folder.glob("contacts_*.csv")).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = folder / name
    answers = sorted({row["answer"] for row in rows if row["answer"]})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for row in rows:
            other = next((answer for answer in answers if answer != row["answer"]), "")
            writer.writerow(row | {"channel": "mail", "answer": other if row["answer"] else ""})
        writer.writerow(
            rows[-1] | {"record_id": "only-here", "contact_key": "", "contacted_at": "2026-10-18T10:00:00Z"}
        )
        file.write("too,few,cells\n")
    return path


def shorter_snapshot(folder: Path, name: str) -> Path:
    """The newest snapshot without half of its rows: the others are retracted."""
    lines = max(folder.glob("contacts_*.csv")).read_text(encoding="utf-8").splitlines(keepends=True)
    path = folder / name
    path.write_text("".join([lines[0], *lines[1::2]]), encoding="utf-8")
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def archived(exchange: RunningExchange, digest: str) -> bool:
    return (exchange.home / "archive" / digest[:2] / digest).exists()


def test_views_become_as_if_the_file_had_never_come(exchange: RunningExchange) -> None:
    """Would have caught lines that stay in a mart, a correction that outlives its file, a snapshot that goes on
    retracting, people who keep a match, and bytes that come back with the next refresh.
    """
    before = known_to(exchange)
    identities = "select feed_id, identity_key, voter_id from matching.matches order by 1, 2"
    with exchange.connect_as_admin() as admin:
        matched = admin.execute(identities).fetchall()
    corrected = correction(exchange.inbox / PARTNER / "contacts", "contacts_2026-10-19.csv")
    snapshot = shorter_snapshot(exchange.inbox / SNAPSHOT_PARTNER / "contacts", "contacts_2026-10-19.csv")
    digest, digest_of_snapshot = sha256(corrected), sha256(snapshot)
    exchange.refresh(INSTANT)
    with_it = known_to(exchange)
    assert all(with_it[partner] != before[partner] for partner in (PARTNER, SNAPSHOT_PARTNER, RECIPIENT))
    assert exchange.views(PARTNER, ("my_rejected_rows",))["my_rejected_rows"]
    (loaded,) = statuses(exchange, PARTNER, corrected.name)
    told_before = {partner: keys_of(exchange, partner) for partner in READERS}

    # the snapshot's withdrawal is cut short before its refresh; that of the other finishes it
    settings = Settings(home=exchange.home, registry=exchange.registry)
    with connect(settings, "loader", autocommit=True) as conn:
        take_back(conn, chosen_files(loaded_files(conn), SNAPSHOT_PARTNER, digest_of_snapshot))
    assert archived(exchange, digest_of_snapshot)
    said = exchange.command("withdraw", "--partner", PARTNER, "--file", digest[:12], "--yes", "--json", as_of=INSTANT)
    outcome = json.loads(said)

    assert known_to(exchange) == before
    assert outcome["is_gone_from_views"] and [file["file_name"] for file in outcome["files"]] == [corrected.name]
    assert outcome["still_in_inbox"] == [str(corrected)]
    for partner in READERS:
        gone = told_before[partner] - keys_of(exchange, partner)
        assert retracted_for(exchange, partner, 3) == gone
        counted = [
            one["retracted"] for one in outcome["changes"] if one["partner_id"] == partner and one["view"] in KEYS
        ]
        assert sum(counted) == len(gone)
    assert told_before[RECIPIENT] - keys_of(exchange, RECIPIENT), "something was visible to others"
    assert not archived(exchange, digest) and not archived(exchange, digest_of_snapshot)
    with exchange.connect_as_admin() as admin:
        told = admin.execute("select partner_id, details from ops.audit where what = 'withdrawn'").fetchall()
        assert [(row["partner_id"], [one["sha256"] for one in row["details"]["files"]]) for row in told] == [
            (PARTNER, [digest])
        ]
        assert admin.execute(identities).fetchall() == matched
        for line in ("generic_contacts._file_id", "rejected_row.file_id", "file_slice.file_id"):
            table, _, column = line.partition(".")
            left = admin.execute(
                f"select count(*) as lines from raw.{table} join raw.file on {table}.{column} = file.file_id"
                " where withdrawn_at is not null"
            ).fetchone()
            assert left == {"lines": 0}
    (withdrawn,) = statuses(exchange, PARTNER, corrected.name)
    kept = ("feed_id", "file_format", "received_at", "records", "loaded", "rejected")
    assert withdrawn["status"] == "withdrawn"
    assert {name: withdrawn[name] for name in kept} == {name: loaded[name] for name in kept}
    accounts = {feed["feed_id"]: feed for feed in json.loads(exchange.command("status", "--json"))["feeds"]}
    assert accounts["reyes_contacts"]["withdrawn"] == loaded["loaded"]
    assert accounts["reyes_contacts"]["records"] == (
        sum(accounts["reyes_contacts"][count] for count in ("rejected", "quarantined", "matched", "unmatched"))
        + sum(accounts["reyes_contacts"][count] for count in ("superseded", "retracted", "withdrawn"))
    )


def test_withdrawing_twice_says_so_and_changes_nothing(exchange: RunningExchange) -> None:
    with exchange.connect_as_admin() as admin:
        newest = admin.execute("select max(refresh_id) from raw.refresh").fetchone()
        withdrawn = admin.execute("select partner_id, sha256 from raw.file where withdrawn_at is not null").fetchall()
    assert len(withdrawn) == 2, "after the test above"
    for file in withdrawn:
        # no --yes: there is nothing to ask
        said = exchange.command("withdraw", "--partner", file["partner_id"], "--file", file["sha256"], as_of=INSTANT)
        assert "Nothing" in said and "left to withdraw" in said
    with exchange.connect_as_admin() as admin:
        assert admin.execute("select max(refresh_id) from raw.refresh").fetchone() == newest


def test_the_same_bytes_are_refused_whatever_they_are_called(exchange: RunningExchange) -> None:
    """Not so the file that still lies in the inbox as it was taken: nobody delivered it again."""
    before = known_to(exchange)
    lying = exchange.inbox / PARTNER / "contacts/contacts_2026-10-19.csv"
    again = lying.with_name("contacts_2026-10-20.csv")
    again.write_bytes(lying.read_bytes())
    try:
        done = exchange.attempt("refresh", "--json", as_of=INSTANT)
    finally:
        again.unlink()
    outcome = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(file["feed_id"], file["file_name"]) for file in outcome["refused"]] == [("reyes_contacts", again.name)]
    assert "withdrawn on" in outcome["refused"][0]["problem"] and lying.name in outcome["refused"][0]["problem"]
    (refused,) = statuses(exchange, PARTNER, again.name)
    assert refused["status"] == "refused" and "withdrawn on" in refused["problem"]
    assert not archived(exchange, sha256(lying))
    assert known_to(exchange) == before


def test_who_may_not_be_asked_and_what_is_not_theirs_changes_nothing(exchange: RunningExchange) -> None:
    files = json.loads(exchange.command("withdraw", "--partner", PARTNER, "--list", "--json"))["files"]
    live = [file for file in files if file["withdrawn_at"] is None]
    assert len(live) == 2 and len(files) == 3
    for arguments, code, told in (
        (("--partner", RECIPIENT, "--file", live[0]["sha256"], "--yes"), 1, live[0]["file_name"]),
        (("--partner", PARTNER, "--file", live[0]["sha256"]), 2, "no terminal to ask"),
        (("--partner", "exchange", "--yes"), 2, "name one of them"),
        (("--partner", "nobody", "--yes"), 1, "no such partner"),
    ):
        done = exchange.attempt("withdraw", *arguments)
        assert done.returncode == code
        assert told in " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert json.loads(exchange.command("withdraw", "--partner", PARTNER, "--list", "--json"))["files"] == files


@dataclass(frozen=True)
class Feed:
    """A row of feeds.csv, as far as intake looks at it."""

    feed_id: str
    partner_id: str = "exchange"
    file_format: str = "generic_voters"
    file_pattern: str = "*.csv"
    coverage: str = "snapshot"
    min_rows: int | None = None
    max_reject_share: float | None = None

    @property
    def location(self) -> str:
        return self.feed_id


@dataclass(frozen=True)
class Room:
    """Intake alone: a warehouse without models, and an inbox."""

    settings: Settings
    conn: psycopg.Connection[Any]

    def take(self, feed: Feed, name: str, content: bytes) -> FeedIntake:
        path = self.settings.inbox / feed.location / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return take_feed(self.settings, feed, begin_refresh(self.conn, self.settings, "digest"))

    def withdraw(self, partner_id: str, content: bytes | None) -> None:
        digest = None if content is None else hashlib.sha256(content).hexdigest()
        take_back(self.conn, chosen_files(loaded_files(self.conn), partner_id, digest))
        remove_originals(self.conn, self.settings.archive, partner_id if content is None else None)

    def is_archived(self, content: bytes) -> bool:
        digest = hashlib.sha256(content).hexdigest()
        return (self.settings.archive / digest[:2] / digest).exists()

    def count(self, query: str, *values: Any) -> int:
        [(count,)] = self.conn.execute(query.encode(), values).fetchall()
        return int(count)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    settings = fresh_settings(tmp_path_factory.mktemp("withdrawal"))
    with running_warehouse(settings), connect(settings, "loader", autocommit=True) as conn:
        raw_tables.create(conn)
        yield Room(settings, conn)


def voters(first: int, last: int) -> bytes:
    lines = "".join(f"NC,{number},Lee\n" for number in range(first, last + 1))
    return f"state,state_voter_id,last_name\n{lines}".encode()


def test_bytes_that_another_feed_delivered_stay_loaded_and_archived(room: Room) -> None:
    """A file put into the wrong folder is withdrawn from one feed and counts in the other; another partner keeps it."""
    content = voters(1, 30)
    wrong, right = Feed("wrong_folder", "north"), Feed("right_folder", "north")
    beside = Feed("beside", "south")
    room.take(wrong, "a.csv", content)
    room.take(beside, "b.csv", content)
    room.withdraw("north", content)
    assert room.is_archived(content), "the other partner's delivery needs it"
    assert [file.loaded for file in room.take(right, "c.csv", content).loaded] == [30]
    (refused,) = room.take(wrong, "again.csv", content).refused
    assert "withdrawn on" in str(refused.error) and refused.error.remedy
    assert room.count("select count(*) from raw.generic_voters join raw.file on _file_id = file_id") == 60
    room.withdraw("south", None)
    assert room.is_archived(content)
    room.withdraw("north", None)
    assert not room.is_archived(content)
    assert room.count("select count(*) from raw.generic_voters") == 0
    assert (
        room.count("select count(*) from raw.file where records = loaded + rejected and withdrawn_at is not null") == 3
    )


def test_a_file_is_not_held_against_a_withdrawn_one(room: Room) -> None:
    """Else the way back from a file of too many voters were closed: the right one would look like a loss of most."""
    feed = Feed("sizes")
    oversized, right = voters(1, 100), voters(1, 20)
    room.take(feed, "1.csv", oversized)
    assert room.take(feed, "2.csv", right).refused
    room.withdraw("exchange", oversized)
    (loaded,) = room.take(feed, "3.csv", right).loaded
    assert loaded.loaded == 20


def test_a_file_that_lies_on_is_told_and_one_written_again_is_refused(room: Room) -> None:
    feed = Feed("lying", "west")
    content = voters(1, 12)
    room.take(feed, "here.csv", content)
    room.withdraw("west", None)
    path = room.settings.inbox / "lying/here.csv"
    assert still_in_inbox(room.conn, room.settings, [feed], loaded_files(room.conn)) == [str(path)]
    kept = room.take(feed, "empty.csv", b"")
    assert (kept.already_known, [one.file_name for one in kept.refused]) == (1, ["empty.csv"])
    os.utime(path, ns=(0, 1))
    again = room.take(feed, "empty.csv", b"")
    assert sorted(one.file_name for one in again.refused) == ["empty.csv", "here.csv"]
    assert not room.is_archived(content)


def test_what_was_only_refused_leaves_the_archive_with_its_partner(room: Room) -> None:
    feed = Feed("refused", "east")
    content = b"no,such,columns\n1,2,3\n"
    assert room.take(feed, "bad.csv", content).refused
    assert room.is_archived(content)
    room.withdraw("east", None)
    assert not room.is_archived(content)


def test_an_older_warehouse_gets_the_column(room: Room) -> None:
    """A database made by the version before this one, in which `exchange status` works until the next refresh."""
    held = "select count(*) from information_schema.columns where table_name = 'file' and column_name = 'withdrawn_at'"
    with connect(room.settings, "admin", autocommit=True) as admin:
        with admin.transaction(force_rollback=True):
            admin.execute("alter table raw.file drop column withdrawn_at")
            (account,) = accounts(admin, [Feed("sizes")])
            assert (account.files, account.records, account.withdrawn) == (2, 120, 0)
            raw_tables.create(admin)
            # which acts as the loader until the transaction ends
            admin.execute("set local role none")
            assert admin.execute(held.encode()).fetchall() == [(1,)]
            assert [one.withdrawn for one in accounts(admin, [Feed("sizes")])] == [0]
        assert [one.withdrawn for one in accounts(admin, [Feed("sizes")])] == [100]
