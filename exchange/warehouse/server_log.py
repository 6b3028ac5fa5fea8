"""What the embedded server says: `postgres.log` until its log collector runs, then JSON files in `postgres-log/`.

The files hold partners' statements, which may name people: only the server's user and root can read them, and
exchange/audit/collect.py removes each one when it is shipped.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from exchange.warehouse.postmaster import is_gone
from exchange.warehouse.server_user import ServerUser

LIMIT_BYTES = 10_000_000
# the collector is a process of its own: it may write a moment after the server has ended
COLLECTOR_SECONDS = 2.0


class ServerLog:
    """The log of one EXCHANGE_HOME."""

    def __init__(self, home: Path) -> None:
        self.file = home / "postgres.log"
        self.folder = home / "postgres-log"

    def prepare(self, user: ServerUser) -> dict[str, str]:
        """Make the folder, the server user's own. Returns the settings that lead the server there."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            user.give(self.folder)
        return {"log_directory": str(self.folder.resolve())}

    def size(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def open(self) -> int:
        """A handle that appends to postgres.log; one that has grown large is set aside first."""
        if self.size() > LIMIT_BYTES:
            self.file.replace(self.file.with_suffix(".log.1"))
        return os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)

    def tail(self, offset: int, pid: int | None = None) -> str:
        """The end of what postgres.log tells after `offset`, and what the server process `pid` said itself."""
        said = ""
        with suppress(OSError), self.file.open("rb") as file:
            file.seek(max(offset, self.size() - 4000))
            said = file.read().decode(errors="replace").strip()
        return "\n".join(filter(None, [said, "" if pid is None else self._of_process(pid)]))

    def _of_process(self, pid: int) -> str:
        deadline = time.monotonic() + COLLECTOR_SECONDS
        while True:
            newest = sorted(self.folder.glob("*.json"))[-1:] if self.folder.exists() else []
            entries = [entry for path in newest for entry in entries_of(_end(path)) if entry.get("pid") == pid]
            told = [f"{entry.get('error_severity')}: {entry.get('message')}" for entry in entries]
            is_whole = any(line.startswith(("FATAL", "PANIC")) for line in told)
            if is_whole or not newest or not is_gone(pid) or time.monotonic() > deadline:
                return "\n".join(told)
            time.sleep(0.05)


def entries_of(content: bytes) -> list[dict[str, Any]]:
    """The messages of whole lines; a line cut off by a crash is none."""
    found = []
    for line in content.splitlines():
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                found.append(entry)
    return found


def open_log_file(path: Path) -> int:
    """A handle to read one file of the log; no link is followed, since the folder is the server user's."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)


def _end(path: Path) -> bytes:
    with suppress(OSError), os.fdopen(open_log_file(path), "rb") as file:
        file.seek(max(0, path.stat().st_size - 64_000))
        return file.read()
    return b""
