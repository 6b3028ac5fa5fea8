"""Taking contributed data back: a file's lines leave the warehouse, its row stays, so its bytes are never taken again.

An earlier delivery of a record that the file had corrected counts again, as if the file had never come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from exchange.errors import ExchangeError, Place
from exchange.intake.archive import archived_path
from exchange.intake.inbox import DeliveredFeed, waiting_files
from exchange.settings import Settings

_SHOWN = 8


@dataclass(frozen=True)
class ContributedFile:
    """Grain: one loaded file of one feed. records = loaded + rejected. withdrawn_at: null while its lines count."""

    file_id: int
    feed_id: str
    partner_id: str
    file_format: str
    file_name: str
    sha256: str
    received_at: datetime
    records: int
    loaded: int
    rejected: int
    withdrawn_at: datetime | None


def loaded_files(conn: psycopg.Connection[Any]) -> list[ContributedFile]:
    """Every file ever loaded, of all partners, in order of intake."""
    with conn.cursor(row_factory=class_row(ContributedFile)) as cursor:
        return cursor.execute(
            "select file_id, feed_id, partner_id, file_format, file_name, sha256, received_at, records, loaded,"
            " rejected, withdrawn_at from raw.file order by file_id"
        ).fetchall()


def chosen_files(files: Sequence[ContributedFile], partner_id: str, sha256: str | None) -> list[ContributedFile]:
    """The partner's files, or those of its feeds whose bytes have the digest that begins with `sha256`.

    Withdrawn ones too. Raises ExchangeError if no file or several contents begin so, or only another partner's.
    """
    own = [file for file in files if file.partner_id == partner_id]
    if sha256 is None:
        return own
    found = [file for file in own if file.sha256.startswith(sha256)]
    if len({file.sha256 for file in found}) > 1:
        raise ExchangeError(
            f"Several files begin with this digest: {_listed(found)}.",
            place=Place(partner=partner_id),
            got=sha256,
            remedy="Give more of it.",
        )
    if not found:
        others = [file for file in files if file.sha256.startswith(sha256)]
        raise ExchangeError(
            "No loaded file of this partner has this digest"
            + (f"; of another partner: {_listed(others)}." if others else "."),
            place=Place(partner=partner_id),
            got=sha256,
            remedy=f"`exchange withdraw --partner {partner_id} --list` lists its files; `sha256sum FILE` tells one.",
        )
    return found


def take_back(conn: psycopg.Connection[Any], files: Sequence[ContributedFile]) -> None:
    """Delete the lines, refused records and parts of these files, and mark them withdrawn, in one transaction.

    Call it while holding the run lock. Files that are withdrawn already stay as they are.
    """
    ids = [file.file_id for file in files if file.withdrawn_at is None]
    with conn.transaction():
        for file_format in sorted({file.file_format for file in files}):
            table = sql.Identifier("raw", file_format)
            conn.execute(sql.SQL("delete from {} where _file_id = any(%s)").format(table), (ids,))
        conn.execute("delete from raw.rejected_row where file_id = any(%s)", (ids,))
        conn.execute("delete from raw.file_slice where file_id = any(%s)", (ids,))
        conn.execute(
            "update raw.file set withdrawn_at = clock_timestamp() where file_id = any(%s) and withdrawn_at is null",
            (ids,),
        )


def remove_originals(conn: psycopg.Connection[Any], archive: Path, leaving_partner: str | None = None) -> int:
    """Delete the archived bytes of withdrawn files unless a loaded file has the same; how many were there.

    leaving_partner: also those of its refused files, of which nothing was ever loaded.
    """
    rows = conn.execute(
        "select sha256 from raw.file where withdrawn_at is not null"
        " union select sha256 from raw.refused_file where partner_id = %s and sha256 is not null"
        " except select sha256 from raw.file where withdrawn_at is null",
        (leaving_partner,),
    ).fetchall()
    stored = [path for (sha256,) in rows if (path := archived_path(archive, sha256)).exists()]
    for path in stored:
        path.unlink(missing_ok=True)
    return len(stored)


def still_in_inbox(
    conn: psycopg.Connection[Any],
    settings: Settings,
    feeds: Iterable[DeliveredFeed],
    files: Sequence[ContributedFile],
) -> list[str]:
    """Paths of these files that lie in the inbox as they were taken: known, so never read again, but not deleted."""
    found = []
    for feed in feeds:
        digests = [file.sha256 for file in files if file.feed_id == feed.feed_id]
        if not digests:
            continue
        rows = conn.execute(
            "select file_name, byte_size, mtime_ns from raw.seen_file where feed_id = %s and sha256 = any(%s)",
            (feed.feed_id, digests),
        )
        seen = set(rows.fetchall())
        lying = waiting_files(settings, feed)
        found += [str(file.path) for file in lying if (file.name, file.byte_size, file.mtime_ns) in seen]
    return found


def refuse_if_withdrawn(conn: psycopg.Connection[Any], archive: Path, feed_id: str, sha256: str) -> None:
    """Raise ExchangeError, and keep no copy, if the feed delivered these bytes before and they were taken back."""
    row = conn.execute(
        "select withdrawn_at, file_name from raw.file where feed_id = %s and sha256 = %s and withdrawn_at is not null",
        (feed_id, sha256),
    ).fetchone()
    if row is None:
        return
    remove_originals(conn, archive)
    raise ExchangeError(
        f"The contents of this file were withdrawn on {row[0]:%Y-%m-%d}, when it was called {row[1]}",
        expected="a file that was not withdrawn",
        remedy="Take it out of the inbox. If its records are to count after all, deliver them as a new export:"
        " a file with other bytes is a new file.",
    )


def _listed(files: Sequence[ContributedFile]) -> str:
    shown = [f"{file.sha256[:12]} {file.file_name} (feed {file.feed_id})" for file in files[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else "")
