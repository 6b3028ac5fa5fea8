"""Who uses the processors while a refresh runs: processes of the client, backends of the server, five looks a second.

Totals are exact: Linux adds the seconds of a process that ended to its parent. dbt writes the node into each statement,
so a backend's seconds are known by node; what a backend used after the last look at it is missing there.
"""

from __future__ import annotations

import os
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from exchange.settings import Settings
from exchange.warehouse.connection import connect
from exchange.warehouse.server import EmbeddedServer

_TICKS = os.sysconf("SC_CLK_TCK")
_NODE = re.compile(r'"node_id": "([^"]+)"')
_PAUSE = 0.2


@dataclass(frozen=True)
class Use:
    """CPU seconds between two looks. `at`: seconds since the start; `who`: a dbt node, a program, 'server'; '' all."""

    at: float
    side: str
    who: str
    seconds: float


@dataclass
class Sampler:
    """Looks until stopped. `root` is the process whose family is the client."""

    settings: Settings
    root: int
    started: float
    uses: list[Use] = field(default_factory=list)
    _before: dict[int, float] = field(default_factory=dict)
    _totals: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def total(self, side: str, since: float, until: float) -> float:
        found = (use for use in self.uses if use.side == side and not use.who)
        return sum(use.seconds for use in found if since < use.at <= until)

    def by_who(self, side: str) -> list[tuple[str, float]]:
        """The most expensive first."""
        found: dict[str, float] = {}
        for use in self.uses:
            if use.side == side and use.who:
                found[use.who] = found.get(use.who, 0.0) + use.seconds
        return sorted(found.items(), key=lambda pair: -pair[1])

    def _watch(self) -> None:
        postmaster = EmbeddedServer(self.settings).status().pid
        assert postmaster is not None, "the server runs"
        with connect(self.settings, autocommit=True) as conn:
            own = conn.info.backend_pid
            # what the server used before is not this refresh's
            self._look(conn, postmaster, own)
            self.uses.clear()
            while not self._stop.wait(_PAUSE):
                self._look(conn, postmaster, own)

    def _look(self, conn: psycopg.Connection[tuple[int, str]], postmaster: int, own: int) -> None:
        asked = 'select pid, coalesce(substring(query from \'"node_id": "[^"]+"\'), \'\') from pg_stat_activity'
        nodes = dict(conn.execute(asked.encode()).fetchall())
        at = time.monotonic() - self.started
        for side, root in (("server", postmaster), ("client", self.root)):
            # this thread's own backend is not part of a refresh
            seen = {pid: process for pid, process in family(root).items() if pid != own}
            # a client that has ended is seen no more, and has used what it used
            total = max(sum(process.with_ended for process in seen.values()), self._totals.get(side, 0.0))
            self.uses.append(Use(at, side, "", total - self._totals.get(side, 0.0)))
            self._totals[side] = total
            for pid, process in seen.items():
                used = process.seconds - self._before.get(pid, 0.0)
                self._before[pid] = process.seconds
                self.uses.append(Use(at, side, self._name(side, process.command, nodes.get(pid, "")), used))

    @staticmethod
    def _name(side: str, command: str, query: str) -> str:
        node = _NODE.search(query)
        if side == "server":
            return node.group(1) if node else "server"
        return "dbt" if "/dbt" in command else "Dagster, intake, matching, publish"


@dataclass(frozen=True)
class Process:
    """CPU seconds of a process, and with those of its children that have ended."""

    seconds: float
    with_ended: float
    command: str


def family(root: int) -> dict[int, Process]:
    """A process and all below it that live, by id."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = {}, [root]
    while waiting:
        pid = waiting.pop()
        waiting += parents.get(pid, [])
        if fields := _stat(pid):
            times = [int(field) / _TICKS for field in fields[11:15]]
            found[pid] = Process(sum(times[:2]), sum(times), _command(pid))
    return found


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""
