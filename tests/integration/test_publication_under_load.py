"""Publication under load: readers never wait, never see half, and a publisher that is killed leaves no trace.

One small exchange. A marker stands in two views of every partner; each publication brings the next marker to both, and
readers ask for both views in one statement.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg
import pytest

from exchange.publishing import undo_log
from exchange.publishing.publish import publish
from exchange.settings import Settings
from tests.publications import give_another_audience
from tests.worlds.running import ROOT, RunningExchange

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

PARTNERS = ("pa_party", "voter_voice", "reyes_for_congress", "lopez_for_governor")
# its permissions change while the others read
CHANGING = "civic_data_fund"
READERS, PUBLICATIONS, KILLED_AT, PERMISSIONS_AT = 8, 50, 25, 35
BASELINE_SECONDS = 6.0
# as people and tools do: reads with pauses. Eight readers without pauses would measure the processor.
PAUSE_SECONDS = 0.04
ALLOWED_SECONDS = 0.1
KILLED_MARKER = "marker killed"

READ = """
    select
        (select min(party) from voters where party like 'marker%') as least_in_voters,
        (select max(party) from voters where party like 'marker%') as greatest_in_voters,
        (select min(answer_label) from voter_responses where answer_label like 'marker%') as least_in_responses,
        (select max(answer_label) from voter_responses where answer_label like 'marker%') as greatest_in_responses,
        (select count(*) from voters) as voters,
        (select count(*) from voter_responses) as responses
"""
# stops where rows are applied and nothing is committed
STOPPING_PUBLISHER = """
import time
from exchange.publishing import publish
from exchange.settings import Settings

def stop(*_):
    print("midway", flush=True)
    time.sleep(600)

publish.change_feed.record = stop
publish.publish(Settings())
"""


@dataclass
class Reads:
    """What the readers saw: how long each read took (seconds), and whatever was wrong."""

    seconds: list[float] = field(default_factory=list)
    markers: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


@pytest.fixture
def exchange(demo_exchange: RunningExchange) -> RunningExchange:
    return demo_exchange


@contextmanager
def reading(exchange: RunningExchange) -> Iterator[Reads]:
    """Eight readers, two sessions of each of four partners, until the block ends."""
    reads, over = Reads(), threading.Event()
    sessions = [exchange.connect_as(PARTNERS[number % len(PARTNERS)]) for number in range(READERS)]

    def read(session: psycopg.Connection[dict[str, Any]]) -> None:
        try:
            while not over.is_set():
                began = time.perf_counter()
                row = session.execute(READ).fetchone()
                reads.seconds.append(time.perf_counter() - began)
                assert row is not None
                markers = {text for name, text in row.items() if name not in ("voters", "responses")}
                if len(markers) != 1 or not row["voters"] or not row["responses"]:
                    reads.wrong.append(f"a mixed read: {row}")
                reads.markers |= markers
                time.sleep(PAUSE_SECONDS)
        except psycopg.Error as error:
            reads.wrong.append(repr(error))

    threads = [threading.Thread(target=read, args=[session]) for session in sessions]
    for thread in threads:
        thread.start()
    try:
        yield reads
    finally:
        over.set()
        for thread in threads:
            thread.join()
        for session in sessions:
            session.close()


@contextmanager
def hiccups() -> Iterator[list[float]]:
    """How much longer than asked short pauses last (seconds): delays by this machine, of no publication's making."""
    found, over = [0.0], threading.Event()

    def pause() -> None:
        while not over.is_set():
            began = time.perf_counter()
            time.sleep(PAUSE_SECONDS / 4)
            found.append(time.perf_counter() - began - PAUSE_SECONDS / 4)

    thread = threading.Thread(target=pause)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def mark(admin: psycopg.Connection[dict[str, Any]], marker: str) -> None:
    """What a refresh would have built: the marker in a tenth of both relations."""
    with admin.transaction():
        admin.execute("update sharing.voters set party = %s where voter_id %% 10 = 0", [marker])
        admin.execute("update sharing.voter_responses set answer_label = %s where voter_id %% 10 = 0", [marker])


def kill_midway(exchange: RunningExchange) -> None:
    """A publisher in a process of its own, killed when it has changed rows and before it commits."""
    environment = os.environ | {
        "EXCHANGE_HOME": str(exchange.home),
        "EXCHANGE_REGISTRY": str(exchange.registry),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", STOPPING_PUBLISHER]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.kill()
        assert said == "midway\n"


def test_readers_never_wait_and_never_see_half(exchange: RunningExchange) -> None:
    """Would have caught a publication in two steps, a lock on what partners read, rows of a killed publisher, and a
    change of one partner's permissions that ends or delays the others' reads.
    """
    settings = Settings(home=Path(exchange.home), registry=Path(exchange.registry), database_url=None)
    with exchange.connect_as_admin() as admin:
        mark(admin, "marker 0")
        publish(settings)
        with reading(exchange) as baseline:
            time.sleep(BASELINE_SECONDS)
        assert baseline.wrong == []

        with reading(exchange) as reads, hiccups() as noise:
            for number in range(1, PUBLICATIONS + 1):
                if number == KILLED_AT:
                    mark(admin, KILLED_MARKER)
                    before = newest_publication(admin)
                    kill_midway(exchange)
                    assert newest_publication(admin) == before
                if number == PERMISSIONS_AT:
                    give_another_audience(admin, CHANGING)
                mark(admin, f"marker {number}")
                assert publish(settings).publication_id is not None
            time.sleep(10 * PAUSE_SECONDS)
        floor = admin.execute("select publication_id, reason from published.undo_floor").fetchone()
        last = newest_publication(admin)

    assert reads.wrong == []
    assert KILLED_MARKER not in reads.markers
    assert {f"marker {PUBLICATIONS}"} <= reads.markers and len(reads.markers) > PUBLICATIONS / 2
    allowed = quantiles(baseline.seconds, n=100)[98] + ALLOWED_SECONDS + max(noise)
    assert max(reads.seconds) <= allowed, f"{max(reads.seconds):.3f} s of {len(reads.seconds)} reads; {allowed:.3f} s"
    # the way back ends where permissions changed, and is never longer than it should be
    assert floor is not None and floor["reason"] == "permissions"
    assert floor["publication_id"] == last - (PUBLICATIONS - PERMISSIONS_AT)
    with exchange.connect_as(CHANGING) as changed:
        assert changed.execute("select max(party) as it from voters where party like 'marker%'").fetchone() == {
            "it": f"marker {PUBLICATIONS}"
        }


@contextmanager
def coming_back_at_once(exchange: RunningExchange, partner: str) -> Iterator[list[int]]:
    """Six sessions that sit in a transaction on the view; when one is ended, the next begins. How many began."""
    begun, over = [0], threading.Event()
    url = exchange.door(partner)["url"]

    def sit() -> None:
        while not over.is_set():
            with suppress(psycopg.Error), psycopg.connect(url) as session:
                session.execute("select count(*) from voters")
                begun[0] += 1
                while not over.wait(0.05):
                    session.execute("select 1")

    threads = [threading.Thread(target=sit) for _ in range(6)]
    for thread in threads:
        thread.start()
    try:
        yield begun
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_a_partner_cannot_hold_up_its_own_revocation(exchange: RunningExchange) -> None:
    """Would have caught sessions that come back between their end and the change of their views: a lock that lasts, and
    no publication for anybody.
    """
    settings = Settings(home=Path(exchange.home), registry=Path(exchange.registry), database_url=None)
    with exchange.connect_as_admin() as admin, coming_back_at_once(exchange, CHANGING) as begun:
        while begun[0] < 6:
            time.sleep(0.05)
        give_another_audience(admin, CHANGING)
        mark(admin, "marker of a revocation")
        assert publish(settings).publication_id is not None
        # all were ended, and come in again now
        while begun[0] < 12:
            time.sleep(0.05)
    with exchange.connect_as(CHANGING) as changed:
        assert changed.execute("select max(party) as it from voters where party like 'marker%'").fetchone() == {
            "it": "marker of a revocation"
        }


def test_numbers_of_the_feed_go_on_when_permissions_come_back(exchange: RunningExchange) -> None:
    """Would have caught a feed that counts from an old number again, where nobody looks for what is retracted."""
    settings = Settings(home=Path(exchange.home), registry=Path(exchange.registry), database_url=None)
    numbers = []
    with exchange.connect_as_admin() as admin:
        for step, marker in enumerate(("first", "other", "more", "back")):
            if marker in ("other", "back"):
                give_another_audience(admin, CHANGING, 1 if marker == "other" else -1)
            mark(admin, f"marker {marker} {step}")
            publish(settings)
            with exchange.connect_as(CHANGING) as again:
                row = again.execute("select max(publication_id) as it from changes").fetchone()
            assert row is not None
            numbers.append(row["it"])
    assert numbers == list(range(numbers[0], numbers[0] + 4))


def test_the_undo_log_keeps_no_more_than_it_promises(
    exchange: RunningExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would have caught a log that grows with every publication."""
    monkeypatch.setattr(undo_log, "KEPT", 3)
    settings = Settings(home=Path(exchange.home), registry=Path(exchange.registry), database_url=None)
    with exchange.connect_as_admin() as admin:
        for number in range(5):
            mark(admin, f"marker of the log {number}")
            publish(settings)
        last = newest_publication(admin)
        kept = admin.execute("select distinct back_to from published.undo order by 1").fetchall()
        assert [row["back_to"] for row in kept] == [last - 3, last - 2, last - 1]
        assert admin.execute("select * from published.undo_floor").fetchone() == {
            "publication_id": last - 3,
            "reason": "age",
        }


def newest_publication(admin: psycopg.Connection[dict[str, Any]]) -> int:
    row = admin.execute("select max(publication_id) as it from published.publication").fetchone()
    assert row is not None
    return int(row["it"])
