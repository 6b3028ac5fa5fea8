"""What lies in a feed's inbox, ready to be taken."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from exchange.errors import ExchangeError, Place
from exchange.settings import Settings

_UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload")


class DeliveredFeed(Protocol):
    """The parts of a registry feed that intake needs."""

    @property
    def feed_id(self) -> str: ...
    @property
    def partner_id(self) -> str: ...
    @property
    def file_format(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def file_pattern(self) -> str: ...
    @property
    def coverage(self) -> str: ...
    @property
    def min_rows(self) -> int | None: ...
    @property
    def max_reject_share(self) -> float | None: ...


@dataclass(frozen=True)
class WaitingFile:
    """One file of an inbox. `name` is its path below the feed's folder, printable; the rest tells versions apart."""

    path: Path
    name: str
    byte_size: int
    mtime_ns: int


def waiting_files(settings: Settings, feed: DeliveredFeed) -> list[WaitingFile]:
    """The feed's files by name; none if the folder is missing. Hidden files and unfinished uploads are left alone.

    Raises ExchangeError if the location cannot be read by this exchange or leads out of the inbox.
    """
    folder = _folder(settings, feed)
    if not folder.is_dir():
        return []
    files: list[WaitingFile] = []
    for path in _matching(folder, feed):
        relative = path.relative_to(folder)
        unfinished = path.name.lower().endswith(_UNFINISHED)
        if unfinished or any(part.startswith(".") for part in relative.parts):
            continue
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue  # taken away since the folder was listed
        if path.is_symlink() or path.is_file():
            # a link is listed so that archiving refuses it by name; it is never followed
            files.append(WaitingFile(path, _printable(relative), status.st_size, status.st_mtime_ns))
    return sorted(files, key=lambda file: file.name)


def _matching(folder: Path, feed: DeliveredFeed) -> list[Path]:
    inside = folder.resolve()
    try:
        # a linked folder below the inbox could lead anywhere
        return [path for path in folder.glob(feed.file_pattern) if path.parent.resolve().is_relative_to(inside)]
    except (ValueError, NotImplementedError) as error:
        raise ExchangeError(
            "the file pattern is not usable",
            place=Place(partner=feed.partner_id, feed=feed.feed_id),
            expected="a pattern like *.csv or 2026/*.zip",
            got=feed.file_pattern,
        ) from error


def _folder(settings: Settings, feed: DeliveredFeed) -> Path:
    place = Place(partner=feed.partner_id, feed=feed.feed_id)
    scheme, separator, _ = feed.location.partition("://")
    if separator:
        if scheme.lower() == "file":
            return Path(unquote(urlsplit(feed.location).path))
        raise ExchangeError(
            f"a location with {scheme}:// is not supported yet",
            place=place,
            expected="a path below the inbox",
            got=feed.location,
            remedy="Copy the files to the inbox and give their path there as location.",
        )
    folder = settings.inbox / feed.location
    if not Path(os.path.normpath(folder)).is_relative_to(settings.inbox):
        raise ExchangeError(
            "the location leads out of the inbox",
            place=place,
            expected="a path below the inbox",
            got=feed.location,
            remedy="Use a file:// URL for a folder elsewhere on this machine.",
        )
    return folder


def _printable(relative: Path) -> str:
    # a name need not be UTF-8, but must go into the database and onto terminals
    return os.fsencode(relative.as_posix()).decode("utf-8", "backslashreplace")
