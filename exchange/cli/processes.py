"""Processes that a command starts and must not leave behind: each leads a group, and ends with the command."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import IO

from exchange.settings import PROJECT_ROOT, Settings

# found before any fork
_LIBC = ctypes.CDLL(None)
# how long a process may take to end properly: a refresh ends its dbt first, and dbt its queries
PATIENCE_SECONDS = 30.0


def start(
    command: Sequence[str],
    settings: Settings,
    stdout: IO[str] | None = None,
    stderr: IO[str] | None = None,
    dies_with_us: bool = False,
) -> subprocess.Popen[str]:
    """Start a program in the project's folder, on the same exchange as this process, in a group of its own.

    dies_with_us: Linux ends it also when this process is killed outright and cannot end it itself.
    """
    return subprocess.Popen(
        list(command),
        cwd=PROJECT_ROOT,
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
        start_new_session=True,
        preexec_fn=_die_with_parent if dies_with_us and sys.platform == "linux" else None,
    )


def _die_with_parent() -> None:
    """Between fork and exec: safe, because a command that starts programs has one thread. Exec keeps it."""
    pr_set_pdeathsig = 1
    _LIBC.prctl(pr_set_pdeathsig, signal.SIGTERM)


def environment(settings: Settings) -> Mapping[str, str]:
    """This process's variables, with paths that mean the same in another folder."""
    return {**os.environ, "EXCHANGE_HOME": str(settings.home), "EXCHANGE_REGISTRY": str(settings.registry)}


@contextmanager
def ending_with_us(processes: Collection[subprocess.Popen[str]]) -> Iterator[None]:
    """Whatever ends the block (its end, Ctrl-C, SIGTERM, an error), the processes and their children end too."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        # a second Ctrl-C must not cut short what follows
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        stop(processes)
        for number, handler in before.items():
            signal.signal(number, handler)


def stop(processes: Collection[subprocess.Popen[str]]) -> None:
    """Interrupt all groups, wait until the last member of each is gone, and kill what is left."""
    for process in processes:
        if process.poll() is None:
            _signal_group(process, signal.SIGINT)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for process in processes:
        # children may outlive their leader for a moment: a run that ends its dbt, a code server
        while _is_alive(process) and time.monotonic() < deadline:
            time.sleep(0.05)
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _is_alive(process: subprocess.Popen[str]) -> bool:
    """Whether the leader or any member of its group lives."""
    return process.poll() is None or _signal_group(process, 0)


def _signal_group(process: subprocess.Popen[str], number: int) -> bool:
    """Signal a group; False when nobody is left in it. It is addressed by its leader's id, even after the leader."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
