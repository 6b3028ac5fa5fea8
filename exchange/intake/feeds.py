"""Takes a feed's new files: archive, then load or refuse each. A bad file never stops the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, LiteralString

import psycopg

from exchange.errors import ExchangeError, Place
from exchange.intake.archive import archive_file
from exchange.intake.formats import FileFormat, load_formats
from exchange.intake.inbox import DeliveredFeed, WaitingFile, waiting_files
from exchange.intake.loading import Delivery, LoadedFile, load_file, remember_seen
from exchange.intake.withdrawal import refuse_if_withdrawn
from exchange.settings import Settings
from exchange.warehouse.connection import connect


@dataclass(frozen=True)
class RefusedFile:
    """One file (or, under its location, a whole feed) of which nothing was loaded, and why."""

    file_name: str
    error: ExchangeError


@dataclass
class FeedIntake:
    """What one refresh took from one feed. `already_known`: files whose bytes were loaded before."""

    feed_id: str
    loaded: list[LoadedFile] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    already_known: int = 0


def take_feed(settings: Settings, feed: DeliveredFeed, refresh_id: int) -> FeedIntake:
    """Take the feed's new files in the order of their names.

    A bad file is refused and recorded in raw.refused_file, and tried again at every refresh while it lies in
    the inbox. Raises only for a warehouse that does not answer or is not set up (ExchangeError,
    psycopg.Error).
    """
    with connect(settings, role="loader", autocommit=True) as conn:
        return take_files(conn, settings, feed, refresh_id)


def take_files(
    conn: psycopg.Connection[Any],
    settings: Settings,
    feed: DeliveredFeed,
    refresh_id: int,
    files: Sequence[WaitingFile] | None = None,
    accept_shrink: bool = False,
) -> FeedIntake:
    """take_feed on a connection of the loader, in autocommit; of `files`, wherever they lie, instead of the inbox.

    With accept_shrink a file may be far smaller than the one before.
    """
    intake = _Intake(conn, settings, feed, refresh_id, files, accept_shrink)
    # two refreshes at once must not load the feed's files out of order, or one file twice
    key = f"exchange.intake.feed {feed.feed_id}"
    conn.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (key,))
    try:
        intake.take()
    finally:
        if not conn.broken:
            conn.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (key,))
    return intake.result


class _Intake:
    """One feed in one refresh."""

    def __init__(
        self,
        conn: psycopg.Connection[Any],
        settings: Settings,
        feed: DeliveredFeed,
        refresh_id: int,
        files: Sequence[WaitingFile] | None,
        accept_shrink: bool,
    ) -> None:
        self.result = FeedIntake(feed.feed_id)
        self._conn = conn
        self._settings = settings
        self._feed = feed
        self._refresh_id = refresh_id
        self._files = files
        self._accept_shrink = accept_shrink

    def take(self) -> None:
        try:
            file_format = _format_of(self._feed)
            files = waiting_files(self._settings, self._feed) if self._files is None else self._files
        except (ExchangeError, OSError) as error:
            self._refuse(self._feed.location, None, error)
            return
        for waiting in files:
            self._take_file(file_format, waiting)

    def _take_file(self, file_format: FileFormat, waiting: WaitingFile) -> None:
        if self._is_seen(waiting):
            self.result.already_known += 1
            return
        sha256: str | None = None
        try:
            archived = archive_file(waiting.path, self._settings.archive)
            sha256 = archived.sha256
            refuse_if_withdrawn(self._conn, self._settings.archive, self._feed.feed_id, sha256)
            if self._is_loaded(sha256):
                remember_seen(self._conn, self._feed, waiting, sha256)
                self.result.already_known += 1
            else:
                delivery = Delivery(self._feed, file_format, waiting, archived, self._refresh_id, self._accept_shrink)
                self.result.loaded.append(load_file(self._conn, delivery))
        except (ExchangeError, OSError) as error:
            self._refuse(waiting.name, sha256, error)

    def _is_seen(self, waiting: WaitingFile) -> bool:
        return self._exists(
            "select from raw.seen_file where feed_id = %s and file_name = %s and byte_size = %s and mtime_ns = %s",
            waiting.name,
            waiting.byte_size,
            waiting.mtime_ns,
        )

    def _is_loaded(self, sha256: str) -> bool:
        return self._exists("select from raw.file where feed_id = %s and sha256 = %s", sha256)

    def _exists(self, query: LiteralString, *values: object) -> bool:
        return self._conn.execute(query, (self._feed.feed_id, *values)).fetchone() is not None

    def _refuse(self, name: str, sha256: str | None, cause: ExchangeError | OSError) -> None:
        error = _placed(cause, self._feed, name)
        self._conn.execute(
            "insert into raw.refused_file"
            " (refresh_id, feed_id, partner_id, file_name, sha256, line, problem, remedy)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)"
            # the same refresh, retried: the last try counts
            " on conflict (refresh_id, feed_id, file_name) do update set sha256 = excluded.sha256,"
            " refused_at = excluded.refused_at, line = excluded.line, problem = excluded.problem,"
            " remedy = excluded.remedy",
            (
                self._refresh_id,
                self._feed.feed_id,
                self._feed.partner_id,
                name,
                sha256,
                error.place.line,
                _one_text(error),
                error.remedy,
            ),
        )
        self.result.refused.append(RefusedFile(name, error))


def _format_of(feed: DeliveredFeed) -> FileFormat:
    formats = load_formats()
    if feed.file_format not in formats:
        raise ExchangeError(
            "the feed's file format is not described",
            place=Place(partner=feed.partner_id, feed=feed.feed_id),
            expected=f"one of {', '.join(sorted(formats))}",
            got=feed.file_format,
        )
    return formats[feed.file_format]


def _placed(cause: ExchangeError | OSError, feed: DeliveredFeed, name: str) -> ExchangeError:
    """The error with partner, feed and file filled in."""
    if isinstance(cause, OSError):
        cause = ExchangeError(
            f"the file cannot be read or archived: {cause.strerror or cause}",
            remedy="Check its permissions, and the space on the disk.",
        )
    place = replace(cause.place, partner=feed.partner_id, feed=feed.feed_id, file=name)
    return ExchangeError(cause.problem, place=place, expected=cause.expected, got=cause.got, remedy=cause.remedy)


def _one_text(error: ExchangeError) -> str:
    """Problem, expectation and value, without the place and the remedy, which have columns of their own."""
    text = str(ExchangeError(error.problem, expected=error.expected, got=error.got))
    return text.replace("\0", "\\0")
