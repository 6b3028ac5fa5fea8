"""The parts of a list that need no database: the archive as it is sent, the text beside it, the purpose."""

from __future__ import annotations

import asyncio
import io
import random
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from psycopg import sql

from dashboard.database import Database
from dashboard.exporting import log
from dashboard.exporting.archive import Archive
from dashboard.exporting.listing import clean_purpose
from dashboard.exporting.log import RefusedError, check_size
from dashboard.exporting.readme import Taken, readme
from dashboard.exporting.rows import Column, Size
from dashboard.exporting.taking import Contents, Places, Taking
from dashboard.viewer import DataVersion, Viewer
from exchange.settings import Settings

AT = datetime(2026, 10, 15, 18, 30, tzinfo=UTC)


def test_an_archive_is_sent_as_it_is_written() -> None:
    """Would have caught one that is made whole first: nothing would arrive until all is read."""
    archive = Archive(AT)
    pieces = [archive.begin("README.txt"), archive.write(b"What this is.\n"), archive.begin("voters.csv")]
    sent_before_the_rows = len(b"".join(pieces))
    chance = random.Random(1)
    rows = [chance.randbytes(1000) for _ in range(200)]
    pieces += [archive.write(row) for row in rows]
    assert len(b"".join(pieces)) > 0.8 * sum(map(len, rows))
    pieces.append(archive.end())
    whole = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert whole.testzip() is None
    assert whole.read("README.txt") == b"What this is.\n"
    assert whole.read("voters.csv") == b"".join(rows)
    assert whole.getinfo("voters.csv").date_time == (2026, 10, 15, 18, 30, 0)
    assert sent_before_the_rows > 50
    assert max(map(len, pieces)) < 100_000


def test_an_archive_that_is_given_up_is_closed() -> None:
    with pytest.raises(ValueError, match="gone"), Archive(AT) as archive:
        archive.begin("voters.csv")
        raise ValueError("gone")


@pytest.mark.parametrize("text", ["", "short", "x" * 201, " \n\t" * 20, "a\u0000b"])
def test_a_purpose_says_something(text: str) -> None:
    with pytest.raises(RefusedError, match="10 to 200"):
        clean_purpose(text)


def test_a_purpose_is_one_line() -> None:
    """It stands in a log and in a text of label and value: a line of its own could say somebody else took it."""
    assert clean_purpose("  Phone bank\r\nTaken by nobody\x07 ") == "Phone bank Taken by nobody"


def test_a_list_is_never_cut() -> None:
    settings = Settings(export_limit=1000)
    check_size(Size(1010, 10), settings)
    with pytest.raises(RefusedError, match="1,011 match, 10 of them must not be contacted; a list may hold 1,000"):
        check_size(Size(1011, 10), settings)
    with pytest.raises(RefusedError, match="60,412 match; a list may hold 50,000"):
        check_size(Size(60_412, 0), Settings(export_limit=50_000))
    with pytest.raises(RefusedError, match=r"No one matches\."):
        check_size(Size(0, 0), settings)
    with pytest.raises(RefusedError, match="3 match, and all of them must not be contacted"):
        check_size(Size(3, 3), settings)


def test_the_text_beside_a_list() -> None:
    text = readme(
        Taken(
            viewer=Viewer(1, "ana@example.org", "p", "Lopez for Governor", "p_1", is_operator=False),
            at=AT,
            purpose="Phone bank in Erie",
            version=DataVersion(3, 12, AT, AT),
            size=Size(1204, 12),
            filters=[("Support · Governor", "Strong support"), ("County", " or ".join(["Erie County"] * 20))],
            made_of=[],
            url="https://exchange.example/voters?office=governor&"
            + "&".join(f"county={n}" for n in range(42001, 42040)),
            order="name",
            file="voters.csv",
            file_text="Comma-separated.",
            columns=[
                Column("person_id", True, "Their id.", None),
                Column("support_governor", False, "Answer.", "1 Yes"),
            ],
        )
    )
    assert "Taken        15 Oct 2026, 18:30 UTC by ana@example.org for Lopez for Governor\n" in text
    assert "Publication  number 12, published 15 Oct 2026, 18:30 UTC\n" in text
    assert "1,192. 1,204 match; 12 of them must not be contacted" in text
    assert "\nsupport_governor  Answer. Codes: 1 Yes.\n" in text
    # an address that is broken over lines cannot be opened
    assert "county=42001&county=42002" in text and "county=42038&county=42039\n" in text
    assert max(len(line) for line in text.splitlines() if "https" not in line) <= 100
    assert "Saved universes" not in text


class _Rows:
    """A connection whose copy is a header and as many people as asked for: what Taking uses of one."""

    def __init__(self, people: int) -> None:
        self._people = people

    async def execute(self, query: str) -> None:
        assert "statement_timeout" in query

    @asynccontextmanager
    async def cursor(self) -> AsyncIterator[_Rows]:
        yield self

    @asynccontextmanager
    async def copy(self, query: object) -> AsyncIterator[AsyncIterator[bytes]]:
        yield self._lines()

    async def _lines(self) -> AsyncIterator[bytes]:
        yield b"person_id\r\n"
        chance = random.Random(1)
        for _ in range(self._people):
            yield chance.randbytes(500).hex().encode() + b"\r\n"


def test_who_was_sent_before_it_broke_off_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would have caught a piece that arrived and counted for nothing, since nobody asked for the next one."""
    closed: dict[str, object] = {}

    async def close(database: object, export_id: UUID, **ending: object) -> None:
        closed.update(ending)

    async def broken_off() -> int:
        taking = Taking(cast(Database, None), Places())
        contents = Contents(
            UUID(int=1), cast(Any, _Rows(1000)), Archive(AT), "", "voters.csv", sql.Composed([]), 1000, True
        )
        await taking.begin(taking.write(contents))
        arrived = 0
        async for piece in taking.pieces():
            arrived += len(piece)
            if arrived > 60_000:
                break
        await taking.close(is_sent=False)
        return arrived

    monkeypatch.setattr(log, "close", close)
    # half of what is random in hex goes away in the archive
    least = asyncio.run(broken_off()) // 600
    assert 50 < least <= cast(int, closed["rows_sent"]) < 1000
    assert closed["sha256"] is None
