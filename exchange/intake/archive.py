"""The archive: original bytes of every delivery, kept once under their sha256 before anything reads them."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import ExchangeError

_CHUNK = 1 << 20
_ABANDONED_AFTER = 24 * 3600  # seconds since the last byte was written


@dataclass(frozen=True)
class ArchivedFile:
    """One delivery in the archive. `path` holds exactly the bytes that `sha256` was taken of."""

    path: Path
    sha256: str
    byte_size: int


def archive_file(source: Path, archive: Path) -> ArchivedFile:
    """Copy a file to archive/<sha[:2]>/<sha> in one pass, durable when this returns. Constant memory.

    Raises ExchangeError if the file changed while it was read or is a symbolic link, OSError if the disk
    refuses.
    """
    arriving = archive / "arriving"
    arriving.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(arriving)
    part = arriving / secrets.token_hex(16)
    try:
        digest, size = _copy(source, part)
        stored = archived_path(archive, digest)
        if stored.exists() and stored.stat().st_size == size:
            part.unlink()
        else:
            stored.parent.mkdir(exist_ok=True)
            part.rename(stored)
            _sync_folder(stored.parent)
            _sync_folder(archive)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return ArchivedFile(stored, digest, size)


def archived_path(archive: Path, sha256: str) -> Path:
    """Where the bytes of this digest are, or would be."""
    return archive / sha256[:2] / sha256


def _remove_abandoned(arriving: Path) -> None:
    """Remove what a killed process left behind; what another process is writing right now is younger."""
    for part in arriving.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _ABANDONED_AFTER:
                part.unlink()


def _copy(source: Path, part: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    # a partner writes the inbox: a link in it must not lead the loader to other files
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with open(descriptor, "rb", buffering=0) as delivered, part.open("xb", buffering=0) as copy:
        before = os.fstat(descriptor)
        size = 0
        while chunk := delivered.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
            size += len(chunk)
        after = os.fstat(descriptor)
        if (before.st_size, before.st_mtime_ns) != (size, after.st_mtime_ns) or size != after.st_size:
            raise ExchangeError(
                "the file changed while it was read",
                remedy="Nothing to do if its upload was under way: the next refresh takes it.",
            )
        os.fchmod(copy.fileno(), 0o440)
        os.fsync(copy.fileno())
    return digest.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
