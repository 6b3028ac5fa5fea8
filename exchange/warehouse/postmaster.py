"""What runs on a data folder: the lock file `postmaster.pid`, read with distrust.

The number in it may belong to a process that died, is a zombie, or was reused by something else entirely; and
after a kill -9 of the postmaster its children live on for a moment with the shared memory in their hands.
Signals are sent only to processes proven to work on this data folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import ExchangeError, Place

PROC = Path("/proc")
ON_LINUX = (PROC / "self" / "stat").exists()


@dataclass(frozen=True)
class LockFile:
    """postmaster.pid: one per data folder. `port` and later fields are None while the server is starting."""

    pid: int
    port: int | None
    shared_memory: int | None
    state: str

    @property
    def is_ready(self) -> bool:
        return self.state == "ready" and self.port is not None


def read_lock_file(pgdata: Path) -> LockFile | None:
    """The lock file; None if there is none, or one being written. Raises ExchangeError if unreadable."""
    try:
        lines = (pgdata / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise ExchangeError(
            "The embedded server's data folder belongs to another user.",
            place=Place(file=str(pgdata)),
            remedy="Run as the user who started this exchange (or as root), or choose another EXCHANGE_HOME.",
        ) from error
    # a single-user backend writes its pid negative
    if not lines or not lines[0].strip().lstrip("-").isdigit():
        return None
    cells = [line.strip() for line in lines] + [""] * 8
    shared_memory = cells[6].split()
    return LockFile(
        pid=abs(int(cells[0])),
        port=int(cells[3]) if cells[3].isdigit() and int(cells[3]) > 0 else None,
        shared_memory=int(shared_memory[1]) if len(shared_memory) == 2 else None,
        state=cells[7],
    )


def is_gone(pid: int) -> bool:
    """True when no process has this number, or only a zombie that its parent has not collected."""
    if ON_LINUX:
        try:
            # the name in brackets may hold spaces and brackets: the state follows the last of them
            return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
        except (FileNotFoundError, ProcessLookupError):
            return True
    shown = _ps(pid, "stat=")
    return not shown or shown.startswith("Z")


def is_postmaster(pid: int, pgdata: Path) -> bool:
    """Whether `pid` is a living postmaster on this data folder, by its command line.

    /proc/pid/cwd would tell more, but root in a container without CAP_SYS_PTRACE may not read another user's.
    """
    if is_gone(pid):
        return False
    words = _command_line(pid)
    if not words or Path(words[0]).name not in ("postgres", "postmaster"):
        return False
    if "-D" not in words[:-1]:
        # started by hand with PGDATA: a Postgres under this number is far likelier ours than chance
        return True
    folder = Path(words[words.index("-D") + 1])
    return folder == pgdata or (folder.exists() and pgdata.exists() and folder.samefile(pgdata))


def clear_dead_postmaster(pgdata: Path, patience: float = 3.0) -> None:
    """Make a data folder startable whose postmaster has died: await its children, remove the lock file.

    Postgres would refuse the lock file when its number is taken (by a zombie, or another process).
    Removing it is safe only when nobody holds the old shared memory, which is what is waited for: children
    notice their postmaster's death at their next wait; one that computes does not, and is ended after
    `patience` seconds. Raises ExchangeError when children remain that cannot be ended.
    """
    lock = read_lock_file(pgdata)
    if not ON_LINUX or (lock is not None and is_postmaster(lock.pid, pgdata)):
        return
    if lock is None:
        if not _children_left(pgdata):
            # empty: the machine stopped in the moment of writing it
            (pgdata / "postmaster.pid").unlink(missing_ok=True)
        return
    for number in (None, signal.SIGQUIT, signal.SIGKILL):
        for pid in _children_left(pgdata) if number is not None else []:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number or 0)
        if _wait_for_release(lock, patience):
            (pgdata / "postmaster.pid").unlink(missing_ok=True)
            return
    raise ExchangeError(
        "The database server died and some of its processes still run.",
        place=Place(file=str(pgdata)),
        got=_children_left(pgdata) or f"shared memory {lock.shared_memory} in use",
        remedy="End these processes (kill), then start again.",
    )


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Wait for the end of a process; False when it still runs after `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_gone(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _wait_for_release(lock: LockFile, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _is_attached(lock.shared_memory):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _is_attached(shared_memory: int | None) -> bool:
    """Whether any process still holds the System V segment that Postgres keeps for exactly this purpose."""
    if shared_memory is None:
        return False
    with suppress(OSError):
        header, *rows = (line.split() for line in (PROC / "sysvipc" / "shm").read_text().splitlines())
        for cells in rows:
            row = dict(zip(header, cells, strict=False))
            if int(row["shmid"]) == shared_memory:
                return int(row["nattch"]) > 0
    return False


def _children_left(pgdata: Path) -> list[int]:
    """Server processes whose working folder is this data folder (every Postgres process changes into it)."""
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or is_gone(int(entry.name)):
            continue
        with suppress(OSError):
            if (entry / "comm").read_text().strip() == "postgres" and (entry / "cwd").samefile(pgdata):
                found.append(int(entry.name))
    return found


def _command_line(pid: int) -> list[str]:
    if ON_LINUX:
        try:
            return (PROC / str(pid) / "cmdline").read_text(errors="replace").rstrip("\0").split("\0")
        except OSError:
            return []
    return _ps(pid, "command=").split()


def _ps(pid: int, column: str) -> str:
    return subprocess.run(
        ["ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
