"""A zip file that is sent while it is written: nobody waits for its end, and nowhere is it whole."""

from __future__ import annotations

import zipfile
from datetime import datetime
from typing import IO, cast


class _Outlet:
    """What zipfile writes to: no way back, so it puts sizes and checksums behind each file."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        """What was written since it was last asked."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


class Archive:
    """One file after the other. Each method returns the bytes to send, which may be none yet.

    As a context it is closed at its end, also where it is not to be finished.
    """

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._outlet = _Outlet()
        self._zip = zipfile.ZipFile(cast(IO[bytes], self._outlet), "w", zipfile.ZIP_DEFLATED)
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self, name: str) -> bytes:
        """Open the next file. A name ends up in a person's folder: no path."""
        self._close_file()
        entry = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        # read and write for the owner, nothing for others
        entry.external_attr = 0o600 << 16
        self._file = self._zip.open(entry, "w")
        return self._outlet.take()

    def write(self, data: bytes) -> bytes:
        assert self._file is not None, "begin a file first"
        self._file.write(data)
        return self._outlet.take()

    def end(self) -> bytes:
        self._close_file()
        self._zip.close()
        return self._outlet.take()

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
