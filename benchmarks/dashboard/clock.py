"""CPU seconds of this process and of the server, exact: what something costs, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange.settings import Settings
from exchange.warehouse.server import EmbeddedServer


@dataclass(frozen=True)
class Clock:
    """postmaster: the process id of the server."""

    postmaster: int

    @classmethod
    def of(cls, settings: Settings) -> Clock:
        postmaster = EmbeddedServer(settings).status().pid
        assert postmaster is not None, "the server runs"
        return cls(postmaster)

    def seconds(self) -> float:
        """Used so far by this process and the server."""
        return time.process_time() + self.server_seconds()

    def server_seconds(self) -> float:
        """Backends that have ended are left out: connections stay open while something is measured."""
        children = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
        return sum(used(int(child)) for child in children)

    async def least(self, rounds: int, *makes: Callable[[], Awaitable[Any]]) -> list[float]:
        """The least seconds of each in so many interleaved rounds, after one round that is not counted."""
        return await least(rounds, *((self, make) for make in makes))


async def least(rounds: int, *measured: tuple[Clock, Callable[[], Awaitable[Any]]]) -> list[float]:
    """The same of what is done by several servers."""
    found: list[list[float]] = [[] for _ in measured]
    for number in range(rounds + 1):
        for times, (clock, make) in zip(found, measured, strict=True):
            started = clock.seconds()
            await make()
            if number:
                times.append(clock.seconds() - started)
    return [min(times) for times in found]


def used(pid: int) -> float:
    """CPU seconds of a process; 0 of one that has ended."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
